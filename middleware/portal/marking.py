"""What boxes are to be reminded of, as the guide marks it: read once a minute and box, and after every change."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from middleware.domain.errors import StorageError
from middleware.portal.ports import Storage

Marked = frozenset[tuple[int, datetime]]
"""Channel and start of each programme."""
_KEPT_S: Final = 60
_MOST: Final = 10_000


class Marks:
    """Signs of reminders by box; `seconds` is the clock."""

    def __init__(self, storage: Storage, seconds: Callable[[], float]) -> None:
        self._storage = storage
        self._seconds = seconds
        self._known: OrderedDict[int, tuple[float, Marked]] = OrderedDict()

    def at_hand(self, device: int) -> Marked | None:
        """What was read of a box within the last minute."""
        until, marked = self._known.get(device, (0.0, frozenset()))
        return marked if until > self._seconds() else None

    def forget(self, device: int) -> None:
        """Something was set or taken away on this box."""
        self._known.pop(device, None)

    async def read(self, device: int) -> Marked:
        """What the store says of a box; without a database it is what was known, or nothing."""
        try:
            every = await self._storage.run(lambda uow: uow.reminders.of_device(device), "reminders", write=False)
        except StorageError:
            return self._known.get(device, (0.0, frozenset()))[1]
        marked = frozenset((one.channel_id, one.start) for one in every)
        self._known[device] = (self._seconds() + _KEPT_S, marked)
        self._known.move_to_end(device)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return marked
