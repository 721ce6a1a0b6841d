"""The rules that every key family keeps; each function yields what breaks one of them.

Rules that concern pages (shortcuts, hints, number keys beside a digit field) are checked where the pages are.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from keymap.keys import BASIC, DIGITS, Action, Key, SystemEvent
from keymap.model import ABILITIES, HOOKS, QUIRKS, Code, Family, Fault, Kind, Row, SystemRow, abilities
from keymap.reading import Document

MAX_PAGE_CODE = 65_535
MAX_SCANCODE = 0xFFFFFF
MAX_BOUNCE_MS = 80
"""Longer, and 88 typed fast would lose a digit."""

REQUIRED = ("family", "title", "kind", "modifiers", "hooks", "repeat_ms", "digit_bounce_ms", "quirks", "has", "labels")


@frozen
class Draft:
    """A family file under test: `header` with the base's fields filled in, `rows` and `system` its own,
    `base` the family it extends, `keys` the table that results."""

    document: Document
    header: Mapping[str, Any]
    rows: tuple[Row, ...]
    system: tuple[SystemRow, ...]
    base: Family | None
    replaces: frozenset[Code]
    keys: Mapping[Code, Action]
    events: Mapping[int, SystemEvent]

    def at_row(self, row: Row | SystemRow, reason: str) -> Fault:
        """A fault at the line of one row."""
        return Fault(self.document.file, row.line, reason)


def lint(draft: Draft) -> tuple[Fault, ...]:
    """All faults of one family file, in the order of its lines."""
    faults = [fault for rule in RULES for fault in rule(draft)]
    return tuple(sorted(faults, key=lambda fault: fault.line))


def table_faults(
    keys: Mapping[Code, Action], kind: Kind, no_back: str = "", system: Mapping[int, SystemEvent] | None = None
) -> Iterator[tuple[Code | None, str]]:
    """What is wrong with a table of keys itself, in a file or after an override: (the code, if one, and the reason)."""
    live = set(keys.values())
    for key in BASIC:
        if key not in live and not (key is Key.BACK and kind == "bridge" and no_back):
            yield None, f"no code for {key}, one of the six basic keys"
    if 0 < len(live.intersection(DIGITS)) < len(DIGITS):
        yield None, "some digits but not all ten"
    for code in keys:
        if isinstance(code, int) and not _in_range(code, kind):
            yield code, f"code {code} is out of range"
        if isinstance(code, str) and kind == "page":
            yield code, f"name {code!r}: a page knows codes only"
        if system and code in system:
            yield code, f"code {code} is both a key and a system event"


def _in_range(code: int, kind: Kind) -> bool:
    return 1 <= code <= MAX_PAGE_CODE if kind == "page" else 0 <= code <= MAX_SCANCODE


def _table(draft: Draft) -> Iterator[Fault]:
    kind: Kind = "bridge" if draft.header.get("kind") == "bridge" else "page"
    lines: dict[Code, int] = {event.code: event.line for event in draft.system}
    lines |= {row.code: row.line for row in draft.rows}
    for code, reason in table_faults(draft.keys, kind, str(draft.header.get("no_back", "")), draft.events):
        yield Fault(draft.document.file, lines.get(code, 0) if code is not None else 0, reason)
    for event in draft.system:
        if not _in_range(event.code, kind):
            yield draft.at_row(event, f"code {event.code} is out of range")


def _required(draft: Draft) -> Iterator[Fault]:
    for name in REQUIRED:
        if name not in draft.header:
            yield draft.document.fault(f"{name} is missing")
    if draft.header.get("family") != draft.document.name:
        yield draft.document.fault("family must be equal to the file's name", "family")
    if not draft.header.get("title"):
        yield draft.document.fault("title must not be empty", "title")


def _closed_lists(draft: Draft) -> Iterator[Fault]:
    header = draft.header
    wanted: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
        ("kind", (header.get("kind", "page"),), ("page", "bridge")),
        ("modifiers", (header.get("modifiers", "none"),), ("none", "mag")),
        ("hooks", tuple(header.get("hooks", ())), HOOKS),
        ("quirks", tuple(header.get("quirks", ())), QUIRKS),
        ("labels", tuple(header.get("labels", ())), tuple(Key.__members__)),
        ("has", tuple(header.get("has", ())), ABILITIES),
    )
    for name, values, known in wanted:
        for value in values:
            if value not in known:
                yield draft.document.fault(f"{name}: {value!r} is not known", name)


def _hooks(draft: Draft) -> Iterator[Fault]:
    hooks = tuple(draft.header.get("hooks", ()))
    if not hooks:
        yield draft.document.fault("hooks must not be empty", "hooks")
    if ("bridge" in hooks) != (draft.header.get("kind") == "bridge"):
        yield draft.document.fault("the hook bridge goes with the kind bridge", "hooks")
    if draft.header.get("digit_bounce_ms", 0) > MAX_BOUNCE_MS:
        yield draft.document.fault(f"digit_bounce_ms must be at most {MAX_BOUNCE_MS}", "digit_bounce_ms")


def _no_back(draft: Draft) -> Iterator[Fault]:
    if draft.header.get("no_back") and (draft.header.get("kind") != "bridge" or Key.BACK in draft.keys.values()):
        yield draft.document.fault("no_back is the excuse of a bridge without BACK", "no_back")


def _twice(draft: Draft) -> Iterator[Fault]:
    seen: dict[Code, Row] = {}
    for row in draft.rows:
        if row.code in seen:
            yield draft.at_row(row, f"code {row.code} twice: {seen[row.code].action} in line {seen[row.code].line}")
        seen.setdefault(row.code, row)
    events: set[int] = set()
    for event in draft.system:
        if event.code in events:
            yield draft.at_row(event, f"system code {event.code} twice")
        events.add(event.code)


def _over_base(draft: Draft) -> Iterator[Fault]:
    """A variant restates a code of its base only where it says so, and removes only what is there."""
    base = draft.base.keys if draft.base else {}
    replaces = draft.replaces
    for row in draft.rows:
        if row.action is None and row.code not in base:
            yield draft.at_row(row, f"code {row.code} is removed but the base does not have it")
        if row.action is not None and row.code in base and row.code not in replaces:
            yield draft.at_row(row, f"code {row.code} twice: {base[row.code]} in the base; list it in replaces")
        if row.code in replaces and base.get(row.code) == row.action:
            yield draft.at_row(row, f"code {row.code} repeats the base")
    for code in sorted(replaces - ({row.code for row in draft.rows} & set(base)), key=str):
        yield draft.document.fault(f"replaces: code {code} is not replaced", "replaces")
    known = draft.base.system if draft.base else {}
    for event in draft.system:
        if event.code in known:
            yield draft.at_row(event, f"system code {event.code} twice: in the base as well")


def _sources(draft: Draft) -> Iterator[Fault]:
    given = draft.document.data.get("sources", {})
    used = [(t, s) for t in ("keys", "names", "system") for s in draft.document.data.get(t, {})]
    for table, source in used:
        if not given.get(source, "").strip():
            yield draft.document.fault(f"{table}.{source} has no source", table, source)
    for source in set(given) - {s for _, s in used}:
        yield draft.document.fault(f"source {source!r} has no codes", "sources", source)


def _has(draft: Draft) -> Iterator[Fault]:
    true = abilities(draft.keys)
    for name in ABILITIES:
        said = draft.header.get("has", {}).get(name)
        if said is not None and said != true[name]:
            yield draft.document.fault(f"has.{name} is {said} but the keys say {true[name]}", "has")
        if said is None:
            yield draft.document.fault(f"has.{name} is missing", "has")


def _composed(draft: Draft) -> Iterator[Fault]:
    if draft.header.get("modifiers") == "mag":
        return
    for row in draft.rows:
        if row.composed:
            yield draft.at_row(row, f"code {row.code} has a modifier, but modifiers is not mag")


RULES: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    _required,
    _closed_lists,
    _hooks,
    _no_back,
    _table,
    _twice,
    _over_base,
    _sources,
    _has,
    _composed,
)
