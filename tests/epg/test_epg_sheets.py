"""Editors' sheets: every way in which a time is typed, every layout, and every fault told by its cell."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from epg import sheet_times, sheets
from epg.sheets import Cells, How, SheetItem
from epg.times import SHANGHAI

WEDNESDAY = date(2026, 11, 25)
HOW = How(WEDNESDAY, "今日南湖")
HEAD = ("日期", "时间", "节目名称", "时长(分)", "备注")


def read(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, name: str = "排播表", how: How = HOW) -> sheets.Sheet:
    return sheets.read([Cells(name, [head, *rows])], how)


def shown(sheet: sheets.Sheet) -> list[tuple[str, str, str]]:
    return [
        (one.start.strftime("%d %H:%M"), one.stop.strftime("%d %H:%M"), one.title)
        for items in sheet.days.values()
        for one in items
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8:05", "8:05"), ("08：05", "8:05"), ("0805", "8:05"), ("805", "8:05"), ("8点05分", "8:05"),
        ("8点5分", "8:05"),
        ("８：０５", "8:05"), ("8时05分", "8:05"), ("06:00:00", "6:00"), ("0.3020833333", "7:15"), ("0.25", "6:00"),
        ("24:30", "24:30"), ("25:00", "25:00"), ("30:00", "30:00"), ("30:01", None), ("9:61", None), ("8点", "8:00"),
        ("8点半", "8:30"), ("2026-11-23 06:30:00", "6:30"), ("早上", None), ("", None), ("1", "24:00"), ("-1:00", None),
    ],
)  # fmt: skip
def test_times_as_editors_type_them(text: str, expected: str | None) -> None:
    found = sheet_times.clock(text)

    assert (f"{found // 3600}:{found // 60 % 60:02d}" if found is not None else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026/11/23", "2026-11-23"), ("2026-11-23 00:00:00", "2026-11-23"), ("2026年11月25日", "2026-11-25"),
        ("11月30日", "2026-11-30"), ("1/2", "2027-01-02"), ("20261123", "2026-11-23"), ("46349", "2026-11-23"),
        ("星期一", "2026-11-23"), ("周日", "2026-11-29"), ("11月23日（星期一）", "2026-11-23"),
        ("2026/2/30", None), ("明天", None),
    ],
)  # fmt: skip
def test_dates_as_editors_type_them(text: str, expected: str | None) -> None:
    found = sheet_times.day(text, WEDNESDAY)

    assert (found.isoformat() if found else None) == expected


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45", 45),
        ("45分钟", 45),
        ("1小时30分", 90),
        ("1:30:00", 90),
        ("0:45", 45),
        ("90.0", 90),
        ("1小时", 60),
        ("0", None),
        ("长", None),
    ],
)
def test_lengths_as_editors_type_them(text: str, minutes: int | None) -> None:
    found = sheet_times.length(text)

    assert (found // 60 if found else None) == minutes


def test_an_empty_date_is_the_one_above_and_25_00_is_one_in_the_morning() -> None:
    sheet = read(
        ("2026/11/23", "6:00", "早安南湖", "30"), ("", "6:30", "党课"), ("", "23:30", "晚间剧场", "90"),
        ("", "25:00", "夜间重播"), ("2026-11-24", "06:00", "早安南湖", "30"),
    )  # fmt: skip

    assert sheet.faults == ()
    assert shown(sheet) == [
        ("23 06:00", "23 06:30", "早安南湖"),
        ("23 06:30", "23 23:30", "党课"),
        ("23 23:30", "24 01:00", "晚间剧场"),
        ("24 01:00", "24 06:00", "夜间重播"),
        ("24 06:00", "24 06:30", "早安南湖"),
    ]


def test_a_time_that_goes_back_begins_the_next_day_once_and_twice_is_a_fault() -> None:
    once = read(("11/23", "23:00", "甲"), ("", "00:30", "乙"), ("", "01:30", "丙"))
    twice = read(("11/23", "23:00", "甲"), ("", "00:30", "乙"), ("", "00:10", "丙"))
    by_day = read(("11/23", "10:00", "甲"), ("", "9:00", "乙"))

    assert shown(once)[1:] == [("24 00:30", "24 01:30", "乙"), ("24 01:30", "24 06:00", "丙")]
    assert [(one.row, one.column, one.code) for one in twice.faults] == [(3, 1, "backwards")]
    assert [(one.row, one.code) for one in by_day.faults] == [(2, "backwards")]


def test_a_day_with_a_fault_is_not_taken_and_others_are() -> None:
    sheet = read(
        ("11/23", "6:00", "甲", "30"), ("11/24", "9:61", "乙", "15"), ("", "10:00", "", "15"), ("", "11:00", "丙", "15")
    )

    assert [key[1].day for key in sheet.days] == [23]
    assert sheet.refused == (("今日南湖", date(2026, 11, 24)),)
    assert [(one.row, one.column, one.code) for one in sheet.faults] == [(2, 1, "time"), (3, 2, "title")]


def test_end_and_length_that_contradict_each_other_are_a_fault() -> None:
    head = ("日期", "开始", "结束", "时长", "节目")

    sheet = read(("11/23", "6:00", "7:00", "60", "甲"), ("", "7:00", "7:30", "60", "乙"), head=head)
    night = read(("11/23", "23:00", "1:00", "", "甲"), head=head)

    assert [(one.row, one.column, one.code) for one in sheet.faults] == [(2, 2, "contradiction")]
    assert shown(night) == [("23 23:00", "24 01:00", "甲")]


def test_formulas_and_dates_that_cannot_be_read_are_told_by_cell() -> None:
    cells = Cells("表", [HEAD, ("11/23", "6:00", "甲", "", ""), ("那天", "7:00", "乙")], formulas=frozenset({(1, 3)}))

    sheet = sheets.read([cells], HOW)

    assert [(one.row, one.column, one.code) for one in sheet.faults] == [(1, 3, "formula"), (2, 0, "date")]


def test_a_sheet_may_be_one_day_named_by_its_title() -> None:
    by_name = read(("6:00", "甲"), head=("时间", "节目"), name="11月24日")
    by_title = sheets.read([Cells("Sheet1", [("2026年11月26日 节目单",), ("时间", "节目"), ("6:00", "甲")])], HOW)
    by_none = read(("6:00", "甲"), head=("时间", "节目"))

    assert [key[1] for key in by_name.days] == [date(2026, 11, 24)]
    assert [key[1] for key in by_title.days] == [date(2026, 11, 26)]
    assert [one.code for one in by_none.faults] == ["no_date"]


def test_a_week_with_a_column_for_each_day_and_cells_merged_over_columns() -> None:
    rows = [
        ("一周节目单",),
        ("时间", "周一", "周二", "周三"),
        ("6:00", "早安", "早安", "晨光"),
        ("6:30", "党课", "", "", ""),
        ("19:00", "新闻联播", "", ""),
        ("0:30", "夜间", "", ""),
    ]

    sheet = sheets.read([Cells("周表", rows, merged=[(4, 1, 4, 3), (0, 0, 0, 3)])], HOW)

    assert shown(sheet) == [
        ("23 06:00", "23 06:30", "早安"), ("23 06:30", "23 19:00", "党课"), ("23 19:00", "24 00:30", "新闻联播"),
        ("24 00:30", "24 06:00", "夜间"), ("24 06:00", "24 19:00", "早安"), ("24 19:00", "25 06:00", "新闻联播"),
        ("25 06:00", "25 19:00", "晨光"), ("25 19:00", "26 06:00", "新闻联播"),
    ]  # fmt: skip


def test_a_week_with_a_bad_time_is_not_taken_at_all() -> None:
    sheet = sheets.read([Cells("周表", [("时间", "周一", "周二"), ("6:00", "甲", "乙"), ("9:61", "丙", "丁")])], HOW)

    assert sheet.days == {}
    assert len(sheet.refused) == 2


def test_headings_of_a_sender_can_be_taught_and_unknown_ones_are_listed() -> None:
    how = How(WEDNESDAY, "今日南湖", columns={"片名": "title"})

    sheet = read(("11/23", "6:00", "甲", "x"), head=("日期", "时间", "片名", "磁带号"), how=how)
    other = read(("11/23", "6:00", "甲"), head=("甲", "乙", "丙"))

    assert (shown(sheet)[0][2], sheet.unknown) == ("甲", ("磁带号",))
    assert other.unread == ("排播表",)


def test_a_source_that_nobody_keeps_is_named_by_its_cell() -> None:
    head = ("日期", "时间", "节目名称", "信号源")
    rows = (("11/23", "6:00", "晚会", "市台"), ("", "7:00", "球赛", "省台"), ("11/24", "6:00", "早安", ""))

    sheet = read(*rows, head=head, how=evolve(HOW, relays=frozenset({"市台"})))

    assert [(one.row, one.column, one.code, one.message_zh) for one in sheet.faults] == [
        (2, 3, "relay", "没有信号源“省台”")
    ]
    assert [(day.day, [one.relay for one in items]) for (_, day), items in sheet.days.items()] == [(24, [""])]


CLOCKS = st.integers(6 * 60, 29 * 60)
WORDS = st.text("南湖新闻（1）A：", min_size=1, max_size=12)


@st.composite
def plans(draw: st.DrawFn) -> list[SheetItem]:
    out = []
    for channel in draw(st.lists(st.sampled_from(["今日南湖", "日照综合"]), min_size=1, unique=True)):
        for offset in draw(st.lists(st.integers(0, 6), min_size=1, max_size=3, unique=True)):
            day = WEDNESDAY + timedelta(days=offset)
            marks = sorted(draw(st.sets(CLOCKS, min_size=2, max_size=8)))
            for start, stop in pairwise(marks):
                out.append(
                    SheetItem(
                        channel,
                        day,
                        sheets.instant(day, start * 60),
                        sheets.instant(day, stop * 60),
                        draw(WORDS),
                        draw(st.sampled_from(["", "第1集"])),
                        draw(st.sampled_from(["", "新闻"])),
                        draw(st.sampled_from(["", "简介。"])),
                        draw(st.sampled_from(["", "first", "repeat", "live"])),
                        relay=draw(st.sampled_from(["", "市台"])),
                    )
                )
    return out


@given(plans())
def test_what_is_written_is_read_again(items: list[SheetItem]) -> None:
    how = evolve(HOW, relays=frozenset({"市台"}))
    sheet = sheets.read([Cells("节目单", [sheets.HEAD, *sheets.rows(items)])], how)

    assert sheet.faults == ()
    found = [one for day in sheet.days.values() for one in day]
    assert sheets.rows(found) == sheets.rows(items)


@given(
    st.lists(
        st.lists(st.text(max_size=12) | st.sampled_from(["时间", "节目", "周一", "周二", "25:00", "6:00"]), max_size=6),
        max_size=8,
    )
)
def test_no_sheet_breaks_the_reader(rows: list[list[str]]) -> None:
    sheet = sheets.read([Cells("x", rows, merged=[(0, 0, 3, 2)])], HOW)

    assert all(one.start < one.stop for items in sheet.days.values() for one in items)


def test_midnight_is_that_of_shanghai() -> None:
    assert sheets.instant(WEDNESDAY, 25 * 3600) == datetime(2026, 11, 26, 1, tzinfo=SHANGHAI)
