"""Reminders as the guide, the page of a programme and the list set and take them away, for one box."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from middleware.domain.errors import BadValue
from middleware.domain.packages import Entitled
from middleware.portal.facts import NotEntitled
from middleware.services import guide, reminders
from middleware.services.ports import Airing, UnitOfWork
from portal_pages.boards import guide_cells

_ID: Final = re.compile(r"m([1-9][0-9]{0,8})s([1-9][0-9]{8,9})", re.ASCII)
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


def reminding_id(channel: int, start: datetime) -> str:
    """What a form knows a reminder by: `m4s1795605960`, channel and start in epoch seconds."""
    return f"m{channel}s{int(start.timestamp())}"


def drop(uow: UnitOfWork, now: datetime, device: int, name: str) -> None:
    """Take away the reminder of a box that has this id; one that is not there is no error."""
    found = _ID.fullmatch(name)
    if device and found:
        start = datetime.fromtimestamp(int(found[2]), UTC)
        reminders.remove(uow, now, device, int(found[1]), start)


def toggle(
    uow: UnitOfWork, now: datetime, device: int, entitled: Entitled, at: datetime, cell: str, marked: str
) -> None:
    """Set the reminder of a cell of the guide's window that begins `at`, or take it away where it is `marked`.

    Raises NotFound, NotEntitled, BadValue(reminder_time, too_many, no_box).
    """
    told = guide_cells.named(cell)
    found = _in_window(uow, at, *told) if told else None
    if found is None:
        raise BadValue("reminder_time", "先选一个还没开始的节目")
    (forget if cell in marked.split() else remind)(uow, now, device, entitled, found.id)


def _in_window(uow: UnitOfWork, start: datetime, channel: int, minute: int) -> Airing | None:
    """The longest programme of a cell, after whose start the cell is named."""
    shown = uow.guide.between(start, start + guide_cells.WINDOW, [channel])
    same = (one for one in shown if guide_cells.cell_id(channel, one.programme.start) == f"c{channel}m{minute:x}")
    return max(same, key=lambda one: one.programme.stop - one.programme.start, default=None)


def _found(uow: UnitOfWork, device: int, entitled: Entitled, airing: int) -> Airing:
    if not device:
        raise BadValue("no_box", "没有认出这台机顶盒")
    found = guide.programme(uow, airing)
    if not entitled.channel(found.channel):
        raise NotEntitled
    return found
