"""Whatever bytes arrive as a roster: a sheet comes out, or one refusal with a sentence; never another error."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from middleware.domain.errors import BadValue
from middleware.services.roster_sheet import HEAD, read_roster
from middleware.services.spreadsheet import Table, tables_bytes
from middleware.services.spreadsheet_read import read_grids

WORKBOOK = tables_bytes(
    "xlsx", Table("名册", HEAD, [("南湖村", "支部", "01001", "东街", "m1", "王秀兰", "3", "", "138")] * 5)
)
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # it tells of every odd part it drops
printable = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=20)


def read(data: bytes) -> None:
    code, words = "file_", "read"
    try:
        read_roster(data, "名册.xlsx")
    except BadValue as refused:
        code, words = refused.code, refused.message_zh

    assert code.startswith("file_")
    assert words


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00\xd8")
@example(b"PK\x05\x06" + bytes(18))
def test_any_bytes(data: bytes) -> None:
    read(data)


@settings(max_examples=150)
@given(
    st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 400),
)
def test_a_workbook_with_wrong_bytes(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(WORKBOOK)
    for at, value in changes:
        data[at] = value
    read(bytes(data))
    read(bytes(data[: len(data) - cut]))


@settings(max_examples=100)
@given(
    st.sampled_from(["sheet1.xml", "workbook.xml", "styles.xml", "sharedStrings.xml", "workbook.xml.rels"]), st.data()
)
def test_a_workbook_with_a_damaged_part(name: str, data: st.DataObject) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            body = bytearray(old.read(part))
            if part.filename.endswith(name) and body:
                at = data.draw(st.integers(0, len(body) - 1))
                body[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
            new.writestr(part.filename, bytes(body))
    read(out.getvalue())


def blanks(row: list[str]) -> int:
    """How many cells at the end of a row say nothing."""
    return next(n for n, cell in enumerate([*reversed(row), "end"]) if cell)


@example([["", "", ";;;"]])
@given(st.lists(st.lists(printable, min_size=3, max_size=3), min_size=1, max_size=8))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    head = ("编号", "姓名", "备注")
    kept = [row for row in rows if any(row)]
    for kind in ("xlsx", "csv"):
        (grid,) = read_grids(tables_bytes(kind, Table("t", head, rows)), f"t.{kind}")

        assert [row for row in grid.rows[1:] if any(row)] == [tuple(row[: 3 - blanks(row)]) for row in kept]
        assert grid.formulas == frozenset()


def test_a_workbook_of_many_sheets_and_columns_is_read_as_far_as_the_limits_go() -> None:
    book = Workbook(write_only=True)
    for _ in range(25):
        book.create_sheet().append([f"c{n}" for n in range(100)])
    out = io.BytesIO()
    book.save(out)
    grids = read_grids(out.getvalue(), "wide.xlsx")

    assert len(grids) == 20
    assert {len(grid.rows[0]) for grid in grids} == {64}


def test_a_part_that_unpacks_to_more_than_it_says_costs_no_more_than_it_says() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([bomb.compress(bytes(2**20)) for _ in range(200)]) + bomb.flush()
    said, check = 1000, zlib.crc32(bytes(1000))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", packed)
    data = out.getvalue()
    true = struct.pack("<LLL", zlib.crc32(packed), len(packed), len(packed))
    lie = struct.pack("<LLL", check, len(packed), said)
    data = data.replace(true, lie).replace(b"PK\x03\x04\x14\0\0\0\0\0", b"PK\x03\x04\x14\0\0\0\x08\0")
    data = data.replace(b"PK\x01\x02\x14\x03\x14\0\0\0\0\0", b"PK\x01\x02\x14\x03\x14\0\0\0\x08\0")
    tracemalloc.start()
    with pytest.raises(BadValue):
        read_grids(data, "bomb.xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(data) < 250_000
    assert peak < 20 * 2**20
