"""EIT in: events out of a transport stream or a file of sections, from any PID, packed or split (epg.md §8.5)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define, field, frozen

from epg.si import descriptors, times
from epg.si.crc import sound
from epg.si.packets import PACKET, SYNC, Sections, packets
from epg.si.text import read as read_text

MOST_EVENTS: Final = 500_000
_EIT: Final = range(0x4E, 0x70)
_SCHEDULE: Final = range(0x50, 0x70)


@frozen
class ServiceKey:
    """A service by its triplet."""

    onid: int
    ts_id: int
    service_id: int


@frozen
class ReadEvent:
    """An event as a stream tells it; `age` 0 = no rating."""

    event_id: int
    start: datetime
    seconds: int
    title: str
    short: str = ""
    long: str = ""
    content: tuple[int, ...] = ()
    age: int = 0
    crid: str = ""


@frozen
class Found:
    """What a stream had: events by service and start, and counts of what was wrong with it."""

    events: Mapping[ServiceKey, tuple[ReadEvent, ...]]
    complete: bool
    bad_crc: int = 0
    lost: int = 0
    undefined: int = 0
    """Events without a start or with times that are none."""


@define
class EitReader:
    """Takes packets or sections and keeps the newest version of each; `text` is the network's default codec.

    `actual` and `other` say which tables are read; `shift` is subtracted, for networks that send local time.
    """

    near: datetime
    text: str = "gb18030"
    actual: bool = True
    other: bool = True
    shift: timedelta = timedelta(0)
    bad_crc: int = 0
    undefined: int = 0
    _pids: dict[int, Sections] = field(factory=dict, init=False)
    _sections: dict[tuple[bytes, int, int], bytes] = field(factory=dict, init=False)

    def packet(self, data: bytes) -> None:
        """Take one packet of 188 bytes."""
        pid = (data[1] & 0x1F) << 8 | data[2]
        if data[0] != SYNC or pid == 0x1FFF:
            return
        for section in self._pids.setdefault(pid, Sections(pid)).take(data):
            self.section(section)

    def section(self, data: bytes) -> None:
        """Take one whole section; others than EIT, and those not yet valid, are passed over."""
        if len(data) < 18 or data[0] not in _EIT or not data[5] & 1:
            return
        if not sound(data):
            self.bad_crc += 1
            return
        actual = data[0] == 0x4E or 0x50 <= data[0] < 0x60
        if not (self.actual if actual else self.other):
            return
        service = data[8:12] + data[3:5]
        self._replaced(service, data)
        self._sections[service, data[0], data[6]] = data

    def _replaced(self, service: bytes, data: bytes) -> None:
        """A section that is shorter by a table or by numbers than before takes the rest of its segment with it."""
        for number in range(data[12] + 1, (data[6] // 8 + 1) * 8):
            self._sections.pop((service, data[0], number), None)

    @property
    def complete(self) -> bool:
        """Whether every segment of every service is there up to its last section, and every table up to the last."""
        services = {service for service, table, _ in self._sections if table in _SCHEDULE}
        return all(self._whole(service) for service in services)

    def _whole(self, service: bytes) -> bool:
        mine = {(table, number): data for (key, table, number), data in self._sections.items() if key == service}
        schedule = {place: data for place, data in mine.items() if place[0] in _SCHEDULE}
        last_table = max(data[13] for data in schedule.values())
        for table in range(last_table & 0xF0, last_table + 1):
            some = [data for (found, _), data in schedule.items() if found == table]
            if not some:
                return False
            for first in range(0, some[0][7] + 1, 8):
                one = next((data for data in some if data[6] // 8 == first // 8), None)
                if one is None or any((table, number) not in schedule for number in range(first, one[12] + 1)):
                    return False
        return True

    def found(self) -> Found:
        """All events so far; the schedule's texts win over those of present/following."""
        by_service: dict[ServiceKey, dict[int, ReadEvent]] = {}
        for (service, _table, _number), data in sorted(self._sections.items(), key=lambda item: item[0][1]):
            key = ServiceKey(
                int.from_bytes(service[2:4], "big"),
                int.from_bytes(service[:2], "big"),
                int.from_bytes(service[4:], "big"),
            )
            events = by_service.setdefault(key, {})
            for event in self._events(data):
                if len(events) < MOST_EVENTS:
                    events[event.event_id] = event
        return Found(
            {
                key: tuple(sorted(events.values(), key=lambda one: (one.start, one.event_id)))
                for key, events in by_service.items()
            },
            self.complete,
            self.bad_crc,
            sum(one.lost for one in self._pids.values()),
            self.undefined,
        )

    def _events(self, data: bytes) -> Iterable[ReadEvent]:
        at, end = 14, len(data) - 4
        while at + 12 <= end:
            size = (data[at + 10] & 0x0F) << 8 | data[at + 11]
            loop = data[at + 12 : min(at + 12 + size, end)]
            event = self._event(data[at : at + 12], loop)
            if event is None:
                self.undefined += 1
            else:
                yield event
            at += 12 + size

    def _event(self, head: bytes, loop: bytes) -> ReadEvent | None:
        try:
            start = times.read_instant(head[2:7], self.near)
            seconds = times.read_duration(head[7:10])
        except ValueError:
            return None
        if start is None:
            return None
        event_id = int.from_bytes(head[:2], "big")
        return ReadEvent(event_id, start - self.shift, seconds, **_texts(loop, self.text))


def _texts(loop: bytes, default: str) -> dict[str, Any]:
    found: dict[str, Any] = {"title": ""}
    pieces: dict[int, str] = {}
    for tag, body in descriptors.split(loop):
        if tag == descriptors.SHORT_EVENT and len(body) >= 5 and not found["title"]:
            name = body[4 : 4 + body[3]]
            rest = body[4 + len(name) :]
            found |= {
                "title": read_text(name, default),
                "short": read_text(rest[1 : 1 + rest[0]] if rest else b"", default),
            }
        elif tag == descriptors.EXTENDED_EVENT and len(body) >= 6:
            at = 5 + body[4]
            pieces[body[0] >> 4] = read_text(body[at + 1 : at + 1 + body[at]] if at < len(body) else b"", default)
        elif tag == descriptors.CONTENT:
            found["content"] = tuple(body[::2])
        elif tag == descriptors.RATING and len(body) >= 4 and 1 <= body[3] <= 15:
            found["age"] = body[3] + 3
        elif tag == descriptors.CRID and len(body) >= 2 and body[0] & 3 == 0:
            found["crid"] = body[2 : 2 + body[1]].decode("utf-8", "replace")
    if pieces:
        found["long"] = "".join(pieces[number] for number in sorted(pieces))
    return found


def read_stream(data: bytes, reader: EitReader) -> Found:
    """Events of a `.ts` file or capture. Raises ValueError when it is no transport stream."""
    for packet in packets(data):
        if len(packet) == PACKET:
            reader.packet(packet)
    return reader.found()


def read_sections(data: bytes, reader: EitReader) -> Found:
    """Events of a `.bin` file: sections one after the other."""
    at = 0
    while at + 3 <= len(data):
        end = at + 3 + ((data[at + 1] & 0x0F) << 8 | data[at + 2])
        reader.section(data[at:end])
        at = end
    return reader.found()
