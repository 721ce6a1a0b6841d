"""Reminders in the database."""

from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Select, delete, func, select

from middleware.domain.reminders import Reminder
from middleware.storage.box_tables import reminders
from middleware.storage.sql import insert

_KEY = ("device_id", "channel_id", "start")


class SqlReminders:
    """The `Reminders` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_device(self, device_id: int) -> tuple[Reminder, ...]:
        """What a box is to be reminded of."""
        return self._many(select(reminders).where(reminders.c.device_id == device_id))

    def put(self, reminder: Reminder) -> None:
        """Write a reminder over the one for the same start."""
        statement = insert(self._connection, reminders).values(attrs.asdict(reminder))
        newer = {name: statement.excluded[name] for name in ("fires", "title")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=newer))

    def remove(self, device_id: int, channel_id: int, start: datetime) -> None:
        """Forget a reminder; one that is not there is no error."""
        values = zip(_KEY, (device_id, channel_id, start), strict=True)
        self._connection.execute(delete(reminders).where(*(reminders.c[name] == value for name, value in values)))

    def due(self, now: datetime) -> tuple[Reminder, ...]:
        """Those that pop up now or should have."""
        return self._many(select(reminders).where(reminders.c.fires <= now))

    def next_due(self, after: datetime | None = None) -> datetime | None:
        """When the first of all pops up, or the first of those after an instant."""
        query = select(func.min(reminders.c.fires))
        at: datetime | None = self._connection.execute(
            query.where(reminders.c.fires > after) if after else query
        ).scalar()
        return at

    def prune(self, before: datetime) -> int:
        """Delete those that fired before; returns how many."""
        return self._connection.execute(delete(reminders).where(reminders.c.fires < before)).rowcount

    def _many(self, query: Select[Any]) -> tuple[Reminder, ...]:
        in_order = query.order_by(reminders.c.fires, reminders.c.device_id, reminders.c.channel_id)
        return tuple(Reminder(**row) for row in self._connection.execute(in_order).mappings())
