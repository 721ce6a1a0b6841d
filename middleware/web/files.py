"""Files named by our own ids: conditional requests and single ranges (RFC 9110 §13, §14), streamed in pieces."""
# ruff: noqa: N802 (the names of IPushProducer)

import os
import stat
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING

from attrs import frozen

from middleware.web.heads import epoch_of, tag_matches
from middleware.web.values import File, HeaderPairs

if TYPE_CHECKING:
    from middleware.web.channel import Channel

_PIECE = 128 * 1024  # what Twisted hands to one send() call
_STALLED = 60.0  # seconds that a reader may take over one piece before it is cut off


@frozen
class Opened:
    """An open file (descriptor, or None when no byte of it is sent) and the head of the answer about it."""

    status: int
    headers: HeaderPairs
    descriptor: int | None
    start: int = 0
    length: int = 0


def open_file(file: File, headers: Mapping[str, str]) -> Opened | None:
    """Open ``file`` and decide between 200, 206, 304 and 416; None when it is no regular file that we can read."""
    try:
        descriptor = os.open(file.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    facts = os.fstat(descriptor)
    opened = _decide(file, facts, headers, descriptor) if stat.S_ISREG(facts.st_mode) else None
    if opened is None or opened.descriptor is None:
        os.close(descriptor)
    return opened


def _decide(file: File, facts: os.stat_result, headers: Mapping[str, str], descriptor: int) -> Opened:
    tag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    about = (
        ("ETag", tag),
        ("Last-Modified", formatdate(int(facts.st_mtime), usegmt=True)),
        ("Cache-Control", "public, max-age=31536000, immutable" if file.immutable else "no-cache"),
        ("Accept-Ranges", "bytes"),
        *file.headers,
    )
    if _unchanged(tag, int(facts.st_mtime), headers):
        return Opened(304, about, None)
    wanted = _range(headers, tag, about[1][1], facts.st_size)
    if wanted is None:
        return Opened(200, about, descriptor, 0, facts.st_size)
    start, stop = wanted
    if start >= stop:
        return Opened(416, (*about, ("Content-Range", f"bytes */{facts.st_size}")), None)
    span = ("Content-Range", f"bytes {start}-{stop - 1}/{facts.st_size}")
    return Opened(206, (*about, span), descriptor, start, stop - start)


def _unchanged(tag: str, modified: int, headers: Mapping[str, str]) -> bool:
    known = headers.get("if-none-match")
    if known is not None:
        return tag_matches(tag, known)
    return modified <= epoch_of(headers.get("if-modified-since", ""))


def _range(headers: Mapping[str, str], tag: str, modified: str, size: int) -> tuple[int, int] | None:
    """Start and stop of the one range asked for; start >= stop when it cannot be met; None to send all."""
    unit, _, spec = headers.get("range", "").replace(" ", "").partition("=")
    first, dash, last = spec.partition("-")
    if unit.lower() != "bytes" or not dash or not _digits(first) or not _digits(last) or not first + last:
        return None  # no range, several, or nonsense: RFC 9110 §14.2 lets a server ignore it
    if headers.get("if-range", tag) not in {tag, modified}:
        return None
    if not first:
        return max(size - int(last), 0), size
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def _digits(number: str) -> bool:
    return not number or (number.isascii() and number.isdigit() and len(number) <= 18)


class Streaming:
    """Sends the bytes of an opened file as fast as the client takes them, then calls ``done``.

    A push producer as twisted.internet.interfaces.IPushProducer describes it.
    """

    def __init__(self, channel: "Channel", opened: Opened, done: Callable[[], None]) -> None:
        self._channel = channel
        self._descriptor = opened.descriptor
        self._at = opened.start
        self._left = opened.length
        self._done = done
        self._paused = False

    def start(self, *, send_body: bool) -> None:
        """Begin sending; without a body (HEAD, 304, 416) just finish."""
        if not send_body or self._descriptor is None:
            self.stopProducing()
            self._done()
            return
        self._channel.registerProducer(self, streaming=True)
        self.resumeProducing()

    def resumeProducing(self) -> None:
        """Write pieces until the transport has enough."""
        self._paused = False
        self._channel.expires = self._channel.site.ticks + int(_STALLED)
        while not self._paused and self._descriptor is not None:
            self._write_piece(self._descriptor)

    def _write_piece(self, descriptor: int) -> None:
        piece = os.pread(descriptor, min(_PIECE, self._left), self._at)
        self._at += len(piece)
        self._left -= len(piece)
        self._channel.transport.write(piece)
        if self._left and not piece:  # the file was cut short meanwhile: only a broken connection tells the client
            self.stopProducing()
            self._channel.transport.abortConnection()
        elif not self._left:
            self.stopProducing()
            self._channel.unregisterProducer()
            self._done()

    def pauseProducing(self) -> None:
        """The transport has enough for now."""
        self._paused = True

    def stopProducing(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
