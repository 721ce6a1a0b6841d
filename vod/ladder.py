"""The rungs a film is encoded in, and which of them a given picture gets. Figures: video.md §2."""

from typing import Final

from attrs import frozen

FPS: Final = 25
FRAME_MS: Final = 40
FRAME_TICKS: Final = 3600
"""One frame in the 90 kHz clock of MPEG-TS (ISO/IEC 13818-1 §2.4.3.7)."""
SEGMENT_S: Final = 6
GOP_S: Final = 2
AUDIO_KBPS: Final = 96


@frozen
class Rung:
    """One encoding: `height` names it, rates in kbit/s, `level` as x264 wants it."""

    height: int
    width: int
    kbps: int
    maxrate: int
    bufsize: int
    level: str


LADDER: Final = (
    Rung(240, 426, 400, 440, 800, "2.1"),
    Rung(360, 640, 700, 770, 1400, "3.0"),
    Rung(540, 960, 1600, 1760, 3200, "3.1"),
    Rung(720, 1280, 2500, 2750, 5000, "3.1"),
)
"""Lowest first. 240 is only made where 360 would else stand alone: a weak link then still has somewhere to go."""


def rungs_for(width: int, height: int) -> tuple[Rung, ...]:
    """Rungs for a picture of this display size (square pixels, after rotation), lowest first, at least two.

    A rung that would enlarge the picture is left out. Pictures too small for two rungs get 240 and 360 all the same:
    the box would enlarge them anyway, and its scaler is worse than ours.
    """
    fitting = tuple(rung for rung in LADDER[1:] if rung.width <= width or rung.height <= height)
    return fitting if len(fitting) >= 2 else LADDER[:2]


def master_order(heights: tuple[int, ...]) -> tuple[int, ...]:
    """Order of the rungs in a master playlist: 540 first, where most players start, then falling."""
    return tuple(sorted(heights, key=lambda height: (height != 540, -height)))
