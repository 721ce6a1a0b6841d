"""Home: the six boards beside the live window (the operator's start page), or alone as an app."""

from typing import Final

import attrs

from portal_pages import layout, text, text_zh
from portal_pages.admission import CODE
from portal_pages.facts import ChannelFact, HomeFact, Mode, Viewer
from portal_pages.focus import Overrides, Way, merged, neighbours, wrap
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Target, Timers
from portal_pages.tv import still_of, video_of
from portal_pages.views import Chip, Image, Panel, Part, Rich, Role, Run, Seal

WINDOW: Final = Rect(70, 104, 810, 456)
"""The visible video: 40.08 % of the screen."""
WINDOW_FRAME: Final = Rect(64, 98, 822, 468)
STRIP: Final = Rect(64, 572, 822, 62)
LABEL_W: Final = 175
LABEL_EDGE: Final = 54
"""Dot and margins of the label over the window; with 42 px of height it stays below 2 % of it."""
IDLE_S: Final = 20
_NAMED: Final = {key: (name, seal) for key, name, seal in text_zh.BOARDS}


def home(viewer: Viewer, fact: HomeFact) -> Page:
    """The six boards as the operator chose: `live` with the window first, `boards` as tiles."""
    if viewer.home == "live" and fact.channel:
        return _home_live(viewer, fact, fact.channel)
    return _home_boards(viewer, fact)


def _home(viewer: Viewer, fact: HomeFact, items: tuple[Focusable, ...], first: str, ways: Overrides) -> Page:
    """What both variants share."""
    ids = {f.id for f in items}
    return Page(
        id="home",
        parent="tv",
        title=text_zh.SITE,
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in ids else first,
        parts=layout.header(viewer.mode, text_zh.SITE),
        nav=neighbours(items, ways),
        keys=_keys(fact),
    )


def _keys(fact: HomeFact) -> dict[str, Target]:
    keys: dict[str, Target] = {f"D{i}": Open(key) for i, key in enumerate(fact.boards, start=1)}
    if fact.waiting and not fact.urgent_target:
        keys["GREEN"] = Open(CODE)
    if fact.urgent_target:
        keys["GREEN"] = Open(fact.urgent_target)
    return {**keys, "MENU": Open("settings")}


def _more_hints(fact: HomeFact) -> tuple[Hint, ...]:
    words = text_zh.GREEN_ROLLCALL if fact.urgent_target else text_zh.GREEN_CODE if fact.waiting else ""
    green = (Hint(("GREEN",), words),) if words else ()
    return (*green, Hint(("MENU",), text_zh.SETTINGS, cap="菜单"))


def _digits(fact: HomeFact) -> tuple[Hint, ...]:
    many = len(fact.boards)
    cap = f"1 – {many}" if many > 1 else "1"
    return (Hint(tuple(f"D{i}" for i in range(1, many + 1)), text_zh.HINT_DIRECT, cap=cap),) if many else ()


def _settings(mode: Mode) -> Focusable:
    """The way to the settings by arrows: UP into the header."""
    x, w = (724, 112) if mode == "standard" else (556, 128)
    size = layout.scaled(mode, 30)
    words = layout.label(8, 0, w - 16, 52, text_zh.SETTINGS, size, role="secondary", align="center")
    return Focusable("settings", Rect(x, 38, w, 52), Open("settings"), text_zh.SETTINGS, (words,), look="tab")


def _corner(viewer: Viewer, fact: HomeFact) -> tuple[Focusable, ...]:
    """What stands in the header: the settings, before them the way to the number of a box that waits."""
    settings = _settings(viewer.mode)
    if not fact.waiting:
        return (settings,)
    x, w, words = (556, 152, text_zh.NOT_ADMITTED) if viewer.mode == "standard" else (452, 96, text_zh.ADMISSION)
    size = 30 if viewer.mode == "standard" else 35
    told = layout.label(8, 0, w - 16, 52, words, size, role="accent", bold=True, align="center")
    return (Focusable(CODE, Rect(x, 38, w, 52), Open(CODE), text_zh.NOT_ADMITTED, (told,), look="tab"), settings)


# --- live first -----------------------------------------------------------------------------------------------


def _home_live(viewer: Viewer, fact: HomeFact, channel: ChannelFact) -> Page:
    chip = _badge(viewer, fact, STRIP.x + STRIP.w - 16, STRIP.y + 8)
    room = STRIP.w - 32 - sum(each.w + 16 for each in chip)
    window = Focusable(
        "window",
        WINDOW_FRAME,
        Open("tv"),
        text_zh.WATCH_TV,
        look="window",
        zone="window",
        caption=_window_words(viewer, fact, channel, room),
    )
    corner = tuple(attrs.evolve(each, caption=window.caption) for each in _corner(viewer, fact))
    items = (window, *(_board_row(viewer, fact, i, room) for i in range(len(fact.boards))), *corner)
    page = _home(viewer, fact, items, "window", _live_ways(fact))
    still = () if viewer.video else (Image(WINDOW.x, WINDOW.y, WINDOW.w, WINDOW.h, still_of(channel)),)
    return attrs.evolve(
        page,
        parts=(*page.parts, *still, *_caption(viewer, items, page.default_focus, room), *chip, _label(viewer, channel)),
        hints=_live_hints(fact),
        timers=Timers(idle=IDLE_S, idle_to=Open("tv")),
        video=video_of(WINDOW, channel) if viewer.video else None,
    )


def _live_ways(fact: HomeFact) -> Overrides:
    first = fact.last_board if fact.last_board in fact.boards else next(iter(fact.boards), None)
    return merged(
        {key: {"left": "window"} for key in fact.boards},
        {"window": {"right": first, "up": _upward(fact)}, "settings": {"down": "window"}},
        {CODE: {"down": "window", "right": "settings"}, "settings": {"left": CODE}} if fact.waiting else {},
        wrap(fact.boards),
    )


def _upward(fact: HomeFact) -> str:
    """Where UP leads from below the header."""
    return CODE if fact.waiting else "settings"


def _live_hints(fact: HomeFact) -> tuple[Hint, ...]:
    return (
        Hint(("UP", "DOWN"), text_zh.HINT_CHOOSE, "main"),
        Hint(("RIGHT",), text_zh.HINT_CHOOSE, "window"),
        Hint(("OK",), text_zh.HINT_ENTER, "main"),
        Hint(("OK",), text_zh.FULL_SCREEN, "window"),
        *_digits(fact),
        Hint(("LEFT", "BACK"), text_zh.WATCH_TV, "main"),
        Hint(("BACK",), text_zh.WATCH_TV, "window"),
        *_more_hints(fact),
    )


def _board_row(viewer: Viewer, fact: HomeFact, index: int, room: int) -> Focusable:
    key = fact.boards[index]
    name, seal = _NAMED[key]
    size = 38 if viewer.mode == "standard" else 42
    parts: tuple[Part, ...] = (
        Seal(16, 13, 54, seal, layout.BOARD_COLOURS[key]),
        layout.label(
            88 if size == 38 else 74, 0, 172 if size == 38 else 190, 80, name, size, tier="primary", bold=True
        ),
        layout.keycap(264, 20, index + 1, 40),
    )
    what, urgent = fact.lines.get(key, ("", ""))
    rect = Rect(894, 104 + 90 * index, 322, 80)
    words = _short(viewer, urgent or name, what, room)
    return Focusable(key, rect, Open(key), name, parts, look="row", caption=words)


def _short(viewer: Viewer, first: str, second: str, room: int) -> tuple[str, str]:
    """Both halves of a caption in `room` px: the first as whole as can be, the second whole or not at all."""
    size = layout.scaled(viewer.mode, 29)
    first = text.cut(first, size, room - 30)
    second = text.plain(second)
    return first, second if text.fits(second, size, room - 30 - text.box(first, size)) else ""


def _window_words(viewer: Viewer, fact: HomeFact, channel: ChannelFact, room: int) -> tuple[str, str]:
    if fact.urgent:
        return _short(viewer, fact.urgent, fact.urgent_hint, room)
    return _short(viewer, text_zh.ON_AIR + channel.name, text_zh.PRESS_OK_FULL, room)


def _caption(viewer: Viewer, items: tuple[Focusable, ...], default: str, room: int) -> tuple[Part, ...]:
    """The strip below the window: what the focused board holds, or the most urgent fact."""
    words = next(f.caption for f in items if f.id == default)
    runs = (Run(words[0], "accent", bold=True, name="cap0"), Run(words[1], name="cap1", gap=30))
    size = layout.scaled(viewer.mode, 29)
    return (Panel(STRIP.x, STRIP.y, STRIP.w, STRIP.h), Rich(STRIP.x + 20, STRIP.y, room, STRIP.h, runs, size))


def _badge(viewer: Viewer, fact: HomeFact, right: int, y: int) -> tuple[Chip, ...]:
    """A dismissed invitation that still waits, as a chip that ends at `right`."""
    if not fact.badge:
        return ()
    size = layout.scaled(viewer.mode, 28)
    words = text.cut(fact.badge, size, 300)
    w = text.box(words, size) + 20
    return (Chip(right - w, y, w, 46, words, "fresh", size),)


def _label(viewer: Viewer, channel: ChannelFact) -> Rich:
    """Gone after five seconds (the script hides what is named v_label); over a still it stays.

    At most 2 % of the window: a name that is too long for that gives way to 直播.
    """
    if not viewer.video:
        return Rich(84, 124, 254, 46, (Run(text_zh.PRESS_OK_TV, gap=17),), 31, "support", look="ch live")
    size = 26 if viewer.mode == "standard" else 31
    name = text.plain(channel.name)
    words = name if text.box(name, size) + LABEL_EDGE <= LABEL_W else text_zh.LIVE
    runs = (Run("", gap=10), Run(arrow="dot", role="live"), Run(words))
    return Rich(84, 124, text.box(words, size) + LABEL_EDGE, 42, runs, size, "support", name="v_label", look="ch live")


# --- as an app ------------------------------------------------------------------------------------------------


def _home_boards(viewer: Viewer, fact: HomeFact) -> Page:
    shown = fact.boards
    items = (*(_tile(viewer, fact, i) for i in range(len(shown))), *_corner(viewer, fact))
    ways: dict[str, dict[Way, str | None]] = {key: {"up": _upward(fact)} for key in shown[:3]}
    below = shown[min(1, len(shown) - 1)] if shown else None
    corner: dict[str, dict[Way, str | None]] = {"settings": {"down": below}}
    if fact.waiting:
        corner = {"settings": {"down": below, "left": CODE}, CODE: {"down": below, "right": "settings"}}
    page = _home(viewer, fact, items, items[0].id, merged(ways, corner))
    return attrs.evolve(
        page,
        hints=(
            Hint(("UP", "DOWN", "LEFT", "RIGHT"), text_zh.HINT_CHOOSE),
            Hint(("OK",), text_zh.HINT_ENTER),
            *_digits(fact),
            Hint(("BACK",), text_zh.WATCH_TV),
            *_more_hints(fact),
        ),
    )


def _tile(viewer: Viewer, fact: HomeFact, index: int) -> Focusable:
    key = fact.boards[index]
    name, seal = _NAMED[key]
    badge = _badge(viewer, fact, 340, 176) if key == "school" else ()
    called = key == "school" and _calls(fact)
    first, second = fact.lines.get(key, ("", ""))
    lines = (first,) if badge else (first, fact.urgent if called else second)
    rect = Rect(64 + 392 * (index % 3), 112 + 260 * (index // 3), 368, 236)
    title, small = (43, 28) if viewer.mode == "standard" else (46, 35)
    parts: tuple[Part, ...] = (
        Seal(28, 30, 88, seal, layout.BOARD_COLOURS[key]),
        layout.label(130, 30, 210, 92, name, title, tier="primary", bold=True),
        layout.keycap(317, 15, index + 1, 36),
        *(_line(line, i, small, urgent=called and i > 0) for i, line in enumerate(lines) if line),
        *badge,
    )
    return Focusable(key, rect, Open(key), name, parts)


def _calls(fact: HomeFact) -> bool:
    """Whether what is urgent is a roll-call: one that is open, or that will be."""
    return bool(fact.urgent) and (bool(fact.urgent_target) or not fact.waiting)


def _line(words: str, at: int, size: int, *, urgent: bool) -> Part:
    """Line `at` of a tile; what is urgent stands out."""
    role: Role = "accent" if urgent else "text"
    return layout.label(28, 136 + 39 * at, 322, 40, _whole(words, size), size, role=role, bold=urgent)


def _whole(line: str, size: int) -> str:
    """The line without the last of its words (set apart by wide blanks) that do not fit."""
    words = text.plain(line).split("　")
    while len(words) > 1 and not text.fits("　".join(words), size, 322):
        words.pop()
    return "　".join(words)
