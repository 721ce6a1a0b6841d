"""Column types that mean the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Made once: json.dumps with options makes one for every value.
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode

Id = BigInteger().with_variant(Integer, "sqlite")
"""Type of every id: SQLite numbers rows by itself only for a plain INTEGER."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC epoch milliseconds; finer parts are cut off."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse naive datetimes: nobody knows which instant they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the instant back in UTC."""
        return None if value is None else _EPOCH + value * _MILLISECOND


class JsonText(TypeDecorator[Any]):
    """A JSON value, stored as compact text with sorted keys, readable in any SQL shell."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """None is SQL NULL, never JSON null."""
        if value is None:
            return None
        return _compact(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the value back as lists, dicts, strings and numbers."""
        return None if value is None else json.loads(value)
