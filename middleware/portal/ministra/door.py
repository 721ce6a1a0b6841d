"""Who comes in: handshake, profile, log-in, and the order of checks for all other calls (§2, §3, §15)."""

import hmac
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

from middleware.domain.devices import Identities
from middleware.portal.core.core import Core
from middleware.portal.core.sessions import Session
from middleware.portal.limits import Buckets
from middleware.portal.ministra import words
from middleware.portal.ministra.ask import Call
from middleware.portal.ministra.caller import TOKEN
from middleware.portal.ministra.drawers import Drawers
from middleware.portal.ministra.profile import Asked, Refusal, login_due, served, turned_away
from middleware.portal.ministra.settings import Settings
from middleware.portal.ministra.wire import (
    AUTHORIZATION,
    DENIED,
    FALSE,
    TRUE,
    UNAUTHORIZED,
    Ready,
    Row,
    reply,
    text,
)
from middleware.portal.ministra.zones import zone
from middleware.services import accounts, devices
from middleware.services.device_rows import cut
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

KIND: Final = "ministra"
_OFFERED: Final = 20_000
"""Tokens given out and not bound yet; a box whose token was forgotten is bound by it all the same."""
_MACS: Final = 40_000
_SERIAL: Final = re.compile(r"(?=.*[1-9A-Za-z])[0-9A-Za-z]{6,32}")
_ACTOR: Final = "box"
Secret = Callable[[int], str]
"""Hex digits of so many random bytes."""


class Told(Protocol):
    """Takes note of whether a box was told that it is served."""

    def __call__(self, device: int, *, served: bool) -> None: ...


def reads_on(kind: str, action: str) -> bool:
    """Whether a box that is turned away may call this: to be told when it is let in again."""
    return kind == "watchdog" or (kind, action) == ("stb", "check_portal_status")


class Door:
    """Lets boxes in. `secret` makes tokens, `told` takes note of what a profile has told a box."""

    def __init__(self, core: Core, settings: Settings, drawers: Drawers, secret: Secret, told: Told) -> None:
        self._core = core
        self._settings = settings
        self._drawers = drawers
        self._secret = secret
        self._told = told
        self._offered: OrderedDict[str, str] = OrderedDict()
        self._macs: OrderedDict[str, int] = OrderedDict()
        self._strange = Buckets(core.seconds, rate=0.2, burst=30)

    # --- calls that need a token ---

    def at_hand(self, call: Call) -> Session | Response | None:
        """Judge a call by what is in memory; None when the store must be asked."""
        if not call.caller.named:
            return UNAUTHORIZED
        if not TOKEN.fullmatch(call.bearer) or not call.caller.mac:
            return AUTHORIZATION
        session = self._core.at_hand(KIND, call.bearer)
        return None if session is None else self._judged(call, session)

    async def look_up(self, call: Call) -> Session | Response:
        """Judge a call whose token is not in memory."""
        session = await self._core.session(KIND, call.bearer, call.client)
        if session is None and self._settings.without_profile:
            session = await self._without_profile(call)
        return AUTHORIZATION if session is None else self._judged(call, session)

    def _judged(self, call: Call, session: Session) -> Session | Response:
        state = session.standing.state
        if session.device.mac != call.caller.mac or state == "login":
            return AUTHORIZATION
        if (state != "active" or self._settings.maintenance) and not reads_on(call.kind, call.action):
            return DENIED
        return session

    async def _without_profile(self, call: Call) -> Session | None:
        """A client that never asks for its profile comes in by a token that we gave to its MAC (stalkerhek)."""
        if self._offered.get(call.bearer) != call.caller.mac:
            return None
        session = await self._known(call)
        if session is None or not session.active or session.device.pin:
            return None
        await self._bind(call, session)
        return session

    # --- calls that need none ---

    async def handshake(self, call: Call) -> Ready | Response:
        """A token: the one offered if it is this MAC's, else a new one, which disturbs nobody."""
        offered = text(call.values, "token", 64)
        if offered and await self._knows(offered, call):
            return reply(self._handshaken(offered, not_valid=False))
        if await self._known(call) is None and not self._stranger(call):
            return AUTHORIZATION
        token = self._secret(16).upper()
        self._offered[token] = call.caller.mac
        if len(self._offered) > _OFFERED:
            self._offered.popitem(last=False)
        return reply(self._handshaken(token, not_valid=bool(offered)))

    def another_token(self) -> Ready:
        """What a box is told when its token cannot be looked up: an object, as always; the next handshake decides."""
        return reply(self._handshaken(self._secret(16).upper(), not_valid=True))

    def _handshaken(self, token: str, *, not_valid: bool) -> Row:
        return {"token": token, "Token": token, "random": self._secret(20), "not_valid": int(not_valid)}

    async def _known(self, call: Call) -> Session | None:
        """The box of a MAC, from memory if it still has that name."""
        mac = call.caller.mac
        if not mac:
            return None
        device = self._macs.get(mac)
        session = await self._core.box(device) if device is not None else None
        if session is None or session.device.mac != mac:
            session = await self._core.known(Identities(mac=mac))
        if session is not None:
            self._macs[mac] = session.device.id
            if len(self._macs) > _MACS:
                self._macs.popitem(last=False)
        return session

    async def _knows(self, token: str, call: Call) -> bool:
        if not TOKEN.fullmatch(token):
            return False
        if self._offered.get(token, "-") == call.caller.mac:
            return True
        session = await self._core.session(KIND, token, call.client)
        return session is not None and session.device.mac == call.caller.mac

    async def profile(self, call: Call) -> Ready | Response:
        """The profile of a box; its bearer is bound when it is the one it says it is."""
        if not call.caller.mac:
            return reply(self._away(call, "mac"))
        session = await self._box(call)
        if isinstance(session, Response):
            return session
        if session is None:
            return reply(self._away(call, "unknown"))
        if not await self._fits(call, session):
            return reply(self._away(call, "mismatch"))
        bound = await self._bind(call, session)
        await self._note(call, session)
        profile = await self._status(call, session, bound=bound)
        self._told(session.device.id, served=profile["status"] == 0)
        return reply(profile)

    async def _status(self, call: Call, session: Session, *, bound: bool) -> Row:
        standing, asked = session.standing, self._asked(call)
        if self._settings.maintenance:
            return self._away(call, "closed")
        if standing.state == "login":
            return login_due(asked)
        if standing.state == "pending":
            return turned_away(asked, "pending", "", self._settings.hotline, session.device)
        if standing.state != "active":
            return self._away(call, standing.state, standing.text_zh)
        self._core.presence.seen(session.device.id, call.client)
        return served(asked, session.device, await self._drawers.of(session.device.id), pins=bound)

    def _away(self, call: Call, why: Refusal, told: str = "") -> Row:
        return turned_away(self._asked(call), why, told, self._settings.hotline)

    def busy(self, call: Call) -> Ready:
        """What a box is told when its profile cannot be made: an object, as always."""
        return reply(self._away(call, "busy"))

    def _asked(self, call: Call) -> Asked:
        caller = call.caller
        where = zone(caller.zone, self._settings.zone).key
        return Asked(caller.mac, self._settings.watchdog_s, words.language(caller.lang), where)

    async def log_in(self, call: Call) -> Ready | Response:
        """Whether login and password are an account's; the box is then tied to it."""
        login, password = text(call.values, "login", 65), call.values.get("password", "")[:65]
        known = await self._known(call)
        if known is None and not self._stranger(call):
            return AUTHORIZATION
        throttle = self._core.throttle
        if not throttle.login(call.client, login):
            return AUTHORIZATION
        account = await self._core.read(lambda uow: accounts.login(uow, login, password), "log-in of a box")
        if account is None:
            return FALSE
        throttle.succeeded(call.client, login)
        if known is None or known.device.account_id not in {None, account.id} or not await self._fits(call, known):
            return FALSE
        device, now = known.device.id, self._core.now()
        await self._core.write(lambda uow: accounts.tie(uow, now, _ACTOR, device, account.id), "log-in of a box")
        self._core.forget(device)
        return TRUE

    # --- who it is ---

    async def _box(self, call: Call) -> Session | Response | None:
        """The box of a MAC, registered if need be; None when it may not be, AUTHORIZATION beyond the limits."""
        known = await self._known(call)
        if known is not None:
            return known
        if not self._stranger(call):
            return AUTHORIZATION
        if self._settings.unknown == "refuse" or not self._settings.admits(call.caller.mac):
            return None
        return await self._core.register(Identities(mac=call.caller.mac), call.client) or AUTHORIZATION

    def _stranger(self, call: Call) -> bool:
        """Whether one more call for a box that nobody knows is answered: so many an address, so many a MAC."""
        return self._core.throttle.stranger(call.client) and self._strange.take(call.caller.mac)

    async def _fits(self, call: Call, session: Session) -> bool:
        """Whether the device_id is the one that this MAC is pinned to; the first that is not empty is kept."""
        offered = cut(text(call.values, "device_id", 128) or text(call.values, "device_id2", 128), 128)
        device, now = session.device, self._core.now()
        if not device.pinning or hmac.compare_digest(device.pin.encode(), offered.encode("utf-8", "replace")):
            return True
        fits = await self._core.write(lambda uow: devices.check_pin(uow, now, device.id, offered), "pin of a box")
        self._core.forget(device.id)
        return fits

    async def _bind(self, call: Call, session: Session) -> bool:
        """Make the bearer the box's live token, unless it is another box's; whether it now is."""
        token = call.bearer
        if not TOKEN.fullmatch(token) or self._offered.get(token, call.caller.mac) != call.caller.mac:
            return False
        live = await self._core.session(KIND, token, call.client)
        if live is not None:
            return live.device.id == session.device.id
        await self._core.bind(KIND, token, session.device.id)
        self._offered.pop(token, None)
        return True

    async def _note(self, call: Call, session: Session) -> None:
        """Keep what a box says of its make and its number, when that is new."""
        values, device, now = call.values, session.device, self._core.now()
        model = cut(text(values, "stb_type", 64), devices.MODEL_MOST)
        version = cut(text(values, "ver", 200) or text(values, "image_version", 200), devices.VERSION_MOST)
        told = text(values, "sn", 32)
        serial = told if _SERIAL.fullmatch(told) and told != device.serial else ""
        if model in {"", device.model} and version in {"", device.version} and not serial:
            return

        def write(uow: UnitOfWork) -> None:
            devices.note_model(uow, device.id, model, version)
            if serial:
                devices.bind_identity(uow, now, device.id, serial=serial, strict=False)

        await self._core.write(write, "make of a box")
        self._core.forget(device.id)
