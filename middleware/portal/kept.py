"""Rendered pages kept in memory: bounded, made once however many ask at the same time, stale when content changes."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Final

from attrs import define, frozen
from twisted.internet.defer import Deferred

from middleware.portal.render import RenderedPage
from middleware.portal.shared import Shared

_KEPT: Final = 4000
"""Pages of at most 12 KB: 48 MB when all are that long; equal pages share their bytes."""


@frozen
class Drawn:
    """A rendered page and the moment that it counts down to, if any."""

    page: RenderedPage
    closes: datetime | None = None


@frozen
class _Kept:
    """A page, until when it may be shown (epoch seconds), the content version it was made from, and whose it is."""

    drawn: Drawn
    until: float
    version: int
    household: int | None


@define
class _Making:
    """A rendering under way; `spoiled` when what it shows has changed meanwhile."""

    household: int | None
    spoiled: bool = False


class KeptPages:
    """Pages by key. A key says everything that its page depends on but time and content."""

    def __init__(self, seconds: Callable[[], float], kept: int = _KEPT) -> None:
        self._seconds = seconds
        self._most = kept
        self._pages: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._shared: Shared[Drawn] = Shared()
        self._making: dict[Hashable, _Making] = {}
        self._of_household: dict[int, set[Hashable]] = {}
        self.version = 0
        self.made = 0

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Hashable) -> Drawn | None:
        """A page that may still be shown."""
        found = self._pages.get(key)
        if found is None or found.version != self.version or found.until <= self._seconds():
            return None
        self._pages.move_to_end(key)
        return found.drawn

    def under_way(self, key: Hashable) -> bool:
        """Whether the page is being rendered: who joins costs nothing."""
        return key in self._making

    def make(
        self, key: Hashable, render: Callable[[], Awaitable[Drawn]], until: float, household: int | None = None
    ) -> "Deferred[Drawn]":
        """Render a page and keep it; who asks for the same meanwhile waits for the same rendering."""
        return self._shared.get(key, lambda: self._make(key, render, until, household))

    async def _make(
        self, key: Hashable, render: Callable[[], Awaitable[Drawn]], until: float, household: int | None
    ) -> Drawn:
        making = self._making[key] = _Making(household)
        try:
            drawn = await render()
        finally:
            if self._making.get(key) is making:
                del self._making[key]
        self.made += 1
        if not making.spoiled:
            self._keep(key, _Kept(drawn, until, self.version, household))
        return drawn

    def stale(self) -> None:
        """Content has changed: no page made before is shown again."""
        self.version += 1
        for key in [*self._making]:
            self._spoil(key)

    def stale_for(self, household: int) -> None:
        """Something of one household has changed."""
        for key in self._of_household.pop(household, ()):
            self._pages.pop(key, None)
        for key, making in [*self._making.items()]:
            if making.household == household:
                self._spoil(key)

    def _spoil(self, key: Hashable) -> None:
        self._making.pop(key).spoiled = True
        self._shared.forget(key)

    def _keep(self, key: Hashable, kept: _Kept) -> None:
        self._pages[key] = kept
        self._pages.move_to_end(key)
        if kept.household is not None:
            self._of_household.setdefault(kept.household, set()).add(key)
        while len(self._pages) > self._most:
            oldest, gone = self._pages.popitem(last=False)
            if gone.household is not None:
                self._of_household.get(gone.household, set()).discard(oldest)
