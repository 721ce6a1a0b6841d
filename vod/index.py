"""Make the index row from finished segments and verify that the rungs agree (rules 26-36 of video.md §12)."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from vod.catalogue import TICKS_PER_S, Edition, Rendition
from vod.errors import PackagingFailed
from vod.ladder import FPS, FRAME_TICKS, GOP_S, SEGMENT_S, Rung
from vod.segments import BadSegment, Segment, measure

AUDIO_FRAME = 1024 * TICKS_PER_S // 48_000
LONGEST_RUN, SHORTEST_RUN = 3 * SEGMENT_S * TICKS_PER_S // 2, SEGMENT_S * TICKS_PER_S // 2


def index(work: Path, rungs: Sequence[Rung]) -> Edition:
    """Measure every segment below `work`; PackagingFailed(verify_failed) if the files break a rule."""
    try:
        measured = [[measure(path) for path in sorted((work / str(rung.height)).glob("*.ts"))] for rung in rungs]
    except (BadSegment, IndexError) as exc:
        raise PackagingFailed("verify_failed", str(exc)) from exc
    for fault in (*_across(measured), *(fault for segments in measured for fault in _within(segments))):
        raise PackagingFailed("verify_failed", fault)
    ticks = seg_ticks(measured[0])
    return Edition(ticks, tuple(_rendition(rung, segs, ticks) for rung, segs in zip(rungs, measured, strict=True)))


def seg_ticks(segments: Sequence[Segment]) -> tuple[int, ...]:
    """Segment lengths by the clock of the pictures; the last ends one frame behind its last picture."""
    ends = [*(segment.first for segment in segments[1:]), segments[-1].last + FRAME_TICKS]
    return tuple(end - segment.first for segment, end in zip(segments, ends, strict=True))


def peak(sizes: Sequence[int], ticks: Sequence[int]) -> int:
    """Highest bit rate of any run of segments that lasts 0.5 to 1.5 targets; of the whole if none does."""
    rates = [rate for start in range(len(sizes)) for rate in _run_rates(sizes[start:], ticks[start:])]
    return max(rates, default=average(sizes, ticks))


def average(sizes: Sequence[int], ticks: Sequence[int]) -> int:
    return -(-sum(sizes) * 8 * TICKS_PER_S // sum(ticks))


def _run_rates(sizes: Sequence[int], ticks: Sequence[int]) -> list[int]:
    rates, length, size = [], 0, 0
    for more, longer in zip(sizes, ticks, strict=True):
        length, size = length + longer, size + more
        if length > LONGEST_RUN:
            break
        if length >= SHORTEST_RUN:
            rates.append(-(-size * 8 * TICKS_PER_S // length))
    return rates


def _rendition(rung: Rung, segments: Sequence[Segment], ticks: Sequence[int]) -> Rendition:
    sizes = tuple(segment.size for segment in segments)
    return Rendition(
        rung=rung.height,
        width=rung.width,
        height=rung.height,
        frame_rate=FPS * 1000,
        codecs=segments[0].codecs,
        peak=peak(sizes, ticks),
        average=average(sizes, ticks),
        first_pts=segments[0].first,
        segment_bytes=sizes,
        sha256=tuple(segment.sha256 for segment in segments),
    )


def _within(segments: Sequence[Segment]) -> list[str]:
    faults = []
    if len({segment.codecs for segment in segments}) > 1:
        faults.append("36: codecs change")
    for number, segment in enumerate(segments):
        if segment.frames * FRAME_TICKS != segment.last + FRAME_TICKS - segment.first:
            faults.append(f"34: frames are missing in segment {number}")
        if any(after - before > GOP_S * TICKS_PER_S for before, after in pairwise(segment.keys)):
            faults.append(f"32: key frames too far apart in segment {number}")
        if abs(segment.sound_first - segment.first) > 2 * AUDIO_FRAME + FRAME_TICKS:
            faults.append(f"35: sound and picture part in segment {number}")
    return faults


def _across(measured: Sequence[Sequence[Segment]]) -> list[str]:
    if not measured or not all(measured):
        return ["26: a rung has no segments"]
    places = [[(segment.first, segment.last, segment.keys) for segment in segments] for segments in measured]
    return [] if all(place == places[0] for place in places) else ["26: the rungs are cut at different frames"]
