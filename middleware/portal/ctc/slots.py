"""Programmes as the guides of the skins need them: in Shanghai's time, by day, cut at midnight or not."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import attrs
from attrs import frozen

from epg.times import SHANGHAI
from middleware.services.ports import Airing

BACK: Final = 7
AHEAD: Final = 1
"""Days before and after today that a guide tells: clients ask from tomorrow back a week."""
_DAY: Final = timedelta(days=1)


@frozen
class Slot:
    """A programme; `start` and `stop` are in Shanghai's time, +08:00 all year."""

    id: int
    title: str
    start: datetime
    stop: datetime
    subtitle: str = ""


def slots(airings: Iterable[Airing]) -> tuple[Slot, ...]:
    """The schedule of a channel, in its order."""
    return tuple(
        Slot(
            one.id,
            one.programme.title,
            one.programme.start.astimezone(SHANGHAI),
            one.programme.stop.astimezone(SHANGHAI),
            one.programme.sub_title,
        )
        for one in airings
    )


def midnight(day: date) -> datetime:
    """The instant at which a day begins."""
    return datetime.combine(day, time(), SHANGHAI)


def today(now: datetime) -> date:
    """The day it is in the town."""
    return now.astimezone(SHANGHAI).date()


def days(now: datetime) -> tuple[date, ...]:
    """The days that a guide tells, oldest first, tomorrow last."""
    return tuple(today(now) + timedelta(days=step) for step in range(-BACK, AHEAD + 1))


def span(day: date) -> tuple[datetime, datetime]:
    """A day from midnight to midnight."""
    return midnight(day), midnight(day) + _DAY


def starting(schedule: Sequence[Slot], day: date) -> tuple[Slot, ...]:
    """What begins on this day, with true ends: a programme over midnight belongs to the day on which it began."""
    return tuple(one for one in schedule if one.start.date() == day)


def cut(schedule: Sequence[Slot], day: date) -> tuple[Slot, ...]:
    """What is on during this day, cut at both midnights: a programme over midnight is on both days."""
    first, last = span(day)
    return tuple(
        attrs.evolve(one, start=max(one.start, first), stop=min(one.stop, last))
        for one in schedule
        if one.start < last and one.stop > first
    )


def within(schedule: Sequence[Slot], start: datetime, stop: datetime) -> tuple[Slot, ...]:
    """What is on at some time of [start, stop), with true ends."""
    return tuple(one for one in schedule if one.start < stop and one.stop > start)


def epoch_ms(instant: datetime) -> int:
    """Milliseconds since 1970."""
    return round(instant.timestamp() * 1000)
