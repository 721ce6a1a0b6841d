"""The small values of boxes in the store: read once, written through the batch (§8)."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

import attrs
from attrs import evolve, frozen

from middleware.domain.reminders import Reminder
from middleware.portal.core.core import Core
from middleware.portal.ministra.prefs import BLOBS, LONGEST_BLOB, Prefs, read, stored
from middleware.portal.ports import Work
from middleware.services import reminders
from middleware.services.ports import UnitOfWork

_KEPT: Final = 20_000
_NO_BLOBS: Final[frozenset[str]] = frozenset()
"""One for all boxes: an empty set of its own takes 200 bytes."""
FRESH_S: Final = 60.0
"""Seconds after which a box's values are read again, since our pages may write them too."""


@frozen
class _Known:
    prefs: Prefs
    reminders: tuple[Reminder, ...]
    blobs: frozenset[str]
    """The names under which something is saved; it is too long to be kept here."""
    until: float


class Drawers:
    """Preferences and reminders by box."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._known: OrderedDict[int, _Known] = OrderedDict()

    async def of(self, device: int) -> Prefs:
        """The preferences of a box."""
        return (await self._get(device)).prefs

    def at_hand(self, device: int) -> Prefs | None:
        """The preferences of a box, if they are in memory."""
        known = self._known.get(device)
        return known.prefs if known is not None and known.until > self._core.seconds() else None

    async def change(self, device: int, change: Callable[[Prefs], Prefs]) -> Prefs:
        """Change them; what does not change is not written."""
        before = await self._get(device)
        if change(before.prefs) == before.prefs:
            return before.prefs
        after = await self._core.write(lambda uow: _written(uow, device, change), "preferences of a box")
        self._keep(device, evolve(before, prefs=after, until=self._core.seconds() + FRESH_S))
        return after

    async def reminders(self, device: int) -> tuple[Reminder, ...]:
        """What a box is still to be reminded of."""
        return (await self._get(device)).reminders

    async def set_reminders(self, device: int, work: Work) -> None:
        """Set or take away reminders. Raises what the use-case raises."""
        await self._core.write(work, "reminder of a box")
        self._known.pop(device, None)

    async def blob(self, device: int, name: str) -> str:
        """What a box has saved under one of BLOBS; empty when there is nothing."""
        if name not in (await self._get(device)).blobs:
            return ""
        value = await self._core.read(lambda uow: uow.settings.get(_scope(device), name, ""), "saved by a box")
        return value if isinstance(value, str) else ""

    async def save_blob(self, device: int, name: str, text: str) -> bool:
        """Save a text under one of BLOBS; False when it is too long."""
        if len(text.encode()) > LONGEST_BLOB:
            return False
        await self._core.write(lambda uow: uow.settings.put(_scope(device), name, text), "saved by a box")
        self._known.pop(device, None)
        return True

    async def _get(self, device: int) -> _Known:
        known = self._known.get(device)
        if known is not None and known.until > self._core.seconds():
            self._known.move_to_end(device)
            return known
        now, until = self._core.now(), self._core.seconds() + FRESH_S
        known = await self._core.read(lambda uow: _read(uow, now, device, until), "preferences of a box")
        self._keep(device, known)
        return known

    def _keep(self, device: int, known: _Known) -> None:
        self._known[device] = known
        self._known.move_to_end(device)
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)


def _scope(device: int) -> str:
    return f"device:{device}"


def _read(uow: UnitOfWork, now: datetime, device: int, until: float) -> _Known:
    values = uow.settings.all(_scope(device))
    mine = reminders.of_device(uow, now, device)
    blobs = [name for name in BLOBS if values.get(name)]
    return _Known(read(values), mine, frozenset(blobs) if blobs else _NO_BLOBS, until)


def _written(uow: UnitOfWork, device: int, change: Callable[[Prefs], Prefs]) -> Prefs:
    before = read(uow.settings.all(_scope(device)))
    after = change(before)
    for name in (one.name for one in attrs.fields(Prefs)):
        if getattr(after, name) != getattr(before, name):
            uow.settings.put(_scope(device), name, stored(after, name))
    return after
