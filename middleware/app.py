"""The composition root: the only module that sees every part, and gives each just the functions it uses."""

import os
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from secrets import token_hex
from typing import Any, Final

from attrs import evolve, frozen
from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger

from keymap.families import Families, shipped
from keymap.layers import BadOverride, Override, Overrides, add
from middleware.admin.office import KeyCount, Office, Sending
from middleware.chores import Chore, do_each
from middleware.clockwork import Clockwork
from middleware.config import BadConfig, Config, Fault
from middleware.demo import start, summary
from middleware.demo.start import Offered, Place
from middleware.garbage import EVERY, Garbage
from middleware.headend import timekeeping
from middleware.headend.channel import Channels
from middleware.headend.faces import Faces
from middleware.headend.fetching import Fetcher
from middleware.headend.incoming import Incoming, node_of
from middleware.headend.ingest_desk import Budgeted
from middleware.headend.ingesting import Ingesting, Packing
from middleware.headend.library_check import LibraryCheck
from middleware.headend.outputs import Outputs
from middleware.headend.playout import OnAir, Playouts
from middleware.headend.relay import Means, Relays
from middleware.headend.uploads import Uploading
from middleware.portal import previewing
from middleware.portal.billing import by_http
from middleware.portal.core.signing import keys_of
from middleware.portal.dialects import DialectSettings
from middleware.portal.portal import Portal, Settings
from middleware.portal.rest.api import Rest
from middleware.portal.rules import Rules
from middleware.portal.training import TrainingBox
from middleware.portal.unknown import UnknownKeys
from middleware.publisher import Publisher
from middleware.services import (
    asset_window,
    assets,
    box_events,
    box_upkeep,
    guide_upkeep,
    jobs,
    ledger,
    plan_stand_in,
    relays,
    rollcall,
)
from middleware.services.ports import OutboxEvent
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from middleware.web.edge import Limits, make_site
from middleware.web.listening import Listener, listen
from middleware.web.routes import Routes
from vod import packaging
from vod.library import Library

GRACE_S: Final = 3.0
"""How long answers under way may take at a stop; televisions ask again."""
HOUSEKEEPING: Final = timedelta(minutes=10)
KEPT_EVENTS: Final = 1000
_ANY: Final = "/v/any"
"""Signed otherwise when demo.json must be written anew."""
SPARE_FILES: Final = 512
"""Descriptors kept for films, the database and the log."""

Now = Callable[[], datetime]


@frozen
class Demonstration:
    """What only a demonstration has: demo.json, boxes on the training page, the drawn pictures of the articles."""

    place: Place
    boxes: Sequence[Offered] = ()


class App:
    """The running town. Made by `build`; `start` opens the port, `stop` closes everything in order."""

    _log = Logger()

    def __init__(
        self,
        config: Config,
        reactor: Any,
        now: Now,
        store: Store,
        library: Library,
        portal: Portal,
        demonstration: Demonstration | None,
    ) -> None:
        self._config = config
        self._reactor = reactor
        self._now = now
        self._store = store
        self._library = library
        self._library_check = LibraryCheck(store, library, now, self._in_thread)
        self._portal = portal
        self._demonstration = demonstration
        self._told = portal.media.signer.signed(_ANY)
        self.routes = Routes()
        self._clock = Clockwork(reactor, now, self._due)
        self._shelves = Clockwork(reactor, now, self._turn_shelves)
        self._unplanned = Clockwork(reactor, now, self._stand_in)
        self._messages = Clockwork(reactor, now, self._messages_due)
        self._messages_told = now()
        self._trash = timedelta(days=config.video.trash_days)
        self._clock_kept: bool | None = None
        self._publisher = Publisher(reactor, self._events, self._tell)
        self._housekeeping = LoopingCall(self._keep_house)
        self._housekeeping.clock = reactor
        self._checking = LoopingCall(self._check_library)
        self._checking.clock = reactor
        self._garbage = Garbage(now)
        self._collecting = LoopingCall(self._garbage.collect)
        self._collecting.clock = reactor
        self._playouts = Playouts(store, now, reactor, self._in_thread)
        self._fetcher = Fetcher(store, now, reactor, self._in_thread, config.data)
        self._ingesting = _ingesting(config, store, now, reactor, self._in_thread)
        budgeted = Budgeted(config.data, config.video.budget_gb << 30)
        node = node_of(config.data)
        self.uploads = Uploading(store, budgeted, now, self._in_thread, config.data / "uploads", node)
        self._channels = Channels(store, now, reactor, f"{node_of(config.data)} {token_hex(4)}")
        self._relays = Relays(
            Means(store, library, reactor, now, self._channels.fence, self._in_thread, config.video.preset),
            lambda: self._channels.names,
        )
        self._faces = Faces(
            store, now, reactor.seconds, self._in_thread, config.server.public_url, portal.media.signer.signed
        )
        self._faces.routes(self.routes)
        self._outputs = Outputs(
            store, now, reactor, self._in_thread, config.guide.outputs, self._faces.whole, lambda: self._playouts.on_air
        )
        self._listener: Listener | None = None
        store.on_commit(self._publisher.nudge)

    async def start(self, host: str, port: int) -> Listener:
        """Begin to serve; returns the open port. Raises PortBusy, CannotListen, StorageError."""
        last = await self._store.run(lambda uow: uow.outbox.last(), "newest event", write=False)
        await self.uploads.start()
        await self._portal.start()
        await self._playouts.start()
        self._publisher.start(last)
        site = make_site(
            self.routes,
            self._reactor,
            error_page=self._portal.error_page,
            map_error=self._portal.map_error,
            limits=Limits(connections=connections(self._config.server.max_connections)),
            proxied=bool(self._config.server.public_url),
        )
        self._listener = listen(self._reactor, site, host, port, self._config.server.ports)
        self._clock.start()
        self._shelves.start()
        self._unplanned.start()
        self._messages.start()
        self._channels.start()
        self._relays.start()
        self._housekeeping.start(HOUSEKEEPING.total_seconds(), now=True)
        self._checking.start(HOUSEKEEPING.total_seconds(), now=True)
        self._fetcher.start()
        self._outputs.start()
        await self._ingesting.start()
        self._garbage.begin()
        self._collecting.start(EVERY.total_seconds(), now=False)
        return self._listener

    async def stop(self) -> None:
        """Listen no more, let waiters go, finish what was begun, close the store."""
        if self._listener is not None:
            await self._listener.stop(GRACE_S)
        for each in (self._housekeeping, self._checking, self._collecting):
            if each.running:
                each.stop()
        self._library_check.stop()
        await self._publisher.stop()  # first: what stops must not be told of events that begin it anew
        self._fetcher.stop()
        self._outputs.stop()
        await self._ingesting.stop()
        await self._clock.stop()
        await self._shelves.stop()
        await self._unplanned.stop()
        await self._messages.stop()
        self._relays.stop()
        await self._channels.stop()
        self._portal.stop()
        self._playouts.stop()
        self._store.close()

    @property
    def fetcher(self) -> Fetcher:
        """What fetches sources of the guide."""
        return self._fetcher

    def sending(self) -> tuple[Sending, ...]:
        """The carousels that are on the air."""
        return tuple(_sending(one) for one in self._playouts.on_air.values())

    def packaging(self) -> Mapping[int, float]:
        """How far films are that are packaged now, 0 to 1 by job."""
        return {number: each.fraction for number, each in self._ingesting.progress.items()}

    def _in_thread(self, work: Callable[[], Any]) -> "Deferred[Any]":
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), work)

    async def _due(self, now: datetime) -> datetime | None:
        return await self._store.run(lambda uow: rollcall.run_due(uow, now), "deadlines")

    async def _turn_shelves(self, now: datetime) -> datetime | None:
        return await self._store.run(lambda uow: asset_window.turn(uow, now), "films whose time has come")

    async def _messages_due(self, now: datetime) -> datetime | None:
        """Tell of planned messages that are due; those of before the start were found with all that waits."""
        since = self._messages_told
        following = await self._store.run(lambda uow: box_events.due(uow, since, now), "planned messages")
        self._messages_told = max(since, now)
        return following

    async def _stand_in(self, now: datetime) -> None:
        """Fill the guide where a day should have been approved by now; writes nothing while nothing is wanting."""
        if await self._store.run(lambda uow: plan_stand_in.wanting(uow, now), "unapproved days", write=False):
            await self._store.run(lambda uow: plan_stand_in.turn(uow, now), "filler of unapproved days")

    async def _events(self, cursor: int) -> Sequence[OutboxEvent]:
        return await self._store.run(lambda uow: uow.outbox.after(cursor), "events", write=False)

    def _tell(self, event: OutboxEvent) -> None:
        self._portal.tell(event)
        self._playouts.tell(event)
        self._channels.tell(event)
        self._faces.tell(event)
        self._ingesting.tell(event)
        if event.kind == "ContentChanged" and event.body["noun"] == "asset":
            self._shelves.nudge()
        if event.kind == "ContentChanged" and event.body["noun"] == "channel" and self._demonstration is not None:
            writing = Deferred.fromCoroutine(self._write_down(self._demonstration.place))
            writing.addErrback(lambda failure: self._log.failure("demo.json could not be written", failure))
        if event.kind.startswith("Rollcall"):
            self._clock.nudge()

    def _keep_house(self) -> "Deferred[None]":
        return Deferred.fromCoroutine(do_each(self._chores(), lambda: self._housekeeping.running))

    def _chores(self) -> Iterator[Chore]:
        """What is done every ten minutes."""
        now, purge, cursor = self._now, self._library.purge, self._publisher.cursor
        kept = timedelta(days=self._config.guide.keep_days)
        writes: dict[str, Callable[[SqlUnitOfWork], object]] = {
            "pruning the outbox": lambda uow: _prune(uow, cursor),
            "pruning what boxes left": lambda uow: box_upkeep.prune(uow, now()),
            "pruning jobs": lambda uow: jobs.prune(uow, now()),
            "pruning the guide": lambda uow: guide_upkeep.prune(uow, now(), kept),
            "pruning what channels showed": lambda uow: ledger.prune(uow, now()),
            "ending old recordings": lambda uow: relays.tidy(uow, now(), purge),
        }
        for name, work in writes.items():
            yield name, partial(self._store.run, work, name)
        yield "asking whether the clock is kept", self._ask_clock
        yield "sweeping uploads", self.uploads.sweep
        yield "emptying the trash", self._empty_trash
        yield "sweeping the library", partial(self._in_thread, self._library.sweep)
        if self._demonstration is not None:
            yield "looking after the demonstration", partial(self._look_after, self._demonstration.place)

    async def _ask_clock(self) -> None:
        before, self._clock_kept = self._clock_kept, timekeeping.kept()
        if self._clock_kept is False and before is not False:
            self._log.warn("no time server keeps the clock of this machine: programmes will start at the wrong second")

    async def _empty_trash(self) -> None:
        gone = await self._store.run(
            lambda uow: assets.purge_due(uow, self._now(), self._library.purge, kept=self._trash), "empty the trash"
        )
        for asset in gone:
            self._log.info("the files of film {film} are gone, its time in the trash is over", film=asset.key)

    def _check_library(self) -> "Deferred[Any]":
        """By itself, for it reads for hours."""
        checking = Deferred.fromCoroutine(self._library_check.nightly())
        return checking.addErrback(lambda failure: self._log.failure("the films could not be checked", failure))

    async def _look_after(self, place: Place) -> None:
        """Keep a roll-call open and the guide at today, as long as the demonstration runs."""
        opened = await self._store.run(
            lambda uow: start.while_running(uow, self._now()), "look after the demonstration"
        )
        if opened or self._told != self._portal.media.signer.signed(_ANY):
            await self._write_down(place)

    async def _write_down(self, place: Place) -> None:
        """Let demo.json tell what is true now: signatures last for a day, and a channel begins to play out."""
        self._told = self._portal.media.signer.signed(_ANY)
        telling = start.content(place, self._portal.media.signer.signed)
        content = await self._store.run(telling, "demo.json", write=False)
        await self._in_thread(lambda: summary.keep(self._config.data, content))


def build(config: Config, reactor: Any, now: Now, *, vault: Vault, demonstration: Demonstration | None = None) -> App:
    """Open what is kept and put the parts together; nothing listens yet.

    Raises BadConfig for a key family that does not exist, StorageError and OSError for a data folder of no use.
    """
    families = shipped()
    keys = key_changes(config, families)
    library = Library(config.data)
    library.prepare()
    store = Store.open(config.database_url, vault=vault, reactor=reactor, threads=config.database.threads)
    portal = Portal(
        store,
        library,
        families,
        store.vault.signing_key("session"),
        now,
        reactor,
        reactor.seconds,
        _portal_settings(config, store.vault, keys, demonstration, reactor),
    )
    app = App(config, reactor, now, store, library, portal, demonstration)
    app.uploads.prepare()
    portal.routes(app.routes)
    if config.rest.enabled:
        Rest(store, now, reactor.seconds, app.packaging, app.uploads).routes(app.routes)
    office = _office(config, now, store, portal.unknown, families)
    evolve(office, fetching=app.fetcher, on_air=app.sending, television=previewing).routes(app.routes)
    return app


def _ingesting(config: Config, store: Store, now: Now, reactor: Any, in_thread: Callable[..., Any]) -> Ingesting:
    video = config.video
    packing = Packing(
        node=node_of(config.data),
        settings=packaging.Settings.chosen(video),
        workers=video.workers or max(1, (os.cpu_count() or 1) // 2),
        keep_sources=video.keep_sources,
    )
    columns = (*assets.COLUMNS, assets.CHANNEL)
    incoming = Incoming(config.data / "incoming", columns, time.monotonic) if video.watch else None
    library = Budgeted(config.data, video.budget_gb << 30)
    return Ingesting(store, library, now, reactor, in_thread, packing, config.data / "work", incoming)


def connections(wanted: int) -> int:
    """How many connections can be served at once: as many as wanted, or as the system's limit of open files allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted + SPARE_FILES if hard == resource.RLIM_INFINITY else min(wanted + SPARE_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return wanted if soft == resource.RLIM_INFINITY else max(10, min(wanted, soft - SPARE_FILES))


def _portal_settings(
    config: Config, vault: Vault, keys: Overrides, demonstration: Demonstration | None, reactor: Any
) -> Settings:
    return Settings(
        home=config.portal.home,
        hold_s=config.portal.hold_s,
        slot_s=config.portal.slot_s,
        public_url=config.server.public_url,
        overrides=config.portal.overrides,
        keys=keys,
        rules=_rules(config, reactor, demonstration=demonstration is not None),
        demonstration=demonstration is not None,
        boxes=[TrainingBox(box.mac, box.label) for box in demonstration.boxes] if demonstration else (),
        pictures=_pictures() if demonstration else {},
        dialects=DialectSettings(
            config.devices,
            config.ministra,
            config.ctc,
            config.streams,
            config.server.public_url,
            logos=_pictures("logos", ".png") if demonstration else {},
            logo_folder=config.data / "logos",
        ),
        stream_key=vault.signing_key("stream"),
        address_keys=keys_of(vault.signing_key, config.streams.address_key),
        address_key=config.streams.address_key,
        lists=config.portal.lists,
    )


def _rules(config: Config, reactor: Any, *, demonstration: bool) -> Rules:
    """What is decided about boxes that come in; the demonstration's remotes share the boxes of its town."""
    devices = config.devices
    return Rules(
        devices.unknown,  # type: ignore[arg-type]  # one of the three, as the settings were checked
        devices.binding,  # type: ignore[arg-type]
        devices.hotline,
        devices.one_entry and not demonstration,
        by_http(reactor, devices.confirm_url) if devices.confirm_url else None,
    )


def _pictures(folder: str = "", ending: str = ".jpg") -> dict[str, bytes]:
    place = files("middleware.demo") / "pictures" / folder
    return {entry.name: entry.read_bytes() for entry in place.iterdir() if entry.name.endswith(ending)}


def _office(config: Config, now: Now, store: Store, unknown: UnknownKeys, families: Families) -> Office:
    return Office(
        store,
        now,
        store.vault.signing_key("staff"),
        town=config.portal.town,
        families=tuple((family.name, family.title) for family in families.values()),
        unknown_keys=lambda: _counts(unknown),
        secure=config.server.public_url.startswith("https://"),
        minutes=config.rollcall.minutes,
        late_minutes=config.rollcall.late_after,
    )


def _sending(one: OnAir) -> Sending:
    sender, output = one.sender, one.network.output
    return Sending(one.network.name, output.address, output.rate, sender.sent, sender.failed, sender.restarted)


def _counts(unknown: UnknownKeys) -> tuple[KeyCount, ...]:
    counts = sorted(unknown.tally.counts.items(), key=lambda item: -item[1])
    return tuple(KeyCount(code.profile, code.code, code.hook, count) for code, count in counts)


def key_changes(config: Config, families: Families) -> Overrides:
    """The operator's changes to key families. Raises BadConfig naming every one that cannot stand."""
    faults = [
        Fault(f"portal.overrides.{box}", f"there is no key family {name!r}")
        for box, name in config.portal.overrides.items()
        if name not in families
    ]
    found = Overrides()
    for name, changes in config.portal.keys.items():
        family, _, group = name.partition("@")
        try:
            found = add(families, found, Override(f"settings {name}", family, tuple(changes.items()), group))
        except BadOverride as error:
            faults.extend(Fault(f"portal.keys.{name}", reason) for reason in error.reasons)
    if faults:
        raise BadConfig(tuple(faults))
    return found


def _prune(uow: SqlUnitOfWork, cursor: int) -> int:
    told = [event.seq for event in uow.outbox.waiting() if event.seq <= cursor]
    uow.outbox.dispatched(told)
    return uow.outbox.prune(KEPT_EVENTS)
