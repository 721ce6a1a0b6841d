"""Bounds on what one client may ask for: token buckets in a table that cannot grow without end."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

_KEPT: Final = 20_000


class Buckets:
    """One bucket per key: `burst` at once, then `rate` a second. The keys used longest ago are forgotten first."""

    def __init__(self, seconds: Callable[[], float], *, rate: float, burst: float, kept: int = _KEPT) -> None:
        self._seconds = seconds
        self._rate = rate
        self._burst = burst
        self._kept = kept
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def left(self, key: Hashable) -> bool:
        """Say whether there is a token, without taking it."""
        return self._level(key, self._seconds()) >= 1

    def take(self, key: Hashable) -> bool:
        """Take one token; False when there is none."""
        now = self._seconds()
        level = self._level(key, now)
        self._levels.pop(key, None)
        allowed = level >= 1
        self._levels[key] = (level - 1 if allowed else level, now)
        if len(self._levels) > self._kept:
            self._levels.popitem(last=False)
        return allowed

    def give(self, key: Hashable) -> None:
        """Give a token back."""
        if key in self._levels:
            level, at = self._levels[key]
            self._levels[key] = (min(self._burst, level + 1), at)

    def _level(self, key: Hashable, now: float) -> float:
        level, at = self._levels.get(key, (self._burst, now))
        return min(self._burst, level + max(0.0, now - at) * self._rate)
