"""The token table of the REST interface in the database."""

from typing import Any

import attrs
from sqlalchemy import Connection, RowMapping, insert, select, update

from middleware.domain.operators import ApiUser
from middleware.storage.box_tables import api_users


class SqlOperators:
    """The `Operators` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[ApiUser, ...]:
        """Every API user by login."""
        rows = self._connection.execute(select(api_users).order_by(api_users.c.login))
        return tuple(map(_user, rows.mappings()))

    def by_login(self, login: str) -> ApiUser | None:
        """One API user, active or not."""
        row = self._connection.execute(select(api_users).where(api_users.c.login == login)).mappings().first()
        return None if row is None else _user(row)

    def add(self, user: ApiUser) -> ApiUser:
        """Write a new API user; the login must be free."""
        statement = insert(api_users).values(_row(user)).returning(api_users.c.id)
        return attrs.evolve(user, id=self._connection.execute(statement).scalar_one())

    def save(self, user: ApiUser) -> None:
        """Write all fields over the stored ones."""
        self._connection.execute(update(api_users).where(api_users.c.id == user.id).values(_row(user)))


def _row(user: ApiUser) -> dict[str, Any]:
    row = attrs.asdict(user)
    del row["id"]
    return row


def _user(row: RowMapping) -> ApiUser:
    return ApiUser(
        **{**row, "digest": bytes(row["digest"]), "rights": tuple(row["rights"]), "addresses": tuple(row["addresses"])}
    )
