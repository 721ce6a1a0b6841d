"""The log of what people did."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from middleware.services.ports import AuditEntry
from middleware.storage.tables import audit

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")


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
        plain = json.loads(_PHONE.sub(r"\1****\2", json.dumps(detail or {}, ensure_ascii=False)))
        row = {"at": now, "actor": actor, "verb": verb, "noun": noun, "noun_id": str(noun_id), "detail": plain}
        self._connection.execute(insert(audit).values(row))

    def entries(self, noun: str = "", noun_id: int | str = "", limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest lines first, of all nouns, one noun or one thing."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if noun:
            query = query.where(audit.c.noun == noun)
        if noun_id:
            query = query.where(audit.c.noun_id == str(noun_id))
        return tuple(map(_entry, self._connection.execute(query)))


def _entry(row: Row[Any]) -> AuditEntry:
    return AuditEntry(row.at, row.actor, row.verb, row.noun, row.noun_id, row.detail)
