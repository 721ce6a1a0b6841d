"""Boxes that all boot after a power cut, and boxes that poll in their slots (scale.md G1, G2, G7, G9).

    python -m tools.bench.boot_storm [--boxes 5000] [--polling 20000] [--rounds 5] [--seconds 6]

The real program serves a trial town of MAG boxes on SQLite. A storm is every box making the 26 calls from power-on to
the first picture; calls that are the same for many boxes and an idle poll are measured by themselves as well. `bare` is
a twisted.web Resource that answers each call with the very bytes that the program answered. Figures are requests per
CPU-second of the server. The steady part sends the polls of all boxes at the pace of their slots. The longest stall is
seen by a tick of 10 ms inside the server.
"""

import argparse
import gc
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import psutil
from attrs import define

from tools.bench.boot_load import AT_ONCE, Call, for_box, percentile, record, whole
from tools.bench.side_by_side import Figures, Target, interleave, judge, report
from tools.trial_town import Served, Trial, build, mac, serving

WATCHDOG_S: Final = 120
SHARED: Final = {"get_localization", "get_modules", "get_epg_info", "get_all_channels", "get_genres", "get_categories"}
"""Calls whose answer is the same for all boxes of a package."""
TICK_S: Final = 0.01
STALLS: Final = ("stall", "turn", "garbage")
CHANNELS: Final = 60
SETTINGS: Final = "[devices]\nper_hour = 10000\n"
TARGETS: Final = [
    Target("G1 calls answered to all alike", "shared", "bare shared", at_least=1.5),
    Target("G1 the same, later target", "shared", "bare shared", at_least=3.0, goal=True),
    Target("G2 poll of an idle box", "poll", "bare poll", at_least=0.8),
    Target("G2 the same, later target", "poll", "bare poll", at_least=1.2, goal=True),
    Target("whole boot: 5,000 in 60 s", "storm", at_least=2170.0, unit="/s"),
    Target("whole boot against bare", "storm", "bare storm", at_least=0.8, goal=True),
    Target("p99 of a call in the storm", "storm p99", at_most=200.0, unit="ms", absolute=True),
    Target("p99 of a steady poll", "steady p99", at_most=200.0, unit="ms", absolute=True),
    Target("refused calls", "refused", at_most=0),
    Target("G7 memory of a box", "KB per box", at_most=4.0, unit="KB"),
    Target("G9 longest reactor stall", "stall", at_most=50.0, unit="ms", absolute=True),
    Target("G9 CPU of the longest turn", "turn", at_most=50.0, unit="ms"),
    Target("G9 longest pause for garbage", "garbage", at_most=20.0, unit="ms"),
]


class Server:
    """A server to load: where, its process, and how to read its longest stall: ms of time, CPU, collecting garbage."""

    def __init__(
        self, port: int, process: psutil.Process, stall: Callable[[], Sequence[float]] = lambda: (0.0, 0.0, 0.0)
    ) -> None:
        self.port = port
        self.process = process
        self.stall = stall

    @property
    def cpu(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @property
    def kb(self) -> float:
        return float(self.process.memory_info().rss) / 1024


def load(server: Server, calls: Sequence[Call], boxes: Sequence[str], tokens: dict[str, str]) -> dict[str, Any]:
    """Run a storm in a process of its own: what it measured, with requests per CPU-second of the server."""
    asked = {
        "port": server.port, "boxes": list(boxes), "tokens": tokens,
        "calls": [[call.action, call.request.decode(), ""] for call in calls],
    }  # fmt: skip
    before, begun = server.cpu, time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.boot_load"],
        input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    used, took = server.cpu - before, time.perf_counter() - begun
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"rate": found["answers"] / max(used, 0.01), "per_s": found["answers"] / took}


def steady(server: Server, poll: Call, boxes: int, tokens: dict[str, str], seconds: float) -> dict[str, float]:
    """Polls at the pace that so many boxes make, a connection each, as boxes do that poll every two minutes.

    Slots fill one half of the two minutes (60 to 119). Latency counts from when a poll was due.
    """
    known = list(tokens.items())
    slots = sorted(zlib.crc32(mac(at).encode()) % (WATCHDOG_S * 500) / 1000 for at in range(boxes))
    due = [slot for slot in slots if slot < seconds]
    latencies: list[float] = []
    refused = 0
    before, begun = server.cpu, time.perf_counter()
    for at, when in enumerate(due):
        if (wait := begun + when - time.perf_counter()) > 0:
            time.sleep(wait)
        address, token = known[at % len(known)]
        with socket.create_connection(("127.0.0.1", server.port), 10, (f"127.0.1.{1 + at % 200}", 0)) as peer:
            peer.sendall(for_box(poll, address, token))
            read = peer.recv(65536)
            while (body := whole(read)) is None:
                read += peer.recv(65536)
        refused += not body.startswith((b"{", b"\x1f\x8b"))
        latencies.append(time.perf_counter() - begun - when)
    took = time.perf_counter() - begun
    return {
        "polls": len(due) / took, "core": (server.cpu - before) / took, "refused": refused,
        "p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99),
    }  # fmt: skip


def memory(server: Server, calls: Sequence[Call], boxes: Sequence[str], tokens: dict[str, str]) -> float:
    """Resident KB that one more box costs, once the first fifth has filled threads and caches."""
    fifth = max(len(boxes) // 5, 1)
    tokens |= load(server, calls, boxes[:fifth], {})["tokens"]
    time.sleep(1.5)
    before = server.kb
    tokens |= load(server, calls, boxes[fifth:], {})["tokens"]
    time.sleep(1.5)
    return (server.kb - before) / max(len(boxes) - fifth, 1)


BARE: Final = """
import base64, gc, json, sys
from twisted.internet import reactor
from twisted.web.resource import Resource
from twisted.web.server import Site

answers = {action.encode(): base64.b64decode(body) for action, body in json.load(sys.stdin).items()}

class Calls(Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setHeader(b"Content-Type", b"application/json")
        return answers[request.args[b"action"][0]]

gc.freeze()
print(reactor.listenTCP(0, Site(Calls()), interface="127.0.0.1").getHost().port, flush=True)
reactor.run()
"""


def bare(calls: Sequence[Call]) -> "tuple[subprocess.Popen[str], Server]":
    """A bare Resource that answers the recorded bytes."""
    from base64 import b64encode

    process = subprocess.Popen([sys.executable, "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    json.dump({call.action: b64encode(call.answer).decode() for call in calls}, process.stdin)
    process.stdin.close()
    return process, Server(int(process.stdout.readline()), psutil.Process(process.pid))


def ticking() -> None:
    """`nanhu-tv` with a tick of 10 ms in its reactor; SIGUSR1 writes the longest gap since the last one to a file.

    Beside its time stands the most CPU that the reactor's thread took between two ticks, which other programs on the
    machine do not add to.
    """
    from twisted.internet import reactor, task

    from middleware.cli import main as nanhu

    longest, last, collecting = [0.0, 0.0, 0.0], [0.0, 0.0], [0.0]

    def tick() -> None:
        now, used = time.perf_counter(), time.thread_time()
        longest[:2] = max(longest[0], now - last[0] - TICK_S), max(longest[1], used - last[1])
        last[:] = now, used

    def tell(_number: int, _frame: object) -> None:
        text = " ".join(str(seconds * 1000) for seconds in longest)
        Path(sys.argv[sys.argv.index("--data") + 1], "stall").write_text(f"{text}\n", encoding="ascii")
        longest[:] = 0.0, 0.0, 0.0

    def collected(phase: str, _info: object) -> None:
        if phase == "start":
            collecting[0] = time.thread_time()
        else:
            longest[2] = max(longest[2], time.thread_time() - collecting[0])

    def begin() -> None:
        last[:] = time.perf_counter(), time.thread_time()
        task.LoopingCall(tick).start(TICK_S)

    signal.signal(signal.SIGUSR1, tell)
    gc.callbacks.append(collected)
    real: Any = reactor
    real.callWhenRunning(real.callLater, 3.0, begin)  # the first pages are made at the start
    nanhu()


def stall_of(served: Served, data: Path) -> Callable[[], Sequence[float]]:
    """Reads and resets the longest stall, in ms of time, of CPU, and of collecting garbage."""

    def read() -> Sequence[float]:
        (data / "stall").unlink(missing_ok=True)
        served.process.send_signal(signal.SIGUSR1)
        for _ in range(100):
            time.sleep(0.02)
            if (data / "stall").exists() and (text := (data / "stall").read_text(encoding="ascii")).endswith("\n"):
                return [float(part) for part in text.split()]
        raise TimeoutError("the server does not tell its longest stall")

    return read


@define
class Bench:
    """Everything that is measured, by round."""

    ours: Server
    bare: Server
    calls: Sequence[Call]
    boxes: Sequence[str]
    tokens: dict[str, str]
    extra: Figures

    def variants(self, seconds: float) -> dict[str, Callable[[], float]]:
        """What is run by turns: the bare Resource always gets what ours gets."""
        boot, poll = self.calls[:-1], self.calls[-1:]
        shared = [call for call in boot if call.action in SHARED]
        loads = {"storm": (boot, 1), "shared": (shared, 4), "poll": (poll, 24)}
        made: dict[str, Callable[[], float]] = {}
        for name, (calls, times) in loads.items():
            made[f"bare {name}"] = lambda calls=calls, times=times: self._rate(self.bare, calls, times, seconds)  # type: ignore[misc]
            made[name] = lambda name=name, calls=calls, times=times: self._ours(name, calls, times, seconds)  # type: ignore[misc]
        return made

    def _rate(self, server: Server, calls: Sequence[Call], times: int, _seconds: float) -> float:
        return float(load(server, calls, self._some(times), self.tokens)["rate"])

    def _ours(self, name: str, calls: Sequence[Call], times: int, _seconds: float) -> float:
        found = load(self.ours, calls, self._some(times), self.tokens)
        self.tokens |= found["tokens"]
        self.extra.setdefault("refused", []).append(found["refused"])
        self.stalled()
        if name == "storm":
            self.extra.setdefault("storm p99", []).append(found["p99"])
            print(f"storm: {found['per_s']:.0f} requests/s, p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms")
        return float(found["rate"])

    def let_in(self, others: Sequence[str]) -> None:
        """Log the boxes in that only poll: handshake and profile."""
        if others:
            self.tokens |= load(self.ours, self.calls[:2], others, {})["tokens"]
            self.stalled()

    def stalled(self) -> None:
        """Note the longest stall since the last time."""
        for name, ms in zip(STALLS, self.ours.stall(), strict=True):
            self.extra.setdefault(name, []).append(ms)

    def _some(self, times: int) -> list[str]:
        known = list(self.boxes)
        return known if times == 1 else (known * times)[: max(len(known), 2 * AT_ONCE) * min(times, 4)]


def measure(options: argparse.Namespace, trial: Trial, served: Served, folder: Path) -> Figures:
    """Memory first, while no box is known; then storms by turns; then the steady polls."""
    calls = record(served, trial.mags[0])
    assert len(calls) == 27, [call.action for call in calls]
    process, peer = bare(calls)
    try:
        ours = Server(served.port, served.process, stall_of(served, folder))
        ours.stall()
        extra: Figures = {}
        bench = Bench(ours, peer, calls, trial.mags[1 : options.boxes + 1], {}, extra)
        extra["KB per box"] = [memory(ours, calls, bench.boxes, bench.tokens)]
        figures = interleave(bench.variants(options.seconds), options.rounds)
        bench.let_in(trial.mags[options.boxes + 1 : options.polling + 1])
        for _ in range(options.rounds):
            found = steady(ours, calls[-1], options.polling, bench.tokens, options.seconds)
            extra.setdefault("steady p99", []).append(found["p99"])
            extra["refused"].append(found["refused"])
            bench.stalled()
            pace = f"{found['polls']:.0f} polls/s, {found['core'] * 100:.0f} % of a core"
            waited = f"p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms"
            print(f"steady: {options.polling} boxes are {pace}, {waited}")
        for name in STALLS:
            print(f"{name} of each part: {' '.join(f'{ms:.0f}' for ms in extra[name])} ms")
        worst = {name: [max(extra[name])] for name in STALLS}
        return figures | extra | worst | {"refused": [float(sum(extra["refused"]))]}
    finally:
        process.kill()
        process.wait()


def main() -> int:
    """Measure all side by side; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--boxes", type=int, default=5000)
    parser.add_argument("--polling", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6.0, help="of steady polls a round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        trial = build(folder, mags=max(options.boxes, options.polling) + 1, telecoms=1, channels=CHANNELS)
        ticks = (sys.executable, "-c", "from tools.bench.boot_storm import ticking; ticking()")
        with serving(folder, settings=SETTINGS, program=ticks) as served:
            time.sleep(3.5)
            figures = measure(options, trial, served, folder)
    for each, values in figures.items():
        print(f"{each:<14}", " ".join(f"{value:8.1f}" for value in values))
    return report(judge(figures, TARGETS))


if __name__ == "__main__":
    sys.exit(main())
