"""The rules of video.md §12 that concern playlist text, with a line reader that shares nothing with the writer.

A finding names the rule's number there. Rules of live lists and of media bytes join with the linear channel.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from math import floor
from typing import Final, Literal

from attrs import frozen

Severity = Literal["E", "W"]
MASTER_TAGS: Final = frozenset({"EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-MEDIA", "EXT-X-SESSION-DATA"})
MEDIA_TAGS: Final = frozenset(
    {"EXTINF"}
    | {f"EXT-X-{name}" for name in ("TARGETDURATION", "MEDIA-SEQUENCE", "DISCONTINUITY-SEQUENCE", "PLAYLIST-TYPE")}
    | {f"EXT-X-{name}" for name in ("DISCONTINUITY", "ENDLIST", "I-FRAMES-ONLY", "BYTERANGE", "KEY", "MAP")}
    | {f"EXT-X-{name}" for name in ("PROGRAM-DATE-TIME", "DATERANGE")}
)
COMMON_TAGS: Final = frozenset({"EXTM3U", "EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-START", "EXT-X-DEFINE"})
ONCE: Final = ("EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE")
FRAME_S: Final = 0.04
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^,"\s]+)(?:,|$)')


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
class Playlist:
    """A list as read, nothing interpreted."""

    uri: str
    data: bytes
    lines: tuple[Line, ...]

    def all(self, tag: str) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.tag == tag)

    @property
    def is_master(self) -> bool:
        return any(line.tag in MASTER_TAGS for line in self.lines)


Fault = tuple[int, str, str]
"""Line, expected, found."""


def read(data: bytes, uri: str = "") -> Playlist:
    """Split a list into lines; never fails, whatever the bytes."""
    return Playlist(uri, data, tuple(_lines(data.decode("utf-8", "replace"))))


def _lines(text: str) -> Iterator[Line]:
    for number, raw in enumerate(text.splitlines(), start=1):
        if raw.startswith("#EXT"):
            tag, _, value = raw[1:].partition(":")
            yield Line(number, tag, value)
        elif raw and not raw.startswith("#"):
            yield Line(number, "", raw)


def attributes(value: str) -> dict[str, str]:
    """Attribute list of a tag, quotes kept."""
    return dict(_ATTRIBUTE.findall(value))


def check(data: bytes, uri: str = "") -> list[Finding]:
    """All broken rules of one list."""
    playlist = read(data, uri)
    return [
        Finding(rule, severity, uri, *fault)
        for rule, severity, applies, find in RULES
        if applies in {"any", "master" if playlist.is_master else "media"}
        for fault in find(playlist)
    ]


def check_variants(lists: Mapping[str, bytes]) -> list[Finding]:
    """Rules 25 and 26 across the media lists of one master, by their addresses."""
    read_lists = [read(data, uri) for uri, data in lists.items()]
    first, *others = read_lists
    return [
        Finding(rule, "E", other.uri, 0, expected, found)
        for other in others
        for rule, expected, found in _differences(first, other)
    ]


def _differences(first: Playlist, other: Playlist) -> Iterator[tuple[int, str, str]]:
    wanted, found = (_values(each, "EXT-X-TARGETDURATION") for each in (first, other))
    if wanted != found:
        yield 25, f"target {wanted}", f"{found}"
    lengths, others = ([_extinf(line) or 0.0 for line in each.all("EXTINF")] for each in (first, other))
    if len(lengths) != len(others):
        yield 26, f"{len(lengths)} segments", f"{len(others)}"
    elif any(abs(a - b) > FRAME_S for a, b in zip(lengths, others, strict=True)):
        yield 26, "equal EXTINF", "differing EXTINF"
    if _breaks(first) != _breaks(other):
        yield 26, "equal discontinuity places", "differing"


def _breaks(playlist: Playlist) -> list[int]:
    segments, places = 0, []
    for line in playlist.lines:
        segments += not line.tag
        if line.tag == "EXT-X-DISCONTINUITY":
            places.append(segments)
    return places


def _values(playlist: Playlist, tag: str) -> list[str]:
    return [line.value for line in playlist.all(tag)]


def _extinf(line: Line) -> float | None:
    number = line.value.partition(",")[0]
    return float(number) if re.fullmatch(r"\d+(\.\d+)?", number) else None


def _target(playlist: Playlist) -> int:
    value = next(iter(_values(playlist, "EXT-X-TARGETDURATION")), "")
    return int(value) if re.fullmatch(r"\d{1,9}", value) else 0


def _rule1(playlist: Playlist) -> Iterator[Fault]:
    if not re.match(rb"#EXTM3U\r?\n", playlist.data):
        yield 1, "#EXTM3U alone on the first line, no BOM", repr(playlist.data[:12])
    try:
        text = playlist.data.decode()
    except UnicodeDecodeError as exc:
        yield 0, "UTF-8", f"byte {exc.start}"
        return
    if re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", text):
        yield 0, "no control characters", "one"
    if len(set(re.findall(r"\r\n|\r|\n", text))) > 1:
        yield 0, "one kind of line ending", "several"


def _rule2(playlist: Playlist) -> Iterator[Fault]:
    kinds = {kind for line in playlist.lines for kind in (MASTER_TAGS, MEDIA_TAGS) if line.tag in kind}
    if len(kinds) != 1:
        yield 0, "tags of a master or of a media list", "both" if kinds else "neither"


def _rule3(playlist: Playlist) -> Iterator[Fault]:
    targets, segments = playlist.all("EXT-X-TARGETDURATION"), playlist.all("EXTINF")
    if len(targets) != 1 or not _target(playlist):
        yield 0, "one whole TARGETDURATION", str(_values(playlist, "EXT-X-TARGETDURATION"))
    elif segments and segments[0].number < targets[0].number:
        yield targets[0].number, "TARGETDURATION before the first segment", "after it"


def _rule4(playlist: Playlist) -> Iterator[Fault]:
    target = _target(playlist)
    for line in playlist.all("EXTINF"):
        length = _extinf(line) or 0.0
        if floor(length + 0.5) > target or length > target + 0.5:
            yield line.number, f"EXTINF up to {target}", line.value


def _rule5(playlist: Playlist) -> Iterator[Fault]:
    longest = max((floor((_extinf(line) or 0.0) + 0.5) for line in playlist.all("EXTINF")), default=0)
    if not _target(playlist):
        return  # rule 3 has told
    # A film of one short segment keeps the target of its ladder, so 6 is never a fault.
    if _target(playlist) not in {6, longest, longest + 1}:
        yield 0, "target 6, or no more than the longest segment + 1", str(_target(playlist))


def _rule6(playlist: Playlist) -> Iterator[Fault]:
    for line in playlist.all("EXTINF"):
        if not re.match(r"\d+\.\d{3,},", line.value) or not _extinf(line):
            yield line.number, "EXTINF above 0 with three decimals", line.value


def _rule7(playlist: Playlist) -> Iterator[tuple[int, str, str]]:
    if (stated := _version(playlist)) < (need := _needed_version(playlist)):
        yield 0, f"VERSION {need}", str(stated)


def _rule7_above(playlist: Playlist) -> Iterator[Fault]:
    if (stated := _version(playlist)) > (need := max(3, _needed_version(playlist))):
        yield 0, f"VERSION {need}", str(stated)


def _version(playlist: Playlist) -> int:
    value = next(iter(_values(playlist, "EXT-X-VERSION")), "1")
    return int(value) if re.fullmatch(r"\d{1,3}", value) else 0


def _needed_version(playlist: Playlist) -> int:
    """RFC 8216 §7."""
    needs = {"EXT-X-BYTERANGE": 4, "EXT-X-I-FRAMES-ONLY": 4, "EXT-X-MAP": 6, "EXT-X-DEFINE": 8}
    need = max((needs.get(line.tag, 1) for line in playlist.lines), default=1)
    if any("." in line.value.partition(",")[0] for line in playlist.all("EXTINF")):
        need = max(need, 3)
    if any("IV" in attributes(line.value) for line in playlist.all("EXT-X-KEY")):
        need = max(need, 2)
    return need


def _rule8(playlist: Playlist) -> Iterator[Fault]:
    for tag in ONCE:
        if len(playlist.all(tag)) > 1:
            yield playlist.all(tag)[1].number, f"{tag} once", "again"


def _rule8_unknown(playlist: Playlist) -> Iterator[Fault]:
    for line in playlist.lines:
        if line.tag and line.tag not in MASTER_TAGS | MEDIA_TAGS | COMMON_TAGS:
            yield line.number, "a known tag", line.tag


def _rule9(playlist: Playlist) -> Iterator[Fault]:
    kind, ended = _values(playlist, "EXT-X-PLAYLIST-TYPE"), bool(playlist.all("EXT-X-ENDLIST"))
    if (kind == ["VOD"]) != ended:
        yield 0, "PLAYLIST-TYPE VOD and ENDLIST together", f"{kind}, ENDLIST {ended}"


def _rule11(playlist: Playlist) -> Iterator[Fault]:
    first = next((line.number for line in playlist.lines if not line.tag), 0)
    for line in playlist.all("EXT-X-DISCONTINUITY"):
        if line.number < first:
            yield line.number, "no DISCONTINUITY above the first segment", line.tag


def _rule19(playlist: Playlist) -> Iterator[Fault]:
    for line in playlist.all("EXT-X-STREAM-INF"):
        found = attributes(line.value)
        missing = {"BANDWIDTH", "AVERAGE-BANDWIDTH", "CODECS", "RESOLUTION", "FRAME-RATE"} - set(found)
        if missing:
            yield line.number, "a complete STREAM-INF", f"without {', '.join(sorted(missing))}"
        elif int(found["AVERAGE-BANDWIDTH"]) > int(found["BANDWIDTH"]):
            yield line.number, "AVERAGE-BANDWIDTH up to BANDWIDTH", found["AVERAGE-BANDWIDTH"]
        if not any(below.number == line.number + 1 and not below.tag for below in playlist.lines):
            yield line.number, "an address below STREAM-INF", "none"


def _rule20(playlist: Playlist) -> Iterator[Fault]:
    if not playlist.all("EXT-X-INDEPENDENT-SEGMENTS"):
        yield 0, "INDEPENDENT-SEGMENTS", "none"


def _rule21(playlist: Playlist) -> Iterator[Fault]:
    sizes = [attributes(line.value).get("RESOLUTION", "") for line in playlist.all("EXT-X-STREAM-INF")]
    heights = [int(size.partition("x")[2] or 0) for size in sizes]
    if len(set(sizes)) < len(sizes):
        yield 0, "each variant once", ", ".join(sizes)
    if heights != sorted(heights, key=lambda height: (height != 540, -height)):
        yield 0, "540 first, then falling", str(heights)


def _rule22(playlist: Playlist) -> Iterator[Fault]:
    for line in playlist.all("EXT-X-STREAM-INF"):
        found = attributes(line.value)
        width, height = (int(n) for n in re.findall(r"\d+", found.get("RESOLUTION", "16x9"))[:2])
        if abs(width - height * 16 / 9) > 1:
            yield line.number, "16:9", found["RESOLUTION"]
        if float(found.get("FRAME-RATE", "25")) > 60:
            yield line.number, "at most 60 fps", found["FRAME-RATE"]


RULES: Final[tuple[tuple[int, Severity, str, Callable[[Playlist], Iterator[Fault]]], ...]] = (
    (1, "E", "any", _rule1),
    (2, "E", "any", _rule2),
    (3, "E", "media", _rule3),
    (4, "E", "media", _rule4),
    (5, "W", "media", _rule5),
    (6, "E", "media", _rule6),
    (7, "E", "any", _rule7),
    (7, "W", "any", _rule7_above),
    (8, "E", "any", _rule8),
    (8, "W", "any", _rule8_unknown),
    (9, "E", "media", _rule9),
    (11, "W", "media", _rule11),
    (19, "E", "master", _rule19),
    (20, "E", "any", _rule20),
    (21, "W", "master", _rule21),
    (22, "W", "master", _rule22),
)
