"""Films and their index rows: all that a playlist is rendered from."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from attrs import field, frozen

from vod.jobs import State

TICKS_PER_S = 90_000
"""The 90 kHz clock of MPEG-TS, in which segment lengths are kept: whole numbers, no rounding."""
PUBLIC = "pub"
"""The class of media that every household may fetch (video.md §10)."""
CHANNEL_LANGUAGE = "zh"
"""In which a channel has subtitles."""
FIRST_SOUND = "原声"
"""What lists call the sound within the segments; further ones have other names."""
NO_WORDS = "empty.vtt"
"""The shared segment of subtitles that says nothing, beside the folders of the films."""

KeyFrame = tuple[int, int, int]
"""Offset and length in the segment's file, and the ticks to the next key frame. The tables lie before the first."""


@frozen
class Rendition:
    """One rung of a film as measured on its finished files.

    Rates in bit/s with TS overhead: `peak` over any run of 3 to 9 s, `average` over all. `codecs` as RFC 6381 writes
    them. `frame_rate` in frames per 1000 s. `first_pts` in 90 kHz ticks. `segment_bytes`, `sha256` and `iframes` go by
    segment; `iframes` is empty where the segments are encrypted.
    """

    rung: int
    width: int
    height: int
    frame_rate: int
    codecs: str
    peak: int
    average: int
    first_pts: int
    segment_bytes: tuple[int, ...]
    sha256: tuple[str, ...]
    iframes: tuple[tuple[KeyFrame, ...], ...] = ()


@frozen
class Track:
    """One language of subtitles (`sub-<key>/<nnnnn>.vtt`) or a further sound (`sound-<key>/<nnnnn>.ts`).

    `key` is unique within its kind: the language, with a number behind it where a language comes twice. `language` is
    as RFC 5646 writes it. The arrays go by segment; these are cut by their own lengths. Subtitles have no `codecs`.
    """

    key: str
    language: str
    title: str
    seg_ticks: tuple[int, ...]
    segment_bytes: tuple[int, ...]
    sha256: tuple[str, ...]
    codecs: str = ""
    default: bool = False


def aired_captions(tracks: Iterable[Track], seg_ticks: tuple[int, ...]) -> str:
    """Key of the subtitles that a channel shows with a film: Chinese ones, cut as its pictures; empty without."""
    chinese = (track for track in tracks if track.language.lower().partition("-")[0] == CHANNEL_LANGUAGE)
    return next((track.key for track in chinese if track.seg_ticks == seg_ticks), "")


@frozen
class Fragments:
    """The files of one rung as fragmented MP4: `f<rung>/init.mp4` and `f<rung>/<nnnnn>.m4s`, cut as the TS segments."""

    rung: int
    init_bytes: int
    init_sha256: str
    segment_bytes: tuple[int, ...]
    sha256: tuple[str, ...]


@frozen
class Edition:
    """The index row of one revision: segment lengths in 90 kHz ticks, one array for all rungs, lowest rung first.

    `sounds` are tracks besides the one in the segments. `sheets` counts the files `sprites/<n>.jpg`, 60 cells of
    160x90 each, one cell per 10 s. `iv` is 32 hex digits where the segments are encrypted by AES-128. `fmp4` holds as
    many entries as `renditions`, or none. `others` are further files below the revision's folder with their SHA-256.
    """

    seg_ticks: tuple[int, ...]
    renditions: tuple[Rendition, ...]
    subtitles: tuple[Track, ...] = ()
    sounds: tuple[Track, ...] = ()
    sheets: int = 0
    iv: str = ""
    fmp4: tuple[Fragments, ...] = ()
    others: tuple[tuple[str, str], ...] = ()

    @property
    def duration_ms(self) -> int:
        return sum(self.seg_ticks) * 1000 // TICKS_PER_S

    def rendition(self, rung: int) -> Rendition | None:
        return next((found for found in self.renditions if found.rung == rung), None)

    def files(self) -> Iterator[tuple[str, str]]:
        """Every file that belongs to the revision, below its folder, with its SHA-256. Posters may be exchanged."""
        for rendition in self.renditions:
            yield from _numbered(f"{rendition.rung}", "ts", rendition.sha256)
        for sound in self.sounds:
            yield from _numbered(f"sound-{sound.key}", "ts", sound.sha256)
        for track in self.subtitles:
            yield from _numbered(f"sub-{track.key}", "vtt", track.sha256)
        for fragments in self.fmp4:
            yield f"f{fragments.rung}/init.mp4", fragments.init_sha256
            yield from _numbered(f"f{fragments.rung}", "m4s", fragments.sha256)
        yield from self.others


def _numbered(folder: str, ending: str, digests: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return ((f"{folder}/{number:05d}.{ending}", digest) for number, digest in enumerate(digests))


@frozen
class Package:
    """Finished, verified files in a work folder, not yet part of the library.

    `damaged_tail` is set when the source broke off before its announced end. `channel`: all rungs, whole segments, so
    it may be scheduled. `key` is the 16 bytes that encrypted segments open with.
    """

    work: Path
    edition: Edition
    damaged_tail: bool = False
    channel: bool = False
    key: bytes = field(default=b"", repr=False)


@frozen
class Asset:
    """A film of the video centre. `column` is one of the four video columns; `origin` names what it was made from.

    An episode belongs to a series and counts from 1 within its season, which counts from 1 too. `klass` is who may
    fetch its files. `channel`: it has all rungs of the channel in whole segments, so it may be scheduled.
    """

    id: int
    rev: int
    state: State
    column: str
    title: str
    short_title: str
    synopsis: str
    duration_ms: int
    added_at: datetime
    damaged_tail: bool = False
    origin: str | None = None
    series_id: int | None = None
    season: int = 0
    episode: int = 0
    klass: str = PUBLIC
    channel: bool = False
    keywords: str = ""
    """Further words that it is found by, with spaces between them."""
    shown_from: datetime | None = None
    shown_until: datetime | None = None
    """On shelves from the one instant until before the other; None = without that end."""
    shown: bool = True
    """Whether it is between them now, as the server notes at each of these instants."""

    @property
    def key(self) -> str:
        """The name of this revision in addresses and folders, such as `5-1`."""
        return f"{self.id}-{self.rev}"


@frozen
class Series:
    """Films that belong together; `column` is where it is listed."""

    id: int
    column: str
    title: str
    synopsis: str = ""
    year: int = 0
