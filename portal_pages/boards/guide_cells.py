"""The cells of one channel in the guide: its programmes cut to the window, gaps between them, slivers joined."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import attrs
from attrs import frozen

from portal_pages.dates import local
from portal_pages.facts import GuideRow, ProgrammeFact

WINDOW: Final = timedelta(minutes=120)
PX_PER_MINUTE: Final = 928 / 120
LEFT: Final = 288
GAP: Final = 4
_STRIP_CHARS, _CHAR_PX = 27, 31
"""Characters of a title that the strip holds, and the room (px) a character takes in a cell."""
_MARK_BYTES: Final = 140
"""What the sign of a reminder takes in a page, with its words in the strip."""
_CELL_ID: Final = re.compile(r"c(\d{1,9})m([0-9a-f]{1,3})", re.ASCII)


@frozen
class Cell:
    """What stands from `start` to `stop` on one channel; no programmes = the guide knows of none.

    Several programmes share a cell where each alone would be too narrow to see.
    """

    channel: int
    start: datetime
    stop: datetime
    programmes: tuple[ProgrammeFact, ...] = ()

    @property
    def main(self) -> ProgrammeFact | None:
        """The longest of its programmes, which OK opens."""
        return max(self.programmes, key=lambda p: p.stop - p.start, default=None)

    @property
    def reminded(self) -> bool:
        """Whether a reminder is set for one of its programmes."""
        return any(one.reminded for one in self.programmes)

    def running(self, now: datetime) -> bool:
        return bool(self.programmes) and self.start <= now < self.stop


def x_of(moment: datetime, start: datetime) -> int:
    """Where a moment lies (px) in the window that begins at `start`."""
    return LEFT + round((moment - start).total_seconds() / 60 * PX_PER_MINUTE)


def width(cell: Cell, start: datetime) -> int:
    """Width of a cell in px, without the gap that follows it."""
    return x_of(cell.stop, start) - x_of(cell.start, start) - GAP


def cells(row: GuideRow, start: datetime, least: int) -> tuple[Cell, ...]:
    """All cells of a channel from the left edge to the right; none is narrower than `least` px."""
    return _joined(tuple(_whole(row, start, start + WINDOW)), start, least)


def _whole(row: GuideRow, start: datetime, stop: datetime) -> Iterator[Cell]:
    at = start
    for programme in row.programmes:
        begin, end = max(programme.start, at), min(programme.stop, stop)
        if end <= begin:
            continue
        if begin > at:
            yield Cell(row.channel.id, at, begin)
        yield Cell(row.channel.id, begin, end, (programme,))
        at = end
    if at < stop:
        yield Cell(row.channel.id, at, stop)


def _joined(row: Sequence[Cell], start: datetime, least: int) -> tuple[Cell, ...]:
    """Slivers go to the shorter neighbour, the narrowest first."""
    found = list(row)
    while len(found) > 1:
        at = min(range(len(found)), key=lambda i: width(found[i], start))
        if width(found[at], start) >= least:
            break
        _join_at(found, at)
    return tuple(found)


def _join_at(row: list[Cell], at: int) -> None:
    sides = [i for i in (at - 1, at + 1) if 0 <= i < len(row)]
    other = min(sides, key=lambda i: row[i].stop - row[i].start)
    first, second = row[min(at, other)], row[max(at, other)]
    joined = attrs.evolve(first, stop=second.stop, programmes=first.programmes + second.programmes)
    row[min(at, other) : max(at, other) + 1] = [joined]


def weight(cell: Cell, start: datetime) -> int:
    """About how many bytes of HTML a cell takes without its synopsis: its box, moves, title and line in the strip."""
    title = len(cell.main.title) if cell.main else 5
    shared = (24 if len(cell.programmes) > 1 else 0) + (_MARK_BYTES if cell.reminded else 0)
    return 165 + shared + 3 * min(title, _STRIP_CHARS) + 3 * min(title, width(cell, start) // _CHAR_PX)


def thinned(rows: Sequence[tuple[Cell, ...]], start: datetime, most: int) -> tuple[tuple[Cell, ...], ...]:
    """The rows with cells of at most `most` bytes in all (one cell a row at least): the narrowest are joined first."""
    found = [list(row) for row in rows]
    while sum(weight(cell, start) for row in found for cell in row) > most:
        places = [
            (width(cell, start), i, j) for i, row in enumerate(found) if len(row) > 1 for j, cell in enumerate(row)
        ]
        if not places:
            break
        _, i, j = min(places)
        _join_at(found[i], j)
    return tuple(tuple(row) for row in found)


# --- names of cells -------------------------------------------------------------------------------------------


def cell_id(channel: int, begins: datetime) -> str:
    """`c4m492`: channel and minute of the day (hexadecimal), the same in every window the programme is seen in."""
    there = local(begins)
    return f"c{channel}m{there.hour * 60 + there.minute:x}"


def named(cell: str) -> tuple[int, int] | None:
    """Channel and minute of the day that a cell's name tells; None for any other name."""
    found = _CELL_ID.fullmatch(cell)
    return (int(found[1]), int(found[2], 16)) if found else None


def id_of(cell: Cell) -> str:
    """A programme's cell is named after its true begin, unless that was so long ago that the minute comes again."""
    first = cell.main
    begins = first.start if first and cell.stop - first.start < timedelta(hours=24) else cell.start
    return cell_id(cell.channel, begins)


def nearest(asked: str, rows: Sequence[tuple[Cell, ...]]) -> Cell | None:
    """The cell that a cell of another window or day leads to: same channel, else first row, nearest in time of day."""
    told = named(asked)
    if not told or not rows:
        return None
    own = next((row for row in rows if row[0].channel == told[0]), rows[0])
    return min(own, key=lambda cell: _apart(cell, told[1]))


def _apart(cell: Cell, minute: int) -> int:
    there = local(cell.start)
    apart = abs(there.hour * 60 + there.minute - minute) % 1440
    return min(apart, 1440 - apart)
