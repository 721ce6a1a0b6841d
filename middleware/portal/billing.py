"""Asking the operator's billing whether it knows a card: from here and never from the box, bounded and remembered."""

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from middleware.portal.rules import Ask

TIMEOUT_S: Final = 5.0
ASK_AGAIN_S: Final = 600.0
"""A card that billing did not vouch for is asked for again after so long."""
_MANY: Final = 10_000
_AT_ONCE: Final = 8
"""Questions under way: a boot storm must not become a storm on billing."""
_LONGEST: Final = 4096


class Billing:
    """Asks in the background; nobody waits for billing. What it says no to is remembered for ten minutes."""

    _log = Logger()

    def __init__(self, ask: Ask | None, seconds: Callable[[], float]) -> None:
        self._ask = ask
        self._seconds = seconds
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._under_way = 0

    def ask(self, card: str, vouched: Callable[[], Any]) -> None:
        """Ask about a card unless it was asked for lately; `vouched` is called when billing knows it."""
        now = self._seconds()
        if self._ask is None or self._asked.get(card, -ASK_AGAIN_S) + ASK_AGAIN_S > now or self._under_way >= _AT_ONCE:
            return
        self._asked[card] = now
        while len(self._asked) > _MANY:
            self._asked.popitem(last=False)
        self._under_way += 1
        asking = Deferred.fromCoroutine(self._told(card, vouched))
        asking.addErrback(self._failed).addBoth(self._done)

    async def _told(self, card: str, vouched: Callable[[], Any]) -> None:
        if self._ask is not None and await self._ask(card):
            await vouched()

    def _failed(self, failure: Failure) -> None:
        self._log.warn("billing gave no answer: {why}", why=failure.value.__class__.__name__)

    def _done(self, _outcome: object) -> None:
        self._under_way -= 1


def by_http(reactor: Any, url: str) -> Ask:
    """Ask by GET: `{card}` in the address is the number, else `?card=` is added. Yes is 200 with {"confirmed": true}.

    The address is the operator's; of the answer at most 4 KB are read, and five seconds are waited.
    """
    from twisted.web.client import Agent  # who does not ask need not load it at every start

    agent = Agent(reactor, connectTimeout=TIMEOUT_S)  # type: ignore[no-untyped-call]

    async def ask(card: str) -> bool:
        asking: Deferred[Any] = agent.request(b"GET", _address(url, card).encode("ascii"))
        response = await asking.addTimeout(TIMEOUT_S, reactor)
        reading = _Reading()
        response.deliverBody(reading)
        body = await reading.whole.addTimeout(TIMEOUT_S, reactor)
        return response.code == 200 and read_answer(body)

    return ask


class _Reading(Protocol):
    """Takes a body; one that is longer than we read counts as empty."""

    def __init__(self) -> None:
        self.whole: Deferred[bytes] = Deferred(lambda _whole: self.leave())
        self._body = b""

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._body += data
        if len(self._body) > _LONGEST:
            self._body = b""
            self.leave()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002, N802
        if not self.whole.called:
            self.whole.callback(self._body)

    def leave(self) -> None:
        """Read no more."""
        transport: Any = self.transport
        if transport is not None:
            transport.loseConnection()


def read_answer(body: bytes) -> bool:
    """Whether billing vouches for the card; anything but {"confirmed": true} is no."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("confirmed") is True


def _address(url: str, card: str) -> str:
    number = quote(card, safe="")
    if "{card}" in url:
        return url.replace("{card}", number)
    return f"{url}{'&' if '?' in url else '?'}card={number}"
