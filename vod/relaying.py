"""A relay on a scheduled channel as arithmetic: which captured segment comes first, and when what follows may start.

A relay runs 12 s behind its source. That is what encoding, writing and committing a segment may take before the
channel must show it (video.md §7.4).
"""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from vod.ledger import CAPTURE_MS, LEAD_MS, SEGMENT_MS, Row

BEHIND_MS: Final = 12_000
BEFORE_MS: Final = 60_000
"""The source is taken so long before its programme and so long after it."""
SLACK_MS: Final = 4_000
"""A segment is awaited so long before the last instant at which it could be committed."""
BACK: Final = 2
"""A source that was away must have given so many segments, 12 s, before it is shown again."""
EARLY_MS: Final = 14_000
"""How much earlier than it must a row may be written: the nearer, the surer is which segment comes first."""
NOTICE_MS: Final = LEAD_MS + 1_000
"""A row is written at least so long ahead: the lead, and a second for its transaction."""


@frozen
class Ready:
    """Segment `k` was whole on disk in all rungs at `at_ms`; `sizes` in bytes, lowest rung first."""

    k: int
    at_ms: int
    sizes: tuple[int, ...]


def first_segment(last: Ready, start_ms: int) -> int:
    """The newest segment that can be counted on when the channel is to show it from `start_ms` on.

    `last` is the newest one on disk; its followers are expected at the pace of the clock.
    """
    known_by = start_ms + SEGMENT_MS - CAPTURE_MS - SLACK_MS
    return max(0, last.k + (known_by - last.at_ms) // SEGMENT_MS)


def follower_ms(start_ms: int, stop_ms: int) -> int:
    """When what follows a relay starts: its first edge with the programme that ends at `stop_ms` shown whole."""
    return start_ms + -(-(stop_ms + BEHIND_MS - start_ms) // SEGMENT_MS) * SEGMENT_MS


def opens(ready: Sequence[Ready], start_ms: int, stop_ms: int, now_ms: int) -> bool:
    """Whether a relay's row is due: the source gives segments without a gap, and there is still something to show."""
    last = ready[-1] if ready else None
    if last is None or now_ms - last.at_ms > SEGMENT_MS + SLACK_MS:
        return False
    steady = len(ready) >= BACK and ready[-BACK].k == last.k - BACK + 1
    soon = now_ms >= start_ms - NOTICE_MS - EARLY_MS
    return steady and soon and now_ms + NOTICE_MS + SEGMENT_MS < follower_ms(start_ms, stop_ms)


def too_late(row: Row, k: int, now_ms: int) -> bool:
    """Whether segment `k`, the next of this row, can no longer be committed in time."""
    return now_ms > row.start_ms + (k - row.seg_from + 1) * SEGMENT_MS - CAPTURE_MS


def following(ready: Sequence[Ready], first: int) -> list[Ready]:
    """The segments from `first` on that follow each other without a gap."""
    found = {one.k: one for one in ready}
    out: list[Ready] = []
    while (one := found.get(first + len(out))) is not None:
        out.append(one)
    return out
