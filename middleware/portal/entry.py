"""The way in: a box names itself, its household and key family are found, and it goes on with a token to home."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen
from twisted.logger import Logger

from keymap.boxes import Box, Choice, Verdict, match
from middleware.domain.devices import Device, Identities, parse_identities
from middleware.domain.errors import BadValue, StorageError
from middleware.portal import session
from middleware.portal.limits import Buckets
from middleware.portal.ports import Storage
from middleware.portal.profiles import Profiles
from middleware.portal.seats import FAMILY_COOKIE, Seats
from middleware.portal.shared import Shared
from middleware.services import devices
from middleware.web.values import Request, Response, redirect, set_cookie
from portal_pages.facts import NoticeKind

ASKED: Final = "asked"
"""Query field of a box that comes back from the entry page."""
_PLAIN: Final = re.compile(r"[\x20-\x7e]{0,120}")
_WORD: Final = re.compile(r"[A-Za-z]{1,24}")
_OBJECTS: Final = ("Authentication", "Utility")
_MANY: Final = 20.0
"""New boxes a second that are registered: a hostile sender must not fill the register."""


@frozen
class Shown:
    """A box that came in: its row, and its family with the reason for it."""

    device: Device
    verdict: Verdict
    conflicts: tuple[str, ...] = ()


class Entry:
    """GET /portal. `notice(kind, status)` draws a page for who cannot go on; `secure` when boxes come by HTTPS."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        key: bytes,
        now: Callable[[], datetime],
        profiles: Profiles,
        seats: Seats,
        choices: tuple[Choice, ...],
        notice: Callable[[NoticeKind, int], Response],
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
        self._notice = notice
        self._demonstration = demonstration
        self._secure = secure
        self._boxes = Buckets(self._seconds, rate=2, burst=30)
        self._clients = Buckets(self._seconds, rate=5, burst=60)
        self._strangers = Buckets(self._seconds, rate=_MANY, burst=200)
        self._booting: Shared[devices.Boot | None] = Shared()

    async def portal(self, request: Request) -> Response:
        """Log a box in by the names in its query, or ask it for more about itself."""
        try:
            identities = _identities(request.query)
        except BadValue:
            return self._notice("unknown", 400)
        try:
            shown = await self._shown(request, identities) if self._boxes.take(identities) else None
        except StorageError:
            return self._notice("busy", 503)
        if shown is None:
            return self._notice("busy", 503)
        if not shown.device.usable:
            return self._notice("unknown", 403)
        if shown.verdict.why == "default" and not shown.device.family and ASKED not in request.query:
            return _entry_page(request.query)
        return self._in(request, shown)

    def _in(self, request: Request, shown: Shown) -> Response:
        token = session.issue(self._key, shown.device.id, self._now())
        age = int(session.LIFETIME.total_seconds())
        cookies = [set_cookie(session.COOKIE, token, max_age=age, secure=self._secure)]
        if self._demonstration:
            wanted = request.query.get("family", "")
            family = wanted if wanted in self._profiles.families else ""
            cookies.append(set_cookie(FAMILY_COOKIE, family, max_age=age if family else 0))
        home = redirect("/p/home")
        return Response(home.status, b"", home.content_type, (*home.headers, *cookies))

    async def _shown(self, request: Request, identities: Identities) -> Shown | None:
        boot = await self._booting.get(identities, lambda: self._boot(request.client, identities))
        if boot is None:
            return None
        if boot.conflicts:
            names = ", ".join(boot.conflicts)
            self._log.warn("box {id} names itself otherwise than stored: {names}", id=boot.device.id, names=names)
        box = _box(request, identities)
        device = boot.device
        taught = await self._storage.run(lambda uow: uow.devices.taught(device.id), "taught keys", write=False)
        verdict = match(self._profiles.families, box, self._choices, device.family if taught else "")
        if verdict.why == "default" and device.family in self._profiles.families:
            return Shown(device, Verdict(device.family, "default"), boot.conflicts)
        found = verdict.family != device.family and (verdict.why != "default" or ASKED in request.query)
        if found and not (self._demonstration and request.query.get("family")):
            device = await self._storage.run(
                lambda uow: devices.choose_family(uow, device.id, verdict.family), "choose family"
            )
            self._seats.forget(device.id)
        return Shown(device, verdict, boot.conflicts)

    async def _boot(self, client: str, identities: Identities) -> devices.Boot | None:
        """Find the box, or register it; None when too many new ones come."""
        found = await self._storage.run(lambda uow: devices.known(uow, identities), "known box", write=False)
        if found is not None:
            return found
        if not (self._clients.take(client) and self._strangers.take("strangers")):
            return None
        now = self._now()
        return await self._storage.run(lambda uow: devices.boot(uow, now, identities), "register box")

    def _seconds(self) -> float:
        return self._now().timestamp()


def _identities(query: Mapping[str, str]) -> Identities:
    get = query.get
    return parse_identities(get("mac", ""), get("serial", ""), get("card", "") or get("caid", ""), get("user", ""))


def _box(request: Request, identities: Identities) -> Box:
    """What the box shows of itself: headers, and what the entry page found."""
    query, headers = request.query, request.headers
    told = query.get("obj", "").split(".")
    return Box(
        mac=identities.mac,
        user_id=identities.iptv_user,
        caid=identities.card_no,
        user_agent=headers.get("user-agent", "")[:512],
        requested_with=headers.get("x-requested-with", "")[:120],
        app_name=_plain(query.get("app", "")),
        vendor=_plain(query.get("vendor", "")),
        objects=tuple(name for name in told if _WORD.fullmatch(name))[: len(_OBJECTS)],
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


_ENTRY: Final = """<!DOCTYPE html>
<html lang=zh><head><meta charset=utf-8><title>正在打开</title></head>
<body style="background:#2a0f11;color:#ffefd8;font-size:38px"><p style="margin:300px 80px">正在打开，请稍候</p>
<script>var q="%s",n=navigator,o=[],w=window;
if(w.Authentication)o.push("Authentication");
if(w.Utility)o.push("Utility");
location.replace("/portal?"+q+"asked=1&app="+encodeURIComponent(n.appName||"")+"&vendor="+encodeURIComponent(n.vendor||"")+
"&obj="+o.join("."));</script>
<noscript><meta http-equiv=refresh content="0;url=/portal?%sasked=1"></noscript></body></html>
"""
_NAMES: Final = ("mac", "serial", "card", "caid", "user", "family")
_NAME_VALUE: Final = re.compile(r"[0-9A-Za-z@._:\-]{1,64}")


def _entry_page(query: Mapping[str, str]) -> Response:
    """A page that reads what only the box's browser knows, and comes back with it (keymaps.md §7)."""
    kept = {name: query[name] for name in _NAMES if _NAME_VALUE.fullmatch(query.get(name, ""))}
    back = "".join(f"{name}={value}&" for name, value in kept.items())
    return Response(200, (_ENTRY % (back, back)).encode())
