"""A page state: everything a viewer sees and can do on one URL, as one frozen value.

The engine is a display list: a page is a tuple of focusables and a tuple of drawn parts (views.py), all placed in
canvas pixels, so size, overflow, safe area and reachability are checked in plain Python before anything is rendered.
"""

from typing import Literal

import attrs
from attrs import frozen

from portal_pages.views import Part

Canvas = Literal["1280x720", "720x576", "640x530"]


@frozen
class Rect:
    """Canvas pixels."""

    x: int
    y: int
    w: int
    h: int


@frozen
class Open:
    """Go to another page by GET /p/<page>."""

    page: str


@frozen
class Submit:
    """POST the page's form `form` (its id is also the page id it is posted to)."""

    form: str


@frozen
class Local:
    """Something done in the page without the network.

    Closed list: `layer:<id>`, `close`, `digit:<0-9>`, `delete`, `clear`, `next`, `pad`, `fullscreen`, `retry`,
    `play`, `seek:<±seconds>`, `caption`.
    """

    act: str


Target = Open | Submit | Local


@frozen
class Focusable:
    """A thing that can have the focus. `rect` includes its frame; `parts` are placed relative to `rect`.

    `disabled="until_full"` is enabled by the page when the digit field is full.
    """

    id: str
    rect: Rect
    ok: Target | None
    label: str
    parts: tuple[Part, ...] = ()
    disabled: bool | Literal["until_full"] = False
    look: str = "card"
    """CSS look: card, row, button, poster, cell, tab, window, pad."""
    zone: str = "main"
    caption: tuple[str, str] = ("", "")
    """Two lines shown in the page's caption panel while this has the focus."""


@frozen
class Nav:
    """Neighbours of one focusable; None = no move."""

    up: str | None = None
    down: str | None = None
    left: str | None = None
    right: str | None = None


@frozen
class Hint:
    """An entry of the hint bar: the keys it names (logical names; "DIGITS" for the number keys) and its words."""

    keys: tuple[str, ...]
    words: str
    zone: str = ""
    """Shown only while this zone has the focus; empty = always."""
    cap: str = ""
    """Words on the key-cap where they differ from the default, such as "1-4"."""


@frozen
class DigitField:
    """The digits of a form. `groups` sums to `length`."""

    kind: Literal["phone", "landline"]
    length: int
    groups: tuple[int, ...]
    value: str = ""
    draft: str = ""
    """Where drafts are posted, or empty."""


@frozen
class Timers:
    """`idle` seconds without a key lead to `idle_to`; `refresh` seconds reload a waiting page; `leave` opens `leave_to`."""

    idle: int = 0
    idle_to: Target | None = None
    refresh: int = 0
    leave: int = 0
    leave_to: Target | None = None


@frozen
class Video:
    """The hole in the graphics, or the whole screen; even numbers, 16:9."""

    rect: Rect
    channel: int = 0
    url: str = ""
    poster: str = ""
    resume_s: float = 0.0
    live: bool = True


@frozen
class Layer:
    """A dialog in the same document: a state of its own with its own neighbour table and declared parent."""

    id: str
    parent: str
    rect: Rect
    parts: tuple[Part, ...]
    focusables: tuple[Focusable, ...]
    default_focus: str
    nav: dict[str, Nav] = attrs.field(factory=dict)
    keys: dict[str, Target] = attrs.field(factory=dict)
    hints: tuple[Hint, ...] = ()


@frozen
class Page:
    """One page state. `parent` is where BACK leads; `tv` means full-screen television."""

    id: str
    parent: str
    title: str
    focusables: tuple[Focusable, ...]
    default_focus: str
    parts: tuple[Part, ...] = ()
    canvas: Canvas = "1280x720"
    nav: dict[str, Nav] = attrs.field(factory=dict)
    keys: dict[str, Target] = attrs.field(factory=dict)
    field: DigitField | None = None
    form: dict[str, str] = attrs.field(factory=dict)
    """Hidden values posted with Submit, such as the idempotency key."""
    layers: tuple[Layer, ...] = ()
    hints: tuple[Hint, ...] = ()
    timers: Timers = Timers()
    video: Video | None = None
    steps: tuple[int, int] | None = None
    cache: int = 0
    """Seconds a page equal for all may be kept; 0 = no-store."""
    accepts_invitation: bool = True
