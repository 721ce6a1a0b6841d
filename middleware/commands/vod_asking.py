"""One HTTP question of `vod check`: bounded, timed, http and https only, redirects told and not followed."""

import http.client
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Mapping
from typing import IO, Any, Final, Literal

from attrs import frozen

SILENT_S: Final = 10.0
LONGEST_S: Final = 120.0
LIST_BYTES: Final = 1 << 20
SEGMENT_BYTES: Final = 64 << 20
_PIECE: Final = 1 << 16


class NotReachable(Exception):
    """Nothing usable came from an address; the text says why."""


@frozen
class Got:
    """An answer whatever its status; `headers` in small letters, `body` unpacked, `at_ms` when it was there."""

    uri: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    at_ms: int

    @property
    def size(self) -> int:
        """Bytes of the resource as the server tells it, else as they came."""
        told = self.headers.get("content-length", "")
        return int(told) if told.isdecimal() else len(self.body)


class _Staying(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for an answer."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_Staying)


def asked(uri: str, method: Literal["GET", "HEAD"] = "GET", *, most: int = SEGMENT_BYTES, packed: bool = False) -> Got:
    """Ask once. `packed` takes gzip, as players do for lists. Blocks. Raises NotReachable."""
    if not uri.startswith(("http://", "https://")):
        raise NotReachable(f"{uri} is neither http nor https")
    headers = {"User-Agent": "nanhu-tv vod check", "Accept-Encoding": "gzip" if packed else "identity"}
    try:
        request = urllib.request.Request(uri, headers=headers, method=method)  # noqa: S310 (the scheme was looked at)
        with _opened(request) as response:
            body = b"" if method == "HEAD" else _body(response, most)
            told = {name.lower(): value for name, value in response.headers.items()}
            status = int(response.status)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise NotReachable(f"{uri}: {str(fault) or type(fault).__name__}") from fault
    return Got(uri, status, told, _unpacked(body, told, most, uri), int(time.time() * 1000))


def _opened(request: urllib.request.Request) -> Any:
    try:
        return _OPENER.open(request, timeout=SILENT_S)
    except urllib.error.HTTPError as answer:  # 3xx, 4xx and 5xx are answers, too
        return answer


def _body(response: IO[bytes], most: int) -> bytes:
    """What comes, within its size and time."""
    end, body = time.monotonic() + LONGEST_S, bytearray()
    while piece := response.read(_PIECE):
        body += piece
        if len(body) > most:
            raise ValueError(f"larger than {most >> 20} MiB")
        if time.monotonic() > end:
            raise ValueError(f"not there after {LONGEST_S:.0f} s")
    return bytes(body)


def _unpacked(body: bytes, headers: Mapping[str, str], most: int, uri: str) -> bytes:
    if headers.get("content-encoding") != "gzip" or not body:
        return body
    opening = zlib.decompressobj(wbits=31)
    try:
        plain = opening.decompress(body, most)
    except zlib.error as fault:
        raise NotReachable(f"{uri}: not gzip as it says") from fault
    if opening.unconsumed_tail or not opening.eof:
        raise NotReachable(f"{uri}: broken off or too large once unpacked")
    return plain
