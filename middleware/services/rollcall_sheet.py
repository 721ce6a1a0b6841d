"""The attendance of a roll-call as a spreadsheet for the cadre: the roll with masked numbers, figures per branch."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs
from attrs import frozen

from middleware.domain.attendance import Attendance, RollLine, Status, Tally, by_branch, tally
from middleware.domain.places import TOWN_ZONE
from middleware.domain.registry import Member, Staff, mask_phone
from middleware.domain.rollcall import Rollcall, Way
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import visible
from middleware.services.spreadsheet import Cell, Kind, Table, tables_bytes

STATUS_WORDS: Mapping[Status, str] = {"present": "到会", "late": "迟到", "leave": "请假", "absent": "缺席"}
WAY_WORDS: Mapping[Way, str] = {"pick": "选本人", "number": "输手机号", "cadre": "村干部代记", "review": "核实"}
ROLL_HEAD = ("支部", "编号", "姓名", "党小组", "手机号", "结果", "时间", "方式", "异地", "备注")
FIGURES_HEAD = ("支部", "应到", "到会", "迟到", "请假", "缺席", "到会率")


@frozen
class RollSheet:
    """What is exported: the roll-call, a row per member, and a row per branch with the sum last."""

    rollcall: Rollcall
    roll: tuple[tuple[Cell, ...], ...] = attrs.field(repr=False)
    figures: tuple[tuple[Cell, ...], ...] = attrs.field(repr=False)


def export_rollcall(uow: UnitOfWork, now: datetime, by: Staff | None, rollcall_id: int) -> RollSheet:
    """Read the attendance as it stands, within somebody's reach; audited. Render it outside of the transaction.

    Raises NotFound, Forbidden.
    """
    rollcall, mine = visible(uow, by, rollcall_id)
    lines = uow.rollcalls.lines(rollcall_id, mine.branches)
    branches = {branch.id: branch.name for branch in uow.places.branches()}
    members = {one.id: one for one in uow.registry.members(active_only=False)}
    phones = uow.registry.phones([line.expected.member for line in lines])
    uow.audit.add(now, mine.actor, "export", "rollcall", rollcall_id, {"rows": len(lines)})
    roll = tuple(
        _row(line, members[line.expected.member], branches[line.expected.branch], phones.get(line.expected.member, ""))
        for line in lines
    )
    return RollSheet(rollcall, roll, _figures(lines, branches))


def sheet_bytes(sheet: RollSheet, kind: Kind) -> bytes:
    """Render an export: XLSX with roll and figures, or the roll as CSV."""
    figures = Table("汇总", FIGURES_HEAD, sheet.figures)
    return tables_bytes(kind, Table(sheet.rollcall.title, ROLL_HEAD, sheet.roll), figures)


def sheet_name(sheet: RollSheet, kind: Kind) -> str:
    """Return a file name that says which roll-call it is."""
    return f"rollcall-{sheet.rollcall.id}-{sheet.rollcall.opens.astimezone(TOWN_ZONE):%Y%m%d}.{kind}"


def _row(line: RollLine, member: Member, branch: str, phone: str) -> tuple[Cell, ...]:
    signin = line.signin
    came = signin is not None and signin.state == "accepted"
    waits = signin is not None and signin.state == "needs_review"
    return (
        branch,
        member.code,
        line.name,
        member.group_no or "",
        mask_phone(phone) if phone else "",
        "待核实" if waits else STATUS_WORDS[line.status],
        f"{signin.at.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M:%S}" if signin else "",
        WAY_WORDS[signin.way] if signin else "",
        "是" if signin and signin.elsewhere else "",
        signin.note if signin and came else line.expected.leave,
    )


def _figures(lines: Sequence[RollLine], branches: Mapping[int, str]) -> tuple[tuple[Cell, ...], ...]:
    records = [Attendance(0, one.expected.member, one.expected.branch, one.status) for one in lines]
    rows = [_figure(branches[branch], counts) for branch, counts in by_branch(records).items()]
    return (*rows, _figure("合计", tally(records)))


def _figure(name: str, counts: Tally) -> tuple[Cell, ...]:
    rate = f"{100 * counts.rate:.1f}%"
    return (name, counts.expected, counts.present, counts.late, counts.leave, counts.absent, rate)
