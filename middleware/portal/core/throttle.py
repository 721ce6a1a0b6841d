"""What strangers may ask for: bounds by address and by account, in tables that cannot grow without end.

A box that is known never meets them: a village that comes back after a power cut stands behind one address.
"""

from collections import Counter, deque
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from middleware.portal.limits import Buckets

HOUR_S: Final = 3600.0
SHARE: Final = 4
"""Of the boxes that may register in an hour, one address may bring a quarter."""


class Throttle:
    """Bounds by address and account; `per_hour` boxes may register in an hour. `seconds` are epoch seconds."""

    def __init__(self, seconds: Callable[[], float], *, per_hour: int) -> None:
        self._strangers = Buckets(seconds, rate=1, burst=120)
        self._guesses = Buckets(seconds, rate=2, burst=300)
        self._pairs = Buckets(seconds, rate=1 / 120, burst=5)
        self._addresses = Buckets(seconds, rate=1 / 6, burst=60)
        self._accounts = Buckets(seconds, rate=1 / 12, burst=50)
        self._newcomers = Newcomers(seconds, per_hour)

    def stranger(self, client: str) -> bool:
        """Whether an address may ask once more on behalf of a box that nobody knows."""
        return self._strangers.take(network(client))

    def newcomer(self, client: str) -> bool:
        """Whether one more box may register itself from this address."""
        return self._newcomers.admit(network(client))

    def guessing(self, client: str) -> bool:
        """Whether an address has shown so many tokens that nobody holds that no more of them are looked up."""
        return not self._guesses.left(network(client))

    def guessed(self, client: str) -> None:
        """An address has shown a token that nobody holds."""
        self._guesses.take(network(client))

    def login(self, client: str, account: str) -> bool:
        """Whether a password may be tried; the attempt counts as failed until `succeeded` is called.

        Five attempts for an account from one address, then one in two minutes. The bounds of the account and of the
        address alone are wider, because nobody may lock others out by failing for them.
        """
        tables = self._tables(client, account)
        allowed = all(buckets.left(key) for buckets, key in tables)
        for buckets, key in tables if allowed else ():
            buckets.take(key)
        return allowed

    def succeeded(self, client: str, account: str) -> None:
        """The attempt was good: it is not counted."""
        for buckets, key in self._tables(client, account):
            buckets.give(key)

    def _tables(self, client: str, account: str) -> tuple[tuple[Buckets, object], ...]:
        address = network(client)
        return (self._pairs, (account, address)), (self._addresses, address), (self._accounts, account)


class Newcomers:
    """How many boxes have registered within the last hour, altogether and by address."""

    def __init__(self, seconds: Callable[[], float], per_hour: int) -> None:
        self._seconds = seconds
        self._most = per_hour
        self._came: deque[tuple[float, str]] = deque()
        self._from: Counter[str] = Counter()

    def admit(self, address: str) -> bool:
        """Count one more, unless there are too many."""
        now = self._seconds()
        while self._came and self._came[0][0] <= now - HOUR_S:
            self._forget(self._came.popleft()[1])
        if len(self._came) >= self._most or self._from[address] >= max(1, self._most // SHARE):
            self._forget_zero(address)
            return False
        self._came.append((now, address))
        self._from[address] += 1
        return True

    def _forget(self, address: str) -> None:
        self._from[address] -= 1
        self._forget_zero(address)

    def _forget_zero(self, address: str) -> None:
        if not self._from[address]:
            del self._from[address]


@lru_cache(maxsize=20_000)
def network(client: str) -> str:
    """Whom an address stands for: itself, of IPv6 its /64, which one household has to itself."""
    try:
        address = ip_address(client.partition("%")[0])
    except ValueError:
        return client[:64]
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))
