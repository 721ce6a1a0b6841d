"""What of a channel a playlist lists: windows of the live list, slices of what was on, programmes by date."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from vod.linear_pieces import Piece, Run

WINDOW_MS: Final = 72_000
FEWEST, MOST = 12, 20
SHORTEST_MS: Final = 18_000
"""A live list holds 72 s and 12 segments, at most 20 segments, never less than 18 s (video.md §7.2)."""
BEHIND_MS: Final = 1_000
SLIP_MS: Final = 1_000


class ClockWentBack(Exception):
    """The machine's clock stands more than a second before what it has already shown."""


def edge(now_ms: int, newest_ms: int = 0, ahead_ms: int = 0) -> int:
    """The instant up to which segments are listed: a whole second, one behind the clock, `ahead_ms` before it.

    `newest_ms` is the greatest result so far. A clock that slips back by up to a second is held there; ClockWentBack
    beyond: the node must not answer until its clock agrees, or numbers would fall.
    """
    at = now_ms // 1000 * 1000 - BEHIND_MS + ahead_ms
    if at < newest_ms - SLIP_MS:
        raise ClockWentBack(f"{newest_ms - at} ms")
    return max(at, newest_ms)


@frozen
class Entry:
    """One listed segment."""

    asset: int
    rev: int
    index: int
    ticks: int
    start_ms: int
    msn: int
    dsn: int
    discontinuity: bool


@frozen
class DateRange:
    """A programme on air; `planned_ms` is fixed when it is first seen, `duration_ms` is known when it is over."""

    id: str
    start_ms: int
    planned_ms: int | None
    duration_ms: int | None


@frozen
class Window:
    """A live list. It stays as it is for every edge before `next_change_ms`; `ended` closes it."""

    runs: tuple[Run, ...]
    dateranges: tuple[DateRange, ...]
    next_change_ms: int
    ended: bool = False

    @property
    def msn(self) -> int:
        return self.runs[0].msn

    @property
    def dsn(self) -> int:
        return self.runs[0].dsn

    @property
    def start_ms(self) -> int:
        return self.runs[0].start_ms

    @property
    def end_ms(self) -> int:
        return self.runs[-1].end_ms

    @property
    def entries(self) -> tuple[Entry, ...]:
        return entries(self.runs)


@frozen
class Slice:
    """What was on in a range; `growing` as long as the range reaches beyond what has ended."""

    runs: tuple[Run, ...]
    dateranges: tuple[DateRange, ...]
    growing: bool

    @property
    def entries(self) -> tuple[Entry, ...]:
        return entries(self.runs)


def entries(runs: Sequence[Run]) -> tuple[Entry, ...]:
    """Every segment of these runs; all runs but the first begin with a discontinuity."""
    return tuple(
        Entry(
            asset=run.film.asset,
            rev=run.film.rev,
            index=index,
            ticks=run.film.seg_ticks[index],
            start_ms=run.start_ms + run.film.edges_ms[index] - run.film.edges_ms[run.first],
            msn=run.msn + index - run.first,
            dsn=run.dsn,
            discontinuity=number > 0 and index == run.first,
        )
        for number, run in enumerate(runs)
        for index in range(run.first, run.stop)
    )


def place(pieces: Sequence[Piece], ms: int) -> int:
    """Index of the piece on air at `ms`; -1 before the first."""
    return bisect_right(pieces, ms, key=_start) - 1


def _start(piece: Piece) -> int:
    return piece.row.start_ms


def running(pieces: Sequence[Piece], ms: int) -> int:
    """Media sequence number of the segment on air at `ms`: the first one that has not ended by then."""
    piece = pieces[max(0, place(pieces, ms))]
    return piece.msn + piece.ended(ms)


def begins(pieces: Sequence[Piece], msn: int, ms: int) -> int:
    """When segment `msn`, on air at or before `ms`, begins."""
    at = place(pieces, ms)
    while pieces[at].msn > msn:
        at -= 1
    return pieces[at].edge_ms(msn - pieces[at].msn)


def runs(pieces: Sequence[Piece], first: int, stop: int, ms: int) -> tuple[Run, ...]:
    """Segments `first` to before `stop` by number, all begun by `ms`, oldest first."""
    at, found = place(pieces, ms), list[Run]()
    while at >= 0 and stop > first:
        piece = pieces[at]
        if piece.msn < stop:
            found[:0] = piece.runs(max(first, piece.msn) - piece.msn, stop - piece.msn)
            stop = max(first, piece.msn)
        at -= 1
    return tuple(found)


def window(pieces: Sequence[Piece], channel: str, ms: int, not_before: int | None = None) -> Window | None:
    """The live list of all that has ended by `ms`, None before the first segment has.

    It begins no earlier than the segment on air at `not_before`, or 18 s before `ms` where that is earlier.
    """
    if not pieces or (stop := running(pieces, ms)) <= pieces[0].msn or ms < pieces[0].start_ms:
        return None
    end = begins(pieces, stop, ms)
    first = max(min(running(pieces, end - WINDOW_MS), stop - FEWEST), stop - MOST)
    first = min(first, running(pieces, end - SHORTEST_MS))
    if not_before is not None:
        first = max(first, running(pieces, min(not_before, ms - SHORTEST_MS)))
    listed = runs(pieces, max(first, pieces[0].msn), stop, ms)
    last = pieces[place(pieces, ms)]
    changes = last.edge_ms(stop - last.msn + 1)
    return Window(listed, dateranges(pieces, channel, listed[0].start_ms, end, ms), changes)


def cut(pieces: Sequence[Piece], channel: str, start_ms: int, stop_ms: int, ms: int) -> Slice:
    """The segments that overlap the range and have ended by `ms`; none if nothing of it has been on."""
    until, ended = min(stop_ms, ms), running(pieces, ms)
    growing = begins(pieces, ended, ms) < stop_ms
    if until <= start_ms or until <= pieces[0].start_ms:
        return Slice((), (), growing)
    first, stop = running(pieces, start_ms), min(running(pieces, until - 1) + 1, ended)
    listed = runs(pieces, first, stop, until)
    if not listed:
        return Slice((), (), growing)
    return Slice(listed, dateranges(pieces, channel, listed[0].start_ms, listed[-1].end_ms, ms), growing)


def dateranges(pieces: Sequence[Piece], channel: str, start_ms: int, end_ms: int, ms: int) -> tuple[DateRange, ...]:
    """Programmes that overlap a listed range, oldest first, as they are known at `ms`."""
    return tuple(_daterange(pieces, channel, at, ms) for at in _openings(pieces, start_ms, end_ms))


def _openings(pieces: Sequence[Piece], start_ms: int, end_ms: int) -> Iterator[int]:
    """Indices of the pieces that open these programmes."""
    last = place(pieces, end_ms - 1)
    first = opening(pieces, max(0, place(pieces, start_ms)))
    for at in range(first, last + 1):
        if pieces[at].row.programme_uid and opening(pieces, at, first) == at and _over_ms(pieces, at) > start_ms:
            yield at


def opening(pieces: Sequence[Piece], at: int, down_to: int = 0) -> int:
    """The piece with which the programme of piece `at` began: rows of one programme follow each other unbroken."""
    while at > down_to and _goes_on(pieces[at - 1], pieces[at]):
        at -= 1
    return at


def _goes_on(before: Piece, after: Piece) -> bool:
    uid = before.row.programme_uid
    return uid != "" and uid == after.row.programme_uid and _leaves_ms(before) == after.start_ms


def _leaves_ms(piece: Piece) -> int | None:
    """Where the programme of this piece ends: filler is not part of it, the slate of a relay is."""
    return piece.stop_ms if piece.row.kind == "relay" else piece.head_end_ms


def _over_ms(pieces: Sequence[Piece], at: int) -> float:
    """When the programme that piece `at` opens ends; without end while its relay is open."""
    while at + 1 < len(pieces) and _goes_on(pieces[at], pieces[at + 1]):
        at += 1
    end = _leaves_ms(pieces[at])
    return float("inf") if end is None else end


def _daterange(pieces: Sequence[Piece], channel: str, at: int, ms: int) -> DateRange:
    piece, over = pieces[at], _over_ms(pieces, at)
    duration = int(over) - piece.start_ms if over <= ms else None
    return DateRange(f"{channel}-{piece.row.seq}", piece.start_ms, piece.planned_ms or None, duration)
