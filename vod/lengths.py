"""How long a film becomes: from what its packets reach to whole frames, whole segments, or an exact length."""

from math import ceil
from typing import Final

from vod.errors import Refused
from vod.ladder import FPS, SEGMENT_S

SEGMENT_MS: Final = SEGMENT_S * 1000
SHORTEST_MS: Final = 2000
"""A last segment below this is a known cause of stalls (video.md §7.3); the film is padded until it is as long."""
IDENTS_MS: Final = (2000, 3000, 4000, 5000)
"""What the channel closes a gap with: one segment each."""
TAIL_LOST_S: Final = 0.5
"""A film that ends this much, or 1 %, before its announced end has lost its tail; less is rounding by the container."""


def real_length(reached: float, claimed: float, most: float) -> tuple[int, bool]:
    """Length in ms and whether the tail is lost, from the seconds that packets reached and the container claims."""
    if reached <= 0:
        raise Refused("truncated", "no packets")
    if reached > most:
        raise Refused("too_long", f"{reached:.0f} s")
    damaged = tail_lost(reached, claimed)
    return ceil((reached if damaged else max(reached, claimed)) * 1000), damaged


def tail_lost(reached: float, claimed: float) -> bool:
    """Whether a film of so many seconds has lost its tail."""
    return reached < claimed - max(TAIL_LOST_S, claimed / 100)


def padded_ms(length_ms: int, fps: int = FPS) -> int:
    """Whole frames, and never a last segment shorter than 2 s."""
    frame = 1000 // fps
    whole = -(-length_ms // frame) * frame
    rest = whole % SEGMENT_MS
    return whole + SHORTEST_MS - rest if 0 < rest < SHORTEST_MS else whole


def whole_ms(length_ms: int, fps: int = FPS) -> int:
    """Whole segments, as the channel needs them; a picture or two behind the last edge is not worth 6 s of standing."""
    frame = 1000 // fps
    return max(1, -(-(length_ms - 2 * frame) // SEGMENT_MS)) * SEGMENT_MS


def exact(length_ms: int) -> bool:
    """Whether a film may be asked to last just this: an ident, or whole segments."""
    return length_ms in IDENTS_MS or (length_ms > 0 and length_ms % SEGMENT_MS == 0)
