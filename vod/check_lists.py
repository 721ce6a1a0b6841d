"""Rules 1-18 of video.md §12: what one list may say, seen by itself. Each function gives line, expected, found."""

import re
from collections.abc import Iterator
from itertools import pairwise
from math import floor
from typing import Final

from vod.check_read import (
    COMMON_TAGS,
    FRAME_S,
    MASTER_TAGS,
    MEDIA_TAGS,
    ROUNDING_S,
    Entry,
    Playlist,
    attributes,
    date_ms,
    decimal,
    path_of,
    range_of,
    seconds_of,
    unquoted,
    whole,
)

Here = Iterator[tuple[int, str, str]]
ONCE: Final = ("EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE")
LEAST_SEGMENTS: Final = 6
LEAST_S: Final = 60.0
"""A channel's window: old boxes stop sooner the shorter the list (video.md §4)."""
_KNOWN: Final = MASTER_TAGS | MEDIA_TAGS | COMMON_TAGS
_NEEDS: Final = {"EXT-X-BYTERANGE": 4, "EXT-X-I-FRAMES-ONLY": 4, "EXT-X-MAP": 6, "EXT-X-DEFINE": 8}


def text_form(playlist: Playlist) -> Here:
    """1: first line, coding, characters, line ends."""
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


def one_kind(playlist: Playlist) -> Here:
    """2: master or media."""
    kinds = {kind for line in playlist.lines for kind in (MASTER_TAGS, MEDIA_TAGS) if line.tag in kind}
    if len(kinds) != 1:
        yield 0, "tags of a master or of a media list", "both" if kinds else "neither"


def one_target(playlist: Playlist) -> Here:
    """3: TARGETDURATION."""
    targets, segments = playlist.all("EXT-X-TARGETDURATION"), playlist.all("EXTINF")
    if len(targets) != 1 or not playlist.target:
        yield 0, "one whole TARGETDURATION", str(playlist.values("EXT-X-TARGETDURATION"))
    elif segments and segments[0].number < targets[0].number:
        yield targets[0].number, "TARGETDURATION before the first segment", "after it"


def within_target(playlist: Playlist) -> Here:
    """4: no segment is longer."""
    target = playlist.target
    for line in playlist.all("EXTINF"):
        length = seconds_of(line.value) or 0.0
        if floor(length + 0.5) > target or length > target + 0.5:
            yield line.number, f"EXTINF up to {target}", line.value


def usual_target(playlist: Playlist) -> Here:
    """5: target 6, or close to the longest. A film of one short segment keeps its ladder's target."""
    longest = max((floor((seconds_of(line.value) or 0.0) + 0.5) for line in playlist.all("EXTINF")), default=0)
    wanted = {6, longest, longest + 1}
    # Subtitles of a film come in pieces of a minute, key frames each two seconds: both have targets of their own.
    if playlist.target and playlist.kind == "media" and playlist.target not in wanted:
        yield 0, "target 6, or no more than the longest segment + 1", str(playlist.target)


def exact_lengths(playlist: Playlist) -> Here:
    """6: EXTINF above 0, in milliseconds."""
    for line in playlist.all("EXTINF"):
        if not re.match(r"[0-9]+\.[0-9]{3,},", line.value) or not seconds_of(line.value):
            yield line.number, "EXTINF above 0 with three decimals", line.value


def version_enough(playlist: Playlist) -> Here:
    """7: VERSION covers the tags."""
    if (stated := _version(playlist)) < (need := _needed_version(playlist)):
        yield 0, f"VERSION {need}", str(stated)


def version_low(playlist: Playlist) -> Here:
    """7: VERSION is no higher than that."""
    if (stated := _version(playlist)) > (need := max(3, _needed_version(playlist))):
        yield 0, f"VERSION {need}", str(stated)


def _version(playlist: Playlist) -> int:
    return whole(next(iter(playlist.values("EXT-X-VERSION")), "1"), 0)


def _needed_version(playlist: Playlist) -> int:
    """RFC 8216 §7."""
    need = max((_NEEDS.get(line.tag, 1) for line in playlist.lines), default=1)
    if playlist.all("EXT-X-MAP") and playlist.all("EXT-X-I-FRAMES-ONLY"):
        need = max(5, *(_NEEDS.get(line.tag, 1) for line in playlist.lines if line.tag != "EXT-X-MAP"))
    if any("." in line.value.partition(",")[0] for line in playlist.all("EXTINF")):
        need = max(need, 3)
    keys = [attributes(line.value) for line in playlist.all("EXT-X-KEY")]
    if any("IV" in key for key in keys):
        need = max(need, 2)
    return max(need, 5) if any({"KEYFORMAT", "KEYFORMATVERSIONS"} & set(key) for key in keys) else need


def said_once(playlist: Playlist) -> Here:
    """8: head tags at most once."""
    for tag in ONCE:
        if len(playlist.all(tag)) > 1:
            yield playlist.all(tag)[1].number, f"{tag} once", "again"


def known_tags(playlist: Playlist) -> Here:
    """8: no tag that we do not know."""
    for line in playlist.lines:
        if line.tag and line.tag not in _KNOWN:
            yield line.number, "a known tag", line.tag


def type_and_end(playlist: Playlist) -> Here:
    """9: VOD with ENDLIST, or neither; a delayed channel may end without a type."""
    kind, ended = playlist.values("EXT-X-PLAYLIST-TYPE"), bool(playlist.all("EXT-X-ENDLIST"))
    if kind == ["EVENT"] or (playlist.shifted and not kind):
        return
    if (kind == ["VOD"]) != ended or kind not in ([], ["VOD"]):
        yield 0, "PLAYLIST-TYPE VOD and ENDLIST together", f"{kind}, ENDLIST {ended}"


def live_numbers_breaks(playlist: Playlist) -> Here:
    """10: DISCONTINUITY-SEQUENCE is printed, even 0."""
    if playlist.live and not playlist.all("EXT-X-DISCONTINUITY-SEQUENCE"):
        yield 0, "DISCONTINUITY-SEQUENCE", "none"


def no_break_on_top(playlist: Playlist) -> Here:
    """11: no DISCONTINUITY above the first segment."""
    if playlist.entries and playlist.entries[0].breaks:
        line = next(iter(playlist.all("EXT-X-DISCONTINUITY")))
        yield line.number, "no DISCONTINUITY above the first segment", line.tag


def window_size(playlist: Playlist) -> Here:
    """12: a live list holds enough; that of a delayed channel begins with three targets."""
    if not playlist.live:
        return
    count, least = (1, 0.0) if playlist.shifted else (LEAST_SEGMENTS, LEAST_S)
    least = max(least, 3.0 * playlist.target)
    if len(playlist.entries) < count or playlist.seconds < least - FRAME_S:
        found = f"{len(playlist.entries)} segments, {playlist.seconds:.1f} s"
        yield 0, f"{count} segments and {least:.0f} s at least", found


def live_dates(playlist: Playlist) -> Here:
    """13: a date on the first live segment and on each break, with milliseconds and zone."""
    for line in playlist.all("EXT-X-PROGRAM-DATE-TIME"):
        if date_ms(line.value) is None:
            yield line.number, "a date with milliseconds and zone", line.value
    if playlist.live and not any(date_ms(date) is None for date in playlist.values("EXT-X-PROGRAM-DATE-TIME")):
        for place, entry in enumerate(playlist.entries):
            if (place == 0 or entry.breaks) and entry.date_ms is None:
                yield entry.line, "PROGRAM-DATE-TIME", "none"


def dates_go_on(playlist: Playlist) -> Here:
    """14: a date is the one before plus the lengths between."""
    at: float | None = None
    for entry in playlist.entries:
        if at is not None and entry.date_ms is not None and abs(entry.date_ms - at) > FRAME_S * 1000 + 1:
            yield entry.line, "a date that continues the one before", f"{(entry.date_ms - at) / 1000:+.3f} s"
        start = entry.date_ms if entry.date_ms is not None else at
        at = None if start is None else start + entry.seconds * 1000


def date_ranges(playlist: Playlist) -> Here:
    """15: DATERANGE is complete and its ID is its own."""
    seen: set[str] = set()
    for line in playlist.all("EXT-X-DATERANGE"):
        found = attributes(line.value)
        missing = {"ID", "START-DATE", "CLASS"} - set(found)
        if missing:
            yield line.number, "ID, START-DATE and CLASS", f"without {', '.join(sorted(missing))}"
        elif date_ms(unquoted(found["START-DATE"])) is None:
            yield line.number, "START-DATE with milliseconds and zone", found["START-DATE"]
        if found.get("ID") in seen:
            yield line.number, "an ID of its own", found["ID"]
        if "DURATION" in found and decimal(found["DURATION"]) is None:
            yield line.number, "DURATION from 0", found["DURATION"]
        seen.add(found.get("ID", ""))


def keys(playlist: Playlist) -> Here:
    """16: KEY with URI and IV; its end is said, and another film never inherits it."""
    for line in playlist.all("EXT-X-KEY"):
        found = attributes(line.value)
        if found.get("METHOD") == "NONE" and len(found) > 1:
            yield line.number, "METHOD=NONE alone", line.value
        elif found.get("METHOD") == "AES-128":
            if "URI" not in found or not re.fullmatch(r"0[xX][0-9A-Fa-f]{32}", found.get("IV", "")):
                yield line.number, "URI and an IV of 32 hexadecimal digits", line.value
        elif found.get("METHOD") != "NONE":
            yield line.number, "METHOD AES-128 or NONE", line.value
    told = {line.number for line in playlist.all("EXT-X-KEY")}
    for before, entry in pairwise(playlist.entries):
        if _inherits(before, entry, told):
            yield entry.line, "a KEY for another film, NONE if it is clear", "the key of the film before"


def _inherits(before: Entry, entry: Entry, told: set[int]) -> bool:
    """Whether a segment of another folder behind a break is under the old key, with no KEY in between."""
    under = attributes(entry.key).get("METHOD", "NONE") != "NONE"
    moved = path_of(before.uri).rpartition("/")[0] != path_of(entry.uri).rpartition("/")[0]
    return under and entry.breaks and moved and told.isdisjoint(range(before.line + 1, entry.line))


def maps(playlist: Playlist) -> Here:
    """17: fMP4 has a MAP, and it changes only at a break."""
    for entry in playlist.entries:
        if path_of(entry.uri).endswith((".m4s", ".mp4", ".cmfv")) and not entry.map:
            yield entry.line, "a MAP above fMP4", "none"
    for before, entry in pairwise(playlist.entries):
        if before.map != entry.map and before.map and not entry.breaks:
            yield entry.line, "another MAP only at a DISCONTINUITY", entry.map


def byte_ranges(playlist: Playlist) -> Here:
    """18: the first range of a file tells its offset."""
    ends: dict[str, int] = {}
    for entry in playlist.entries:
        found = range_of(entry.byterange)
        if entry.byterange and (found is None or (found[1] is None and entry.uri not in ends)):
            yield entry.line, "BYTERANGE with length and offset", entry.byterange
        elif found is not None:
            ends[entry.uri] = (found[1] if found[1] is not None else ends[entry.uri]) + found[0]
    if playlist.kind == "iframes":
        for entry in playlist.entries:
            if not entry.byterange:
                yield entry.line, "a BYTERANGE for each key frame", "none"


def differ(one: float, other: float, tolerance: float = FRAME_S) -> bool:
    """Whether two lengths differ by more than a frame and what rounding leaves."""
    return abs(one - other) > tolerance + 2 * ROUNDING_S
