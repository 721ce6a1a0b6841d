"""One connection: twisted.web's HTTPChannel with our limits, deadlines without timers, and the cached lane.

HTTPChannel keeps its parser state in protected attributes (``_handlingRequest``, ``_dataBuffer``, ``_buffer``,
``_HTTPChannel__first_line``), a TCP connection of Twisted what it has still to send in ``_tempDataBuffer``; this
subclass reads them. Twisted is pinned in constraints.txt, and the differential
tests of the two lanes fail when one of them changes its meaning.
"""
# ruff: noqa: N802, N815 (the names of HTTPChannel)

from typing import TYPE_CHECKING, Any

from twisted.internet.tcp import Connection
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from middleware.web.exchange import Exchange
from middleware.web.values import text

if TYPE_CHECKING:
    from middleware.web.edge import Site
    from middleware.web.waiter import ParkedWaiter

NEVER = 1 << 62
_REFUSALS = {
    400: "bad request\n",
    403: "登录已过期，请重新登录以后再上传\n",
    408: "the request took too long\n",
    413: "the request body is too large\n",
    414: "the address is too long\n",
    431: "the request headers are too large\n",
}


class Channel(HTTPChannel):
    """A connection of ``site``.

    Instead of a timer per connection, ``expires`` is the tick of the site after which its sweep calls ``expire``:
    a request must be complete within the site's limits however its bytes trickle in, and an idle connection is closed.
    """

    requestFactory: Any = Exchange
    timeOut = None
    totalHeadersSize = 16 * 1024
    maxHeaders = 100
    transport: Any
    persistent: bool = True
    refused = False
    unread = False
    plain = False
    """Whether the transport is a socket that takes bytes at once."""
    first = False
    """Whether nothing has been answered to what came last."""
    _client = ""
    waiter: "ParkedWaiter | None" = None
    _HTTPChannel__first_line: int
    _networkProducer: Any

    def __init__(self, site: "Site") -> None:
        super().__init__()
        self.site = site
        self.expires = site.ticks + site.limits.idle

    def connectionMade(self) -> None:
        """Look at what is at the other end."""
        super().connectionMade()
        self.plain = isinstance(self.transport, Connection) and not self.transport.TLS

    @property
    def client(self) -> str:
        """The address of the peer."""
        if not self._client:
            self._client = self.transport.getPeer().host
        return self._client

    @property
    def at_rest(self) -> bool:
        """Between two requests: nothing read, nothing being answered."""
        return bool(self.line_mode and self._HTTPChannel__first_line == 1 and not self._buffer)

    def dataReceived(self, data: bytes) -> None:
        """Answer from the cached lane when the whole of a plain GET has come in one piece, else parse."""
        if self.refused:
            return
        self.first = self.plain
        if self.line_mode and self._HTTPChannel__first_line == 1 and not self._buffer and not self._busyReceiving:
            whole = self.site.lane.answer(data) if self.persistent else None
            if whole is not None:
                self.expires = self.site.ticks + self.site.limits.idle
                self.send(whole)
                return
            read = self.site.lane.read(data) if self.persistent else None
            if read is not None:
                self._take(*read)
                return
            self.expires = self.site.ticks + self.site.limits.reading
        LineReceiver.dataReceived(self, data)  # not HTTPChannel's: that resets a timer which we do not have

    def send(self, data: bytes) -> None:
        """Write an answer, the first one to what has come at once: else the reactor is asked to call back when the
        socket can be written, and told that this is over, which costs more than all our own work on a request.

        Those to further requests in the same piece wait for the reactor, so that nobody holds it up with thousands.
        """
        wire = self.transport
        if self.first and not wire.disconnecting and not wire.dataBuffer and not wire._tempDataBuffer:  # noqa: SLF001
            self.first = False
            sent = wire.writeSomeData(data)
            if sent == len(data):
                return
            if isinstance(sent, int):  # else the connection is lost, which the reactor will find too
                data = data[sent:]
        wire.write(data)

    def _take(self, target: bytes, headers: dict[str, str]) -> None:
        """Hand over a request that was read in one go: what HTTPChannel does when its parser has come to the end."""
        exchange = Exchange(self)
        exchange.headers = headers
        self.requests.append(exchange)
        self.expires = NEVER
        self._handlingRequest = True
        self.setRawMode()  # what comes meanwhile is kept for later
        exchange.requestReceived(b"GET", target, b"HTTP/1.1")

    def allHeadersReceived(self) -> None:
        """Decide on the connection and on the length of the body before any of it is read."""
        exchange = self.requests[-1]
        self.persistent = self.checkPersistence(exchange, self._version)
        if self.length != 0:
            exchange.expect_body(self._command, self._path, self.length)
            self.expires += (self.length or 0) // self.site.limits.slowest_upload
            if not self.refused and exchange.headers.get("expect", "").lower() == "100-continue":
                self._send100Continue()

    def checkPersistence(self, request: Exchange, version: bytes) -> bool:
        """Whether the connection may stay open after the answer."""
        tokens = request.headers.get("connection", "").lower().replace(" ", "").split(",")
        return version == b"HTTP/1.1" and "close" not in tokens and not self.site.stopping

    def allContentReceived(self) -> None:
        """Hand the request over, unless it has been refused meanwhile."""
        if not self.refused:
            self.expires = NEVER
            super().allContentReceived()

    def answered(self) -> None:
        """Go on with the next request, or close; what HTTPChannel.requestDone does for its own requests.

        A client that does not read its answers gets no more of them: thousands of small requests sent at once would
        else pile up answers a thousand times their size. HTTPChannel only stops reading, and that is too late.
        """
        self.requests.clear()
        if not self.persistent or self.site.stopping:
            self.loseConnection()
            self.expires = self.site.ticks + self.site.limits.linger
            return
        self.expires = self.site.ticks + self.site.limits.idle
        self.unread = self._waitingForTransport
        if not self.unread:
            self._go_on()

    def resumeProducing(self) -> None:
        """The client has read on: send what was held back, and go on with its next request."""
        super().resumeProducing()
        if self.unread:
            self.answered()

    def _go_on(self) -> None:
        self._handlingRequest = False
        early = b""
        if self._dataBuffer:  # after a body there is at least an empty piece
            early = b"".join(self._dataBuffer)
            self._dataBuffer.clear()
            if early and not self._waitingForTransport:
                self._networkProducer.resumeProducing()
        self.setLineMode(early)

    def refuse(self, status: int) -> None:
        """Answer an error of the protocol in plain text and read no more from this client.

        Only our half is closed: closing all with input unread would make the kernel send a reset, and the client
        would not see the answer. The sweep closes the rest.
        """
        if self.refused:
            return
        self.refused = True
        self.paused = True  # stops the loop of LineReceiver
        self.clearLineBuffer()
        self.site.meter.tally("(refused)", status).hit(0.0)
        self.transport.write(self.site.heads.whole(text(_REFUSALS[status], status), keep=False))
        self.transport.loseWriteConnection()
        self.expires = self.site.ticks + self.site.limits.linger

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: ARG002 (given by LineReceiver)
        """A single line beyond all limits: the target, or one header."""
        self.refuse(431 if self.requests else 414)

    def _respondToBadRequestAndDisconnect(self) -> None:
        # HTTPChannel calls this for every fault that it finds while parsing.
        self.refuse(431 if self._receivedHeaderSize > self.totalHeadersSize else 400)

    def expire(self) -> None:
        """The deadline is over: tell a client that is still sending, close one that is idle, cut one that hangs."""
        self.site.meter.timed_out += 1
        if self.transport.disconnecting or self.refused or self._handlingRequest:
            self.transport.abortConnection()  # amid an answer nothing else can be said
        elif self.at_rest:
            self.loseConnection()
            self.expires = self.site.ticks + self.site.limits.linger
        else:
            self.refuse(408)

    def wind_down(self) -> None:
        """The server stops: close when idle, let waiters go, let a request that is being answered finish."""
        if self.waiter is not None:
            self.waiter.dismiss()
        elif self.at_rest:
            self.loseConnection()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        """Cancel what was being done for this client."""
        super().connectionLost(reason)
        if self.waiter is not None:
            self.waiter.lost()
        self.site.closed(self)
