"""Opening the ports, with a clear error when that fails, and closing them in order."""

import errno
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.error import CannotListenError

from middleware.web.edge import Site

_BACKLOG = 2048  # every box of the town reconnects when the server comes back


class CannotListen(Exception):
    """The address cannot be had: not ours, not permitted, no such name."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}")
        self.host = host
        self.port = port


class PortBusy(CannotListen):
    """Another program listens on this host and port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port, "the port is in use")


@frozen
class Listener:
    """Open ports; ``port`` is the number of the first as really bound (useful after asking for 0)."""

    site: Site
    port: int
    _listening: Sequence[Any]  # IListeningPort

    def stop(self, grace: float) -> "Deferred[None]":
        """Accept no more, then finish within ``grace`` seconds; fires when all connections are closed."""
        closing = [maybeDeferred(port.stopListening) for port in self._listening]
        closed: Deferred[Any] = DeferredList(closing, fireOnOneErrback=True)
        return closed.addCallback(lambda _: self.site.stop(grace))


def listen(reactor: Any, site: Site, host: str, port: int, more: Iterable[int] = ()) -> Listener:
    """Serve ``site`` on ``host``:``port`` (0: any free one) and on the ports ``more`` of the same host, all or none.

    Raises PortBusy or CannotListen. ``reactor`` is an IReactorTCP.
    """
    opened: list[Any] = []
    with ExitStack() as undo:
        for each in dict.fromkeys((port, *more)):
            listening = _open(reactor, site, host, each)
            undo.callback(maybeDeferred, listening.stopListening)
            opened.append(listening)
        undo.pop_all()
    return Listener(site, opened[0].getHost().port, opened)


def _open(reactor: Any, site: Site, host: str, port: int) -> Any:
    try:
        return reactor.listenTCP(port, site, backlog=_BACKLOG, interface=host)
    except CannotListenError as failed:
        if getattr(failed.socketError, "errno", None) == errno.EADDRINUSE:
            raise PortBusy(host, port) from None
        raise CannotListen(host, port, str(failed.socketError)) from None
