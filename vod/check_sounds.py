"""Rules 27, 31, 33, 34 and 38 of video.md §12 for lists of sound alone: a further language of a film."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from vod.check_bytes import AAC_TICKS
from vod.check_footage import Footage, Shot, joined
from vod.check_lists import differ
from vod.check_read import FRAME_S, Fault
from vod.check_ts import CLOCK, Stream, since

Heard = tuple[Shot, Stream]
AAC_S: Final = AAC_TICKS / CLOCK


def heard(footage: Footage) -> list[Heard]:
    """The shots that hold sound."""
    return [(shot, shot.stream) for shot in footage.shots if shot.stream is not None and shot.stream.sounds]


def joins(footage: Footage) -> Iterator[tuple[Heard, Heard]]:
    """Neighbours with nothing between them."""
    for one, two in pairwise(heard(footage)):
        if joined(one[0].entry, two[0].entry):
            yield one, two


def as_long(footage: Footage) -> Iterator[Fault]:
    """27: a further sound is as long as the pictures, an AAC frame more or less."""
    film = footage.pictures
    if film is None or footage.playlist.live:
        return
    ours, theirs = film.playlist.seconds, footage.playlist.seconds
    if differ(ours, theirs, FRAME_S + AAC_S):
        yield footage.uri, 0, f"{ours:.3f} s, as the pictures", f"{theirs:.3f} s"


def begins_whole(footage: Footage) -> Iterator[Fault]:
    """31: PAT and PMT, then sound."""
    for shot in footage.shots:
        if shot.cipher or (shot.stream is None and not shot.fault):
            continue
        if shot.fault or shot.stream is None or not shot.stream.sounds or shot.stream.order[:2] != ("PAT", "PMT"):
            yield footage.uri, shot.entry.line, "PAT, PMT, then sound", shot.fault or "something else"


def real_length(footage: Footage) -> Iterator[Fault]:
    """33: a segment lasts what EXTINF says, two AAC frames more or less."""
    for shot, stream in heard(footage):
        length = since(stream.sound_end, stream.sounds[0].pts) / CLOCK
        if differ(length, shot.entry.seconds, 2 * AAC_S):
            yield footage.uri, shot.entry.line, f"{shot.entry.seconds:.3f} s", f"{length:.3f} s of sound"


def times_run_on(footage: Footage) -> Iterator[Fault]:
    """34: sound runs on within segments and from one to the next."""
    for shot, stream in heard(footage):
        if stream.slips or any(since(b.pts, a.pts) <= 0 for a, b in pairwise(stream.sounds)):
            yield footage.uri, shot.entry.line, "times that rise and counters that run on", "others"
    for (_, one), (shot, two) in joins(footage):
        if abs(gap := since(two.sounds[0].pts, one.sound_end)) > AAC_TICKS:
            yield footage.uri, shot.entry.line, "no jump without DISCONTINUITY", f"sound {gap / CLOCK:+.3f} s on"
