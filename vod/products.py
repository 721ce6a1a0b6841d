"""What is made beside the segments of a film: subtitles, key frames' places, digests, fragments, encrypted files.

All paths are in a job's work folder; every function measures what it made and fails rather than let a fault out.
"""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from attrs import evolve

from vod import fragments as boxes
from vod import subtitles
from vod.catalogue import Edition, Fragments, Rendition, Track
from vod.encrypting import Lock
from vod.errors import PackagingFailed
from vod.rates import average, peak
from vod.segments import PACKET
from vod.subtitles import Cue


class Named(Protocol):
    """Subtitles as an editor names them."""

    @property
    def language(self) -> str: ...

    @property
    def title(self) -> str: ...


def write_track(work: Path, given: Named, cues: Sequence[Cue], edition: Edition, *, in_step: bool = False) -> Track:
    """Write the segments of subtitles, which hang on the film's first picture; the first track of a language wins.

    They are cut as the pictures for a channel (`in_step`), else every minute.
    """
    folder = work / f"sub-{given.language}"
    if folder.exists():
        raise PackagingFailed("verify_failed", f"47: two subtitles in {given.language}")
    folder.mkdir()
    lengths = edition.seg_ticks if in_step else subtitles.minutes(edition.duration_ms)
    texts = subtitles.segments(cues, lengths, edition.renditions[0].first_pts)
    files = [text.encode() for text in texts]
    for number, data in enumerate(files):
        (folder / f"{number:05d}.vtt").write_bytes(data)
    sizes, digests = tuple(map(len, files)), tuple(map(_sha256, files))
    return Track(given.language, given.language, given.title, lengths, sizes, digests)


def key_frames(rendition: Rendition) -> list[tuple[str, int]]:
    """Of every key frame in order its segment's file, and its number among those of the segment."""
    return [
        (f"{rendition.rung}/{number:05d}.ts", n)
        for number, frames in enumerate(rendition.iframes)
        for n in range(len(frames))
    ]


def digests(work: Path, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The SHA-256 of files that must be there; PackagingFailed(verify_failed) if one is not or is empty."""
    found = [(name, (work / name).read_bytes() if (work / name).is_file() else b"") for name in names]
    if missing := [name for name, data in found if not data]:
        raise PackagingFailed("verify_failed", f"no {missing[0]}")
    return tuple((name, _sha256(data)) for name, data in found)


def fragments(work: Path, edition: Edition) -> tuple[Fragments, ...]:
    """Measure the fragmented MP4 of every rung; it must hold as many pictures per file as the segments."""
    return tuple(_fragments(work / f"f{rendition.rung}", rendition, edition) for rendition in edition.renditions)


def _fragments(folder: Path, rendition: Rendition, edition: Edition) -> Fragments:
    init = (folder / "init.mp4").read_bytes()
    files = [path.read_bytes() for path in sorted(folder.glob("*.m4s"))]
    wanted = [ticks * rendition.frame_rate // 90_000_000 for ticks in edition.seg_ticks]
    try:
        kinds = {kind: number for number, kind in boxes.tracks(init).items()}
        shown = [boxes.samples(data).get(kinds.get("vide", 0), 0) for data in files]
        heard = [boxes.samples(data).get(kinds.get("soun", 0), 0) for data in files]
    except ValueError as exc:
        raise PackagingFailed("verify_failed", f"17: {exc}") from exc
    if shown != wanted or not all(heard):
        raise PackagingFailed("verify_failed", f"17: {shown} pictures in the fragments of {wanted}")
    sizes, hashes = tuple(map(len, files)), tuple(map(_sha256, files))
    return Fragments(rendition.rung, len(init), _sha256(init), sizes, hashes)


def encrypt(work: Path, edition: Edition, lock: Lock) -> Edition:
    """Encrypt all segments in place; the index row then tells of the encrypted files and of no key frames in them."""
    renditions = tuple(_locked_rung(work, rendition, edition, lock) for rendition in edition.renditions)
    sounds = tuple(_locked_sound(work, sound, lock) for sound in edition.sounds)
    return evolve(edition, renditions=renditions, sounds=sounds, iv=lock.iv.hex())


def _locked_rung(work: Path, rendition: Rendition, edition: Edition, lock: Lock) -> Rendition:
    sizes, hashes = _locked(work / str(rendition.rung), len(rendition.sha256), lock)
    most, usual = peak(sizes, edition.seg_ticks), average(sizes, edition.seg_ticks)
    return evolve(rendition, segment_bytes=sizes, sha256=hashes, iframes=(), peak=most, average=usual)


def _locked_sound(work: Path, sound: Track, lock: Lock) -> Track:
    sizes, hashes = _locked(work / f"sound-{sound.key}", len(sound.sha256), lock)
    return evolve(sound, segment_bytes=sizes, sha256=hashes)


def _locked(folder: Path, count: int, lock: Lock) -> tuple[tuple[int, ...], tuple[str, ...]]:
    closed = [_lock(folder / f"{number:05d}.ts", lock) for number in range(count)]
    return tuple(size for size, _ in closed), tuple(digest for _, digest in closed)


def _lock(path: Path, lock: Lock) -> tuple[int, str]:
    """Encrypt one file and read it back: it must open to packets again (rule 39)."""
    path.write_bytes(lock.closed(path.read_bytes()))
    written = path.read_bytes()
    opened = lock.opened(written)
    if opened[::PACKET].count(0x47) * PACKET != len(opened):
        raise PackagingFailed("verify_failed", f"39: {path.name} does not open")
    return len(written), _sha256(written)


def clear(folder: Path) -> None:
    """Forget a rung that will be made anew."""
    shutil.rmtree(folder)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
