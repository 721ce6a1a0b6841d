"""Rules 27, 28 and 32 of video.md §12 as far as media bytes go: the same segments in several variants."""

from collections.abc import Iterator

from attrs import frozen

from vod.check_footage import Footage, Shot
from vod.check_read import Fault
from vod.check_ts import CLOCK, Stream, since

Same = tuple[Shot, Stream, Shot, Stream]


@frozen
class Reels:
    """The footage of all variants of one master."""

    footage: tuple[Footage, ...]

    def pairs(self) -> Iterator[tuple[Footage, list[Same]]]:
        """Each variant but the first, with the segments that both have."""
        for other in self.footage[1:]:
            theirs = {shot.entry.number: (shot, stream) for shot, stream in other.streams}
            ours = self.footage[0].streams
            yield other, [(s, t, *theirs[s.entry.number]) for s, t in ours if s.entry.number in theirs]


def same_start(reels: Reels) -> Iterator[Fault]:
    """27: films begin at the same time in every variant."""
    for other, same in reels.pairs():
        if not other.playlist.live and same and (fault := _apart(other, same[0])):
            yield fault


def same_time(reels: Reels) -> Iterator[Fault]:
    """28: one number means one time in every variant; where a whole film begins is rule 27's."""
    for other, same in reels.pairs():
        at_start = since(same[0][3].first, same[0][1].first) if same and not other.playlist.live else 0
        if fault := next((found for each in same if (found := _apart(other, each, at_start))), None):
            yield fault


def _apart(other: Footage, same: Same, usual: int = 0) -> Fault | None:
    ours, one, theirs, two = same
    off = since(two.first, one.first) - usual
    if abs(off) <= one.frame:
        return None
    return other.uri, theirs.entry.line, f"segment {ours.entry.number} at the same time", f"{off / CLOCK:+.3f} s"


def same_keys(reels: Reels) -> Iterator[Fault]:
    """32: IDR stand at the same frames in each rung."""
    for other, same in reels.pairs():
        for _, one, theirs, two in same:
            ours, found = _keys(one), _keys(two)
            if ours != found:
                yield other.uri, theirs.entry.line, f"IDR at frames {ours}", str(found)
                break


def _keys(stream: Stream) -> list[int]:
    """Which frames of a segment are IDR, by their times."""
    return [round(since(each.pts, stream.first) / stream.frame) for each in stream.pictures if each.idr]
