"""Packages, their grants and the tariffs in the database."""

from typing import Any, Final

import attrs
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from middleware.domain.packages import Grant, Package, Tariff
from middleware.storage.box_tables import package_grants, packages, tariffs
from middleware.storage.sql import insert_new

_GRANT_COLUMNS: Final = (package_grants.c.package_id, package_grants.c.scope, package_grants.c.target)


class SqlPackages:
    """The `Packages` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[Package, ...]:
        """Every package by its code."""
        rows = self._connection.execute(select(packages).order_by(packages.c.code))
        return tuple(map(_package, rows.mappings()))

    def by_code(self, code: str) -> Package | None:
        """One package, or None."""
        row = self._connection.execute(select(packages).where(packages.c.code == code)).mappings().first()
        return None if row is None else _package(row)

    def add(self, package: Package) -> Package:
        """Write a new package; its id is given by the database."""
        statement = insert(packages).values(_row(package)).returning(packages.c.id)
        return attrs.evolve(package, id=self._connection.execute(statement).scalar_one())

    def save(self, package: Package) -> None:
        """Write all fields over the stored ones."""
        self._connection.execute(update(packages).where(packages.c.id == package.id).values(_row(package)))

    def remove(self, package_id: int) -> None:
        """Forget a package and who has it."""
        self._connection.execute(delete(package_grants).where(package_grants.c.package_id == package_id))
        self._connection.execute(delete(packages).where(packages.c.id == package_id))

    def grants(self) -> tuple[Grant, ...]:
        """Who has which package."""
        query = select(*_GRANT_COLUMNS).order_by(*_GRANT_COLUMNS)
        return tuple(Grant(**row) for row in self._connection.execute(query).mappings())

    def grant(self, grant: Grant) -> None:
        """Give a package; who has it already keeps it."""
        self._connection.execute(insert_new(self._connection, package_grants).values(attrs.asdict(grant)))

    def revoke(self, grant: Grant) -> None:
        """Take a package away; one that was not given is no error."""
        same = [column == getattr(grant, column.name) for column in _GRANT_COLUMNS]
        self._connection.execute(delete(package_grants).where(*same))

    def tariffs(self) -> tuple[Tariff, ...]:
        """Every tariff by its code."""
        rows = self._connection.execute(select(tariffs).order_by(tariffs.c.code))
        return tuple(Tariff(**row) for row in rows.mappings())

    def add_tariff(self, code: str, name: str) -> Tariff:
        """Write a new tariff; its code must be free."""
        statement = insert(tariffs).values(code=code, name=name).returning(tariffs.c.id)
        return Tariff(self._connection.execute(statement).scalar_one(), code, name)


def _row(package: Package) -> dict[str, Any]:
    row = attrs.asdict(package)
    del row["id"]
    return row


def _package(row: RowMapping) -> Package:
    lists = {name: None if row[name] is None else tuple(row[name]) for name in ("channels", "boards")}
    return Package(**{**row, **lists})
