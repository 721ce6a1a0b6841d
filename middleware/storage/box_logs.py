"""What boxes were seen doing, in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Select, Table, delete, func, select
from sqlalchemy import insert as plain_insert

from middleware.domain.box_logs import Clone, Presence, Viewed, Viewing
from middleware.storage.box_tables import clones, presence, viewing
from middleware.storage.sql import among, insert


class SqlBoxLogs:
    """The `BoxLogs` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_clone(self, clone: Clone) -> None:
        """Write a sign of a clone."""
        self._connection.execute(plain_insert(clones).values(attrs.asdict(clone)))

    def clones(self, device_id: int | None = None, limit: int = 100) -> tuple[Clone, ...]:
        """The newest signs of clones, of one box or of all."""
        return tuple(Clone(**row) for row in self._newest(clones, device_id, limit))

    def add_viewing(self, lines: Sequence[Viewing]) -> None:
        """Write lines of boxes' reports."""
        if lines:
            self._connection.execute(plain_insert(viewing), [attrs.asdict(line) for line in lines])

    def viewing(self, device_id: int | None = None, limit: int = 100) -> tuple[Viewing, ...]:
        """The newest lines, of one box or of all."""
        return tuple(Viewing(**row) for row in self._newest(viewing, device_id, limit))

    def viewed(self, start: datetime, stop: datetime) -> tuple[Viewed, ...]:
        """What was reported in [start, stop), counted; the most frequent of each kind first."""
        of = viewing.c
        counts = func.count().label("times"), func.count(of.device_id.distinct())
        query = select(of.what, of.content, *counts).where(of.at >= start, of.at < stop)
        grouped = query.group_by(of.what, of.content).order_by(of.what, counts[0].desc(), of.content)
        return tuple(Viewed(*row) for row in self._connection.execute(grouped))

    def put_presence(self, seen: Sequence[Presence]) -> None:
        """Write when boxes called last, over the older."""
        if not seen:
            return
        statement = insert(self._connection, presence)
        newer = {name: statement.excluded[name] for name in ("at", "address", "doing")}
        upsert = statement.on_conflict_do_update(index_elements=["device_id"], set_=newer)
        rows = [{"device_id": one.device_id, "at": one.at, "address": one.address, "doing": one.doing} for one in seen]
        self._connection.execute(upsert, rows)

    def presence(self, device_ids: Collection[int] | None = None) -> Mapping[int, Presence]:
        """When boxes called last, by device; those that never did are absent."""
        query: Select[Any] = select(presence)
        asked = {}
        if device_ids is not None:
            query = query.where(among(self._connection.dialect.name, presence.c.device_id, "ids"))
            asked = {"ids": list(device_ids)}
        return {row["device_id"]: Presence(**row) for row in self._connection.execute(query, asked).mappings()}

    def prune(self, before: datetime) -> int:
        """Delete signs and lines from before; returns how many."""
        return sum(self._connection.execute(delete(one).where(one.c.at < before)).rowcount for one in (clones, viewing))

    def _newest(self, table: Table, device_id: int | None, limit: int) -> Any:
        shown = select(*(column for column in table.c if column.name != "id"))
        if device_id is not None:
            shown = shown.where(table.c.device_id == device_id)
        return self._connection.execute(shown.order_by(table.c.at.desc(), table.c.id.desc()).limit(limit)).mappings()
