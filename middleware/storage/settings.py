"""Small JSON values by scope and key."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from middleware.storage.sql import insert
from middleware.storage.tables import settings


class SqlSettings:
    """The `Settings` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, scope: str, key: str, default: Any = None) -> Any:
        """The value, or the default."""
        query = select(settings.c.value).where(settings.c.scope == scope, settings.c.key == key)
        row = self._connection.execute(query).first()
        return default if row is None else row.value

    def all(self, scope: str) -> Mapping[str, Any]:
        """Every value of a scope by key."""
        query = select(settings.c.key, settings.c.value).where(settings.c.scope == scope).order_by(settings.c.key)
        return {row.key: row.value for row in self._connection.execute(query)}

    def put(self, scope: str, key: str, value: Any) -> None:
        """Write a value (anything JSON can say but null), over an older one."""
        statement = insert(self._connection, settings).values(scope=scope, key=key, value=value)
        newer = {"value": statement.excluded.value}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["scope", "key"], set_=newer))

    def remove(self, scope: str, key: str) -> None:
        """Forget a value; one that is not there is no error."""
        self._connection.execute(delete(settings).where(settings.c.scope == scope, settings.c.key == key))
