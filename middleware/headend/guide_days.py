"""What faces are put together from, by channel and day of the town: rendered once, and anew only where it changed."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final, Generic, Protocol, TypeVar

from attrs import frozen

from epg.model import Programme
from epg.schedule import day_bounds, day_of
from middleware.headend.long_work import let_go, long_work
from middleware.headend.ports import Storage
from middleware.services import guide
from middleware.services.ports import Airing, UnitOfWork
from middleware.web.shared import Shared

T = TypeVar("T")
Made_co = TypeVar("Made_co", covariant=True)
Key = tuple[int, date]
"""A channel's number in the store, and a day of the town."""
Read = Callable[[UnitOfWork, Collection[int], Sequence[date]], Mapping[Key, tuple[Programme, ...]]]
ONE_DAY: Final = timedelta(days=1)


class Render(Protocol[Made_co]):
    """Makes what is kept of a channel's day; runs in a thread."""

    def __call__(self, day: date, programmes: tuple[Programme, ...], /) -> Made_co: ...


@frozen
class Kept(Generic[T]):
    """What was rendered, of which programmes, and at which version of the guide that was looked at last."""

    rendered: T
    of: int
    version: int


class Days(Generic[T]):
    """Rendered days of channels; `most` are kept. A change makes them be compared with the store, not rendered anew."""

    def __init__(self, storage: Storage, read: Read, render: Render[T], most: int) -> None:
        self._storage = storage
        self._read = read
        self._render = render
        self._most = most
        self._kept: OrderedDict[Key, Kept[T]] = OrderedDict()
        self._loading: Shared[Mapping[Key, T]] = Shared()
        self.version = 0
        self.rendered = 0
        self.changes = 0

    def stale(self) -> None:
        """Programmes or channels have changed."""
        self.version += 1

    async def of(self, channels: Collection[int], days: Sequence[date]) -> Mapping[Key, T]:
        """The days of some channels, read and rendered in a thread where they are not known."""
        wanted = [(channel, day) for channel in channels for day in days]
        found = {key: one.rendered for key in wanted if (one := self._kept.get(key)) and one.version == self.version}
        for key in found:
            self._kept.move_to_end(key)
        missing = [key for key in wanted if key not in found]
        if missing:
            asked = frozenset(channel for channel, _ in missing), min(d for _, d in missing), max(d for _, d in missing)
            found |= await self._loading.get((*asked, self.version), lambda: self._load(*asked))
        return found

    async def _load(self, channels: Collection[int], first: date, last: date) -> Mapping[Key, T]:
        version = self.version
        days = [first + ONE_DAY * step for step in range((last - first).days + 1)]
        before = {key: one for key, one in self._kept.items() if key[0] in channels and first <= key[1] <= last}

        def work(uow: UnitOfWork) -> dict[Key, Kept[T]]:
            with long_work():
                read = self._read(uow, channels, days)
                return {key: self._one(key[1], before.get(key), rows) for key, rows in read.items()}

        made = await self._storage.run(work, "faces of the guide", write=False)
        gone = self._keep(before, made, version)
        gone += before.values()
        before.clear()
        let_go(gone)
        return {key: one.rendered for key, one in made.items()}

    def _one(self, day: date, before: Kept[T] | None, rows: tuple[Programme, ...]) -> Kept[T]:
        """In a thread: what was rendered of the same programmes is taken as it is."""
        of = hash(rows)
        return before if before is not None and before.of == of else Kept(self._render(day, rows), of, -1)

    def _keep(self, before: Mapping[Key, Kept[T]], made: Mapping[Key, Kept[T]], version: int) -> list[Kept[T]]:
        """Take what was made; returns what there is no room for any more."""
        fresh = [key for key, one in made.items() if one is not before.get(key)]
        self.rendered += len(fresh)
        self.changes += sum(key in before for key in fresh)
        for key, one in made.items():
            self._kept[key] = Kept(one.rendered, one.of, version)
            self._kept.move_to_end(key)
        return [self._kept.popitem(last=False)[1] for _ in range(len(self._kept) - self._most)]


def started(uow: UnitOfWork, channels: Collection[int], days: Sequence[date]) -> Mapping[Key, tuple[Programme, ...]]:
    """Programmes by the day they start in, as XMLTV has them: parts of a slot apart."""
    found: dict[Key, list[Programme]] = {(channel, day): [] for channel in channels for day in days}
    start, stop = day_bounds(days[0])[0], day_bounds(days[-1])[1]
    for row in uow.guide.between(start, stop, channels):
        if start <= row.programme.start < stop:
            found[row.channel, day_of(row.programme.start)].append(row.programme)
    return {key: tuple(rows) for key, rows in found.items()}


def shown(uow: UnitOfWork, channels: Collection[int], days: Sequence[date]) -> Mapping[Key, tuple[Programme, ...]]:
    """Programmes by every day they are on in, without overlaps, parts of a slot as one."""
    bounds = [(day, *day_bounds(day)) for day in days]
    found: dict[Key, list[Programme]] = {(channel, day): [] for channel in channels for day in days}
    rows: Iterable[Airing] = guide.shown_between(uow, bounds[0][1], bounds[-1][2], channels)
    for channel, mine in groupby(rows, key=lambda row: row.channel):
        for row in guide.without_overlap(mine):
            for day, first, last in bounds:
                if row.programme.start < last and row.programme.stop > first:
                    found[channel, day].append(row.programme)
    return {key: tuple(rows) for key, rows in found.items()}


def days_between(start: datetime, stop: datetime) -> list[date]:
    """The days of the town that [start, stop) touches."""
    first, last = day_of(start), day_of(max(start, stop - timedelta(microseconds=1)))
    return [first + ONE_DAY * step for step in range((last - first).days + 1)]
