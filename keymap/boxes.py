"""Which family is this box? The operator's word first, then the household's, then what the box shows of itself."""

import re
from collections.abc import Iterable
from typing import Literal

from attrs import frozen

from keymap.families import DEFAULT, Families
from keymap.model import Condition, Family

Why = Literal["override", "taught", "server", "page", "default"]


@frozen
class Box:
    """What is known of a box. `dialect` is the portal dialect that it logged in by ("ctc", "ministra" or "");
    `objects` names window objects found by the entry page; empty entries are unknown."""

    mac: str = ""
    user_id: str = ""
    caid: str = ""
    dialect: str = ""
    user_agent: str = ""
    requested_with: str = ""
    app_name: str = ""
    vendor: str = ""
    objects: tuple[str, ...] = ()


@frozen
class Choice:
    """The operator's word: boxes with this MAC, UserID or CAID, or one that begins so, are of `family`."""

    what: Literal["mac", "user_id", "caid"]
    value: str
    family: str
    prefix: bool = False


@frozen
class Verdict:
    """The family of a box and why; shown to the operator."""

    family: str
    why: Why


def match(families: Families, box: Box, choices: Iterable[Choice] = (), taught: str = "") -> Verdict:
    """Name the box's family. `taught` is the family its household's keys were taught on, "" if none.

    An exact choice beats a prefix and a longer prefix a shorter one. Choices that name an unknown family, or a
    bridge, are passed over: no choice may leave a box without keys.
    """
    if chosen := _chosen(families, box, choices):
        return Verdict(chosen, "override")
    if taught in families:
        return Verdict(taught, "taught")
    if found := _shown(families, box, page=False):
        return Verdict(found, "server")
    if found := _shown(families, box, page=True):
        return Verdict(found, "page")
    return Verdict(DEFAULT, "default")


def holds(family: Family, box: Box) -> bool:
    """Whether the box shows itself to be of this family, by headers or page."""
    return any(_met(condition, box) for condition in family.match) and not _ruled_out(family, box)


def _chosen(families: Families, box: Box, choices: Iterable[Choice]) -> str:
    sound = [c for c in choices if c.family in families and families[c.family].kind == "page" and _names(c, box)]
    best = max(sound, key=lambda c: (not c.prefix, len(_plain(c))), default=None)
    return best.family if best else ""


def _names(choice: Choice, box: Box) -> bool:
    wanted, shown = _plain(choice), _normal(choice.what, getattr(box, choice.what))
    return bool(wanted) and (shown.startswith(wanted) if choice.prefix else shown == wanted)


def _plain(choice: Choice) -> str:
    return _normal(choice.what, choice.value)


def _normal(what: str, value: str) -> str:
    """MAC addresses come with colons, dashes or nothing, in either case."""
    return re.sub(r"[^0-9A-F]", "", value.upper()) if what == "mac" else value.strip()


def _shown(families: Families, box: Box, *, page: bool) -> str:
    for name in sorted(families):
        family = families[name]
        if any(c.needs_page == page and _met(c, box) for c in family.match) and not _ruled_out(family, box):
            return name
    return ""


def _ruled_out(family: Family, box: Box) -> bool:
    return any(_met(condition, box) for condition in family.unless)


def _met(condition: Condition, box: Box) -> bool:
    return (
        condition.dialect in ("", box.dialect)
        and condition.requested_with in ("", box.requested_with)
        and _word(condition.user_agent, box.user_agent)
        and _word(condition.app_name, box.app_name)
        and _word(condition.vendor, box.vendor)
        and set(condition.objects) <= set(box.objects)
    )


def _word(wanted: str, text: str) -> bool:
    """Whether a word of `text` begins with `wanted`: MAG is in "MAG254" but not in "IMAGE"."""
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(wanted)}", text) is not None if wanted else True
