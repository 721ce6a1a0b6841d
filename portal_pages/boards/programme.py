"""One programme of the guide in full: what it is about, sheet by sheet, and what can be done with it now."""

from datetime import datetime, timedelta
from typing import Final

from portal_pages import layout, text
from portal_pages.boards.guide import guide_id, window_start
from portal_pages.boards.guide_cells import WINDOW, cell_id
from portal_pages.boards.programme_sheets import Sheet, sheets
from portal_pages.boards.search import found_by, search_id
from portal_pages.boards.today import minutes
from portal_pages.dates import clock, day
from portal_pages.facts import ProgrammePageFact, Viewer
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Submit, Target
from portal_pages.views import Panel, Part, Rich, Role, Run, Text

_X, _W, _END = 96, 1088, 550
_GAP: Final = 16
REMIND, FORGET = "remind", "forget"
"""What the forms `programme-<id>-remind` and `programme-<id>-forget` do."""


def programme_page(viewer: Viewer, fact: ProgrammePageFact, number: int = 1) -> Page:
    """Sheet `number` (from 1) of a programme; BACK leads to its cell in the guide, or to the search it was found by."""
    cut = _cut(viewer, fact)
    at = min(max(number, 1), len(cut))
    back, items = _back(viewer, fact), _buttons(viewer, fact, at, len(cut))
    enabled = [f.id for f in items if not f.disabled]
    return Page(
        id=programme_id(fact, at),
        parent=back.page,
        parent_focus=back.focus,
        title="节目单",
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in enabled else _first(enabled, at),
        parts=(
            *layout.header(viewer.mode, "节目单"),
            Panel(64, 104, 1152, 454),
            *(_words(viewer, fact, cut[0]) if at == 1 else _further(viewer, fact, cut[at - 1])),
        ),
        nav=neighbours(items),
        keys=_keys(fact, at, len(cut)),
        hints=_hints(fact, at, len(cut), len(enabled)),
    )


def programme_id(fact: ProgrammePageFact, number: int = 1) -> str:
    """`programme-12`, its second sheet `programme-12-2`, found by a search `programme-12-q6499`, from the reminders
    `programme-12-m`.
    """
    sheet = f"-{number}" if number > 1 else ""
    origin = found_by(fact.query, fact.found_on) if fact.query else "-m" if fact.listed else ""
    return f"programme-{fact.programme.id}{sheet}{origin}"


# --- what can be done ---------------------------------------------------------------------------------------------


def _buttons(viewer: Viewer, fact: ProgrammePageFact, at: int, of: int) -> tuple[Focusable, ...]:
    items: list[Focusable] = []
    x = 64
    for fid, words, target in (*_offers(viewer, fact), ("guide", _leaving(fact), _back(viewer, fact))):
        w = max(text.box(words, layout.scaled(viewer.mode, 32)) + 40, 160)
        items.append(layout.button(viewer.mode, fid, Rect(x, 572, w, 64), words, target, size=32))
        x += w + _GAP
    return (*items, *_turners(viewer, fact, at, of))


def _offers(viewer: Viewer, fact: ProgrammePageFact) -> tuple[tuple[str, str, Target], ...]:
    """Id, words and target of what fits the moment: watch it, be reminded of it, see it again."""
    programme = fact.programme
    again = Open(f"catchup-{programme.id}")
    if viewer.now < programme.start:
        verb, words = (FORGET, "取消提醒") if fact.reminded else (REMIND, "提醒我")
        return (("remind", words, Submit(f"programme-{programme.id}-{verb}", programme_id(fact))),)
    if viewer.now < programme.stop:
        watch = ("watch", "收看", Open(f"tv-{fact.channel.id}"))
        return (watch, ("again", "从头看", again)) if fact.kept else (watch,)
    return (("again", "回看", again),) if fact.kept else ()


def _turners(viewer: Viewer, fact: ProgrammePageFact, at: int, of: int) -> tuple[Focusable, ...]:
    """上一页 and 下一页 at the right, where there are several sheets."""
    if of == 1:
        return ()
    w = text.box("上一页", layout.scaled(viewer.mode, 32)) + 32
    prev, following = Rect(1216 - 2 * w - _GAP, 572, w, 64), Rect(1216 - w, 572, w, 64)
    return (
        layout.button(viewer.mode, "prev", prev, "上一页", _sheet(fact, at - 1, of), size=32, disabled=at == 1),
        layout.button(viewer.mode, "next", following, "下一页", _sheet(fact, at + 1, of), size=32, disabled=at == of),
    )


def _sheet(fact: ProgrammePageFact, at: int, of: int) -> Open:
    """Another sheet, with the focus on the button that goes on the same way, else back."""
    at = min(max(at, 1), of)
    return Open(programme_id(fact, at), "next" if at < of else "prev")


def _first(enabled: list[str], at: int) -> str:
    """What can be done with it; on further sheets the turning."""
    return next((fid for fid in ("next", "prev") if at > 1 and fid in enabled), enabled[0])


def _back(viewer: Viewer, fact: ProgrammePageFact) -> Open:
    """The search, else the window of the guide that shows it, of those two hours apart from the present one."""
    if fact.query:
        return Open(search_id(fact.query, fact.found_on), f"programme-{fact.programme.id}")
    if fact.listed:
        return Open("reminders")
    programme, here = fact.programme, window_start(viewer.now)
    start = here if _running(viewer, fact) else here + (programme.start - here) // WINDOW * WINDOW
    edge = start + WINDOW
    if programme.stop - edge > edge - programme.start:  # a sliver at a window's end may be part of its neighbour there
        start = edge
    page = "guide" if start == here and fact.page == 1 else guide_id(start, fact.page)
    return Open(page, cell_id(fact.channel.id, programme.start))


def _leaving(fact: ProgrammePageFact) -> str:
    return "回到搜索" if fact.query else "回到提醒" if fact.listed else "回到节目单"


def _keys(fact: ProgrammePageFact, at: int, of: int) -> dict[str, Target]:
    keys: dict[str, Target] = {}
    if at > 1:
        keys |= dict.fromkeys(("UP", "PAGE_UP"), _sheet(fact, at - 1, of))
    if at < of:
        keys |= dict.fromkeys(("DOWN", "PAGE_DOWN"), _sheet(fact, at + 1, of))
    return keys


def _hints(fact: ProgrammePageFact, at: int, of: int, items: int) -> tuple[Hint, ...]:
    turning = tuple(key for key, there in (("UP", at > 1), ("DOWN", at < of)) if there)
    return (
        *((Hint(("LEFT", "RIGHT"), "选择"),) if items > 1 else ()),
        Hint(("OK",), "确定"),
        *((Hint(turning, "翻页"),) if turning else ()),
        Hint(("BACK",), _leaving(fact)),
    )


# --- what is told of it -------------------------------------------------------------------------------------------


def _running(viewer: Viewer, fact: ProgrammePageFact) -> bool:
    return fact.programme.start <= viewer.now < fact.programme.stop


def _state(viewer: Viewer, fact: ProgrammePageFact) -> tuple[str, Role]:
    programme = fact.programme
    if viewer.now < programme.start:
        if fact.full:
            return "提醒太多了，先取消几个", "error"
        return ("到时候会提醒您", "accent") if fact.reminded else ("还没开始", "secondary")
    if viewer.now < programme.stop:
        return "正在播出", "live"
    return ("已经播完，可以回看", "secondary") if fact.kept else ("已经播完", "secondary")


def _sizes(viewer: Viewer) -> tuple[int, int, int]:
    """Type (px) of the title, of what stands below it, and of the synopsis."""
    big, small, body = (layout.scaled(viewer.mode, size) for size in (40, 30, 30))
    return big, small, body


def _title(viewer: Viewer, fact: ProgrammePageFact, most: int) -> tuple[str, ...]:
    return text.lines(fact.programme.title, _sizes(viewer)[0], _W, most)


def _cut(viewer: Viewer, fact: ProgrammePageFact) -> tuple[Sheet, ...]:
    """The synopsis by sheet: the first has the times above it, the others the title alone."""
    big, small, body = _sizes(viewer)
    first = 124 + len(_title(viewer, fact, 2)) * (big + 12) + 2 * (small + 20) + 12
    return sheets(fact.programme.synopsis, body, _W, (first, 124 + big + 24), _END)


def _words(viewer: Viewer, fact: ProgrammePageFact, sheet: Sheet) -> tuple[Part, ...]:
    big, small, _ = _sizes(viewer)
    parts: list[Part] = []
    y = 124
    for line in _title(viewer, fact, 2):
        parts.append(Text(_X, y, _W, big + 14, line, big, "primary", bold=True))
        y += big + 12
    parts.append(Rich(_X, y + 4, _W, small + 14, _channel_and_time(viewer, fact, small), small, role="secondary"))
    y += small + 20
    parts.append(Rich(_X, y + 4, _W, small + 14, _state_and_more(viewer, fact, small), small))
    return (*parts, *sheet.parts(_X, _W))


def _further(viewer: Viewer, fact: ProgrammePageFact, sheet: Sheet) -> tuple[Part, ...]:
    big = _sizes(viewer)[0]
    title = layout.label(_X, 124, _W, big + 14, fact.programme.title, big, tier="primary", bold=True)
    return (title, *sheet.parts(_X, _W))


def _state_and_more(viewer: Viewer, fact: ProgrammePageFact, size: int) -> tuple[Run, ...]:
    """Whether it is on, then its episode, rating and the like as far as the line has room."""
    words, role = _state(viewer, fact)
    runs = [Run(words, role, bold=role in {"live", "accent"})]
    room = _W - text.box(words, size)
    for more in fact.about:
        told = text.plain(more)
        room -= text.box(told, size) + 28
        if room < 0:
            break
        runs.append(Run(told, "secondary", gap=28))
    return tuple(runs)


def _channel_and_time(viewer: Viewer, fact: ProgrammePageFact, size: int) -> tuple[Run, ...]:
    """Number and name of the channel, day and time; how long it takes only where the type leaves room for it."""
    programme = fact.programme
    when = f"{_day(programme.start, viewer)} {clock(programme.start)} – {clock(programme.stop)}"
    length = minutes((programme.stop - programme.start) / timedelta(seconds=1)) if viewer.mode == "standard" else ""
    room = _W - text.box(when, size) - text.box(length, size) - 2 * 28
    channel = text.cut(f"{fact.channel.number} {fact.channel.name}", size, room)
    told = (Run(channel, "accent", bold=True), Run(when, gap=28))
    return (*told, Run(length, gap=28)) if length else told


def _day(start: datetime, viewer: Viewer) -> str:
    return day(start, viewer.now)
