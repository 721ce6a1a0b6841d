"""Opening the port, with a clear error when that fails, and closing it in order."""

import errno
from typing import Any

from attrs import frozen
from twisted.internet.defer import Deferred, maybeDeferred
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
    """An open port; ``port`` is the number really bound (useful after asking for 0)."""

    site: Site
    port: int
    _listening: Any  # IListeningPort

    def stop(self, grace: float) -> "Deferred[None]":
        """Accept no more, then finish within ``grace`` seconds; fires when all connections are closed."""
        closed: Deferred[None] = maybeDeferred(self._listening.stopListening)
        return closed.addCallback(lambda _: self.site.stop(grace))


def listen(reactor: Any, site: Site, host: str, port: int) -> Listener:
    """Serve ``site`` on ``host``:``port`` (0: any free one). Raises PortBusy or CannotListen.

    ``reactor`` is an IReactorTCP.
    """
    try:
        listening = reactor.listenTCP(port, site, backlog=_BACKLOG, interface=host)
    except CannotListenError as failed:
        if getattr(failed.socketError, "errno", None) == errno.EADDRINUSE:
            raise PortBusy(host, port) from None
        raise CannotListen(host, port, str(failed.socketError)) from None
    return Listener(site, listening.getHost().port, listening)
