"""A table as its editor wrote it: where the head is, which column is which, and each line's cells with their place."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from attrs import field, frozen

from middleware.domain.errors import BadValue
from middleware.services.spreadsheet_read import HEAD_WITHIN, Grid, address, read_grids

T = TypeVar("T")

NOTHING = "无"
"""What empties a cell; a blank one leaves what is stored as it is."""


@frozen
class Columns:
    """The columns of a kind of table: each with the names it goes by, the usual one first.

    A row is the head when it names at least `fewest` columns, one of `keys` among them; `head` are the words to tell
    who wrote none.
    """

    names: Mapping[str, tuple[str, ...]]
    keys: frozenset[str]
    head: tuple[str, ...]
    fewest: int = 2
    fields: Mapping[str, str] = field(init=False)

    @fields.default
    def _by_name(self) -> Mapping[str, str]:
        return {plain(name): column for column, names in self.names.items() for name in names}

    def field_of(self, word: str) -> str | None:
        """Return which column a head means: blanks, stars and what stands in brackets do not count."""
        return self.fields.get(plain(word))


@frozen
class Line:
    """One line of a table: the text of each known column, and its place. A missing column is not in `cells`."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    places: Mapping[str, int]
    formulas: frozenset[str] = frozenset()

    def __getitem__(self, field: str) -> str:
        return self.cells.get(field, "")

    def at(self, field: str) -> str:
        """Address of a cell, such as Sheet1!F12; of the line's first cell when there is no such column."""
        return address(self.sheet, self.row, self.places.get(field, 0))


@frozen
class Sheet:
    """All lines of a file that say something, and the heads of columns that are not ours."""

    filename: str
    lines: tuple[Line, ...]
    ignored: tuple[str, ...]


@frozen
class Fault:
    """One cell that cannot be taken, and why, in the editor's language; `english` is for the command line.

    Never with a whole phone number or a password.
    """

    sheet: str
    row: int
    column: int
    at: str
    message: str
    english: str = ""

    def __str__(self) -> str:
        return f"{self.at}: {self.message}"


class Refused(Exception):
    """A cell cannot be taken; the text says why, `english` too where there is one."""

    def __init__(self, message: str, english: str = "") -> None:
        super().__init__(message)
        self.english = english


class Reading:
    """Takes cells of one line and gathers their faults."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.faults: list[Fault] = []

    def take(self, field: str, parse: Callable[[str], T]) -> T | None:
        """Return a cell as `parse` reads it; None when it is blank or cannot be taken."""
        if field in self.line.formulas:
            self.faults.append(
                fault(self.line, field, "这里是公式或错误值，请改为数值", "a formula or an error; write the value")
            )
            return None
        text = self.line[field]
        try:
            return parse(text) if text else None
        except Refused as reason:
            self.faults.append(fault(self.line, field, str(reason), reason.english))
            return None


def fault(line: Line, field: str, message: str, english: str = "") -> Fault:
    """Place a fault at a line's cell."""
    return Fault(line.sheet, line.row, line.places.get(field, 0), line.at(field), message, english)


def plain(word: str) -> str:
    """A head without blanks, stars, case and what stands in brackets."""
    return re.sub(r"\(.*?\)|[\s*:/、]", "", unicodedata.normalize("NFKC", word)).casefold()


def read_sheet(data: bytes, filename: str, columns: Columns) -> Sheet:
    """Read a table from XLSX or CSV. Raises BadValue(file_…) for the file as a whole."""
    found = [(grid, head) for grid in read_grids(data, filename) if (head := _head(grid, columns)) is not None]
    if not found:
        raise BadValue("file_head", f"前 {HEAD_WITHIN} 行里没有找到表头，请用这些列名：{'、'.join(columns.head)}")
    lines = tuple(line for grid, head in found for line in _lines(grid, head, columns))
    ignored = tuple(dict.fromkeys(word for grid, head in found for word in _unknown(grid.rows[head], columns)))
    return Sheet(filename, lines, ignored)


def _head(grid: Grid, columns: Columns) -> int | None:
    rows = grid.rows[:HEAD_WITHIN]
    return next((at for at, row in enumerate(rows) if _is_head(grid, row, columns)), None)


def _is_head(grid: Grid, row: Sequence[str], columns: Columns) -> bool:
    fields = [field for word in row if (field := columns.field_of(word))]
    if len(fields) < columns.fewest or not columns.keys & set(fields):
        return False
    if twice := next((field for field in fields if fields.count(field) > 1), None):
        raise BadValue("file_twice", f"{grid.name}：{columns.names[twice][0]}这一列出现了两次")
    return True


def _unknown(head: Sequence[str], columns: Columns) -> list[str]:
    return [word for word in head if word and columns.field_of(word) is None]


def _lines(grid: Grid, head: int, columns: Columns) -> list[Line]:
    places = {field: at for at, word in enumerate(grid.rows[head]) if (field := columns.field_of(word))}
    lines = [_line(grid, places, row) for row in range(head + 1, len(grid.rows))]
    return [line for line in lines if any(line.cells.values()) or line.formulas]


def _line(grid: Grid, places: Mapping[str, int], row: int) -> Line:
    cells = grid.rows[row]
    texts = {field: cells[at] if at < len(cells) else "" for field, at in places.items()}
    formulas = frozenset(field for field, at in places.items() if (row, at) in grid.formulas)
    return Line(grid.name, row, texts, places, formulas)
