"""Thousands of random and mutated requests on one real server: every one is answered, none by 5xx, nothing is thrown.

The seed is fixed; `python -m tools.bench fuzz` asks 50,000 with the same code.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.bench import fuzz
from tools.bench.fuzz_requests import Known, request
from tools.trial_town import Served, Trial, build, serving

REQUESTS = 6000
KNOWN = Known((("00:1A:79:00:00:01", "A" * 32),), ("box=1.2.3", "JSESSIONID=AB"), ("U" * 32,), ("/l/t/ch/1/x",), ("M",))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("fuzz") / "data")


@pytest.fixture(scope="module")
def served(trial: Trial) -> Iterator[Served]:
    with serving(trial.data, settings=fuzz.SETTINGS) as found:
        yield found


@pytest.mark.slow
def test_whatever_is_asked_is_answered_and_nothing_is_thrown(trial: Trial, served: Served) -> None:
    outcome = fuzz.run(served, trial, REQUESTS, seed=20261125)

    assert [str(finding) for finding in outcome.findings[:5]] == []
    assert fuzz.logged(served.said()) == []
    assert sum(outcome.statuses.values()) > REQUESTS * 0.8
    assert {200, 302, 400, 403, 404} <= set(outcome.statuses)
    assert outcome.turned_away < outcome.statuses[200] / 3
    assert outcome.grown < fuzz.FLAT_MB
    assert [secret for secret in outcome.secrets if secret in served.said()] == []


def test_the_seed_decides_every_byte() -> None:
    first, again = ([request(KNOWN, dice).raw for _ in range(300)] for dice in (random.Random(7), random.Random(7)))

    assert first == again


def test_a_log_with_a_traceback_or_an_error_is_seen() -> None:
    text = "2026-11-25T04:00:00Z info portal: well\n2026-11-25T04:00:01Z error app: x\nTraceback"

    assert len(fuzz.logged(text)) == 2


def test_an_answer_of_5xx_and_one_that_never_comes_are_findings(tmp_path: Path) -> None:
    outcome, sent = fuzz.Outcome(), fuzz.Sent(b"GET / HTTP/1.1\r\n\r\n")
    answers = [b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno", b""]

    for answer in answers:
        _ask(answer, sent, outcome)

    assert [finding.why for finding in outcome.findings] == ["status 500", "closed without an answer"]


def _ask(answer: bytes, sent: fuzz.Sent, outcome: fuzz.Outcome) -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            peer, _ = listener.accept()
            peer.recv(65536)
            peer.sendall(answer)
            peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        fuzz.Peer("127.0.0.1", listener.getsockname()[1]).ask([sent], outcome)
        thread.join()
