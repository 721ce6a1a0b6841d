"""Rules over programmes of one channel in the order of their starts: overlaps, gaps, now and next, windows, days.

One sort and one sweep each, O(n log n).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby

from attrs import evolve, frozen

from epg.model import Programme, order
from epg.times import SHANGHAI


@frozen
class NowNext:
    """What is on the air at an instant and what comes after it; None in a hole or at the end of the guide."""

    present: Programme | None
    following: Programme | None


def in_order(programmes: Iterable[Programme]) -> list[Programme]:
    """Sorted by channel, start, stop and part of a slot."""
    return sorted(programmes, key=order)


def by_channel(programmes: Iterable[Programme]) -> dict[str, list[Programme]]:
    """Programmes of each channel in order."""
    rows = in_order(programmes)
    return {channel: list(group) for channel, group in groupby(rows, key=lambda one: one.channel)}


def same_slot(first: Programme, second: Programme) -> bool:
    """Whether two programmes are parts n/m of one slot, which is no overlap."""
    parts = first.clump and second.clump and first.clump != second.clump
    return bool(parts) and (first.start, first.stop) == (second.start, second.stop)


def overlaps(programmes: Sequence[Programme]) -> Iterator[tuple[Programme, Programme]]:
    """Pairs of which the later begins before the earlier ends; each later one is named once, with the longest."""
    longest: Programme | None = None
    for programme in in_order(programmes):
        if longest and programme.start < longest.stop and not same_slot(longest, programme):
            yield longest, programme
        if longest is None or programme.stop > longest.stop:
            longest = programme


def gaps(
    programmes: Sequence[Programme], least: timedelta = timedelta(0), *, window: tuple[datetime, datetime] | None = None
) -> Iterator[tuple[datetime, datetime]]:
    """Intervals longer than `least` with nothing on the air, between programmes and at the edges of a window."""
    covered = sorted((programme.start, programme.stop) for programme in programmes)
    if window:
        first, last = window
        covered = [(first, first), *((start, stop) for start, stop in covered if stop > first and start < last)]
        covered.append((last, last))
    end: datetime | None = None
    for start, stop in covered:
        if end and start - end > least:
            yield end, start
        end = max(end or stop, stop)


def now_next(programmes: Sequence[Programme], at: datetime) -> NowNext:
    """Present and following of one channel's programmes, given in order and without overlaps."""
    place = bisect_right(programmes, at, key=lambda one: one.start)
    earlier = programmes[max(0, place - 1) : place]
    present = earlier[0] if earlier and earlier[0].stop > at else None
    return NowNext(present, programmes[place] if place < len(programmes) else None)


def window(programmes: Sequence[Programme], start: datetime, stop: datetime) -> list[Programme]:
    """Those on the air at any instant of [start, stop)."""
    return [programme for programme in programmes if programme.start < stop and programme.stop > start]


def joined(first: Programme, second: Programme) -> Programme:
    """Two parts of one slot as the one programme `甲／乙` that a screen shows."""
    return evolve(first, title=f"{first.title}／{second.title}")


def day_of(at: datetime, zone: tzinfo = SHANGHAI, day_start: time = time()) -> date:
    """The broadcast day an instant belongs to: with `day_start` 06:00, five in the morning is still yesterday."""
    local = at.astimezone(zone)
    return local.date() - timedelta(days=local.time() < day_start)


def day_bounds(day: date, zone: tzinfo = SHANGHAI, day_start: time = time()) -> tuple[datetime, datetime]:
    """The first instant of a broadcast day and of the next one, in UTC."""
    first, last = (datetime.combine(one, day_start, zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return first, last
