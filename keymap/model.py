"""A key family as a frozen value, and the faults that a family file or an override can have."""

from collections.abc import Iterable, Mapping
from typing import Literal

import attrs
from attrs import frozen

from keymap.keys import COLOURS, DIGITS, PAGES, Action, Key, SystemEvent

Code = int | str
"""A number that a page or a bridge receives, modifiers added in; or, in a bridge, a name such as KEY_UP."""

Kind = Literal["page", "bridge"]
Modifiers = Literal["none", "mag"]

HOOKS = ("keydown", "keypress", "irkeypress", "systemevent", "bridge")
"""Where a code came in: a hook of the page's document, or a companion app."""

QUIRKS = (
    "register_keys",
    "history_back",
    "utility_events",
    "no_video",
    "plays_mag",
    "plays_ctc",
    "plays_ipanel",
    "short_requests",
    "no_requests",
)
"""What a family's boxes need besides a table.

Tizen's registerKey, webOS's history, the telecom boxes' getEvent; a still where the browser shows no moving picture,
gSTB, MediaPlayer or media.AV where it shows one by an object of its own instead of a video element; short
polls where it does not hold a long request, reloads where it can send none.
"""

ABILITIES = ("digits", "colours", "delete", "pages", "home")

SHIFT, ALT = 1000, 2000
"""What a held modifier adds to a code on MAG boxes (stalker_portal)."""


@frozen
class Fault:
    """One thing wrong with a family file. `line` counts from 1; 0 = the file as a whole."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


class BadFamily(ValueError):
    """Family files that break the rules; `faults` names every one."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@frozen
class Condition:
    """What must hold for a box to be of a family; empty entries say nothing, all others must hold together.

    `user_agent`, `app_name` and `vendor` are looked for as whole beginnings of words, case kept; `dialect` and
    `requested_with` must be equal; each of `objects` must exist in the page.
    """

    dialect: str = ""
    user_agent: str = ""
    requested_with: str = ""
    app_name: str = ""
    vendor: str = ""
    objects: tuple[str, ...] = ()

    @property
    def needs_page(self) -> bool:
        """Only the entry page of the box can tell."""
        return bool(self.app_name or self.vendor or self.objects)


@frozen
class Row:
    """One line of [keys.*] or [names.*]; `action` None removes the code that the base has."""

    code: Code
    action: Action | None
    source: str
    line: int
    composed: bool = False
    """Written with +shift or +alt."""


@frozen
class SystemRow:
    """One line of [system.*]."""

    code: int
    event: SystemEvent
    source: str
    line: int


@frozen
class Family:
    """One table from codes to keys, with what the page must know of its boxes.

    `repeat_ms` throttles held arrows; `digit_bounce_ms` (0 to 80) drops the identical digit of a bouncing remote.
    `no_back` says why a bridge lacks BACK.
    """

    name: str
    title: str
    kind: Kind
    keys: Mapping[Code, Action]
    system: Mapping[int, SystemEvent] = attrs.field(factory=dict)
    extends: str = ""
    modifiers: Modifiers = "none"
    hooks: tuple[str, ...] = ("keydown", "keypress")
    repeat_ms: int = 90
    digit_bounce_ms: int = 0
    quirks: tuple[str, ...] = ()
    match: tuple[Condition, ...] = ()
    unless: tuple[Condition, ...] = ()
    labels: Mapping[Key, str] = attrs.field(factory=dict)
    no_back: str = ""

    @property
    def has(self) -> Mapping[str, bool]:
        """What the remote can do, read from the keys, so that it stays true under overrides."""
        return abilities(self.keys)


def abilities(keys: Mapping[Code, Action]) -> Mapping[str, bool]:
    """Tell for each of ABILITIES whether these keys give it."""
    live = set(keys.values())
    return {
        "digits": live.issuperset(DIGITS),
        "colours": live.issuperset(COLOURS),
        "delete": Key.DELETE in live,
        "pages": live.issuperset(PAGES),
        "home": Key.HOME in live,
    }
