"""One row as it is on air: its film, then the loop that fills up until the next row takes over."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from attrs import evolve, frozen

from vod.ledger import SEGMENT_MS, SEGMENT_TICKS, Film, Kind, Loop, Row


class Run(NamedTuple):
    """Segments `first` to before `stop` of one film, shown from `start_ms` without a break.

    `msn` is the number of the first of them, `dsn` that of the discontinuity all of them belong to. `row` is the row
    they are part of or fill up behind; `kind` says which: filler and slate may stand behind any row.
    """

    row: Row
    kind: Kind
    film: Film
    first: int
    stop: int
    start_ms: int
    msn: int
    dsn: int

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.film.edges_ms[self.stop] - self.film.edges_ms[self.first]


@frozen
class Piece:
    """A row with its numbers in the effective list. `seg_to` grows while a relay is captured.

    `stop_ms` is where the next row takes over, None as long as there is none. `planned_ms` is the length of the
    programme that this row opens, as it was first announced; 0 where that is unknown.
    """

    row: Row
    film: Film
    seg_to: int
    loop: Loop
    msn: int
    dsn: int
    stop_ms: int | None
    planned_ms: int

    @cached_property
    def start_ms(self) -> int:
        return self.row.start_ms

    @cached_property
    def head(self) -> int:
        """How many segments of the row itself are on air."""
        edges, first = self.film.edges_ms, self.row.seg_from
        if self.stop_ms is None:
            return self.seg_to - first
        reached = bisect_right(edges, edges[first] + self.stop_ms - self.start_ms) - 1
        return min(reached, self.seg_to) - first

    @cached_property
    def head_end_ms(self) -> int:
        edges, first = self.film.edges_ms, self.row.seg_from
        return self.start_ms + edges[first + self.head] - edges[first]

    @property
    def leaves_ms(self) -> int | None:
        """Where the row's programme ends: filler is no part of it, the slate of a relay is; None while that is open."""
        return self.stop_ms if self.row.kind == "relay" else self.head_end_ms

    @property
    def count(self) -> int:
        """Segments until the next row; only a piece that ends has a count."""
        return self.ended(self.stop_ms if self.stop_ms is not None else self.head_end_ms)

    def ended(self, ms: int) -> int:
        """How many segments have ended by then: also the number, in this piece, of the one that then runs."""
        if self.stop_ms is not None and ms > self.stop_ms:
            ms = self.stop_ms
        if ms >= self.head_end_ms:
            return self.head + (ms - self.head_end_ms) // SEGMENT_MS
        edges, first = self.film.edges_ms, self.row.seg_from
        return max(0, bisect_right(edges, edges[first] + ms - self.start_ms) - 1 - first)

    def edge_ms(self, number: int) -> int:
        """When segment `number` of this piece begins."""
        if number >= self.head:
            return self.head_end_ms + (number - self.head) * SEGMENT_MS
        edges, first = self.film.edges_ms, self.row.seg_from
        return self.start_ms + edges[first + number] - edges[first]

    def breaks(self, count: int) -> int:
        """How many discontinuity numbers the first `count` segments use up."""
        own = 1 if self.head and count else 0
        return own + (self.loop.breaks(count - self.head) if count > self.head else 0)

    def opens(self, number: int) -> bool:
        """Whether segment `number` of this piece is the first behind a break."""
        return number == 0 or (number >= self.head and self.loop.place(number - self.head)[1] == 0)

    def runs(self, since: int, until: int) -> Iterator[Run]:
        """Segments `since` to before `until` of this piece, film by film."""
        first = self.row.seg_from
        if since < min(self.head, until):
            last = first + min(self.head, until)
            yield Run(
                self.row, self.row.kind, self.film, first + since, last, self.edge_ms(since), self.msn + since, self.dsn
            )
        at = max(since, self.head)
        while at < until:
            film, index = self.loop.place(at - self.head)
            stop = min(len(film.seg_ticks), index + until - at)
            dsn = self.dsn + self.breaks(at + 1) - 1
            yield Run(self.row, self.loop.kind, film, index, stop, self.edge_ms(at), self.msn + at, dsn)
            at += stop - index

    def until(self, ms: int) -> "Piece":
        """The same, ended by the row that starts then."""
        return evolve(self, stop_ms=ms)

    def captured(self, seg_to: int) -> "Piece":
        """The relay with its segments up to before `seg_to`, all of 6 s."""
        return evolve(self, seg_to=seg_to, film=recording(self.row, seg_to))

    def finished(self, ms: int) -> bool:
        """Whether nothing that is stamped from then on can change what this piece shows."""
        if self.row.kind != "relay" or (self.stop_ms is not None and self.head_end_ms == self.stop_ms):
            return True
        return self.head_end_ms + SEGMENT_MS <= ms


def recording(row: Row, seg_to: int) -> Film:
    """What a relay has captured so far, as a film."""
    return Film(row.asset, row.rev, (SEGMENT_TICKS,) * seg_to)
