"""Statements that SQLite and PostgreSQL spell alike but SQLAlchemy builds apart.

What a batch of sign-ins asks is built once per database, with named parameters: to build a statement and its cache key
anew, with a marker for every value of a list, cost six times as much as to execute it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, Text, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


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
    names = tuple(rows[0])
    # SQLAlchemy forgets the count of an insert unless told. RETURNING would tell too, at five times the CPU.
    options = {"preserve_rowcount": True}
    if connection.dialect.name != "postgresql":
        return connection.execute(_insert_rows(table), rows, execution_options=options).rowcount
    # One statement with an array per column: with that and `among`, a batch of sign-ins costs a third less.
    arrays = {f"v{at}": [row[name] for row in rows] for at, name in enumerate(names)}
    return connection.execute(_insert_arrays(table, names), arrays, execution_options=options).rowcount


@cache
def _insert_rows(table: Table) -> Any:
    return sqlite.insert(table).on_conflict_do_nothing()


@cache
def _insert_arrays(table: Table, names: tuple[str, ...]) -> Any:
    arrays = [bindparam(f"v{at}", type_=_Joined(table.c[name].type)) for at, name in enumerate(names)]
    given = func.unnest(*arrays).table_valued(*names).render_derived()
    chosen = select(*(given.c[name] for name in names))
    return postgresql.insert(table).from_select(names, chosen).on_conflict_do_nothing()


def among(dialect: str, column: Column[Any], name: str) -> ColumnElement[bool]:
    """Say that a column of numbers or texts holds one of many values, which come as the list parameter `name`."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=_Joined(column.type)))
    listed = func.json_each(bindparam(name, type_=_Listed())).table_valued("value")
    return column.in_(select(listed.c.value))


class _Joined(TypeDecorator[Collection[Any]]):
    """An array of numbers, truths, texts or NULLs that goes out as its text.

    The driver looks at each value of a list several times; joined here, an array costs a fifth. It must go out without
    a cast: PostgreSQL knows how long an array is only when it stands in the plan as a constant.
    """

    impl = postgresql.ARRAY
    cache_ok = True

    def __init__(self, element: TypeEngine[Any]) -> None:
        super().__init__(element)
        self.element = element

    def bind_processor(self, dialect: Dialect) -> Any:
        """Write values as their own type stores them."""
        stored = self.element.dialect_impl(dialect).bind_processor(dialect)
        return lambda values: "{" + ",".join(map(_element, map(stored, values) if stored else values)) + "}"


class _Listed(TypeDecorator[Collection[Any]]):
    """A list of numbers or texts for SQLite's json_each."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's signature
        """Write the list as JSON."""
        return json.dumps(list(value or ()))


def _element(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return "NULL" if value is None else str(value)
