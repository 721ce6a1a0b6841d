"""The line reader of the checker: lists, segments and findings as values. It shares no code with what writes lists."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Literal
from urllib.parse import urljoin

from attrs import frozen

Severity = Literal["E", "W"]
Kind = Literal["master", "media", "iframes", "subtitles", "sound"]
MASTER_TAGS: Final = frozenset({"EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-MEDIA", "EXT-X-SESSION-DATA"})
MEDIA_TAGS: Final = frozenset(
    {"EXTINF"}
    | {f"EXT-X-{name}" for name in ("TARGETDURATION", "MEDIA-SEQUENCE", "DISCONTINUITY-SEQUENCE", "PLAYLIST-TYPE")}
    | {f"EXT-X-{name}" for name in ("DISCONTINUITY", "ENDLIST", "I-FRAMES-ONLY", "BYTERANGE", "KEY", "MAP")}
    | {f"EXT-X-{name}" for name in ("PROGRAM-DATE-TIME", "DATERANGE", "GAP")}
)
COMMON_TAGS: Final = frozenset({"EXTM3U", "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-DEFINE"})
FRAME_S: Final = 0.04
"""One frame at 25 fps, the tolerance of lengths and dates."""
ROUNDING_S: Final = 0.0005
"""Lengths are written with three decimals at least."""
# Names begin at a comma only: else a long line without = would be read once from each of its characters.
_ATTRIBUTE = re.compile(r'(?:^|(?<=,))([A-Z0-9-]+)=("[^"\r\n]*"|[^,"\s]+)(?:,|$)')
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,}(Z|[+-]\d\d:?\d\d)")
_SUBTITLES = (".vtt", ".webvtt")

Fault = tuple[str, int, str, str]
"""Address, line, expected, found."""


@frozen
class Finding:
    """A broken rule: where, what was expected, what was found. `line` counts from 1; 0 is the whole list."""

    rule: int
    severity: Severity
    uri: str
    line: int
    expected: str
    found: str


@frozen
class Line:
    """One line: `tag` without # and colon, or empty for an address."""

    number: int
    tag: str
    value: str


@frozen
class Entry:
    """One segment of a list, with all that is in force where it stands.

    `number` is its media sequence number, `dsn` its discontinuity number, `date_ms` a date written right above it,
    `key`, `map` and `byterange` the values of their tags, empty without one.
    """

    number: int
    line: int
    uri: str
    seconds: float
    dsn: int
    breaks: bool
    date_ms: float | None = None
    key: str = ""
    map: str = ""
    byterange: str = ""


@frozen
class Playlist:
    """A list as read, nothing judged. `at_ms` is when it was fetched, since 1970.

    `of_sound` is set for lists that a master calls sound alone: nothing in them tells.
    """

    uri: str
    data: bytes
    lines: tuple[Line, ...]
    entries: tuple[Entry, ...]
    at_ms: int = 0
    of_sound: bool = False

    def all(self, tag: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.tag == tag)

    def values(self, tag: str) -> list[str]:
        return [line.value for line in self.all(tag)]

    @property
    def is_master(self) -> bool:
        return any(line.tag in MASTER_TAGS for line in self.lines)

    @property
    def kind(self) -> Kind:
        """What it lists: variants, whole segments, key frames, WebVTT or sound alone."""
        if self.is_master:
            return "master"
        if self.of_sound:
            return "sound"
        if self.all("EXT-X-I-FRAMES-ONLY"):
            return "iframes"
        texts = [path_of(entry.uri).endswith(_SUBTITLES) for entry in self.entries]
        return "subtitles" if texts and all(texts) else "media"

    @property
    def live(self) -> bool:
        """Whether more is to come and old segments go."""
        return not (self.is_master or self.all("EXT-X-PLAYLIST-TYPE") or self.all("EXT-X-ENDLIST"))

    @property
    def aired(self) -> bool:
        """Whether it is of a channel: live, or what was on with its dates. There subtitles keep step with pictures."""
        return self.live or any(entry.date_ms is not None for entry in self.entries)

    @property
    def shifted(self) -> bool:
        """A delayed channel of ours, whose window begins small and may end (video.md §9)."""
        return "/shift/" in self.uri

    @property
    def target(self) -> int:
        """TARGETDURATION in seconds; 0 when there is none that can be read."""
        return whole(next(iter(self.values("EXT-X-TARGETDURATION")), ""), 0)

    @property
    def seconds(self) -> float:
        return sum(entry.seconds for entry in self.entries)

    def address(self, uri: str) -> str:
        """A segment's or list's full address."""
        return urljoin(self.uri, uri)


def read(data: bytes, uri: str = "", at_ms: int = 0) -> Playlist:
    """Split a list into lines and segments; never fails, whatever the bytes."""
    lines = tuple(_lines(data.decode("utf-8", "replace")))
    return Playlist(uri, data, lines, tuple(_entries(lines)), at_ms)


def _lines(text: str) -> Iterator[Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        if raw.startswith("#EXT"):
            tag, _, value = raw[1:].partition(":")
            yield Line(number, tag, value)
        elif raw and not raw.startswith("#"):
            yield Line(number, "", raw)


def _entries(lines: tuple[Line, ...]) -> Iterator[Entry]:
    number = _first(lines, "EXT-X-MEDIA-SEQUENCE")
    dsn = _first(lines, "EXT-X-DISCONTINUITY-SEQUENCE")
    in_force = {"EXT-X-KEY": "", "EXT-X-MAP": ""}
    above: dict[str, str] = {}
    for line in lines:
        if line.tag in in_force:
            in_force[line.tag] = line.value
        elif line.tag == "EXT-X-DISCONTINUITY":
            dsn, above[line.tag] = dsn + 1, "yes"
        elif line.tag:
            above[line.tag] = line.value
        elif "EXTINF" in above:
            yield _entry(line, number, dsn, above, in_force)
            number, above = number + 1, {}


def _entry(line: Line, number: int, dsn: int, above: Mapping[str, str], in_force: Mapping[str, str]) -> Entry:
    return Entry(
        number=number,
        line=line.number,
        uri=line.value,
        seconds=seconds_of(above["EXTINF"]) or 0.0,
        dsn=dsn,
        breaks="EXT-X-DISCONTINUITY" in above,
        date_ms=date_ms(above.get("EXT-X-PROGRAM-DATE-TIME", "")),
        key=in_force["EXT-X-KEY"],
        map=in_force["EXT-X-MAP"],
        byterange=above.get("EXT-X-BYTERANGE", ""),
    )


def _first(lines: tuple[Line, ...], tag: str) -> int:
    return whole(next((line.value for line in lines if line.tag == tag), ""), 0)


def attributes(value: str) -> dict[str, str]:
    """Attribute list of a tag, quotes kept."""
    return dict(_ATTRIBUTE.findall(value))


def unquoted(value: str) -> str:
    return value.strip('"')


def whole(text: str, otherwise: int = -1) -> int:
    """A decimal number of up to 18 digits, or `otherwise`."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else otherwise


def decimal(text: str) -> float | None:
    """A number without sign or exponent, or None."""
    return float(text) if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18})?", text) else None


def seconds_of(extinf: str) -> float | None:
    """The length that an EXTINF tells, or None."""
    return decimal(extinf.partition(",")[0])


def date_ms(text: str) -> float | None:
    """A date with milliseconds and zone as milliseconds since 1970, or None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).timestamp() * 1000
    except ValueError:
        return None


def size_of(resolution: str) -> tuple[int, int] | None:
    """Width and height of a RESOLUTION, or None."""
    found = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", resolution)
    return (int(found[1]), int(found[2])) if found else None


def range_of(text: str) -> tuple[int, int | None] | None:
    """Length and offset, if told, of a BYTERANGE; None when it is malformed."""
    found = re.fullmatch(r"([0-9]{1,18})(?:@([0-9]{1,18}))?", text)
    return (int(found[1]), int(found[2]) if found[2] else None) if found else None


def path_of(uri: str) -> str:
    """An address without its query."""
    return uri.partition("?")[0]
