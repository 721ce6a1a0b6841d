"""Tables for editors as XLSX or CSV that no program takes for formulas."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Kind = Literal["xlsx", "csv"]
Cell = str | int | float
Rows = Iterable[Sequence[Cell]]

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def table_bytes(kind: Kind, title: str, head: Sequence[str], rows: Rows) -> bytes:
    """Return a table with its head; texts stay texts (01001 keeps its zero), numbers are numbers."""
    return _xlsx(title, head, rows) if kind == "xlsx" else _csv(head, rows)


def harmless(text: str) -> str:
    """Put ' before what a spreadsheet would run; `spreadsheet_read.tidy` takes it away again."""
    plain = "".join(one if one.isprintable() else " " for one in text)
    return f"'{plain}" if _FORMULA.match(plain) else plain


def _csv(head: Sequence[str], rows: Rows) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")  # Excel takes a CSV without the mark for GBK


def _xlsx(title: str, head: Sequence[str], rows: Rows) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for at, word in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(at)].width = max(10, 2 * len(word) + 6)
    first = [WriteOnlyCell(sheet, word) for word in head]
    for cell in first:
        cell.font = Font(bold=True)
    sheet.append(first)
    for row in rows:
        sheet.append([_xlsx_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsx_cell(sheet: Any, value: Cell) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, harmless(value))
    cell.number_format = "@"  # whoever edits a phone number or code keeps its digits
    return cell
