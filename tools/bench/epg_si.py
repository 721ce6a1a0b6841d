"""DVB service information in CPU: packing the EIT, one edit, the CRC, and the carousel (epg.md §11).

    python -m tools.bench.epg_si [--rounds 5] [--services 100] [--days 8]

``import`` reads the same programmes out of XMLTV, ``eit`` packs them into sections of every service: both in
microseconds of CPU for one programme, ``per_s`` is how many are packed in a second. ``build`` is the whole build,
``edit`` the same after one title was changed; ``table`` is the usual CRC loop over a table of 256 words, ``crc`` ours,
over the same sections. ``plain`` cuts the sections into packets without any plan, ``carousel`` gives as many packets by
the plan of the constant rate. After the rounds one stretch of the carousel is looked through: every cycle, the 25 ms,
and present/following after a change; `tools.bench.carousel` does so with what comes out of a socket.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import pairwise

from attrs import evolve

from epg import xmltv, xmltv_out
from epg.model import Programme, new_uid
from epg.si.carousel import Carousel, load
from epg.si.crc import crc
from epg.si.eit import Event
from epg.si.network import Network, Output, Service
from epg.si.packets import Packets
from epg.si.tables import Built, build, events_of, turns, with_service, with_time
from tools.bench.epg_xmltv import AT, cpu, guide
from tools.bench.side_by_side import Target, interleave, judge, report

FULL = 100
"""Services from which on the whole is large enough for what is said of the whole."""


def targets_of(services: int) -> list[Target]:
    """What is judged of so many services."""
    small = services < FULL
    return [
        Target("EIT ÷ import, per programme", "eit", "import", at_most=1.0),
        Target("events packed in a CPU-second", "per_s", at_least=40_000, absolute=True),
        Target("whole build, CPU", "build", at_most=1.5, unit="s", absolute=True),
        Target("one edit ÷ full build", "edit", "build", at_most=1 / 100, goal=small),
        *TARGETS,
    ]


TARGETS = [
    Target("CRC: table loop ÷ ours", "table", "crc", at_least=20),
    Target("carousel ÷ cutting alone", "carousel", "plain", at_most=4, goal=True),
    Target("longest p/f actual", "pf_s", at_most=2.0),
    Target("longest first days", "near_s", at_most=10.0),
    Target("shortest pause of a sub-table", "pause_ms", at_least=25.0),
    Target("p/f after an event starts", "flip_s", at_most=2.0),
    Target("continuity errors", "broken", at_most=0),
]
_TABLE = []
for _byte in range(256):
    _value = _byte << 24
    for _ in range(8):
        _value = (_value << 1) ^ (0x04C11DB7 if _value & 0x80000000 else 0)
    _TABLE.append(_value & 0xFFFFFFFF)


def by_table(data: bytes) -> int:
    """The usual loop."""
    value = 0xFFFFFFFF
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value


class Schedules:
    """One guide as programmes, as a feed and as events by channel."""

    def __init__(self, services: int, days: int) -> None:
        channels, programmes = guide(services, days)
        self.feed = xmltv_out.write(channels, programmes, at=AT)
        by_channel: defaultdict[str, list[Programme]] = defaultdict(list)
        for one in programmes:
            by_channel[one.channel].append(evolve(one, uid=new_uid(one.channel, one.start, one.title)))
        some = [
            Service(channel.xmltv_id, number, 1 + (number > services // 2), channel.name)
            for number, channel in enumerate(channels, 1)
        ]
        output = Output(rate=20_000_000)
        self.network = Network("bench", 1, 1, 1, tuple(some), title="南湖", horizon_days=days, output=output)
        self.programmes = by_channel
        self.count = len(programmes)

    def events(self) -> dict[str, tuple[Event, ...]]:
        """The events of every channel, numbered from 1."""
        return {
            channel: events_of(rows, {one.uid: number for number, one in enumerate(rows, 1)}, self.network)
            for channel, rows in self.programmes.items()
        }

    def built(self) -> Built:
        """All tables, from the programmes on."""
        return build(self.network, self.events(), AT)


def edit(built: Built, turn: int) -> float:
    """CPU seconds of the same tables with one title changed."""
    service = built.network.services[turn % len(built.network.services)]
    events = list(built.services[service.channel].events)
    events[len(events) // 2] = evolve(events[len(events) // 2], title=f"临时改动{turn}")
    return cpu(lambda: with_service(built, service, events, AT))


def looked_through(built: Built, seconds: float) -> dict[str, list[float]]:
    """Run the carousel for a while, through a change of the present event, and measure what a receiver would."""
    rate = int(load(turns(built, lambda: AT), 10**9).wanted * 1.15)
    carousel = Carousel(rate)
    carousel.replace(turns(built, lambda: AT))
    packet_s = 188 * 8 / rate
    stream = carousel.packets(round(seconds / packet_s))
    change_at = len(stream) * packet_s
    later = min(one.stop for tables in built.services.values() for one in tables.events if one.stop > AT)
    carousel.replace(turns(with_time(built, later), lambda: later))
    stream += carousel.packets(round(3 / packet_s))
    return measured(stream, packet_s, change_at)


def measured(stream: list[bytes], packet_s: float, change_at: float) -> dict[str, list[float]]:
    """Cycles, pauses, continuity and the time to a new present event, from packets alone."""
    starts: defaultdict[tuple[bytes, int], list[float]] = defaultdict(list)
    ends: dict[bytes, float] = {}
    versions: dict[bytes, int] = {}
    counters: dict[int, int] = {}
    pause, broken = 1.0, 0
    flips: list[float] = []
    left: dict[int, tuple[bytes, int]] = {}
    for number, packet in enumerate(stream):
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        if pid == 0x1FFF:
            continue
        broken += pid in counters and (counters[pid] + 1) % 16 != packet[3] & 15
        counters[pid] = packet[3] & 15
        if packet[1] & 0x40 and pid == 0x12:
            key = packet[5:6] + packet[8:10] + packet[13:17]
            begun = number * packet_s
            if key in ends:
                pause = min(pause, begun - ends[key])
            starts[key, packet[11]].append(begun)
            version = packet[10] >> 1 & 31
            if packet[5] == 0x4E and packet[11] == 0 and begun >= change_at and versions.get(key) != version:
                flips.append(begun - change_at)
            if packet[5] == 0x4E and packet[11] == 0:
                versions[key] = version
            size = ((packet[6] & 15) << 8 | packet[7]) + 4
            left[pid] = (key, -(-size // 184))
        if pid in left:
            key, count = left[pid]
            left[pid] = (key, count - 1)
            if count == 1:
                ends[key] = (number + 1) * packet_s

    def longest(tables: set[int]) -> float:
        gaps = (b - a for (key, _), times in starts.items() if key[0] in tables for a, b in pairwise(times))
        return max(gaps, default=99.0)

    return {
        "pf_s": [longest({0x4E})],
        "near_s": [longest({0x50, 0x51})],
        "pause_ms": [pause * 1000],
        "flip_s": [max(flips, default=99.0)],
        "broken": [float(broken)],
    }


def main() -> None:
    """Run all variants side by side and print the ratios."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--services", type=int, default=100)
    options.add_argument("--days", type=int, default=8)
    options.add_argument("--seconds", type=float, default=35, help="of the carousel that are looked through")
    chosen = options.parse_args()
    some = Schedules(chosen.services, chosen.days)
    built = some.built()
    every = [data for one in built.services.values() for rows in one.sent.values() for data in rows]
    count, packer = sum(-(-(len(data) + 1) // 184) for data in every), Packets(0x12)
    print(f"{some.count} events, {len(every)} sections, {count} packets")
    turn = iter(range(1_000_000))
    carousel = Carousel(some.network.output.rate)
    carousel.replace(turns(built, lambda: AT))

    def each(call: Callable[[], object]) -> Callable[[], float]:
        return lambda: cpu(call) * 1e6 / some.count

    variants: dict[str, Callable[[], float]] = {
        "import": each(lambda: xmltv.read(some.feed)),
        "eit": each(some.built),
        "build": lambda: cpu(some.built),
        "edit": lambda: edit(built, next(turn)),
        "table": lambda: cpu(lambda: [by_table(data) for data in every[:200]]),
        "crc": lambda: cpu(lambda: [crc(data) for data in every[:200] * 10]) / 10,
        "plain": lambda: cpu(lambda: [packer.of(data) for data in every]),
        "carousel": lambda: cpu(lambda: carousel.packets(count)),
    }
    started = time.process_time()
    figures = interleave(variants, chosen.rounds) | looked_through(built, chosen.seconds)
    figures["per_s"] = [1e6 / each for each in figures["eit"]]
    print(f"{time.process_time() - started:.0f} s of CPU")
    sys.exit(report(judge(figures, targets_of(chosen.services))))


if __name__ == "__main__":
    main()
