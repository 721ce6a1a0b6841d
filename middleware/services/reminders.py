"""Reminders of a box: a programme that a home does not want to miss."""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from middleware.domain.errors import BadValue, NotFound
from middleware.domain.reminders import Reminder
from middleware.services.device_rows import cut
from middleware.services.ports import UnitOfWork

MOST: Final = 100
"""Reminders of one box at most."""
AHEAD: Final = timedelta(days=30)
LATE: Final = timedelta(minutes=10)
"""One that could not pop up for longer is dropped: the programme has begun."""


@frozen
class Due:
    """What pops up now and nobody has answered yet, the earliest first, and when the next one does."""

    now: tuple[Reminder, ...]
    next: datetime | None


def put(
    uow: UnitOfWork,
    now: datetime,
    device_id: int,
    channel_id: int,
    start: datetime,
    *,
    title: str,
    fires: datetime | None = None,
) -> Reminder:
    """Set a reminder (over one for the same channel and start); it fires at the start unless told otherwise.

    Raises NotFound for the channel, BadValue(reminder_time, too_many).
    """
    at = fires or start
    if uow.guide.channel(channel_id) is None:
        raise NotFound("没有这个频道", "no_channel")
    if not now <= at <= start <= now + AHEAD:
        raise BadValue("reminder_time", "只能提醒还没有开始的节目")
    mine = uow.reminders.of_device(device_id)
    known = any((one.channel_id, one.start) == (channel_id, start) for one in mine)
    if len(mine) >= MOST and not known:
        raise BadValue("too_many", f"一台机顶盒最多 {MOST} 个提醒")
    reminder = Reminder(device_id, channel_id, start, at, cut(title, 200))
    uow.reminders.put(reminder)
    return reminder


def remove(uow: UnitOfWork, now: datetime, device_id: int, channel_id: int, start: datetime) -> None:  # noqa: ARG001 - every use-case is told the time
    """Forget a reminder; one that is not there is no error."""
    uow.reminders.remove(device_id, channel_id, start)


def of_device(uow: UnitOfWork, now: datetime, device_id: int) -> tuple[Reminder, ...]:
    """What a box is still to be reminded of, the next first."""
    return tuple(one for one in uow.reminders.of_device(device_id) if one.fires >= now - LATE)


def due(uow: UnitOfWork, now: datetime) -> Due:
    """What pops up now: each until it is removed, which the viewer's answer does; what comes too late is dropped."""
    uow.reminders.prune(now - LATE)
    return Due(uow.reminders.due(now), uow.reminders.next_due(now))
