"""Live tokens of boxes in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Row, bindparam, delete, select, update

from middleware.domain.tokens import BoxToken, Kind
from middleware.storage.box_tables import box_tokens
from middleware.storage.sql import insert


class SqlTokens:
    """The `Tokens` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, kind: Kind, digest: bytes) -> BoxToken | None:
        """The live token of this digest."""
        query = select(box_tokens).where(box_tokens.c.digest == digest, box_tokens.c.kind == kind)
        row = self._connection.execute(query).first()
        return None if row is None else _token(row)

    def of_device(self, device_id: int) -> tuple[BoxToken, ...]:
        """The live tokens of a box, by kind, the oldest first."""
        query = select(box_tokens).where(box_tokens.c.device_id == device_id)
        in_order = query.order_by(box_tokens.c.kind, box_tokens.c.issued)
        return tuple(map(_token, self._connection.execute(in_order)))

    def put(self, token: BoxToken) -> None:
        """Write a token; one with the same digest is replaced."""
        statement = insert(self._connection, box_tokens).values(attrs.asdict(token))
        newer = {name: statement.excluded[name] for name in ("kind", "device_id", "issued", "used")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["digest"], set_=newer))

    def end(self, device_id: int, kinds: Collection[Kind], keep: bytes = b"") -> int:
        """End the box's tokens of these kinds but the one of the digest `keep`; returns how many ended."""
        mine = box_tokens.c.device_id == device_id, box_tokens.c.kind.in_(kinds)
        return self._connection.execute(delete(box_tokens).where(*mine, box_tokens.c.digest != keep)).rowcount

    def used(self, seen: Mapping[bytes, datetime]) -> None:
        """Note when tokens were used last; unknown digests are passed over."""
        if seen:
            noted = update(box_tokens).where(box_tokens.c.digest == bindparam("of")).values(used=bindparam("at"))
            self._connection.execute(noted, [{"of": digest, "at": at} for digest, at in seen.items()])

    def prune(self, before: datetime) -> int:
        """End tokens not used since; returns how many."""
        return self._connection.execute(delete(box_tokens).where(box_tokens.c.used < before)).rowcount


def _token(row: Row[Any]) -> BoxToken:
    return BoxToken(bytes(row.digest), row.kind, row.device_id, row.issued, row.used)
