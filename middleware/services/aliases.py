"""Names that mean a channel in every source: listed, kept, forgotten, and travelling as a sheet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import plan_rights
from middleware.services.ports import UnitOfWork
from middleware.services.spreadsheet import Kind, Table, tables_bytes
from middleware.services.spreadsheet_read import read_grids

HEAD: Final = ("频道标识", "频道", "别名")
LONGEST: Final = 60
MOST: Final = 5000


@frozen
class Alias:
    """A name and the channel of ours that it means; None when the line-up has it no more."""

    name: str
    xmltv_id: str
    channel: Channel | None


def listed(uow: UnitOfWork) -> tuple[Alias, ...]:
    """Every alias, by the channel's number and the name."""
    line_up = {one.xmltv_id: one for one in uow.guide.channels()}
    every = [
        Alias(name, xmltv_id, line_up.get(xmltv_id))
        for xmltv_id, names in uow.sources.aliases().items()
        for name in names
    ]
    return tuple(sorted(every, key=lambda one: (one.channel.number if one.channel else 10**6, one.name)))


def add(uow: UnitOfWork, now: datetime, actor: str, channel: str, name: str) -> None:
    """Let a name mean a channel, named by xmltv_id. Raises BadValue(alias), NotFound."""
    plan_rights.need(uow, actor, channel, "edit")
    sound = _sound(name)
    if all(one.xmltv_id != channel for one in uow.guide.channels()):
        raise NotFound("没有这个频道", "no_channel")
    _write(uow, now, actor, channel, sound)


def _sound(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise BadValue("alias", f"别名要有 1 到 {LONGEST} 个字")
    return name


def _write(uow: UnitOfWork, now: datetime, actor: str, channel: str, name: str) -> None:
    uow.sources.add_alias(channel, name)
    uow.audit.add(now, actor, "alias", "channel", channel, {"add": name})


def remove(uow: UnitOfWork, now: datetime, actor: str, name: str) -> None:
    """Forget a name; what it has matched stays so until its source is read again."""
    for channel in [one.xmltv_id for one in listed(uow) if one.name == name]:
        plan_rights.need(uow, actor, channel, "edit")
    uow.sources.remove_alias(name)
    uow.audit.add(now, actor, "alias", "channel", "", {"remove": name})


def export(uow: UnitOfWork, kind: Kind) -> bytes:
    """All aliases as a sheet that `take` reads again."""
    rows = [(one.xmltv_id, one.channel.name if one.channel else "", one.name) for one in listed(uow)]
    return tables_bytes(kind, Table("别名", HEAD, rows))


def read_file(data: bytes, filename: str) -> tuple[tuple[int, str, str], ...]:
    """Row, channel (its id, else its name) and alias of a sheet, outside any transaction. Raises BadValue."""
    grid = read_grids(data, filename)[0]
    head = list(grid.rows[0]) if grid.rows else []
    if "别名" not in head or not {"频道标识", "频道"} & set(head):
        raise BadValue("alias", "第一行要有“频道标识”（或“频道”）和“别名”")
    if len(grid.rows) > MOST:
        raise BadValue("alias", f"最多 {MOST} 行")
    return tuple(
        (number, _cell(row, head, "频道标识") or _cell(row, head, "频道"), _cell(row, head, "别名"))
        for number, row in enumerate(grid.rows[1:], 2)
        if any(row)
    )


def _cell(row: Sequence[str], head: Sequence[str], name: str) -> str:
    at = head.index(name) if name in head else len(row)
    return row[at].strip() if at < len(row) else ""


def take(uow: UnitOfWork, now: datetime, actor: str, rows: Sequence[tuple[int, str, str]]) -> int:
    """Keep the aliases of a sheet, all or none; returns how many are new.

    Raises Forbidden, and BadValue that names the row.
    """
    channels = uow.guide.channels()
    known = {one.name: one.xmltv_id for one in channels} | {one.xmltv_id: one.xmltv_id for one in channels}
    before = {one.name: one.xmltv_id for one in listed(uow)}
    new: dict[str, str] = {}
    for number, channel, name in rows:
        if channel not in known:
            raise BadValue("alias", f"第 {number} 行：没有频道“{channel[:20]}”")
        try:
            new[_sound(name)] = known[channel]
        except BadValue as error:
            raise BadValue("alias", f"第 {number} 行：{error.message_zh}") from error
    new = {name: channel for name, channel in new.items() if before.get(name) != channel}
    for channel in dict.fromkeys(new.values()):
        plan_rights.need(uow, actor, channel, "edit")
    for name, channel in new.items():
        _write(uow, now, actor, channel, name)
    return len(new)
