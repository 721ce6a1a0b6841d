"""The brake on guessing passwords: what a log-in costs after failures, by account and by address. A pure value."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import attrs
from attrs import frozen

FREE = {"pair": 5, "address": 20, "login": 50}
"""Attempts without a pause: of one account from one address, of one address, of one account.

The last two are wider because an office shares an address, and because nobody may lock others out by failing for them.
"""

FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
MOST = 10_000
"""Accounts and addresses remembered; beyond it the oldest are forgotten, so that guessing cannot fill the memory."""

Key = tuple[str, str, str]


@frozen
class Failures:
    """How often it failed, and when last."""

    count: int
    last: datetime


@frozen
class Brake:
    """What is remembered of failed log-ins."""

    failures: Mapping[Key, Failures] = attrs.field(factory=lambda: MappingProxyType({}), repr=False)


def pause_left(brake: Brake, login: str, address: str, now: datetime) -> timedelta:
    """How long this account must wait at this address; zero when it may try."""
    waits = (_pause_end(brake.failures.get(key), FREE[key[0]], now) - now for key in _keys(login, address))
    return max(timedelta(0), *waits)


def tried(brake: Brake, login: str, address: str, now: datetime) -> Brake:
    """Count an attempt as failed before the password is looked at: many at once must not slip through together."""
    counted = {key: Failures(_count(brake.failures.get(key), now) + 1, now) for key in _keys(login, address)}
    others = {key: one for key, one in brake.failures.items() if key not in counted}
    if len(others) + len(counted) > MOST:
        others = dict(sorted(others.items(), key=lambda item: item[1].last)[len(counted) :])
    return Brake(MappingProxyType({**others, **counted}))


def succeeded(brake: Brake, login: str, address: str) -> Brake:
    """Forget what this account failed at this address, and take the attempt itself from the wider counts."""
    pair, *wider = _keys(login, address)
    kept = {key: one for key, one in brake.failures.items() if key != pair}
    for key in wider:
        if key in kept:
            kept[key] = attrs.evolve(kept[key], count=max(0, kept[key].count - 1))
    return Brake(MappingProxyType(kept))


def _keys(login: str, address: str) -> tuple[Key, Key, Key]:
    return ("pair", login, address), ("address", "", address), ("login", login, "")


def _count(failures: Failures | None, now: datetime) -> int:
    return failures.count if failures and now - failures.last < FORGOTTEN_AFTER else 0


def _pause_end(failures: Failures | None, free: int, now: datetime) -> datetime:
    over = _count(failures, now) - free
    if failures is None or over < 0:
        return now
    # Bounded before it is shifted: a count of a million must not overflow.
    return failures.last + min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(over, 10)))
