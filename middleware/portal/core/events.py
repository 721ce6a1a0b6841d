"""Messages and commands that wait for boxes: which boxes is in memory, so that a poll without news costs nothing."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Final

from attrs import frozen

from middleware.domain.box_events import BoxEvent
from middleware.services import box_events
from middleware.services.ports import UnitOfWork

REPEATED_S: Final = 300.0
"""A message that goes on unconfirmed is repeated from memory this long, then read again."""
Write = Callable[[Callable[[UnitOfWork], BoxEvent | None], str], Awaitable[BoxEvent | None]]
Confirm = Callable[[Callable[[UnitOfWork], bool], str], Awaitable[bool]]


@frozen
class _Repeated:
    event: BoxEvent
    until: float


class BoxEvents:
    """`write` makes a small writing durable."""

    def __init__(
        self, now: Callable[[], datetime], seconds: Callable[[], float], write: Write, confirm: Confirm
    ) -> None:
        self._now = now
        self._seconds = seconds
        self._write = write
        self._confirm = confirm
        self._waiting: set[int] = set()
        self._repeated: dict[int, _Repeated] = {}
        self._news: dict[int, int] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def queued(self, devices: Iterable[int]) -> None:
        """Something was queued, or taken back, for these boxes."""
        self._count += 1
        for device in devices:
            self._waiting.add(device)
            self._news[device] = self._count
            self._repeated.pop(device, None)

    def waiting(self, device: int) -> bool:
        """Whether there is something for a box."""
        return device in self._waiting

    async def next(self, device: int) -> BoxEvent | None:
        """What a box is to do or show now: commands once, messages again until they are confirmed or expire."""
        if device not in self._waiting:
            return None
        repeated = self._repeated.get(device)
        if repeated is not None and self._seconds() < repeated.until and repeated.event.waits(self._now()):
            return repeated.event
        news = self._news.get(device, 0)
        event = await self._write(lambda uow: box_events.next_for(uow, self._now(), device), "event of a box")
        if news == self._news.get(device, 0):  # else something was queued meanwhile
            self._remember(device, event)
        return event

    async def confirm(self, device: int, event: int) -> bool:
        """The viewer has pressed OK; False for an event that this box does not have."""
        known = await self._confirm(lambda uow: box_events.confirm(uow, self._now(), device, event), "confirmation")
        if device in self._waiting:
            self.queued((device,))  # what is being read at this moment may be what was confirmed
        return known

    def _remember(self, device: int, event: BoxEvent | None) -> None:
        if event is None:
            self._waiting.discard(device)
            self._news.pop(device, None)
            self._repeated.pop(device, None)
        elif event.message:
            self._repeated[device] = _Repeated(event, self._seconds() + REPEATED_S)
