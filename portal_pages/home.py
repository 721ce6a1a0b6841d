"""Home: the six boards beside the live window (the operator's start page), or alone as an app; and full-screen TV."""

from typing import Final

from portal_pages import layout, text, text_zh
from portal_pages.facts import ChannelFact, HomeFact, Viewer
from portal_pages.focus import Overrides, merged, neighbours, wrap
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Target, Timers, Video
from portal_pages.views import Panel, Part, Rich, Run, Seal

WINDOW: Final = Rect(70, 104, 810, 456)
"""The visible video: 40.08 % of the screen."""
WINDOW_FRAME: Final = Rect(64, 98, 822, 468)
IDLE_S: Final = 20
BOARD_KEYS: Final = tuple(key for key, _, _ in text_zh.BOARDS)


def home(viewer: Viewer, fact: HomeFact) -> Page:
    """The six boards as the operator chose: `live` with the window first, `boards` as tiles."""
    return _home_live(viewer, fact) if viewer.home == "live" and fact.channel else _home_boards(viewer, fact)


def _keys(fact: HomeFact) -> dict[str, Target]:
    keys: dict[str, Target] = {f"D{i}": Open(key) for i, key in enumerate(BOARD_KEYS, start=1)}
    if fact.urgent_target:
        keys["GREEN"] = Open(fact.urgent_target)
    return keys


def _green(fact: HomeFact) -> tuple[Hint, ...]:
    return (Hint(("GREEN",), text_zh.GREEN_ROLLCALL),) if fact.urgent_target else ()


def _digits() -> Hint:
    return Hint(tuple(f"D{i}" for i in range(1, 7)), text_zh.HINT_DIRECT, cap="1 – 6")


# --- live first -----------------------------------------------------------------------------------------------


def _home_live(viewer: Viewer, fact: HomeFact) -> Page:
    window = Focusable("window", WINDOW_FRAME, Open("tv"), text_zh.WATCH_TV, look="window", caption=_window_words(fact))
    rows = tuple(_board_row(viewer, fact, i) for i in range(6))
    items = (
        window,
        *rows,
    )
    ids = {f.id for f in items}
    default = viewer.focus if viewer.focus in ids else "window"
    channel = fact.channel
    assert channel is not None  # noqa: S101 -- home() sees to it
    return Page(
        id="home",
        parent="tv",
        title=text_zh.SITE,
        focusables=items,
        default_focus=default,
        parts=(*layout.header(viewer.mode, text_zh.SITE), *_caption(items, default), *_live_label(channel)),
        nav=neighbours(items, _live_ways(fact)),
        keys=_keys(fact),
        hints=(
            Hint(("UP", "DOWN"), text_zh.HINT_CHOOSE),
            Hint(("OK",), text_zh.HINT_ENTER),
            _digits(),
            Hint(("BACK",), text_zh.WATCH_TV),
            *_green(fact),
        ),
        timers=Timers(idle=IDLE_S, idle_to=Open("tv")),
        video=Video(WINDOW, channel=channel.id, url=channel.url, poster=channel.still),
    )


def _live_ways(fact: HomeFact) -> Overrides:
    first = fact.last_board if fact.last_board in BOARD_KEYS else BOARD_KEYS[0]
    return merged({key: {"left": "window"} for key in BOARD_KEYS}, {"window": {"right": first}}, wrap(BOARD_KEYS))


def _board_row(viewer: Viewer, fact: HomeFact, index: int) -> Focusable:
    key, name, seal = text_zh.BOARDS[index]
    size = layout.scaled(viewer.mode, 38) if viewer.mode == "standard" else 42
    parts: tuple[Part, ...] = (
        Seal(16, 13, 54, seal, layout.BOARD_COLOURS[key]),
        layout.label(88, 0, 172 if size == 38 else 190, 80, name, size, tier="primary", bold=True),
        layout.keycap(264, 20, index + 1, 40),
    )
    lines = fact.lines.get(key, ("", ""))
    rect = Rect(894, 104 + 90 * index, 322, 80)
    return Focusable(
        key, rect, Open(key), name, parts, look="row", caption=(_short(lines[1] or name, 32, 420), lines[0])
    )


def _short(words: str, size: int, w: int) -> str:
    return text.cut(words, size, w)


def _window_words(fact: HomeFact) -> tuple[str, str]:
    if fact.urgent:
        return (_short(fact.urgent, 32, 420), _short(fact.urgent_hint, 30, 330))
    name = fact.channel.name if fact.channel else ""
    return (_short(text_zh.ON_AIR + name, 32, 420), text_zh.PRESS_OK_FULL)


def _caption(items: tuple[Focusable, ...], default: str) -> tuple[Part, ...]:
    """The strip below the window: what the focused board holds, or the most urgent fact."""
    words = next(f.caption for f in items if f.id == default)
    runs = (Run(words[0], "accent", bold=True, name="cap0"), Run(words[1], name="cap1", gap=30))
    return (Panel(64, 572, 822, 62), Rich(84, 572, 790, 62, runs, 29))


def _live_label(channel: ChannelFact) -> tuple[Part, ...]:
    """Gone after five seconds (the script hides what is named v_label)."""
    words = f"{text_zh.LIVE}　{text.cut(channel.name, 27, 200)}"
    runs = (Run("", gap=17), Run(arrow="dot", role="live"), Run(words))
    return (Rich(84, 124, 66 + text.box(words, 27), 46, runs, 27, name="v_label", look="ch live"),)


# --- as an app ------------------------------------------------------------------------------------------------


def _home_boards(viewer: Viewer, fact: HomeFact) -> Page:
    items = tuple(_tile(viewer, fact, i) for i in range(6))
    return Page(
        id="home",
        parent="tv",
        title=text_zh.SITE,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in BOARD_KEYS else BOARD_KEYS[0],
        parts=layout.header(viewer.mode, text_zh.SITE),
        nav=neighbours(items),
        keys=_keys(fact),
        hints=(
            Hint(("UP", "DOWN", "LEFT", "RIGHT"), text_zh.HINT_CHOOSE),
            Hint(("OK",), text_zh.HINT_ENTER),
            _digits(),
            Hint(("BACK",), text_zh.WATCH_TV),
            *_green(fact),
        ),
    )


def _tile(viewer: Viewer, fact: HomeFact, index: int) -> Focusable:
    key, name, seal = text_zh.BOARDS[index]
    lines = fact.lines.get(key, ("", ""))
    rect = Rect(64 + 392 * (index % 3), 112 + 260 * (index // 3), 368, 236)
    title, small = (43, 28) if viewer.mode == "standard" else (46, 35)
    parts: tuple[Part, ...] = (
        Seal(28, 30, 88, seal, layout.BOARD_COLOURS[key]),
        layout.label(130, 30, 210, 92, name, title, tier="primary", bold=True),
        layout.keycap(317, 15, index + 1, 36),
        *(layout.label(28, 136 + 39 * i, 322, 40, line, small) for i, line in enumerate(lines) if line),
    )
    return Focusable(key, rect, Open(key), name, parts)
