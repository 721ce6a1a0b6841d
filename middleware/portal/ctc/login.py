"""The log-in that all dialects share: from an Authenticator to a session, in the order of portal-ctc.md §2.2."""

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen
from twisted.logger import Logger

from middleware.domain.devices import Device
from middleware.domain.errors import StorageError
from middleware.domain.registry import mask_phone
from middleware.portal.core.core import Core
from middleware.portal.core.throttle import network
from middleware.portal.ctc import names
from middleware.portal.ctc.authenticator import (
    ENCRYPTION_TYPES,
    BadAuthenticator,
    Contents,
    Opened,
    open_with,
    read_hex,
)
from middleware.portal.ctc.boxes import Account, account_of, admit
from middleware.portal.ctc.failures import Failure
from middleware.portal.ctc.settings import Settings
from middleware.portal.ctc.tokens import LockOut, Tokens
from middleware.portal.limits import Buckets

_PHONE: Final = re.compile(r"[01][0-9]{10}")


@frozen
class Offer:
    """What a box sends to be let in; `claims` are fields of the form that the Authenticator holds too."""

    user_id: str
    client: str
    authenticator: str = field(repr=False)
    claims: Mapping[str, str] = field(factory=dict, repr=False)
    model: str = ""
    version: str = ""


@frozen
class Begun:
    """An EncryptToken, and the EncryptionType of the account; empty while it is not known, or is the plain one.

    So it tells of an account with another scheme that there is one: a box must be told before it can prove itself.
    """

    token: str = field(repr=False)
    encryption: str


@frozen
class Entered:
    """A session: its two tokens, and what the box is called."""

    user_id: str
    stb_id: str
    user_token: str = field(repr=False)
    jsession: str = field(repr=False)


class LogIn:
    """Gives out EncryptTokens and takes Authenticators back. `core` holds boxes and sessions."""

    _log = Logger()

    def __init__(self, core: Core, settings: Settings) -> None:
        self._core = core
        self._settings = settings
        self._tokens = Tokens(core.seconds)
        self._lock = LockOut(core.seconds)
        self._asking = Buckets(core.seconds, rate=100, burst=6000)
        self._failing = Buckets(core.seconds, rate=1, burst=100)
        self._nobody = Account(None, secrets.token_hex(12))

    def token(self, user_id: str, client: str) -> str | None:
        """An EncryptToken for whoever asks; None when one address asks for more than a town that has its power back."""
        address = network(client)
        return self._tokens.issue(user_id, address) if self._asking.take(address) else None

    async def begin(self, user_id: str, client: str) -> Begun | Failure:
        """The same for pages, with what they tell the box of its key before it seals."""
        token = self.token(user_id, client)
        if token is None:
            return Failure.LATER
        try:
            account = await self._core.read(lambda uow: account_of(uow, user_id))
        except StorageError:
            return Failure.LATER
        scheme = account.device.scheme if account and account.device else ""
        return Begun(token, ENCRYPTION_TYPES.get(scheme, ""))

    async def enter(self, offer: Offer) -> Entered | Failure:
        """Let a box in, or say why not. What it costs to refuse does not tell whether there is such an account."""
        try:
            blob = read_hex(offer.authenticator)
        except BadAuthenticator:
            return self._refused(offer, Failure.WRONG, "no Authenticator")
        if self._lock.locked(offer.user_id):
            return self._refused(offer, Failure.LOCKED, "locked")
        try:
            account = await self._core.read(lambda uow: account_of(uow, offer.user_id)) or self._nobody
            return await self._opened(offer, blob, account)
        except StorageError:
            return Failure.LATER

    async def _opened(self, offer: Offer, blob: bytes, account: Account) -> Entered | Failure:
        user_id = offer.user_id
        if self._lock.locked(user_id):
            return self._refused(offer, Failure.LOCKED, "locked")
        live, spent = self._tokens.live(user_id), self._tokens.spent(user_id)
        if not live:
            return self._refused(offer, Failure.STALE, "no live token")
        if not (self._failing.left(network(offer.client)) or self._at_home(account.device, offer.client)):
            return self._refused(offer, Failure.LATER, "too many failures of this address")
        first = account.device.scheme if account.device else ""
        opened = open_with(blob, account.password, [*live, *spent], first=first, salt=self._settings.salt)
        if opened is None or account.device is None or opened.contents.user_id != user_id:
            return self._refused(offer, Failure.WRONG, "wrong key, account or token")
        if opened.contents.token not in live:
            return self._refused(offer, Failure.STALE, "token used or expired")
        self._tokens.burn(user_id, opened.contents.token)
        self._lock.succeeded(user_id)
        return await self._admitted(offer, account.device, opened)

    async def _admitted(self, offer: Offer, device: Device, opened: Opened) -> Entered | Failure:
        now = self._core.now()
        self._compare(offer, opened.contents)
        told, strict = (offer.model, offer.version), self._settings.strict
        refused = await self._core.write(lambda uow: admit(uow, now, device.id, opened, told, strict=strict))
        if refused is not None:
            return self._refused(offer, refused, "good Authenticator")
        user_token = names.user_token(self._core.seconds())
        jsession = names.jsession(self._settings.key, user_token)
        await self._core.box(device.id)  # in memory, so that its next request needs no look-up
        await self._core.bind_pair(device.id, jsession, user_token)
        return Entered(offer.user_id, opened.contents.stb_id, user_token, jsession)

    def _at_home(self, device: Device | None, client: str) -> bool:
        """Whether this box was last seen at this address: a neighbour who guesses must not keep it out."""
        last = self._core.presence.last(device.id) if device else None
        return last is not None and last.address == client

    def _compare(self, offer: Offer, contents: Contents) -> None:
        """Log where the form says otherwise than the Authenticator, which counts; values of neither are logged."""
        inside = {"STBID": contents.stb_id, "mac": contents.mac, "userToken": contents.token}
        told = {name: offer.claims.get(name, "") for name in inside}
        differ = [name for name, value in told.items() if value and _plain(value) != _plain(inside[name])]
        if differ:
            user, told_names = _masked(offer.user_id), ", ".join(differ)
            self._log.warn("CTC box {user} says otherwise in its form: {names}", user=user, names=told_names)

    def _refused(self, offer: Offer, failure: Failure, why: str) -> Failure:
        if failure is Failure.WRONG:
            self._lock.failed(offer.user_id)
            self._failing.take(network(offer.client))
        self._log.info(
            "CTC log-in of {user} from {client} refused: {code} ({why})",
            user=_masked(offer.user_id) or "nobody",
            client=offer.client,
            code=failure.code,
            why=why,
        )
        return failure


def _masked(user_id: str) -> str:
    """A UserID for the log; one that may be somebody's telephone number is not told in full."""
    return mask_phone(user_id) if _PHONE.fullmatch(user_id) else user_id


def _plain(value: Any) -> str:
    return re.sub(r"[:\-]", "", str(value)).upper()
