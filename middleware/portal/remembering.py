"""Reminders as the page of a programme sets and takes them away, for one box."""

from datetime import datetime, timedelta
from typing import Final

from middleware.domain.errors import BadValue
from middleware.domain.packages import Entitled
from middleware.portal.facts import NotEntitled
from middleware.services import guide, reminders
from middleware.services.ports import Airing, UnitOfWork

EARLY: Final = timedelta(seconds=60)
"""So long before the start it pops up; one that is set later pops up at the start."""


def remind(uow: UnitOfWork, now: datetime, device: int, entitled: Entitled, airing: int) -> None:
    """Remind a box of a programme to come. Raises NotFound, NotEntitled, BadValue(reminder_time, too_many)."""
    found = _found(uow, device, entitled, airing)
    start, early = found.programme.start, found.programme.start - EARLY
    fires = early if early > now else start
    reminders.put(uow, now, device, found.channel, start, title=found.programme.title, fires=fires)


def forget(uow: UnitOfWork, now: datetime, device: int, entitled: Entitled, airing: int) -> None:
    """Remind it no more. Raises NotFound, NotEntitled."""
    found = _found(uow, device, entitled, airing)
    reminders.remove(uow, now, device, found.channel, found.programme.start)


def _found(uow: UnitOfWork, device: int, entitled: Entitled, airing: int) -> Airing:
    if not device:
        raise BadValue("no_box", "没有认出这台机顶盒")
    found = guide.programme(uow, airing)
    if not entitled.channel(found.channel):
        raise NotEntitled
    return found
