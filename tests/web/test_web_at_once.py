"""Answers that a socket takes at once do not wait for the reactor, and arrive whole and in order all the same."""

from collections.abc import Iterator
from socket import socket, socketpair
from typing import Any

import pytest
from twisted.internet.tcp import Connection

from middleware.web.values import text

ASK = b"GET /a HTTP/1.1\r\n\r\n"


class Wire(Connection):
    """A transport of Twisted on a real socket; what it leaves to the reactor is in its buffer."""

    def __init__(self, near: socket, town: Any) -> None:
        self.channel = town.site.buildProtocol(None)
        super().__init__(near, self.channel, reactor=self)
        self.connected = True
        self.channel.makeConnection(self)

    def addWriter(self, _wire: object) -> None:  # noqa: N802
        """The reactor is asked to call back."""

    addReader = removeWriter = removeReader = addWriter  # noqa: N815

    def getPeer(self) -> Any:  # noqa: N802
        """No address is asked for here."""
        return self

    def setTcpNoDelay(self, _enabled: bool) -> None:  # noqa: N802
        """A pair of sockets has no such option."""

    host = "10.0.0.1"


@pytest.fixture
def line(town: Any) -> Iterator[tuple[Wire, socket]]:
    near, far = socketpair()
    far.settimeout(5)
    town.routes.exact("GET", "/a", lambda _request: text("a"))
    town.routes.exact("GET", "/big", lambda _request: text("x" * 3_000_000))
    with near, far:
        yield Wire(near, town), far


def test_an_answer_is_sent_before_the_reactor_turns(line: tuple[Wire, socket]) -> None:
    wire, far = line
    wire.channel.dataReceived(ASK)

    assert far.recv(4096).endswith(b"\r\n\r\na")
    assert wire._tempDataBuffer == []


def test_further_answers_to_one_piece_wait_for_the_reactor(line: tuple[Wire, socket]) -> None:
    wire, far = line
    wire.channel.dataReceived(ASK * 3)

    assert far.recv(1 << 16).count(b"HTTP/1.1 200") == 1
    assert b"".join(wire._tempDataBuffer).count(b"HTTP/1.1 200") == 2


def test_what_the_socket_does_not_take_follows_in_order(line: tuple[Wire, socket]) -> None:
    wire, far = line
    wire.channel.dataReceived(ASK.replace(b"/a", b"/big"))
    wire.channel.resumeProducing()
    wire.channel.dataReceived(ASK)
    read = b""
    while wire._tempDataBuffer or wire.dataBuffer:
        read += far.recv(1 << 20)
        wire.doWrite()
    far.setblocking(False)
    while len(read) < 3_000_100 or not read.endswith(b"a"):
        read += far.recv(1 << 20)

    assert read.count(b"HTTP/1.1 200") == 2
    assert read.index(b"x" * 3_000_000) < read.rindex(b"HTTP/1.1 200")


def test_a_client_that_has_left_is_no_fault(line: tuple[Wire, socket]) -> None:
    wire, far = line
    far.close()
    wire.channel.dataReceived(ASK)

    assert wire._tempDataBuffer  # the reactor finds that the connection is lost when it writes this
