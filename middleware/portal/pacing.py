"""A long row of small pieces of work in slices, so that key presses meanwhile are answered in time."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from middleware.clockwork import Call, Timers

SLICE: Final = 100
"""Pieces per turn: 15,000 televisions are reached in 1.7 s (scale.md §3)."""
EVERY_S: Final = 0.01
_LEAST: Final = 10
_LATE_S: Final = 0.02
"""A turn that comes this much too late means that the loop has other work: the next slice is half as long."""


class Pace:
    """Calls what is queued, SLICE calls every 10 ms; turns are due at absolute times."""

    def __init__(self, timers: Timers, seconds: Callable[[], float]) -> None:
        self._timers = timers
        self._seconds = seconds
        self._queue: deque[Callable[[], None]] = deque()
        self._call: Call | None = None
        self._due = 0.0
        self._slice = SLICE

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, work: Iterable[Callable[[], None]]) -> None:
        """Queue calls; the first slice is done in the next turn of the loop."""
        self._queue.extend(work)
        if self._queue and self._call is None:
            self._due = self._seconds()
            self._call = self._timers.callLater(0, self._turn)

    def stop(self) -> None:
        """Forget what is queued."""
        self._queue.clear()
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = None

    def _turn(self) -> None:
        self._call = None
        now = self._seconds()
        self._slice = max(_LEAST, self._slice // 2) if now - self._due > _LATE_S else min(SLICE, self._slice * 2)
        try:
            for _ in range(min(self._slice, len(self._queue))):
                self._queue.popleft()()
        finally:
            if self._queue:
                self._rest()

    def _rest(self) -> None:
        # Half of each interval is left to others even where the machine needs all of it for a slice.
        now = self._seconds()
        self._due = max(self._due + EVERY_S, now + EVERY_S / 2)
        self._call = self._timers.callLater(self._due - now, self._turn)
