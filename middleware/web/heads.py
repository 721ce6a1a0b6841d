"""Response heads from prebuilt blocks, and the Date line made once a second."""

from collections.abc import Callable
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from http.client import responses

from attrs import define, field

from middleware.web.routes import ReadyResponse, Variant
from middleware.web.values import HeaderPairs, Response

# No script, object or frame policy beyond these: the portal's own pages set a stricter Content-Security-Policy.
SECURITY_HEADERS: HeaderPairs = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Referrer-Policy", "same-origin"),
)
NO_BODY = frozenset({204, 304})
CLOSE = b"Connection: close\r\n"
_NO_STORE = b"Cache-Control: no-store\r\n"
_MAX_BLOCKS = 256  # statuses × content types that our endpoints use; more would mean a type taken from a request


@define
class Heads:
    """Writes response heads; ``seconds`` is the wall clock (epoch seconds)."""

    seconds: Callable[[], float]
    security: HeaderPairs = SECURITY_HEADERS
    _second: int = field(default=-1, init=False)
    _date: bytes = field(default=b"", init=False)
    _blocks: dict[tuple[int, str], bytes] = field(factory=dict, init=False)
    _last: tuple[object, bytes] = field(default=(None, b""), init=False)

    def date(self) -> bytes:
        """The Date line of this second; the same object until the second is over."""
        second = int(self.seconds())
        if second != self._second:
            self._second = second
            self._date = b"Date: %s\r\n" % formatdate(second, usegmt=True).encode()
        return self._date

    def block(self, status: int, content_type: str) -> bytes:
        """Status line and the headers that never change, up to where Date follows."""
        key = (status, content_type)
        found = self._blocks.get(key)
        if found is None:
            if len(self._blocks) >= _MAX_BLOCKS:
                self._blocks.clear()
            found = self._blocks[key] = self._build(status, content_type)
        return found

    def _build(self, status: int, content_type: str) -> bytes:
        lines = [f"HTTP/1.1 {status} {responses.get(status, '')}", "Server: nanhu-tv"]
        lines += [f"{name}: {value}" for name, value in self.security]
        if status not in NO_BODY:
            lines.append(f"Content-Type: {content_type}")
        return "".join(line + "\r\n" for line in lines).encode("latin-1")

    def head(self, status: int, content_type: str, length: int, headers: HeaderPairs, *, keep: bool) -> bytes:
        """The head of an answer of ``length`` bytes; ``keep`` says whether the connection stays open."""
        size = b"" if status in NO_BODY else b"Content-Length: %d\r\n" % length
        extra = _extra(headers) if headers else _NO_STORE
        close = b"" if keep else CLOSE
        return b"".join((self.block(status, content_type), self.date(), size, extra, close, b"\r\n"))

    def whole(self, response: Response, *, keep: bool, head_only: bool = False) -> bytes:
        """The complete answer; ``head_only`` answers HEAD."""
        head = self.head(response.status, response.content_type, len(response.body), response.headers, keep=keep)
        return head if head_only or response.status in NO_BODY else head + response.body

    def parked(self, body: bytes, content_type: str, *, keep: bool) -> bytes:
        """The answer to a parked request; remembered, since one event is told to thousands of TVs in a row."""
        key = (body, content_type, self.date(), keep)
        if self._last[0] != key:
            self._last = (key, self.head(200, content_type, len(body), (), keep=keep) + body)
        return self._last[1]

    def prepare(self, ready: ReadyResponse) -> "Prepared":
        """The bytes of a ready answer around the Date line, for each of its encodings."""
        packed = self._prepare_variant(ready, ready.packed, ready.packed) if ready.packed else None
        return Prepared(self._prepare_variant(ready, ready.plain, ready.packed), packed)

    def _prepare_variant(self, ready: ReadyResponse, variant: Variant, packed: Variant | None) -> "PreparedVariant":
        tail = b"ETag: %s\r\nCache-Control: %s\r\n" % (variant.etag, ready.cache_control.encode())
        tail += b"Vary: Accept-Encoding\r\n" if packed else b""
        encoding = b"Content-Encoding: gzip\r\n" if variant is packed else b""
        length = b"Content-Length: %d\r\n" % len(variant.body)
        return PreparedVariant(
            variant.etag,
            Dated(self.block(200, ready.content_type), tail + encoding + length, variant.body),
            Dated(self.block(304, ready.content_type), tail, b""),
        )


@lru_cache(maxsize=512)
def _extra(headers: HeaderPairs) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    if not any(name.lower() == "cache-control" for name, _ in headers):
        return lines.encode("ascii") + _NO_STORE
    return lines.encode("ascii")


@define
class Dated:
    """An answer whose bytes are put together once per second, since only Date changes."""

    front: bytes
    tail: bytes
    body: bytes
    _stamp: bytes = field(default=b"", init=False)
    _whole: bytes = field(default=b"", init=False)

    def at(self, date: bytes) -> bytes:
        """The complete answer carrying this Date line, for a connection that stays open."""
        if self._stamp is not date:
            self._whole = b"".join((self.front, date, self.tail, b"\r\n", self.body))
            self._stamp = date
        return self._whole

    def special(self, date: bytes, *, keep: bool, head_only: bool) -> bytes:
        """The same for HEAD, or for a connection that closes."""
        close = b"" if keep else CLOSE
        return b"".join((self.front, date, self.tail, close, b"\r\n", b"" if head_only else self.body))


@define
class PreparedVariant:
    """One encoding of a ready answer: its tag, the 200 and the 304."""

    etag: bytes
    full: Dated
    unchanged: Dated


@define
class Prepared:
    """A ready answer as bytes, ``packed`` when a compressed form exists."""

    plain: PreparedVariant
    packed: PreparedVariant | None

    def choose(self, gzip: bool, if_none_match: str) -> tuple[int, Dated]:
        """Status and bytes for what the client accepts and already has."""
        variant = self.packed if gzip and self.packed is not None else self.plain
        if if_none_match and tag_matches(variant.etag.decode(), if_none_match):
            return 304, variant.unchanged
        return 200, variant.full


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header allows gzip by name, with a weight above zero (RFC 9110 §12.5.3)."""
    for part in accept_encoding.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding in {"gzip", "x-gzip"}:
            return weight.strip("0.") != "" or not weight
    return False


def tag_matches(etag: str, header: str) -> bool:
    """Whether an If-None-Match header names ``etag``, by weak comparison (RFC 9110 §13.1.2)."""
    return header.strip() == "*" or any(tag.strip().removeprefix("W/") == etag for tag in header.split(","))


def epoch_of(date: str) -> float:
    """Epoch seconds of an HTTP date; 0 for what is none."""
    try:
        found = parsedate_to_datetime(date)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return 0.0
