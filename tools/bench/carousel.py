"""The carousel as a multiplexer gets it: a server sends on loopback, datagrams are captured and looked through.

    python -m tools.bench.carousel [--seconds 60] [--services 20]

The server has a guide of eight days. After a third of the time a title is edited, after two thirds an event starts on
every service (epg.md §14, line 8). ``rate`` is the rate over the whole capture ÷ that of the profile, ``slow`` and
``fast`` that of its worst ten seconds, by the clock of the receiver. Pauses and cycles are told by the byte clock of
the constant rate: ``pause_ms`` the shortest pause between two sections of a sub-table, ``pf_s`` and ``near_s`` the
longest cycles of present/following and of the first days. ``flip_s`` is from the start of the event to the last
service that tells it, ``edits`` counts sections with the edited title, ``clock_s`` is the largest difference between a
TDT, which has whole seconds, and the clock when it came, ``broken`` counts continuity errors.
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from epg.si.packets import PACKET
from epg.si.times import read_instant
from tools.bench.epg_si import measured
from tools.bench.side_by_side import Figures, Target, judge, report

TARGETS: Final = [
    Target("rate at least", "rate", at_least=0.98),
    Target("rate at most", "rate", at_most=1.02),
    Target("slowest ten seconds", "slow", at_least=0.98, absolute=True),
    Target("fastest ten seconds", "fast", at_most=1.02, absolute=True),
    Target("shortest pause of a sub-table", "pause_ms", at_least=25.0),
    Target("longest p/f actual", "pf_s", at_most=2.0),
    Target("longest first days", "near_s", at_most=10.0),
    Target("p/f after an event starts", "flip_s", at_most=2.0),
    Target("continuity errors", "broken", at_most=0),
    Target("sections of the edit seen", "edits", at_least=1),
    Target("TDT against the clock", "clock_s", at_most=1.0),
]
EDITED: Final = "临时改动"
_PROFILE: Final = """
name = "bench"
title = "南湖"
onid = 1
network_id = 1
ts_id = 1
{services}
[output]
rate = {rate}
address = "{address}"
"""
_SERVICE: Final = """[[services]]
channel = "c{n}.nanhu.cn"
service_id = {n}
ts_id = 1
name = "南湖{n}套"
"""


@frozen
class Plan:
    """Instants of the run in epoch seconds, and the rate of the profile in bit/s."""

    edit: float
    start: float
    rate: int


def serve(address: str, services: int, seconds: float) -> None:
    """Send for so long; prints the plan when it has begun."""
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred
    from twisted.internet.threads import deferToThreadPool

    from middleware.headend.playout import Playouts
    from middleware.services.ports import OutboxEvent
    from middleware.storage.schema import db_upgrade
    from middleware.storage.secrets import Vault
    from middleware.storage.store import Store

    real: Any = reactor
    now = lambda: datetime.now(UTC)  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        db_upgrade(f"sqlite:///{folder}/nanhu.db", Path(folder))
        store = Store.open(f"sqlite:///{folder}/nanhu.db", vault=Vault.load(Path(folder)), reactor=real)
        begun = time.time() + 4  # until then everything is written and built
        plan = Plan(begun + seconds / 3, float(round(begun + seconds * 2 / 3)), 0)
        plan = evolve(plan, rate=store.run_sync(lambda uow: _settle(uow, address, services, plan.start)))
        in_thread = lambda work: deferToThreadPool(real, real.getThreadPool(), work)  # noqa: E731
        playouts = Playouts(store, now, real, in_thread)

        def edit() -> None:
            done = store.run(_edit, "edit")
            done.addCallback(lambda _: playouts.tell(OutboxEvent(1, "ContentChanged", {"noun": "programme"})))

        async def begin() -> None:
            await playouts.start()
            real.callLater(max(0.0, plan.edit - time.time()), edit)
            print(plan.edit, plan.start, plan.rate, flush=True)

        real.callWhenRunning(lambda: Deferred.fromCoroutine(begin()))
        real.callLater(seconds + 20, real.stop)
        real.addSystemEventTrigger("before", "shutdown", playouts.stop)
        real.addSystemEventTrigger("after", "shutdown", store.close)
        real.run()


def _settle(uow: Any, address: str, services: int, start: float) -> int:
    """A guide on which all channels begin something at an instant, and a profile with 15 % of room; its rate."""
    from epg.model import Programme
    from epg.si.carousel import load
    from epg.si.tables import build, turns
    from middleware.domain.channels import Channel
    from middleware.services import guide
    from middleware.services import service_information as use
    from middleware.services.ports import Airing

    first, half = datetime.fromtimestamp(start, UTC), timedelta(minutes=30)
    for number in range(1, services + 1):
        one = guide.add_channel(uow, Channel(0, f"c{number}.nanhu.cn", number, f"南湖{number}套"))
        rows = [
            Programme(f"{number}-{n}", one.xmltv_id, first + half * n, first + half * (n + 1), f"南湖新闻{n}")
            for n in range(-4, 8 * 48)
        ]
        uow.guide.write([Airing(0, one.id, "bench", row) for row in rows], (), ())
    some = "".join(_SERVICE.format(n=number) for number in range(1, services + 1))
    now = datetime.now(UTC)
    wide = use.save(uow, now, "bench", _PROFILE.format(services=some, rate=20_000_000, address=address), active=True)
    built = build(wide, use.schedules(uow, now, wide), now)
    rate = int(load(turns(built, lambda: now), 10**9).wanted * 1.15)
    use.save(uow, now, "bench", _PROFILE.format(services=some, rate=rate, address=address), active=True)
    return rate


def _edit(uow: Any) -> None:
    """Give what is on now another title on one channel."""
    now = datetime.now(UTC)
    row = next(row for row in uow.guide.between(now, now + timedelta(seconds=1)) if row.programme.start <= now)
    uow.guide.write((), [evolve(row, programme=evolve(row.programme, title=EDITED))], ())


@frozen
class Capture:
    """Datagrams with the instants (epoch seconds) at which they came."""

    times: Sequence[float]
    data: Sequence[bytes]


def captured(listening: socket.socket, seconds: float) -> Capture:
    """What comes for so long."""
    times, data = [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data.append(listening.recv(2048))
        times.append(time.time())
    return Capture(times, data)


def rates(capture: Capture, rate: int, window: float = 10.0) -> tuple[float, float, float]:
    """The rate over all, of the slowest and of the fastest stretch of ten seconds, as parts of the wanted one."""
    bits = len(capture.data[0]) * 8
    whole = (len(capture.data) - 1) * bits / (capture.times[-1] - capture.times[0]) / rate
    stretches, first = [], 0
    for at, now in enumerate(capture.times):
        if now - capture.times[first] >= window:
            stretches.append((at - first) * bits / (now - capture.times[first]) / rate)
            first = at
    return whole, min(stretches, default=whole), max(stretches, default=whole)


def figures_of(capture: Capture, plan: Plan) -> Figures:
    """Everything that is judged."""
    whole, slow, fast = rates(capture, plan.rate)
    packets = [one[at : at + PACKET] for one in capture.data for at in range(0, len(one), PACKET)]
    packet_s = PACKET * 8 / plan.rate
    before = sum(time < plan.start for time in capture.times) * (len(capture.data[0]) // PACKET)
    figures: Figures = measured(packets, packet_s, before * packet_s)
    edited = EDITED.encode("gb2312")
    figures["edits"] = [float(sum(edited in one for one in capture.data))]
    figures["clock_s"] = [_clock(capture)]
    return figures | {"rate": [whole], "slow": [slow], "fast": [fast]}


def _clock(capture: Capture) -> float:
    """The largest difference between a TDT and the instant at which it came, in seconds."""
    longest = 99.0
    for at, datagram in zip(capture.times, capture.data, strict=True):
        for place in range(0, len(datagram), PACKET):
            packet = datagram[place : place + PACKET]
            if packet[1:3] == b"\x40\x14" and packet[5] == 0x70:
                told = read_instant(packet[8:13], datetime.fromtimestamp(at, UTC))
                apart = abs((told.timestamp() if told else 0.0) - at)
                longest = apart if longest == 99.0 else max(longest, apart)
    return longest


def run(seconds: float, services: int) -> tuple[Capture, Plan]:
    """A server that sends, and what was captured of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        command = [sys.executable, "-m", "tools.bench.carousel", "--serve", address]
        command += ["--services", str(services), "--seconds", str(seconds)]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            edit, start, rate = server.stdout.readline().split()
            return captured(listening, seconds), Plan(float(edit), float(start), int(rate))
        finally:
            server.terminate()
            server.wait()


def main() -> int:
    """Capture and judge; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--serve", metavar="HOST:PORT")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--services", type=int, default=20)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.services, options.seconds)
        return 0
    capture, plan = run(options.seconds, options.services)
    print(f"{len(capture.data)} datagrams in {options.seconds:g} s of {plan.rate / 1e6:.2f} Mb/s")
    return report(judge(figures_of(capture, plan), TARGETS))


if __name__ == "__main__":
    sys.exit(main())
