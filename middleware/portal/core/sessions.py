"""Boxes that have logged in: from a token to what is known of its box, in memory, read again when it has changed."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import frozen

from middleware.domain.accounts import Account
from middleware.domain.devices import Device
from middleware.domain.packages import Entitled, Where
from middleware.domain.tokens import Kind, digest_of
from middleware.portal.ports import Storage
from middleware.portal.shared import Shared
from middleware.services import packages, sessions
from middleware.services.ports import UnitOfWork
from middleware.services.standing import Standing, standing_of

FRESH_S: Final = 3600
"""A box is read again after so long, should the news of a change have been lost."""
NOTED_S: Final = 86_400
"""That a token is in use is written once a day: it lives for thirty without."""
_KEPT: Final = 40_000
"""Boxes in memory, some 1.2 KB each; a town has half as many."""
_LONGEST: Final = 200
_ALIKE: Final = 5000
_WORDS: Final = ("state", "mode", "family", "group", "model", "version", "scheme")
"""Fields of a box in which few words occur."""


@frozen
class Session:
    """A box that is known: its row, its account, how it stands with the operator, and what it may see.

    `until` (epoch seconds) is when it is read again.
    """

    device: Device
    account: Account | None
    standing: Standing
    where: Where
    entitled: Entitled
    until: float

    @property
    def active(self) -> bool:
        """Whether the box is served."""
        return self.standing.state == "active"

    @property
    def payer(self) -> str:
        """Whose pictures are counted together: the account, or a box without one."""
        return f"account {self.account.id}" if self.account else f"box {self.device.id}"


Token = tuple[Kind, str]


class Changes:
    """Which boxes were written since something was read: what was read before must not be kept after."""

    def __init__(self, kept: int = 2000) -> None:
        self.count = 0
        self._kept = kept
        self._last: OrderedDict[int, int] = OrderedDict()
        self._all = 0

    def of(self, device: int) -> None:
        """A box was written."""
        self.count += 1
        self._last[device] = self.count
        self._last.move_to_end(device)
        if len(self._last) > self._kept:  # of those forgotten it can only be said that one of them has changed
            self._all = self._last.popitem(last=False)[1]

    def of_all(self) -> None:
        """Something was written that all boxes depend on."""
        self.count += 1
        self._all = self.count
        self._last.clear()

    def none(self, device: int, since: int) -> bool:
        """Whether nothing of this box was written after `count` was `since`."""
        return max(self._all, self._last.get(device, 0)) <= since


@frozen
class _Found:
    session: Session
    unnoted: bool
    """The token's use was written long ago."""


class Sessions:
    """The table from tokens to boxes; those used longest ago are forgotten first.

    `login`: boxes that nobody has let in are asked for an account.
    """

    def __init__(
        self, storage: Storage, now: Callable[[], datetime], seconds: Callable[[], float], *, login: bool = False
    ) -> None:
        self._storage = storage
        self._login = login
        self._now = now
        self._seconds = seconds
        self._boxes: OrderedDict[int, Session] = OrderedDict()
        self._devices: dict[Token, int] = {}
        self._tokens: dict[int, tuple[Token, ...]] = {}
        self._alike: dict[object, Any] = {}
        self._loading: Shared[Session | None] = Shared()
        self._changes = Changes()
        self.used: set[str] = set()
        """Tokens whose use is still to be written."""

    def __len__(self) -> int:
        return len(self._boxes)

    def at_hand(self, kind: Kind, token: str) -> Session | None:
        """The session of a token, if it is in memory."""
        device = self._devices.get((kind, token))
        return None if device is None else self.box_at_hand(device)

    def box_at_hand(self, device: int) -> Session | None:
        """What is known of a box, if it is in memory."""
        session = self._boxes.get(device)
        if session is None or session.until <= self._seconds():
            return None
        self._boxes.move_to_end(device)
        return session

    async def of(self, kind: Kind, token: str) -> Session | None:
        """The session of a token; None for one that nobody holds."""
        if not 0 < len(token) <= _LONGEST:
            return None
        key = kind, token
        return self.at_hand(kind, token) or await self._loading.get(key, lambda: self._load(key))

    async def box(self, device: int) -> Session | None:
        """The session of a box, whether it has a token or not; None when there is no such box."""
        return self.box_at_hand(device) or await self._loading.get(device, lambda: self._load_box(device))

    def bound(self, kind: Kind, token: str, device: int) -> None:
        """A token has become the box's only one of its kind; an older one that is being read must not be kept."""
        self._changes.of(device)
        mine = self._tokens.get(device, ())
        for old in (old for old in mine if old[0] == kind):
            self._devices.pop(old, None)
        if mine:
            self._tokens[device] = tuple(token for token in mine if token[0] != kind)
        if device in self._boxes:
            self._hold((kind, token), device)

    def forget(self, device: int) -> None:
        """Something about this box, its account or its tokens was written."""
        self._changes.of(device)
        self._boxes.pop(device, None)
        for token in self._tokens.pop(device, ()):
            self._devices.pop(token, None)
            self._loading.forget(token)
        self._loading.forget(device)

    def forget_all(self) -> None:
        """Something that all boxes depend on was written, such as a package."""
        self._changes.of_all()
        self._boxes.clear()

    async def _load(self, key: Token) -> Session | None:
        since, now = self._changes.count, self._now()
        found = await self._storage.run(
            lambda uow: _by_token(uow, now, key, login=self._login), "box of a token", write=False
        )
        if found is None:
            return None
        if found.unnoted:
            self.used.add(key[1])
        device = found.session.device.id
        if self._changes.none(device, since):  # else it may be old already: it serves this once
            self._keep(found.session)
            self._hold(key, device)
        return self._boxes.get(device, found.session)

    async def _load_box(self, device: int) -> Session | None:
        since, now = self._changes.count, self._now()
        session = await self._storage.run(lambda uow: by_id(uow, now, device, login=self._login), "box", write=False)
        if session is not None and self._changes.none(device, since):
            self._keep(session)
        return self._boxes.get(device, session)

    def _keep(self, session: Session) -> None:
        self._boxes[session.device.id] = self._lean(session)
        self._boxes.move_to_end(session.device.id)
        while len(self._boxes) > _KEPT:
            oldest, _ = self._boxes.popitem(last=False)
            for token in self._tokens.pop(oldest, ()):
                self._devices.pop(token, None)

    def _hold(self, key: Token, device: int) -> None:
        self._devices[key] = device
        mine = self._tokens.get(device, ())
        if key not in mine:
            self._tokens[device] = (*mine, key)

    def _lean(self, session: Session) -> Session:
        """The same with parts that many boxes have alike kept once: a list of channels is longer than all the rest."""
        if len(self._alike) > _ALIKE:
            self._alike.clear()
        once: Callable[[Any], Any] = lambda value: self._alike.setdefault(value, value)  # noqa: E731 (a word for it)
        device = session.device
        device = attrs.evolve(device, **{name: once(getattr(device, name)) for name in _WORDS})
        return attrs.evolve(session, device=device, standing=once(session.standing), entitled=once(session.entitled))


def by_id(uow: UnitOfWork, now: datetime, device_id: int, *, login: bool = False) -> Session | None:
    """Read a box; None when there is no such box."""
    device = uow.devices.get(device_id)
    if device is None:
        return None
    account = uow.accounts.get(device.account_id) if device.account_id is not None else None
    return session_of(uow, now, device, account, login=login)


def session_of(
    uow: UnitOfWork, now: datetime, device: Device, account: Account | None, *, login: bool = False
) -> Session:
    """A box with what decides how it is served; read again when its account ends, at the latest in an hour."""
    where = packages.where(uow, device)
    until = now.timestamp() + FRESH_S
    if account is not None and account.ends_at is not None and account.ends_at > now:
        until = min(until, account.ends_at.timestamp())
    seen = packages.entitled_for(uow, where)
    return Session(device, account, standing_of(now, device, account, login=login), where, seen, until)


def _by_token(uow: UnitOfWork, now: datetime, key: Token, *, login: bool) -> _Found | None:
    found = sessions.of(uow, *key)
    if found is None:
        return None
    token, device, account = found
    unnoted = (now - token.used).total_seconds() > NOTED_S
    return _Found(session_of(uow, now, device, account, login=login), unnoted)


def note_used(uow: UnitOfWork, now: datetime, tokens: frozenset[str]) -> None:
    """Write that these tokens are in use."""
    uow.tokens.used({digest_of(token): now for token in tokens})
