"""A message of the operator: a layer over any page, cut into sheets by the server, drawn when it arrives.

Unlike the invitation it stands in no page beforehand: the answer to a poll brings it, so pages stay small. The page's
script puts the lines of each sheet into `nt0`, `nt1`, …, and the button's words into `nt_go`.
"""

from collections.abc import Mapping
from typing import Final

import attrs
from attrs import frozen

from portal_pages import layout, text, text_zh
from portal_pages.facts import Mode, Viewer
from portal_pages.states import Focusable, Hint, Layer, Local, Nav, Open, Page, Rect, Submit, Target
from portal_pages.views import Part, Seal, Text

LAYER: Final = "note"
GO: Final = "nt_ok"
TITLE, NEXT, HEARD, TURN = "通知", "看下一页", "知道了", "按上下键翻页"
_LEFT: Final = 104
_WIDTH: Final = 1072
_TOP: Final = 190
_TYPE: Final[dict[Mode, tuple[tuple[int, int, int], ...]]] = {
    "standard": ((44, 60, 6), (32, 44, 8)),
    "large": ((50, 68, 5), (40, 58, 6)),
}
"""Type size, line height (px) and lines of a sheet: large for a message that fits one sheet, else the smaller one."""


@frozen
class Sheets:
    """The lines of a message by sheet, and the layer with the first of them."""

    lines: tuple[tuple[str, ...], ...]
    layer: Layer


def _cut(mode: Mode, words: str) -> tuple[tuple[tuple[str, ...], ...], tuple[int, int, int]]:
    """The lines by sheet, at least one sheet, and the type they are set in."""
    set_in = _TYPE[mode][0]
    lines = text.lines(words, set_in[0], _WIDTH) or ("",)
    if len(lines) > set_in[2]:
        set_in = _TYPE[mode][1]
        lines = text.lines(words, set_in[0], _WIDTH)
    rows = set_in[2]
    return tuple(lines[at : at + rows] for at in range(0, len(lines), rows)), set_in


def message(mode: Mode, words: str) -> Sheets:
    """The layer: who speaks, the lines of one sheet, which sheet it is, and one button."""
    cut, (size, step, rows) = _cut(mode, words)
    many = len(cut) > 1
    first = [*cut[0], *[""] * (rows - len(cut[0]))]
    small = layout.scaled(mode, 28)
    place = f"1 / {len(cut)}" if many else ""
    return Sheets(
        cut,
        Layer(
            id=LAYER,
            parent="",
            rect=Rect(64, 98, 1152, 586),
            parts=(
                Seal(_LEFT, 120, 54, "知", layout.SEAL_RED),
                layout.label(178, 118, 400, 58, TITLE, layout.scaled(mode, 38), tier="primary", bold=True),
                Text(996, 118, 180, 58, place, small, "secondary", align="right", name="nt_at"),
                *(
                    Text(_LEFT, _TOP + step * at, _WIDTH, step, line, size, "primary", name=f"nt{at}")
                    for at, line in enumerate(first)
                ),
                layout.label(_LEFT, 596, 420, 58, TURN if many else "", small, role="secondary"),
            ),
            focusables=(_button(mode, NEXT if many else HEARD),),
            default_focus=GO,
            nav={GO: Nav()},
            keys={"BACK": Local("heard"), "UP": Local("sheet:-1"), "DOWN": Local("sheet:1")},
        ),
    )


def message_page(viewer: Viewer, event: int, words: str, at: int) -> Page:
    """Sheet `at` of a message as a page, for browsers that can send no requests of their own."""
    made = message(viewer.mode, words)
    last = len(made.lines)
    at = min(max(at, 1), last)
    shown = {f"nt{row}": line for row, line in enumerate(made.lines[at - 1])}
    parts = tuple(_filled(part, shown, f"{at} / {last}" if last > 1 else "") for part in made.layer.parts)
    onward: Target = Submit("heard", str(event)) if at == last else Open(f"{LAYER}-{at + 1}")
    button = attrs.evolve(_button(viewer.mode, HEARD if at == last else NEXT), ok=onward)
    turns: dict[str, Target] = {"UP": Open(f"{LAYER}-{at - 1}")} if at > 1 else {}
    return Page(
        id=f"{LAYER}-{at}" if at > 1 else LAYER,
        parent="home",
        title=TITLE,
        mode=viewer.mode,
        focusables=(button,),
        default_focus=GO,
        parts=(*layout.header(viewer.mode, text_zh.SITE), *parts),
        nav={GO: Nav()},
        keys=turns | ({"DOWN": Open(f"{LAYER}-{at + 1}")} if at < last else {}),
        hints=(
            *((Hint(tuple(turns) + (("DOWN",) if at < last else ()), "翻页"),) if last > 1 else ()),
            Hint(("OK",), NEXT if at < last else HEARD),
            Hint(("BACK",), text_zh.HOME),
        ),
        accepts_invitation=False,
    )


def _filled(part: Part, lines: Mapping[str, str], place: str) -> Part:
    """A part of the layer as the script would leave it."""
    name = getattr(part, "name", "")
    if isinstance(part, Text) and name.startswith("nt"):
        return attrs.evolve(part, words=place if name == "nt_at" else lines.get(name, ""))
    return part


def _button(mode: Mode, words: str) -> Focusable:
    """The words have a name of their own, as they change on the last sheet."""
    size = layout.scaled(mode, 36)
    told = Text(8, 0, 364, 72, words, size, "primary", bold=True, align="center", name="nt_go")
    return Focusable(GO, Rect(796, 588, 380, 72), Local("read"), words, (told,), look="button")
