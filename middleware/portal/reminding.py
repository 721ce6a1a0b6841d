"""Reminders that are due, kept in memory for the polls of their boxes until the viewer has answered.

They stay in the store until then, so that a restart of the server loses none; one answered is removed and never comes
again.
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Final

from attrs import frozen
from twisted.internet.defer import Deferred

from middleware.clockwork import Clockwork, Timers
from middleware.domain.errors import StorageError
from middleware.domain.reminders import Reminder
from middleware.portal.ports import Storage
from middleware.portal.render import layer_html
from middleware.portal.seats import Seat
from middleware.services import reminders
from middleware.services.ports import UnitOfWork
from middleware.services.reminders import LATE
from portal_pages.facts import Mode, RemindFact
from portal_pages.reminder import reminder

_CHANNEL: Final = 10**10
"""A reminder's id on pages is its channel times this, plus its start in epoch seconds: no message has one as high."""
_Key = tuple[int, int, int]


@frozen
class Popping:
    """A reminder that is due, and the name of its channel."""

    reminder: Reminder
    channel: str

    @property
    def id(self) -> int:
        """What a page knows it by."""
        return self.reminder.channel_id * _CHANNEL + _epoch(self.reminder.start)

    @property
    def key(self) -> _Key:
        """Device, channel, start (epoch seconds)."""
        return self.reminder.device_id, self.reminder.channel_id, _epoch(self.reminder.start)


class Reminding:
    """Wakes when a reminder is due; `wake` is told of the boxes that have new ones."""

    def __init__(
        self, storage: Storage, now: Callable[[], datetime], timers: Timers, wake: Callable[[Collection[int]], None]
    ) -> None:
        self._storage = storage
        self._now = now
        self._wake = wake
        self._waiting: Mapping[int, tuple[Popping, ...]] = {}
        self._answered: set[_Key] = set()
        self._clock = Clockwork(timers, now, self._due)

    def start(self) -> None:
        """Pop up what is due, and look after what comes."""
        self._clock.start()

    def stop(self) -> "Deferred[None]":
        """Look no more."""
        return Deferred.fromCoroutine(self._clock.stop())

    def nudge(self) -> None:
        """A reminder was set."""
        self._clock.nudge()

    def answer(self, seat: Seat, since: int, shown: int) -> bytes | None:
        """The answer to a poll with the first reminder of this box; None when there is none or the page shows it."""
        if not (seat.device and seat.usable) or seat.device not in self._waiting:
            return None
        first = next((one for one in self._waiting[seat.device] if self._stands(one, seat)), None)
        if first is None or first.id == shown:
            return None
        order = _order(seat.mode, first)
        return json.dumps({"since": since, "event": order}, ensure_ascii=False, separators=(",", ":")).encode()

    async def answered(self, seat: Seat, event: int) -> None:
        """The viewer has pressed one of its buttons; durable before it is acknowledged."""
        channel, epoch = divmod(event, _CHANNEL)
        key, start = (seat.device, channel, epoch), datetime.fromtimestamp(epoch, UTC)
        self._answered.add(key)
        remove = partial(reminders.remove, now=self._now(), device_id=seat.device, channel_id=channel, start=start)
        try:
            await self._storage.run(remove, "answered reminder")
        except StorageError:
            self._answered.discard(key)
            raise
        self._waiting = _without(self._waiting, key)

    def _stands(self, one: Popping, seat: Seat) -> bool:
        return one.reminder.fires >= self._now() - LATE and seat.entitled.channel(one.reminder.channel_id)

    async def _due(self, now: datetime) -> datetime | None:
        found, following = await self._storage.run(lambda uow: _read(uow, now), "reminders")
        # What is answered while they are read is not shown again.
        self._answered &= {one.key for one in found}
        waiting: dict[int, tuple[Popping, ...]] = {}
        for one in found:
            if one.key not in self._answered:
                waiting[one.key[0]] = (*waiting.get(one.key[0], ()), one)
        before, self._waiting = self._waiting, waiting
        fresh = [device for device, rows in waiting.items() if before.get(device, ())[:1] != rows[:1]]
        if fresh:
            self._wake(fresh)
        return following


def is_reminder(event: int) -> bool:
    """Whether an id on a page is that of a reminder."""
    return event >= _CHANNEL


def _read(uow: UnitOfWork, now: datetime) -> tuple[tuple[Popping, ...], datetime | None]:
    due = reminders.due(uow, now)
    names = {one.id: one.name for one in uow.guide.channels()} if due.now else {}
    return tuple(Popping(one, names.get(one.channel_id, "")) for one in due.now), due.next


def _without(waiting: Mapping[int, tuple[Popping, ...]], key: _Key) -> Mapping[int, tuple[Popping, ...]]:
    left = tuple(one for one in waiting.get(key[0], ()) if one.key != key)
    others = {device: rows for device, rows in waiting.items() if device != key[0]}
    return {**others, key[0]: left} if left else others


@lru_cache(maxsize=256)
def _order(mode: Mode, one: Popping) -> Mapping[str, object]:
    """A reminder as the script of a page takes it: a message with somewhere to go."""
    told = one.reminder
    target = f"tv-{told.channel_id}"
    layer = reminder(mode, RemindFact(told.title, one.channel, told.start, target))
    html = layer_html(layer, mode)
    return {
        "id": one.id, "do": "note", "html": html, "lines": ((),), "words": ("", ""), "hide": 0, "boot": 0,
        "to": f"/p/{target}",
    }  # fmt: skip


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
