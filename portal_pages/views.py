"""Drawn things: the closed union of parts that a page or a focusable is painted with, all in canvas pixels."""

from typing import Literal

from attrs import frozen

Role = Literal["text", "secondary", "accent", "error", "live", "focus", "dark", "done", "disabled"]
Tier = Literal["primary", "secondary", "support", "keycap"]
Align = Literal["left", "center", "right"]


@frozen
class Text:
    """One line of words in a box, centred on its height.

    `size` in px; `tier` is the size class checked against its floor.
    """

    x: int
    y: int
    w: int
    h: int
    words: str
    size: int
    tier: Tier = "secondary"
    role: Role = "text"
    bold: bool = False
    align: Align = "left"
    name: str = ""
    """Element id when the page script changes the words (clock, caption, countdown, message)."""
    spacing: int = 0
    """Pixels between characters."""


@frozen
class Panel:
    """A filled rectangle: panel, card, strip, bar, background strips around a video hole."""

    x: int
    y: int
    w: int
    h: int
    look: str = "panel"


@frozen
class Seal:
    """A coloured square with one bold character; `colour` is the board's, as #RRGGBB."""

    x: int
    y: int
    size: int
    char: str
    colour: str


@frozen
class Keycap:
    """A small framed key with its number, right in a row or tile."""

    x: int
    y: int
    w: int
    h: int
    words: str
    size: int = 25


@frozen
class Image:
    x: int
    y: int
    w: int
    h: int
    url: str
    alt: str = ""


@frozen
class Chip:
    """A short state in a coloured box, such as 已选 or 新. `look`: done, fresh, length, live."""

    x: int
    y: int
    w: int
    h: int
    words: str
    look: str = "done"
    size: int = 26
    name: str = ""


@frozen
class Triangle:
    """A drawn arrow (never a font's): `way` up, down, left or right."""

    x: int
    y: int
    size: int
    way: Literal["up", "down", "left", "right"]
    role: Role = "text"


@frozen
class Dot:
    """A drawn round mark: colour keys, page dots, step numbers."""

    x: int
    y: int
    size: int
    colour: str
    words: str = ""
    text_size: int = 25
    role: Role = "text"


@frozen
class Bar:
    """A progress bar, `part` 0 to 1; `name` when the page script moves it."""

    x: int
    y: int
    w: int
    h: int
    part: float
    name: str = ""


@frozen
class DigitBox:
    """One slot of the digit field, `index` from 0."""

    x: int
    y: int
    w: int
    h: int
    index: int


@frozen
class Run:
    """A stretch of a Rich line. `arrow` draws a triangle, cross or dot instead of words; `gap` px stand before it."""

    words: str = ""
    role: Role | Literal[""] = ""
    bold: bool = False
    name: str = ""
    gap: int = 0
    arrow: Literal["", "up", "down", "left", "right", "cross", "dot"] = ""


@frozen
class Rich:
    """One line of words in several colours, flowing from left to right in a box."""

    x: int
    y: int
    w: int
    h: int
    runs: tuple[Run, ...]
    size: int
    tier: Tier = "secondary"
    role: Role = "text"
    align: Align = "left"
    bold: bool = False
    name: str = ""
    look: str = ""
    """Looks of the box behind the words, such as `ch live`."""


@frozen
class Mark:
    """A drawn tick or cross."""

    x: int
    y: int
    size: int
    shape: Literal["tick", "cross"]
    colour: str


Part = Text | Panel | Seal | Keycap | Image | Chip | Triangle | Dot | Bar | DigitBox | Rich | Mark
