"""The portal put together: its addresses, its start and stop, and the events that it takes from the outbox."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from attrs import field, frozen
from twisted.internet.defer import Deferred, DeferredLock
from twisted.logger import Logger

from keymap.families import DEFAULT, Families
from keymap.layers import Overrides
from middleware.clockwork import Timers
from middleware.domain.errors import DomainError
from middleware.portal import boxes, entry, placing
from middleware.portal.assets import add_statics
from middleware.portal.billing import Billing
from middleware.portal.boxes import Boxes
from middleware.portal.carried import PREFIX, Carried
from middleware.portal.core.core import Core
from middleware.portal.core.signing import Signer, keys_of
from middleware.portal.dialects import DialectSettings, adapters
from middleware.portal.entry import Entry
from middleware.portal.entry_page import ENTER
from middleware.portal.finding import Finder
from middleware.portal.forms import MAX_FORM, Forms
from middleware.portal.kept import KeptPages
from middleware.portal.key_layers import layered
from middleware.portal.media import Media
from middleware.portal.moments import Moments
from middleware.portal.notes import Notes
from middleware.portal.notices import Notices
from middleware.portal.pages import BoardLines
from middleware.portal.ports import Storage, together
from middleware.portal.profiles import Profiles
from middleware.portal.push import Push
from middleware.portal.recordings import Recordings
from middleware.portal.reminding import Reminding
from middleware.portal.rules import Rules
from middleware.portal.seats import Seat, Seats
from middleware.portal.teach import Teaching
from middleware.portal.training import TrainingBox, add_training
from middleware.portal.unknown import UnknownKeys
from middleware.portal.viewing import Viewing
from middleware.services import key_changes
from middleware.services.ports import OutboxEvent
from middleware.web.routes import Routes
from middleware.web.values import Request, Response, json_, redirect
from portal_pages.admission import AGAIN
from portal_pages.facts import NoticeKind
from vod.library import Library

_KINDS: Final[Mapping[int, NoticeKind]] = {404: "404", 405: "404", 410: "404", 503: "busy"}
_LISTED: Final = frozenset({"RollcallOpened", "RollcallExtended", "RollcallClosed"})
_HOUSEHOLDS: Final = frozenset({"InvitationsRenewed", "InvitationsWithdrawn", "AttendanceMoved"})
TEACH_BODY: Final = 4096
MAG_HOMES: Final = ("/c/", "/c_/", "/client/", "/stalker_portal/c/", "/stalker_portal/c_/")
"""Addresses that MAG boxes are given as their portal (portal-ministra.md §9): our own pages."""


@frozen
class Settings:
    """What the operator decides. `overrides` maps a box (MAC, account, card, or a prefix ending in *) to a family.

    `demonstration` lets the query of /portal name a family and puts the training page at `/`, with `boxes`.
    """

    home: str = "live"
    hold_s: int = 25
    slot_s: int = 60
    public_url: str = ""
    overrides: Mapping[str, str] = field(factory=dict)
    keys: Overrides = Overrides()
    """Changes to the families' key tables, over what households taught."""
    demonstration: bool = False
    boxes: Sequence[TrainingBox] = ()
    rules: Rules = Rules()
    """What is decided about boxes that come in."""
    dialects: DialectSettings = DialectSettings()
    """What is decided about the boxes' own languages."""
    stream_key: bytes = field(factory=lambda: secrets.token_bytes(32), repr=False)
    """Signs links to streams; without one they end with the process."""
    address_keys: Mapping[str, str] = field(factory=lambda: keys_of(lambda _: secrets.token_bytes(32), 0), repr=False)
    """Sign addresses of films and channels; `address_key` is the number of the newest."""
    address_key: int = 0
    lists: Mapping[str, str] = field(factory=dict)
    """Key families whose lists tell more or less than their player is known to take."""
    pictures: Mapping[str, bytes] = field(factory=dict)
    """File names (`lake.jpg`) and bytes of the demonstration's pictures."""


class Portal:
    """Everything that boxes ask for. `key` signs their tokens; `timers` and `seconds` (epoch) are the reactor's."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        library: Library,
        families: Families,
        key: bytes,
        now: Callable[[], datetime],
        timers: Timers,
        seconds: Callable[[], float],
        settings: Settings | None = None,
    ) -> None:
        settings = settings or Settings()
        public = urlsplit(settings.public_url).netloc
        demonstration = settings.demonstration
        self._settings = settings
        self._families = families
        self._storage = storage
        self._library = library
        self._now = now
        self._order = DeferredLock()
        moments = Moments(now, seconds)
        signer = Signer(settings.address_keys, seconds, settings.address_key)
        self.media = Media(storage, library, timers, seconds, signer, settings.lists)
        writing = storage.batch(together, "entries of boxes")
        profiles = self._profiles = Profiles(
            families, overrides=settings.keys, hold_s=settings.hold_s, slot_s=settings.slot_s, plays=demonstration
        )
        rules = settings.rules
        self._notices = Notices(profiles, moments, rules.hotline)
        self.seats = Seats(storage, key, now, seconds, profiles, demonstration=demonstration, one_entry=rules.one_entry)
        self.push = Push(storage, now, timers, seconds, settings.hold_s)
        self.kept = KeptPages(seconds)
        self.unknown = UnknownKeys(profiles, self.seats, seconds)
        self.core = Core(storage, settings.stream_key, now, timers, seconds, settings.dialects.core)
        notes, seen, self._finder = Notes(self.core, self.seats), self.core.presence.seen, Finder()
        self._reminding = Reminding(storage, now, timers, self._wake)
        self._viewing = Viewing(
            storage,
            self.seats,
            self.push,
            moments,
            self._notices,
            BoardLines(),
            self._finder,
            self.kept,
            Recordings(self.core),
            self.unknown.wants_teaching,
            writing,
            notes,
            seen,
            home=settings.home,
            hotline=rules.hotline,
            led=self.media.led,
        )
        self._forms = Forms(
            storage,
            self.seats,
            moments,
            self._notices,
            writing,
            notes,
            self._reminded,
            home=settings.home,
            public=public,
        )
        self._boxes = Boxes(storage, self.seats, self.push, self.kept, notes, self._reminding, seen, now, public=public)
        self._teaching = Teaching(
            storage,
            self.seats,
            moments,
            self._notices,
            profiles,
            lambda page, seat: self._viewing.filled(page, seat),
            public=public,
        )
        self._entry = Entry(
            storage,
            key,
            now,
            profiles,
            self.seats,
            entry.choices(settings.overrides),
            self._notices,
            writing,
            Billing(rules.confirm, seconds),
            self.core.throttle.newcomer,
            rules,
            demonstration=demonstration,
            secure=settings.public_url.startswith("https://"),
        )
        self._adapters = adapters(self.core, self.media, key, settings.dialects)

    def routes(self, routes: Routes) -> None:
        """Register every address of the portal."""
        routes.exact("GET", "/portal", self._entry.portal)
        routes.exact("GET", ENTER, self._entry.enter)
        for address in MAG_HOMES:
            routes.exact("GET", address, self._entry.magbox)
        self._pages(routes)
        carrying = Routes()
        self._pages(carrying)
        carried = Carried(carrying)
        self.media.routes(routes, carried.answer)
        routes.prefix("POST", PREFIX, carried.answer, max_body=TEACH_BODY)
        routes.exact("GET", "/favicon.ico", boxes.ping)
        routes.exact("GET", "/healthz", self.health)
        for adapter in self._adapters:
            adapter.routes(routes)
        add_statics(routes, self._settings.pictures)
        if self._settings.demonstration:
            add_training(routes, self._families, self._settings.boxes)
        elif not self._settings.dialects.ministra.enabled:  # else `/` may be its API
            routes.exact("GET", "/", lambda _request: redirect("/portal"))

    def _pages(self, routes: Routes) -> None:
        """The addresses that belong to a box: by its cookie, or behind its token (carried.py)."""
        routes.exact("GET", f"/p/{AGAIN}", self._entry.again)
        routes.prefix("GET", "/p/", self._viewing.page)
        routes.prefix("POST", "/p/", self._forms.post, max_body=MAX_FORM)
        routes.exact("GET", "/poll", self._boxes.poll)
        routes.exact("POST", "/invite", self._boxes.invite, max_body=MAX_FORM)
        routes.exact("POST", "/seen", self._boxes.seen, max_body=MAX_FORM)
        routes.exact("POST", "/heard", self._boxes.heard, max_body=MAX_FORM)
        routes.exact("GET", "/k", self.unknown.report)
        routes.exact("GET", "/ping", boxes.ping)
        routes.exact("GET", "/teach", self._teaching.page)
        routes.exact("POST", "/teach", self._teaching.press, max_body=TEACH_BODY)

    async def start(self) -> None:
        """Read the invitations that stand, and begin to push; what the first viewer needs is made ready."""
        await self._read_keys()
        await self._viewing.warm(self._profiles.box(DEFAULT, {}))
        await self.core.start()
        await self.media.air.start()
        await self.push.start()
        self._reminding.start()

    def stop(self) -> None:
        """Push no more."""
        self._reminding.stop()
        self.media.air.stop()
        self.push.stop()
        self.core.stop()

    def tell(self, event: OutboxEvent) -> None:
        """Take an event from the outbox, in its order: forget what it makes stale, tell the televisions."""
        self.core.tell(event)
        self.media.air.tell(event)
        if event.kind == "LedgerGrown":
            return
        if event.kind == "DeviceChanged":
            self._box_changed(event.body["device"])
            return
        if event.kind == "BoxEventsQueued":
            self._wake(event.body["devices"])
            return
        if event.kind == "AccountChanged":
            for device in event.body["devices"]:
                self._box_changed(device)
            return
        if event.kind == "ContentChanged":
            self._content(event.body["noun"])
            return
        if event.kind in _LISTED:
            self._viewing.stale()
        elif event.kind in _HOUSEHOLDS:
            for household in event.body["households"]:
                self.kept.stale_for(household)
        telling = self._order.run(lambda: Deferred.fromCoroutine(self.push.tell(event)))
        telling.addErrback(lambda failure: self._log.failure("an event could not be told to boxes", failure))

    def _reminded(self, device: int) -> None:
        """The reminders of a box have changed."""
        self._viewing.reminded(device)
        self._reminding.nudge()

    def _wake(self, devices: Iterable[int]) -> None:
        """Something waits for these boxes."""
        known = (self.seats.known(device) for device in devices)
        self.push.later(partial(self._boxes.deliver, seat) for seat in known if seat is not None)

    def _box_changed(self, device: int) -> None:
        """A box was written: it is read again, and its page fetched anew if it now sees something else."""
        before = self.seats.known(device)
        self.seats.forget(device)
        if before is not None and self.push.holds(before):
            looking = Deferred.fromCoroutine(self._look_again(before))
            looking.addErrback(lambda failure: self._log.failure("a changed box could not be read", failure))

    async def _look_again(self, before: Seat) -> None:
        now = self._now()
        place = await self._storage.run(lambda uow: placing.place(uow, now, before.device), "changed box", write=False)
        if place is None or not _same(before, place):
            self.push.reload(before)

    async def _read_keys(self) -> None:
        """Lay the operator's changes to key families over those of the settings; seats are made anew with them."""
        stored = await self._storage.run(key_changes.listed, "changed keys", write=False)
        self._profiles.change(layered(self._families, self._settings.keys, stored))
        self.seats.forget_all()

    def _content(self, noun: str) -> None:
        if noun == key_changes.NOUN:
            reading = Deferred.fromCoroutine(self._read_keys())
            reading.addErrback(lambda failure: self._log.failure("changed keys could not be read", failure))
            return
        if noun == "package":
            self.seats.forget_all()
        self._viewing.stale()
        if noun in {"channel", "programme", "asset"}:
            self._finder.stale()
        if noun == "asset":
            self.media.films.stale()

    def error_page(self, status: int) -> Response:
        """The page for 404, 405, 500 and 503 when nothing is known of who asked."""
        return self._notices.plain(_KINDS.get(status, "500"), status)

    def map_error(self, error: BaseException) -> Response | None:
        """The page for a refusal; None for a fault of ours."""
        return self._notices.refusal(None, error) if isinstance(error, DomainError) else None

    async def health(self, _request: Request) -> Response:
        """State of database and library and counts of what is in memory; 503 when one of them is not there."""
        counts = {
            "boxes": len(self.seats),
            "parked": self.push.parked,
            "pages": len(self.kept),
            "rendered": self.kept.made,
            "unknown_keys": len(self.unknown.tally.counts),
            **self.core.counts(),
        }
        library = "ok" if self._library.folder(0, 0).parent.is_dir() else "missing"
        database = "ok"
        try:
            await self._storage.run(lambda uow: uow.outbox.last(), "health", write=False)
        except DomainError as error:
            database = error.code
        channels = self.media.air.fault or "ok"
        well = database == library == channels == "ok"
        parts = {"database": database, "library": library, "channels": channels}
        state = {"status": "ok" if well else "down", **parts, "counts": counts}
        return json_(state, 200 if well else 503)


def _same(before: Seat, place: placing.Place) -> bool:
    """Whether a box sees what it saw before."""
    device = place.placed.device
    now = (place.state, device.household_id, place.words, place.entitled)
    return now == (before.state, before.household, before.words, before.entitled)
