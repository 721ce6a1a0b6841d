"""Those who may log in to the back office."""

from typing import Any, cast

import attrs
from sqlalchemy import Connection, Row, insert, select, update

from middleware.domain.registry import Role, Staff
from middleware.services.passwords import stamp
from middleware.storage.tables import staff


class SqlStaffRoll:
    """The `StaffRoll` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[Staff, ...]:
        """Everybody by login name."""
        return tuple(map(_staff, self._connection.execute(select(staff).order_by(staff.c.login))))

    def get(self, staff_id: int) -> Staff | None:
        """One of the staff, or None."""
        row = self._connection.execute(select(staff).where(staff.c.id == staff_id)).first()
        return None if row is None else _staff(row)

    def by_login(self, login: str) -> Staff | None:
        """The one with this login name, active or not."""
        row = self._connection.execute(select(staff).where(staff.c.login == login)).first()
        return None if row is None else _staff(row)

    def password(self, staff_id: int) -> str:
        """The password hash as `services.passwords.hash_password` made it, empty for nobody."""
        return self._connection.execute(select(staff.c.password).where(staff.c.id == staff_id)).scalar() or ""

    def add(self, person: Staff, password: str) -> Staff:
        """Write a new account with its password hash; the login name must be free."""
        key = self._connection.execute(insert(staff).values(**_row(person), password=password)).inserted_primary_key
        return attrs.evolve(person, id=int(key[0]) if key else 0, stamp=stamp(password))

    def save(self, person: Staff) -> None:
        """Write all fields but the password over the stored ones."""
        self._connection.execute(update(staff).where(staff.c.id == person.id).values(_row(person)))

    def set_password(self, staff_id: int, password: str) -> None:
        """Store another password hash."""
        self._connection.execute(update(staff).where(staff.c.id == staff_id).values(password=password))


def _row(person: Staff) -> dict[str, Any]:
    row = attrs.asdict(person)
    del row["id"], row["stamp"]
    return row


def _staff(row: Row[Any]) -> Staff:
    role = cast("Role", row.role)
    return Staff(
        row.id, row.login, row.name, role, row.office_id, row.branch_id, row.village_id, row.active, stamp(row.password)
    )
