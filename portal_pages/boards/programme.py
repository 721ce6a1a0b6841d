"""One programme of the guide in full, with the way to its channel."""

from datetime import datetime, timedelta

from portal_pages import layout, text
from portal_pages.boards.guide import guide_id, window_start
from portal_pages.boards.guide_cells import WINDOW, cell_id
from portal_pages.boards.today import minutes
from portal_pages.dates import clock, day
from portal_pages.facts import ProgrammePageFact, Viewer
from portal_pages.focus import neighbours
from portal_pages.states import Focusable, Hint, Open, Page, Rect
from portal_pages.views import Panel, Part, Rich, Role, Run, Text

_X, _W, _END = 96, 1088, 550


def programme_page(viewer: Viewer, fact: ProgrammePageFact) -> Page:
    """Title, channel, time and what it is about; BACK leads to its cell in the guide."""
    programme, back = fact.programme, _back(viewer, fact)
    watch = Rect(64, 572, 240 if viewer.mode == "standard" else 280, 64)
    leave = Rect(watch.x + watch.w + 24, 572, 320 if viewer.mode == "standard" else 380, 64)
    items: tuple[Focusable, ...] = (
        layout.button(viewer.mode, "watch", watch, "收看", Open(f"tv-{fact.channel.id}"), size=32),
        layout.button(viewer.mode, "guide", leave, "回到节目单", back, size=32),
    )
    return Page(
        id=f"programme-{programme.id}",
        parent=back.page,
        parent_focus=back.focus,
        title="节目单",
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in {f.id for f in items} else _first(viewer, fact),
        parts=(*layout.header(viewer.mode, "节目单"), Panel(64, 104, 1152, 454), *_words(viewer, fact)),
        nav=neighbours(items),
        hints=(Hint(("LEFT", "RIGHT"), "选择"), Hint(("OK",), "确定"), Hint(("BACK",), "回到节目单")),
    )


def _first(viewer: Viewer, fact: ProgrammePageFact) -> str:
    """收看 has the focus, unless the programme is over: then it would show something else."""
    return "watch" if viewer.now < fact.programme.stop else "guide"


def _back(viewer: Viewer, fact: ProgrammePageFact) -> Open:
    """The window of the guide that shows the programme, of those two hours apart from the present one."""
    programme, here = fact.programme, window_start(viewer.now)
    start = here if _running(viewer, fact) else here + (programme.start - here) // WINDOW * WINDOW
    page = "guide" if start == here and fact.page == 1 else guide_id(start, fact.page)
    return Open(page, cell_id(fact.channel.id, programme.start))


def _running(viewer: Viewer, fact: ProgrammePageFact) -> bool:
    return fact.programme.start <= viewer.now < fact.programme.stop


def _state(viewer: Viewer, start: datetime, stop: datetime) -> tuple[str, Role]:
    if viewer.now < start:
        return "还没开始，可以先看这个频道", "secondary"
    return ("正在播出", "live") if viewer.now < stop else ("已经播完，收看的是这个频道现在的节目", "secondary")


def _words(viewer: Viewer, fact: ProgrammePageFact) -> tuple[Part, ...]:
    programme = fact.programme
    big, small, body = (layout.scaled(viewer.mode, size) for size in (40, 30, 30))
    parts: list[Part] = []
    y = 124
    for line in text.lines(programme.title, big, _W, 2):
        parts.append(Text(_X, y, _W, big + 14, line, big, "primary", bold=True))
        y += big + 12
    parts.append(Rich(_X, y + 6, _W, small + 14, _channel_and_time(viewer, fact, small), small, role="secondary"))
    y += small + 26
    words, role = _state(viewer, programme.start, programme.stop)
    parts.append(layout.label(_X, y, _W, small + 14, words, small, role=role, bold=role == "live"))
    y += small + 26
    step = round(body * 1.4)
    for line in text.lines(programme.synopsis or "没有节目介绍", body, _W, (_END - y) // step):
        parts.append(Text(_X, y, _W, step, line, body))
        y += step
    return tuple(parts)


def _channel_and_time(viewer: Viewer, fact: ProgrammePageFact, size: int) -> tuple[Run, ...]:
    """Number and name of the channel, day and time; how long it takes only where the type leaves room for it."""
    programme = fact.programme
    when = f"{day(programme.start, viewer.now)} {clock(programme.start)} – {clock(programme.stop)}"
    length = minutes((programme.stop - programme.start) / timedelta(seconds=1)) if viewer.mode == "standard" else ""
    room = _W - text.box(when, size) - text.box(length, size) - 2 * 28
    channel = text.cut(f"{fact.channel.number} {fact.channel.name}", size, room)
    told = (Run(channel, "accent", bold=True), Run(when, gap=28))
    return (*told, Run(length, gap=28)) if length else told
