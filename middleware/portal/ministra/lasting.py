"""Answers that many boxes get, kept as bytes; the last good one serves when a new one cannot be made (§2)."""

from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Final

from attrs import frozen
from twisted.logger import Logger

from middleware.portal.ministra.wire import Ready
from middleware.portal.shared import Shared

MOST: Final = 64 * 1024 * 1024


@frozen
class _Made:
    state: Hashable
    ready: Ready


class Lasting:
    """Answers by key, those used longest ago forgotten first; at most `most` bytes of them."""

    _log = Logger()

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._size = 0
        self._made: OrderedDict[Hashable, _Made] = OrderedDict()
        self._shared: Shared[Ready] = Shared()

    def at_hand(self, key: Hashable, state: Hashable) -> Ready | None:
        """The answer to `key`, if it was made of this state of the world."""
        made = self._made.get(key)
        if made is None or made.state != state:
            return None
        self._made.move_to_end(key)
        return made.ready

    async def get(self, key: Hashable, state: Hashable, make: Callable[[], Coroutine[Any, Any, Ready]]) -> Ready:
        """The answer to `key` in this state; made once for all who wait for it.

        When it cannot be made the one of an earlier state is given; without one the error goes on to who asked.
        """
        known = self.at_hand(key, state)
        if known is not None:
            return known
        try:
            ready = await self._shared.get((key, state), make)
        except Exception as error:
            old = self._made.get(key)
            if old is None:
                raise
            self._log.warn("boxes get an older answer, a new one cannot be made: {error}", error=error)
            return old.ready
        self._keep(key, _Made(state, ready))
        return ready

    def _keep(self, key: Hashable, made: _Made) -> None:
        old = self._made.pop(key, None)
        self._size += made.ready.size - (old.ready.size if old else 0)
        self._made[key] = made
        while self._size > self._most and len(self._made) > 1:
            _, gone = self._made.popitem(last=False)
            self._size -= gone.ready.size
