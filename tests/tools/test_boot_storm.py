"""The load of the boot-storm bench on the real program, with a few boxes: each makes its calls, none is refused."""

from collections.abc import Iterator

import psutil
import pytest

from tools.bench.boot_load import Call, Storm, for_box, percentile, record, whole
from tools.bench.boot_storm import Server, bare, load, steady
from tools.trial_town import Served, Trial, build, serving


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("storm") / "data", mags=25)


@pytest.fixture(scope="module")
def served(trial: Trial) -> Iterator[Served]:
    with serving(trial.data) as found:
        yield found


@pytest.fixture(scope="module")
def calls(trial: Trial, served: Served) -> list[Call]:
    return record(served, trial.mags[0])


def test_every_box_makes_its_26_calls_and_none_is_refused(trial: Trial, served: Served, calls: list[Call]) -> None:
    tokens: dict[str, str] = {}
    storm = Storm(served.port, calls[:-1], trial.mags[1:], tokens, [])

    storm.run()

    assert (len(storm.latencies), storm.refused) == (24 * 26, 0)
    assert len(set(tokens.values())) == 24


def test_after_a_power_cut_boxes_offer_the_token_that_they_have_kept(
    trial: Trial, served: Served, calls: list[Call]
) -> None:
    server = Server(served.port, psutil.Process(served.process.pid))
    first = load(server, calls[:-1], trial.mags[1:6], {})

    again = load(server, calls[:-1], trial.mags[1:6], first["tokens"])

    assert again["tokens"] == first["tokens"]
    assert (again["answers"], again["refused"]) == (5 * 26, 0)


def test_the_bare_resource_answers_the_same_bytes(trial: Trial, calls: list[Call]) -> None:
    process, server = bare(calls)
    try:
        found = load(server, calls, trial.mags[:3], {})
    finally:
        process.kill()
        process.wait()

    assert (found["answers"], found["refused"]) == (3 * 27, 0)


def test_polls_come_at_the_pace_of_their_slots(trial: Trial, served: Served, calls: list[Call]) -> None:
    server = Server(served.port, psutil.Process(served.process.pid))
    tokens = load(server, calls[:-1], trial.mags[1:4], {})["tokens"]

    found = steady(server, calls[-1], 6000, tokens, 1.0)

    assert found["refused"] == 0
    assert 60 < found["polls"] < 140, "6,000 boxes in the half of two minutes"


def test_a_refusal_is_counted_as_one(trial: Trial, served: Served, calls: list[Call]) -> None:
    polls = Storm(served.port, calls[-1:], trial.mags[:2], dict.fromkeys(trial.mags, "0" * 32), [])

    polls.run()

    assert polls.refused == 2


def test_a_call_is_made_for_another_box() -> None:
    call = Call("x", b"GET /?mac=MAC HTTP/1.1\r\nAuthorization: Bearer TOKEN\r\n\r\n", b"")

    assert b"00%3A1A" in for_box(call, "00:1A:79:00:00:01", "T1")
    assert b"Bearer T1\r\n" in for_box(call, "00:1A:79:00:00:01", "T1")


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", None),
        (b"HTTP/1.1 200 OK\r\nContent-Le", None),
    ],
)
def test_an_answer_is_whole_when_its_length_is_there(read: bytes, body: bytes | None) -> None:
    assert whole(read) == body


def test_percentiles_are_milliseconds() -> None:
    assert percentile([0.001 * at for at in range(1, 101)], 0.99) == pytest.approx(100.0)
    assert percentile([], 0.5) == 0.0
