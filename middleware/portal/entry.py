"""The way in: a box names itself, its household and key family are found, and it goes on with a token to home."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from keymap.boxes import Box, Choice, Verdict, match
from middleware.domain.devices import Device, Identities, parse_identities
from middleware.domain.errors import BadValue, StorageError
from middleware.portal import carried, session, tickets
from middleware.portal.billing import Billing
from middleware.portal.entry_page import ASKED, entry_page
from middleware.portal.limits import Buckets
from middleware.portal.notices import Notices
from middleware.portal.ports import Storage
from middleware.portal.profiles import Profiles
from middleware.portal.rules import Rules
from middleware.portal.seats import FAMILY_COOKIE, Seats
from middleware.portal.shared import Shared
from middleware.services import cards, devices
from middleware.services.cards import Arrival
from middleware.services.devices import Boot
from middleware.services.ports import UnitOfWork
from middleware.web.values import Request, Response, redirect, set_cookie
from portal_pages.admission import CODE

HOME: Final = "/p/home"
_NUMBER_PAGE: Final = f"/p/{CODE}"
_PLAIN: Final = re.compile(r"[\x20-\x7e]{0,120}")
_WORD: Final = re.compile(r"[A-Za-z]{1,24}")
_NUMBER: Final = re.compile(r"[0-9A-Za-z_\-]{1,32}")
_DIALECTS: Final = frozenset({"ministra", "ctc"})
_OBJECTS: Final = 4
"""Window objects that the entry page looks for."""
_SPELT: Final = {"caid": "card", "uid": "user"}
"""Other spellings of the names in the address; all of them in any case."""
_MANY: Final = 20.0
"""New boxes a second that are registered: a hostile sender must not fill the register."""


@frozen
class Shown:
    """A box that came in: its row, and its family with the reason for it."""

    device: Device
    verdict: Verdict


class Entry:
    """GET /portal and what follows it. `writing` takes small writings together; `secure` when boxes come by HTTPS."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        key: bytes,
        now: Callable[[], datetime],
        profiles: Profiles,
        seats: Seats,
        choices: tuple[Choice, ...],
        notices: Notices,
        writing: Any,
        billing: Billing,
        newcomer: Callable[[str], bool],
        rules: Rules,
        *,
        demonstration: bool,
        secure: bool = False,
    ) -> None:
        self._storage = storage
        self._key = key
        self._now = now
        self._profiles = profiles
        self._seats = seats
        self._choices = choices
        self._notices = notices
        self._writing = writing
        self._billing = billing
        self._newcomer = newcomer
        self._rules = rules
        self._demonstration = demonstration
        self._secure = secure
        self._boxes = Buckets(self._seconds, rate=2, burst=30)
        self._clients = Buckets(self._seconds, rate=5, burst=60)
        self._strangers = Buckets(self._seconds, rate=_MANY, burst=200)
        self._booting: Shared[Boot | None] = Shared()

    async def portal(self, request: Request) -> Response:
        """Let a box in by the names in its address or by its ticket, or ask it for more about itself."""
        query = _spelt(request.query)
        try:
            if tickets.FIELD in query:
                arrived = await self._by_ticket(request, query)
                if arrived is not None or not query.get("user"):
                    return arrived or self._notices.plain("unknown", 403)
            arrival = _arrival(request, query, strict=True)
            named = arrival is not None and (arrival.identities.mac or arrival.identities.serial)
            if not named and ASKED not in query:  # a card in an address can be typed: the box may know its MAC
                return entry_page(query)
            return await self._come(request, query, arrival)
        except BadValue:
            return self._notices.plain("unknown", 400)
        except StorageError:
            return self._notices.plain("busy", 503)

    async def enter(self, request: Request) -> Response:
        """Let a box in by what the entry page has found; names that no box has are passed over."""
        query = {**_spelt(request.query), ASKED: "1"}
        try:
            return await self._come(request, query, _arrival(request, query, strict=False))
        except StorageError:
            return self._notices.plain("busy", 503)

    async def again(self, request: Request) -> Response:
        """The box that was put out by another set with its names comes back, by the token that it still has."""
        shown = session.read(self._key, request.cookies.get(session.COOKIE, "")[:100], self._now())
        if shown is None or not shown.device or not self._boxes.take(shown.device):
            return redirect("/portal")
        try:
            device = await self._storage.run(lambda uow: uow.devices.get(shown.device), "box again", write=False)
            if device is None:
                return redirect("/portal")
            told = await self._in(request, _spelt(request.query), device)
        except StorageError:
            return self._notices.plain("busy", 503)
        return told

    def magbox(self, request: Request) -> Response:
        """The address that MAG boxes are given: our own pages, with their player and keys."""
        return entry_page({**_spelt(request.query), "dialect": "ministra"})

    # --- who is it ---

    async def _by_ticket(self, request: Request, query: Mapping[str, str]) -> Response | None:
        """A box that has just logged in over its own dialect; None for a stale ticket, which its home key keeps."""
        found = tickets.read(self._key, query[tickets.FIELD], self._now())
        device = None
        if found is not None:
            device = await self._storage.run(lambda uow: uow.devices.get(found), "box of a ticket", write=False)
        if device is None or not self._boxes.take(device.id):
            return None
        box = _box(request, {"dialect": "ctc", **query}, _names_of(device))
        return await self._in(request, query, (await self._of_family(device, box, query)).device)

    async def _come(self, request: Request, query: Mapping[str, str], arrival: Arrival | None) -> Response:
        if arrival is None:
            return self._guest(request, query)
        if not self._boxes.take(arrival.identities):
            return self._notices.plain("busy", 429)
        boot = await self._booting.get(arrival, lambda: self._boot(arrival))
        if boot is None:
            return self._refused(request, query, arrival)
        if boot.conflicts:
            names = ", ".join(boot.conflicts)
            self._log.warn("box {id} names itself otherwise than stored: {names}", id=boot.device.id, names=names)
        await self._note_model(boot.device, query.get("model", ""))
        shown = await self._of_family(boot.device, _box(request, query, arrival.identities), query)
        if shown.verdict.why == "default" and not shown.device.family and ASKED not in query:
            return entry_page(query)
        return await self._in(request, query, shown.device)

    async def _boot(self, arrival: Arrival) -> Boot | None:
        """Find the box, or register it; None when too many new ones come, or no name is left that it may go by."""
        look, found = await self._storage.run(lambda uow: cards.look(uow, arrival), "known box", write=False)
        if found is not None:
            return found
        if look in {"stranger", "guest"} and not self._clients.take(arrival.client):
            return None
        if look == "stranger" and not self._may_register(arrival.client):
            return None
        now, binding = self._now(), self._rules.binding
        return await self._storage.run(lambda uow: cards.come_in(uow, now, arrival, binding), "register box")

    def _may_register(self, client: str) -> bool:
        return self._rules.unknown != "refuse" and self._strangers.take("strangers") and self._newcomer(client)

    def _refused(self, request: Request, query: Mapping[str, str], arrival: Arrival) -> Response:
        """A box that goes only by another one's card or account sees what is public, as one that told no name does."""
        names = arrival.identities
        typed_only = not (names.mac or names.serial)
        if typed_only and self._clients.left(arrival.client):
            return self._guest(request, query)
        if self._rules.unknown == "refuse":
            return self._notices.plain("unknown", 403)
        return self._notices.plain("busy", 429)

    async def _of_family(self, device: Device, box: Box, query: Mapping[str, str]) -> Shown:
        taught = await self._storage.run(lambda uow: uow.devices.taught(device.id), "taught keys", write=False)
        verdict = match(self._profiles.families, box, self._choices, device.family if taught else "")
        if verdict.why == "default" and device.family in self._profiles.families:
            return Shown(device, Verdict(device.family, "default"))
        found = verdict.family != device.family and (verdict.why != "default" or ASKED in query)
        if found and not (self._demonstration and query.get("family")):
            device = await self._storage.run(
                lambda uow: devices.choose_family(uow, device.id, verdict.family), "choose family"
            )
            self._seats.forget(device.id)
        return Shown(device, verdict)

    async def _note_model(self, device: Device, model: str) -> None:
        """Keep the model that a box tells of itself; it tells the same at every start."""
        model = model[:64].strip()
        if _PLAIN.fullmatch(model) and model not in {"", device.model}:
            version = device.version
            await self._storage.run(lambda uow: devices.note_model(uow, device.id, model, version), "box's model")

    # --- in ---

    def _guest(self, request: Request, query: Mapping[str, str]) -> Response:
        """Let somebody in who told no name: the public boards, nothing of any household."""
        verdict = match(self._profiles.families, _box(request, query, Identities()), self._choices)
        return self._home(request, query, session.issue_guest(self._key, verdict.family, self._now()))

    async def _in(self, request: Request, query: Mapping[str, str], device: Device) -> Response:
        if not device.usable:
            return self._notices.shut(device.family)
        now = self._now()
        if self._rules.one_entry:
            await self._writing.submit(lambda uow: cards.entered(uow, device.id, int(now.timestamp())))
            self._seats.forget(device.id)
        if device.card_no and not device.confirmed:
            self._billing.ask(device.card_no, lambda: self._vouched(device.id))
        first = _NUMBER_PAGE if device.state == "pending" else HOME
        return self._home(request, query, session.issue(self._key, device.id, now), first)

    def _vouched(self, device_id: int) -> "Deferred[Any]":
        now = self._now()

        def vouch(uow: UnitOfWork) -> Any:
            return devices.confirm(uow, now, "billing", device_id)

        return self._storage.run(vouch, "billing confirms a card")

    def _home(self, request: Request, query: Mapping[str, str], token: str, first: str = HOME) -> Response:
        """On to `first` with the token in a cookie; a box that has sent no cookie yet carries it in the address too.

        So does one whose token was in its address: the cookie that we see then is that token (carried.py).
        """
        age = int(session.LIFETIME.total_seconds())
        cookies = [set_cookie(session.COOKIE, token, max_age=age, secure=self._secure)]
        if self._demonstration:
            wanted = query.get("family", "")
            family = wanted if wanted in self._profiles.families else ""
            cookies.append(set_cookie(FAMILY_COOKIE, family, max_age=age if family else 0))
        keeps = request.cookies.get(session.COOKIE) and not request.path.endswith("/again")
        home = redirect(first if keeps else carried.address(token, first))
        return attrs.evolve(home, headers=(*home.headers, *cookies))

    def _seconds(self) -> float:
        return self._now().timestamp()


def _spelt(query: Mapping[str, str]) -> dict[str, str]:
    """The query with names in lower case and in one spelling; of two spellings the first counts."""
    out: dict[str, str] = {}
    for name, value in query.items():
        lower = name.lower()
        out.setdefault(_SPELT.get(lower, lower), value)
    return out


def _arrival(request: Request, query: Mapping[str, str], *, strict: bool) -> Arrival | None:
    """What a box told of itself; None when it told no name. Raises BadValue for a name that none has, when strict."""
    told = [query.get(name, "") for name in ("mac", "serial", "card", "user")]
    if not strict:
        told = [value if _sound(at, value) else "" for at, value in enumerate(told)]
    if not any(told):
        return None
    group, poid = (value if _NUMBER.fullmatch(value) else "" for value in (_group(query), query.get("poid", "")))
    return Arrival(parse_identities(*told), request.client, group, poid)


def _sound(at: int, value: str) -> bool:
    told = ["", "", "", ""]
    told[at] = value
    try:
        parse_identities(*told)
    except BadValue:
        return False
    return True


def _group(query: Mapping[str, str]) -> str:
    """The service group, of which boxes often tell a fraction: its whole part counts."""
    return query.get("servicegroup", "").partition(".")[0]


def _names_of(device: Device) -> Identities:
    return Identities(device.mac, device.serial, device.card_no, device.iptv_user)


def _box(request: Request, query: Mapping[str, str], identities: Identities) -> Box:
    """What the box shows of itself: headers, and what the entry page found."""
    headers = request.headers
    dialect = query.get("dialect", "")
    told = query.get("obj", "").split(".")
    return Box(
        mac=identities.mac,
        user_id=identities.iptv_user,
        caid=identities.card_no,
        dialect=dialect if dialect in _DIALECTS else "",
        user_agent=headers.get("user-agent", "")[:512],
        requested_with=headers.get("x-requested-with", "")[:120],
        app_name=_plain(query.get("app", "")),
        vendor=_plain(query.get("vendor", "")),
        objects=tuple(name for name in told if _WORD.fullmatch(name))[:_OBJECTS],
    )


def _plain(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else ""


def choices(overrides: Mapping[str, str]) -> tuple[Choice, ...]:
    """The operator's settings as choices: a name is tried as MAC, account and card; a last * makes it a prefix."""
    out = []
    for name, family in overrides.items():
        prefix = name.endswith("*")
        value = name.rstrip("*")
        out += [Choice("mac", value, family, prefix), Choice("user_id", value, family, prefix)]
        out.append(Choice("caid", value, family, prefix))
    return tuple(out)
