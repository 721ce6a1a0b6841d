"""The programme guide: two hours of several channels as a grid, days as tabs above, the focused programme below."""

from datetime import date, datetime, timedelta
from typing import Final

from attrs import frozen

from portal_pages import layout, text, text_zh
from portal_pages.boards import guide_cells
from portal_pages.boards.guide_cells import Cell, id_of, x_of
from portal_pages.dates import clock, local
from portal_pages.facts import GuideFact, GuideRow, Mode, Viewer
from portal_pages.focus import Overrides, Way, merged, neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Submit, Target
from portal_pages.views import Chip, Dot, Panel, Part, Rich, Role, Run, Text, Tier, Triangle

ROWS: Final[dict[Mode, int]] = {"standard": 6, "large": 4}
"""Channels of one guide page."""
TABS: Final[dict[Mode, int]] = {"standard": 9, "large": 5}
"""Days above the grid: from yesterday to a week from now, or with large type as many of them at a time."""
_ROOMY_TABS: Final = 6
"""So many tabs are wide."""
BELL: Final = "bell"
"""The tab that opens the list of reminders, and the verb of the form that YELLOW posts."""
_BELL: Final = Rect(256, 42, 72, 44)
MARKED: Final = "marked"
"""The field of that form with the cells whose reminders are set, so that a form sent twice does what it did."""
_MARK: Final = layout.KEY_COLOURS["GREEN"]
"""Of the sign of a reminder, seen on a cell with and without the focus; yellow would be lost on cream."""
_SIGN_FROM: Final = 300
"""A cell of this width (px) says that it has a reminder, a narrower one has a dot."""
_SAID: Final = {"past": "已经开播，不用提醒", "full": "提醒太多了，先取消几个"}
_REMINDED: Final = "已设提醒，到时候告诉您"
CELL_BYTES: Final = 3400
"""What all cells of a page may take, so that it stays within the 12 KB of an old box: short programmes share cells,
and synopses are as long as room is left."""
_DOT: Final = 16
_MARK_W: Final = 28
"""Width (px) of the triangle at the present moment; the time that it would cover stands beside it."""
NARROW: Final = 70
"""A cell below this width (px) shows two characters."""
_DAYS: Final = {-1: "昨天", 0: "今天", 1: "明天"}
_WEEK: Final = "一二三四五六日"
_STRIP: Final = Rect(64, 566, 1152, 74)
_STRIP_GAP: Final = 30


@frozen
class _Grid:
    """Row height and pitch (px) and the type sizes of one mode."""

    row_h: int
    title: int
    small: int
    number: int
    name: int

    def y(self, row: int) -> int:
        return 144 + (self.row_h + 4) * row


_GRIDS: Final[dict[Mode, _Grid]] = {"standard": _Grid(66, 28, 25, 30, 32), "large": _Grid(100, 35, 31, 35, 40)}


def window_start(now: datetime) -> datetime:
    """The half hour that `now` lies in: where the guide opens."""
    there = local(now)
    return there.replace(minute=there.minute // 30 * 30, second=0, microsecond=0)


def guide_id(start: datetime, page: int = 1) -> str:
    """`guide-20251122-1900-1`: window and row page, in the town's time."""
    return f"guide-{local(start):%Y%m%d-%H%M}-{page}"


def guide_page(viewer: Viewer, fact: GuideFact) -> Page:
    """The grid for `fact.start` and two hours on."""
    grid = _GRIDS[viewer.mode]
    least = text.box("一", grid.small) + 8
    whole = tuple(guide_cells.cells(row, fact.start, least) for row in fact.rows[: ROWS[viewer.mode]])
    rows = guide_cells.thinned(whole, fact.start, CELL_BYTES)
    about = _about_length(fact, rows)
    items = tuple(tuple(_cell(viewer, fact, cell, i, about) for cell in row) for i, row in enumerate(rows))
    tabs = _with_bell(viewer, _tabs(viewer, fact))
    every = (*(cell for row in items for cell in row), *tabs)
    default = _default(viewer, fact, rows, every)
    return Page(
        id="guide" if fact.current else guide_id(fact.start, fact.page),
        parent="today",
        parent_focus="guide",
        title="节目单",
        mode=viewer.mode,
        focusables=every,
        default_focus=default,
        parts=(
            *layout.header(viewer.mode, "节目单", layout.clock_only(viewer.mode)),
            *_ruler(viewer, fact, grid.y(len(rows)) - 4),
            *_channels(grid, fact.rows[: len(rows)]),
            *_own_day(viewer, fact),
            *_strip(viewer, every, default, fact.said),
        ),
        nav=neighbours(every, _ways(viewer, fact, rows, tabs)),
        keys=_keys(viewer, fact) | _remind_key(viewer, fact, rows),
        form=_marked(viewer, rows),
        hints=_hints(viewer, fact, rows),
    )


def _default(viewer: Viewer, fact: GuideFact, rows: tuple[tuple[Cell, ...], ...], items: tuple[Focusable, ...]) -> str:
    """What was asked for or lies nearest to it, else what the first channel shows now or first, else the day."""
    asked = viewer.focus or ""
    if asked in {f.id for f in items}:
        return asked
    near = guide_cells.nearest(asked, rows)
    if near:
        return id_of(near)
    return _entry(viewer, rows) or _tab_id(local(fact.start).date())


def _entry(viewer: Viewer, rows: tuple[tuple[Cell, ...], ...]) -> str:
    """The cell of the first channel that the focus comes to from the tabs."""
    first = rows[0] if rows else ()
    return next((id_of(cell) for cell in first if cell.running(viewer.now)), id_of(first[0]) if first else "")


# --- the grid -------------------------------------------------------------------------------------------------


def _about_length(fact: GuideFact, rows: tuple[tuple[Cell, ...], ...]) -> int:
    """Characters of synopsis that each cell may bring along."""
    every = [cell for row in rows for cell in row]
    spare = CELL_BYTES - sum(guide_cells.weight(cell, fact.start) for cell in every)
    return max(spare, 0) // (3 * max(sum(bool(_about(cell)) for cell in every), 1))


def _about(cell: Cell) -> str:
    return cell.main.synopsis if cell.main and len(cell.programmes) == 1 else ""


def _cell(viewer: Viewer, fact: GuideFact, cell: Cell, row: int, about: int) -> Focusable:
    grid = _GRIDS[viewer.mode]
    rect = Rect(x_of(cell.start, fact.start), grid.y(row), guide_cells.width(cell, fact.start), grid.row_h)
    parts: list[Part] = [_title(grid, cell, rect)]
    if cell.running(viewer.now):
        parts.append(Panel(2, rect.h - 4, rect.w - 4, 4, "now"))
    if cell.reminded:
        parts.append(_sign(grid, rect))
    main = cell.main
    ok = Open(f"programme-{main.id}") if main else Open(f"tv-{cell.channel}")
    words = (main.title if main else text_zh.NO_GUIDE) + (
        f"等 {len(cell.programmes)} 个节目" if len(cell.programmes) > 1 else ""
    )
    return Focusable(id_of(cell), rect, ok, words, tuple(parts), look="cell", caption=_told(viewer, cell, words, about))


def _sign(grid: _Grid, rect: Rect) -> Part:
    """That a reminder is set: in words where there is room, else a dot."""
    if rect.w < _SIGN_FROM:
        return Dot(rect.w - _DOT - 10, 8, _DOT, _MARK)
    w = text.box("提醒", grid.small) + 8
    return Chip(rect.w - w - 16, (rect.h - grid.small - 12) // 2, w, grid.small + 12, "提醒", "done", grid.small)


def _sign_room(grid: _Grid, rect: Rect) -> int:
    return _DOT if rect.w < _SIGN_FROM else text.box("提醒", grid.small) + 24


def _title(grid: _Grid, cell: Cell, rect: Rect) -> Text:
    """The title cut to its cell; two characters where it is narrow."""
    words = cell.main.title if cell.main else text_zh.NO_GUIDE
    w = rect.w - 16 - (_sign_room(grid, rect) if cell.reminded else 0)
    if rect.w < NARROW + 4:
        two = text.plain(words)[:2]
        fit = two if text.fits(two, grid.small, rect.w - 8) else two[:1]
        return Text(4, 0, rect.w - 8, rect.h, fit, grid.small, "support", align="center")
    role: Role = "text" if cell.main else "secondary"
    return layout.label(12, 0, w, rect.h, words, grid.title, role=role)


def _channels(grid: _Grid, rows: tuple[GuideRow, ...]) -> tuple[Part, ...]:
    """Numbers and names left of the grid."""
    if not rows:
        words, size = "还没有频道的节目单", grid.name + 4
        return (Panel(64, 144, 1152, 416), layout.message(104, 320, 1072, words, size))
    w = max(text.box(str(row.channel.number), grid.number) for row in rows)
    names = (part for i, row in enumerate(rows) for part in _channel(grid, row, grid.y(i), w))
    return (Panel(64, 144, 216, grid.y(len(rows)) - 148), *names)


def _channel(grid: _Grid, row: GuideRow, y: int, w: int) -> tuple[Part, ...]:
    """Number (`w` px wide) and name side by side, in high rows one above the other."""
    words, stacked = row.channel.name, grid.row_h > 90
    x = 76 if stacked or w > 39 else 84
    number = Rect(x, y, w, grid.row_h // 2 - 6 if stacked else grid.row_h)
    left = x if stacked else x + max(w + 4, 39)
    name = Rect(left, y + grid.row_h // 2 - 12 if stacked else y, 286 - left, 56 if stacked else grid.row_h)
    whole = text.fits(words, grid.name, name.w)
    size: tuple[int, Tier] = (grid.name, "primary") if whole else (grid.title, "secondary")
    return (
        Text(number.x, number.y, number.w, number.h, str(row.channel.number), grid.number, role="accent", bold=True),
        layout.label(name.x, name.y, name.w, name.h, words, size[0], tier=size[1], bold=True),
    )


def _ruler(viewer: Viewer, fact: GuideFact, bottom: int) -> tuple[Part, ...]:
    """Half hours above the grid and, down to `bottom`, the line of the present moment, which lies behind the cells."""
    size = layout.scaled(viewer.mode, 26)
    shown = fact.start <= viewer.now < fact.start + guide_cells.WINDOW
    now = x_of(viewer.now, fact.start) if shown else -_MARK_W
    parts: list[Part] = []
    for half in range(4):
        moment = fact.start + timedelta(minutes=30 * half)
        x = x_of(moment, fact.start)
        covered = x + 8 - _MARK_W // 2 < now < x + 8 + text.box(clock(moment), size) + _MARK_W // 2
        parts.append(Panel(x, 108, 2, 30, "line"))
        place = now + _MARK_W // 2 + 4 if covered else x + 8
        parts.append(Text(place, 104, 120, 40, clock(moment), size, "support", "secondary"))
    if shown:
        parts.append(Panel(now - 1, 138, 3, bottom - 138, "now"))
        parts.append(Triangle(now - _MARK_W // 2, 114, _MARK_W, "down", "live"))
    return tuple(parts)


# --- the strip ------------------------------------------------------------------------------------------------


def _told(viewer: Viewer, cell: Cell, words: str, most: int) -> tuple[str, ...]:
    """When, what and what about (at most so many characters), together no wider than the strip."""
    size, room = _GRIDS[viewer.mode].title, _STRIP.w - 40
    main = cell.main
    first, last = (cell.programmes[0].start, cell.programmes[-1].stop) if main else (cell.start, cell.stop)
    when = f"{clock(first)} – {clock(last)}"
    room -= text.box(when, size) + 2 * _STRIP_GAP
    title = text.cut(words, size, room - (text.box(_REMINDED, size) if cell.reminded else 0))
    if cell.reminded:
        return (when, title, _REMINDED)
    room = min(room - text.box(title, size), int(most * size * text.SLACK))
    return (when, title, text.cut(_about(cell), size, room) if room > 4 * size else "")


def _strip(viewer: Viewer, items: tuple[Focusable, ...], default: str, said: str) -> tuple[Part, ...]:
    size = _GRIDS[viewer.mode].title
    words = next(f.caption for f in items if f.id == default)
    told = _SAID.get(said, words[2])
    title = text.cut(words[1], size, _STRIP.w - 40 - text.box(words[0] + told, size) - 2 * _STRIP_GAP)
    runs = (
        Run(words[0], "accent", bold=True, name="cap0"),
        Run(title if said else words[1], "text", bold=True, name="cap1", gap=_STRIP_GAP),
        Run(told, "error" if said else "secondary", name="cap2", gap=_STRIP_GAP),
    )
    return (
        Panel(_STRIP.x, _STRIP.y, _STRIP.w, _STRIP.h),
        Rich(_STRIP.x + 20, _STRIP.y, _STRIP.w - 36, _STRIP.h, runs, size),
    )


# --- days and moves -------------------------------------------------------------------------------------------


def _shown_days(viewer: Viewer, fact: GuideFact) -> tuple[date, ...]:
    """So many days as there are tabs, the one shown among them, and the day before it first where there is room."""
    most = TABS[viewer.mode]
    own = local(fact.start).date()
    days = fact.days if own in fact.days else tuple(sorted({*fact.days, own}))
    first = max(min(days.index(own) - 1, len(days) - most), 0)
    return days[first : first + most]


def _day_words(day: date, viewer: Viewer) -> str:
    apart = (day - local(viewer.now).date()).days
    return _DAYS.get(apart, f"周{_WEEK[day.weekday()]}" if 0 < apart < 7 else f"{day.day}日")


def _tab(place: int, of: int) -> Rect:
    """The place of one of so many tabs; the clock stands behind them."""
    pitch, w = (118, 110) if of <= _ROOMY_TABS else (83, 77)
    return Rect(330 + pitch * place, 42, w, 44)


def _own_day(viewer: Viewer, fact: GuideFact) -> tuple[Part, ...]:
    """Gold behind the tab of the day that is shown, a panel behind the reminders, so that they are no part of the
    title; the focus covers both.
    """
    days = _shown_days(viewer, fact)
    rect = _tab(days.index(local(fact.start).date()), _places(viewer, len(days)))
    bell = (Panel(_BELL.x, _BELL.y, _BELL.w, _BELL.h, "card"),) if viewer.mode == "standard" else ()
    return (*bell, Panel(rect.x, rect.y, rect.w, rect.h, "gold"))


def _tab_id(day: date) -> str:
    return f"d{day:%m%d}"


def _tabs(viewer: Viewer, fact: GuideFact) -> tuple[Focusable, ...]:
    size, own = _GRIDS[viewer.mode].title, local(fact.start).date()
    items = []
    days = _shown_days(viewer, fact)
    for i, day in enumerate(days):
        words, rect = _day_words(day, viewer), _tab(i, _places(viewer, len(days)))
        part = layout.label(
            4,
            0,
            rect.w - 8,
            44,
            words,
            size,
            role="dark" if day == own else "secondary",
            bold=day == own,
            align="center",
        )
        there = guide_id(fact.start + timedelta(days=(day - own).days), fact.page)
        items.append(
            Focusable(
                _tab_id(day),
                rect,
                Open(there),
                words,
                (part,),
                look="tab",
                caption=(f"{day.month} 月 {day.day} 日", "节目单", ""),
            )
        )
    return tuple(items)


def _places(viewer: Viewer, days: int) -> int:
    """How many tabs stand in the row of the days."""
    return days if viewer.mode == "standard" else days + 1


def _with_bell(viewer: Viewer, days: tuple[Focusable, ...]) -> tuple[Focusable, ...]:
    """The days with what opens the list of reminders: before them, or where large type leaves no room, behind."""
    before, size = viewer.mode == "standard", _GRIDS[viewer.mode].title
    rect = _BELL if before else _tab(len(days), len(days) + 1)
    part = layout.label(4, 0, rect.w - 8, 44, "提醒", size, role="accent", align="center")
    told = ("", "我的提醒", "")
    bell = Focusable(BELL, rect, Open("reminders"), "我的提醒", (part,), look="tab", caption=told)
    return (bell, *days) if before else (*days, bell)


def _ahead(viewer: Viewer, rows: tuple[tuple[Cell, ...], ...]) -> tuple[Cell, ...]:
    """The cells whose programme is still to come."""
    return tuple(cell for row in rows for cell in row if cell.main and cell.main.start > viewer.now)


def _remind_key(viewer: Viewer, fact: GuideFact, rows: tuple[tuple[Cell, ...], ...]) -> dict[str, Target]:
    """YELLOW sets or takes away the reminder of the cell in focus; the page of the programme does it too."""
    form = f"{guide_id(fact.start, fact.page)}-{BELL}"
    return {"YELLOW": Submit(form, carry=True)} if _ahead(viewer, rows) else {}


def _marked(viewer: Viewer, rows: tuple[tuple[Cell, ...], ...]) -> dict[str, str]:
    ahead = _ahead(viewer, rows)
    return {MARKED: " ".join(id_of(cell) for cell in ahead if cell.main and cell.main.reminded)} if ahead else {}


def _ways(
    viewer: Viewer, fact: GuideFact, rows: tuple[tuple[Cell, ...], ...], tabs: tuple[Focusable, ...]
) -> Overrides:
    """Between the first row and the tabs; at their ends the tabs lead round, so that only cells reach the edges."""
    own, entry = _tab_id(local(fact.start).date()), _entry(viewer, rows)
    up: dict[str, dict[Way, str | None]] = {id_of(cell): {"up": own} for cell in (rows[0] if rows else ())}
    down: dict[str, dict[Way, str | None]] = {tab.id: {"down": entry} for tab in tabs} if entry else {}
    ends: dict[str, dict[Way, str | None]] = {tabs[0].id: {"left": tabs[-1].id}, tabs[-1].id: {"right": tabs[0].id}}
    return merged(up, down, ends if len(tabs) > 1 else {})


def _keys(viewer: Viewer, fact: GuideFact) -> dict[str, Target]:
    """Beyond the edges: two hours earlier and later, other channels; and the day before and after."""
    keys: dict[str, Target] = {}
    own = local(fact.start).date()
    for key, minutes in (("LEFT", -120), ("RIGHT", 120)):
        there = fact.start + timedelta(minutes=minutes)
        if {local(there).date(), local(there + timedelta(minutes=119)).date()} & set(fact.days):
            keys[key] = Open(guide_id(there, fact.page), carry=True)
    for key, step in (("UP", -1), ("DOWN", 1)):
        if 1 <= fact.page + step <= fact.pages:
            keys[key] = Open(guide_id(fact.start, fact.page + step), carry=True)
    for key, days in (("RED", -1), ("GREEN", 1)):
        if own + timedelta(days=days) in _shown_days(viewer, fact):
            keys[key] = Open(guide_id(fact.start + timedelta(days=days), fact.page), carry=True)
    return keys | {"BLUE": Open("search")}


def _hints(viewer: Viewer, fact: GuideFact, rows: tuple[tuple[Cell, ...], ...]) -> tuple[Hint, ...]:
    """The arrows give way where all four colours have a meaning: six entries are the most."""
    keys = _keys(viewer, fact) | _remind_key(viewer, fact, rows)
    words = (("RED", "前一天"), ("GREEN", "后一天"), ("YELLOW", "提醒"), ("BLUE", "找节目"))
    colours = tuple(Hint((key,), told) for key, told in words if key in keys)
    arrows = () if len(colours) == len(words) else (Hint(("UP", "DOWN", "LEFT", "RIGHT"), "选节目"),)
    return (*arrows, Hint(("OK",), "打开"), *colours, Hint(("BACK",), "今日南湖"))
