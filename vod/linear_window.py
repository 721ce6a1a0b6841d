"""What of a channel a playlist lists: windows of the live list, slices of what was on, programmes by date."""

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import Final, NamedTuple

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


class DateRange(NamedTuple):
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


_start = attrgetter("start_ms")


def running(pieces: Sequence[Piece], at: int, ms: int) -> int:
    """Number of the segment on air at `ms`, the first that has not ended by then; piece `at` begins no earlier."""
    while at > 0 and pieces[at].start_ms > ms:
        at -= 1
    return pieces[at].msn + pieces[at].ended(ms)


def runs(pieces: Sequence[Piece], at: int, first: int, stop: int) -> tuple[Run, ...]:
    """Segments `first` to before `stop` by number, oldest first; the last of them is in piece `at` or before."""
    found = list[Run]()
    while at >= 0 and stop > first:
        piece = pieces[at]
        if piece.msn < stop:
            found[:0] = piece.runs(max(first - piece.msn, 0), stop - piece.msn)
            stop = piece.msn
        at -= 1
    return tuple(found)


def window(pieces: Sequence[Piece], channel: str, ms: int, not_before: int | None = None) -> Window | None:
    """The live list of all that has ended by `ms`, None before the first segment has.

    It begins no earlier than the segment on air at `not_before`, or 18 s before `ms` where that is earlier.
    """
    if (at := place(pieces, ms)) < 0:
        return None
    last = pieces[at]
    ended = last.ended(ms)
    stop, end = last.msn + ended, last.edge_ms(ended)
    if stop == pieces[0].msn:
        return None
    first = _first(pieces, at, stop, end)
    if not_before is not None:
        first = max(first, running(pieces, at, min(not_before, ms - SHORTEST_MS)))
    shown = at if ended else at - 1
    listed = runs(pieces, shown, max(first, pieces[0].msn), stop)
    return Window(listed, dateranges(pieces, channel, shown, listed[0].start_ms, ms), last.edge_ms(ended + 1))


def _first(pieces: Sequence[Piece], at: int, stop: int, end: int) -> int:
    """Where the list begins that ends with segment `stop` - 1 at `end`.

    Not with what follows a break, if there is room: an ident and what was before it would leave together, and the
    discontinuity number rise by two at once, which is too fast for old boxes (rule 41 of video.md §12).
    """
    first = min(running(pieces, at, end - WINDOW_MS), stop - FEWEST)
    if first < stop - MOST:
        return min(stop - MOST, running(pieces, at, end - SHORTEST_MS))
    while at > 0 and pieces[at].msn > first:
        at -= 1
    return first - 1 if first > stop - MOST and pieces[at].opens(first - pieces[at].msn) else first


def cut(pieces: Sequence[Piece], channel: str, start_ms: int, stop_ms: int, ms: int) -> Slice:
    """The segments that overlap the range and have ended by `ms`; none if nothing of it has been on."""
    now = place(pieces, ms)
    ended = running(pieces, max(0, now), ms)
    growing = now < 0 or pieces[now].edge_ms(ended - pieces[now].msn) < stop_ms
    until = min(stop_ms, ms)
    if until <= max(start_ms, pieces[0].start_ms):
        return Slice((), (), growing)
    at = place(pieces, until - 1)
    first, stop = (
        running(pieces, max(0, place(pieces, start_ms)), start_ms),
        min(running(pieces, at, until - 1) + 1, ended),
    )
    listed = runs(pieces, at, first, stop)
    if not listed:
        return Slice((), (), growing)
    return Slice(listed, dateranges(pieces, channel, at, listed[0].start_ms, ms), growing)


def dateranges(pieces: Sequence[Piece], channel: str, last: int, start_ms: int, ms: int) -> tuple[DateRange, ...]:
    """Programmes on air from `start_ms` to somewhere in piece `last`, oldest first, as they are known at `ms`."""
    at = last
    while pieces[at].start_ms > start_ms:
        at -= 1
    at, found = opening(pieces, at), list[DateRange]()
    while at <= last:
        stop, over = _whole(pieces, at)
        piece = pieces[at]
        if piece.row.programme_uid and (over is None or over > start_ms):
            duration = None if over is None or over > ms else over - piece.start_ms
            found.append(DateRange(f"{channel}-{piece.row.seq}", piece.start_ms, piece.planned_ms or None, duration))
        at = stop
    return tuple(found)


def _whole(pieces: Sequence[Piece], at: int) -> tuple[int, int | None]:
    """Index behind the programme that piece `at` opens, and when it ends; None while its relay is open."""
    while at + 1 < len(pieces) and _goes_on(pieces[at], pieces[at + 1]):
        at += 1
    return at + 1, pieces[at].leaves_ms


def opening(pieces: Sequence[Piece], at: int) -> int:
    """The piece with which the programme of piece `at` began: rows of one programme follow each other unbroken."""
    while at > 0 and _goes_on(pieces[at - 1], pieces[at]):
        at -= 1
    return at


def _goes_on(before: Piece, after: Piece) -> bool:
    uid = before.row.programme_uid
    return uid != "" and uid == after.row.programme_uid and before.leaves_ms == after.start_ms
