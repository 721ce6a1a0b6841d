"""The log of what people did."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from middleware.services.ports import AuditEntry
from middleware.storage.tables import audit

_PHONE = re.compile(r"(?<!\d)((?:\+?86[ -]?|0086)?1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")


class SqlAudit:
    """The `Audit` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        now: datetime,
        actor: str,
        verb: str,
        noun: str,
        noun_id: int | str,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write one line; whatever looks like a mobile number in `detail` is masked, since logs must not hold any."""
        row = {"at": now, "actor": actor, "verb": verb, "noun": noun, "noun_id": masked(str(noun_id))}
        row["detail"] = masked(detail or {})
        self._connection.execute(insert(audit).values(row))

    def entries(self, noun: str = "", noun_id: int | str = "", limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest lines first, of all nouns, one noun or one thing."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if noun:
            query = query.where(audit.c.noun == noun)
        if noun_id:
            query = query.where(audit.c.noun_id == str(noun_id))
        return tuple(map(_entry, self._connection.execute(query)))


def masked(value: Any) -> Any:
    """Return a JSON value with every mobile number in it shown as 138****6021."""
    if isinstance(value, Mapping):
        return {masked(str(key)): masked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one) for one in value]
    if isinstance(value, str) or (isinstance(value, int) and _PHONE.fullmatch(str(value))):
        return _PHONE.sub(r"\1****\2", str(value))
    return value


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(row.at, row.actor, row.verb, row.noun, row.noun_id, row.detail)
