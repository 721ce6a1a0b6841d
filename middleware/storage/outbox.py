"""Events written in the transaction that caused them, read by the publisher after the commit."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Row, Text, bindparam, delete, func, insert, select, text, update

from middleware.services.ports import OutboxEvent
from middleware.storage.tables import outbox
from middleware.storage.types import JsonText

# PostgreSQL gives numbers out before the commit: without this lock, held before the number is drawn, a later number
# could be seen first, and a reader whose cursor passed it would never see the earlier one. Any number that nobody else
# locks by will do; this one spells "outbox" on a keypad.
_LOCKED = "INSERT INTO outbox (kind, body) SELECT :kind, :body FROM (SELECT pg_advisory_xact_lock(688269)) AS lock"
_ADD_LOCKED = text(_LOCKED).bindparams(bindparam("kind", type_=Text), bindparam("body", type_=JsonText))


class SqlOutbox:
    """The `Outbox` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._adding = _ADD_LOCKED if connection.dialect.name == "postgresql" else insert(outbox)
        self.written = False

    def add(self, *events: attrs.AttrsInstance) -> None:
        """Write events in their order: the class name becomes the kind, the fields the body."""
        rows = [{"kind": type(one).__name__, "body": attrs.asdict(one, value_serializer=_plain)} for one in events]
        self._connection.execute(self._adding, rows)
        self.written = True

    def waiting(self, limit: int = 500) -> tuple[OutboxEvent, ...]:
        """The oldest events that nobody has marked as dispatched."""
        query = select(outbox).where(text("NOT dispatched")).order_by(outbox.c.seq).limit(limit)
        return tuple(map(_event, self._connection.execute(query)))

    def after(self, seq: int, limit: int = 500) -> tuple[OutboxEvent, ...]:
        """The events behind a cursor, dispatched or not."""
        query = select(outbox).where(outbox.c.seq > seq).order_by(outbox.c.seq).limit(limit)
        return tuple(map(_event, self._connection.execute(query)))

    def last(self) -> int:
        """The newest number, 0 when nothing was ever written: where a new reader starts."""
        return int(self._connection.execute(select(func.max(outbox.c.seq))).scalar() or 0)

    def dispatched(self, seqs: Collection[int]) -> None:
        """Mark events as gone out."""
        self._connection.execute(update(outbox).where(outbox.c.seq.in_(seqs)).values(dispatched=True))

    def prune(self, keep: int) -> int:
        """Delete dispatched events but the newest `keep`; returns how many went."""
        old = delete(outbox).where(outbox.c.dispatched, outbox.c.seq <= self.last() - keep)
        return self._connection.execute(old).rowcount


def _plain(_owner: object, _field: object, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value


def _event(row: Row[Any]) -> OutboxEvent:
    return OutboxEvent(row.seq, row.kind, row.body)
