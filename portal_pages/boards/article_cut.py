"""Cuts an article into television pages: lines, table rows and pictures that fit a panel of a given height.

A table never leaves fewer than three rows on a page and repeats its head; a picture keeps its caption; figures are
never cut. Nothing is lost: every line of every block stands on exactly one page, heads of tables aside.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import evolve, frozen

from portal_pages import text
from portal_pages.facts import Block, Mode, Paragraph, Picture, Table
from portal_pages.layout import scaled

WIDTH: Final = 1088
"""Pixels of a line of body text."""
LEAST_ROWS: Final = 3
"""Rows of a table that stay together at a page break."""
LEAST_LINES: Final = 2
"""Lines of a paragraph that stay together at a page break."""
_CELL_PAD: Final = 20
_CELL_GAP: Final = 40
_FIGURES: Final = 190
"""Pixels of a column of figures where there is room, as in a ledger."""
_SPILL: Final = 15
"""Pixels that the slack of a last column of texts takes beyond the table, into the margin of the panel."""
_CELL_LINES: Final = 3
_PICTURE_W: Final = 640


@frozen
class Size:
    """Type, line and row sizes (px) of one mode, and the width of the text."""

    body: int
    cell: int
    line: int
    head: int
    width: int = WIDTH

    @classmethod
    def of(cls, mode: Mode, width: int = WIDTH) -> "Size":
        grow = 10 if mode == "large" else 0
        return cls(scaled(mode, 30), 37 if mode == "large" else 30, 42 + grow, 40 + grow, width)

    @property
    def closer(self) -> "Size":
        """The same type with lines as close as 1.3 of it allows."""
        return evolve(self, line=-(-self.body * 13 // 10))


@frozen
class Line:
    """One line of a paragraph."""

    words: str
    height: int
    block: int


@frozen
class Columns:
    """Where the columns of a table lie: left edges and widths in px, and which are right-aligned."""

    edges: tuple[tuple[int, int], ...]
    money: frozenset[int]


@frozen
class Row:
    """One row of a table; each cell is its lines. `kind` is head, body or sum; `head` the row repeated above it."""

    cells: tuple[tuple[str, ...], ...]
    columns: Columns
    height: int
    block: int
    kind: str = "body"
    head: "Row | None" = None


@frozen
class Figure:
    """A picture scaled to the panel, with its caption below."""

    picture: Picture
    w: int
    h: int
    height: int
    block: int


@frozen
class Space:
    """A gap between blocks; dropped at the top of a page."""

    height: int
    block: int


Piece = Line | Row | Figure | Space


@frozen
class Sheet:
    """What stands on one page, from top to bottom."""

    pieces: tuple[Piece, ...]

    @property
    def block(self) -> int:
        """Index of the block that the page begins in: what 字放大 keeps in sight."""
        return self.pieces[0].block if self.pieces else 0


def fewest(blocks: Sequence[Block], size: Size, first: int, later: int) -> tuple[Sheet, ...]:
    """As `cut`, with lines closer together where that saves the viewer a page."""
    roomy, dense = cut(blocks, size, first, later), cut(blocks, size.closer, first, later)
    return dense if len(dense) < len(roomy) else roomy


def cut(blocks: Sequence[Block], size: Size, first: int, later: int) -> tuple[Sheet, ...]:
    """Cut blocks into sheets of `first` px for page 1 and `later` px for the others; at least one sheet."""
    sheets: list[Sheet] = []
    page: list[Piece] = []
    left = first
    for group in _at_the_top(_groups(blocks, size, first, later), first):
        if page and sum(piece.height for piece in group) > left:
            sheets.append(_sheet(page))
            page = _head_again(group)
            left = later - sum(piece.height for piece in page)
        if page or not isinstance(group[0], Space):
            page.extend(group)
            left -= sum(piece.height for piece in group)
    if page or not sheets:
        sheets.append(_sheet(page))
    return tuple(sheets)


def _at_the_top(groups: Iterator[Sequence[Piece]], room: int) -> Iterator[Sequence[Piece]]:
    """The groups; the first of all piece by piece where it is too tall for the first page, which has the least room."""
    top = next(groups, ())
    yield from _fitting(top, room) if top else ()
    yield from groups


def sheet_with(sheets: Sequence[Sheet], block: int) -> int:
    """The number (from 1) of the last page that begins at or before a block."""
    return max((n for n, sheet in enumerate(sheets, start=1) if sheet.block <= block), default=1)


def _sheet(page: list[Piece]) -> Sheet:
    while page and isinstance(page[-1], Space):
        page.pop()
    return Sheet(tuple(page))


def _groups(blocks: Sequence[Block], size: Size, first: int, room: int) -> Iterator[Sequence[Piece]]:
    """Pieces that must stand together: some lines, a figure, a table's head with its first rows, or its last rows."""
    for at, block in enumerate(blocks):
        if at:
            yield [Space(7, at)]
        if isinstance(block, Paragraph):
            for lines in _together(_lines(block, size, at)):
                yield from _fitting(lines, room)
        elif isinstance(block, Table):
            yield from _table_groups(block, size, at, room)
        else:
            yield [_figure(block, size, at, room if at else min(first, room))]


def _lines(block: Paragraph, size: Size, at: int) -> list[Line]:
    return [Line(words, size.line, at) for words in text.lines(block.text, size.body, size.width)]


def _together(lines: list[Line]) -> Iterator[list[Line]]:
    """The first two and the last two lines of a paragraph stay together, so that no page begins with a mere remnant."""
    if len(lines) < 2 * LEAST_LINES:
        yield from [lines] if lines else []
        return
    yield lines[:LEAST_LINES]
    yield from ([line] for line in lines[LEAST_LINES:-LEAST_LINES])
    yield lines[-LEAST_LINES:]


def _figure(picture: Picture, size: Size, at: int, room: int) -> Figure:
    caption = size.line if picture.caption else 0
    scale = min(min(_PICTURE_W, size.width) / max(picture.width, 1), (room - caption - 8) / max(picture.height, 1), 2.0)
    w, h = max(int(picture.width * scale), 2), max(int(picture.height * scale), 2)
    return Figure(picture, w, h, h + caption + 8, at)


# --- tables ---


def _table_groups(table: Table, size: Size, at: int, room: int) -> Iterator[Sequence[Piece]]:
    rows = _rows(table, size, at)
    head, body = rows[:1], rows[1:]
    first, middle, last = body[:LEAST_ROWS], body[LEAST_ROWS:-LEAST_ROWS], body[LEAST_ROWS:][-LEAST_ROWS:]
    for group in ([*head, *first], *([row] for row in middle), last):
        if group:
            again = 0 if group[0] is rows[0] else rows[0].height
            yield from _fitting(list(group), room - again)


def _fitting(group: Sequence[Piece], room: int) -> Iterator[Sequence[Piece]]:
    """The group as it is, or row by row when even an empty page cannot hold it."""
    if sum(piece.height for piece in group) <= room:
        yield group
    else:
        yield from ([piece] for piece in group)


def _head_again(group: Sequence[Piece]) -> list[Piece]:
    """The head of the table that a page break has cut, for the top of the next page."""
    first = group[0]
    return [first.head] if isinstance(first, Row) and first.head else []


def _rows(table: Table, size: Size, at: int) -> list[Row]:
    columns = _columns(table, size)
    head = _row(table.head, columns, size, at, "head")
    kinds = ["body"] * len(table.rows)
    if table.total and kinds:
        kinds[-1] = "sum"
    return [
        head,
        *(_row(cells, columns, size, at, kind, head) for cells, kind in zip(table.rows, kinds, strict=True)),
    ]


def _row(cells: Sequence[str], columns: Columns, size: Size, at: int, kind: str, head: Row | None = None) -> Row:
    padded = [*cells, *[""] * (len(columns.edges) - len(cells))][: len(columns.edges)]
    lines = tuple(
        _cell_lines(words, size.cell, w, i in columns.money)
        for i, (words, (_, w)) in enumerate(zip(padded, columns.edges, strict=True))
    )
    tallest = max((len(each) for each in lines), default=1)
    base = size.head if kind == "head" else size.line
    return Row(lines, columns, base + (tallest - 1) * (size.cell + 6), at, kind, head)


def _cell_lines(words: str, size: int, w: int, money: bool) -> tuple[str, ...]:
    if money:
        return (text.money(words),)
    return text.lines(words, size, w, _CELL_LINES) or ("",)


def _columns(table: Table, size: Size) -> Columns:
    """Share the width: figures get what they need; texts too, the first of them whatever is left.

    Where that is too much, and in a table without figures, texts share the room by the length of what they hold.
    """
    count = max(len(table.head), 1)
    wanted = [_wanted(table, i, size) for i in range(count)]
    free = [i for i in range(count) if i not in table.money]
    end = size.width + _SPILL if count - 1 in free else size.width - _CELL_PAD
    room = end - _CELL_PAD - _CELL_GAP * (count - 1) - sum(wanted[i] for i in table.money if i < count)
    asked = sum(wanted[i] for i in free)
    if table.money and free and asked <= room:
        wanted[free[0]] += room - asked - _spread(table, wanted, room - asked)
    else:
        least = text.box("一二", size.cell)
        wanted = [max(int(room * w / asked), least) if i in free else w for i, w in enumerate(wanted)]
    edges, x = [], _CELL_PAD
    for w in wanted:
        edges.append((x, w))
        x += w + _CELL_GAP
    return Columns(tuple(edges), table.money)


def _spread(table: Table, wanted: list[int], room: int) -> int:
    """Widen the columns of figures, the first column aside, by at most `room` px; what was taken."""
    narrow = [i for i in table.money if 0 < i < len(wanted) and wanted[i] < _FIGURES]
    missing = sum(_FIGURES - wanted[i] for i in narrow)
    if missing > room:
        return 0
    for i in narrow:
        wanted[i] = _FIGURES
    return missing


def _wanted(table: Table, column: int, size: Size) -> int:
    cells = [row[column] for row in table.rows if column < len(row)]
    if column in table.money:
        cells = [text.money(cell) for cell in cells]
    head = table.head[column] if column < len(table.head) else ""
    widest = max((text.box(cell, size.cell) for cell in (head, *cells)), default=0)
    return min(max(widest, 2 * size.cell), size.width // 2)
