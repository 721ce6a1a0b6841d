"""Subtitles of editors (SRT, WebVTT, ASS) become WebVTT segments: sorted cues, words with bold and italic at most.

WebVTT: W3C §4; SRT has no standard; ASS: the `Dialogue` lines of its `[Events]`; segments: RFC 8216 §3.5.
"""

import codecs
import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from attrs import evolve, frozen

from vod.catalogue import TICKS_PER_S
from vod.errors import Refused

MOST_BYTES: Final = 2 << 20
MOST_CUES: Final = 20_000
MOST_CHARACTERS: Final = 500
MOST_SHOWN: Final = 200_000
"""Cues counted once for each 6 s that they are shown: each of these segments says them again."""
SEGMENT_MS: Final = 60_000
SHORTEST_SEGMENT_MS: Final = 6_000
EMPTY: Final = b"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n"
"""The segment that a channel lists where a film has no subtitles."""
_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
_TAG = re.compile(r"</?\s*([a-zA-Z]*)[^<>]*>")
_OVERRIDE = re.compile(r"\{[^{}]*\}")
_KEPT: Final = frozenset({"b", "i"})


@frozen
class Cue:
    """Words shown from `start_ms` to before `end_ms`, as WebVTT writes them."""

    start_ms: int
    end_ms: int
    text: str


def read(data: bytes) -> tuple[Cue, ...]:
    """Read a file of any of the three kinds; Refused(bad_subtitles) if it is none or holds nothing."""
    if len(data) > MOST_BYTES:
        raise Refused("bad_subtitles", f"{len(data)} bytes")
    lines = _text(data).splitlines()
    found = _dialogue(lines) if any(line.strip().lower() == "[events]" for line in lines) else _blocks(lines)
    cues = sorted((cue for cue in found if cue.text and cue.start_ms < cue.end_ms), key=lambda cue: cue.start_ms)
    shown = sum((cue.end_ms - cue.start_ms) // SHORTEST_SEGMENT_MS + 1 for cue in cues)
    if not cues or len(cues) > MOST_CUES or shown > MOST_SHOWN:
        raise Refused("bad_subtitles", f"{len(cues)} cues, {shown} counted in each segment")
    return tuple(cues)


def minutes(duration_ms: int) -> tuple[int, ...]:
    """Lengths in ticks of segments of 60 s and what is left."""
    starts = range(0, duration_ms, SEGMENT_MS)
    return tuple(min(SEGMENT_MS, duration_ms - start) * TICKS_PER_S // 1000 for start in starts)


def segments(cues: Sequence[Cue], seg_ticks: Sequence[int], first_pts: int) -> tuple[str, ...]:
    """The text of each segment of these lengths. A cue over an edge stands in both.

    `first_pts` is the film's first picture in 90 kHz ticks, which the cue time 0 means.
    """
    edges = [ticks * 1000 // TICKS_PER_S for ticks in accumulate(seg_ticks, initial=0)]
    texts = [[_head(first_pts)] for _ in seg_ticks]
    for cue in cues:
        if cue.start_ms < edges[-1]:
            text = _cue(evolve(cue, end_ms=min(cue.end_ms, edges[-1])))
            for number in range(bisect_right(edges, cue.start_ms) - 1, bisect_left(edges, cue.end_ms, hi=len(texts))):
                texts[number].append(text)
    return tuple(map("".join, texts))


def _head(first_pts: int) -> str:
    return f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{first_pts},LOCAL:00:00:00.000\n"


def _text(data: bytes) -> str:
    """UTF-8, UTF-16 that says so, else GB18030."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as exc:
        raise Refused("bad_subtitles", "neither UTF-8 nor GB18030") from exc


def _blocks(lines: Sequence[str]) -> Iterator[Cue]:
    """SRT and WebVTT: a line of times, then words up to an empty line; numbers, names and notes are passed over."""
    times, words = None, list[str]()
    for line in (*lines, ""):
        found = None if times and line.strip() else _TIMES.match(line)
        if times and not line.strip():
            yield Cue(*times, _plain(words))
            times, words = None, []
        elif times:
            words.append(line)
        elif found:
            times = _ms(found.groups()[:4]), _ms(found.groups()[4:])


def _dialogue(lines: Sequence[str]) -> Iterator[Cue]:
    """ASS: `Dialogue:` lines, whose columns a `Format:` line names; the words come last and may hold commas."""
    columns = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
    for line in lines:
        kind, _, rest = line.partition(":")
        if kind.strip().lower() == "format" and "text" in rest.lower():
            columns = [name.strip().lower() for name in rest.split(",")]
        elif kind.strip().lower() == "dialogue":
            given = dict(zip(columns, rest.split(",", len(columns) - 1), strict=False))
            found = _TIMES.match(f"{given.get('start', '').strip()} --> {given.get('end', '').strip()}")
            if found:
                words = _OVERRIDE.sub("", given.get("text", "")).replace(r"\h", " ")
                yield Cue(_ms(found.groups()[:4]), _ms(found.groups()[4:]), _plain(re.split(r"\\[Nn]", words)))


def _ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _plain(words: Sequence[str]) -> str:
    """Words without tags but b and i, which are closed again, and without what WebVTT takes for a sign of its own."""
    text = "\n".join(line for word in words if (line := _OVERRIDE.sub("", word).strip()))[:MOST_CHARACTERS]
    parts, at, opened = [], 0, list[str]()
    for tag in _TAG.finditer(text):
        parts.append(_escaped(text[at : tag.start()]))
        at, name, closing = tag.end(), tag[1].lower(), tag[0].startswith("</")
        if name in _KEPT and closing is (opened[-1:] == [name]):
            opened = opened[:-1] if closing else [*opened, name]
            parts.append(f"</{name}>" if closing else f"<{name}>")
    parts.append(_escaped(text[at:]))
    return "".join([*parts, *(f"</{name}>" for name in reversed(opened))]).strip()


def _escaped(text: str) -> str:
    return html.escape(html.unescape(text), quote=False).replace("\0", "")


def _cue(cue: Cue) -> str:
    return f"\n{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{cue.text}\n"


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms % 1000:03d}"
