"""EncryptTokens and the lock-out of the CTC dialects: bounded tables in memory, the same for accounts nobody has."""

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

from attrs import define

LIFETIME_S: Final = 300
LIVE: Final = 8
"""Tokens of one account that are good at a time."""
FREE: Final = 5
"""Bad Authenticators of one account within WINDOW_S; the last of them locks it."""
WINDOW_S: Final = 600
_KEPT: Final = 50_000
"""Accounts remembered. A box asks once a start; a flood pushes out what was asked longest ago, expired tokens first."""


def draw() -> str:
    """A new EncryptToken: 128 random bits as 32 upper-case hex digits."""
    return secrets.token_hex(16).upper()


@define
class _Token:
    text: str
    client: str
    until: float
    used: bool = False


class Tokens:
    """The EncryptTokens given out; `seconds` is a clock that only goes on. A token belongs to one account."""

    def __init__(self, seconds: Callable[[], float], drawn: Callable[[], str] = draw, *, kept: int = _KEPT) -> None:
        self._seconds = seconds
        self._draw = drawn
        self._kept = kept
        self._given: OrderedDict[str, list[_Token]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._given)

    def issue(self, user_id: str, client: str) -> str:
        """Give a token to whoever asks, known or not.

        Beyond 8 live ones the oldest of the address that holds most goes: a stranger who asks for a hundred drops
        his own, not the home's.
        """
        now = self._seconds()
        self._forget(now)
        mine = [one for one in self._given.pop(user_id, []) if one.until + LIFETIME_S > now]
        live = [one for one in mine if _lives(one, now)]
        if len(live) >= LIVE:
            greediest = Counter(one.client for one in live).most_common(1)[0][0]
            mine.remove(next(one for one in live if one.client == greediest))
        token = _Token(self._draw(), client, now + LIFETIME_S)
        self._given[user_id] = [*mine[-2 * LIVE :], token]
        return token.text

    def live(self, user_id: str) -> tuple[str, ...]:
        """The tokens with which this account may log in now."""
        now = self._seconds()
        return tuple(one.text for one in self._given.get(user_id, ()) if _lives(one, now))

    def spent(self, user_id: str) -> tuple[str, ...]:
        """Its tokens of the last minutes that were used or have expired."""
        now = self._seconds()
        return tuple(one.text for one in self._given.get(user_id, ()) if not _lives(one, now))

    def burn(self, user_id: str, token: str) -> None:
        """Somebody has logged in with this one."""
        for one in self._given.get(user_id, ()):
            one.used = one.used or one.text == token

    def _forget(self, now: float) -> None:
        """Drop, from the account that asked longest ago on, what has expired and what is too much."""
        while self._given:
            oldest = next(iter(self._given.values()))
            if len(self._given) < self._kept and oldest[-1].until + LIFETIME_S > now:
                return
            self._given.popitem(last=False)


def _lives(token: _Token, now: float) -> bool:
    return not token.used and now < token.until


class LockOut:
    """Five bad Authenticators of one account in ten minutes lock it for ten, whether or not anybody has it."""

    def __init__(self, seconds: Callable[[], float], *, kept: int = _KEPT) -> None:
        self._seconds = seconds
        self._kept = kept
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failures)

    def locked(self, user_id: str) -> bool:
        """Whether nothing is tried for this account now."""
        return len(self._recent(user_id)) >= FREE

    def failed(self, user_id: str) -> None:
        """Count a bad Authenticator; once it is locked the ten minutes are not prolonged."""
        recent = self._recent(user_id)
        if len(recent) >= FREE:
            return
        now = self._seconds()
        self._failures.pop(user_id, None)
        recent.append(now)
        self._failures[user_id] = [now] * FREE if len(recent) == FREE else recent
        if len(self._failures) > self._kept:
            self._failures.popitem(last=False)

    def succeeded(self, user_id: str) -> None:
        """A good log-in: begin to count anew."""
        self._failures.pop(user_id, None)

    def _recent(self, user_id: str) -> list[float]:
        since = self._seconds() - WINDOW_S
        return [at for at in self._failures.get(user_id, ()) if at > since]
