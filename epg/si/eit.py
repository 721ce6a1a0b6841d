"""The event information table: events into segments, sections and the pair present/following (EN 300 468 §5.2.4)."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from attrs import frozen

from epg.si import descriptors, times
from epg.si.sections import EIT_PID, Section
from epg.si.text import NOTHING, Coding, coded, pieces

PF_ACTUAL, PF_OTHER, SCHEDULE_ACTUAL, SCHEDULE_OTHER = 0x4E, 0x4F, 0x50, 0x60
SEGMENT: Final = timedelta(hours=3)
SEGMENTS: Final = 512
"""16 tables of 32 segments: 64 days (TS 101 211 §4.1.4)."""
PER_TABLE: Final = 32
PER_SEGMENT: Final = 8
"""Sections that a segment can have."""
ROOM: Final = 4078
"""Bytes of events in one section: 4,096 less 14 of header and 4 of CRC."""
MOST_DESCRIPTORS: Final = ROOM - 12
SHORTEST_TITLE: Final = 40

Depth = Literal["title", "short", "full"]


@frozen
class Event:
    """A programme as the EIT tells it; `content` are codes of table 28, `age` 0 = no rating, `crid` its CRID or ""."""

    event_id: int
    start: datetime
    seconds: int
    title: str
    sub_title: str = ""
    desc: str = ""
    content: tuple[int, ...] = ()
    age: int = 0
    crid: str = ""

    @property
    def stop(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


@frozen
class Style:
    """How a network writes its events.

    `depths` are (days, depth): for the first so many days all texts or only some; beyond the last pair titles only.
    `short_is_desc` puts the description into the short text, for boxes that do not read 0x4E.
    """

    coding: Coding = Coding()
    language: bytes = b"zho"
    depths: tuple[tuple[int, Depth], ...] = ((64, "full"),)
    short_is_desc: bool = False

    def depth(self, day: int) -> Depth:
        """What is told of events on this day, counted from 0."""
        return next((depth for days, depth in self.depths if day < days), "title")


@frozen
class Of:
    """The service that a table is of; `actual` when it is of the stream that carries the table."""

    service_id: int
    ts_id: int
    onid: int
    actual: bool = True

    @property
    def owner(self) -> int:
        return self.ts_id << 16 | self.onid


@frozen
class Room:
    """Most bytes of each text, for the long one with its descriptors; smaller where a segment is too full."""

    title: int = descriptors.SHORT_ROOM
    short: int = descriptors.SHORT_ROOM
    long: int = MOST_DESCRIPTORS


_ALL: Final = Room()


@frozen
class Segment:
    """Three hours of one service: the events it was made of, the event loops of its sections, and what was lost.

    `shortened` and `dropped` are event ids: texts that were cut to fit, events that no cutting could fit.
    """

    events: tuple[Event, ...]
    depth: Depth
    loops: tuple[bytes, ...]
    shortened: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()


_EMPTY: Final = Segment((), "title", (b"",))


def origin(now: datetime) -> datetime:
    """The last midnight in UTC: where segment 0 begins."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def segments(
    events: Sequence[Event],
    begin: datetime,
    style: Style,
    *,
    days: int = 64,
    known: Mapping[int, Segment] | None = None,
) -> dict[int, Segment]:
    """Events (sorted by start) by segment since `begin`; those of `known` that are still right are taken as they are.

    What began before, and what starts after `days`, is left out.
    """
    known = known or {}
    most = min(days * 8, SEGMENTS)
    grouped: dict[int, list[Event]] = {}
    for event in events:
        number = (event.start - begin) // SEGMENT
        if 0 <= number < most:
            grouped.setdefault(number, []).append(event)
    made: dict[int, Segment] = {}
    for number, group in grouped.items():
        old, depth, some = known.get(number), style.depth(number // 8), tuple(group)
        same = old is not None and old.depth == depth and old.events == some
        made[number] = old if same and old is not None else segment(some, style, depth)
    return made


def shifted(known: Mapping[int, Segment], by: int) -> dict[int, Segment]:
    """The segments as they are numbered `by` segments later; used at 00:00 UTC, when all is renumbered by 8."""
    return {number - by: one for number, one in known.items() if number >= by}


def segment(events: tuple[Event, ...], style: Style, depth: Depth) -> Segment:
    """Fit events into eight sections: long texts are shortened first, longest first, then short ones, titles."""
    loops, cut = _fitted(events, style, depth, _ALL)
    if len(loops) <= PER_SEGMENT:
        return Segment(events, depth, loops, tuple(cut))

    def fits(room: Room) -> bool:
        return len(_fitted(events, style, depth, room)[0]) <= PER_SEGMENT

    room = _largest(lambda size: Room(long=size), MOST_DESCRIPTORS, 0, fits)
    if room is None:
        room = _largest(lambda size: Room(short=size, long=0), descriptors.SHORT_ROOM, 0, fits)
    if room is None:
        room = _largest(lambda size: Room(size, 0, 0), descriptors.SHORT_ROOM, SHORTEST_TITLE, fits)
    loops, cut = _fitted(events, style, depth, room or Room(SHORTEST_TITLE, 0, 0))
    dropped = _beyond(events, loops)
    return Segment(events, depth, loops[:PER_SEGMENT], tuple(cut), dropped)


def _largest(room: Callable[[int], Room], high: int, low: int, fits: Callable[[Room], bool]) -> Room | None:
    """The largest room that fits, by bisection; None when even the smallest does not."""
    if not fits(room(low)):
        return None
    while high - low > 1:
        middle = (high + low) // 2
        low, high = (middle, high) if fits(room(middle)) else (low, middle)
    return room(low)


def _fitted(events: Iterable[Event], style: Style, depth: Depth, room: Room) -> tuple[tuple[bytes, ...], list[int]]:
    """Event loops of at most ROOM bytes in order, and the events whose texts were cut."""
    loops: list[bytes] = []
    parts: list[bytes] = []
    size = 0
    cut: list[int] = []
    for event in events:
        data, short = event_bytes(event, style, depth, 0, room)
        if short:
            cut.append(event.event_id)
        if size + len(data) > ROOM:
            loops.append(b"".join(parts))
            parts, size = [], 0
        parts.append(data)
        size += len(data)
    return (*loops, b"".join(parts)), cut


def _beyond(events: Sequence[Event], loops: Sequence[bytes]) -> tuple[int, ...]:
    kept = sum(count_events(loop) for loop in loops[:PER_SEGMENT])
    return tuple(event.event_id for event in events[kept:])


def count_events(loop: bytes) -> int:
    """How many events an event loop has."""
    at = found = 0
    while at < len(loop):
        at += 12 + ((loop[at + 10] & 0x0F) << 8 | loop[at + 11])
        found += 1
    return found


def event_bytes(event: Event, style: Style, depth: Depth, running: int, room: Room = _ALL) -> tuple[bytes, bool]:
    """One event with its descriptors, and whether a text was cut."""
    loop, cut = _descriptors(event, style, depth, room)
    head = event.event_id.to_bytes(2, "big") + times.instant(event.start) + times.duration(event.seconds)
    return head + (running << 13 | len(loop)).to_bytes(2, "big") + loop, cut


def _descriptors(event: Event, style: Style, depth: Depth, room: Room) -> tuple[bytes, bool]:
    name = coded(event.title, style.coding, min(room.title, descriptors.SHORT_ROOM))
    told = "" if depth == "title" else event.desc if style.short_is_desc else event.sub_title
    left = min(room.short, descriptors.SHORT_ROOM - len(name.data))
    text = coded(told, style.coding, left) if told else NOTHING
    rest = b""
    if event.content:
        rest += descriptors.content(event.content)
    if event.age:
        rest += descriptors.parental_rating(event.age)
    if event.crid:
        rest += descriptors.content_identifier(event.crid)
    head = descriptors.short_event(style.language, name.data, text.data)
    if depth != "full" or not event.desc:
        return head + rest, name.cut or text.cut
    long, cut = _long(event.desc, style, min(room.long, MOST_DESCRIPTORS - len(head) - len(rest)))
    return head + long + rest, name.cut or text.cut or cut


def _long(desc: str, style: Style, room: int) -> tuple[bytes, bool]:
    """Extended event descriptors of at most `room` bytes in all."""
    parts, cut = pieces(
        desc, style.coding, descriptors.PIECE, room, cost=descriptors.PIECE_COST, most=descriptors.MOST_PIECES
    )
    return descriptors.extended_events(style.language, parts), cut


def schedule(of: Of, made: Mapping[int, Segment]) -> tuple[Section, ...]:
    """The schedule sub-tables of one service; every segment up to the last used has a section, empty if need be."""
    end = max(made, default=0)
    last_table = (SCHEDULE_ACTUAL if of.actual else SCHEDULE_OTHER) + end // PER_TABLE
    out: list[Section] = []
    for table in range(end // PER_TABLE + 1):
        first = table * PER_TABLE
        these = [made.get(number, _EMPTY) for number in range(first, min(first + PER_TABLE, end + 1))]
        last = PER_SEGMENT * (len(these) - 1) + len(these[-1].loops) - 1
        for at, one in enumerate(these):
            out += _sections(of, last_table - end // PER_TABLE + table, PER_SEGMENT * at, last, last_table, one.loops)
    return tuple(out)


def _sections(of: Of, table: int, first: int, last: int, last_table: int, loops: Sequence[bytes]) -> Iterable[Section]:
    head = of.owner.to_bytes(4, "big") + bytes((first + len(loops) - 1, last_table))
    for at, loop in enumerate(loops):
        yield Section(EIT_PID, table, of.service_id, first + at, last, head + loop, owner=of.owner)


def present_following(of: Of, events: Sequence[Event], now: datetime, style: Style) -> tuple[Section, Section]:
    """The two sections of what is on and what follows (events sorted by start); in a gap the first one is empty."""
    at = bisect_right(events, now, key=lambda event: event.start)
    on = events[at - 1] if at and now < events[at - 1].stop else None
    after = events[at] if at < len(events) else None
    table = PF_ACTUAL if of.actual else PF_OTHER
    head = of.owner.to_bytes(4, "big") + bytes((1, table))
    pair = ((on, 4), (after, 1))
    loops = [event_bytes(event, style, "full", running)[0] if event else b"" for event, running in pair]
    first, second = (
        Section(EIT_PID, table, of.service_id, at, 1, head + loop, owner=of.owner) for at, loop in enumerate(loops)
    )
    return first, second
