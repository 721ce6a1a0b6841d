"""How lists of films and channels are answered: ready bytes, plain and gzip, each with its tag (video.md §10)."""

import hashlib
import json
import zlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import Final, Generic, Protocol, TypeVar

from attrs import frozen

from middleware.web.heads import accepts_gzip, epoch_of, tag_matches
from middleware.web.values import JSON, HeaderPairs, Response

PLAYLIST: Final = "application/vnd.apple.mpegurl"
MASTER_AGE: Final = "max-age=300"
VOD_AGE: Final = "max-age=3600"
LIVE_AGE: Final = "max-age=1"
ANYWHERE: Final = ("Access-Control-Allow-Origin", "*")
_GZIP: Final = 16 + zlib.MAX_WBITS
_LEVEL: Final = 6
"""67 µs for 26 kB; 9 takes three times as long and saves nothing."""


@frozen
class _Variant:
    tag: str
    full: Response
    unchanged: Response


@frozen
class Listing:
    """A list as it is sent; `modified` (epoch seconds) is 0 for those that have no date."""

    plain: _Variant
    packed: _Variant
    modified: int

    @classmethod
    def of(cls, body: bytes, age: str, modified: int = 0) -> "Listing":
        """Pack and tag a list. Equal bytes have equal tags on every node."""
        dated = (("Last-Modified", formatdate(modified, usegmt=True)),) if modified else ()
        common: HeaderPairs = (("Cache-Control", age), ("Vary", "Accept-Encoding"), ANYWHERE, *dated)
        return cls(_variant(body, common), _variant(_pack(body), common, ("Content-Encoding", "gzip")), modified)

    @property
    def size(self) -> int:
        """Bytes of both variants."""
        return len(self.plain.full.body) + len(self.packed.full.body)

    def answer(self, headers: Mapping[str, str]) -> Response:
        """200, or 304 to who has it already."""
        variant = self.packed if accepts_gzip(headers.get("accept-encoding", "")) else self.plain
        known = headers.get("if-none-match")
        if known is not None:
            return variant.unchanged if tag_matches(variant.tag, known) else variant.full
        since = headers.get("if-modified-since")
        return variant.unchanged if since and self.modified and self.modified <= epoch_of(since) else variant.full


class Made(Protocol):
    """A list and what is known of it."""

    @property
    def listing(self) -> Listing: ...


M = TypeVar("M", bound=Made)
KEPT_BYTES: Final = 64 << 20
"""Of lists of one sort: a live one takes 3 KB, the longest film 160 KB, any six hours of a channel 190 KB."""


class Kept(Generic[M]):
    """Lists in memory by name: at most so many, and so many bytes of them; those that were made first go first."""

    def __init__(self, most: int, most_bytes: int = KEPT_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._lists: OrderedDict[Hashable, M] = OrderedDict()
        self.bytes = 0

    def get(self, name: Hashable) -> M | None:
        """What is kept under a name."""
        return self._lists.get(name)

    def put(self, name: Hashable, made: M) -> None:
        """Keep a list in the place of the one of its name."""
        self._drop(name)
        self._lists[name] = made
        self.bytes += made.listing.size
        while len(self._lists) > self._most or self.bytes > self._most_bytes:
            self._drop(next(iter(self._lists)))

    def clear(self) -> None:
        """Forget all."""
        self._lists.clear()
        self.bytes = 0

    def _drop(self, name: Hashable) -> None:
        gone = self._lists.pop(name, None)
        if gone is not None:
            self.bytes -= gone.listing.size


@lru_cache(maxsize=64)
def problem(status: int, code: str, retry_s: int = 0) -> Response:
    """What programs are told when there is nothing: a stable code as JSON."""
    later = (("Retry-After", f"{retry_s}"),) if retry_s else ()
    return Response(
        status, json.dumps({"error": code}).encode(), JSON, (("Cache-Control", "max-age=2"), ANYWHERE, *later)
    )


def _variant(body: bytes, common: HeaderPairs, *more: tuple[str, str]) -> _Variant:
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    tagged = (("ETag", tag), *common)
    return _Variant(tag, Response(200, body, PLAYLIST, (*tagged, *more)), Response(304, b"", PLAYLIST, tagged))


def _pack(body: bytes) -> bytes:
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return packing.compress(body) + packing.flush()
