"""Which columns and films a page of the video shelf holds, and on which page a film stands."""

from typing import Final

from attrs import frozen

from portal_pages.boards.today import VIDEO_COLUMNS
from portal_pages.facts import Mode, Viewer

ROWS: Final = 2
"""Posters of a column on one shelf page."""
COLUMNS: Final[dict[Mode, int]] = {"standard": 4, "large": 3}
"""Columns that have room side by side."""


@frozen
class Turn:
    """What one shelf page holds: places of the columns shown, and which films of each, `first` to `first + ROWS`."""

    number: int
    pages: int
    columns: tuple[int, ...]
    first: int


def turn(viewer: Viewer, totals: tuple[int, ...], number: int) -> Turn:
    """Shelf page `number` (from 1; one that is not there becomes the last) of columns with so many films.

    Where not all columns have room, pages take turns: the first columns, the last ones, then the next films.
    """
    room = min(COLUMNS[viewer.mode], len(totals))
    sides = 1 if room == len(totals) else 2
    pages = max(-(-max(totals, default=0) // ROWS), 1) * sides
    at = min(max(number, 1), pages)
    start = (len(totals) - room) * ((at - 1) % sides)
    return Turn(at, pages, tuple(range(start, start + room)), (at - 1) // sides * ROWS)


def page_of(viewer: Viewer, column: int, place: int) -> str:
    """Id of the shelf page on which the film at `place` (from 0) of a column (from 0) stands."""
    narrow = COLUMNS[viewer.mode] < len(VIDEO_COLUMNS)
    turns = place // ROWS * (2 if narrow else 1)
    return page_id(turns + 1 + (1 if narrow and column == len(VIDEO_COLUMNS) - 1 else 0))


def page_id(number: int) -> str:
    return "today" if number == 1 else f"today-p{number}"
