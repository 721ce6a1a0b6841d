"""Editors' files as they come: title rows, merged cells, empty dates, any way to write a time, bad rows by cell."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from epg.sheets import How, Sheet
from middleware.domain.errors import BadValue
from middleware.services.plan_sheet import read_file
from middleware.services.spreadsheet_read import MOST_COLUMNS, MOST_MERGED, read_grids

HOW = How(date(2026, 11, 25), "今日南湖")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (23, 24, 25))


def workbook(rows: Sequence[Sequence[Any]], *merged: str, notes: str = "") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "排播表"
    for row in rows:
        sheet.append(row)
    for one in merged:
        sheet.merge_cells(one)
    if notes:
        book.create_sheet("说明").append([notes])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def starts(sheet: Sheet, day: date) -> list[str]:
    return [f"{one.start:%d %H:%M}-{one.stop:%H:%M} {one.title}" for one in sheet.days[HOW.channel, day]]


LIST = workbook(
    [
        ["今日南湖频道 一周节目单", None, None, None, None],
        ["日期", "时间", "节目名称", "时长(分)", "备注"],
        [datetime(2026, 11, 23), time(6, 0), "早安南湖", 30, "重播"],
        [None, time(6, 30), "党课开讲啦：乡村振兴", 45, None],
        [None, 0.3020833333, "天气预报", 5, "时间是 Excel 序列值"],
        [None, "7:20", "他山之石：茶叶冬季管理", 40, None],
        [None, "08：00", "南湖播报", "15", "全角冒号"],
        [None, "25:00", "夜间重播", 60, "次日凌晨"],
        [datetime(2026, 11, 24), time(6, 0), "早安南湖", 30, None],
        [None, "9:61", "时间写错", 15, None],
        [None, None, None, None, None],
        [None, "10:00", None, 15, "没有节目名"],
    ],
    "A1:E1",
    "A3:A8",
    notes="编辑说明，导入时应忽略",
)
TEXT = """日期,时间,节目,时长,备注
2026/11/23,6:00,早安南湖,30,重播
,6:30,党课开讲啦：乡村振兴,45分钟,
,07：15,天气预报,5,
,7:20,他山之石：茶叶冬季管理,40,
,8:00,南湖播报,15,首播
,10:00,少儿动画,30,
,10:20,致富之窗：苹果套袋,30,与上一档重叠
,19:00,新闻联播,30,转播
,25:00,夜间重播,,
2026-11-24,06:00,早安南湖,30,
2026-11-24,24:30,夜间重播,60,
2026年11月25日,8:05,南湖播报,15,
2026年11月25日,9:61,时间写错的一行,15,
2026年11月25日,10:00,,15,没有节目名
"""


def test_a_list_under_a_merged_title_with_every_way_to_write_a_time() -> None:
    sheet = read_file(LIST, "week.xlsx", HOW)

    assert starts(sheet, MONDAY) == [
        "23 06:00-06:30 早安南湖", "23 06:30-07:15 党课开讲啦：乡村振兴", "23 07:15-07:20 天气预报",
        "23 07:20-08:00 他山之石：茶叶冬季管理", "23 08:00-08:15 南湖播报", "24 01:00-02:00 夜间重播",
    ]  # fmt: skip
    assert [(one.sheet, one.row + 1, one.code) for one in sheet.faults] == [
        ("排播表", 10, "time"),
        ("排播表", 12, "title"),
    ]
    assert sheet.refused == ((HOW.channel, TUESDAY),)
    assert sheet.unread == ("说明",)


@pytest.mark.parametrize(
    ("delimiter", "coding"), [(",", "gbk"), (";", "utf-8-sig"), ("\t", "utf-16"), (",", "gb18030"), ("，", "utf-8")]
)
def test_the_same_as_text_in_any_delimiter_and_charset(delimiter: str, coding: str) -> None:
    sheet = read_file(TEXT.replace(",", delimiter).encode(coding), "week.csv", HOW)

    assert len(sheet.days[HOW.channel, MONDAY]) == 9
    assert starts(sheet, TUESDAY) == ["24 06:00-06:30 早安南湖", "25 00:30-01:30 夜间重播"]
    assert [(one.row + 1, one.code) for one in sheet.faults] == [(14, "time"), (15, "title")]
    assert sheet.refused == ((HOW.channel, WEDNESDAY),)
    showings = [one.showing for one in sheet.days[HOW.channel, MONDAY]]
    assert showings == ["repeat", "", "", "", "first", "", "", "live", ""]


def test_a_week_with_cells_merged_over_days_and_over_hours() -> None:
    week = workbook(
        [
            ["今日南湖频道 一周节目单", None, None, None],
            ["时间", "周一", "周二", "周三"],
            ["6:00", "早安南湖", None, "晨光"],
            ["8:00", "少儿动画", "戏曲苑", "少儿动画"],
            ["9:00", None, "天气预报", None],
            ["19:00", "新闻联播", None, None],
        ],
        "A1:D1",
        "B3:C3",
        "B4:B5",
        "B6:D6",
    )
    sheet = read_file(week, "week.xlsx", HOW)

    assert starts(sheet, MONDAY) == ["23 06:00-08:00 早安南湖", "23 08:00-19:00 少儿动画", "23 19:00-06:00 新闻联播"]
    assert [one[9:] for one in starts(sheet, TUESDAY)] == [
        "08:00 早安南湖",
        "09:00 戏曲苑",
        "19:00 天气预报",
        "06:00 新闻联播",
    ]
    assert [one.split()[-1] for one in starts(sheet, WEDNESDAY)] == ["晨光", "少儿动画", "新闻联播"]
    assert sheet.faults == ()


def test_merged_cells_are_told_as_far_as_the_sheet_is_read() -> None:
    (grid,) = read_grids(workbook([["a"], ["b"]], "A1:C1", "B2:XFD2", "A3:B9"), "x.xlsx")
    many = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, MOST_MERGED + 50))
    book = _with(workbook([["a"]] * (MOST_MERGED + 60)), f"<mergeCells>{many}</mergeCells>")
    (long,) = read_grids(book, "x.xlsx")

    assert grid.merged[:2] == ((0, 0, 0, 2), (1, 1, 1, MOST_COLUMNS - 1))
    assert len(long.merged) == MOST_MERGED


@given(st.lists(st.tuples(*[st.integers(1, 26)] * 4), max_size=6))
def test_no_merging_breaks_a_sheet(ranges: list[tuple[int, int, int, int]]) -> None:
    book = workbook([["时间", "周一", "周二"], ["6:00", "甲", "乙"]])
    names = "".join(f'<mergeCell ref="{chr(64 + a)}{b}:{chr(64 + c)}{d}"/>' for a, b, c, d in ranges)
    data = _with(book, f"<mergeCells>{names}</mergeCells>")
    if all(a <= c and b <= d for a, b, c, d in ranges):
        sheet = read_file(data, "x.xlsx", HOW)
        assert sheet.days or sheet.faults or sheet.unread
    else:
        with pytest.raises(BadValue):
            read_file(data, "x.xlsx", HOW)


def _with(book: bytes, words: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            body = old.read(part)
            if part.filename.startswith("xl/worksheets/"):
                body = body.replace(b"</sheetData>", b"</sheetData>" + words.encode())
            new.writestr(part.filename, body)
    return out.getvalue()
