"""Tick and cross as triangles that CSS 2.1 borders can draw: no font, no picture, any colour.

A stroke at 45° is a column of parallelograms, each two right triangles in neighbouring square cells; a cell is an
element without size whose two coloured borders make the triangle (q1 top left, q2 top right, q3 and q4 below).
"""

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from portal_pages.views import Mark

_CROSS: Final = 5
"""Rows of a stroke of the cross; it is one cell wider than high."""
_SHORT, _LONG = 2, 4
"""Rows of the two strokes of the tick."""

_Cell = tuple[str, int, int]


@frozen
class Triangles:
    """Cells as (class, left, top) in px relative to the mark's corner; each is two `half` px wide and high."""

    half: int
    cells: tuple[_Cell, ...]


def triangles(mark: Mark) -> Triangles:
    """A mark as triangles, centred in its square of `mark.size` px."""
    cells = [*_tick()] if mark.shape == "tick" else [*_cross()]
    columns, rows = 1 + max(x for _, x, _ in cells), 1 + max(y for _, _, y in cells)
    half = max(mark.size // columns // 2, 1)
    left, top = (mark.size - 2 * half * columns) // 2, (mark.size - 2 * half * rows) // 2
    return Triangles(half, tuple((look, left + 2 * half * x, top + 2 * half * y) for look, x, y in cells))


def _falling(rows: int, x: int, y: int) -> Iterator[_Cell]:
    for n in range(rows):
        yield "q2", x + n, y + n
        yield "q3", x + n + 1, y + n


def _rising(rows: int, x: int, y: int) -> Iterator[_Cell]:
    """A stroke upwards to the right whose lowest cell is (x, y)."""
    for n in range(rows):
        yield "q4", x + n, y - n
        yield "q1", x + n + 1, y - n


def _tick() -> Iterator[_Cell]:
    yield from _falling(_SHORT, 0, _LONG - _SHORT)
    yield from _rising(_LONG, _SHORT, _LONG - 1)


def _cross() -> Iterator[_Cell]:
    yield from _falling(_CROSS, 0, 0)
    yield from _rising(_CROSS, 0, _CROSS - 1)
