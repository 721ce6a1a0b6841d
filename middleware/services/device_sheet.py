"""Sheets of boxes: dry run, import all or nothing, and an export that imports unchanged and tells no password."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import frozen

from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, DomainError
from middleware.domain.events import DeviceChanged
from middleware.services.device_line import BOXES, HEAD, NAMES, STATES, Known
from middleware.services.device_plan import ENOUGH_FAULTS, Plan, Wanted, match, passwords_wanted, plan
from middleware.services.ports import UnitOfWork
from middleware.services.sheet_lines import NOTHING, Sheet, read_sheet
from middleware.services.spreadsheet import Kind, Table, tables_bytes

__all__ = [
    "Boxes",
    "Plan",
    "apply_import",
    "boxes_bytes",
    "counts_text",
    "export_boxes",
    "faults_text",
    "plan_import",
    "read_boxes",
]

Families = Mapping[str, str]
"""Titles of the key families by name."""

_TOLD: Final = ("household_id", "account_id", "group", "family", "state", *NAMES)


@frozen
class Boxes:
    """Exported boxes: rows under HEAD, the column of passwords empty."""

    rows: tuple[tuple[str, ...], ...] = attrs.field(repr=False)


def read_boxes(data: bytes, filename: str) -> Sheet:
    """Read a sheet of boxes from XLSX or CSV. Raises BadValue(file_…) for the file as a whole."""
    return read_sheet(data, filename, BOXES)


def plan_import(uow: UnitOfWork, sheet: Sheet, families: Families) -> Plan:
    """Say what a sheet would change, or everything that is wrong with it; writes nothing."""
    boxes = uow.devices.all()
    matches, faults = match(sheet, boxes, _known(uow, boxes, families))
    passwords = {} if faults else {one: uow.devices.iptv_password(one) for one in passwords_wanted(matches)}
    return plan(sheet, matches, faults, passwords)


def apply_import(uow: UnitOfWork, now: datetime, actor: str, planned: Plan, families: Families) -> Plan:
    """Write what was planned, all of it or nothing.

    Raises BadValue(device_faults), DomainError(devices_moved) when the boxes have changed since the plan.
    """
    fresh = plan_import(uow, planned.sheet, families)
    if fresh.faults:
        raise BadValue("device_faults", f"表格有 {len(fresh.faults)} 处要改，没有导入", faults_text(fresh))
    if fresh != planned:
        raise DomainError("devices_moved", "机顶盒在这期间被别人改过，请重新核对后再导入")
    before = {box.id: box for box in uow.devices.by_ids([one.box.id for one in fresh.changed])}
    uow.devices.save_all([one.box for one in fresh.changed])
    uow.devices.add_all([one.box for one in fresh.added], now)
    _write_passwords(uow, fresh)
    for one in fresh.changed:
        uow.outbox.add(DeviceChanged(one.box.id))
        uow.audit.add(now, actor, "import", "device", one.box.id, _changes(before[one.box.id], one))
    detail = {"added": len(fresh.added), "changed": len(fresh.changed), "unchanged": fresh.unchanged}
    uow.audit.add(now, actor, "import", "devices", planned.sheet.filename[:80], detail)
    return fresh


def export_boxes(uow: UnitOfWork, now: datetime, actor: str) -> Boxes:
    """Read every box, by id; audited. Render it outside of the transaction."""
    homes = {home.id: home.code for home in uow.registry.households()}
    accounts = {one.id: one.number for one in uow.accounts.all()}
    rows = tuple(_row(box, homes, accounts) for box in uow.devices.all())
    uow.audit.add(now, actor, "export", "devices", "all", {"rows": len(rows)})
    return Boxes(rows)


def boxes_bytes(boxes: Boxes, kind: Kind) -> bytes:
    """Render an export as XLSX or CSV."""
    return tables_bytes(kind, Table("机顶盒", HEAD, boxes.rows))


def faults_text(planned: Plan, *, english: bool = False) -> str:
    """Return one line per fault, such as `Sheet1!A12: MAC 地址应为 12 位十六进制数`; empty without faults."""
    lines = [f"{one.at}: {one.english or one.message}" if english else str(one) for one in planned.faults]
    more = "the lines after that were not looked at" if english else "……后面的行没有再看"
    return "\n".join([*lines, more] if len(lines) >= ENOUGH_FAULTS else lines)


def counts_text(planned: Plan) -> str:
    """Return what an import adds, changes and leaves, for people."""
    return f"机顶盒：新增 {len(planned.added)}，修改 {len(planned.changed)}，不变 {planned.unchanged}"


def _known(uow: UnitOfWork, boxes: Sequence[Device], families: Families) -> Known:
    # A family that a box has and the program no longer knows is taken as it stands.
    used = {box.family: box.family for box in boxes if box.family}
    return Known(
        {home.code: home.id for home in uow.registry.households()},
        {one.number: one.id for one in uow.accounts.all()},
        {**used, **families},
    )


def _write_passwords(uow: UnitOfWork, fresh: Plan) -> None:
    given = [one for one in (*fresh.added, *fresh.changed) if one.password is not None]
    if not given:
        return
    ids = {(name, getattr(box, name)): box.id for box in uow.devices.all() for name in NAMES if getattr(box, name)}
    uow.devices.set_iptv_passwords({_id_of(one.box, ids): one.password or "" for one in given})


def _id_of(box: Device, ids: Mapping[tuple[str, str], int]) -> int:
    return next(ids[name, value] for name in NAMES if (value := getattr(box, name)))


def _changes(before: Device, after: Wanted) -> dict[str, Any]:
    """What an import changes of a box, for the audit log; that there is a new password, not which."""
    changed = {name: getattr(after.box, name) for name in _TOLD if getattr(after.box, name) != getattr(before, name)}
    return changed | ({"iptv_password": "new"} if after.password is not None else {})


def _row(box: Device, homes: Mapping[int, str], accounts: Mapping[int, str]) -> tuple[str, ...]:
    home, account = homes.get(box.household_id or 0, ""), accounts.get(box.account_id or 0, "")
    names = tuple(getattr(box, name) for name in NAMES)
    # A cell with the word for nothing would be read as an order to empty it.
    texts = ["" if text == NOTHING else text for text in (box.group, box.family)]
    note = "" if box.note == NOTHING else box.note
    return (*names, "", home, account, *texts, STATES[box.state], note)
