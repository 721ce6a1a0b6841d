"""Several sources of one channel as one guide: the owner of the time, and each field by trust (epg.md §10)."""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Final

from attrs import evolve, field, frozen

from epg.model import Programme, title_key

FIELDS: Final = (
    "title",
    "sub_title",
    "desc",
    "categories",
    "keywords",
    "credits",
    "date",
    "icon",
    "episode",
    "onscreen",
    "rating",
)
"""What may come from another source than the times."""
HAND: Final = "hand"
NEAR: Final = timedelta(minutes=3)
SHARED: Final = 0.6
_LIKE: Final = 0.6
_TRIM: Final = timedelta(minutes=5)


@frozen
class Feed:
    """What a source tells of the channel, in order and without overlaps."""

    source: str
    programmes: tuple[Programme, ...] = field(repr=False)


@frozen
class Trust:
    """Sources from the most trusted down, for times and for fields that have no order of their own."""

    order: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]] = field(factory=dict)

    def of(self, name: str) -> tuple[str, ...]:
        """The order for one field; sources that it does not name follow in the general one."""
        first = self.fields.get(name, ())
        return (*first, *(one for one in self.order if one not in first))


@frozen
class Merged:
    """A programme of the guide; `told` has by source what each says of it, `came` by field whom it was taken from."""

    programme: Programme
    came: Mapping[str, str]
    told: Mapping[str, Programme] = field(repr=False)


@frozen
class Pin:
    """A field set by hand: it wins over every source until it is taken off."""

    uid: str
    name: str
    value: Any


def merge(feeds: Sequence[Feed], trust: Trust, pins: Sequence[Pin] = ()) -> tuple[Merged, ...]:
    """One guide out of several: the higher source owns the time, lower ones tell fields and fill what is free."""
    by_source = {one.source: one for one in feeds}
    ordered = [by_source[name] for name in trust.order if name in by_source]
    slots: list[_Slot] = []
    for feed in ordered:
        _lay(slots, feed)
    by_uid: dict[str, dict[str, Any]] = {}
    for pin in pins:
        by_uid.setdefault(pin.uid, {})[pin.name] = pin.value
    return tuple(_merged(slot, trust, by_uid) for slot in slots)


@frozen(order=False)
class _Slot:
    """A piece of time with its owner, and what others tell of it."""

    owner: str
    programme: Programme
    told: dict[str, Programme]

    def __lt__(self, other: "_Slot") -> bool:
        return self.programme.start < other.programme.start


def _lay(slots: list[_Slot], feed: Feed) -> None:
    """Put a source under those that are there: tied to the slot of the same programme, or into free time."""
    free: list[Programme] = []
    for one in feed.programmes:
        same = next(
            (slot for slot in _around(slots, one) if feed.source not in slot.told and alike(slot.programme, one)), None
        )
        if same is not None:
            same.told[feed.source] = one
        elif (room := _room(slots, one)) is not None:
            free.append(room)
    for one in free:
        insort(slots, _Slot(feed.source, one, {feed.source: one}))


def _around(slots: list[_Slot], one: Programme) -> list[_Slot]:
    """Slots that touch a programme, or start within three minutes of it."""
    first = max(0, bisect_left(slots, one.start - NEAR, key=lambda slot: slot.programme.start) - 1)
    last = bisect_left(slots, max(one.stop, one.start + NEAR), key=lambda slot: slot.programme.start)
    return slots[first : last + 1]


def _room(slots: list[_Slot], one: Programme) -> Programme | None:
    """A programme in the time that is free for it, cut by up to five minutes at each end; None when it is not."""
    start, stop = one.start, one.stop
    for slot in _around(slots, one):
        if slot.programme.start <= start < slot.programme.stop:
            start = slot.programme.stop
        if start < slot.programme.start < stop:
            stop = slot.programme.start
    fits = start < stop and start - one.start <= _TRIM and one.stop - stop <= _TRIM
    return evolve(one, start=start, stop=stop) if fits else None


def alike(one: Programme, other: Programme) -> bool:
    """Whether two sources mean one programme: like titles, 60 % of the time shared or starts 3 minutes apart."""
    shared = min(one.stop, other.stop) - max(one.start, other.start)
    longer = max(one.stop - one.start, other.stop - other.start)
    close = abs(one.start - other.start) <= NEAR or shared >= longer * SHARED
    return close and like_titles(one.title, other.title)


def like_titles(one: str, other: str) -> bool:
    """Titles that differ by spelling, or of which one holds the other."""
    a, b = sorted((title_key(one), title_key(other)), key=len)
    return a == b or (len(a) > 1 and a in b) or SequenceMatcher(None, a, b).ratio() >= _LIKE


def _merged(slot: _Slot, trust: Trust, pins: Mapping[str, Mapping[str, Any]]) -> Merged:
    values: dict[str, Any] = {}
    came = {"start": slot.owner, "stop": slot.owner}
    pinned = pins.get(slot.programme.uid, {})
    for name in FIELDS:
        source = next((one for one in trust.of(name) if one in slot.told and getattr(slot.told[one], name)), None)
        if name in pinned:
            values[name], came[name] = pinned[name], HAND
        elif source is not None:
            values[name], came[name] = getattr(slot.told[source], name), source
    return Merged(evolve(slot.programme, **values), came, dict(slot.told))


@frozen
class Drift:
    """Two sources whose programmes lie apart by a constant: probably a zone or a shift that is set wrong."""

    source: str
    against: str
    apart: timedelta
    programmes: int


def drift(one: Feed, against: Feed, *, at_least: int = 5) -> Drift | None:
    """The constant by which most programmes of one source lie beside those of another; None when they agree."""
    starts: dict[str, list[datetime]] = {}
    for programme in against.programmes:
        starts.setdefault(title_key(programme.title), []).append(programme.start)
    found: dict[timedelta, int] = {}
    for programme in one.programmes:
        near = starts.get(title_key(programme.title), ())
        if near:
            apart = min((programme.start - start for start in near), key=abs)
            found[apart] = found.get(apart, 0) + 1
    most = max(found, key=lambda apart: found[apart], default=timedelta(0))
    clear = most and found[most] >= at_least and found[most] * 2 > sum(found.values()) and abs(most) > NEAR
    return Drift(one.source, against.source, most, found[most]) if clear else None
