"""Messages and commands for boxes in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

import attrs
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, func, insert, or_, select, update

from middleware.domain.box_events import MESSAGES, BoxEvent, Delivery
from middleware.storage.box_tables import box_events
from middleware.storage.sql import among

_SHOWN = [box_events.c[name] for name in attrs.fields_dict(BoxEvent)]
"""In the order of the fields: a message to everybody is twenty thousand rows."""
_WRITTEN = tuple(name for name in attrs.fields_dict(BoxEvent) if name != "id")
_values_of = attrgetter(*_WRITTEN)


class SqlBoxEvents:
    """The `BoxEvents` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, events: Sequence[BoxEvent]) -> None:
        """Write events; their ids are given by the database, in this order."""
        if events:
            self._connection.execute(insert(box_events), list(map(_row, events)))

    def waiting(self, device_id: int, now: datetime) -> tuple[BoxEvent, ...]:
        """What is still to be given out to a box."""
        return self._many(select(*_SHOWN).where(box_events.c.device_id == device_id, _waits(now)))

    def devices_waiting(self, now: datetime) -> frozenset[int]:
        """The boxes for which anything waits."""
        query = select(box_events.c.device_id).where(_waits(now)).distinct()
        return frozenset(self._connection.execute(query).scalars())

    def devices_due(self, after: datetime, now: datetime) -> frozenset[int]:
        """The boxes for which something planned has begun to wait, after one instant and by the other."""
        query = select(box_events.c.device_id).where(_waits(now), box_events.c.created > after).distinct()
        return frozenset(self._connection.execute(query).scalars())

    def next_due(self, after: datetime) -> datetime | None:
        """When the next of what is planned is due; None when nothing is."""
        ahead = box_events.c.expires > after, box_events.c.created > after
        found: datetime | None = self._connection.execute(select(func.min(box_events.c.created)).where(*ahead)).scalar()
        return found

    def listing(self, device_id: int | None = None, limit: int = 100) -> tuple[BoxEvent, ...]:
        """The newest `limit` events of one box or of all, oldest first, done or not."""
        newest = select(*_SHOWN).order_by(box_events.c.id.desc()).limit(limit)
        if device_id is not None:
            newest = newest.where(box_events.c.device_id == device_id)
        return self._many(newest)

    def of_batch(self, batch: str) -> tuple[BoxEvent, ...]:
        """What was sent at once, done or not."""
        return self._many(select(*_SHOWN).where(box_events.c.batch == batch))

    def deliveries(self, batches: Collection[str]) -> Mapping[str, Delivery]:
        """How far batches have come; one of which nothing is kept any more is not there."""
        of = box_events.c
        counts = func.count(), func.count(of.sent), func.count(of.confirmed), func.max(of.expires)
        counted = select(of.batch, func.min(of.msg), *counts).where(of.batch.in_(batches)).group_by(of.batch)
        rows = self._connection.execute(counted)
        return {batch: Delivery(*told) for batch, *told in rows}

    def sent(self, event_id: int, now: datetime) -> None:
        """Note that an event was given out; the first time counts."""
        first = box_events.c.id == event_id, box_events.c.sent.is_(None)
        self._connection.execute(update(box_events).where(*first).values(sent=now))

    def confirm(self, device_id: int, event_id: int, now: datetime) -> bool:
        """Note that the viewer pressed OK; False when the box has no such event or had confirmed it."""
        mine = box_events.c.id == event_id, box_events.c.device_id == device_id, box_events.c.confirmed.is_(None)
        return self._connection.execute(update(box_events).where(*mine).values(confirmed=now)).rowcount == 1

    def cancel(self, event_ids: Collection[int]) -> int:
        """Take back what is not done yet; returns how many were."""
        among_them = among(self._connection.dialect.name, box_events.c.id, "ids")
        statement = delete(box_events).where(among_them, _undone())
        return self._connection.execute(statement, {"ids": list(event_ids)}).rowcount

    def prune(self, before: datetime) -> int:
        """Delete what expired before; returns how many."""
        return self._connection.execute(delete(box_events).where(box_events.c.expires < before)).rowcount

    def _many(self, query: Select[Any]) -> tuple[BoxEvent, ...]:
        return tuple(sorted((BoxEvent(*row) for row in self._connection.execute(query)), key=lambda one: one.id))


def _undone() -> ColumnElement[bool]:
    message = box_events.c.kind.in_(sorted(MESSAGES))
    return or_(and_(message, box_events.c.confirmed.is_(None)), and_(~message, box_events.c.sent.is_(None)))


def _waits(now: datetime) -> ColumnElement[bool]:
    at = bindparam("now", now, box_events.c.expires.type)
    return and_(box_events.c.expires > at, box_events.c.created <= at, _undone())


def _row(event: BoxEvent) -> dict[str, Any]:
    return dict(zip(_WRITTEN, _values_of(event), strict=True))
