"""Who may call: HTTP Basic against the token table, by address, with bounds on calls and on guessing."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from middleware.domain.brake import Brake, pause_left, succeeded, tried
from middleware.domain.operators import ApiUser, Right
from middleware.portal.limits import Buckets
from middleware.portal.ports import Storage
from middleware.portal.rest.wire import Credentials, Refused, credentials, unauthorized
from middleware.services import operators
from middleware.web.values import Request

_RATE: Final = 50.0
_BURST: Final = 500.0
"""Calls of one address and of one login: a billing run over a town of 20,000 homes takes seven minutes."""
_NOTED_EACH: Final = timedelta(minutes=10)
_VOUCHED_S: Final = 3600.0
"""Who may write and has called with success may send long bodies for so long; each call is checked all the same."""
_VOUCHED_MOST: Final = 1000


class Door:
    """Lets programs in. `seconds` is a clock for the rates, `now` the wall clock."""

    def __init__(self, storage: Storage, now: Callable[[], datetime], seconds: Callable[[], float]) -> None:
        self._storage = storage
        self._now = now
        self._addresses = Buckets(seconds, rate=_RATE, burst=_BURST)
        self._logins = Buckets(seconds, rate=_RATE, burst=_BURST)
        self._brake = Brake()
        self._noted: dict[int, datetime] = {}
        self._seconds = seconds
        self._vouched: dict[bytes, float] = {}

    async def enter(self, request: Request) -> ApiUser:
        """The program that asks. Raises Refused with status 401 or 429, StorageError."""
        if not self._addresses.take(request.client):
            raise _later(timedelta(seconds=1))
        shown = credentials(request.headers.get("authorization", ""))
        if shown is None:
            raise unauthorized()
        wait = pause_left(self._brake, shown.login, request.client, self._now())
        if wait > timedelta(0):
            raise _later(wait)
        user = await self._known(shown, request.client)
        if not self._logins.take(user.login):
            raise _later(timedelta(seconds=1))
        await self._note(user)
        if "write" in user.rights:
            self._vouch(request.headers)
        return user

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether a long body may be read before its login is looked up: somebody called with the same one lately."""
        return self._vouched.get(_shown(headers), 0.0) > self._seconds()

    def _vouch(self, headers: Mapping[str, str]) -> None:
        if len(self._vouched) >= _VOUCHED_MOST:
            self._vouched.clear()
        self._vouched[_shown(headers)] = self._seconds() + _VOUCHED_S

    async def _note(self, user: ApiUser) -> None:
        """Keep when it called last, once in a while."""
        now = self._now()
        if now - self._noted.get(user.id, user.used or datetime.min.replace(tzinfo=UTC)) > _NOTED_EACH:
            self._noted[user.id] = now
            await self._storage.run(lambda uow: operators.note_used(uow, now, user), "API user seen")

    async def _known(self, shown: Credentials, client: str) -> ApiUser:
        user = await self._storage.run(
            lambda uow: operators.check(uow, shown.login, shown.secret), "API login", write=False
        )
        if user is None or not operators.may_call_from(user, client):
            # Counted only now: programs call in parallel, and the secret is too long to be guessed by what slips in.
            self._brake = tried(self._brake, shown.login, client, self._now())
            raise unauthorized()
        self._brake = succeeded(self._brake, shown.login, client) if self._brake.failures else self._brake
        return user


def check_right(user: ApiUser, right: Right) -> None:
    """Raise Refused when this login may not do that."""
    if right not in user.rights:
        raise Refused("403 This login may not do that", 403)


def _shown(headers: Mapping[str, str]) -> bytes:
    return hashlib.sha256(headers.get("authorization", "").encode()).digest()


def _later(wait: timedelta) -> Refused:
    seconds = str(int(wait.total_seconds()) + 1)
    return Refused("429 Too many requests", 429, (("Retry-After", seconds),))
