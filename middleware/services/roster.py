"""Rosters of households and members: dry run, import all or nothing, and an export that imports unchanged."""

from collections.abc import Collection, Mapping
from datetime import datetime

import attrs
from attrs import frozen

from middleware.domain.errors import BadPhone, BadValue, DomainError, Forbidden
from middleware.domain.places import Branch, Village
from middleware.domain.registry import Household, Member, MemberDraft, Staff, parse_phone
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE, Reach, reach
from middleware.services.roster_line import Names
from middleware.services.roster_plan import ENOUGH_FAULTS, Counts, Entry, Plan, Register, plan
from middleware.services.roster_sheet import HEAD, read_roster
from middleware.services.sheet_lines import Fault, Line, Sheet
from middleware.services.spreadsheet import Kind, Table, tables_bytes

__all__ = [
    "Counts",
    "Fault",
    "Plan",
    "Roster",
    "Sheet",
    "apply_import",
    "counts_text",
    "export_roster",
    "faults_text",
    "plan_import",
    "read_roster",
    "roster_bytes",
]


@frozen
class Roster:
    """An exported register: rows under HEAD, households without members last."""

    rows: tuple[tuple[str, ...], ...] = attrs.field(repr=False)


def plan_import(uow: UnitOfWork, sheet: Sheet) -> Plan:
    """Say what a roster would change, or everything that is wrong with it; writes nothing."""
    return plan(sheet, _register(uow, sheet))


def apply_import(uow: UnitOfWork, now: datetime, by: Staff | None, planned: Plan) -> Plan:
    """Write what was planned, all of it or nothing.

    Raises BadValue(roster_faults), Forbidden, DomainError(roster_moved) when the register has changed since the plan.
    """
    actor = _importer(by)
    fresh = plan_import(uow, planned.sheet)
    if fresh.faults:
        raise BadValue("roster_faults", f"名册有 {len(fresh.faults)} 处要改，没有导入", faults_text(fresh))
    if fresh != planned:
        raise DomainError("roster_moved", "名册在这期间被别人改过，请重新核对后再导入")
    uow.registry.add_households(fresh.new_households)
    uow.registry.update_households(fresh.changed_households)
    homes = {home.code: home.id for home in uow.registry.households()}
    # Changes first: they may free a number that a new member brings.
    uow.registry.update_members({number: _draft(entry, homes) for number, entry in fresh.changed_members.items()})
    uow.registry.add_members([_draft(entry, homes) for entry in fresh.new_members])
    detail = {"households": attrs.asdict(fresh.households), "members": attrs.asdict(fresh.members)}
    uow.audit.add(now, actor, "import", "roster", planned.sheet.filename[:80], detail)
    return fresh


def export_roster(uow: UnitOfWork, now: datetime, by: Staff | None) -> Roster:
    """Read what lies within somebody's reach, with phone numbers; audited. Render it outside of the transaction.

    Raises Forbidden.
    """
    mine = reach(uow, by)
    members = [one for one in uow.registry.members() if mine.sees(one.branch_id)]
    rows = _rows(uow, members, _homes_in_reach(uow, mine, members))
    uow.audit.add(now, mine.actor, "export", "roster", "all", {"members": len(members), "rows": len(rows)})
    return Roster(rows)


def roster_bytes(roster: Roster, kind: Kind) -> bytes:
    """Render an export as XLSX or CSV."""
    return tables_bytes(kind, Table("名册", HEAD, roster.rows))


def faults_text(planned: Plan) -> str:
    """Return one line per fault, such as `Sheet1!F12: 手机号少两位`; empty without faults."""
    lines = [str(one) for one in planned.faults]
    return "\n".join([*lines, "……后面的行没有再看"] if len(lines) >= ENOUGH_FAULTS else lines)


def counts_text(planned: Plan) -> str:
    """Return what an import adds, changes and leaves, and the columns it does not read, for people."""
    parts = (("户", planned.households), ("党员", planned.members))
    lines = [f"{word}：新增 {one.added}，修改 {one.changed}，不变 {one.unchanged}" for word, one in parts]
    ignored = f"没有读的列：{'、'.join(planned.ignored)}"
    return "\n".join([*lines, ignored] if planned.ignored else lines)


def _importer(by: Staff | None) -> str:
    if by is not None and (by.role not in {"admin", "office"} or not by.active):
        raise Forbidden("只有镇里的办公室可以导入名册")
    return by.login if by else COMMAND_LINE


def _register(uow: UnitOfWork, sheet: Sheet) -> Register:
    members = {one.code: one for one in uow.registry.members(active_only=False)}
    homes = uow.registry.households()
    spoken_of = [members[code].id for line in sheet.lines if (code := line["code"]) in members]
    return Register(
        names=Names(_names(uow.places.villages()), _names(uow.places.branches())),
        households={home.code: home for home in homes},
        home_codes={home.id: home.code for home in homes},
        members=members,
        phones=uow.registry.phones(spoken_of),
        owners=uow.registry.by_phones({number for line in sheet.lines if (number := _number(line))}),
    )


def _names(places: Collection[Village] | Collection[Branch]) -> dict[str, int]:
    return {place.code: place.id for place in places} | {place.name: place.id for place in places}


def _number(line: Line) -> str:
    try:
        return parse_phone(line["phone"])
    except BadPhone:
        return ""  # said by the plan, with its cell


def _draft(entry: Entry, homes: Mapping[str, int]) -> MemberDraft:
    home = homes[entry.household] if entry.household else None
    return MemberDraft(
        entry.code, entry.name, entry.branch_id, entry.group_no, home, entry.role, entry.active, entry.phone
    )


def _homes_in_reach(uow: UnitOfWork, mine: Reach, members: Collection[Member]) -> dict[int, Household]:
    lived_in = {one.household_id for one in members}
    return {
        home.id: home
        for home in uow.registry.households()
        if mine.villages is None or home.village_id in mine.villages or home.id in lived_in
    }


def _rows(uow: UnitOfWork, members: Collection[Member], homes: Mapping[int, Household]) -> tuple[tuple[str, ...], ...]:
    villages = {one.id: one.name for one in uow.places.villages()}
    branches = {one.id: one.name for one in uow.places.branches()}
    phones = uow.registry.phones([one.id for one in members])
    lived_in = {one.household_id for one in members}

    def row(home: Household | None, one: Member | None) -> tuple[str, ...]:
        where = (villages[home.village_id], home.code, home.address) if home else ("", "", "")
        who = (one.code, one.name, str(one.group_no or ""), one.role, phones.get(one.id, "")) if one else ("",) * 5
        return where[0], branches[one.branch_id] if one else "", *where[1:], *who

    people = [row(homes.get(one.household_id or 0), one) for one in members]
    return (*people, *(row(home, None) for home in homes.values() if home.id not in lived_in))
