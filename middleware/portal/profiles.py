"""From a key family to what a page's script must know of its boxes, with taught keys and the operator's changes."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from keymap.families import DEFAULT, Families, codes_of
from keymap.keys import Key
from keymap.layers import BadOverride, Overrides, effective
from keymap.model import Family
from keymap.page import page_script, system_script
from middleware.domain.devices import Mode
from middleware.domain.packages import Entitled
from portal_pages.script import Box
from portal_pages.statics import PLAYERS

SPARE: Final = (Key.MENU, Key.PAGE_UP, Key.PAGE_DOWN)
"""Keys besides colours and digits that a remote may lack and hints name."""

EVERYTHING: Final = Entitled()
REFRESH_S: Final = 30
_MEMO: Final = 2048


class Profiles:
    """The script settings of every family; `plays` gives all of them a video element, for training in a browser."""

    def __init__(
        self, families: Families, *, overrides: Overrides | None = None, hold_s: int, slot_s: int, plays: bool
    ) -> None:
        self.families = families
        self._overrides = overrides or Overrides()
        self._hold_s = hold_s
        self._slot_s = slot_s
        self._plays = plays
        self._made = lru_cache(maxsize=_MEMO)(self._make)
        self._looks: Callable[[Box, Mode, Entitled], object] = lru_cache(maxsize=2 * _MEMO)(lambda *_: object())
        self._groups = _groups(self._overrides)

    def change(self, overrides: Overrides) -> None:
        """Other changes of the operator's are in force from the next page on."""
        self._overrides, self._groups = overrides, _groups(overrides)
        self._made.cache_clear()

    def box(self, family: str, taught: Mapping[str, str], group: str = "") -> Box:
        """The settings for a box of a group of the operator's; equal boxes share one value, so that pages can be kept
        by it."""
        return self._made(family, tuple(sorted(taught.items())), group if group in self._groups else "")

    def look(self, box: Box, mode: Mode, entitled: Entitled = EVERYTHING) -> object:
        """One object for equal settings, type size and packages, so that pages are found without comparing tables."""
        return self._looks(box, mode, entitled)

    def name(self, family: str) -> str:
        """A family whose codes reach a page: the one asked for, else the default."""
        known = self.families.get(family)
        return family if known is not None and known.kind == "page" else DEFAULT

    def effective(self, family: str, taught: Mapping[str, str], group: str = "") -> Family:
        """The key table in force. Taught keys that no longer make a sound table are passed over."""
        keys = {int(code): Key[key] for code, key in taught.items() if key in Key.__members__}
        try:
            return effective(self.families, self._overrides, self.name(family), group=group, taught=keys)
        except BadOverride:
            return effective(self.families, self._overrides, self.name(family), group=group)

    def _make(self, family: str, taught: tuple[tuple[str, str], ...], group: str) -> Box:
        table = self.effective(family, dict(taught), group)
        rung = _rung(table)
        return Box(
            family=table.name,
            codes=page_script(table),
            events=system_script(table),
            mag=table.modifiers == "mag",
            repeat_ms=table.repeat_ms,
            digit_bounce_ms=table.digit_bounce_ms,
            push=rung,
            push_s=self._slot_s if rung == "short" else self._hold_s,
            probe=rung != "refresh",
            video=self._plays or "no_video" not in table.quirks,
            player="html5" if self._plays else _player(table),
            colours=table.has["colours"],
            digits=table.has["digits"],
            lacks=frozenset(key.value for key in SPARE if next(codes_of(table, key), None) is None),
        )


def _groups(overrides: Overrides) -> frozenset[str]:
    """The groups of boxes that have changes of their own."""
    return frozenset(entry.group for entry in overrides.entries if entry.group)


def _player(table: Family) -> str:
    """What boxes of a family play with: an object of their own where the table names one."""
    return next((player for player in PLAYERS if f"plays_{player}" in table.quirks), PLAYERS[0])


def _rung(table: Family) -> str:
    """The rung of the push ladder that these browsers can stand on: hold a request, ask in a slot, or reload."""
    if "no_requests" in table.quirks:
        return "refresh"
    return "short" if "short_requests" in table.quirks else "long"
