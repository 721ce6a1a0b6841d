"""What lies over a family: the keys a household taught, then the operator's overrides. Pure values, checked by lint."""

from collections.abc import Iterable, Iterator, Mapping

import attrs
from attrs import frozen

from keymap.families import Families
from keymap.keys import DIGITS, Action, Key
from keymap.lint import table_faults
from keymap.model import Code, Family
from keymap.reading import parse_action, parse_code

MAX_CHANGES = 200
"""No remote has more keys; the bound keeps a form from growing a table without end."""


class BadOverride(ValueError):
    """An override that cannot stand; `reasons` says why, for the operator."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))


@frozen
class Override:
    """Changes to one family, for all its boxes or for one `group` of devices.

    `changes` goes from a code ("640", "0x26", "9+shift", in bridges also a name) or a logical key ("RED": all its
    codes) to a logical key, "noop" (swallow) or "" (remove).
    """

    id: str
    family: str
    changes: tuple[tuple[str, str], ...]
    group: str = ""


@frozen
class Overrides:
    """All overrides in force, in the order they were made; a later one wins."""

    entries: tuple[Override, ...] = ()


def changed(family: Family, changes: Iterable[tuple[str, str]]) -> Family:
    """The family with changes made; BadOverride names every change that cannot be, and every rule then broken."""
    pairs = tuple(changes)
    if not pairs or len(pairs) > MAX_CHANGES:
        raise BadOverride([f"an override has 1 to {MAX_CHANGES} changes"])
    reasons: list[str] = []
    by_key: dict[Code, Action | None] = {}
    by_code: dict[Code, Action | None] = {}
    for subject, value in pairs:
        try:
            target = by_key if subject in Key.__members__ else by_code
            target.update(_change(family, subject, value, target))
        except ValueError as error:
            reasons.append(str(error))
    if reasons:
        raise BadOverride(reasons)
    return checked(attrs.evolve(family, keys=_laid(family.keys, {**by_key, **by_code})))


def _change(
    family: Family, subject: str, value: str, so_far: Mapping[Code, Action | None]
) -> dict[Code, Action | None]:
    action = parse_action(value)
    codes = list(_subjects(family, subject))
    if not codes:
        raise ValueError(f"{subject} has no code in {family.name}")
    for code in codes:
        if code in so_far:
            raise ValueError(f"{subject} is changed twice")
        if action is None and code not in family.keys:
            raise ValueError(f"code {code} is removed but {family.name} does not have it")
    return dict.fromkeys(codes, action)


def _subjects(family: Family, subject: str) -> Iterator[Code]:
    if subject in Key.__members__:
        yield from (code for code, action in family.keys.items() if action is Key[subject])
    elif subject in family.keys:
        yield subject
    else:
        code, composed = parse_code(subject)
        if composed and family.modifiers == "none":
            raise ValueError(f"{subject}: {family.name} does not add modifiers")
        yield code


def _laid(keys: Mapping[Code, Action], changes: Mapping[Code, Action | None]) -> dict[Code, Action]:
    merged = {**keys, **changes}
    return {code: action for code, action in merged.items() if action is not None}


def checked(family: Family) -> Family:
    """The family itself; BadOverride if its table breaks a rule."""
    faults = table_faults(family.keys, family.kind, family.no_back, family.system)
    if reasons := [reason for _, reason in faults]:
        raise BadOverride(reasons)
    return family


def with_taught(family: Family, keys: Mapping[int, Key]) -> Family:
    """The family with a household's taught keys over it; BadOverride if they do not make a sound table.

    A taught arrow may sit on a code that was a digit. Digits come all or none, so the rest of them go then.
    """
    table: dict[Code, Action] = dict(family.keys)
    table.update(keys.items())
    if not set(table.values()).issuperset(DIGITS):
        table = {code: action for code, action in table.items() if action not in DIGITS}
    return checked(attrs.evolve(family, keys=table))


def add(families: Families, overrides: Overrides, entry: Override) -> Overrides:
    """The overrides with one more; BadOverride if it, or what lies over it, cannot stand."""
    if entry.family not in families:
        raise BadOverride([f"no family {entry.family!r}"])
    if any(known.id == entry.id for known in overrides.entries):
        raise BadOverride([f"override {entry.id!r} exists"])
    return _sound(families, Overrides((*overrides.entries, entry)), entry.family)


def remove(families: Families, overrides: Overrides, entry_id: str) -> Overrides:
    """Undo one override; BadOverride if there is none such, or if a later one rests on it."""
    gone = [entry for entry in overrides.entries if entry.id == entry_id]
    if not gone:
        raise BadOverride([f"no override {entry_id!r}"])
    rest = tuple(entry for entry in overrides.entries if entry.id != entry_id)
    return _sound(families, Overrides(rest), gone[0].family)


def _sound(families: Families, overrides: Overrides, name: str) -> Overrides:
    for group in {"", *(entry.group for entry in overrides.entries if entry.family == name)}:
        _overridden(families[name], overrides, group)
    return overrides


def _overridden(family: Family, overrides: Overrides, group: str) -> Family:
    mine = [entry for entry in overrides.entries if entry.family == family.name and entry.group in ("", group)]
    for entry in sorted(mine, key=lambda e: e.group != ""):
        family = changed(family, entry.changes)
    return family


def effective(
    families: Families, overrides: Overrides, name: str, *, group: str = "", taught: Mapping[int, Key] | None = None
) -> Family:
    """The table a box really uses: family, then taught keys, then the family's overrides, then its group's.

    Each layer was checked when it was made. Should taught keys and overrides not go together (each fine alone), the
    overrides are left out for this box: a household that taught its remote keeps working keys.
    """
    family = families[name]
    if not taught:
        return _overridden(family, overrides, group)
    own = with_taught(family, taught)
    try:
        return _overridden(own, overrides, group)
    except BadOverride:
        return own
