"""The rules of video.md §12 that concern media, on the segments of one film: each fault begins with its rule.

What a player would stumble over is found here, before anything is published.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from vod.catalogue import TICKS_PER_S, Edition
from vod.ladder import GOP_S, SEGMENT_S, Rung
from vod.segments import AAC_FRAME, Segment

SEGMENT_TICKS = SEGMENT_S * TICKS_PER_S
SHORTEST_TICKS = 2 * TICKS_PER_S
WIDEST = 2 * AAC_FRAME
"""How far sound and picture may part at the edge of a segment (rule 35)."""
HIGHEST_PROFILE = 100


def faults(
    measured: Sequence[Sequence[Segment]], rungs: Sequence[Rung], edition: Edition, *, whole: bool
) -> Iterator[str]:
    """Every fault of a film's rungs, lowest first."""
    if not measured or not all(measured):
        yield "26: a rung has no segments"
        return
    places = [[(segment.first, segment.last, segment.keys) for segment in segments] for segments in measured]
    if any(place != places[0] for place in places):
        yield "26: the rungs are cut at different frames"
    yield from _lengths(edition, whole=whole)
    for rung, segments, rendition in zip(rungs, measured, edition.renditions, strict=True):
        frame = TICKS_PER_S * 1000 // rendition.frame_rate
        yield from _shapes(segments, rung, rendition.frame_rate // 1000)
        for number, segment in enumerate(segments):
            yield from (f"{fault} (segment {number} of {rung.height})" for fault in _within(segment, frame))
        for number, joint in enumerate(pairwise(segments), start=1):
            yield from (f"{fault} (before segment {number} of {rung.height})" for fault in _joined(*joint, frame))
        if whole and (rendition.average > rung.cap * 1.1 or rendition.peak > rung.cap * 1.25):
            yield f"29: {rendition.peak} bit/s is more than the channel announces for {rung.height}"


def sound_faults(segments: Sequence[Segment], edition: Edition) -> Iterator[str]:
    """Every fault of a further sound, which must last as long as the pictures, within two AAC frames."""
    if not segments:
        yield "35: a sound has no segments"
        return
    for number, segment in enumerate(segments):
        yield from (f"{fault} (segment {number} of a sound)" for fault in segment.faults)
    for before, after in pairwise(segments):
        yield from _run_on(before, after)
    if segments[-1].sound_end - segments[-1].sound_first < TICKS_PER_S:
        yield "33: the last segment of a sound is too short"
    length, begins = sum(edition.seg_ticks), edition.renditions[0].first_pts
    if abs(segments[0].sound_first - begins) > WIDEST or abs(segments[-1].sound_end - begins - length) > WIDEST:
        yield "35: a sound does not cover the film"


def _lengths(edition: Edition, *, whole: bool) -> Iterator[str]:
    lengths = edition.seg_ticks
    if any(ticks * 2 >= SEGMENT_TICKS * 2 + TICKS_PER_S for ticks in lengths):
        yield "4: a segment is longer than the target"
    if lengths[-1] < SHORTEST_TICKS:
        yield "33: the last segment is too short"
    if whole and len(lengths) > 1 and any(ticks != SEGMENT_TICKS for ticks in lengths):
        yield "33: a segment does not last 6 s"


def _shapes(segments: Sequence[Segment], rung: Rung, fps: int) -> Iterator[str]:
    if len({(segment.shape, segment.codecs) for segment in segments}) > 1:
        yield "36: codecs change"
    shape = segments[0].shape
    if shape is None:
        yield "31: no parameter sets"
        return
    if (shape.width, shape.height) != (rung.width, rung.height):
        yield f"36: {shape.width}x{shape.height} in the rung {rung.height}"
    if shape.level > round(float(rung.level_at(fps)) * 10):
        yield f"37: level {shape.level} is higher than {rung.height} needs"
    if shape.profile > HIGHEST_PROFILE or (shape.chroma, shape.depth) != (1, 8) or not shape.progressive:
        yield "37: not progressive 4:2:0 of 8 bits up to High"


def _within(segment: Segment, frame: int) -> Iterator[str]:
    yield from segment.faults
    if segment.frames * frame != segment.last + frame - segment.first:
        yield "34: frames are missing"
    if any(after - before > GOP_S * TICKS_PER_S + frame for before, after in pairwise(segment.keys)):
        yield "32: key frames too far apart"
    # A muxer cuts where the key frame is decoded, so sound may begin and end between that and its showing.
    if not segment.decoded[0] - WIDEST <= segment.sound_first <= segment.first + WIDEST:
        yield "35: sound and picture begin apart"
    if not segment.decoded[1] + frame - WIDEST <= segment.sound_end <= segment.last + frame + WIDEST:
        yield "35: sound and picture end apart"


def _joined(before: Segment, after: Segment, frame: int) -> Iterator[str]:
    if after.first != before.last + frame:
        yield "34: the picture jumps"
    if after.decoded[0] <= before.decoded[1]:
        yield "34: times of decoding do not rise"
    if after.first - before.keys[-1] > GOP_S * TICKS_PER_S + frame:
        yield "32: key frames too far apart"
    yield from _run_on(before, after)


def _run_on(before: Segment, after: Segment) -> Iterator[str]:
    if abs(after.sound_first - before.sound_end) > AAC_FRAME // 2:
        yield "34: the sound jumps"
    for stream, (first, _) in after.counters.items():
        if stream in before.counters and first != before.counters[stream][1] + 1 & 15:
            yield f"34: continuity of stream {stream} breaks"
