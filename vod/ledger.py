"""What a scheduled channel's ledger holds: rows that are only ever appended, and the films they show.

All times are whole milliseconds since 1970, UTC. Numbers of segments and of discontinuities as RFC 8216 counts them.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final, Literal

from attrs import field, frozen

from vod.catalogue import TICKS_PER_S

Kind = Literal["asset", "filler", "ident", "insert", "relay", "slate"]
TICKS_PER_MS: Final = TICKS_PER_S // 1000
SEGMENT_MS: Final = 6_000
SEGMENT_TICKS: Final = SEGMENT_MS * TICKS_PER_MS
SHORTEST_MS, LONGEST_MS = 1_000, 6_499
"""Of one segment: shorter ones stall players, longer ones round above the target duration of 6."""
LEAD_MS: Final = 30_000
"""So long before its start a row must be stamped, else every node ignores it."""
CAPTURE_MS: Final = 3_000
"""So long before its end a captured segment must be stamped, else every node ignores it."""
FIRST_SEQ: Final = 1
"""The row that opens a channel: it alone may begin in the past."""


class BadRow(ValueError):
    """A row may not be appended. `code`: no_start late off_edge unknown_film bad_range bad_length bad_pool."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class BadPool(ValueError):
    """A pool whose loop or slate is not made of segments of exactly 6 s, or is empty."""


@frozen
class Row:
    """One line of the ledger: from `start_ms` on, segments `seg_from` to before `seg_to` of a film.

    A relay's `seg_to` equals its `seg_from`: it grows by captured segments and ends where the next row starts.
    `settled`: no relay before it could still change its `dsn` when it was appended. `programme_uid` is empty for what
    is no programme. `pool_rev`: the pool that fills up behind it.
    """

    seq: int
    start_ms: int
    kind: Kind
    asset: int
    rev: int
    seg_from: int
    seg_to: int
    msn_base: int
    dsn: int
    settled: bool
    programme_uid: str = ""
    pool_rev: int = 0
    published_ms: int = 0


@frozen
class Draft:
    """A row that is asked for; without a start it follows the last one."""

    kind: Kind
    asset: int
    rev: int
    seg_from: int = 0
    seg_to: int = 0
    programme_uid: str = ""
    pool_rev: int = 0
    start_ms: int | None = None


@frozen
class Captured:
    """Segment number `k` of the relay row `seq`: on disk in all rungs; `sizes` in bytes, lowest rung first."""

    seq: int
    k: int
    ticks: int
    sizes: tuple[int, ...]
    published_ms: int


@lru_cache(maxsize=16_384)
def _mark(ms: int, number: int) -> tuple[str, str]:
    """Films of a channel have whole milliseconds, most of them 6 s everywhere: one copy serves them all."""
    return f"#EXTINF:{ms // 1000}.{ms % 1000:03d},\n", f"{number:05d}"


@frozen
class Film:
    """What the channel knows of a film revision: its segment lengths in 90 kHz ticks; `iv` in hex when encrypted.

    `captions` is the key of the subtitles that are cut as the pictures, empty without such. `fragments`: it lies there
    in the second container too.
    """

    asset: int
    rev: int
    seg_ticks: tuple[int, ...]
    iv: str = ""
    captions: str = ""
    fragments: bool = False

    @cached_property
    def edges_ms(self) -> tuple[int, ...]:
        """Where each segment begins, counted from the film's start, and where the last one ends."""
        return tuple(ticks // TICKS_PER_MS for ticks in accumulate(self.seg_ticks, initial=0))

    @cached_property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """Of each segment its EXTINF line and its number as file names have it: all that a list says of it."""
        return tuple(_mark(ticks // TICKS_PER_MS, number) for number, ticks in enumerate(self.seg_ticks))


@frozen
class Loop:
    """Films one after another without end, each of segments of 6 s; each turn of each film is a discontinuity."""

    kind: Literal["filler", "slate"]
    films: tuple[Film, ...]

    @cached_property
    def fragments(self) -> bool:
        """Whether all of them lie there in the second container too."""
        return all(film.fragments for film in self.films)

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """Number of each film's first segment within one turn, and of the next turn's."""
        return tuple(accumulate((len(film.seg_ticks) for film in self.films), initial=0))

    def place(self, at: int) -> tuple[Film, int]:
        """The film and its segment that the loop shows as its segment number `at`."""
        rest = at % self.firsts[-1]
        number = next(n for n, first in enumerate(self.firsts[1:]) if rest < first)
        return self.films[number], rest - self.firsts[number]

    def breaks(self, count: int) -> int:
        """How many films begin among the first `count` segments."""
        turns, rest = divmod(count, self.firsts[-1])
        return turns * len(self.films) + sum(first < rest for first in self.firsts[:-1])


def _whole(_pool: object, _field: object, film: Film) -> None:
    if not film.seg_ticks or set(film.seg_ticks) != {SEGMENT_TICKS}:
        raise BadPool(f"film {film.asset}-{film.rev} is not made of segments of 6 s")


def _all_whole(pool: object, name: object, films: tuple[Film, ...]) -> None:
    if not films:
        raise BadPool("a pool needs at least one film to loop")
    for film in films:
        _whole(pool, name, film)


@frozen
class Pool:
    """One revision of what fills up a channel: films that loop, a slate for broken relays, idents by length in ms."""

    revision: int
    loop: tuple[Film, ...] = field(validator=_all_whole)
    slate: Film = field(validator=_whole)
    idents: Mapping[int, Film] = field(factory=dict)

    @cached_property
    def fillers(self) -> tuple[Loop, ...]:
        """The loop begun with each of its films."""
        turned = [self.loop[turn:] + self.loop[:turn] for turn in range(len(self.loop))]
        return tuple(Loop("filler", films) for films in turned)

    @cached_property
    def slates(self) -> Loop:
        return Loop("slate", (self.slate,))

    def behind(self, row: Row) -> Loop:
        """What follows a row that nothing else follows: the slate behind a relay, else the loop, by turns."""
        return self.slates if row.kind == "relay" else self.fillers[row.seq % len(self.fillers)]
