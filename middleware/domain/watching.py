"""How far a household has watched a film, and where it goes on."""

from datetime import datetime, timedelta

from attrs import frozen

LEAST_MS = 1_000
"""What a player may be short of the end when it has played to it: its clock and the measured length differ."""
REPORT_MS, SLACK_MS = 15_000, 5_000
"""A player tells its place every ten seconds; so much may a report be late."""
VIEW_MS = 60_000
"""A household that has watched so much of a film, or half of it, has viewed it."""
_MS = timedelta(milliseconds=1)
CREDITS_MS = 20_000
"""Who stops this near the end has seen the film; the next OK starts it anew."""


@frozen
class Watched:
    """The last known place of one household in one film."""

    asset_id: int
    position_ms: int
    seen_at: datetime
    watched_ms: int = 0
    """How much of it was watched, never more than its length: who watches it twice counts once."""


def moved(before: Watched | None, now: datetime, asset_id: int, position_ms: int, duration_ms: int) -> Watched:
    """The next known place; what was played since the last one counts as watched, what was skipped does not."""
    since = (now - before.seen_at) / _MS if before else REPORT_MS
    played = position_ms - (before.position_ms if before else 0)
    counted = played if 0 < played <= since + SLACK_MS else 0
    watched = (before.watched_ms if before else 0) + counted
    return Watched(asset_id, position_ms, now, min(watched, duration_ms))


def finished(position_ms: int, duration_ms: int) -> bool:
    """Whether so little is left that the film counts as seen: 20 s, for short films 5 % or 1 s."""
    return position_ms >= duration_ms - max(LEAST_MS, min(CREDITS_MS, duration_ms // 20))


def part_seen(watched: Watched | None, duration_ms: int) -> float:
    """The part seen, 0 to 1, for the bar on the shelf."""
    return min(1.0, watched.position_ms / duration_ms) if watched and duration_ms else 0.0


def resume_ms(watched: Watched | None, duration_ms: int) -> int:
    """Where playing starts: at the last place, or at the beginning once the film is seen."""
    if watched is None or finished(watched.position_ms, duration_ms):
        return 0
    return watched.position_ms
