"""Editors' sheets: rows of cells in, items by channel and broadcast day out, and what is wrong by cell (epg.md §6).

A plain list, one day per sheet, or a week with a column for each day. Nothing is guessed: a row that cannot be read
is reported with its cell, and its day is not taken.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from attrs import evolve, field, frozen

from epg import sheet_times as times
from epg.times import SHANGHAI

HEAD_WITHIN: Final = 20
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "channel": ("频道", "频道名称", "频道名", "channel"),
    "date": ("日期", "播出日期", "星期", "周几", "date"),
    "start": ("时间", "开始", "播出时间", "开始时间", "起始时间", "start"),
    "end": ("结束", "结束时间", "终止时间", "end", "stop"),
    "length": ("时长", "长度", "分钟", "duration"),
    "title": ("节目", "节目名称", "节目名", "标题", "名称", "内容", "title"),
    "sub_title": ("副标题", "集数", "分集", "sub-title"),
    "genre": ("类型", "类别", "栏目", "category"),
    "desc": ("简介", "内容简介", "节目简介", "desc"),
    "relay": ("信号源", "转播源", "转播信号", "relay"),
    "showing": ("首播/重播", "首播重播", "首重播", "播出方式"),
    "note": ("备注", "说明", "note"),
}
_NAMES: Final = {name: one for one, names in FIELDS.items() for name in names}
_BRACKETS: Final = re.compile(r"[(（\[【].*?[)）\]】]|\s")
_SHOWINGS: Final = {"首播": "first", "重播": "repeat", "直播": "live", "转播": "live"}


@frozen
class Cells:
    """A sheet as text; `merged` are (row, column, last row, last column), `formulas` places without text. From 0."""

    name: str
    rows: Sequence[Sequence[str]] = field(repr=False)
    merged: Sequence[tuple[int, int, int, int]] = ()
    formulas: frozenset[tuple[int, int]] = frozenset()


@frozen
class How:
    """How a sender's sheets are read: the channel when no column names it, the day near which dates are looked for.

    `day_start` in seconds is where the broadcast day begins; `columns` maps headings of this sender to fields; `relays`
    are the names of sources that an item can be relayed from.
    """

    near: date
    channel: str = ""
    day_start: int = 6 * 3600
    columns: Mapping[str, str] = field(factory=dict)
    relays: frozenset[str] = frozenset()


@frozen
class CellFault:
    """What is wrong with one cell; row and column from 0, `code` is stable, the words are for editors."""

    sheet: str
    row: int
    column: int
    code: str
    message_zh: str


@frozen
class SheetItem:
    """A programme as a sheet has it; `start` and `stop` are aware, `row` where it stands.

    `relay` is None where the sheet has no column of sources.
    """

    channel: str
    day: date
    start: datetime
    stop: datetime
    title: str
    sub_title: str = ""
    genre: str = ""
    desc: str = ""
    showing: str = ""
    note: str = ""
    sheet: str = ""
    row: int = 0
    relay: str | None = None


@frozen
class Sheet:
    """What the sheets of a file have: items by channel and broadcast day; days with a fault are left out.

    `unread` are sheets without a heading, `unknown` headings that mean nothing to us; the sender's `columns` may tell.
    """

    days: Mapping[tuple[str, date], tuple[SheetItem, ...]]
    faults: tuple[CellFault, ...] = ()
    refused: tuple[tuple[str, date], ...] = ()
    unread: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@frozen
class _Row:
    """A row of a list, its cells read one by one."""

    at: int
    channel: str
    day: date
    start: int
    end: int | None
    length: int | None
    text: Mapping[str, str]
    columns: Mapping[str, int]


def read(sheets: Sequence[Cells], how: How) -> Sheet:
    """Everything that the sheets of a file say."""
    parts = [_sheet(_unmerged(one), how) for one in sheets]
    days: dict[tuple[str, date], tuple[SheetItem, ...]] = {}
    for part in parts:
        for key, items in part.days.items():
            days[key] = (*days.get(key, ()), *items)
    refused = {key for part in parts for key in part.refused}
    return Sheet(
        {key: tuple(sorted(items, key=lambda one: one.start)) for key, items in days.items() if key not in refused},
        tuple(fault for part in parts for fault in part.faults),
        tuple(sorted(refused)),
        tuple(name for part in parts for name in part.unread),
        tuple(dict.fromkeys(name for part in parts for name in part.unknown)),
    )


def _sheet(cells: Cells, how: How) -> Sheet:
    for at, row in enumerate(cells.rows[:HEAD_WITHIN]):
        if _matrix_days(row, how):
            return _matrix(cells, at, how)
        columns = _columns(row, how)
        if {"start", "title"} <= set(columns):
            return _list(cells, at, columns, how)
    return Sheet({}, unread=(cells.name,), unknown=_maybe_heading(cells, how))


def _maybe_heading(cells: Cells, how: How) -> tuple[str, ...]:
    """What the first row with three cells calls its columns, as far as it means nothing to us."""
    row = next((one for one in cells.rows[:HEAD_WITHIN] if sum(map(bool, one)) >= 3), ())
    return tuple(dict.fromkeys(cell for cell in row if cell and not _field(cell, how)))


def _columns(row: Sequence[str], how: How) -> dict[str, int]:
    """Fields by column of a heading row; the first of two equal ones counts."""
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        name = _field(cell, how)
        if name:
            found.setdefault(name, at)
    return found


def _field(cell: str, how: How) -> str:
    heading = _BRACKETS.sub("", cell).strip(":：").casefold()
    return how.columns.get(cell) or _NAMES.get(heading, "")


def _unmerged(cells: Cells) -> Cells:
    """With the text of a merged cell in all of its columns; down the rows only the first has it."""
    wide = [one for one in cells.merged if one[3] > one[1] and one[0] < len(cells.rows)]
    if not wide:
        return cells
    rows = [list(row) for row in cells.rows]
    for top, left, _, right in wide:
        text = rows[top][left] if left < len(rows[top]) else ""
        rows[top] += [""] * (right + 1 - len(rows[top]))
        rows[top][left : right + 1] = [text] * (right + 1 - left)
    return evolve(cells, rows=rows)


# A plain list, or one day per sheet ---------------------------------------------------------------------------------


def _list(cells: Cells, head: int, columns: Mapping[str, int], how: How) -> Sheet:
    reading = _ListReading(cells, columns, how, _day_of_sheet(cells, head, how))
    for at in range(head + 1, len(cells.rows)):
        reading.row(at)
    known = {_field(cell, how) for cell in cells.rows[head]}
    unknown = tuple(cell for cell in cells.rows[head] if cell and not _field(cell, how)) if known else ()
    items = reading.items()
    days: dict[tuple[str, date], tuple[SheetItem, ...]] = {}
    for one in items:
        days[one.channel, one.day] = (*days.get((one.channel, one.day), ()), one)
    return Sheet(days, tuple(reading.faults), tuple(reading.refused), unknown=unknown)


def _day_of_sheet(cells: Cells, head: int, how: How) -> date | None:
    """The day that a sheet is named after, or that a row over its heading names."""
    texts = [cells.name, *(cell for row in cells.rows[:head] for cell in row)]
    return next((found for text in texts if text and (found := times.day(text, how.near))), None)


class _ListReading:
    """Goes down a list: an empty date means the one above, a time that goes back starts the next day, once."""

    def __init__(self, cells: Cells, columns: Mapping[str, int], how: How, day: date | None) -> None:
        self._cells = cells
        self._columns = columns
        self._how = how
        self._day = day
        self._channel = how.channel
        self._last = -1
        self._wrapped = False
        self._rows: list[_Row] = []
        self.faults: list[CellFault] = []
        self.refused: set[tuple[str, date]] = set()

    def row(self, at: int) -> None:
        """Read one row."""
        cells = self._cells.rows[at]
        if not any(cells):
            return
        text = {name: cells[column] if column < len(cells) else "" for name, column in self._columns.items()}
        if not self._place(at, text):
            return
        start = self._start(at, text.get("start", ""))
        title = text.get("title", "").strip()
        if not title:
            self._fault(at, "title", "title", "这一行没有节目名称")
        end = self._value(at, "end", text.get("end", ""), times.clock, "结束时间读不懂，请写成 8:30 这样")
        length = self._value(at, "length", text.get("length", ""), times.length, "时长读不懂，请写分钟数")
        relay = text.get("relay", "").strip()
        if relay and relay not in self._how.relays:
            self._fault(at, "relay", "relay", f"没有信号源“{relay[:20]}”")
        for column, name in ((self._columns[name], name) for name in self._columns):
            if (at, column) in self._cells.formulas:
                self._fault(at, name, "formula", "这里是公式，请改成数值")
        if start is not None and title and self._day is not None:
            self._rows.append(_Row(at, self._channel, self._day, start, end, length, text, self._columns))

    def _place(self, at: int, text: Mapping[str, str]) -> bool:
        """Take channel and date of a row, or those of the row above."""
        channel = text.get("channel", "").strip() or self._channel
        day: date | None = self._day
        if text.get("date", ""):
            day = times.day(text["date"], self._how.near)
            if day is None:
                self._fault(at, "date", "date", f"日期“{text['date'][:20]}”读不懂")
                return False
        if day is None:
            self._fault(at, "date" if "date" in self._columns else "start", "no_date", "不知道是哪一天，请写上日期")
            return False
        if (channel, day) != (self._channel, self._day):
            self._channel, self._day, self._last, self._wrapped = channel, day, -1, False
        return True

    def _start(self, at: int, text: str) -> int | None:
        found = times.clock(text) if text else None
        if found is None:
            self._fault(at, "start", "time", f"时间“{text[:20]}”不对" if text else "这一行没有时间")
            return None
        if self._wrapped and found < times.DAY_S:
            found += times.DAY_S
        if found < self._last:
            if self._wrapped or found >= self._how.day_start:
                self._fault(at, "start", "backwards", "时间比上一行早，请检查顺序")
                return None
            self._wrapped = True
            found += times.DAY_S
        self._last = found
        return found

    def _value(self, at: int, name: str, text: str, reading: Callable[[str], int | None], message: str) -> int | None:
        found = reading(text) if text else None
        if text and found is None:
            self._fault(at, name, name, message)
        return found

    def _fault(self, at: int, name: str, code: str, message: str) -> None:
        self.faults.append(CellFault(self._cells.name, at, self._columns.get(name, 0), code, message))
        if self._day is not None:
            self.refused.add((self._channel, self._day))

    def items(self) -> list[SheetItem]:
        """The rows as items: an end that is not told is the next start, for the last one the end of the day."""
        out = []
        for at, row in enumerate(self._rows):
            after = self._rows[at + 1] if at + 1 < len(self._rows) else None
            same = after is not None and (after.channel, after.day) == (row.channel, row.day)
            stop = self._stop(row, after.start if after is not None and same else times.DAY_S + self._how.day_start)
            if stop is not None:
                out.append(_item(self._cells.name, row, stop))
        return out

    def _stop(self, row: _Row, otherwise: int) -> int | None:
        by_length = row.start + row.length if row.length is not None else None
        end = row.end
        if end is not None and end <= row.start:
            end += times.DAY_S
        if end is not None and by_length is not None and end != by_length:
            self._fault(row.at, "end", "contradiction", "结束时间和时长对不上")
            return None
        stop = end if end is not None else by_length if by_length is not None else otherwise
        if not row.start < stop <= row.start + times.DAY_S:
            self._fault(row.at, "start", "empty", "这一档没有时长")
            return None
        return stop


def _item(sheet: str, row: _Row, stop: int) -> SheetItem:
    text = row.text
    showing = next(
        (mark for word, mark in _SHOWINGS.items() if word in text.get("showing", "") + text.get("note", "")), ""
    )
    return SheetItem(
        row.channel,
        row.day,
        instant(row.day, row.start),
        instant(row.day, stop),
        text["title"].strip(),
        text.get("sub_title", "").strip(),
        text.get("genre", "").strip(),
        text.get("desc", "").strip(),
        showing,
        text.get("note", "").strip(),
        sheet,
        row.at,
        text["relay"].strip() if "relay" in text else None,
    )


def instant(day: date, seconds: int) -> datetime:
    """The instant so many seconds after 00:00 of a day in Shanghai; 25:00 is one in the morning of the next."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(seconds=seconds)


# A week with a column for each day ----------------------------------------------------------------------------------


def _matrix_days(row: Sequence[str], how: How) -> dict[int, date]:
    """Days by column of a heading such as 时间, 周一, 周二 …; at least two."""
    found = {at: day for at, cell in enumerate(row) if at and cell and (day := times.day(cell, how.near))}
    return found if len(set(found.values())) > 1 else {}


def _matrix(cells: Cells, head: int, how: How) -> Sheet:
    days = _matrix_days(cells.rows[head], how)
    faults: list[CellFault] = []
    clocks: list[tuple[int, int]] = []
    last, wrapped = -1, False
    for at in range(head + 1, len(cells.rows)):
        row = cells.rows[at]
        if not any(row):
            continue
        found = times.clock(row[0]) if row[0] else None
        if found is not None and wrapped and found < times.DAY_S:
            found += times.DAY_S
        if found is not None and found < last and not wrapped and found < how.day_start:
            found, wrapped = found + times.DAY_S, True
        if found is None or found <= last:
            faults.append(CellFault(cells.name, at, 0, "time", f"时间“{row[0][:20]}”不对"))
            continue
        clocks.append((at, found))
        last = found
    keys = {column: (how.channel, day) for column, day in days.items()}
    if faults:
        return Sheet({}, tuple(faults), tuple(keys.values()))
    return Sheet({keys[column]: _column(cells, column, day, clocks, how) for column, day in days.items()})


def _column(cells: Cells, column: int, day: date, clocks: Sequence[tuple[int, int]], how: How) -> tuple[SheetItem, ...]:
    """The items of one day: a cell goes on until the next one that is filled."""

    def text(at: int) -> str:
        row = cells.rows[at]
        return row[column].strip() if column < len(row) else ""

    filled = [(at, start, text(at)) for at, start in clocks if text(at)]
    ends = [*(start for _, start, _ in filled), times.DAY_S + how.day_start][1:]
    return tuple(
        SheetItem(how.channel, day, instant(day, start), instant(day, end), title, sheet=cells.name, row=at)
        for (at, start, title), end in zip(filled, ends, strict=True)
        if end > start
    )


# Out ----------------------------------------------------------------------------------------------------------------

HEAD: Final = ("频道", "日期", "时间", "结束", "节目", "副标题", "类型", "首播/重播", "信号源", "简介", "备注")
_SHOWN: Final = {"first": "首播", "repeat": "重播", "live": "直播", "": ""}


def rows(items: Sequence[SheetItem]) -> list[tuple[str, ...]]:
    """The items as a list that is read again as it was; times after midnight are 24:30, 25:00 of their day."""
    return [
        (
            one.channel,
            one.day.isoformat(),
            _clock(one.start, one.day),
            _clock(one.stop, one.day),
            one.title,
            one.sub_title,
            one.genre,
            _SHOWN[one.showing],
            one.relay or "",
            one.desc,
            one.note,
        )
        for one in sorted(items, key=lambda one: (one.channel, one.day, one.start))
    ]


def _clock(at: datetime, day: date) -> str:
    seconds = int((at - instant(day, 0)).total_seconds())
    if seconds > times.LATEST_S:  # nobody writes 31:00; read again, a time that goes back is on the next day
        seconds -= times.DAY_S
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return f"{text}:{seconds % 60:02d}" if seconds % 60 else text
