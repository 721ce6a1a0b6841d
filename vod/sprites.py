"""Small pictures for the seek bar: 160x90, one per 10 s, 60 on a sheet, and the WebVTT that says which is where."""

from typing import Final

EVERY_S: Final = 10
CELL: Final = (160, 90)
ACROSS: Final = 10
DOWN: Final = 6


def cells(duration_ms: int) -> int:
    """How many pictures a film of this length has."""
    return max(1, -(-duration_ms // (EVERY_S * 1000)))


def sheets(duration_ms: int) -> int:
    """How many sheets they fill."""
    return -(-cells(duration_ms) // (ACROSS * DOWN))


def thumbs(duration_ms: int) -> str:
    """`thumbs.vtt`: a cue per picture, its address with `#xywh=` (Media Fragments URI 1.0 §4.2.2) beside the list."""
    cues = (_cue(cell, min((cell + 1) * EVERY_S * 1000, duration_ms)) for cell in range(cells(duration_ms)))
    return "".join(["WEBVTT\n", *cues])


def _cue(cell: int, end_ms: int) -> str:
    sheet, place = divmod(cell, ACROSS * DOWN)
    x, y = place % ACROSS * CELL[0], place // ACROSS * CELL[1]
    times = f"{_clock(cell * EVERY_S * 1000)} --> {_clock(end_ms)}"
    return f"\n{times}\nsprites/{sheet}.jpg#xywh={x},{y},{CELL[0]},{CELL[1]}\n"


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms % 1000:03d}"
