"""What a roster would change in the register, and everything that speaks against it: pure, on values read before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from middleware.domain.registry import Household, HouseholdDraft, Member
from middleware.services.roster_line import Home, Names, Person, read_line
from middleware.services.sheet_lines import Fault, Line, Sheet, fault

ENOUGH_FAULTS = 500
"""More are not listed and the rest of the file is not looked at: somebody chose the wrong file."""


@frozen
class Register:
    """The register as far as a roster needs it: by code, `home_codes` and `phones` by id, `owners` by number."""

    names: Names
    households: Mapping[str, Household]
    home_codes: Mapping[int, str]
    members: Mapping[str, Member]
    phones: Mapping[int, str] = attrs.field(repr=False)
    owners: Mapping[str, Member] = attrs.field(repr=False)


@frozen
class Counts:
    """How many a roster adds, changes and leaves as they are."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@frozen
class Entry:
    """A member as he will stand; his home by its code, "" without."""

    code: str
    name: str
    branch_id: int
    group_no: int
    household: str
    role: str
    phone: str = attrs.field(repr=False)
    active: bool = True


@frozen
class Plan:
    """What a roster does to the register when it is applied; with faults it does nothing."""

    sheet: Sheet = attrs.field(repr=False)
    faults: tuple[Fault, ...]
    households: Counts
    members: Counts
    new_households: tuple[HouseholdDraft, ...] = attrs.field(repr=False)
    changed_households: tuple[Household, ...] = attrs.field(repr=False)
    new_members: tuple[Entry, ...] = attrs.field(repr=False)
    changed_members: Mapping[int, Entry] = attrs.field(repr=False)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Heads of the columns that were not read."""
        return self.sheet.ignored


def plan(sheet: Sheet, register: Register) -> Plan:
    """Compare a roster with the register; a plan with faults carries no changes."""
    lines, faults = _read(sheet, register.names)
    homes, clashes = _homes([home for home, _ in lines if home], register)
    entries, gaps = _entries([person for _, person in lines if person], register)
    faults += [*clashes, *gaps, *_same_phone(entries, register), *_same_person(entries, register)]
    return _refused(sheet, faults) if faults else _accepted(sheet, homes, [entry for entry, _ in entries], register)


def _read(sheet: Sheet, names: Names) -> tuple[list[tuple[Home | None, Person | None]], list[Fault]]:
    lines: list[tuple[Home | None, Person | None]] = []
    faults: list[Fault] = []
    for line in sheet.lines:
        home, person, found = read_line(line, names)
        lines.append((home, person))
        faults += found
        if len(faults) >= ENOUGH_FAULTS:
            break
    return lines, faults


def _accepted(sheet: Sheet, homes: Mapping[str, Home], entries: Sequence[Entry], register: Register) -> Plan:
    known = [(register.households[code], home) for code, home in homes.items() if code in register.households]
    changed = tuple(after for before, home in known if (after := _over(before, home)) != before)
    added = tuple(_draft(home) for code, home in homes.items() if code not in register.households)
    fresh = tuple(entry for entry in entries if entry.code not in register.members)
    altered = {register.members[one.code].id: one for one in entries if _alters(one, register)}
    return Plan(
        sheet,
        (),
        Counts(len(added), len(changed), len(known) - len(changed)),
        Counts(len(fresh), len(altered), len(entries) - len(fresh) - len(altered)),
        added,
        changed,
        fresh,
        altered,
    )


def _refused(sheet: Sheet, faults: Iterable[Fault]) -> Plan:
    ordered = tuple(sorted(set(faults), key=lambda one: (one.sheet, one.row, one.column, one.message)))
    return Plan(sheet, ordered[:ENOUGH_FAULTS], Counts(), Counts(), (), (), (), {})


def _draft(home: Home) -> HouseholdDraft:
    return HouseholdDraft(home.code, home.village or 0, home.address or "")


def _over(old: Household, home: Home) -> Household:
    village = old.village_id if home.village is None else home.village
    return attrs.evolve(old, village_id=village, address=old.address if home.address is None else home.address)


def _homes(lines: Sequence[Home], register: Register) -> tuple[dict[str, Home], list[Fault]]:
    homes: dict[str, Home] = {}
    faults: list[Fault] = []
    for home in lines:
        known = homes.get(home.code, home)
        faults += _clashes(known, home)
        village = home.village if known.village is None else known.village
        where = home.address if known.address is None else known.address
        homes[home.code] = attrs.evolve(known, village=village, address=where)
    new = [home for code, home in homes.items() if code not in register.households]
    faults += [
        fault(home.line, "village", "新的户要写明村") for home in new if not (home.village or home.line["village"])
    ]
    return homes, faults


def _clashes(first: Home, second: Home) -> list[Fault]:
    fields = (("village", "村"), ("address", "住址"))
    return [
        fault(second.line, field, f"同一户的{word}与 {first.line.at(field)} 不同")
        for field, word in fields
        if None not in (one := (getattr(first, field), getattr(second, field))) and one[0] != one[1]
    ]


def _entries(people: Sequence[Person], register: Register) -> tuple[list[tuple[Entry, Line]], list[Fault]]:
    seen: dict[str, Line] = {}
    found: list[tuple[Entry, Line]] = []
    faults: list[Fault] = []
    for person in people:
        if person.code in seen:
            faults.append(fault(person.line, "code", f"编号与 {seen[person.code].at('code')} 重复"))
            continue
        seen[person.code] = person.line
        before = register.members.get(person.code)
        if before is None:
            faults += _missing(person)
        found.append((_entry(person, before, register), person.line))
    return found, faults


def _missing(person: Person) -> list[Fault]:
    wanted = (("name", "没有填姓名"), ("branch", "没有填支部"))
    return [fault(person.line, field, text) for field, text in wanted if not person.line[field]]


def _entry(person: Person, before: Member | None, register: Register) -> Entry:
    old = _standing(before, register) if before else Entry(person.code, "", 0, 0, "", "", "")
    said: dict[str, Any] = {
        "name": person.name,
        "branch_id": person.branch,
        "group_no": person.group,
        "household": person.household,
        "role": person.role,
        "phone": person.phone,
        # Who stands in a roster is there, unless it says otherwise.
        "active": person.active is not False,
    }
    return attrs.evolve(old, **{field: value for field, value in said.items() if value is not None})


def _standing(member: Member, register: Register) -> Entry:
    home = register.home_codes.get(member.household_id or 0, "")
    phone = register.phones.get(member.id, "")
    return Entry(member.code, member.name, member.branch_id, member.group_no, home, member.role, phone, member.active)


def _alters(entry: Entry, register: Register) -> bool:
    before = register.members.get(entry.code)
    return before is not None and entry != _standing(before, register)


def _same_phone(entries: Sequence[tuple[Entry, Line]], register: Register) -> list[Fault]:
    written = {entry.code for entry, _ in entries}
    first: dict[str, Line] = {}
    faults: list[Fault] = []
    for entry, line in entries:
        owner = register.owners.get(entry.phone)
        if entry.phone and entry.phone in first:
            faults.append(fault(line, "phone", f"手机号与 {first[entry.phone].at('phone')} 相同"))
        elif owner is not None and owner.code not in written:
            faults.append(fault(line, "phone", f"这个手机号已登记在编号 {owner.code} 的名下"))
        first.setdefault(entry.phone, line)
    return faults


def _same_person(entries: Sequence[tuple[Entry, Line]], register: Register) -> list[Fault]:
    written = {entry.code for entry, _ in entries}
    standing = {
        _who(_standing(one, register)): one.code for one in register.members.values() if one.code not in written
    }
    first: dict[tuple[str, int, str], Line] = {}
    faults: list[Fault] = []
    for entry, line in entries:
        who = _who(entry)
        if who in first:
            faults.append(fault(line, "name", f"与 {first[who].at('name')} 是同一个人：支部、户和姓名都相同"))
        elif who in standing:
            faults.append(fault(line, "name", f"名册里已有这个人，编号是 {standing[who]}"))
        first.setdefault(who, line)
    return faults


def _who(entry: Entry) -> tuple[str, int, str]:
    """What makes two entries the same person: name, branch and home; without a home the number, else the code."""
    return entry.name, entry.branch_id, entry.household or entry.phone or entry.code
