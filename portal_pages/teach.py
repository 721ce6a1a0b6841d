"""The teach-in page: the keys of an unknown remote, learnt one press at a time. It needs no key that works.

The protocol, for whoever serves it: GET /teach shows `teach_page(viewer, Progress())`. The page's script (teach.js)
posts each press to /teach as `code` (a raw code in decimal, or `w` when nothing was pressed for as long as the page
said) together with `presses`, the hidden field that carries everything pressed before. The answer to the POST is
`teach_page(viewer, after(presses, code))` with status 200: nothing is kept on the server between presses, and a
repeated POST gives the same page. Once `.state.phase` is SAVED the adapter keeps `keymap.teach.learnt(.state)` for the
device, then shows the page all the same; it leads home by itself. A page id `teach` (/p/teach) redirects to /teach.
"""

import re
from typing import Final, Literal

from attrs import frozen

from keymap import teach
from keymap.keys import Key
from portal_pages import layout, text, text_zh
from portal_pages.facts import Viewer
from portal_pages.states import Focusable, Hint, Nav, Open, Page, Rect, Timers
from portal_pages.views import Bar, Dot, Panel, Part, Text, Triangle

TITLE: Final = "认遥控器的键"
WAIT: Final = "w"
"""Stands for a time without a press."""
MAX_PRESSES: Final = 200
LEAVE_S: Final = 60
"""Without a press on a key that is needed, the viewer is led home after so many seconds."""
_CODE: Final = re.compile("[0-9]{1,6}|w")


@frozen
class Progress:
    """A teach-in under way, and the presses that led there as the page carries them: `38 40 w 37`."""

    state: teach.Teach = teach.Teach()
    presses: str = ""


def after(presses: str, code: str) -> Progress:
    """Replay the presses and add one. ValueError for what no page of ours has sent, or for too many presses."""
    state, kept = teach.Teach(), [*presses.split(), code]
    if len(kept) > MAX_PRESSES or not all(map(_CODE.fullmatch, kept)):
        raise ValueError("not the presses of a teach-in")
    for each in kept:
        state = teach.wait(state) if each == WAIT else teach.press(state, int(each))
    fresh = state.phase is teach.Phase.ASKING and state.step == 0
    return Progress(state, "" if fresh else " ".join(kept))


# --- the page ---


def teach_page(viewer: Viewer, progress: Progress) -> Page:
    """One step: the key asked for, the proof with the marker, or the good end."""
    state = progress.state
    saved = state.phase is teach.Phase.SAVED
    wait = _wait(state)
    return Page(
        id="teach",
        parent="settings",
        title=TITLE,
        mode=viewer.mode,
        focusables=(_end(viewer) if saved else Focusable("teach", layout.CONTENT, None, TITLE, look="bare"),),
        default_focus="home" if saved else "teach",
        parts=(*layout.header(viewer.mode, TITLE), *_told(viewer, state, wait)),
        nav={"home" if saved else "teach": Nav()},
        form={"presses": progress.presses, "code": "", "wait": str(wait)},
        hints=(Hint(("OK",), text_zh.HOME), Hint(("BACK",), text_zh.SETTINGS)) if saved else (_nothing(wait),),
        timers=_timers(saved, wait),
        script="" if saved else "teach.js",
        accepts_invitation=False,
    )


def _wait(state: teach.Teach) -> int:
    """Seconds without a press after which the page says so; 0 where the viewer is led home instead."""
    if state.phase is teach.Phase.PROVING:
        return teach.PROOF_AFTER_S
    return teach.SKIP_AFTER_S if state.optional else 0


def _timers(saved: bool, wait: int) -> Timers:
    if saved:
        return Timers(leave=5, leave_to=Open("home"))
    return Timers() if wait else Timers(leave=LEAVE_S, leave_to=Open("home"))


def _nothing(wait: int) -> Hint:
    """The one thing that can be done here without a key."""
    after_it = {0: f"{LEAVE_S} 秒后回首页", teach.SKIP_AFTER_S: f"{wait} 秒后跳过这个键"}
    return Hint(("BACK",), after_it.get(wait, f"{wait} 秒后从头再来"), cap="不按键")


def _end(viewer: Viewer) -> Focusable:
    return layout.button(viewer.mode, "home", Rect(460, 500, 360, 92), text_zh.TO_HOME, Open("home"), size=40)


def _told(viewer: Viewer, state: teach.Teach, wait: int) -> tuple[Part, ...]:
    """Picture at the left; prompt, notice and advice at the right; below, how far the viewer is."""
    return (
        Panel(64, 112, 1152, 372),
        *(_marker(state) if state.phase is teach.Phase.PROVING else _picture(state)),
        *_sentences(viewer, state, wait),
        *(() if state.phase is teach.Phase.SAVED else _far(viewer, state)),
    )


def _sentences(viewer: Viewer, state: teach.Teach, wait: int) -> tuple[Part, ...]:
    size, small = layout.scaled(viewer.mode, 46), layout.scaled(viewer.mode, 32)
    y, parts = 140, list[Part]()
    for line in text.lines(teach.prompt(state), size, 740, 2):
        parts.append(Text(440, y, 740, size + 16, line, size, "primary", bold=True))
        y += size + 16
    y = 290
    for line in text.lines(state.notice, small, 740, 2):
        parts.append(Text(440, y, 740, small + 12, line, small, "primary", "error"))
        y += small + 12
    advice = layout.scaled(viewer.mode, 28)
    parts.append(layout.label(440, 416, 740, 52, _advice(state, wait), advice, role="secondary"))
    return tuple(parts)


def _advice(state: teach.Teach, wait: int) -> str:
    if state.phase is teach.Phase.SAVED:
        return "这些键现在就能用"
    if state.phase is teach.Phase.PROVING:
        return "按返回键，从头再来"
    return f"没有这个键，等 {wait} 秒就跳过" if wait else "按错了也没关系，可以再来"


def _far(viewer: Viewer, state: teach.Teach) -> tuple[Part, ...]:
    """A bar and words: 第 3 个键，共 13 个."""
    of = len(teach.ASKED)
    at = min(state.step + 1, of)
    words = f"第 {at} 个键，共 {of} 个" if state.phase is teach.Phase.ASKING else "试一试学好的键"
    size = layout.scaled(viewer.mode, 30)
    return (
        layout.label(64, 512, 480, 64, words, size),
        Bar(560, 534, 656, 20, 1.0 if state.phase is teach.Phase.PROVING else state.step / of),
    )


# --- pictures ---

_WAYS: Final[dict[Key, Literal["up", "down", "left", "right"]]] = {
    Key.UP: "up",
    Key.DOWN: "down",
    Key.LEFT: "left",
    Key.RIGHT: "right",
}
_PLAIN: Final = {Key.OK: "确定", Key.BACK: "返回", Key.D1: "1", Key.PAGE_UP: "上页", Key.PAGE_DOWN: "下页"}
_X, _Y, _SIDE = 120, 168, 260


def _picture(state: teach.Teach) -> tuple[Part, ...]:
    """The key as it looks on a remote: an arrow, a word, or a colour."""
    key = state.asked
    cap = Panel(_X, _Y, _SIDE, _SIDE, "cream")
    if key is None:
        return (cap, Text(_X, _Y, _SIDE, _SIDE, "好", 120, "primary", "dark", bold=True, align="center"))
    if key in _WAYS:
        return (cap, Triangle(_X + 60, _Y + 60, 140, _WAYS[key], "dark"))
    if key.value in layout.KEY_COLOURS:
        return (cap, Dot(_X + 60, _Y + 60, 140, layout.KEY_COLOURS[key.value]))
    return (cap, Text(_X, _Y, _SIDE, _SIDE, _PLAIN[key], 88, "primary", "dark", bold=True, align="center"))


def _marker(state: teach.Teach) -> tuple[Part, ...]:
    """The square that the new keys move."""
    side = 80
    cells = [(column, row) for row in range(teach.SIDE) for column in range(teach.SIDE)]
    return tuple(
        Panel(
            _X + column * 90,
            _Y + row * 90,
            side,
            side,
            "gold" if (column, row) == (state.column, state.row) else "dim",
        )
        for column, row in cells
    )
