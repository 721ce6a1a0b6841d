"""Settings of one household: large type, and teaching the keys of its remote."""

from typing import Final

from portal_pages import layout, text_zh
from portal_pages.facts import Mode, Viewer
from portal_pages.focus import neighbours, wrap
from portal_pages.states import Focusable, Hint, Open, Page, Rect, Submit
from portal_pages.views import Chip, Panel, Part

PREVIEW: Final = "字就是这么大：南湖村党支部"
ROWS: Final = ("mode", "teach", "home")


def settings_page(viewer: Viewer) -> Page:
    """Three rows; the panel below shows the type as it is now and as it would be."""
    items = (_size(viewer), _teach(viewer), _home(viewer))
    return Page(
        id="settings",
        parent="home",
        parent_focus="settings",
        title=text_zh.SETTINGS,
        mode=viewer.mode,
        focusables=items,
        default_focus=viewer.focus if viewer.focus in ROWS else ROWS[0],
        parts=(*layout.header(viewer.mode, text_zh.SETTINGS), *_preview(viewer.mode)),
        nav=neighbours(items, wrap(ROWS)),
        form={"back": "settings", "block": ""},
        hints=(Hint(("UP", "DOWN"), text_zh.HINT_CHOOSE), Hint(("OK",), text_zh.HINT_OK), Hint(("BACK",), "首页")),
    )


def _row(viewer: Viewer, at: int, title: str, note: str, ok: Open | Submit, chip: Chip | None = None) -> Focusable:
    rect = Rect(64, 112 + 108 * at, 1152, 96)
    return layout.row(viewer.mode, ROWS[at], rect, title, ok, note=note, chip=chip, size=38)


def _size(viewer: Viewer) -> Focusable:
    """The row tells the state in words; OK changes it."""
    large = viewer.mode == "large"
    note = "按 OK 换回标准字" if large else "按 OK 把字放大"
    size = layout.scaled(viewer.mode, 28)
    w = 4 * size
    chip = Chip(1152 - 24 - w, 48 - size // 2 - 8, w, size + 16, "已打开" if large else "没打开", _look(large), size)
    other: Mode = "standard" if large else "large"
    return _row(viewer, 0, "特大字", note, Submit("mode", other), chip)


def _look(on: bool) -> str:
    return "done" if on else "length"


def _teach(viewer: Viewer) -> Focusable:
    return _row(viewer, 1, "认键", "遥控器按键不对时用", Open("teach"))


def _home(viewer: Viewer) -> Focusable:
    return _row(viewer, 2, text_zh.TO_HOME, "", Open("home"))


def _preview(mode: Mode) -> tuple[Part, ...]:
    """Both type sizes, so that nobody has to try; in large type nothing smaller may stand on the page."""
    small = layout.scaled(mode, 28)
    rows: tuple[tuple[str, Mode], ...] = (("标准字", "standard"), ("特大字", "large"))
    shown = rows if mode == "standard" else rows[1:]
    parts: list[Part] = [Panel(64, 440, 1152, 192)]
    for i, (words, each) in enumerate(shown):
        y = 448 + 88 * i if len(shown) > 1 else 492
        now = "（现在）" if each == mode else ""
        parts.append(layout.label(92, y, 300, 88, words + now, small, role="secondary"))
        parts.append(layout.label(400, y, 792, 88, PREVIEW, layout.scaled(each, 32), tier="primary"))
    return tuple(parts)
