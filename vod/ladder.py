"""The rungs a film is encoded in, and which of them a given picture gets. Figures: video.md §2."""

from typing import Final

from attrs import frozen

FPS: Final = 25
FRAME_MS: Final = 40
RATES: Final = (25, 50)
"""Frames per second that a film may have: one lasts 40 or 20 ms, so all times are whole milliseconds."""
SEGMENT_S: Final = 6
GOP_S: Final = 2
AUDIO_KBPS: Final = 96


@frozen
class Rung:
    """One encoding: `height` names it, rates in kbit/s, `profile` and `level` as x264 wants them at 25 and 50 fps."""

    height: int
    width: int
    kbps: int
    maxrate: int
    bufsize: int
    level: str
    level_50: str
    profile: str = "main"

    def level_at(self, fps: int) -> str:
        """The lowest level whose macroblocks per second suffice (ISO/IEC 14496-10 table A-1)."""
        return self.level_50 if fps > FPS else self.level

    @property
    def cap(self) -> int:
        """What a channel says this rung takes at most, in bit/s: picture, sound, and 8 % for the transport stream."""
        return (self.maxrate + AUDIO_KBPS) * 1080


LADDER: Final = (
    Rung(240, 426, 400, 440, 800, "2.1", "2.2"),
    Rung(360, 640, 700, 770, 1400, "3.0", "3.1"),
    Rung(540, 960, 1600, 1760, 3200, "3.1", "3.1"),
    Rung(720, 1280, 2500, 2750, 5000, "3.1", "3.2"),
)
"""Lowest first. 240 is only made where 360 would else stand alone: a weak link then still has somewhere to go."""
FULL_HD: Final = Rung(1080, 1920, 4500, 4950, 9000, "4.0", "4.0", "high")
"""Made where the operator asks for it and a frame lasts 40 ms; for boxes known to take it."""
CHANNEL: Final = LADDER[1:]
"""What every film of the scheduled channel has, whatever its picture: players change rungs in the middle of films."""


def rungs_for(width: int, height: int, *, top: int = 720, fps: int = FPS) -> tuple[Rung, ...]:
    """Rungs for a picture of this display size (square pixels, after rotation), lowest first, at least two.

    A rung that would enlarge the picture is left out. Pictures too small for two rungs get 240 and 360 all the same:
    the box would enlarge them anyway, and its scaler is worse than ours.
    """
    offered = (*CHANNEL, FULL_HD) if top >= FULL_HD.height and fps == FPS else CHANNEL
    fitting = tuple(rung for rung in offered if rung.width <= width or rung.height <= height)
    return fitting if len(fitting) >= 2 else LADDER[:2]


def master_order(heights: tuple[int, ...]) -> tuple[int, ...]:
    """Order of the rungs in a master playlist: 540 first, where most players start, then falling."""
    return tuple(sorted(heights, key=lambda height: (height != 540, -height)))
