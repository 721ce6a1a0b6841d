"""Service information on the air: every active network's carousel, kept at what the guide says now."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import Deferred, DeferredLock
from twisted.logger import Logger

from epg.si.carousel import Carousel
from epg.si.network import Network
from epg.si.tables import Built, build, next_change, resumed, turns, with_time
from middleware.clockwork import Call, Timers
from middleware.headend.ports import Storage
from middleware.headend.sending import BadAddress, Sender
from middleware.services import service_information as use
from middleware.services.ports import OutboxEvent

SETTLE_S: Final = 1.0
"""Edits that follow each other within this are one rebuild."""
ALARM_S: Final = 3600.0
_NOUNS: Final = frozenset({"programme", "channel", "network"})


@define
class OnAir:
    """One network's carousel and its sender."""

    network: Network
    carousel: Carousel
    sender: Sender
    built: Built
    lock: threading.Lock = field(factory=threading.Lock)

    def packets(self, count: int) -> list[bytes]:
        """The next packets; called by the sender's thread."""
        with self.lock:
            return self.carousel.packets(count)

    def replace(self, built: Built, now: Callable[[], datetime]) -> None:
        """Put other tables on; takes effect between two sections."""
        every = turns(built, now)
        with self.lock:
            self.carousel.replace(every)
        self.built = built


class Playouts:
    """Starts a carousel for each active network, follows the guide and the clock. `in_thread` runs long work."""

    _log = Logger()

    def __init__(
        self, storage: Storage, now: Callable[[], datetime], timers: Timers, in_thread: Callable[..., Any]
    ) -> None:
        self._storage = storage
        self._now = now
        self._timers = timers
        self._in_thread = in_thread
        self._on_air: dict[str, OnAir] = {}
        self._order = DeferredLock()
        self._settling: Call | None = None
        self._next: Call | None = None
        self._stopped = False

    @property
    def on_air(self) -> Mapping[str, OnAir]:
        """The carousels by the name of their network."""
        return self._on_air

    async def start(self) -> None:
        """Begin to send; a network that cannot be sent is told in the log and left out."""
        await self._order.run(lambda: Deferred.fromCoroutine(self._refresh()))

    def stop(self) -> None:
        """Send no more."""
        self._stopped = True
        for call in (self._settling, self._next):
            if call is not None and call.active():
                call.cancel()
        for one in self._on_air.values():
            one.sender.stop()
        self._on_air = {}

    def tell(self, event: OutboxEvent) -> None:
        """The guide, the line-up or a profile has changed: build anew when the edits have settled."""
        if event.kind == "ContentChanged" and event.body["noun"] in _NOUNS and not self._stopped:
            if self._settling is not None and self._settling.active():
                return
            self._settling = self._timers.callLater(SETTLE_S, lambda: self._run(self._refresh))

    def _run(self, work: Callable[[], Any]) -> None:
        done = self._order.run(lambda: Deferred.fromCoroutine(work()))
        done.addErrback(lambda failure: self._log.failure("service information could not be built", failure))

    async def _refresh(self) -> None:
        """Everything anew from the store: profiles, events, versions."""
        now = self._now()
        profiles = await self._storage.run(lambda uow: use.networks(uow, active_only=True), "networks", write=False)
        wanted = {one.name: one for one in profiles if one.output.address}
        for name in [name for name in self._on_air if name not in wanted]:
            self._on_air.pop(name).sender.stop()
        for profile in wanted.values():
            await self._build(profile, now)
        self._plan_next()

    async def _build(self, profile: Network, now: datetime) -> None:
        running = self._on_air.get(profile.name)
        events = await self._storage.run(lambda uow: use.schedules(uow, now, profile), "events of a network")
        if running is None:
            sent = await self._storage.run(lambda uow: use.sent_before(uow, profile.name), "versions", write=False)
            known = resumed(profile, sent, now)
        else:
            known = running.built
        built = await self._in_thread(lambda: build(profile, events, now, known))
        await self._put_on(profile, known, built)

    async def _put_on(self, profile: Network, before: Built, built: Built) -> None:
        """Versions are written down before anything of them is sent."""
        await self._storage.run(lambda uow: use.keep_versions(uow, before, built), "versions")
        if self._stopped:
            return
        running = self._on_air.get(profile.name)
        if running is not None and running.network.output != profile.output:
            running.sender.stop()
            del self._on_air[profile.name]
            running = None
        if running is None:
            running = self._started(profile, built)
        if running is not None:
            running.network = profile
            running.replace(built, self._now)
            self._warn(running)

    def _started(self, profile: Network, built: Built) -> OnAir | None:
        carousel = Carousel(profile.output.rate, profile.output.dense)
        made = OnAir(profile, carousel, Sender(profile.output, lambda count: made.packets(count)), built)
        made.replace(built, self._now)
        try:
            made.sender.start()
        except BadAddress as error:
            self._log.error("network {name} is not sent: {error}", name=profile.name, error=str(error))
            return None
        self._on_air[profile.name] = made
        return made

    def _warn(self, running: OnAir) -> None:
        load = running.carousel.load
        if load is not None and load.stretched:
            self._log.warn(
                "network {name}: {rate} bit/s are short of {wanted:.0f}; cycles in seconds by rank: {cycles}",
                name=running.network.name, rate=load.rate, wanted=load.wanted, cycles=dict(load.cycles),
            )  # fmt: skip
        for channel, tables in running.built.services.items():
            if tables.dropped:
                self._log.error(
                    "network {name}: {count} events of {channel} have no room in their segment",
                    name=running.network.name, count=len(tables.dropped), channel=channel,
                )  # fmt: skip

    def _plan_next(self) -> None:
        if self._next is not None and self._next.active():
            self._next.cancel()
        now = self._now()
        changes = [next_change(one.built, now) for one in self._on_air.values()]
        if changes and not self._stopped:
            wait = max(0.0, (min(changes) - now).total_seconds())
            self._next = self._timers.callLater(min(wait, ALARM_S), lambda: self._run(self._clock))

    async def _clock(self) -> None:
        """An event has started or ended, a segment or a day is over."""
        now = self._now()
        for running in list(self._on_air.values()):
            before = running.built
            later = await self._in_thread(lambda before=before: with_time(before, now))
            if before.begin != later.begin:  # another day: the horizon has moved, and with it what is told
                await self._build(running.network, now)
            else:
                await self._put_on(running.network, before, later)
        self._plan_next()
