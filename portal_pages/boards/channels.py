"""The channels as a list: what is on and what comes next; OK watches."""

from typing import Final

from attrs import frozen

from portal_pages import layout, text_zh
from portal_pages.boards.board import page_words, pager, rows
from portal_pages.dates import clock
from portal_pages.facts import ChannelNow, ChannelsFact, Mode, Viewer
from portal_pages.focus import neighbours, wrap
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Target
from portal_pages.views import Panel, Part


@frozen
class _Grid:
    """Row height and gap, and where name, present and next programme begin and how wide they are (px)."""

    row_h: int
    gap: int
    name: tuple[int, int]
    now: tuple[int, int]
    next: tuple[int, int]


_GRIDS: Final[dict[Mode, _Grid]] = {
    "standard": _Grid(68, 8, (104, 236), (352, 416), (784, 348)),
    "large": _Grid(92, 12, (120, 270), (402, 376), (790, 344)),
}


_GRIDS_KEPT: Final[dict[Mode, _Grid]] = {
    "standard": _Grid(68, 8, (104, 236), (352, 330), (694, 276)),
    "large": _Grid(92, 12, (120, 270), (402, 538), (0, 0)),
}
"""Where some row has a button beside it; large type leaves no room for what comes next."""
_AGAIN_W: Final[dict[Mode, int]] = {"standard": 150, "large": 184}


def channels_page(viewer: Viewer, fact: ChannelsFact, number: int = 1) -> Page:
    """List page `number` (from 1); `fact.channels` are its rows, `rows` of board.py tells how many."""
    pages = max(-(-fact.total // rows(viewer, fact.total)), 1)
    at = min(max(number, 1), pages)
    beside = any(_kept(viewer, channel) for channel in fact.channels)
    listed = tuple(_row(viewer, channel, i, beside=beside) for i, channel in enumerate(fact.channels))
    starts = tuple(_again(viewer, channel, i) for i, channel in enumerate(fact.channels) if _kept(viewer, channel))
    turning = pager(viewer, 64, page_id(max(at - 1, 1)), page_id(min(at + 1, pages)), at, pages)
    items = (*listed, *starts, *turning) or (_leave(viewer),)
    enabled = [f.id for f in items if not f.disabled]
    return Page(
        id=page_id(at),
        parent="today",
        parent_focus="channels",
        title="频道",
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in enabled else enabled[0],
        parts=(*layout.header(viewer.mode, "频道"), *page_words(viewer, 64, at, pages), *_empty(viewer, fact)),
        nav=neighbours(items, wrap([f.id for f in listed]) if not turning else None),
        keys=_keys(at, pages),
        hints=_hints(at, pages, len(items)),
    )


def page_id(number: int) -> str:
    return "today-channels" if number == 1 else f"today-channels-{number}"


def _row(viewer: Viewer, each: ChannelNow, at: int, *, beside: bool) -> Focusable:
    grid, channel = (_GRIDS_KEPT if beside else _GRIDS)[viewer.mode], each.channel
    aside = _AGAIN_W[viewer.mode] + 8 if _kept(viewer, each) else 0
    rect = Rect(64, 104 + at * (grid.row_h + grid.gap), 1152 - aside, grid.row_h)
    big, middle, small = (layout.scaled(viewer.mode, size) for size in (32, 28, 27))
    current = each.current.title if each.current else text_zh.NO_GUIDE
    coming = f"{clock(each.following.start)} {each.following.title}" if each.following else ""
    (name_x, name_w), (now_x, now_w), (next_x, next_w) = grid.name, grid.now, grid.next
    parts: list[Part] = [
        layout.label(20, 0, name_x - 24, rect.h, str(channel.number), big, tier="primary", role="accent", bold=True),
        layout.label(name_x, 0, name_w, rect.h, channel.name, big, tier="primary", bold=True),
        layout.label(now_x, 0, now_w, rect.h, current, middle, role="text" if each.current else "secondary"),
    ]
    if coming and next_w:
        parts.append(layout.label(next_x, 0, next_w, rect.h, coming, small, tier="support", role="secondary"))
    return Focusable(f"ch{channel.id}", rect, Open(f"tv-{channel.id}"), channel.name, tuple(parts), look="row")


def _kept(viewer: Viewer, each: ChannelNow) -> bool:
    return viewer.video and each.kept and each.current is not None


def _again(viewer: Viewer, each: ChannelNow, at: int) -> Focusable:
    """Beside a row: what is on, from its start."""
    grid, w = _GRIDS[viewer.mode], _AGAIN_W[viewer.mode]
    rect = Rect(1216 - w, 104 + at * (grid.row_h + grid.gap), w, grid.row_h)
    target = Open(f"catchup-{each.current.id}") if each.current else None
    return layout.button(viewer.mode, f"again{each.channel.id}", rect, "从头看", target, size=32, bold=False)


def _leave(viewer: Viewer) -> Focusable:
    return layout.button(viewer.mode, "leave", Rect(64, 572, 320, 64), "回到今日南湖", Open("today"), size=32)


def _empty(viewer: Viewer, fact: ChannelsFact) -> tuple[Part, ...]:
    if fact.channels:
        return ()
    size = layout.scaled(viewer.mode, 36)
    return (Panel(64, 104, 1152, 454), layout.message(104, 290, 1072, "还没有频道", size))


def _keys(at: int, pages: int) -> dict[str, Target]:
    keys: dict[str, Target] = {"EPG": Open("guide"), "BLUE": Open("search")}
    if at > 1:
        keys["PAGE_UP"] = Open(page_id(at - 1))
    if at < pages:
        keys["PAGE_DOWN"] = Open(page_id(at + 1))
    return keys


def _hints(at: int, pages: int, items: int) -> tuple[Hint, ...]:
    turning = tuple(key for key, there in (("PAGE_UP", at > 1), ("PAGE_DOWN", at < pages)) if there)
    return (
        *((Hint(("UP", "DOWN"), "选频道", zone="main"),) if items > 1 else ()),
        Hint(("OK",), "确定"),
        *((Hint(turning, "换一页", cap="翻页"),) if turning else ()),
        Hint(("BLUE",), "找节目"),
        Hint(("BACK",), "今日南湖"),
    )
