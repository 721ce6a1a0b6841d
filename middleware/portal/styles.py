"""Where a drawn part stands, as the style attribute of its element: short, because pages are small.

Lines of words that begin at the left need no width: they were cut to fit and do not wrap. What the style sheet already
says of the cells of the guide, of which a page has dozens, is left out.
"""

import re
from collections.abc import Mapping
from typing import Final

from markupsafe import Markup

from portal_pages import layout
from portal_pages.facts import Mode
from portal_pages.states import Focusable
from portal_pages.views import Bar, Chip, DigitBox, Dot, Image, Keycap, Panel, Part, Rich, Seal, Text, Triangle

Style = dict[str, str]

CELL: Final[Mapping[Mode, Style]] = {
    "standard": {"height": "58px"},
    "large": {"height": "92px"},
}
CELL_WORDS: Final[Mapping[Mode, Style]] = {
    "standard": {"left": "8px", "top": "-4px", "line-height": "63px", "font-size": "28px"},
    "large": {"left": "8px", "top": "-4px", "line-height": "96px", "font-size": "35px"},
}
"""The same numbers stand in tv.css for .cell and .cell p; a test holds them together."""

_BARE: Final = re.compile(r"[\w\-.:;#%]+")


def attribute(name: str, value: str) -> Markup:
    """An attribute with a space before it, without quotes where it needs none; empty for an empty value."""
    if not value:
        return Markup("")
    if _BARE.fullmatch(value):
        return Markup(f" {name}={value}")  # noqa: S704 -- nothing in it can end the value
    return Markup(' {}="{}"').format(name, value)


def style(part: Part, frame: int, look: str, mode: Mode) -> Markup:
    """The style attribute of a part in an item with a frame of `frame` px and this look (0 and empty on the page)."""
    said = {"left": f"{part.x - frame}px", "top": f"{part.y - frame}px", **_own(part)}
    if look == "cell" and isinstance(part, Text):
        said = _beyond(said, CELL_WORDS[mode])
    return attribute("style", _text(said))


def item_style(item: Focusable, mode: Mode) -> Markup:
    """The style attribute of a focusable: its rectangle without the frame, which CSS 2.1 draws outside."""
    edge = 2 * layout.frame(item.look)
    rect = item.rect
    said = {
        "left": f"{rect.x}px",
        "top": f"{rect.y}px",
        "width": f"{rect.w - edge}px",
        "height": f"{rect.h - edge}px",
    }
    return attribute("style", _text(_beyond(said, CELL[mode]) if item.look == "cell" else said))


def _beyond(said: Style, known: Style) -> Style:
    return {name: value for name, value in said.items() if known.get(name) != value}


def _text(said: Style) -> str:
    return ";".join(f"{name}:{value}" for name, value in said.items())


def _own(part: Part) -> Style:
    if isinstance(part, Text | Rich | Chip):
        return _line(part)
    if isinstance(part, Seal):
        side = f"{part.size}px"
        size = f"{round(part.size * layout.SEAL_SHARE)}px"
        return {"width": side, "line-height": side, "font-size": size, "background": part.colour}
    if isinstance(part, Keycap):
        return {"width": f"{part.w - 6}px", "line-height": f"{part.h - 6}px", "font-size": f"{part.size}px"}
    if isinstance(part, Dot):
        return _dot(part)
    if isinstance(part, Triangle):
        return {"border-width": _edges(part)}
    if isinstance(part, DigitBox):
        return {"width": f"{part.w - 10}px", "height": f"{part.h - 10}px", "line-height": f"{part.h - 8}px"}
    if isinstance(part, Panel | Image | Bar):
        return {"width": f"{part.w}px", "height": f"{part.h}px"}
    return {}


def _line(part: Text | Rich | Chip) -> Style:
    """Lines stand a little above the middle of their box, where the eye sees the middle of Chinese characters."""
    boxed = isinstance(part, Chip) or part.align != "left" or (isinstance(part, Rich) and part.look)
    said = {"width": f"{part.w}px"} if boxed else {}
    said |= {"line-height": f"{part.h - round(part.size * 0.12)}px", "font-size": f"{part.size}px"}
    if isinstance(part, Text) and part.spacing:
        said["letter-spacing"] = f"{part.spacing}px"
    return said


def _dot(dot: Dot) -> Style:
    side = f"{dot.size}px"
    said = {"width": side, "height": side, "border-radius": f"{dot.size // 2}px", "background": dot.colour}
    return said | ({"line-height": side, "font-size": f"{dot.text_size}px"} if dot.words else {})


def _edges(triangle: Triangle) -> str:
    """Border widths (top right bottom left) that draw a triangle as wide and high as its size."""
    half, whole = f"{triangle.size // 2}px", f"{triangle.size}px"
    edges = {"up": ("0", half, whole, half), "down": (whole, half, "0", half)}
    edges |= {"left": (half, whole, half, "0"), "right": (half, "0", half, whole)}
    return " ".join(edges[triangle.way])
