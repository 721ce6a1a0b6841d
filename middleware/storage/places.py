"""Villages, branches and offices in the database."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select

from middleware.domain.places import Branch, Office, Village
from middleware.storage.tables import branches, offices, villages


class SqlPlaces:
    """The `Places` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def villages(self) -> tuple[Village, ...]:
        """All villages by code."""
        return tuple(map(_village, self._connection.execute(select(villages).order_by(villages.c.code))))

    def village(self, village_id: int) -> Village | None:
        """One village, or None."""
        row = self._connection.execute(select(villages).where(villages.c.id == village_id)).first()
        return None if row is None else _village(row)

    def add_village(self, code: str, name: str, centre: bool = False) -> Village:
        """Write a new village; code and name must be free."""
        found = self._insert(villages, {"code": code, "name": name, "centre": centre})
        return Village(found, code, name, centre)

    def branches(self, village_id: int | None = None) -> tuple[Branch, ...]:
        """All branches by code, or those of one village."""
        query = select(branches).order_by(branches.c.code)
        if village_id is not None:
            query = query.where(branches.c.village_id == village_id)
        return tuple(map(_branch, self._connection.execute(query)))

    def branch(self, branch_id: int) -> Branch | None:
        """One branch, or None."""
        row = self._connection.execute(select(branches).where(branches.c.id == branch_id)).first()
        return None if row is None else _branch(row)

    def add_branch(self, code: str, name: str, village_id: int | None = None) -> Branch:
        """Write a new branch; code and name must be free."""
        found = self._insert(branches, {"code": code, "name": name, "village_id": village_id})
        return Branch(found, code, name, village_id)

    def offices(self) -> tuple[Office, ...]:
        """All offices by code."""
        return tuple(map(_office, self._connection.execute(select(offices).order_by(offices.c.code))))

    def office(self, office_id: int) -> Office | None:
        """One office, or None."""
        row = self._connection.execute(select(offices).where(offices.c.id == office_id)).first()
        return None if row is None else _office(row)

    def add_office(self, code: str, name: str, phone: str = "") -> Office:
        """Write a new office; code and name must be free."""
        return Office(self._insert(offices, {"code": code, "name": name, "phone": phone}), code, name, phone)

    def _insert(self, table: Any, values: dict[str, Any]) -> int:
        key = self._connection.execute(insert(table).values(values)).inserted_primary_key
        return int(key[0]) if key else 0


def _village(row: Row[Any]) -> Village:
    return Village(row.id, row.code, row.name, row.centre)


def _branch(row: Row[Any]) -> Branch:
    return Branch(row.id, row.code, row.name, row.village_id)


def _office(row: Row[Any]) -> Office:
    return Office(row.id, row.code, row.name, row.phone)
