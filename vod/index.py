"""Make the index row from finished segments."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from vod.catalogue import TICKS_PER_S, Edition, KeyFrame, Rendition, Track
from vod.errors import PackagingFailed
from vod.ladder import FPS, Rung
from vod.rates import average, peak
from vod.segments import BadSegment, Segment, measure
from vod.verifying import faults, sound_faults


def index(
    work: Path,
    rungs: Sequence[Rung],
    fps: int = FPS,
    *,
    whole: bool = False,
    step: Callable[[], None] = lambda: None,
) -> Edition:
    """Measure every segment below `work`; PackagingFailed(verify_failed) if the files break a rule.

    `whole` asks for what a film of the channel must have besides: segments of exactly 6 s, or just one, and rates
    that the channel announces. `step` is called when a segment has been measured.
    """
    measured = [_measured(work / str(rung.height), step=step) for rung in rungs]
    ticks = seg_ticks(measured[0], fps) if measured and measured[0] else ()
    pairs = zip(rungs, measured, strict=True) if ticks else ()
    edition = Edition(ticks, tuple(_rendition(*pair, ticks, fps) for pair in pairs))
    for fault in faults(measured, rungs, edition, whole=whole):
        raise PackagingFailed("verify_failed", fault)
    return edition


def sound_track(work: Path, key: str, language: str, title: str, edition: Edition) -> Track:
    """Measure the segments of a further sound; PackagingFailed(verify_failed) if it does not cover the film."""
    segments = _measured(work / f"sound-{key}", pictures=False)
    for fault in sound_faults(segments, edition):
        raise PackagingFailed("verify_failed", fault)
    ends = [*(segment.sound_first for segment in segments[1:]), segments[-1].sound_end]
    return Track(
        key,
        language,
        title,
        tuple(end - segment.sound_first for segment, end in zip(segments, ends, strict=True)),
        tuple(segment.size for segment in segments),
        tuple(segment.sha256 for segment in segments),
        segments[0].codecs,
    )


def seg_ticks(segments: Sequence[Segment], fps: int = FPS) -> tuple[int, ...]:
    """Segment lengths by the clock of the pictures; the last ends one frame behind its last picture."""
    ends = [*(segment.first for segment in segments[1:]), segments[-1].last + TICKS_PER_S // fps]
    return tuple(end - segment.first for segment, end in zip(segments, ends, strict=True))


def _measured(folder: Path, *, pictures: bool = True, step: Callable[[], None] = lambda: None) -> list[Segment]:
    found = []
    try:
        for path in sorted(folder.glob("*.ts")):
            found.append(measure(path, pictures=pictures))
            step()
    except (BadSegment, IndexError, ValueError) as exc:
        raise PackagingFailed("verify_failed", str(exc)) from exc
    return found


def _rendition(rung: Rung, segments: Sequence[Segment], ticks: Sequence[int], fps: int) -> Rendition:
    if len(segments) != len(ticks):
        raise PackagingFailed("verify_failed", "26: the rungs have different numbers of segments")
    sizes = tuple(segment.size for segment in segments)
    return Rendition(
        rung=rung.height,
        width=rung.width,
        height=rung.height,
        frame_rate=fps * 1000,
        codecs=segments[0].codecs,
        peak=peak(sizes, ticks),
        average=average(sizes, ticks),
        first_pts=segments[0].first,
        segment_bytes=sizes,
        sha256=tuple(segment.sha256 for segment in segments),
        iframes=_key_frames(segments, ticks),
    )


def _key_frames(segments: Sequence[Segment], ticks: Sequence[int]) -> tuple[tuple[KeyFrame, ...], ...]:
    """Where the key frames of each segment lie, each up to the next one, across segments too."""
    ends = [segment.first + length for segment, length in zip(segments, ticks, strict=True)]
    return tuple(
        tuple(
            (offset, length, following - key)
            for (offset, length), (key, following) in zip(segment.iframes, pairwise((*segment.keys, end)), strict=True)
        )
        for segment, end in zip(segments, ends, strict=True)
    )
