"""A roster as its editor wrote it: where the head is, which column is which, and each line's cells with their place."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from attrs import frozen

from middleware.domain.errors import BadValue
from middleware.services.spreadsheet_read import HEAD_WITHIN, Grid, address, read_grids

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "village": ("村", "村名", "村庄", "所在村", "行政村", "社区", "村社区", "所属村"),
    "branch": ("支部", "党支部", "所在支部", "所在党支部", "所属党支部", "支部名称", "党支部名称", "党组织"),
    "household": ("户号", "家庭编号", "户编号", "用户号", "住户编号"),
    "address": ("住址", "地址", "家庭住址", "住所", "门牌号"),
    "code": ("编号", "党员编号", "党员号", "人员编号"),
    "name": ("姓名", "党员姓名", "名字"),
    "group": ("党小组", "小组", "组别", "所在党小组", "所属党小组"),
    "role": ("职务", "党内职务", "担任职务"),
    "phone": ("手机号", "手机", "手机号码", "电话", "电话号码", "联系电话", "联系方式", "移动电话"),
    "active": ("在册", "是否在册", "党员状态", "状态"),
}
"""Every column with the names it goes by, the usual one first."""

HEAD = tuple(names[0] for field, names in COLUMNS.items() if field != "active")
"""The columns of an export, which holds only those who are there."""

_FIELDS = {name: field for field, names in COLUMNS.items() for name in names}
_FEWEST = 2


@frozen
class Line:
    """One line of a roster: the text of each known column, and its place. A missing column is not in `cells`."""

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


def read_roster(data: bytes, filename: str) -> Sheet:
    """Read a roster of members and households from XLSX or CSV. Raises BadValue(file_…) for the file as a whole."""
    found = [(grid, head) for grid in read_grids(data, filename) if (head := _head(grid)) is not None]
    if not found:
        raise BadValue("file_head", f"前 {HEAD_WITHIN} 行里没有找到表头，请用这些列名：{'、'.join(HEAD)}")
    lines = tuple(line for grid, head in found for line in _lines(grid, head))
    ignored = tuple(dict.fromkeys(word for grid, head in found for word in _unknown(grid.rows[head])))
    return Sheet(filename, lines, ignored)


def field_of(word: str) -> str | None:
    """Return which column a head means: blanks, stars and what stands in brackets do not count."""
    plain = re.sub(r"\(.*?\)|[\s*:/、]", "", unicodedata.normalize("NFKC", word))
    return _FIELDS.get(plain)


def _head(grid: Grid) -> int | None:
    rows = grid.rows[:HEAD_WITHIN]
    return next((at for at, row in enumerate(rows) if _is_head(grid, row)), None)


def _is_head(grid: Grid, row: Sequence[str]) -> bool:
    fields = [field for word in row if (field := field_of(word))]
    if len(fields) < _FEWEST or not {"code", "household"} & set(fields):
        return False
    if twice := next((field for field in fields if fields.count(field) > 1), None):
        raise BadValue("file_twice", f"{grid.name}：{COLUMNS[twice][0]}这一列出现了两次")
    return True


def _unknown(head: Sequence[str]) -> list[str]:
    return [word for word in head if word and field_of(word) is None]


def _lines(grid: Grid, head: int) -> list[Line]:
    places = {field: at for at, word in enumerate(grid.rows[head]) if (field := field_of(word))}
    lines = [_line(grid, places, row) for row in range(head + 1, len(grid.rows))]
    return [line for line in lines if any(line.cells.values()) or line.formulas]


def _line(grid: Grid, places: Mapping[str, int], row: int) -> Line:
    cells = grid.rows[row]
    texts = {field: cells[at] if at < len(cells) else "" for field, at in places.items()}
    formulas = frozenset(field for field, at in places.items() if (row, at) in grid.formulas)
    return Line(grid.name, row, texts, places, formulas)
