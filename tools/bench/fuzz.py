"""Random and mutated requests over every endpoint of the program: no 5xx, no traceback, memory flat.

    python -m tools.bench.fuzz [--requests 50000] [--seed 1] [--rounds 1]

The real program serves a trial town. Requests begin as what boxes and billing really send, with live tokens of every
dialect, and are then changed: values swapped for hostile ones, parameters doubled or left out, methods and headers
exchanged, bytes flipped, bodies cut. They go out in pipelined batches over kept connections. The seed decides
everything, so that a finding can be met again; its requests are printed.
"""

import argparse
import random
import re
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from attrs import define, field, frozen

from tools.bench.fuzz_requests import Known, Sent, learn, request, warm_up
from tools.bench.side_by_side import Target, judge, report
from tools.trial_town import Served, Trial, build, serving

SETTINGS: Final = "[portal]\nhold_s = 5\n\n[devices]\nper_hour = 10000\n"
BATCH: Final = 8
PATIENCE_S: Final = 8.0
"""A request that is answered later than this has been lost; long-polls are held for 5 s at most."""
HALF_S: Final = 0.3
"""How long an answer to half a request is waited for: mostly the server waits for the other half."""
RENEWED: Final = 400
REFUSALS: Final = frozenset({b"Authorization failed.", b"Access denied.", b"Unauthorized request."})
SAMPLES: Final = 50
FLAT_MB: Final = 8.0
"""What caches and tables of strangers may still grow after the warm-up: they are bounded, not empty."""


@frozen
class Finding:
    """A request that was answered wrongly."""

    why: str
    sent: bytes

    def __str__(self) -> str:
        return f"{self.why}: {self.sent[:600]!r}"


@define
class Outcome:
    """What came of a run: statuses, findings, and resident MB at even distances."""

    statuses: Counter[int] = field(factory=Counter)
    findings: list[Finding] = field(factory=list)
    memory: list[float] = field(factory=list)
    closed: int = 0
    turned_away: int = 0
    """Answers that refuse a bearer: too many of them would mean that nothing behind the door was tried."""
    secrets: set[str] = field(factory=set)
    """The tokens that were in use."""

    @property
    def grown(self) -> float:
        """MB between the second and the last fifth of the run."""
        fifth = max(len(self.memory) // 5, 1)
        return median(self.memory[-fifth:]) - median(self.memory[fifth : 2 * fifth] or self.memory)


class Peer:
    """One connection at a time; opened anew when the server closed it, as it may after a request that breaks HTTP."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._peer: socket.socket | None = None
        self._read = b""

    def ask(self, batch: Sequence[Sent], outcome: Outcome) -> None:
        """Send a batch at once and read its answers in their order."""
        try:
            if self._peer is None:
                self._peer = socket.create_connection(self._address, PATIENCE_S)
                self._read = b""
            self._peer.sendall(b"".join(one.raw for one in batch))
            for one in batch:
                self._peer.settimeout(HALF_S if one.breaks else PATIENCE_S)
                if one.parks:
                    break  # held by the server: the viewer leaves the page, and nothing behind it is answered
                if not self._answered(one, outcome):
                    break
            if any(one.breaks or one.parks for one in batch):
                self.close()
        except ConnectionError:
            outcome.closed += 1
            self.close()

    def _answered(self, one: Sent, outcome: Outcome) -> bool:
        """Whether the connection goes on after the answer."""
        try:
            status, goes_on, body = self._answer(head=one.raw.startswith(b"HEAD "))
        except TimeoutError:
            if not one.breaks:  # what breaks HTTP may leave the server waiting for the rest of it
                outcome.findings.append(Finding("no answer", one.raw))
            self.close()
            return False
        except ValueError as error:
            outcome.findings.append(Finding(str(error), one.raw))
            self.close()
            return False
        outcome.turned_away += body in REFUSALS
        if status:
            outcome.statuses[status] += 1
        elif not one.breaks:
            outcome.findings.append(Finding("closed without an answer", one.raw))
        if status >= 500 or 0 < status < 200:
            outcome.findings.append(Finding(f"status {status}", one.raw))
        if not goes_on:
            self.close()
        return goes_on

    def _answer(self, *, head: bool) -> tuple[int, bool, bytes]:
        """Status (0 = closed instead), whether the connection goes on, and the body; 100 is no answer yet."""
        while b"\r\n\r\n" not in self._read:
            if not self._more():
                return 0, False, b""
        text, _, self._read = self._read.partition(b"\r\n\r\n")
        if not text.startswith(b"HTTP/1.1 "):
            raise ValueError(f"{text[:60]!r} is no head of an answer")
        status = int(text[9:12])
        if status == 100:
            return self._answer(head=head)
        found = re.search(rb"\r\ncontent-length: *(\d+)", text, re.IGNORECASE)
        length = int(found[1]) if found and not head and status not in {204, 304} else 0
        while len(self._read) < length:
            if not self._more():
                return status, False, b""
        body, self._read = self._read[:length], self._read[length:]
        return status, re.search(rb"\r\nconnection: *close", text, re.IGNORECASE) is None, body

    def _more(self) -> bool:
        assert self._peer is not None
        piece = self._peer.recv(1 << 18)
        self._read += piece
        return bool(piece)

    def close(self) -> None:
        """Hang up."""
        if self._peer is not None:
            self._peer.close()
            self._peer = None


def batches(known: Callable[[], Known], dice: random.Random, requests: int) -> Iterator[list[Sent]]:
    """All requests of a run, in batches; one that breaks the framing ends its batch.

    Now and then the boxes log in anew: some of what is asked logs them out.
    """
    batch: list[Sent] = []
    wanted = dice.randint(1, BATCH)
    for at in range(requests):
        if at % RENEWED == 0:
            boxes = known()
        batch.append(request(boxes, dice))
        if len(batch) >= wanted or batch[-1].breaks or batch[-1].parks:
            yield batch
            batch, wanted = [], dice.randint(1, BATCH)
    if batch:
        yield batch


def run(served: Served, trial: Trial, requests: int, seed: int, show: Callable[[str], None] = print) -> Outcome:
    """Ask so many requests; what came of it."""
    dice, outcome = random.Random(seed), Outcome()

    def known() -> Known:
        found = learn(served, trial)
        outcome.secrets |= {*(token for _, token in found.bearers), *found.user_tokens, *map(_signature, found.links)}
        assert len(found.bearers) > 1, "boxes are not let in any more"
        assert found.user_tokens, "telecom boxes are not let in any more"
        return found

    warm_up(served, trial)
    peers = [Peer(served.host, served.port) for _ in range(8)]
    done, next_sample = 0, 0.0
    for batch in batches(known, dice, requests):
        dice.choice(peers).ask(batch, outcome)
        done += len(batch)
        if done >= next_sample:
            outcome.memory.append(served.process.memory_info().rss / 1e6)
            next_sample += requests / SAMPLES
    for peer in peers:
        peer.close()
    show(
        f"{requests} requests, seed {seed}: {dict(sorted(outcome.statuses.items()))}, "
        f"{outcome.turned_away} turned away, {outcome.closed} closed early"
    )
    show(f"resident MB: {' '.join(f'{mb:.0f}' for mb in outcome.memory[::5])}; grown by {outcome.grown:.1f}")
    return outcome


def _signature(path: str) -> str:
    """The token in a signed path."""
    return path.split("/")[2]


def logged(text: str) -> list[str]:
    """Lines of a log that tell of a fault of ours."""
    return [line for line in text.splitlines() if re.search(r"Traceback|Unhandled| (error|critical) ", line)]


def main() -> int:
    """Run, print findings; 1 when there are any."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1, help="runs with seeds one after another")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trial = build(Path(folder) / "data")
        with serving(trial.data, settings=SETTINGS) as served:
            outcomes = [run(served, trial, options.requests, options.seed + at) for at in range(options.rounds)]
            faults = logged(served.said())
            secrets = [one for outcome in outcomes for one in outcome.secrets if one in served.said()]
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    for line in [*map(str, findings[:20]), *faults[:20]]:
        print(line)
    figures = {
        "findings": [float(len(findings))],
        "faults": [float(len(faults))],
        "secrets": [float(len(secrets))],
        "grown MB": [max(one.grown for one in outcomes)],
    }
    return report(
        judge(
            figures,
            [
                Target("no 5xx, every answer comes", "findings", at_most=0),
                Target("no traceback in the log", "faults", at_most=0),
                Target("no token in the log", "secrets", at_most=0),
                Target("memory flat", "grown MB", at_most=FLAT_MB, unit="MB"),
            ],
        )
    )


if __name__ == "__main__":
    sys.exit(main())
