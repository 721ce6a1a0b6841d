"""Films and their index rows: all that a playlist is rendered from."""

from datetime import datetime
from pathlib import Path

from attrs import frozen

from vod.jobs import State

TICKS_PER_S = 90_000
"""The 90 kHz clock of MPEG-TS, in which segment lengths are kept: whole numbers, no rounding."""


@frozen
class Rendition:
    """One rung of a film as measured on its finished files.

    Rates in bit/s with TS overhead: `peak` over any run of 3 to 9 s, `average` over all. `codecs` as RFC 6381 writes
    them. `frame_rate` in frames per 1000 s. `first_pts` in 90 kHz ticks. `segment_bytes` and `sha256` go by segment.
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


@frozen
class Edition:
    """The index row of one revision: segment lengths in 90 kHz ticks, one array for all rungs, lowest rung first."""

    seg_ticks: tuple[int, ...]
    renditions: tuple[Rendition, ...]

    @property
    def duration_ms(self) -> int:
        return sum(self.seg_ticks) * 1000 // TICKS_PER_S

    def rendition(self, rung: int) -> Rendition | None:
        return next((found for found in self.renditions if found.rung == rung), None)


@frozen
class Package:
    """Finished, verified files in a work folder, not yet part of the library.

    `damaged_tail` is set when the source broke off before its announced end.
    """

    work: Path
    edition: Edition
    damaged_tail: bool = False


@frozen
class Asset:
    """A film of the video centre. `column` is one of the four video columns; `origin` names what it was made from.

    An episode belongs to a series and counts from 1 within its season, which counts from 1 too.
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
