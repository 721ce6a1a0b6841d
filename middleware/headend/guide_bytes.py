"""Documents of the guide as bytes: packed and tagged once, answered whole, in gzip, or as not changed."""

import gzip
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final

from attrs import frozen
from twisted.internet.defer import Deferred, succeed

from middleware.web.heads import accepts_gzip, tag_matches
from middleware.web.shared import Shared
from middleware.web.values import JSON, Request, Response

XML: Final = "application/xml; charset=utf-8"
GZIP: Final = "application/gzip"
KEPT_PLAIN: Final = 4 * 2**20
"""Bytes up to which a document is also kept unpacked; of a longer one that is made again for the few who want it."""
_WORTH_PACKING: Final = 512
_CACHE: Final = ("Cache-Control", "public, max-age=60")
InThread = Callable[[Callable[[], Any]], "Deferred[Any]"]


@frozen
class Document:
    """A document in gzip, and as it is when it is not long; `tag` is that of its content."""

    plain: bytes | None
    packed: bytes
    tag: str
    content_type: str

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.packed) + len(self.plain or b"") + 500


def document(body: bytes, content_type: str = JSON) -> Document:
    """Pack and tag a body; a long one takes a while, and belongs into a thread."""
    packed = gzip.compress(body, 6, mtime=0) if len(body) >= _WORTH_PACKING else b""
    tag = hashlib.sha256(body).hexdigest()[:20]
    return Document(body if len(body) <= KEPT_PLAIN else None, packed, tag, content_type)


def _response(request: Request, tag: str, body: bytes, content_type: str, *extra: tuple[str, str]) -> Response:
    headers = (("ETag", tag), _CACHE, ("Vary", "Accept-Encoding"), *extra)
    if tag_matches(tag, request.headers.get("if-none-match", "")):
        return Response(304, b"", content_type, headers[:3])
    return Response(200, body, content_type, headers)


def answer(request: Request, one: Document, in_thread: InThread) -> "Deferred[Response]":
    """The document in the coding that the client takes; 304 when it has it."""
    if one.packed and accepts_gzip(request.headers.get("accept-encoding", "")):
        gzipped = ("Content-Encoding", "gzip")
        return succeed(_response(request, f'"{one.tag}-gz"', one.packed, one.content_type, gzipped))
    tag = f'"{one.tag}"'
    if one.plain is not None or tag_matches(tag, request.headers.get("if-none-match", "")):
        return succeed(_response(request, tag, one.plain or b"", one.content_type))
    unpacking = in_thread(lambda: zlib.decompress(one.packed, 31))
    return unpacking.addCallback(lambda body: _response(request, tag, body, one.content_type))


def file_answer(request: Request, one: Document) -> Response:
    """The document as a file in gzip."""
    packed = one.packed or gzip.compress(one.plain or b"", 6, mtime=0)
    return _response(request, f'"{one.tag}-file"', packed, GZIP)


class Documents:
    """Documents by key, `most` bytes of them, each made once however many ask; forgotten when the guide changes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[Hashable, Document] = OrderedDict()
        self._making: Shared[Document] = Shared()
        self._version = 0
        self.made = 0

    def stale(self) -> None:
        """Something of the guide has changed."""
        self._version += 1
        self._kept.clear()
        self._size = 0

    async def get(self, key: Hashable, make: Callable[[], Any]) -> Document:
        """The document, made now if need be; what is made of a guide that changes meanwhile serves who asked."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        return await self._making.get((key, self._version), lambda: self._make(key, make))

    async def _make(self, key: Hashable, make: Callable[[], Any]) -> Document:
        version = self._version
        made: Document = await make()
        self.made += 1
        if version == self._version:
            self._kept[key] = made
            self._size += made.size
            while self._size > self._most:
                self._size -= self._kept.popitem(last=False)[1].size
        return made
