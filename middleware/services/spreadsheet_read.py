"""Spreadsheets of editors as plain text cells: XLSX and CSV, bounded, without formulas, macros or entities."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from attrs import frozen
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from middleware.domain.errors import BadValue
from middleware.services.spreadsheet_parts import DAMAGED_ZH, clean_workbook

MOST_BYTES = 5 * 2**20
MOST_ROWS = 20_000
"""Beside the rows of the head."""

HEAD_WITHIN = 20
MOST_COLUMNS = 64
MOST_SHEETS = 20
MOST_MERGED = 5000
_CELL_LIMIT = 1000
_NO_VALUE = {"f", "e"}
"""openpyxl's types of a formula and of an error such as #REF!."""

_DELIMITERS = ",;\t，；"
_MALFORMED = (
    InvalidFileException,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    SyntaxError,
    OSError,
)
"""What openpyxl lets through from XML parsers and its own descriptors when a part is not what it should be."""

_MERGED = re.compile(rb'<(?:[A-Za-z]\w{0,20}:)?mergeCell\s+ref="([A-Z]{1,3}[1-9][0-9]{0,6}:[A-Z]{1,3}[1-9][0-9]{0,6})"')
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")


@frozen
class Grid:
    """One sheet as trimmed text, from its first row on; `formulas` are the places (row, column from 0) without text.

    `merged` are (row, column, last row, last column) from 0 of cells that go over several; the first one has the text.
    """

    name: str
    rows: tuple[tuple[str, ...], ...]
    formulas: frozenset[tuple[int, int]] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()


def address(sheet: str, row: int, column: int) -> str:
    """Name a cell as the editor's program does: `Sheet1!F12`; row and column count from 0."""
    return f"{sheet}!{get_column_letter(column + 1)}{row + 1}"


def read_grids(data: bytes, filename: str) -> tuple[Grid, ...]:
    """Read every sheet of a file. Raises BadValue(file_…) with a sentence for the editor."""
    if len(data) > MOST_BYTES:
        raise BadValue("file_size", f"文件超过 {MOST_BYTES // 2**20} MB，请分成几份")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadValue("file_kind", "这是旧版 Excel 或加密的文件，请另存为 .xlsx 再试")
    if data.startswith(b"PK"):
        return _workbook(data)
    return (_text(data, filename),)


def _workbook(data: bytes) -> tuple[Grid, ...]:
    parts = clean_workbook(data)
    clean = io.BytesIO(parts)
    try:
        # Formulas are kept as such, not as the value some program last computed: that one may be missing or old.
        book = load_workbook(clean, read_only=True, data_only=False, keep_links=False)
        return tuple(_sheet(sheet, parts) for sheet in book.worksheets[:MOST_SHEETS])
    except _MALFORMED as error:
        raise BadValue("file_damaged", DAMAGED_ZH, str(error)[:200]) from error


def _sheet(sheet: Any, parts: bytes) -> Grid:
    sheet.reset_dimensions()  # what a file says of its own size is often wrong
    rows: list[tuple[str, ...]] = []
    formulas: set[tuple[int, int]] = set()
    filled, gap = 0, None
    for at, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS)):
        # Formatted but empty rows go on to the last of a million; openpyxl gives the same empty row for all of a gap.
        used = cells is not gap and any(cell.value is not None for cell in cells)
        gap = gap if used else cells
        rows.append(_trimmed(list(map(_cell, cells))) if used else ())
        formulas |= {(at, column) for column, cell in enumerate(cells if used else ()) if cell.data_type in _NO_VALUE}
        filled += used
        _count(filled)
    return Grid(sheet.title, _without_tail(rows), frozenset(formulas), _merged(sheet, parts, len(rows)))


def _merged(sheet: Any, parts: bytes, rows: int) -> tuple[tuple[int, int, int, int], ...]:
    """Merged cells within what was read, from the part of the sheet: openpyxl tells them when it reads cells whole."""
    with zipfile.ZipFile(io.BytesIO(parts)) as archive:
        body = archive.read(sheet._worksheet_path)  # noqa: SLF001 - openpyxl tells it nowhere else
    ranges = (one[1].decode() for one in islice(_MERGED.finditer(body), MOST_MERGED))
    found: Iterator[Any] = map(range_boundaries, ranges)
    return tuple(
        (top - 1, left - 1, min(bottom, rows) - 1, min(right, MOST_COLUMNS) - 1)
        for left, top, right, bottom in found
        if top <= min(bottom, rows) and left <= min(right, MOST_COLUMNS)
    )


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and set(str(cell.number_format)) == {"0"}:
        return str(value).zfill(len(cell.number_format))  # a column shown as 00000 means 01001, not 1001
    return tidy(str(value))


def _text(data: bytes, filename: str) -> Grid:
    text = _decoded(data)
    delimiter = max(_DELIMITERS, key=lambda one: _regularity(text, one))
    return Grid(_stem(filename), _without_tail(_split(text, delimiter)))


def _regularity(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first rows have as many columns as most, and how many that is: a delimiter parts every row."""
    try:
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEAD_WITHIN)
        widths = Counter(width for width in map(len, rows) if width > 1)
    except csv.Error:
        return 0, 0
    return max(((count, width) for width, count in widths.items()), default=(0, 0))


def _decoded(data: bytes) -> str:
    coding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    for name in (coding, "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadValue("file_text", "读不出这个文件的文字，请另存为 .xlsx 或 UTF-8 的 CSV")


def _split(text: str, delimiter: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    filled = 0
    for row in _records(text, delimiter):
        rows.append(_trimmed([tidy(cell) for cell in row[:MOST_COLUMNS]]))
        filled += any(rows[-1])
        _count(filled)
    return rows


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            where = f"CSV 第 {reader.line_num} 行附近的引号不成对"
            raise BadValue("file_quotes", where, str(error)[:200]) from error


def _count(filled: int) -> None:
    if filled > MOST_ROWS + HEAD_WITHIN:
        raise BadValue("file_rows", f"超过 {MOST_ROWS} 行，请分成几份")


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _without_tail(rows: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    while rows and not any(rows[-1]):
        rows.pop()
    return tuple(rows)


def tidy(text: str) -> str:
    """Return a cell's text without outer blanks, control characters, and the ' of `spreadsheet.harmless`."""
    cut = "".join(one if one.isprintable() else " " for one in text[:_CELL_LIMIT]).strip().strip("\u3000").strip()
    return cut[1:] if _ESCAPED.match(cut) else cut


def _stem(filename: str) -> str:
    name = re.split(r"[\\/]", filename)[-1].rpartition(".")
    return tidy(name[0] or name[2])[:31] or "CSV"
