"""Own channels on the air: their plans become rows of the ledger, each channel written by one server at a time.

The server that holds a channel's lock writes; when it is not heard of for 15 s another one takes over, 5 s later at the
most. Whatever fails here, the channel goes on: there are rows for a quarter of an hour, and behind the last one fillers
without end.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import define, frozen
from twisted.logger import Logger

from middleware.clockwork import Call, Clockwork, Timers
from middleware.domain.errors import DomainError, StorageError
from middleware.headend.ports import Storage
from middleware.services import ledger, ledger_pool
from middleware.services.ledger import LEASE, Published
from middleware.services.ports import OutboxEvent, UnitOfWork
from vod.ledger import BadRow
from vod.publishing import HORIZON_MS

TURN: Final = timedelta(seconds=5)
"""Between two looks at the lock and the horizon: a lease survives one that failed."""
AGAIN: Final = timedelta(minutes=1)
"""A channel is gone over at least so often: what was on is written into its log."""
SETTLE_S: Final = 1.0
"""Edits that follow each other within this are one turn."""
_NOUNS: Final = frozenset({"plan", "asset", "channel"})


@frozen
class Turn:
    """What one turn led to: our number, 0 while another server writes; what was written, None if nothing was due."""

    fence: int
    published: Published | None = None


@define
class Written:
    """What we know of a channel: our number and until when it holds, how far its rows reach, what was wrong last.

    `edits` counts what was heard of that may change its rows.
    """

    fence: int = 0
    until: datetime | None = None
    end_ms: int = 0
    due: datetime | None = None
    faults: tuple[str, ...] = ()
    trouble: str = ""
    edits: int = 0


class Channels:
    """Writes the channels that play out. `holder` names this server among others, and is never used again."""

    _log = Logger()

    def __init__(self, storage: Storage, now: Callable[[], datetime], timers: Timers, holder: str) -> None:
        self._storage = storage
        self._now = now
        self._timers = timers
        self._holder = holder
        self._written: dict[str, Written] = {}
        self._clock = Clockwork(timers, now, self._go_round)
        self._settling: Call | None = None
        self._unreadable = False

    def start(self) -> None:
        """Write from now on."""
        self._clock.start()

    async def stop(self) -> None:
        """Write no more, and let another server have the channels at once."""
        if self._settling is not None and self._settling.active():
            self._settling.cancel()
        await self._clock.stop()
        held = [name for name in self._written if self.fence(name)]
        self._written = {}
        try:
            if held:
                await self._storage.run(lambda uow: self._let_go(uow, held), "locks of channels")
        except StorageError as error:
            self._log.warn("locks of channels run out by themselves: {error}", error=str(error))

    def _let_go(self, uow: UnitOfWork, channels: Sequence[str]) -> None:
        for channel in channels:
            uow.ledger.unlock(channel, self._holder)

    def fence(self, channel: str) -> int:
        """Our number for a channel, 0 while another server writes it."""
        one = self._written.get(channel)
        return one.fence if one is not None and one.until is not None and self._now() < one.until else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that play out."""
        return tuple(self._written)

    def tell(self, event: OutboxEvent) -> None:
        """A plan, a film or a channel has changed: go over the channels when the edits have settled."""
        waiting = self._settling is not None and self._settling.active()
        if event.kind == "ContentChanged" and event.body["noun"] in _NOUNS and not waiting:
            self._settling = self._timers.callLater(SETTLE_S, self._changed)

    def _changed(self) -> None:
        for one in self._written.values():
            one.due, one.edits = None, one.edits + 1
        self._clock.nudge()

    async def _go_round(self, now: datetime) -> datetime:
        """One turn of every channel; returns when the next is due."""
        try:
            names = await self._storage.run(ledger_pool.playing, "channels that play out", write=False)
        except StorageError as error:
            self._note_unreadable(str(error))
            return now + TURN
        self._unreadable = False
        self._written = {name: self._written.get(name, Written()) for name in names}
        for name, one in self._written.items():
            await self._turn(name, one)
        return now + TURN

    async def _turn(self, channel: str, one: Written) -> None:
        edits = one.edits
        try:
            done = await self._storage.run(lambda uow: self._transact(uow, channel, one), f"rows of {channel}")
        except (DomainError, BadRow) as error:
            self._troubled(channel, one, str(error))
            return
        except Exception:  # noqa: BLE001 one channel's fault must not stop the others; it is logged and tried again
            if not one.trouble:
                self._log.failure("rows of channel {channel} could not be made", channel=channel)
            one.trouble, one.due = "a fault of the program", None
            return
        self._done(channel, one, done)
        if one.edits != edits:
            one.due = None  # an edit came meanwhile, which this turn may not have seen

    def _transact(self, uow: UnitOfWork, channel: str, one: Written) -> Turn:
        """The lock, and the rows when they are due: stamps are taken here, and hold for a second."""
        began = self._now()
        fence = uow.ledger.lock(channel, self._holder, _ms(began), _ms(began + LEASE))
        due = one.due is None or began >= one.due or one.end_ms < _ms(began) + HORIZON_MS or fence != one.fence
        if not fence or not due:
            return Turn(fence)
        published = ledger.publish(uow, began, channel, fence)
        ledger.in_time(began, self._now())
        return Turn(fence, published)

    def _done(self, channel: str, one: Written, done: Turn) -> None:
        now = self._now()
        if one.trouble:
            self._log.info("rows of channel {channel} are written again", channel=channel)
        if done.fence != one.fence:
            words = "are written here" if done.fence else "are written by another server"
            self._log.info("rows of channel {channel} {words}", channel=channel, words=words)
        one.trouble, one.fence, one.until = "", done.fence, now + LEASE if done.fence else None
        if done.published is not None:
            one.due, one.end_ms = now + AGAIN, done.published.end_ms
            self._told(channel, one, done.published)

    def _told(self, channel: str, one: Written, published: Published) -> None:
        for fault in published.faults:
            if fault not in one.faults:
                self._log.warn("channel {channel}: {fault}", channel=channel, fault=fault)
        one.faults = published.faults

    def _troubled(self, channel: str, one: Written, why: str) -> None:
        """Log the first failure in a row: with the database gone for an hour there are hundreds."""
        if not one.trouble:
            self._log.error("rows of channel {channel} cannot be written: {why}", channel=channel, why=why)
        one.trouble, one.due = why, None

    def _note_unreadable(self, why: str) -> None:
        if not self._unreadable:
            self._log.error("channels that play out cannot be read: {why}", why=why)
        self._unreadable = True


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
