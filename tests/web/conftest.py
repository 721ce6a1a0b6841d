"""A site on a clock and clients without sockets."""

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from middleware.web.edge import Limits, Site, make_site
from middleware.web.routes import Routes
from middleware.web.values import Response, text


class Wire(StringTransport):
    """The server's end of a connection, recording what is written and how it is closed."""

    half_closed = False
    aborted = False

    def loseWriteConnection(self) -> None:  # noqa: N802
        self.half_closed = True

    def abortConnection(self) -> None:  # noqa: N802
        self.aborted = True


class Client:
    """One connection to a site."""

    def __init__(self, site: Site) -> None:
        channel = site.buildProtocol(None)
        assert channel is not None
        self.channel = channel
        self.wire = Wire()
        channel.makeConnection(self.wire)

    def send(self, data: bytes) -> bytes:
        """Send bytes and return what was answered since the last call."""
        self.channel.dataReceived(data)
        return self.answer()

    def answer(self) -> bytes:
        """What was answered since the last call."""
        value = self.wire.value()
        self.wire.clear()
        return value

    def leave(self, *, cleanly: bool = True) -> None:
        """The client closes."""
        self.channel.connectionLost(Failure(ConnectionDone() if cleanly else ConnectionLost()))


class Town:
    """A site with its routes, clock and whatever an error page was asked for."""

    def __init__(self, **limits: Any) -> None:
        self.clock = Clock()
        self.routes = Routes()
        self.site = make_site(
            self.routes, self.clock, error_page=self.error_page, map_error=self.map_error, limits=Limits(**limits)
        )
        self.site.startFactory()

    def error_page(self, status: int) -> Response:
        return text(f"page for {status}", status)

    def map_error(self, error: BaseException) -> Response | None:
        return text("not on the roll", 409) if isinstance(error, LookupError) else None

    def client(self) -> Client:
        return Client(self.site)

    def ask(self, data: bytes) -> bytes:
        """Send bytes on a connection of its own."""
        return self.client().send(data)

    def wait(self, seconds: int) -> None:
        """Let so many seconds pass, tick by tick."""
        self.clock.pump([1] * seconds)


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def town_with() -> Callable[..., Town]:
    return Town


@pytest.fixture
def parse() -> Callable[[bytes], tuple[int, dict[str, str], bytes]]:
    """Status, headers (names in lower case) and body of one answer."""

    def split(answer: bytes) -> tuple[int, dict[str, str], bytes]:
        head, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in lines)
        return int(status.split(" ")[1]), {name.lower(): value for name, value in pairs}, body

    return split
