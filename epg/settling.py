"""From rows as a feed has them to a channel's programmes: missing ends, duplicates, overlaps, gaps."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from attrs import evolve, frozen

from epg.model import LONGEST, OPEN_FOR, Programme
from epg.report import Action, Finding, Ledger
from epg.schedule import same_slot
from epg.times import Source

CUT_AT_MOST: Final = timedelta(minutes=5)
"""An overlap up to this long is a matter of rounding: the earlier programme gives way."""


@frozen
class Row:
    """A programme as read, with the line and the times it stood in; `open` ones had no end."""

    programme: Programme
    line: int
    start: str
    stop: str = ""


@frozen
class Settled:
    """What is left of a channel's rows, in order, and how many went which way."""

    programmes: tuple[Programme, ...]
    quarantined: int = 0
    duplicates: int = 0


def settle(rows: Iterable[Row], source: Source, ledger: Ledger) -> Settled:
    """Sort one channel's rows and make them fit; the outcome does not depend on the order they come in."""
    given = sorted(rows, key=_rank)
    single = _without_duplicates(given, ledger)
    closed = _closed(single, ledger)
    fitting = _fitting(closed, source, ledger)
    _list_gaps(fitting, source.gap, ledger)
    programmes = tuple(row.programme for row in fitting)
    return Settled(programmes, len(single) - len(fitting), len(given) - len(single))


def _rank(row: Row) -> tuple[object, ...]:
    one = row.programme
    return one.start, one.open, one.stop, one.clump, one.title, one.sub_title, one.desc, row.line


def _without_duplicates(rows: Sequence[Row], ledger: Ledger) -> list[Row]:
    kept: list[Row] = []
    same_start: set[Programme] = set()
    for row in rows:
        if not kept or kept[-1].programme.start != row.programme.start:
            same_start.clear()
        elif not same_start:
            same_start.add(kept[-1].programme)  # hashing is dear, so only where two rows begin together
        if same_start and row.programme in same_start:
            ledger.note(_finding("duplicate", "dropped", row, row.programme.title))
            continue
        if same_start:
            same_start.add(row.programme)
        kept.append(row)
    return kept


def _closed(rows: list[Row], ledger: Ledger) -> list[Row]:
    """Rows without an end last until the next start of the channel; one with none within a day stays open."""
    following: datetime | None = None
    start: datetime | None = None
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        if start != row.programme.start:
            following, start = start, row.programme.start
        if row.programme.open:
            rows[at] = evolve(row, programme=_ended(row.programme, following))
            action: Action = "open" if rows[at].programme.open else "closed"
            ledger.note(_finding("no_stop", action, row, row.programme.title))
    return rows


def _ended(one: Programme, following: datetime | None) -> Programme:
    if following is None or following - one.start > LONGEST:
        return evolve(one, stop=one.start + OPEN_FOR)
    return evolve(one, stop=following, open=False)


def _fitting(rows: Iterable[Row], source: Source, ledger: Ledger) -> list[Row]:
    kept: list[Row] = []
    for row in rows:
        last = kept[-1] if kept else None
        if last is None or row.programme.start >= last.programme.stop or same_slot(last.programme, row.programme):
            kept.append(row)
            continue
        action = _remedy(last.programme, row.programme, source)
        ledger.note(_finding("overlap", action, row, f"{row.programme.title} / {last.programme.title}"))
        if action == "cut":
            kept[-1] = evolve(last, programme=evolve(last.programme, stop=row.programme.start))
        if action != "quarantined":
            kept.append(row)
    return kept


def _remedy(earlier: Programme, later: Programme, source: Source) -> Action:
    if later.start == earlier.start or source.overlap == "quarantine":
        return "quarantined"  # readers take the start for the programme's identity
    if source.overlap == "keep":
        return "kept"
    return "cut" if earlier.stop - later.start <= CUT_AT_MOST else "quarantined"


def _list_gaps(rows: Sequence[Row], least: timedelta, ledger: Ledger) -> None:
    for earlier, later in pairwise(rows):
        hole = later.programme.start - earlier.programme.stop
        if hole > least:
            ledger.note(_finding("gap", "listed", later, f"{hole // timedelta(minutes=1)} min"))


def _finding(code: str, action: Action, row: Row, raw: str) -> Finding:
    return Finding(code, action, row.line, row.programme.channel, row.start, raw)
