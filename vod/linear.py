"""The scheduled channel as a pure function of its ledger and the clock: the same list on every node (video.md §7).

Rows are folded in the order of `seq`. A row that starts earlier than what is there ends cuts it; behind the last row,
and behind a relay that breaks off, a loop of fillers or the slate fills up. What breaks a rule that every node can
see (late, or not on a segment edge) is ignored by all alike.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import attrgetter

from attrs import evolve, field, frozen

from vod.ledger import (
    CAPTURE_MS,
    FIRST_SEQ,
    LEAD_MS,
    LONGEST_MS,
    SEGMENT_MS,
    SEGMENT_TICKS,
    SHORTEST_MS,
    TICKS_PER_MS,
    BadPool,
    BadRow,
    Captured,
    Draft,
    Film,
    Kind,
    Pool,
    Row,
)
from vod.linear_pieces import Piece, Run, recording
from vod.linear_window import (
    ClockWentBack,
    DateRange,
    Entry,
    Slice,
    Window,
    cut,
    edge,
    opening,
    place,
    running,
    runs,
    window,
)

__all__ = (
    "BadPool",
    "BadRow",
    "Captured",
    "ClockWentBack",
    "DateRange",
    "Draft",
    "Effective",
    "Entry",
    "Film",
    "Kind",
    "Pool",
    "Row",
    "Run",
    "Slice",
    "Window",
    "edge",
    "fold",
    "next_row",
)

Films = Mapping[tuple[int, int], Film]
Pools = Mapping[int, Pool]


@frozen
class Effective:
    """What is on the channel, for ever: pieces end to end, the last one without end. Instants in ms since 1970.

    A node loads rows from a settled one that starts before all it will be asked for. Results depend on the rows only,
    so what is asked for must have happened: use `edge(now)` for `ms`.
    """

    channel: str
    pieces: tuple[Piece, ...]
    last_seq: int
    lead_ms: int
    films: Films = field(repr=False)
    pools: Pools = field(repr=False)

    @property
    def start_ms(self) -> int:
        """Where what is known begins."""
        return self.pieces[0].start_ms

    @property
    def end_ms(self) -> int:
        """Where the last row ends and the loop begins; of an open relay, where its captured segments end."""
        return self.pieces[-1].head_end_ms

    @property
    def open_relay(self) -> Row | None:
        """The relay that is still without an end: the next row needs a start."""
        last = self.pieces[-1].row if self.pieces else None
        return last if last is not None and last.kind == "relay" else None

    def capturing(self, ms: int) -> bool:
        """Whether segments of a relay may still come that this instant's lists need: re-read every second then."""
        at = max(0, place(self.pieces, ms))
        return any(not piece.finished(ms) for piece in self.pieces[at : place(self.pieces, ms + 2 * SEGMENT_MS) + 1])

    def grown(
        self,
        rows: Iterable[Row] = (),
        captured: Iterable[Captured] = (),
        films: Films | None = None,
        pools: Pools | None = None,
    ) -> "Effective":
        """With more rows and captured segments; those seen before change nothing. KeyError for an unknown film."""
        films, pools = self.films if films is None else films, self.pools if pools is None else pools
        pieces, last = list(self.pieces), self.last_seq
        for row in sorted(rows, key=attrgetter("seq")):
            if row.seq > last:
                last = row.seq
                _append(pieces, row, self.lead_ms, films, pools)
        for segment in sorted(captured, key=attrgetter("seq", "k")):
            _capture(pieces, segment)
        return Effective(self.channel, tuple(pieces), last, self.lead_ms, films, pools)

    def window(self, ms: int) -> Window | None:
        """The live list at that edge; None before the first segment has ended."""
        return window(self.pieces, self.channel, ms)

    def slice(self, start_ms: int, stop_ms: int, ms: int) -> Slice:
        """What was on in the range, as far as it has ended by the edge `ms`: whole segments, snapped outward."""
        return cut(self.pieces, self.channel, start_ms, stop_ms, ms) if self.pieces else Slice((), (), growing=True)

    def shifted(self, start_ms: int, ms: int, stop_ms: int | None = None) -> Window | None:
        """The live list as it was at `ms`, with nothing before the segment on air at `start_ms`.

        A start closer than 18 s to `ms` moves back, so that there is something to play. With `stop_ms` the list
        closes once that is past.
        """
        if stop_ms is None or not self.pieces or ms < (last := self._edge(stop_ms)):
            return window(self.pieces, self.channel, ms, start_ms)
        found = window(self.pieces, self.channel, last, start_ms)
        return None if found is None else evolve(found, ended=True)

    @cached_property
    def in_fragments(self) -> bool:
        """Whether all that is known is there in the second container: no list may mix both, and no relay has it."""
        return all(piece.film.fragments and piece.loop.fragments for piece in self.pieces)

    def at(self, ms: int) -> Run | None:
        """From the segment on air at that instant to the end of its film; None before all that is known."""
        if (index := place(self.pieces, ms)) < 0:
            return None
        piece = self.pieces[index]
        number = piece.ended(ms)
        stop = number + SEGMENTS_AHEAD if piece.stop_ms is None else piece.count
        return next(piece.runs(number, stop))

    def edge_after(self, ms: int) -> int:
        """The first segment edge at or after that instant: where a row may start."""
        piece = self.pieces[max(0, place(self.pieces, ms))]
        number = piece.ended(ms)
        return at if (at := piece.edge_ms(number)) >= ms else piece.edge_ms(number + 1)

    def runs(self, start_ms: int, stop_ms: int) -> tuple[Run, ...]:
        """Every film that is on between two instants, cut to whole segments; for as-run and guide."""
        if not self.pieces or stop_ms <= max(start_ms, self.start_ms):
            return ()
        first, last = max(0, place(self.pieces, start_ms)), place(self.pieces, stop_ms - 1)
        stop = running(self.pieces, last, stop_ms - 1) + 1
        return runs(self.pieces, last, running(self.pieces, first, start_ms), stop)

    def programme(self, uid: str) -> tuple[int, int | None] | None:
        """From when to when a programme is on, whatever cuts into it; no end while its relay is open. None: unknown."""
        return self._programmes.get(uid)

    @cached_property
    def _programmes(self) -> dict[str, tuple[int, int | None]]:
        found: dict[str, tuple[int, int | None]] = {}
        for piece in self.pieces:
            if uid := piece.row.programme_uid:
                found[uid] = (found.get(uid, (piece.start_ms,))[0], piece.leaves_ms)
        return found

    def since(self, ms: int) -> "Effective":
        """Without what ended before: bounds the memory of a node that runs for weeks."""
        return evolve(self, pieces=self.pieces[max(0, place(self.pieces, ms)) :])

    def _edge(self, ms: int) -> int:
        """The end of the segment that is on just before `ms`."""
        piece = self.pieces[max(0, place(self.pieces, ms - 1))]
        return piece.edge_ms(piece.ended(ms - 1) + 1)


SEGMENTS_AHEAD = 1000
"""How far into an endless loop `at` looks; no filler is so long."""


def fold(
    rows: Iterable[Row],
    captured: Iterable[Captured],
    films: Films,
    pools: Pools,
    lead_ms: int = LEAD_MS,
    channel: str = "",
) -> Effective:
    """The effective list of these rows, given from a settled row on. KeyError when a film or pool is missing."""
    return Effective(channel, (), 0, lead_ms, films, pools).grown(rows, captured)


def next_row(effective: Effective, draft: Draft, published_ms: int) -> Row:
    """The row to append, with its start and numbers; BadRow when it may not be."""
    film, pieces = _checked(effective, draft), effective.pieces
    start = draft.start_ms if draft.start_ms is not None else _follows(effective)
    seq = effective.last_seq + 1
    row = Row(
        seq=seq,
        start_ms=start,
        kind=draft.kind,
        asset=draft.asset,
        rev=draft.rev,
        seg_from=draft.seg_from,
        seg_to=draft.seg_from if film is None else draft.seg_to,
        msn_base=0,
        dsn=0,
        settled=True,
        programme_uid=draft.programme_uid,
        pool_rev=draft.pool_rev,
        published_ms=published_ms,
    )
    if not pieces:
        return row
    if _late(row, effective.lead_ms):
        raise BadRow("late", f"{start - published_ms} ms ahead")
    at = max(0, place(pieces, start))
    before = pieces[at]
    if not _meets(before, start):
        raise BadRow("off_edge", f"{start} in row {before.row.seq}")
    number = before.ended(start)
    kept = pieces[max(0, place(pieces, published_ms)) : at + (number > 0)]
    settled = all(piece.finished(published_ms) for piece in kept)
    return evolve(row, msn_base=before.msn + number, dsn=before.dsn + before.breaks(number), settled=settled)


def _follows(effective: Effective) -> int:
    if not effective.pieces or effective.open_relay is not None:
        raise BadRow("no_start", "a first row, and one behind an open relay, need a start")
    return effective.end_ms


def _checked(effective: Effective, draft: Draft) -> Film | None:
    """The film of a draft, None for a relay; BadRow if the channel cannot show it."""
    if draft.pool_rev not in effective.pools:
        raise BadRow("bad_pool", str(draft.pool_rev))
    if draft.kind == "relay":
        return None
    film = effective.films.get((draft.asset, draft.rev))
    if film is None:
        raise BadRow("unknown_film", f"{draft.asset}-{draft.rev}")
    if not 0 <= draft.seg_from < draft.seg_to <= len(film.seg_ticks):
        raise BadRow("bad_range", f"{draft.seg_from} to {draft.seg_to} of {len(film.seg_ticks)}")
    for ticks in film.seg_ticks[draft.seg_from : draft.seg_to]:
        if ticks % TICKS_PER_MS or not SHORTEST_MS <= ticks // TICKS_PER_MS <= LONGEST_MS:
            raise BadRow("bad_length", f"a segment of {ticks} ticks")
    return film


def _late(row: Row, lead_ms: int) -> bool:
    return row.seq != FIRST_SEQ and row.start_ms < row.published_ms + lead_ms


def _meets(piece: Piece, ms: int) -> bool:
    return ms >= piece.start_ms and piece.edge_ms(piece.ended(ms)) == ms


def _append(pieces: list[Piece], row: Row, lead_ms: int, films: Films, pools: Pools) -> None:
    """Fold one row in place, or ignore it."""
    if _late(row, lead_ms):
        return
    at = place(pieces, row.start_ms)
    if at < 0:
        # The first known row, or one that cuts all that is known: only its own numbers can be relied on.
        if row.settled:
            pieces[:] = [_piece(row, row.msn_base, row.dsn, films, pools)]
        return
    before = pieces[at]
    if not _meets(before, row.start_ms):
        return
    number = before.ended(row.start_ms)
    piece = _piece(row, before.msn + number, before.dsn + before.breaks(number), films, pools)
    pieces[at:] = [before.until(row.start_ms), piece] if number else [piece]
    _announce(pieces)


def _piece(row: Row, msn: int, dsn: int, films: Films, pools: Pools) -> Piece:
    loop = pools[row.pool_rev].behind(row)
    film = recording(row, row.seg_from) if row.kind == "relay" else films[row.asset, row.rev]
    seg_to = row.seg_from if row.kind == "relay" else row.seg_to
    length = film.edges_ms[seg_to] - film.edges_ms[row.seg_from]
    return Piece(row, film, seg_to, loop, msn, dsn, None, length)


def _announce(pieces: list[Piece]) -> None:
    """A row stamped together with the one that opened its programme belongs to the length that was announced."""
    first, last = opening(pieces, len(pieces) - 1), pieces[-1]
    if first < len(pieces) - 1 and pieces[first].row.published_ms == last.row.published_ms:
        pieces[first] = evolve(pieces[first], planned_ms=pieces[first].planned_ms + last.planned_ms)


def _capture(pieces: list[Piece], segment: Captured) -> None:
    """Lengthen a relay by its next segment, if that came in time; rows behind it may change their numbers."""
    at = next((n for n in range(len(pieces) - 1, -1, -1) if pieces[n].row.seq <= segment.seq), -1)
    piece = pieces[at] if at >= 0 else None
    if piece is None or piece.row.seq != segment.seq or piece.row.kind != "relay" or piece.seg_to != segment.k:
        return
    end = piece.start_ms + (segment.k - piece.row.seg_from + 1) * SEGMENT_MS
    if segment.ticks != SEGMENT_TICKS or segment.published_ms > end - CAPTURE_MS:
        return
    pieces[at] = piece.captured(segment.k + 1)
    for n in range(at + 1, len(pieces)):
        before = pieces[n - 1]
        pieces[n] = evolve(pieces[n], dsn=before.dsn + before.breaks(before.count))
