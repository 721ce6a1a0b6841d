"""Rules 43, 45 and 46 of video.md §12: how a server answers, whether segments are there, whether nodes agree."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from attrs import frozen

from vod.check_read import Fault, path_of

Object = Literal["master", "vod", "live", "ending", "segment", "key", "text"]
"""What an address is; `ending` is a complete list that ends now and may still grow, which only its server knows."""
LISTS: Final = frozenset({"master", "vod", "live", "ending"})
LIST_TYPE: Final = "application/vnd.apple.mpegurl"
FOR_EVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {
    ".ts": "video/mp2t",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
    ".m3u8": LIST_TYPE,
}
KEEPING: Final[Mapping[Object, str]] = {
    "master": "max-age=300",
    "vod": "max-age=3600",
    "live": "max-age=1",
    "ending": "max-age=(1|3600)",
    "segment": FOR_EVER,
    "text": FOR_EVER,
    "key": "no-store",
}
"""Patterns of Cache-Control."""
KEY_BYTES: Final = 16
_SAME: Final = ("content-type", "cache-control", "etag", "access-control-allow-origin")
"""Headers that HEAD gives as GET does."""


@frozen
class Answer:
    """What came for one address. Header names are in small letters. `head` is what HEAD gave, if it was asked."""

    uri: str
    object: Object
    status: int
    headers: Mapping[str, str]
    size: int
    head: Mapping[str, str] | None = None
    head_status: int = 200


@frozen
class Probe:
    """A segment asked for by HEAD. `expected` is a size known from elsewhere, 0 for none.

    `removed_s` tells how long it had left its list then, at most `kept_s` if it should still be there; 0 for listed.
    """

    uri: str
    status: int
    size: int
    expected: int = 0
    removed_s: float = 0.0
    kept_s: float = 0.0


@frozen
class Pair:
    """The same list from two nodes, asked in the same whole second."""

    uri: str
    other: str
    same: bool
    size: int
    other_size: int


def still_there(probe: Probe) -> Iterator[Fault]:
    """43: a listed segment is there and whole, and so it stays for a window and its own length."""
    if probe.removed_s > probe.kept_s:
        return
    gone = f", {probe.removed_s:.0f} s after it left the list" if probe.removed_s else ""
    if probe.status != 200:
        yield probe.uri, 0, "200", f"{probe.status}{gone}"
    elif not probe.size or (probe.expected and probe.size != probe.expected):
        yield probe.uri, 0, f"{probe.expected or 'some'} bytes", f"{probe.size}{gone}"


def headers(answer: Answer) -> Iterator[Fault]:
    """45: type, lifetime, compression, ETag, CORS, HEAD and no redirect, as video.md §10 has them."""
    if 300 <= answer.status < 400:
        yield answer.uri, 0, "no redirect", f"{answer.status} to {answer.headers.get('location', '?')}"
        return
    if answer.status != 200:
        return  # told by rule 43, or as unreachable
    for name, expected in _expected(answer):
        found = answer.headers.get(name, "none")
        if not re.fullmatch(expected, found):
            yield answer.uri, 0, f"{name}: {_words(expected)}", found
    yield from _head(answer)
    if answer.object == "key" and answer.size != KEY_BYTES:
        yield answer.uri, 0, f"a key of {KEY_BYTES} bytes", f"{answer.size}"


def _expected(answer: Answer) -> Iterator[tuple[str, str]]:
    """Header and pattern of its value."""
    yield "content-type", _type(answer)
    yield "cache-control", KEEPING[answer.object]
    yield "access-control-allow-origin", re.escape("*")
    if answer.object in LISTS:
        yield "content-encoding", "gzip"
        yield "vary", r"(?i).*\baccept-encoding\b.*"
        yield "etag", r'"[^"]+"'
    elif answer.object in {"segment", "text"}:
        yield "etag", r'(W/)?"[^"]+"'
        yield "accept-ranges", "bytes"
    if answer.object == "segment":
        yield "content-encoding", "none"


def _type(answer: Answer) -> str:
    if answer.object == "key":
        return "application/octet-stream"
    if answer.object in LISTS:
        return rf"(?i){re.escape(LIST_TYPE)}(; *charset=utf-8)?"
    ending = re.search(r"\.\w+$", path_of(answer.uri))
    return rf"{re.escape(TYPES.get(ending[0] if ending else '', 'video/mp2t'))}(; *charset=utf-8)?"


def _words(pattern: str) -> str:
    """A pattern as an operator reads it."""
    plain = re.sub(r"\(\?i\)|\(; \*charset=utf-8\)\?|\\b|\.\*|\(W/\)\?", "", pattern)
    return re.sub(r"\\(.)", r"\1", plain).replace('"[^"]+"', "a strong one")


def _head(answer: Answer) -> Iterator[Fault]:
    if answer.head is None:
        return
    if answer.head_status != answer.status:
        yield answer.uri, 0, f"HEAD {answer.status}", str(answer.head_status)
        return
    for name in _SAME:
        if answer.head.get(name) != answer.headers.get(name):
            yield answer.uri, 0, f"HEAD with {name}: {answer.headers.get(name)}", str(answer.head.get(name))


def nodes_agree(pair: Pair) -> Iterator[Fault]:
    """46: two nodes give the same bytes in the same second."""
    if not pair.same:
        yield pair.uri, 0, f"the {pair.size} bytes of {pair.other}", f"{pair.other_size} other bytes"
