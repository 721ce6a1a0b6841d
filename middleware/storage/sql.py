"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy builds apart."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> Any:
    """Build an INSERT of this database's dialect, for its `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table) -> Any:
    """Build an INSERT that leaves rows which are already there as they are."""
    return insert(connection, table).on_conflict_do_nothing()
