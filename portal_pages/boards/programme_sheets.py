"""A long synopsis by sheet: as many lines as stand below what is told above it."""

from typing import Final

from attrs import frozen

from portal_pages import text
from portal_pages.views import Part, Text

NOTHING: Final = "没有节目介绍"
MOST: Final = 20
"""Sheets of one synopsis; what is longer is cut."""


@frozen
class Sheet:
    """Lines from `y` on, `step` px apart, in type of `size` px."""

    y: int
    size: int
    lines: tuple[str, ...]

    def parts(self, x: int, w: int) -> tuple[Part, ...]:
        """The lines as they are drawn, from `x` on and `w` px wide."""
        step = _step(self.size)
        return tuple(Text(x, self.y + step * i, w, step, line, self.size) for i, line in enumerate(self.lines))


def sheets(words: str, size: int, w: int, tops: tuple[int, int], end: int) -> tuple[Sheet, ...]:
    """At least one sheet; `tops` are the y where the first and all further ones begin, `end` is below the last line."""
    first, further = (max((end - top) // _step(size), 1) for top in tops)
    lines = text.lines(words, size, w, first + further * (MOST - 1)) or (NOTHING,)
    rest = lines[first:]
    later = (Sheet(tops[1], size, rest[at : at + further]) for at in range(0, len(rest), further))
    return (Sheet(tops[0], size, lines[:first]), *later)


def _step(size: int) -> int:
    return round(size * 1.4)
