"""What is on, in memory: by channel and day of the town, until programmes change."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final

from attrs import frozen

from epg.schedule import day_bounds, day_of
from middleware.portal.ports import Storage
from middleware.portal.shared import Shared
from middleware.services import guide
from middleware.services.guide import without_overlap
from middleware.services.ports import Airing, UnitOfWork

_KEPT: Final = 4000
"""Days of channels in memory: of thirty programmes each, 120 MB at most; 80 channels for seven weeks."""
LONGEST: Final = timedelta(days=40)
"""What is asked for beyond this is not looked up: the guide reaches neither as far back nor ahead."""
_REST: Final = timedelta(seconds=60)
"""When nothing is known to begin or end, now and next are looked at again after this."""
Day = tuple[int, date]


@frozen
class OnAir:
    """What a channel shows now and next; None where the guide has nothing."""

    present: Airing | None
    following: Airing | None


class Schedules:
    """Programmes by channel; `version` rises when they change."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._days: OrderedDict[Day, tuple[Airing, ...]] = OrderedDict()
        self._on_air: Mapping[int, OnAir] = {}
        self._on_air_until: datetime = datetime.min.replace(tzinfo=UTC)
        self._loading: Shared[Mapping[Day, tuple[Airing, ...]]] = Shared()
        self._looking: Shared[Mapping[int, OnAir]] = Shared()
        self.version = 0

    def stale(self) -> None:
        """Programmes or channels have changed."""
        self.version += 1
        self._days.clear()
        self._on_air_until = datetime.min.replace(tzinfo=UTC)
        self._looking.forget("on air")

    async def of(self, channels: Collection[int], start: datetime, stop: datetime) -> Mapping[int, tuple[Airing, ...]]:
        """What these channels show at any instant of [start, stop), in order, without overlaps, slots joined."""
        days = days_of(start, min(stop, start + LONGEST))
        wanted = [(channel, day) for channel in channels for day in days]
        known = {one: self._days[one] for one in wanted if one in self._days}
        for one in known:
            self._days.move_to_end(one)
        missing = [one for one in wanted if one not in known]
        if missing:
            known |= await self._load(missing)
        return {
            channel: within((row for day in days for row in known[channel, day]), start, stop) for channel in channels
        }

    async def on_air(self, now: datetime) -> Mapping[int, OnAir]:
        """All channels with what they show now and next."""
        if now < self._on_air_until:
            return self._on_air
        return await self._looking.get("on air", lambda: self._look(now))

    async def _load(self, missing: Sequence[Day]) -> Mapping[Day, tuple[Airing, ...]]:
        version = self.version
        channels, days = {channel for channel, _ in missing}, sorted({day for _, day in missing})
        key = frozenset(channels), days[0], days[-1], version
        found = await self._loading.get(key, lambda: self._read(channels, days))
        if version == self.version:
            for day in missing:
                self._days[day] = found[day]
            while len(self._days) > _KEPT:
                self._days.popitem(last=False)
        return found

    async def _read(self, channels: Collection[int], days: Sequence[date]) -> Mapping[Day, tuple[Airing, ...]]:
        start, stop = day_bounds(days[0])[0], day_bounds(days[-1])[1]
        every = [days[0] + timedelta(days=step) for step in range((days[-1] - days[0]).days + 1)]
        return await self._storage.run(
            lambda uow: by_day(guide.shown_between(uow, start, stop, channels), channels, every),
            "schedule",
            write=False,
        )

    async def _look(self, now: datetime) -> Mapping[int, OnAir]:
        version = self.version
        found = await self._storage.run(lambda uow: _on_air(uow, now), "now and next", write=False)
        if version == self.version:
            self._on_air, self._on_air_until = found, changes_at(found.values(), now)
        return found


def days_of(start: datetime, stop: datetime) -> list[date]:
    """The days of the town that [start, stop) touches."""
    first, last = day_of(start), day_of(max(start, stop - timedelta(microseconds=1)))
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def by_day(rows: Iterable[Airing], channels: Collection[int], days: Sequence[date]) -> Mapping[Day, tuple[Airing, ...]]:
    """Rows in the order of channel and start, by channel and day; those over midnight stand on both days."""
    bounds = [(day, *day_bounds(day)) for day in days]
    found: dict[Day, list[Airing]] = {(channel, day): [] for channel in channels for day in days}
    for channel, shows in groupby(rows, key=lambda row: row.channel):
        for row in without_overlap(shows):
            for day, first, last in bounds:
                if row.programme.start < last and row.programme.stop > first:
                    found[channel, day].append(row)
    return {day: tuple(shows) for day, shows in found.items()}


def within(rows: Iterable[Airing], start: datetime, stop: datetime) -> tuple[Airing, ...]:
    """Those of some days in a row that touch [start, stop); one over midnight comes once."""
    seen = {row.id: row for row in rows if row.programme.start < stop and row.programme.stop > start}
    return tuple(seen.values())


def changes_at(on_air: Iterable[OnAir], now: datetime) -> datetime:
    """When the first of these programmes ends or begins."""
    edges = [one.present.programme.stop for one in on_air if one.present]
    edges += [one.following.programme.start for one in on_air if one.following]
    return min((edge for edge in edges if edge > now), default=now + _REST)


def _on_air(uow: UnitOfWork, now: datetime) -> Mapping[int, OnAir]:
    return {one.channel.id: OnAir(one.present, one.following) for one in guide.now_next(uow, now)}
