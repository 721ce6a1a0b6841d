"""Tables for editors as XLSX or CSV that no program takes for formulas."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any, Literal

import attrs
from attrs import frozen
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Kind = Literal["xlsx", "csv"]
Cell = str | int | float

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


@frozen
class Table:
    """A sheet: its name, its head, its rows; texts stay texts (01001 keeps its zero), numbers are numbers."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]] = attrs.field(repr=False)


def tables_bytes(kind: Kind, first: Table, *others: Table) -> bytes:
    """Return a workbook with a sheet per table, or the first table as CSV."""
    return _xlsx((first, *others)) if kind == "xlsx" else _csv(first)


def harmless(text: str) -> str:
    """Put ' before what a spreadsheet would run; `spreadsheet_read.tidy` takes it away again."""
    plain = "".join(one if one.isprintable() else " " for one in text)
    return f"'{plain}" if _FORMULA.match(plain) else plain


def _csv(table: Table) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.head)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")  # Excel takes a CSV without the mark for GBK


def _xlsx(tables: Sequence[Table]) -> bytes:
    book = Workbook(write_only=True)
    for table in tables:
        _add_sheet(book, table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _add_sheet(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", table.title)[:31])
    sheet.freeze_panes = "A2"
    for at, word in enumerate(table.head, 1):
        longest = max((len(str(row[at - 1])) for row in table.rows[:50]), default=0)
        sheet.column_dimensions[get_column_letter(at)].width = min(60, max(10, 2 * len(word) + 4, 1.6 * longest))
    head = [WriteOnlyCell(sheet, word) for word in table.head]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in table.rows:
        sheet.append([_xlsx_cell(sheet, cell) for cell in row])


def _xlsx_cell(sheet: Any, value: Cell) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, harmless(value))
    cell.number_format = "@"  # whoever edits a phone number or code keeps its digits
    return cell
