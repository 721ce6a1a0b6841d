"""Files of editors: codings, delimiters, heads that wander, and files that want to harm us."""

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from middleware.domain.errors import BadValue
from middleware.services import spreadsheet_read
from middleware.services.roster_sheet import HEAD, field_of, read_roster
from middleware.services.spreadsheet import Table, tables_bytes

ROWS = [HEAD, ("南湖村", "南湖村党支部", "01001", "东街 1 号", "b01-001", "王秀兰", "3", "书记", "13806336021")]


def text(delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in ROWS)


def workbook(*sheets: list) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for at, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet{at}")
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, **changes: bytes) -> bytes:
    """Return the workbook with parts replaced or added, by the last word of their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            stem = part.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(part.filename, changes.pop(stem, None) or old.read(part))
        for name, body in changes.items():
            new.writestr(f"xl/{name}.bin", body)
    return out.getvalue()


def code_of(data: bytes) -> str:
    with pytest.raises(BadValue) as refused:
        read_roster(data, "名册.csv")
    return refused.value.code


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "，"])
def test_a_csv_is_read_in_every_coding_and_with_every_delimiter(coding: str, delimiter: str) -> None:
    sheet = read_roster(text(delimiter).encode(coding), "C:\\名册 2026.csv")

    assert [line["name"] for line in sheet.lines] == ["王秀兰"]
    assert sheet.lines[0].at("phone") == "名册 2026!I2"
    assert tuple(sheet.lines[0].cells.values()) == ROWS[1]


def test_quoted_cells_keep_delimiters_and_line_ends() -> None:
    data = b"\xef\xbb\xbf" + '编号,姓名,住址\n1,"王,秀兰","东街\n1 号"\n2,张三,西街\n'.encode()
    sheet = read_roster(data, "a.csv")

    assert [(line["name"], line["address"], line.at("code")) for line in sheet.lines] == [
        ("王,秀兰", "东街 1 号", "a!A2"),
        ("张三", "西街", "a!A3"),
    ]


def test_a_workbook_is_read_with_numbers_as_digits_and_codes_with_their_zeros() -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    sheet.append(HEAD)
    sheet.append(["南湖村", "南湖村党支部", 1001, None, "b01-001", " 王秀兰\u3000", 3.0, None, 13806336021])
    sheet["C2"].number_format = "00000"
    out = io.BytesIO()
    book.save(out)

    line = read_roster(out.getvalue(), "a.xlsx").lines[0]
    assert (line["household"], line["name"], line["group"], line["phone"]) == ("01001", "王秀兰", "3", "13806336021")
    assert line.at("phone") == "Sheet1!I2"


def test_the_head_is_found_below_titles_under_other_names_and_strange_columns_are_listed() -> None:
    rows = [["南湖镇党员名册"], [], ["序号", "所在党支部", "党员编号*", "姓 名", "联系电话（必填）", "备注"]]
    sheet = read_roster(workbook([*rows, [1, "南湖村党支部", "b01-001", "王秀兰", "13806336021", "低保"]]), "a.xlsx")

    assert sheet.ignored == ("序号", "备注")
    assert sheet.lines[0].cells == {
        "branch": "南湖村党支部",
        "code": "b01-001",
        "name": "王秀兰",
        "phone": "13806336021",
    }
    assert sheet.lines[0].at("phone") == "Sheet1!E4"
    assert sheet.lines[0].at("address") == "Sheet1!A4"


def test_every_sheet_with_a_head_is_read_and_blank_lines_are_skipped() -> None:
    one, two = [["编号", "姓名"], ["1", "王秀兰"], [], ["2", "张三"]], [["编号", "姓名"], ["3", "李四"]]
    sheet = read_roster(workbook(one, [["说明"], ["请填第一张"]], two), "a.xlsx")

    assert [(line.at("code"), line["name"]) for line in sheet.lines] == [
        ("Sheet1!A2", "王秀兰"),
        ("Sheet1!A4", "张三"),
        ("Sheet3!A2", "李四"),
    ]


def test_formulas_and_errors_are_marked_not_computed() -> None:
    line = read_roster(workbook([["编号", "姓名", "手机号"], ["1", '="王"&"秀兰"', "#REF!"]]), "a.xlsx").lines[0]

    assert line.formulas == {"name", "phone"}


@pytest.mark.parametrize("word", ["手机", "手机号码", "联系电话", " 电 话 ", "手机号（必填）", "手机号*", "手机号："])
def test_a_column_goes_by_many_names(word: str) -> None:
    assert field_of(word) == "phone"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_a_spreadsheet_would_run_comes_back_as_text(kind) -> None:
    wild = ["=1+1", "+86", "-3号楼", "@sum", "'=x", "''+x", "普通", "01001", "it's", "'quoted"]
    data = tables_bytes(kind, Table("名册", ("编号", "姓名"), [(one, "王秀兰") for one in wild]))

    assert b"<f>" not in data
    assert [line["code"] for line in read_roster(data, "a").lines] == wild


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_head"),
        ("编号\n1".encode(), "file_head"),
        ("姓名,手机号\n王秀兰,138".encode(), "file_head"),
        ("编号,姓名,编号\n".encode(), "file_twice"),
        ('编号,姓名\n1,"王秀兰\n2,张三\n'.encode(), "file_quotes"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\0", "file_text"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "file_kind"),
        (b"PK\x03\x04" + bytes(100), "file_damaged"),
        (workbook([HEAD])[:-60], "file_damaged"),
        (b"x" * (spreadsheet_read.MOST_BYTES + 1), "file_size"),
        (("编号,姓名\n" + "1,a\n" * 20_020).encode(), "file_rows"),
        (repacked(workbook([HEAD]), workbook=b"<workbook/>"), "file_head"),
        (repacked(workbook([HEAD]), workbook=b"<workbook>"), "file_damaged"),
        (repacked(workbook([HEAD]), vbaProject=b"x"), "file_macros"),
        (repacked(workbook([HEAD]), sheet1=bytes(40 * 2**20)), "file_bomb"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize(
    "part",
    [
        b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><s>&b;</s>',
        b'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><s>&x;</s>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE s []><s/>'.encode("utf-16"),
        b"<?xml version='1.0' encoding='cp037'?>" + '<!DOCTYPE s [<!ENTITY a "a">]><s/>'.encode("cp037"),
        b'<?xml version="1.0" encoding="iso-8859-1"?><s/>',
    ],
)
def test_entities_and_odd_codings_in_a_workbook_are_refused(part: bytes) -> None:
    assert code_of(repacked(workbook([HEAD]), sheet1=part)) == "file_entities"
    assert code_of(repacked(workbook([HEAD]), styles=part)) == "file_entities"


def test_a_million_formatted_but_empty_rows_cost_nothing() -> None:
    rows = b"".join(b'<row r="%d"/>' % n for n in (3, 1_048_576))
    data = workbook([["编号", "姓名"], ["1", "王秀兰"]])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b"</sheetData>", rows + b"</sheetData>")

    assert len(read_roster(repacked(data, sheet1=sheet), "a.xlsx").lines) == 1


def test_the_readme_names_the_columns() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")

    assert " ".join(HEAD) in readme
