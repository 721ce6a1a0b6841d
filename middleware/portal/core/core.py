"""What all dialects and our pages ask: who is this box, what may it see, what is on, and what waits for it."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.clockwork import Call, Timers
from middleware.domain.box_logs import Clone
from middleware.domain.devices import Identities
from middleware.domain.packages import Entitled
from middleware.domain.tokens import Kind
from middleware.portal.core.events import BoxEvents
from middleware.portal.core.lineups import Lineups, Way
from middleware.portal.core.links import Links
from middleware.portal.core.presence import Presences
from middleware.portal.core.schedules import OnAir, Schedules
from middleware.portal.core.sessions import Session, Sessions, note_used
from middleware.portal.core.throttle import Throttle
from middleware.portal.ports import Storage, Work, together
from middleware.services import devices, sessions
from middleware.services.lineup import Lineup
from middleware.services.ports import Airing, OutboxEvent, UnitOfWork
from middleware.services.standing import let_in_since

T = TypeVar("T")
SNAPSHOT_S: Final = 60.0
NEWS: Final = timedelta(days=1)
"""A box that was let in longer ago has been switched on since."""
AT_ONCE: Final = 500
"""Rows of presence in one writing, so that sign-ins need not wait for those of a town."""


@frozen
class CoreSettings:
    """What the operator decides about boxes; `unknown` is "pending", "login" or "refuse"."""

    unknown: str = "pending"
    per_hour: int = 200
    watchdog_s: int = 120
    open_s: int = 60
    per_account: int = 0


class Core:
    """Knows no wire format. `key` signs links to streams, `seconds` are epoch seconds of the clock of `timers`."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        key: bytes,
        now: Callable[[], datetime],
        timers: Timers,
        seconds: Callable[[], float],
        settings: CoreSettings | None = None,
    ) -> None:
        self.settings = settings = settings or CoreSettings()
        self.now = now
        self.seconds = seconds
        self._storage = storage
        self._timers = timers
        self._batch = storage.batch(together, "boxes")
        self._snapshot: Call | None = None
        self.film_version = 0
        self.let_in: set[int] = set()
        """Boxes let in shortly before the start: nobody knows whether they were told."""
        self._sessions = Sessions(storage, now, seconds, login=settings.unknown == "login")
        self._lineups = Lineups(storage)
        self._schedules = Schedules(storage)
        self.throttle = Throttle(seconds, per_hour=settings.per_hour)
        self.presence = Presences(seconds, settings.watchdog_s, self._cloned)
        self.events = BoxEvents(now, seconds, self.write, self.write)
        self.links = Links(
            key,
            seconds,
            self._lineups,
            self._sessions,
            open_s=settings.open_s,
            per_account=settings.per_account,
        )

    # --- life ---

    async def start(self) -> None:
        """Learn for which boxes something waits; write from now on, once a minute, which boxes are on."""
        now = self.now()
        self.let_in = set(await self.read(lambda uow: let_in_since(uow, now - NEWS), "boxes let in"))
        waiting = await self.read(lambda uow: uow.box_events.devices_waiting(now), "boxes with events")
        self.events.queued(waiting)
        self._later()

    def stop(self) -> None:
        """Write no more snapshots."""
        if self._snapshot is not None and self._snapshot.active():
            self._snapshot.cancel()
        self._snapshot = None

    def tell(self, event: OutboxEvent) -> None:
        """Forget what an event, of this process or another, makes stale."""
        match event.kind:
            case "DeviceChanged":
                self._sessions.forget(event.body["device"])
            case "AccountChanged":
                for device in event.body["devices"]:
                    self._sessions.forget(device)
            case "BoxEventsQueued":
                self.events.queued(event.body["devices"])
            case "ContentChanged":
                self._content(event.body["noun"])

    def _content(self, noun: str) -> None:
        if noun == "package":
            self._sessions.forget_all()
        if noun in {"package", "channel"}:
            self._lineups.stale()
        if noun in {"programme", "channel"}:
            self._schedules.stale()
        if noun == "asset":
            self.film_version += 1

    def counts(self) -> Mapping[str, int]:
        """What is in memory, for the health page."""
        return {
            "sessions": len(self._sessions),
            "online": self.presence.count(),
            "waiting_events": len(self.events),
            "streams": self.links.playing(),
        }

    # --- storage ---

    def read(self, fn: Callable[[UnitOfWork], T], name: str = "") -> "Deferred[T]":
        """Run `fn(uow)` in a transaction that writes nothing."""
        return self._storage.run(fn, name, write=False)

    def write(self, fn: Callable[[UnitOfWork], T], name: str = "") -> "Deferred[T]":  # noqa: ARG002 (says what it is)
        """Run `fn(uow)` together with the small writings of others; fires when it is durable."""
        written: Deferred[T] = self._batch.submit(fn)
        return written

    # --- who is it ---

    def at_hand(self, kind: Kind, token: str) -> Session | None:
        """The box that holds this token, if it is in memory."""
        return self._sessions.at_hand(kind, token)

    async def session(self, kind: Kind, token: str, client: str = "") -> Session | None:
        """The box that holds this token; None for a token that nobody holds."""
        known = self._sessions.at_hand(kind, token)
        if known is not None or self.throttle.guessing(client):
            return known
        found = await self._sessions.of(kind, token)
        if found is None and client:
            self.throttle.guessed(client)
        return found

    async def box(self, device: int) -> Session | None:
        """What is known of a box by its id."""
        return await self._sessions.box(device)

    async def known(self, identities: Identities) -> Session | None:
        """The box with one of these names; names that it did not tell before are kept. None when it is unknown."""
        device, learns = await self.read(lambda uow: _look_up(uow, identities), "known box")
        if device is None:
            return None
        if learns:
            await self.write(lambda uow: devices.boot(uow, self.now(), identities))
            self._sessions.forget(device)
        return await self._sessions.box(device)

    async def register(self, identities: Identities, client: str) -> Session | None:
        """Register a box as pending; None when strangers are refused, or too many came within the hour."""
        if self.settings.unknown == "refuse" or not self.throttle.newcomer(client):
            return None
        boot = await self.write(lambda uow: devices.boot(uow, self.now(), identities))
        return await self._sessions.box(boot.device.id)

    async def bind(self, kind: Kind, token: str, device: int) -> None:
        """Make a token the live one of a box; durable, and older ones of this kind are good no more."""
        await self.write(lambda uow: sessions.bind(uow, self.now(), device, kind, token))
        self._sessions.bound(kind, token, device)

    async def bind_pair(self, device: int, jsession: str, usertoken: str) -> None:
        """Make both tokens of one CTC log-in the live ones of a box."""
        await self.write(lambda uow: sessions.bind_pair(uow, self.now(), device, jsession, usertoken))
        self._sessions.bound("jsession", jsession, device)
        self._sessions.bound("usertoken", usertoken, device)

    def forget(self, device: int) -> None:
        """Read a box again at its next call."""
        self._sessions.forget(device)

    # --- what is there to see ---

    @property
    def lineup_version(self) -> int:
        """Rises when line-ups may have changed: part of the key of whatever is made of them."""
        return self._lineups.version

    @property
    def guide_version(self) -> int:
        """Rises when programmes may have changed."""
        return self._schedules.version

    async def lineup(self, entitled: Entitled) -> Lineup:
        """The channels that such boxes see."""
        return await self._lineups.of(entitled)

    async def way(self, number: int) -> Way | None:
        """The channel, and the way to its picture, that the id of a link or of a channel names."""
        return await self._lineups.way(number)

    async def schedule(self, channel: int, start: datetime, stop: datetime) -> tuple[Airing, ...]:
        """What a channel shows at any instant of [start, stop): in order, without overlaps, slots joined."""
        return (await self._schedules.of((channel,), start, stop))[channel]

    async def schedules(
        self, channels: Collection[int], start: datetime, stop: datetime
    ) -> Mapping[int, tuple[Airing, ...]]:
        """The same for many channels, in one question to the store for what is not in memory."""
        return await self._schedules.of(channels, start, stop)

    async def now_next(self) -> Mapping[int, OnAir]:
        """Every channel's present and following programme."""
        return await self._schedules.on_air(self.now())

    # --- what is written by the way ---

    def _later(self) -> None:
        self._snapshot = self._timers.callLater(SNAPSHOT_S, self._write_down)

    def _write_down(self) -> None:
        self._later()
        seen = self.presence.to_write()
        for at in range(0, len(seen), AT_ONCE):
            self._quietly(partial(_put_presence, seen=seen[at : at + AT_ONCE]))
        used, self._sessions.used = frozenset(self._sessions.used), set()
        if used:
            self._quietly(partial(note_used, now=self.now(), tokens=used))

    def _cloned(self, clone: Clone) -> None:
        self._quietly(lambda uow: devices.note_clone(uow, clone))

    def _quietly(self, work: Work) -> None:
        lost: Callable[[Any], None] = lambda failure: self._log.warn(  # noqa: E731 (one line of log)
            "what a box did could not be noted: {why}", why=failure.getErrorMessage()
        )
        self.write(work).addErrback(lost)


def _look_up(uow: UnitOfWork, identities: Identities) -> tuple[int | None, bool]:
    """The id of the box with these names, and whether it told one that is not stored yet."""
    known = devices.known(uow, identities)
    if known is not None:
        return known.device.id, False
    found = uow.devices.matching(identities)
    return (found[0].id, True) if found else (None, False)


def _put_presence(uow: UnitOfWork, seen: list[Any]) -> None:
    uow.box_logs.put_presence(seen)
