"""This node's copy of what own channels play: grown from the ledger at each notice and every 5 s (video.md §7).

Lists are made from the copy, so a node whose database is gone goes on; `fault` says what is wrong with it.
"""

from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.clockwork import Call, Timers
from middleware.portal.ports import Storage
from middleware.services import ledger
from middleware.services.film_uses import RETENTION
from middleware.services.ports import OutboxEvent, UnitOfWork
from vod.catalogue import Edition
from vod.linear import ClockWentBack, Effective, edge

EVERY_S: Final = 5.0
CAPTURING_S: Final = 1.0
STALE_S: Final = 3 * EVERY_S
"""A node that could not read for so long says so."""
RETENTION_S: Final = int(RETENTION.total_seconds())
LONGEST_S: Final = 6 * 3600
"""Of a slice; rows are kept in memory for so much longer than what may be asked for."""
_FORGET_S: Final = 3600.0
APART_MS: Final = 500
"""Further from the database's clock than this, a node's lists would differ from those of its neighbours."""


@frozen
class Copy:
    """A channel: what is on, how far back it may be seen again (0 s: never), and a film that has its rungs."""

    effective: Effective
    edition: Edition
    kept_s: int = RETENTION_S


@frozen
class _Read:
    copies: Mapping[str, Copy]
    clock_ms: int | None = None
    """What the database's clock said meanwhile."""


class ClockOff(Exception):
    """This node's clock does not agree: it must not answer now."""


class Air:
    """The channels by their names. `seconds` is epoch time."""

    _log = Logger()

    def __init__(self, storage: Storage, seconds: Callable[[], float], timers: Timers) -> None:
        self._storage = storage
        self._seconds = seconds
        self._timers = timers
        self._copies: dict[str, Copy] = {}
        self._next: Call | None = None
        self._reading = self._again = self._running = False
        self._newest_ms = 0
        self._apart_ms = 0.0
        self._read_at = 0.0
        self._forgot_at = seconds()

    # --- what is on ---

    def get(self, channel: str) -> Copy | None:
        """What is known of a channel; None for one that does not play out."""
        return self._copies.get(channel)

    @property
    def names(self) -> tuple[str, ...]:
        """The channels that are known."""
        return tuple(sorted(self._copies))

    def edge_ms(self) -> int:
        """The instant up to which lists go, the same on every node. Raises ClockOff."""
        if self._apart_ms > APART_MS:
            raise ClockOff
        try:
            self._newest_ms = edge(int(self._seconds() * 1000), self._newest_ms)
        except ClockWentBack:
            raise ClockOff from None
        return self._newest_ms

    @property
    def fault(self) -> str:
        """What is wrong with this node: `clock`, `stale`, or empty."""
        if not self._copies:
            return ""
        try:
            self.edge_ms()
        except ClockOff:
            return "clock"
        return "stale" if self._running and self._seconds() - self._read_at > STALE_S else ""

    # --- growing ---

    async def start(self) -> None:
        """Read what is on, and go on reading. Raises StorageError."""
        self._running = True
        await self._read()
        self._later()

    def stop(self) -> None:
        """Read no more."""
        self._running = False
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._next = None

    def tell(self, event: OutboxEvent) -> None:
        """Read at once when a ledger has grown, or how long channels are kept has changed."""
        if event.kind == "LedgerGrown" or (event.kind == "ContentChanged" and event.body["noun"] == "channel"):
            self._read_now()

    def _read_now(self) -> None:
        if not self._running:
            return
        if self._reading:
            self._again = True
            return
        if self._next is not None and self._next.active():
            self._next.cancel()
        self._reading, self._again = True, False
        reading = Deferred.fromCoroutine(self._read())
        reading.addErrback(self._unread)
        reading.addBoth(self._was_read)

    def _was_read(self, _none: object) -> None:
        self._reading = False
        if self._again:
            self._read_now()
        else:
            self._later()

    def _unread(self, failure: "object") -> None:
        self._log.error("what channels play could not be read again; lists go on from memory: {why}", why=failure)

    def _later(self) -> None:
        if self._running:
            ms = int(self._seconds() * 1000)
            capturing = any(copy.effective.capturing(ms) for copy in self._copies.values() if copy.effective.pieces)
            self._next = self._timers.callLater(CAPTURING_S if capturing else EVERY_S, self._read_now)

    async def _read(self) -> None:
        now, known = self._seconds(), dict(self._copies)
        found = await self._storage.run(
            lambda uow: read(uow, known, int(now * 1000)), "what channels play", write=False
        )
        self._copies.update(found.copies)
        self._read_at = self._seconds()
        self._apart_ms = _apart(found.clock_ms, now * 1000, self._read_at * 1000)
        if now - self._forgot_at > _FORGET_S:
            self._forgot_at = now
            self._forget(now)

    def _forget(self, now: float) -> None:
        since = int(now - RETENTION_S - LONGEST_S) * 1000
        for name, copy in self._copies.items():
            self._copies[name] = evolve(copy, effective=copy.effective.since(since))


def read(uow: UnitOfWork, known: Mapping[str, Copy], now_ms: int) -> _Read:
    """What has changed of channels since they were read, as one transaction sees it."""
    hours = {one.xmltv_id: one.archive_h for one in uow.guide.channels()}
    found: dict[str, Copy] = {}
    for name in uow.ledger.channels():
        before = known.get(name)
        copy = _grown(uow, name, before, now_ms) if before else _whole(uow, name, now_ms)
        kept_s = min(hours[name] * 3600, RETENTION_S) if name in hours else RETENTION_S
        if copy is not None and (copy is not before or copy.kept_s != kept_s):
            found[name] = evolve(copy, kept_s=kept_s)
    return _Read(found, uow.ledger.clock_ms())


def _apart(clock_ms: int | None, before_ms: float, after_ms: float) -> float:
    """How far our clock is from the database's, which was read between two instants of ours."""
    return 0.0 if clock_ms is None else max(before_ms - clock_ms, clock_ms - after_ms, 0.0)


def _whole(uow: UnitOfWork, name: str, now_ms: int) -> Copy | None:
    effective = ledger.effective(uow, name, now_ms - (RETENTION_S + LONGEST_S) * 1000)
    edition = _edition(uow, effective)
    return Copy(effective, edition) if edition and effective.pieces else None


def _grown(uow: UnitOfWork, name: str, before: Copy, now_ms: int) -> Copy:
    effective = before.effective
    relay = _open(effective, now_ms) if effective.capturing(now_ms) else None
    if relay is None and not uow.ledger.rows(name, effective.last_seq):
        return before
    more = ledger.read(uow, name, now_ms, after=effective.last_seq, relay=relay)
    if not (more.rows or more.captured):
        return before
    films, pools = {**effective.films, **more.films}, {**effective.pools, **more.pools}
    grown = effective.grown(more.rows, more.captured, films, pools)
    edition = before.edition if max(pools, default=0) == max(effective.pools, default=0) else _edition(uow, grown)
    return evolve(before, effective=grown, edition=edition or before.edition)


def _open(effective: Effective, now_ms: int) -> int:
    """The first row whose captured segments may still come."""
    relays = [each.row.seq for each in effective.pieces if each.row.kind == "relay" and not each.finished(now_ms)]
    return min(relays, default=effective.last_seq + 1)


def _edition(uow: UnitOfWork, effective: Effective) -> Edition | None:
    """The slate's: it has every rung of the channel."""
    newest = max(effective.pools, default=0)
    slate = effective.pools[newest].slate if newest else None
    return uow.assets.edition(slate.asset, slate.rev) if slate else None
