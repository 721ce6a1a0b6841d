"""What a sheet of boxes would change, and everything that speaks against it: pure, on values read before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from attrs import frozen

from middleware.domain.devices import Device
from middleware.services.device_line import NAMES, Known, Row, read_row
from middleware.services.sheet_lines import Fault, Sheet, fault
from middleware.services.spreadsheet_read import tidy

ENOUGH_FAULTS: Final = 500
"""More are not listed and the rest of the file is not looked at: somebody chose the wrong file."""


@frozen
class Match:
    """A line with the box that it speaks of; None = a new one."""

    row: Row
    box: Device | None


@frozen
class Wanted:
    """A box as it will stand, id 0 for a new one; `password` None = as before."""

    box: Device
    password: str | None = attrs.field(default=None, repr=False)


@frozen
class Plan:
    """What a sheet does to the boxes when it is applied; with faults it does nothing."""

    sheet: Sheet = attrs.field(repr=False)
    faults: tuple[Fault, ...] = ()
    added: tuple[Wanted, ...] = attrs.field(default=(), repr=False)
    changed: tuple[Wanted, ...] = attrs.field(default=(), repr=False)
    unchanged: int = 0

    @property
    def ignored(self) -> tuple[str, ...]:
        """Heads of the columns that were not read."""
        return self.sheet.ignored


def match(sheet: Sheet, boxes: Sequence[Device], known: Known) -> tuple[list[Match], list[Fault]]:
    """Read every line and find its box; faults are those of cells, of names that clash and of lines that repeat."""
    index = {name: {getattr(box, name): box for box in boxes if getattr(box, name)} for name in NAMES}
    found: list[Match] = []
    faults: list[Fault] = []
    seen: dict[tuple[str, object], Row] = {}
    for line in sheet.lines:
        row, wrong = read_row(line, known)
        faults += wrong
        if not wrong:
            matched, clashes = _matched(row, index)
            found.append(matched)
            faults += clashes or _repeated(matched, seen)
        if len(faults) >= ENOUGH_FAULTS:
            break
    return found, faults


def plan(sheet: Sheet, matches: Sequence[Match], faults: Sequence[Fault], passwords: Mapping[int, str]) -> Plan:
    """Compare the lines with the boxes; `passwords` are those that stand, of the boxes that get one."""
    wrong = [*faults, *(one for match in matches for one in _nameless(match))]
    if wrong:
        ordered = sorted(set(wrong), key=lambda one: (one.sheet, one.row, one.column, one.message))
        return Plan(sheet, tuple(ordered[:ENOUGH_FAULTS]))
    wanted = [(one.box, _wanted(one, passwords)) for one in matches]
    added = tuple(each for box, each in wanted if box is None)
    changed = tuple(each for box, each in wanted if box is not None and (each.box != box or each.password is not None))
    return Plan(sheet, (), added, changed, len(wanted) - len(added) - len(changed))


def _matched(row: Row, index: Mapping[str, Mapping[str, Device]]) -> tuple[Match, list[Fault]]:
    hits = [(name, box) for name, value in row.names.items() if (box := index[name].get(value)) is not None]
    first = hits[0][1] if hits else None
    clashes = [
        fault(row.line, name, f"这个编号属于另一台机顶盒（编号 {box.id}）", f"it belongs to box number {box.id}")
        for name, box in hits
        if first is not None and box.id != first.id
    ]
    return Match(row, first), clashes


def _repeated(found: Match, seen: dict[tuple[str, object], Row]) -> list[Fault]:
    """Faults of a line whose box or whose names stood in an earlier line."""
    row = found.row
    keys: list[tuple[str, object]] = [(name, value) for name, value in row.names.items() if value]
    if found.box is not None:
        keys.append(("", found.box.id))
    again = next((key for key in keys if key in seen), None)
    if again is None:
        seen.update(dict.fromkeys(keys, row))
        return []
    here, there = (again[0] or _first_name(one) for one in (row, seen[again]))
    place = seen[again].line.at(there)
    return [fault(row.line, here, f"与 {place} 是同一台机顶盒", f"the same box as in {place}")]


def _first_name(row: Row) -> str:
    return next(name for name, value in row.names.items() if value)


def _nameless(found: Match) -> list[Fault]:
    after = {name: getattr(found.box, name, "") for name in NAMES} | dict(found.row.names)
    if any(after.values()):
        return []
    return [fault(found.row.line, "mac", "机顶盒总要留一个编号", "a box must keep one of its names")]


def _wanted(found: Match, passwords: Mapping[int, str]) -> Wanted:
    old = found.box or Device(id=0, state="active")
    row = found.row
    said: dict[str, Any] = {
        "household_id": _none(row.household, old.household_id),
        "account_id": _none(row.account, old.account_id),
        "group": _text(row.group, old.group),
        "family": _text(row.family, old.family),
        "note": _text(row.note, old.note),
        **row.names,
    }
    box = attrs.evolve(old, **said)
    state = row.state or _settled(old, box)
    password = row.password if row.password != passwords.get(old.id, "") else None
    return Wanted(attrs.evolve(box, state=state), password)


def _settled(old: Device, new: Device) -> Any:
    """A box that waits is let in by being given a home, as when it is bound by hand."""
    placed = (new.household_id, new.account_id) != (old.household_id, old.account_id)
    given = new.household_id is not None or new.account_id is not None
    return "active" if old.state == "pending" and placed and given else old.state


def _none(said: int | None, old: int | None) -> int | None:
    return old if said is None else said or None


def _text(said: str | None, old: str) -> str:
    """What a cell says of a text; a cell cannot hold more of the old one than `tidy` leaves."""
    return old if said is None or said == tidy(old) else said


def passwords_wanted(matches: Iterable[Match]) -> list[int]:
    """Ids of the boxes whose passwords must be compared."""
    return [one.box.id for one in matches if one.box is not None and one.row.password is not None]
