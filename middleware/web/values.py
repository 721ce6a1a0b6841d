"""What endpoints take and give: frozen values that know nothing of sockets."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from attrs import frozen

from middleware.web.urlencoded import NOTHING, Malformed, parse_pairs

HeaderPairs = tuple[tuple[str, str], ...]
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.6.2
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_LOCATION_SAFE = "/:?#[]@!$&'()*+,;=%-._~"


@frozen
class Request:
    """One complete request.

    ``path`` is decoded, ``target`` are its bytes with the query as on the wire, header names are lower-case (repeated
    ones joined by commas, RFC 9110 §5.3), ``rest`` is what follows the prefix for endpoints registered by prefix,
    ``client`` the peer's address. Query and body may hold personal data: never log them.
    """

    method: str
    path: str
    target: bytes
    query: Mapping[str, str] = NOTHING
    headers: Mapping[str, str] = NOTHING
    body: bytes = b""
    client: str = ""
    rest: str = ""

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies by name; of two with one name the first counts, being the more specific (RFC 6265 §5.4)."""
        raw = self.headers.get("cookie")
        if raw is None:
            return NOTHING
        pairs = (pair.partition("=") for pair in reversed(raw.split(";")))
        return {name.strip(): value.strip().strip('"') for name, separator, value in pairs if separator}

    def form(self) -> Mapping[str, str]:
        """The urlencoded fields of the body, at most 100; raises Malformed, which the edge answers (400, 413, 415)."""
        declared = self.headers.get("content-type", _FORM)
        if declared.partition(";")[0].strip().lower() != _FORM:
            raise Malformed("not an urlencoded form", 415)
        return parse_pairs(self.body)


@frozen
class Response:
    """One complete answer. Without a Cache-Control header of its own it is sent as ``no-store``.

    Raises ValueError for anything that could split the header block (CR, LF, a name that is no token).
    """

    status: int = 200
    body: bytes = b""
    content_type: str = HTML
    headers: HeaderPairs = ()

    def __attrs_post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise ValueError(f"{self.status} is no final status")
        _check(self.headers, self.content_type)


@lru_cache(maxsize=512)
def _check(headers: HeaderPairs, content_type: str) -> None:
    for name, value in (*headers, ("Content-Type", content_type)):
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise ValueError(f"header {name!r} cannot be sent")


@frozen
class File:
    """A file named by our own ids; ``immutable`` ones carry their version in the URL and are cached for a year.

    ``headers`` come besides; ``missing`` is the answer when there is no such file, else the site's page for 404.
    """

    path: Path
    content_type: str
    immutable: bool = False
    headers: HeaderPairs = ()
    missing: Response | None = None


class Waiter(Protocol):
    """A parked request: some 3 KB that hold the connection only."""

    def answer(self, body: bytes) -> None:
        """Send ``body`` with status 200; does nothing when the client has gone or was answered."""

    def on_gone(self, callback: Callable[[], None]) -> None:
        """Call back once when the client leaves unanswered (at once if it has left)."""


@frozen
class Parked:
    """Hold the answer back: ``on_park`` gets the Waiter. ``at_stop`` is what waiters are told when the server stops."""

    on_park: Callable[[Waiter], None]
    at_stop: bytes = b"[]"
    content_type: str = JSON


Result = Response | File | Parked
Endpoint = Callable[[Request], Result | Awaitable[Result]]


def html(body: str | bytes, status: int = 200) -> Response:
    """An HTML page in UTF-8."""
    return Response(status, body.encode() if isinstance(body, str) else body, HTML)


def text(body: str, status: int = 200) -> Response:
    """Plain text in UTF-8."""
    return Response(status, body.encode(), TEXT)


def json_(value: object, status: int = 200) -> Response:
    """A JSON document, compact."""
    return Response(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), JSON)


def redirect(location: str, status: int = 302) -> Response:
    """Send the client to ``location`` (characters that a URL cannot hold are escaped)."""
    return Response(status, b"", TEXT, (("Location", quote(location, safe=_LOCATION_SAFE)),))


def not_found() -> Response:
    """404 in plain text, for endpoints that serve machines; the app's error page serves viewers."""
    return text("not found\n", 404)


def set_cookie(name: str, value: str, *, max_age: int | None = None, secure: bool = False) -> tuple[str, str]:
    """A Set-Cookie header: whole site, HttpOnly, SameSite=Lax; max_age in seconds, else for the session."""
    if not _TOKEN.fullmatch(name) or not re.fullmatch(r"[\w\-.~=/+:]*", value, re.ASCII):
        raise ValueError("a cookie is a token and a value without separators")
    age = "" if max_age is None else f"; Max-Age={max_age}"
    return "Set-Cookie", f"{name}={value}; Path=/{age}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
