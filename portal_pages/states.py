"""A page state: everything a viewer sees and can do on one URL, as one frozen value.

The engine is a display list: a page is a tuple of focusables and a tuple of drawn parts (views.py), all placed in
canvas pixels, so size, overflow, safe area and reachability are checked in plain Python before anything is rendered.
"""

from datetime import datetime
from typing import Literal

import attrs
from attrs import frozen

from portal_pages.facts import Mode
from portal_pages.views import Part


@frozen
class Rect:
    """Canvas pixels."""

    x: int
    y: int
    w: int
    h: int


@frozen
class Open:
    """Go to another page by GET /p/<page>, with `focus` on one of its items (else where the household left it).

    With `carry` the page is asked for with the item that has the focus: it goes on where this one ends.
    """

    page: str
    focus: str = ""
    carry: bool = False


@frozen
class Submit:
    """POST the page's form to /p/<form>; `choice` travels as the form value of that name.

    With `carry` that is the item which has the focus.
    """

    form: str
    choice: str = ""
    carry: bool = False


@frozen
class Local:
    """Something done in the page without the network.

    Closed list: `layer:<id>`, `close`, `dismiss` (close the invitation and say so), `digit:<0-9>`, `delete`, `clear`,
    `next:<form>` (post the full digit field, else say what is missing), `focus:<id>` (a number key that only moves),
    `retry`, for the player `play`, `seek:<±seconds>`, `jump:<0-9>` (a digit of the minute to go to), `subtitles`, for
    television `dial:<0-9>` (a digit of a channel's number), for a message `sheet:<±1>`, `read` (goes on, at the end as
    `heard`), `heard`, for a reminder `watch`, and for a search `find:<0-9>`, `find:X` (one digit less), `find:C`
    (none).
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
    caption: tuple[str, ...] = ()
    """Words for the page's parts named cap0, cap1, … while this has the focus."""
    detail: tuple[Part, ...] = ()
    """Parts in page pixels, drawn only while this has the focus."""


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
    """`idle` seconds without a key lead to `idle_to`; `refresh` seconds reload a waiting page; `leave` opens
    `leave_to`."""

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
    asset: int = 0
    """Film whose place is remembered (POST /seen); 0 = none."""
    sheets: int = 0
    """Sheets of small pictures, which stand beside its list; 0 = none."""
    subtitles: bool = False
    """Subtitles are shown where there are some."""
    whole_s: float = 0.0
    """Length of what is still on when it is over: its list grows meanwhile; 0 = the list is complete."""
    halted: bool = False
    """It begins halted."""
    number: int = 0
    """Number by which a telecom box joins the channel's multicast; 0 = it is played from `url`."""


@frozen
class Layer:
    """A dialog in the same document: a state of its own with its own neighbour table and declared parent.

    `parent` is a page id; empty means that BACK only closes the layer.
    """

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
    mode: Mode = "standard"
    """Type size of the household; decides the hint bar's size and the floors the page is checked against."""
    nav: dict[str, Nav] = attrs.field(factory=dict)
    keys: dict[str, Target] = attrs.field(factory=dict)
    field: DigitField | None = None
    form: dict[str, str] = attrs.field(factory=dict)
    """Hidden values posted with Submit, such as the idempotency key."""
    layers: tuple[Layer, ...] = ()
    hints: tuple[Hint, ...] = ()
    timers: Timers = Timers()
    video: Video | None = None
    accepts_invitation: bool = True
    parent_focus: str = ""
    """Focusable of the parent that BACK returns to."""
    nav_full: dict[str, Nav] = attrs.field(factory=dict)
    """Neighbours that differ once the digit field is full and `until_full` items are enabled."""
    countdowns: dict[str, datetime] = attrs.field(factory=dict)
    """Named parts that count down to a moment, shown as minutes:seconds."""
    script: str = ""
    """Plain name of a script of this page alone, loaded after tv.js, such as teach.js."""
