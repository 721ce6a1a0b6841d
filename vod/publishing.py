"""What a publisher appends to a ledger: rows up to its horizon, from where the plan and what stands there part.

What is nearer than the lead stays as it is; a row that cuts another takes effect on one of its segment edges.
"""

from collections.abc import Callable, Collection
from typing import Final

from attrs import evolve, frozen

from vod.airing import Key, Plan, Shown, Standing, moved
from vod.ledger import FIRST_SEQ, LEAD_MS, Film, Row
from vod.linear import Effective
from vod.linear_pieces import Piece
from vod.relaying import BEHIND_MS, follower_ms

HORIZON_MS: Final = 15 * 60_000
"""So far ahead there are rows at least; later plans stay free to be edited."""
SPARE_MS: Final = 60_000
"""Written beyond the horizon, so that not every minute brings a transaction."""
MARGIN_MS: Final = 2_000
"""Between taking the stamp and the lead: a transaction takes its time."""
BEGUN_MS: Final = 120_000
"""So long ago a new channel began, so that its first list is full."""

Plans = Callable[[int], Plan]
"""The plan with the fillers of a pool's revision."""


@frozen
class Known:
    """A row as it is on air, and what stood before it; `ends_ms` is where the next row begins."""

    before: Standing
    shown: Shown
    row: Row
    ends_ms: int | None

    @property
    def after(self) -> Standing:
        if self.row.kind == "relay":  # also what the slate covers belongs to it
            ends, before = self.ends_ms or self.shown.end_ms, self.before
            return Standing(ends, self.row.programme_uid, 0, 0, before.recent, before.left)
        return self.before.after(self.shown)

    @property
    def stands(self) -> bool:
        """What no plan asked for is not compared with it: inserts, relays, and how the channel began."""
        return self.row.kind in {"insert", "relay"} or self.row.seq == FIRST_SEQ


def known(effective: Effective) -> tuple[Known, ...]:
    """The rows of a ledger as they are on air, with what was shown before each."""
    found: list[Known] = []
    standing = _begun(effective)
    for piece in effective.pieces:
        if piece.start_ms > standing.at_ms:  # the loop has filled up
            standing = moved(standing, piece.start_ms)
        found.append(Known(standing, _shown(piece), piece.row, piece.stop_ms))
        standing = found[-1].after
    return tuple(found)


def _begun(effective: Effective) -> Standing:
    """What is known where a ledger begins for us: of a film that was on before, how much of it."""
    blank = Standing(effective.start_ms, since_ms=effective.start_ms)
    first = effective.pieces[0].row if effective.pieces else None
    if first is None or first.kind != "asset" or not first.seg_from:
        return blank
    return evolve(blank, uid=first.programme_uid, shown=first.seg_from)


def _shown(piece: Piece) -> Shown:
    row = piece.row
    return Shown(row.start_ms, row.kind, piece.film, row.seg_from, row.seg_from + piece.head, row.programme_uid)


def opening(plan: Plan, now_ms: int) -> Shown:
    """The row that begins a channel: a filler on a whole second; it alone may lie in the past."""
    return plan.filler(Standing(now_ms // 1000 * 1000 - BEGUN_MS))


def coming(
    plans: Plans, pool_rev: int, effective: Effective, now_ms: int, usable: Collection[Key]
) -> tuple[Shown, ...]:
    """The rows to append now; none when everything stands as planned and far enough.

    `pool_rev` is the pool for new rows, `usable` names the films of coming rows that can still be shown.
    """
    rows = known(effective)
    edge = effective.edge_after(now_ms + LEAD_MS + MARGIN_MS)
    if effective.open_relay is not None:
        return _behind_relay(plans(pool_rev), rows[-1], now_ms)
    parted = parting(plans, rows, edge, usable)
    if parted is None and effective.end_ms >= now_ms + HORIZON_MS:
        return ()
    if parted is None:
        parted = _cut(rows[-1], max(edge, effective.end_ms))
    made = plans(pool_rev).air(parted, max(now_ms + HORIZON_MS, parted.at_ms) + SPARE_MS)
    return _without(made, [one.shown for one in rows])


def parting(plans: Plans, rows: tuple[Known, ...], edge: int, usable: Collection[Key]) -> Standing | None:
    """Where what stands behind an edge and the plan part, and what is known there; None where they agree."""
    for place, one in enumerate(rows):
        if one.stands or one.shown.end_ms <= edge or (one.ends_ms or edge + 1) <= edge:
            continue
        wanted = plans(one.row.pool_rev).next(one.before)
        gone = (one.shown.film.asset, one.shown.film.rev) not in usable and one.shown.start_ms >= edge
        agreed = _agreed(wanted, one.shown)
        if gone or agreed < one.shown.end_ms:
            return _cut(one, max(edge, one.shown.start_ms if gone else agreed))
        if wanted.end_ms > one.shown.end_ms and not _cut_short(rows, place):
            return one.after
    return None


def _agreed(wanted: Shown, shown: Shown) -> int:
    """Up to when two rows show the same."""
    alike = (wanted.kind, wanted.film, wanted.seg_from, wanted.uid) == (
        shown.kind,
        shown.film,
        shown.seg_from,
        shown.uid,
    )
    return min(wanted.end_ms, shown.end_ms) if alike else shown.start_ms


def _cut_short(rows: tuple[Known, ...], place: int) -> bool:
    """Whether an insert or a relay has cut a row."""
    return place + 1 < len(rows) and rows[place + 1].stands


def _cut(one: Known, at_ms: int) -> Standing:
    """What is known at an edge in or behind a row."""
    shown = one.shown
    if at_ms <= shown.start_ms:
        return one.before
    if at_ms >= shown.end_ms:
        return one.after if at_ms == one.after.at_ms else moved(one.after, at_ms)
    edges = shown.film.edges_ms
    count = edges.index(at_ms - shown.start_ms + edges[shown.seg_from])
    return one.before.after(evolve(shown, seg_to=count))


def _without(made: tuple[Shown, ...], standing: list[Shown]) -> tuple[Shown, ...]:
    """Without what stands there already."""
    there = {one.start_ms: one for one in standing}
    same = next((n for n, row in enumerate(made) if there.get(row.start_ms) != row), len(made))
    return made[same:]


def _behind_relay(plan: Plan, last: Known, now_ms: int) -> tuple[Shown, ...]:
    """What follows an open relay, not before its end can no longer be moved by another one."""
    place = plan.places.get(last.row.programme_uid)
    stop = plan.parts[place].stop_ms if place is not None else last.row.start_ms
    start = follower_ms(last.row.start_ms, stop)
    if start > now_ms + 2 * LEAD_MS:
        return ()
    # Behind its time (nobody was there to publish): the next of the edges that it will have.
    start = max(start, follower_ms(last.row.start_ms, now_ms + LEAD_MS + MARGIN_MS - BEHIND_MS))
    standing = Standing(start, last.row.programme_uid, 0, 0, last.before.recent, last.before.left)
    return plan.air(standing, max(now_ms + HORIZON_MS, start) + SPARE_MS)


def inserted(plan: Plan, effective: Effective, now_ms: int, film: Film, *, resume: bool) -> tuple[Shown, ...]:
    """A film brought in at the next edge that can be met; then what it cuts goes on, or what is planned by then."""
    edge = effective.edge_after(now_ms + LEAD_MS + MARGIN_MS)
    before = _cut(_at(known(effective), edge), edge)
    goes_on = resume and plan.next(before).uid == before.uid
    row = Shown(edge, "insert", film, 0, len(film.seg_ticks), before.uid if goes_on else "")
    standing = before.after(row)
    return (row, *plan.air(standing, max(now_ms + HORIZON_MS, row.end_ms) + SPARE_MS))


def insert_ended(plan: Plan, effective: Effective, now_ms: int) -> tuple[Shown, ...]:
    """What follows when the insert that runs or comes next ends at the next edge; nothing without one."""
    edge = effective.edge_after(now_ms + LEAD_MS + MARGIN_MS)
    for one in known(effective):
        if one.row.kind == "insert" and one.shown.end_ms > edge:
            at = max(edge, one.shown.start_ms)
            return plan.air(_cut(one, at), max(now_ms + HORIZON_MS, at) + SPARE_MS)
    return ()


def _at(rows: tuple[Known, ...], ms: int) -> Known:
    return next(one for one in reversed(rows) if one.shown.start_ms <= ms)
