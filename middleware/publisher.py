"""Reads the outbox after each commit and twice a second, and passes every event on once, in the order of commits."""

from collections.abc import Awaitable, Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.clockwork import Call, Timers
from middleware.domain.errors import StorageError
from middleware.services.ports import OutboxEvent

EVERY_S = 0.5
"""How soon an event is seen that another process (the command line) has written."""


class Publisher:
    """`read(cursor)` gives the next events behind a number; `tell(event)` takes them on.

    The cursor starts where `start` puts it: what stands from before, its receivers read by themselves.
    """

    log = Logger()

    def __init__(
        self,
        reactor: Timers,
        read: Callable[[int], Awaitable[Sequence[OutboxEvent]]],
        tell: Callable[[OutboxEvent], None],
    ) -> None:
        self._reactor = reactor
        self._read = read
        self._tell = tell
        self._cursor = 0
        self._call: Call | None = None
        self._running: Deferred[None] | None = None
        self._again = False
        self._stopped = False
        self._failing = False

    @property
    def cursor(self) -> int:
        """The number of the last event that was passed on."""
        return self._cursor

    def start(self, cursor: int) -> None:
        """Pass on everything behind `cursor` from now on."""
        self._cursor = cursor
        self._later()

    def nudge(self) -> None:
        """Look now: this process has committed an event."""
        if self._running is not None:
            self._again = True
        elif not self._stopped:
            self._cancel()
            self._running = Deferred.fromCoroutine(self._run())
            if self._running.called:
                self._running = None

    async def stop(self) -> None:
        """Read no more; returns when a read under way has ended."""
        self._stopped = True
        self._cancel()
        running, self._running = self._running, None
        if running is not None:
            await running

    async def _run(self) -> None:
        try:
            while await self._pass_on() or self._again:
                self._again = False
            if self._failing:
                self._failing = False
                self.log.info("events are read again")
        except Exception as error:  # noqa: BLE001 one failed read must not end the news; it is logged and tried again
            self._note(error)
        self._running = None
        self._again = False
        self._later()

    def _note(self, error: Exception) -> None:
        """Log the first failure in a row: with the database gone for an hour there are 7,200 of them."""
        if not self._failing and isinstance(error, StorageError):
            self.log.error("events cannot be read: {error}", error=str(error))
        elif not self._failing:
            self.log.failure("events could not be read")
        self._failing = True

    async def _pass_on(self) -> bool:
        """Read once; whether there may be more."""
        events = () if self._stopped else await self._read(self._cursor)
        for event in events:
            self._cursor = event.seq
            try:
                self._tell(event)
            except Exception:  # noqa: BLE001 one event that cannot be told must not hold up those behind it
                self.log.failure("an event could not be passed on")
        return bool(events)

    def _later(self) -> None:
        if not self._stopped:
            self._call = self._reactor.callLater(EVERY_S, self.nudge)

    def _cancel(self) -> None:
        if self._call is not None and self._call.active():
            self._call.cancel()
        self._call = None
