"""Rules 9, 15, 40-42 and 44 of video.md §12: one live list over time, as it was fetched again and again."""

from collections.abc import Iterator
from itertools import pairwise

from attrs import frozen

from vod.check_read import FRAME_S, Entry, Fault, Playlist, attributes
from vod.check_variants import starts

LATE: float = 1.5
"""A new segment comes within so many targets."""
AGAIN_S = 2.0
"""How much older than a target the end of a window may be."""


@frozen
class History:
    """One list in the order of its fetches. `ahead_s` is what the channel shows before the wall clock."""

    uri: str
    polls: tuple[Playlist, ...]
    ahead_s: float = 0.0


def events_keep_all(history: History) -> Iterator[Fault]:
    """9: an EVENT list only grows."""
    for before, after in pairwise(history.polls):
        if after.values("EXT-X-PLAYLIST-TYPE") == ["EVENT"] and _edges(after)[0] != _edges(before)[0]:
            yield history.uri, 0, f"MEDIA-SEQUENCE {_edges(before)[0]} for ever", str(_edges(after)[0])


def ranges_stay(history: History) -> Iterator[Fault]:
    """15: what a DATERANGE has said it says again; more may join."""
    said: dict[str, dict[str, str]] = {}
    for poll in history.polls:
        for line in poll.all("EXT-X-DATERANGE"):
            found = attributes(line.value)
            before = said.setdefault(found.get("ID", ""), found)
            for name in before.keys() & found.keys():
                if before[name] != found[name]:
                    yield history.uri, line.number, f"{found['ID']} with {name}={before[name]}", found[name]
            said[found.get("ID", "")] = {**found, **before}


def numbers_stay(history: History) -> Iterator[Fault]:
    """40: number → address, length, discontinuity number, for ever. One finding per reload that breaks it."""
    seen: dict[int, Entry] = {}
    for poll in history.polls:
        known = ((seen[entry.number], entry) for entry in poll.entries if entry.number in seen)
        if wrong := next((both for both in known if _other(*both)), None):
            yield history.uri, wrong[1].line, _shown(wrong[0]), _shown(wrong[1])
        seen.update((entry.number, entry) for entry in poll.entries)


def _other(before: Entry, after: Entry) -> bool:
    return (before.uri, before.seconds, before.dsn) != (after.uri, after.seconds, after.dsn)


def _shown(entry: Entry) -> str:
    return f"segment {entry.number} as {entry.uri}, {entry.seconds:.3f} s, discontinuity number {entry.dsn}"


def never_back(history: History) -> Iterator[Fault]:
    """41: MSN, DSN and the end of the window never fall."""
    for before, after in pairwise(history.polls):
        names = ("MEDIA-SEQUENCE", "DISCONTINUITY-SEQUENCE", "the last segment's number")
        for name, one, other in zip(names, _edges(before), _edges(after), strict=True):
            if other < one:
                yield history.uri, 0, f"{name} from {one}", str(other)


def breaks_one_by_one(history: History) -> Iterator[Fault]:
    """41: between two fetches DSN rises by one at most: more breaks than that come too fast for old boxes."""
    for before, after in pairwise(history.polls):
        if (risen := _edges(after)[1] - _edges(before)[1]) > 1:
            yield history.uri, 0, "DISCONTINUITY-SEQUENCE + 1 at most", f"+ {risen}"


def _edges(poll: Playlist) -> tuple[int, int, int]:
    """MSN, DSN and number of the last segment."""
    if not poll.entries:
        return 0, 0, -1
    first = poll.entries[0]
    return first.number, first.dsn - first.breaks, poll.entries[-1].number


def keeps_coming(history: History) -> Iterator[Fault]:
    """42: a new segment within 1.5 targets, until ENDLIST; what lies between two fetches counts for the list."""
    since: Playlist | None = None
    for poll in history.polls:
        if since is None or _edges(poll)[2] != _edges(since)[2] or not poll.live:
            since = poll
        elif (still := (poll.at_ms - since.at_ms) / 1000) > LATE * max(1, poll.target):
            yield history.uri, 0, f"a new segment within {LATE * poll.target:.0f} s", f"none for {still:.1f} s"
            return


def on_the_clock(history: History) -> Iterator[Fault]:
    """44: the window ends between now and a target + 2 s ago, shifted by what the channel is ahead."""
    for poll in history.polls:
        if not (poll.at_ms and poll.live and poll.entries) or poll.shifted:
            continue
        entry, start = starts(poll)[-1]
        if start is None:
            continue
        behind = (poll.at_ms - start) / 1000 - entry.seconds + history.ahead_s
        if not -FRAME_S <= behind <= poll.target + AGAIN_S:
            yield history.uri, entry.line, f"an end 0 to {poll.target + AGAIN_S:.0f} s ago", f"{behind:.1f} s"
            return
