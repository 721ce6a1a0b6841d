"""One request and its answer: what HTTPChannel feeds while it reads, and what the endpoint's result becomes.

It takes the place of twisted.web's Request, whose general construction costs more than all our work on a request.
"""

from collections.abc import Awaitable, Generator
from types import CoroutineType, coroutine
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from middleware.web.files import Streaming, open_file
from middleware.web.forwarded import client_of
from middleware.web.heads import accepts_gzip
from middleware.web.lane import add_header
from middleware.web.routes import MAX_BODY, Match, Route
from middleware.web.urlencoded import MAX_TARGET, NOTHING, Malformed, origin_form, path_of, query_of
from middleware.web.values import File, Parked, Request, Response, Result, text
from middleware.web.waiter import ParkedWaiter

if TYPE_CHECKING:
    from middleware.web.channel import Channel

log = Logger()


class Exchange:
    """Lives from the request line until the answer is written, the request is parked or the client has gone."""

    __slots__ = (
        "_allowed", "_body", "_channel", "_method", "_pattern", "_pending", "_size", "_started", "_stream", "headers"
    )  # fmt: skip

    def __init__(self, channel: "Channel", _queued: int = 0) -> None:
        self._channel: Channel | None = channel
        self.headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._size = 0
        self._allowed = MAX_BODY
        self._pattern = "(none)"
        self._pending: Deferred[Any] | None = None
        self._stream: Streaming | None = None

    # --- what HTTPChannel calls while it reads ---

    @property
    def requestHeaders(self) -> "Exchange":  # noqa: N802 (the name HTTPChannel uses)
        """The object that takes headers: this one."""
        return self

    def addRawHeader(self, name: bytes, value: bytes) -> None:  # noqa: N802
        """Take a header, already split and stripped."""
        add_header(self.headers, name.decode("ascii").lower(), value.decode("latin-1"))

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Take a piece of the body; a chunked one can be found too long only here."""
        self._size += len(data)
        if self._size <= self._allowed:
            self._body.append(data)
        elif self._channel is not None:
            self._channel.refuse(413)

    def expect_body(self, method: bytes, target: bytes, length: int | None) -> None:
        """Refuse a body longer than its route takes before it is sent; ``length`` is None when chunked."""
        channel = self._channel
        if channel is None:
            return
        try:
            route = channel.site.routes.find(method.decode("ascii"), path_of(target)).route
        except Malformed:
            route = None  # told when the request is complete
        self._allowed = route.max_body if route is not None else MAX_BODY
        if length is not None and length > self._allowed:
            channel.refuse(413)
        elif self._allowed > MAX_BODY and (length is None or length > MAX_BODY) and not self._admitted(route):
            channel.refuse(403)

    def _admitted(self, route: Route | None) -> bool:
        return route is None or route.admit is None or route.admit(self.headers)

    def requestReceived(self, command: bytes, target: bytes, _version: bytes) -> None:  # noqa: N802
        """The request is complete: answer it from the ready table, or by its endpoint."""
        channel = self._channel
        if channel is None:
            return
        self._started = channel.site.heads.seconds()
        self._method = command.decode("ascii")
        if len(target) > MAX_TARGET:
            channel.refuse(414)
            return
        try:
            target = origin_form(target)
        except Malformed as fault:
            self._settle(text(f"{fault}\n", fault.status))
            return
        if not self._answer_ready(channel, target):
            self._call(channel, target)

    def connectionLost(self, _reason: Failure) -> None:  # noqa: N802
        """The client has gone: stop working for it."""
        self._channel = None
        if self._stream is not None:
            self._stream.stopProducing()
        if self._pending is not None:
            self._pending.cancel()

    # --- finding the answer ---

    def _answer_ready(self, channel: "Channel", target: bytes) -> bool:
        site = channel.site
        prepared = site.prepared(target) if self._method in {"GET", "HEAD"} else None
        if prepared is None:
            return False
        get = self.headers.get
        status, dated = prepared.choose(accepts_gzip(get("accept-encoding", "")), get("if-none-match", ""))
        site.ready_tally(status).hit(0.0)
        if channel.persistent and self._method == "GET":
            channel.send(dated.at(site.heads.date()))
        else:
            head_only = self._method == "HEAD"
            channel.send(dated.special(site.heads.date(), keep=channel.persistent, head_only=head_only))
        self._close(channel)
        return True

    def _call(self, channel: "Channel", target: bytes) -> None:
        try:
            path, match = channel.site.routes.find_raw(self._method, target)
            query = NOTHING if match.route is not None and match.route.raw else query_of(target)
        except Malformed as fault:
            self._settle(text(f"{fault}\n", fault.status))
            return
        if match.route is None:
            self._settle(_nowhere(channel, match))
            return
        self._pattern = match.route.pattern
        client = client_of(channel.client, self.headers) if channel.site.proxied else channel.client
        body = b"".join(self._body)
        request = Request(self._method, path, target, query, self.headers, body, client, match.rest)
        self._body = []
        try:
            result = match.route.endpoint(request)
        except Exception:  # noqa: BLE001 (whatever an endpoint raises becomes an answer, and is logged)
            self._failed(Failure())
        else:
            self._settle(result)

    def _settle(self, result: Result | Awaitable[Result]) -> None:
        channel = self._channel
        if channel is None:
            return
        if isinstance(result, Response):
            self._send(channel, result)
        elif isinstance(result, Parked):
            self._park(channel, result)
        elif isinstance(result, File):
            self._send_file(channel, result)
        else:
            self._await(result)

    def _await(self, result: Awaitable[Result]) -> None:
        if isinstance(result, CoroutineType):  # most have nothing to wait for: a Deferred would cost a sixth more
            try:
                waiting = result.send(None)
            except StopIteration as done:
                self._settle(done.value)
                return
            except Exception:  # noqa: BLE001 (whatever an endpoint raises becomes an answer, and is logged)
                self._failed(Failure())
                return
            result = _resumed(result, waiting)
        pending = result if isinstance(result, Deferred) else Deferred.fromCoroutine(_wait(result))
        self._pending = pending
        pending.addCallback(self._settled).addErrback(self._failed)

    def _settled(self, result: Result) -> None:
        self._pending = None
        self._settle(result)

    def _failed(self, failure: Failure) -> None:
        channel, self._pending = self._channel, None
        if channel is None:
            if not failure.check(CancelledError):
                log.failure("{pattern} failed after its client had left", failure=failure, pattern=self._pattern)
            return
        answer = channel.site.answer_to(cast("BaseException", failure.value))
        if answer is None:
            log.failure("{pattern} failed", failure=failure, pattern=self._pattern)
            answer = channel.site.error_page(500)
        self._send(channel, answer)

    # --- giving it ---

    def _send(self, channel: "Channel", response: Response) -> None:
        whole = channel.site.heads.whole(response, keep=channel.persistent, head_only=self._method == "HEAD")
        channel.send(whole)
        self._count(channel, response.status)
        self._close(channel)

    def _send_file(self, channel: "Channel", file: File) -> None:
        opened = open_file(file, self.headers)
        if opened is None:
            self._send(channel, file.missing or channel.site.error_page(404))
            return
        head = channel.site.heads.head(
            opened.status, file.content_type, opened.length, opened.headers, keep=channel.persistent
        )
        channel.transport.write(head)
        self._count(channel, opened.status)
        self._stream = Streaming(channel, opened, self._streamed)
        self._stream.start(send_body=self._method != "HEAD")

    def _streamed(self) -> None:
        self._stream = None
        if self._channel is not None:
            self._close(self._channel)

    def _park(self, channel: "Channel", parked: Parked) -> None:
        if self._method == "HEAD":
            self._send(channel, Response(200, parked.at_stop, parked.content_type))
            return
        tally = channel.site.meter.tally(self._pattern, 200)
        self._channel = None
        channel.requests.clear()
        parked.on_park(ParkedWaiter(channel, parked.at_stop, parked.content_type, tally))

    def _count(self, channel: "Channel", status: int) -> None:
        channel.site.meter.tally(self._pattern, status).hit(channel.site.heads.seconds() - self._started)

    def _close(self, channel: "Channel") -> None:
        self._channel = None
        channel.answered()


def _nowhere(channel: "Channel", match: Match) -> Response:
    if not match.allow:
        return channel.site.error_page(404)
    page = channel.site.error_page(405)
    return Response(405, page.body, page.content_type, (*page.headers, ("Allow", ", ".join(match.allow))))


@coroutine
def _resumed(begun: "CoroutineType[Any, Any, Result]", waiting: Any) -> Generator[Any, Any, Result]:
    """Go on with a coroutine that has come to its first wait."""
    try:
        while True:
            try:
                got = yield waiting
            except BaseException as error:  # noqa: BLE001 (the coroutine itself decides what to make of it)
                waiting = begun.throw(error)
            else:
                waiting = begun.send(got)
    except StopIteration as done:
        result: Result = done.value
        return result


async def _wait(result: Awaitable[Result]) -> Result:
    return await result
