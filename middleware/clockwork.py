"""Wakes for the next stored deadline, and looks after events that other processes have written."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

LONGEST_SLEEP = 30.0
"""Seconds. A deadline written by another process, or a clock that was set, is noticed within this."""


class Call(Protocol):
    """A call to come; the part of twisted's IDelayedCall that is used, in words that mypy reads."""

    def active(self) -> bool: ...
    def cancel(self) -> None: ...


class Timers(Protocol):
    """The part of twisted's IReactorTime that is used."""

    def callLater(self, delay: float, f: Callable[[], None], /) -> Call: ...  # noqa: N802 twisted's name


Due = Callable[[datetime], Awaitable[datetime | None]]


class Clockwork:
    """Runs `due(now)` at start, at each deadline it returns, after `nudge()`, and every 30 s at the latest.

    Runs never overlap. A failing run is logged and tried again after the longest sleep.
    """

    log = Logger()

    def __init__(self, reactor: Timers, now: Callable[[], datetime], due: Due) -> None:
        self._reactor = reactor
        self._now = now
        self._due = due
        self._call: Call | None = None
        self._running: Deferred[None] | None = None
        self._again = False

    def start(self) -> None:
        self.nudge()

    def nudge(self) -> None:
        """Look at the deadlines now: something was written that may have changed them."""
        if self._running is not None:
            self._again = True
            return
        self._cancel()
        self._running = Deferred.fromCoroutine(self._run())
        if self._running.called:
            self._running = None

    async def stop(self) -> None:
        """Sleep no more; returns when a run under way has ended."""
        self._again = False
        self._cancel()
        running, self._running = self._running, None
        if running is not None:
            await running
        self._cancel()

    async def _run(self) -> None:
        deadline: datetime | None = None
        try:
            deadline = await self._due(self._now())
        except Exception:  # noqa: BLE001 one failed run must not end the clock; it is logged and tried again
            self.log.failure("deadlines could not be worked off")
        self._running = None
        self._sleep(0.0 if self._again else self._seconds_to(deadline))
        self._again = False

    def _seconds_to(self, deadline: datetime | None) -> float:
        if deadline is None:
            return LONGEST_SLEEP
        return min(max((deadline - self._now()).total_seconds(), 0.05), LONGEST_SLEEP)

    def _sleep(self, seconds: float) -> None:
        self._cancel()
        self._call = self._reactor.callLater(seconds, self.nudge)

    def _cancel(self) -> None:
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = None
