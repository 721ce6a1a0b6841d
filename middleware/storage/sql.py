"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy builds apart."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> Any:
    """Build an INSERT of this database's dialect, for its `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table) -> Any:
    """Build an INSERT that leaves rows which are already there as they are."""
    return insert(connection, table).on_conflict_do_nothing()


def insert_counted(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows, leave those that are already there as they are, and return how many were new.

    There is at least one row, and all have the same keys.
    """
    # SQLAlchemy forgets the count of an insert unless told. RETURNING would tell too, at five times the CPU.
    options = {"preserve_rowcount": True}
    if connection.dialect.name != "postgresql":
        return connection.execute(insert_new(connection, table), rows, execution_options=options).rowcount
    # One statement with an array per column: with that and `among`, a batch of sign-ins costs a third less.
    names = tuple(rows[0])
    arrays = {f"v{at}": [row[name] for row in rows] for at, name in enumerate(names)}
    return connection.execute(_insert_arrays(table, names), arrays, execution_options=options).rowcount


@cache
def _insert_arrays(table: Table, names: tuple[str, ...]) -> Any:
    arrays = [bindparam(f"v{at}", type_=postgresql.ARRAY(table.c[name].type)) for at, name in enumerate(names)]
    given = func.unnest(*arrays).table_valued(*names).render_derived()
    chosen = select(*(given.c[name] for name in names))
    return postgresql.insert(table).from_select(names, chosen).on_conflict_do_nothing()


def among(connection: Connection, column: Column[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Say that a column holds one of many values; as one array where the database takes arrays."""
    if connection.dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(column.type)))
    return column.in_(values)
