"""Editors' sheets as drafts: a dry run with what would change, all or nothing per day, and out again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

from attrs import evolve, frozen

from epg import sheets
from epg.approval import Changed, Day, difference
from epg.planning import Content, Item
from epg.sheets import Cells, How, Sheet, SheetItem
from middleware.domain.errors import BadValue
from middleware.services import plan, plan_publish, plan_rights, relays
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork
from middleware.services.spreadsheet import Kind, Table, tables_bytes
from middleware.services.spreadsheet_read import Grid, read_grids

_SHOWINGS: Final[Mapping[str, Literal["first", "repeat"]]] = {"first": "first", "repeat": "repeat"}
LONGEST_HEADING: Final = 40
MOST_COLUMNS: Final = 60
"""Headings of one sender that are remembered."""


@frozen
class DayChange:
    """What a sheet does to one day; `refused` says why it cannot be taken now (it is submitted or approved)."""

    channel: str
    day: date
    items: tuple[Item, ...]
    change: Changed
    refused: str = ""


@frozen
class Taken:
    """What a file had: the sheet with its faults by cell, what it does to each day, channels that nobody knows."""

    sheet: Sheet
    days: tuple[DayChange, ...]
    unknown_channels: tuple[str, ...]
    dry_run: bool


def read_file(data: bytes, filename: str, how: How) -> Sheet:
    """Read an editor's file outside any transaction. Raises BadValue(file_…)."""
    return sheets.read([_cells(one) for one in read_grids(data, filename)], how)


def _cells(grid: Grid) -> Cells:
    return Cells(grid.name, grid.rows, grid.merged, grid.formulas)


def take(uow: UnitOfWork, now: datetime, who: str, sheet: Sheet, *, dry_run: bool = False) -> Taken:
    """Put the days of a sheet into drafts; days with a fault, and channels nobody knows, are left as they are."""
    names = {name: one.xmltv_id for one in uow.guide.channels() for name in (one.name, one.xmltv_id, str(one.number))}
    unknown = tuple(sorted({name for name, _ in sheet.days if name not in names}))
    days = [_change(uow, who, names[name], day, rows) for (name, day), rows in sheet.days.items() if name in names]
    if not dry_run:
        for one in days:
            _write(uow, now, who, one)
    return Taken(sheet, tuple(days), unknown, dry_run)


def _change(uow: UnitOfWork, who: str, channel: str, day: date, rows: Sequence[SheetItem]) -> DayChange:
    stored = next(iter(uow.plans.newest(channel, day, day)), None)
    known = {(one.start, one.content.title): one for one in (stored.items if stored else ())}
    items = tuple(_item(channel, row, known) for row in rows)
    refused = "这一天已经送审或审定，请先退回或重开" if stored is not None and stored.state != "draft" else ""
    if "edit" not in plan_rights.of(uow, who, channel):
        refused = "您在这个频道没有编排的权限"
    return DayChange(channel, day, items, difference(stored.items if stored else (), items), refused)


def _item(channel: str, row: SheetItem, known: Mapping[tuple[datetime, str], Item]) -> Item:
    """A row as an item; one with the start and title of a planned item is that one, with what the sheet says."""
    old = known.get((row.start, row.title))
    content = evolve(
        old.content if old else Content(row.title),
        title=row.title,
        sub_title=_text(row.sub_title, old.content.sub_title if old else ""),
        desc=_text(row.desc or (old.content.desc if old else ""), old.content.desc if old else ""),
        genre=row.genre or (old.content.genre if old else ""),
        live=row.showing == "live" or (old is not None and old.content.live and _same_showing(row, old)),
        showing=_SHOWINGS.get(row.showing, ""),
        relay=(old.content.relay if old else "") if row.relay is None else row.relay,
    )
    if old is not None:
        return evolve(old, stop=row.stop, content=content)
    uid = plan_publish.fresh_uid(channel, row.start, row.title)
    return Item(uid, row.start, row.stop, content, "fixed", origin="import")


def _text(told: str, old: str) -> str:
    """A cell has one line: what differs from the stored text only in blanks is that text."""
    return old if "".join(told.split()) == "".join(old.split()) else told


def _same_showing(row: SheetItem, old: Item) -> bool:
    """A sheet has one cell for live, first and repeat: a live first showing stands in it as a first one."""
    return bool(row.showing) and row.showing == old.content.showing


def _write(uow: UnitOfWork, now: datetime, who: str, one: DayChange) -> None:
    if one.refused or not one.change:
        return
    seen = next(iter(uow.plans.newest(one.channel, one.day, one.day)), None)
    if seen is None:
        seen = plan.begin_empty(uow, now, who, one.channel, one.day)
    plan.save(uow, now, who, seen, one.items)


def export(uow: UnitOfWork, kind: Kind, channels: Sequence[str], first: date, last: date) -> bytes:
    """The newest revisions of some days as a sheet that is read again as it is. Raises BadValue for no days."""
    names = {one.xmltv_id: one.name for one in uow.guide.channels()}
    days = [one for channel in channels for one in uow.plans.newest(channel, first, last)]
    if not days:
        raise BadValue("plan_empty", "这几天没有节目单")
    items = [row for day in days for row in _rows(day, names.get(day.channel, day.channel))]
    return tables_bytes(kind, Table("节目单", sheets.HEAD, sheets.rows(items)))


def _rows(day: Day, name: str) -> list[SheetItem]:
    return [
        SheetItem(
            name,
            day.day,
            one.start,
            one.stop,
            one.content.title,
            one.content.sub_title,
            one.content.genre,
            one.content.desc,
            "live" if one.content.live and not one.content.showing else one.content.showing,
            relay=one.content.relay,
        )
        for one in day.items
    ]


def columns_of(told: object) -> Mapping[str, str]:
    """Which field each heading of a sender is, as a page tells it. Raises BadValue(columns)."""
    if not isinstance(told, dict) or len(told) > MOST_COLUMNS:
        raise BadValue("columns", "列的对应关系读不懂")
    if any(not 0 < len(heading) <= LONGEST_HEADING or str(name) not in sheets.FIELDS for heading, name in told.items()):
        raise BadValue("columns", "列的对应关系读不懂")
    return told


def remember(uow: UnitOfWork, now: datetime, who: str, channel: str, columns: Mapping[str, str]) -> None:
    """Read the sheets of a channel by these headings too from now on."""
    if columns:
        kept = {**uow.settings.get("sheets", f"columns:{channel}", {}), **columns}
        uow.settings.put("sheets", f"columns:{channel}", dict(list(kept.items())[-MOST_COLUMNS:]))
        uow.audit.add(now, who, "columns", "sheet", channel, dict(columns))


def how_of(uow: UnitOfWork, near: date, channel: str = "") -> How:
    """How a channel's sheets are read: its day start, and what it is called in them."""
    named = next((one for one in uow.guide.channels() if channel in {one.xmltv_id, one.name}), None)
    rules = rules_of(uow, named.xmltv_id if named else channel)
    mine = uow.settings.get("sheets", f"columns:{named.xmltv_id if named else channel}", {})
    columns = {**uow.settings.get("sheets", "columns", {}), **mine}
    known = frozenset(one.name for one in relays.sources(uow))
    return How(near, named.name if named else "", rules.day_start_s, columns, known)
