"""The short lanes: a whole plain GET is answered by its exact target before it is parsed, or else read in one go.

They take strictly less than the parser does, and the answers are the same bytes: only one complete HTTP/1.1 GET without
body, with well-formed headers of which none could change the answer or, for those that are read, the connection
(scale.md §1). What they decline goes the normal way.
"""

import re
from typing import TYPE_CHECKING

from middleware.web.heads import accepts_gzip

if TYPE_CHECKING:
    from middleware.web.edge import Site

_LONGEST = 4096
_MAX_HEADERS = 60  # below the parser's own limit
_MEMO = 4096  # header blocks; a box sends the same one each time, about 1 KB each at most usual
_USUAL = 256  # bytes of a header line
_LINES = rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e]*\r\n)*"
_BLOCK = re.compile(_LINES + rb"\r\n")
_FIRST = re.compile(rb"GET ([!-~]+) HTTP/1\.1")
_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e]*)")
_KEEP = "keep-alive"
_UNREAD = frozenset({"content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"})
_OWN = frozenset({"authorization", "cookie"})
_DECLINED = _UNREAD | {"authorization", "connection", "if-range", "range"}


class Lane:
    """Looks up whole requests for one site; remembers header blocks once judged, and lines that many boxes send."""

    def __init__(self, site: "Site") -> None:
        self._site = site
        self._judged: dict[bytes, tuple[bool, str] | None] = {}
        self._lines: dict[bytes, tuple[str, str]] = {}

    def answer(self, data: bytes) -> bytes | None:
        """The bytes of the answer, or None when the request must be parsed."""
        if not data.startswith(b"GET ") or len(data) > _LONGEST or self._site.stopping:
            return None
        target, version, block = data[4:].partition(b" HTTP/1.1\r\n")
        prepared = self._site.prepared(target)
        if prepared is None or not version:
            return None
        traits = self._traits(block)
        if traits is None:
            return None
        status, dated = prepared.choose(*traits)
        self._site.ready_tally(status).hit(0.0)
        return dated.at(self._site.heads.date())

    def read(self, data: bytes) -> tuple[bytes, dict[str, str]] | None:
        """Target and headers of a request, or None when it must be parsed."""
        if len(data) > _LONGEST or self._site.stopping or not data.endswith(b"\r\n\r\n"):
            return None
        lines = data[:-4].split(b"\r\n")
        first = _FIRST.fullmatch(lines[0])
        if first is None or len(lines) > _MAX_HEADERS:
            return None
        headers: dict[str, str] = {}
        for line in lines[1:]:
            found = self._lines.get(line) or self._line(line)
            if found is None:
                return None
            add_header(headers, *found)
        return (first[1], headers) if headers.get("connection", _KEEP).lower() == _KEEP else None

    def _line(self, line: bytes) -> tuple[str, str] | None:
        """Name and value of a header; None for one that the parser must see. Those that are of one box are not kept."""
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        name, value = found[1].decode("ascii").lower(), found[2].decode("ascii").strip(" \t")
        if name in _UNREAD:
            return None
        if name not in _OWN and len(line) <= _USUAL:
            if len(self._lines) >= _MEMO:
                self._lines.clear()
            self._lines[line] = name, value
        return name, value

    def _traits(self, block: bytes) -> tuple[bool, str] | None:
        try:
            return self._judged[block]
        except KeyError:
            if len(self._judged) >= _MEMO:
                self._judged.clear()
            traits = self._judged[block] = judge(block)
            return traits


def judge(block: bytes) -> tuple[bool, str] | None:
    """What a header block says: whether gzip is accepted, and If-None-Match; None when the parser must see it."""
    found = _headers(block[:-2]) if _BLOCK.fullmatch(block) else None
    if found is None:
        return None
    if found.get("connection", "").lower() == _KEEP:
        del found["connection"]
    if not _DECLINED.isdisjoint(found):
        return None
    return accepts_gzip(found.get("accept-encoding", "")), found.get("if-none-match", "")


def _headers(block: bytes) -> dict[str, str] | None:
    lines = block.decode("ascii").split("\r\n")
    if len(lines) > _MAX_HEADERS:
        return None
    found: dict[str, str] = {}
    for line in lines[:-1]:
        name, _, value = line.partition(":")
        add_header(found, name.lower(), value.strip(" \t"))
    return found


def add_header(headers: dict[str, str], name: str, value: str) -> None:
    """Add a header; repeated ones are joined as RFC 9110 §5.3 says, cookies as RFC 6265 §5.4 does."""
    if name in headers:
        value = headers[name] + ("; " if name == "cookie" else ", ") + value
    headers[name] = value
