"""What a transport stream carries: PIDs with their share and errors, tables with versions and cycles, service names."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from epg.si import descriptors, sections, times
from epg.si.crc import sound
from epg.si.packets import PACKET, SYNC, Sections
from epg.si.text import read as read_text

MOST_SUB_TABLES: Final = 20_000
_SI_PIDS: Final = frozenset({sections.PAT_PID, sections.NIT_PID, sections.SDT_PID, sections.EIT_PID, sections.TDT_PID})
_NAMES: Final[Mapping[int, str]] = {
    0x00: "PAT", 0x40: "NIT actual", 0x41: "NIT other", 0x42: "SDT actual", 0x46: "SDT other", 0x4A: "BAT",
    0x4E: "EIT p/f actual", 0x4F: "EIT p/f other", 0x70: "TDT", 0x73: "TOT",
}  # fmt: skip
_SERVICE: Final = 0x48


@frozen
class Pid:
    """Packets of one PID, and how often its counter did not go on as it should."""

    pid: int
    packets: int
    broken: int


@frozen
class SubTable:
    """Sections that share table and service: how many different ones, versions seen, packets from one to the same.

    `ids` are the extension, and of EIT the transport stream and the original network.
    """

    pid: int
    table: int
    ids: tuple[int, ...]
    sections: int
    bytes: int
    versions: tuple[int, ...]
    cycle: int

    @property
    def name(self) -> str:
        """Such as `EIT schedule actual 0`."""
        if 0x50 <= self.table < 0x70:
            return f"EIT schedule {'actual' if self.table < 0x60 else 'other'} {self.table & 15}"
        return _NAMES.get(self.table, f"table 0x{self.table:02X}")


@frozen
class Inspected:
    """What was found. `rate` in bit/s is that between two times in the stream, 0 when it does not tell two."""

    packets: int
    rate: float
    pids: tuple[Pid, ...]
    tables: tuple[SubTable, ...]
    services: Mapping[int, str]
    bad_crc: int
    time: datetime | None


@define
class _Seen:
    """Sections of one sub-table by number: size, and the packet they were last seen in; the longest way between."""

    sizes: dict[int, int] = field(factory=dict)
    at: dict[int, int] = field(factory=dict)
    versions: dict[int, None] = field(factory=dict)
    cycle: int = 0

    def take(self, number: int, size: int, version: int, at: int) -> None:
        if number in self.at:
            self.cycle = max(self.cycle, at - self.at[number])
        self.sizes[number], self.at[number] = size, at
        self.versions[version] = None


@define
class Inspector:
    """Takes packets of 188 bytes one after the other."""

    near: datetime
    packets: int = 0
    bad_crc: int = 0
    _counts: dict[int, int] = field(factory=dict, init=False)
    _broken: dict[int, int] = field(factory=dict, init=False)
    _counters: dict[int, int] = field(factory=dict, init=False)
    _pids: dict[int, Sections] = field(factory=dict, init=False)
    _tables: dict[tuple[int, int, tuple[int, ...]], _Seen] = field(factory=dict, init=False)
    _services: dict[int, str] = field(factory=dict, init=False)
    _times: list[tuple[int, datetime]] = field(factory=list, init=False)

    def packet(self, data: bytes) -> None:
        """Take one packet."""
        self.packets += 1
        if data[0] != SYNC:
            return
        pid = (data[1] & 0x1F) << 8 | data[2]
        self._counts[pid] = self._counts.get(pid, 0) + 1
        if pid != 0x1FFF:
            self._continuity(pid, data[3])
        if pid in _SI_PIDS:
            for section in self._pids.setdefault(pid, Sections(pid)).take(data):
                self._section(pid, section)

    def _continuity(self, pid: int, flags: int) -> None:
        counter, payload = flags & 15, flags & 0x10
        before = self._counters.get(pid)
        if payload:
            if before is not None and counter not in {before, (before + 1) % 16}:
                self._broken[pid] = self._broken.get(pid, 0) + 1
            self._counters[pid] = counter

    def _section(self, pid: int, data: bytes) -> None:
        table = data[0]
        if table in {sections.TDT, sections.TOT}:
            self._time(data)
            self._seen(pid, table, ()).take(0, len(data), 0, self.packets)
            return
        if len(data) < 12 or not sound(data):
            self.bad_crc += 1
            return
        ids = [int.from_bytes(data[3:5], "big")]
        if 0x4E <= table < 0x70 and len(data) >= 14:
            ids += [int.from_bytes(data[8:10], "big"), int.from_bytes(data[10:12], "big")]
        if len(self._tables) < MOST_SUB_TABLES:
            self._seen(pid, table, tuple(ids)).take(data[6], len(data), data[5] >> 1 & 31, self.packets)
        if table in {sections.SDT_ACTUAL, sections.SDT_OTHER}:
            self._named(data)

    def _seen(self, pid: int, table: int, ids: tuple[int, ...]) -> _Seen:
        return self._tables.setdefault((pid, table, ids), _Seen())

    def _time(self, data: bytes) -> None:
        try:
            found = times.read_instant(data[3:8], self.near)
        except ValueError:
            return
        if found is not None and (not self._times or self._times[-1][1] != found):
            self._times = [*self._times[:1], (self.packets, found)]

    def _named(self, data: bytes) -> None:
        at, end = 11, len(data) - 4
        while at + 5 <= end:
            size = (data[at + 3] & 15) << 8 | data[at + 4]
            for tag, body in descriptors.split(data[at + 5 : min(at + 5 + size, end)]):
                if tag == _SERVICE and len(body) > 2 and len(body) > 2 + body[1]:
                    name = body[3 + body[1] : 3 + body[1] + body[2 + body[1]]]
                    self._services[int.from_bytes(data[at : at + 2], "big")] = read_text(name)
            at += 5 + size

    def found(self) -> Inspected:
        """Everything so far."""
        return Inspected(
            self.packets,
            self._rate(),
            tuple(Pid(pid, count, self._broken.get(pid, 0)) for pid, count in sorted(self._counts.items())),
            tuple(_table(key, seen) for key, seen in sorted(self._tables.items())),
            dict(sorted(self._services.items())),
            self.bad_crc,
            self._times[-1][1] if self._times else None,
        )

    def _rate(self) -> float:
        if len(self._times) < 2:
            return 0.0
        (first, begun), (last, ended) = self._times
        seconds = (ended - begun).total_seconds()
        return (last - first) * PACKET * 8 / seconds if seconds > 0 else 0.0


def _table(key: tuple[int, int, tuple[int, ...]], seen: _Seen) -> SubTable:
    pid, table, ids = key
    return SubTable(pid, table, ids, len(seen.sizes), sum(seen.sizes.values()), tuple(seen.versions), seen.cycle)


def inspect(packets: Iterable[bytes], near: datetime) -> Inspected:
    """Look through packets; `near` tells which of the wrapped dates is meant."""
    inspector = Inspector(near)
    for packet in packets:
        inspector.packet(packet)
    return inspector.found()


def by_table(tables: Sequence[SubTable]) -> dict[str, tuple[SubTable, ...]]:
    """Sub-tables by the name of their table."""
    found: dict[str, list[SubTable]] = {}
    for one in tables:
        found.setdefault(one.name, []).append(one)
    return {name: tuple(some) for name, some in found.items()}
