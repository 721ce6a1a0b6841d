"""The site: connections, deadlines, counts and the orderly stop of the HTTP edge."""
# ruff: noqa: N802 (the names of Factory)

from collections.abc import Callable
from typing import Any, Protocol

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ServerFactory
from twisted.logger import Logger

from middleware.web.channel import Channel
from middleware.web.heads import SECURITY_HEADERS, Heads, Prepared
from middleware.web.lane import Lane
from middleware.web.meter import Meter, Tally
from middleware.web.routes import Routes
from middleware.web.urlencoded import Malformed
from middleware.web.values import HeaderPairs, Response, text

log = Logger()
_TICK = 1.0  # seconds; a sweep over 15,000 connections takes about a millisecond
_TICKS_PER_SUMMARY = 60


class Timers(Protocol):
    """What we use of IReactorTime (zope interfaces tell mypy nothing)."""

    def seconds(self) -> float:
        """Epoch seconds."""

    def callLater(self, delay: float, callable: Callable[..., Any], /, *args: Any) -> Any:  # noqa: A002
        """Call after ``delay`` seconds; the result can be cancelled."""


@frozen
class Limits:
    """Bounds of a site; times in seconds.

    ``idle`` exceeds the 60-s interval of short polls, so that boxes keep their connections. ``reading`` is the time
    for a complete request however slowly it trickles in, prolonged for bodies at ``slowest_upload`` bytes a second.
    ``linger`` is how long a client may take to read its last answer. 18,000 connections leave 2,000 of the usual
    20,000 descriptors to files and the database.
    """

    connections: int = 18_000
    idle: int = 75
    reading: int = 20
    slowest_upload: int = 16 * 1024
    linger: int = 5


class Site(ServerFactory[Any]):
    """A twisted factory that serves ``routes``; build it with make_site."""

    noisy = False

    def __init__(self, routes: Routes, reactor: Timers, heads: Heads, limits: Limits, meter: Meter) -> None:
        self.routes = routes
        self.heads = heads
        self.limits = limits
        self.meter = meter
        self.lane = Lane(self)
        self.ticks = 0
        self.stopping = False
        self.proxied = False
        self.error_page: Callable[[int], Response] = lambda status: text(f"error {status}\n", status)
        self.map_error: Callable[[BaseException], Response | None] = lambda _error: None
        self._reactor = reactor
        self._channels: set[Channel] = set()
        self._prepared: dict[bytes, Prepared] = {}
        self._revision = routes.revision
        self._summary = meter.summary()
        self._next_tick: Any = None
        self._drained: Deferred[None] | None = None
        self._ready = {status: meter.tally("(ready)", status) for status in (200, 304)}

    def buildProtocol(self, addr: object) -> Channel | None:  # noqa: ARG002 (the interface of Factory)
        """A channel for a new connection; None (the connection is closed) when there are too many."""
        if len(self._channels) >= self.limits.connections or self.stopping:
            self.meter.turned_away += 1
            return None
        channel = Channel(self)
        self._channels.add(channel)
        self.meter.accepted += 1
        self.meter.connections += 1
        return channel

    def closed(self, channel: Channel) -> None:
        """A channel has lost its connection."""
        self._channels.discard(channel)
        self.meter.connections -= 1
        if self._drained is not None and not self._channels:
            drained, self._drained = self._drained, None
            drained.callback(None)

    def ready_tally(self, status: int) -> Tally:
        """The count of ready answers with this status (200 or 304)."""
        return self._ready[status]

    def prepared(self, target: bytes) -> Prepared | None:
        """The ready answer for exactly this target, as bytes with our headers."""
        if self._revision != self.routes.revision:
            self._revision = self.routes.revision
            self._prepared.clear()
        found = self._prepared.get(target)
        if found is None:
            ready = self.routes.readies.get(target)
            if ready is None:
                return None
            found = self._prepared[target] = self.heads.prepare(ready)
        return found

    def answer_to(self, error: BaseException) -> Response | None:
        """The answer to an error that an endpoint meant (malformed form, domain error); None for a fault of ours."""
        if isinstance(error, Malformed):
            return text(f"{error}\n", error.status)
        return self.map_error(error)

    def startFactory(self) -> None:
        """Begin to sweep."""
        self._next_tick = self._reactor.callLater(_TICK, self._tick)

    def stopFactory(self) -> None:
        """The port is closed: sweep no more."""
        if self._next_tick is not None:
            self._next_tick.cancel()
            self._next_tick = None

    def _tick(self) -> None:
        self._next_tick = self._reactor.callLater(_TICK, self._tick)
        self.ticks += 1
        for channel in [channel for channel in self._channels if channel.expires < self.ticks]:
            channel.expire()
        if self.ticks % _TICKS_PER_SUMMARY == 0:
            self._log_summary()

    def _log_summary(self) -> None:
        told = self._summary()
        if told:
            meter = self.meter
            log.info(
                "requests: {told}; connections {open}, parked {parked}, turned away {away}, timed out {late}",
                told=told, open=meter.connections, parked=meter.parked, away=meter.turned_away, late=meter.timed_out,
            )  # fmt: skip

    def stop(self, grace: float) -> "Deferred[None]":
        """Let waiters go and finish what is being answered; cut what remains after ``grace`` seconds.

        Call it when the port no longer listens. Fires when the last connection is closed.
        """
        self.stopping = True
        done: Deferred[None] = Deferred()
        if not self._channels:
            done.callback(None)
            return done
        self._drained = done
        cut = self._reactor.callLater(grace, self._cut)
        done.addCallback(lambda _: cut.cancel() if cut.active() else None)
        for channel in tuple(self._channels):
            channel.wind_down()
        return done

    def _cut(self) -> None:
        for channel in tuple(self._channels):
            channel.transport.abortConnection()


def make_site(
    routes: Routes,
    reactor: Timers,
    *,
    error_page: Callable[[int], Response],
    map_error: Callable[[BaseException], Response | None] = lambda _error: None,
    meter: Meter | None = None,
    limits: Limits | None = None,
    security: HeaderPairs = SECURITY_HEADERS,
    proxied: bool = False,
) -> Site:
    """The factory for ``routes``.

    ``error_page(status)`` gives the page for 404, 405 and 500; ``map_error(error)`` the answer to an exception that an
    endpoint raised on purpose, or None for a fault, which is logged and answered with the page for 500. ``security``
    are sent with every answer; with ``proxied`` a proxy on this machine names the clients. Wall clock
    and timers are those of ``reactor``.
    """
    site = Site(routes, reactor, Heads(reactor.seconds, security), limits or Limits(), meter or Meter())
    site.error_page = error_page
    site.map_error = map_error
    site.proxied = proxied
    return site
