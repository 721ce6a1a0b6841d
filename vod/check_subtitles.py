"""Rule 47 of video.md §12: WebVTT segments, read by the checker itself."""

import re
from collections.abc import Iterator
from typing import Final

from vod.check_footage import Footage, Shot
from vod.check_lists import differ
from vod.check_read import Fault
from vod.check_ts import CLOCK, Stream, since

_MAP = re.compile(r"X-TIMESTAMP-MAP=(?:MPEGTS:(\d+),LOCAL:00:00:00\.000|LOCAL:00:00:00\.000,MPEGTS:(\d+))")
_CUE = re.compile(r"^((?:\d{2,}:)?\d\d:\d\d\.\d{3})[ \t]+-->[ \t]+((?:\d{2,}:)?\d\d:\d\d\.\d{3})", re.MULTILINE)
MAP_TICKS: Final = 90
"""A header of MP4 tells the first picture's time to a millisecond only."""
_PIECES: Final = (1, 60, 3600)


def subtitles(footage: Footage) -> Iterator[Fault]:
    """47: header, map to the pictures' clock, cues in order, as long as the pictures."""
    start = 0.0
    seen = {shot.entry.number: stream for shot, stream in footage.pictures.streams} if footage.pictures else {}
    for shot in footage.shots:
        if shot.text is not None:
            shown = seen.get(shot.entry.number)
            for expected, found in _segment(shot.text, start, shot, footage, shown):
                yield footage.uri, shot.entry.line, expected, found
        start += shot.entry.seconds
    film = footage.pictures
    if film and not footage.playlist.live and differ(footage.playlist.seconds, film.playlist.seconds):
        yield footage.uri, 0, f"{film.playlist.seconds:.3f} s, as the pictures", f"{footage.playlist.seconds:.3f} s"


def _segment(text: str, start: float, shot: Shot, footage: Footage, shown: Stream | None) -> Iterator[tuple[str, str]]:
    if not re.match(r"WEBVTT(?:[ \t][^\r\n]*)?(?:\r?\n|\Z)", text):
        yield "WEBVTT alone on the first line", repr(text[:12])
        return
    told = _MAP.search(text)
    if told is None:
        yield "X-TIMESTAMP-MAP with LOCAL:00:00:00.000", "none"
    elif (clock := _clock(footage)) is not None and abs(int(told[1] or told[2]) - clock) > MAP_TICKS:
        yield f"MPEGTS:{clock}, the first picture's", told[1] or told[2]
    cues = [(_seconds(one), _seconds(other)) for one, other in _CUE.findall(text)]
    if cues != sorted(cues, key=lambda cue: cue[0]) or any(end <= begin for begin, end in cues):
        yield "cues in order, each longer than nothing", "others"
    # A cue that reaches over an edge stands in both segments.
    if footage.playlist.aired:
        if told and shown and any(_outside(cue, int(told[1] or told[2]), shown) for cue in cues):
            yield "cues that show with the pictures of their segment", "one outside"
        return
    stop = start + shot.entry.seconds
    if any(end <= start or begin >= stop for begin, end in cues):
        yield f"cues between {start:.3f} and {stop:.3f} s", "one outside"


def _outside(cue: tuple[float, float], clock: int, shown: Stream) -> bool:
    begin, end = (clock + round(second * CLOCK) for second in cue)
    return since(end, shown.first) <= -shown.frame or since(begin, shown.last) > 2 * shown.frame


def _clock(footage: Footage) -> int | None:
    """The first picture's time of a film, where its pictures were fetched."""
    seen = footage.pictures.streams if footage.pictures and not footage.playlist.aired else ()
    return seen[0][1].first if seen and seen[0][0].entry.number == 0 else None


def _seconds(time: str) -> float:
    whole, _, milliseconds = time.partition(".")
    parts = [int(part) for part in reversed(whole.split(":"))]
    return sum(part * each for part, each in zip(parts, _PIECES, strict=False)) + int(milliseconds) / 1000
