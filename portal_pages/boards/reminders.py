"""我的提醒: what this box is still to be reminded of, the next first; each row opens its programme or is taken away."""

from typing import Final

from attrs import frozen

from portal_pages import layout
from portal_pages.boards.board import page_words, pager
from portal_pages.boards.guide import BELL
from portal_pages.dates import when
from portal_pages.facts import Mode, ReminderFact, RemindersFact, Viewer
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Submit, Target
from portal_pages.views import Panel, Part

FORM: Final = "reminders-off"
"""The form that takes a reminder away; its choice is the id of the row or of the button beside it."""
DROP: Final = "x"
"""What the id of that button begins with; the row's is the reminder's own."""
TITLE: Final = "我的提醒"


@frozen
class _Grid:
    """Rows of a page where a pager may stand below, their height and gap, and where channel and button begin (px)."""

    rows: int
    row_h: int
    gap: int
    channel: tuple[int, int]
    drop_w: int


_GRIDS: Final[dict[Mode, _Grid]] = {
    "standard": _Grid(6, 68, 8, (524, 190), 150),
    "large": _Grid(4, 92, 12, (600, 0), 190),
}


def rows(viewer: Viewer) -> int:
    """How many reminders stand on one list page."""
    return _GRIDS[viewer.mode].rows


def page_id(number: int) -> str:
    return "reminders" if number == 1 else f"reminders-{number}"


def reminders_page(viewer: Viewer, fact: RemindersFact, number: int = 1) -> Page:
    """List page `number` (from 1); `fact.reminders` are its rows, `rows` tells how many."""
    pages = max(-(-fact.total // rows(viewer)), 1)
    at = min(max(number, 1), pages)
    listed = tuple(item for i, one in enumerate(fact.reminders) for item in _row(viewer, one, i))
    turning = pager(viewer, 64, page_id(max(at - 1, 1)), page_id(min(at + 1, pages)), at, pages)
    items = (*listed, *turning) or (_leave(viewer),)
    enabled = [f.id for f in items if not f.disabled]
    return Page(
        id=page_id(at),
        parent="guide",
        parent_focus=BELL,
        title=TITLE,
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in enabled else enabled[0],
        parts=(*layout.header(viewer.mode, TITLE), *page_words(viewer, 64, at, pages), *_empty(viewer, fact)),
        nav=neighbours(items),
        keys=_keys(fact, at, pages),
        hints=_hints(fact, at, pages),
    )


def _row(viewer: Viewer, one: ReminderFact, at: int) -> tuple[Focusable, Focusable]:
    """What it is, on which channel and when; beside it the button that takes it away."""
    grid = _GRIDS[viewer.mode]
    y, w = 104 + at * (grid.row_h + grid.gap), 1152 - grid.drop_w - 8
    big, small = layout.scaled(viewer.mode, 32), layout.scaled(viewer.mode, 27)
    (x, channel_w), begins = grid.channel, when(one.start, viewer.now)
    time_x = x + channel_w + 12 if viewer.mode == "standard" else x
    parts = [
        layout.label(20, 0, x - 32, grid.row_h, one.title, big, tier="primary"),
        layout.label(
            time_x, 0, w - time_x - 20, grid.row_h, begins, small, tier="support", role="accent", align="right"
        ),
    ]
    if viewer.mode == "standard":
        parts.append(layout.label(x, 0, channel_w, grid.row_h, one.channel, small, tier="support", role="secondary"))
    drop = Rect(64 + w + 8, y, grid.drop_w, grid.row_h)
    return (
        Focusable(one.id, Rect(64, y, w, grid.row_h), Open(one.target), one.title, tuple(parts), look="row"),
        layout.button(viewer.mode, DROP + one.id, drop, "取消", Submit(FORM, one.id), size=32),
    )


def _leave(viewer: Viewer) -> Focusable:
    return layout.button(viewer.mode, "leave", Rect(64, 572, 320, 64), "回到节目单", Open("guide", BELL), size=32)


def _empty(viewer: Viewer, fact: RemindersFact) -> tuple[Part, ...]:
    if fact.reminders:
        return ()
    big, small = layout.scaled(viewer.mode, 36), layout.scaled(viewer.mode, 30)
    lines = ("在节目单里选一个还没开始的节目，按黄键", "或者按 OK 打开它，再选“提醒我”")
    return (
        Panel(64, 104, 1152, 454),
        layout.message(104, 230, 1072, "还没有提醒", big),
        *(
            layout.label(104, 310 + 62 * i, 1072, 60, words, small, role="secondary", align="center")
            for i, words in enumerate(lines)
        ),
    )


def _keys(fact: RemindersFact, at: int, pages: int) -> dict[str, Target]:
    keys: dict[str, Target] = {"YELLOW": Submit(FORM, carry=True)} if fact.reminders else {}
    if at > 1:
        keys["PAGE_UP"] = Open(page_id(at - 1))
    if at < pages:
        keys["PAGE_DOWN"] = Open(page_id(at + 1))
    return keys


def _hints(fact: RemindersFact, at: int, pages: int) -> tuple[Hint, ...]:
    turning = tuple(key for key, there in (("PAGE_UP", at > 1), ("PAGE_DOWN", at < pages)) if there)
    return (
        *((Hint(("UP", "DOWN", "LEFT", "RIGHT"), "选择"),) if fact.reminders else ()),
        Hint(("OK",), "确定"),
        *((Hint(("YELLOW",), "取消提醒"),) if fact.reminders else ()),
        *((Hint(turning, "换一页", cap="翻页"),) if turning else ()),
        Hint(("BACK",), "节目单"),
    )
