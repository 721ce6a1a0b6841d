"""The operator's customers in the database."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import attrs
from sqlalchemy import Connection, Row, delete, insert, select, update

from middleware.domain.accounts import Account
from middleware.storage.box_tables import accounts
from middleware.storage.secrets import Sealer
from middleware.storage.sql import among
from middleware.storage.tables import devices

_SHOWN = [column for column in accounts.c if not column.name.endswith("_sealed")]


class SqlAccounts:
    """The `Accounts` port."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, account_id: int) -> Account | None:
        """One account, or None."""
        return self._one(accounts.c.id == account_id)

    def all(self) -> tuple[Account, ...]:
        """Every account by its number."""
        return tuple(_accounts(self._connection.execute(select(*_SHOWN).order_by(accounts.c.number))))

    def by_number(self, number: str) -> Account | None:
        """The account with billing's number."""
        return self._one(accounts.c.number == number)

    def by_login(self, login: str) -> Account | None:
        """The account with this login; nobody has the empty one."""
        return self._one(accounts.c.login == login) if login else None

    def of_household(self, household_id: int) -> Account | None:
        """The account of a household, the oldest if it has several."""
        return self._one(accounts.c.household_id == household_id)

    def add(self, account: Account) -> Account:
        """Write a new account; its id is given by the database."""
        statement = insert(accounts).values(_row(account)).returning(accounts.c.id)
        return attrs.evolve(account, id=self._connection.execute(statement).scalar_one())

    def save(self, account: Account) -> None:
        """Write all fields but password and phone over the stored ones."""
        self._connection.execute(update(accounts).where(accounts.c.id == account.id).values(_row(account)))

    def remove(self, account_id: int) -> None:
        """Forget an account; its boxes have none from then on."""
        self._connection.execute(update(devices).where(devices.c.account_id == account_id).values(account_id=None))
        self._connection.execute(delete(accounts).where(accounts.c.id == account_id))

    def password(self, account_id: int) -> str:
        """The password, empty when none is set; that takes as long, so time does not tell which accounts there are."""
        query = select(accounts.c.password_sealed).where(accounts.c.id == account_id)
        sealed = self._connection.execute(query).scalar()
        if sealed is None:
            self._sealer.vault.seal("")
        return self._sealer.open(sealed)

    def passwords(self) -> Mapping[int, str]:
        """Passwords in clear by account id, of those who have one."""
        query = select(accounts.c.id, accounts.c.password_sealed).where(accounts.c.password_sealed.is_not(None))
        return {row.id: self._sealer.open(row.password_sealed) for row in self._connection.execute(query)}

    def set_password(self, account_id: int, password: str) -> None:
        """Seal and store the password; empty takes it away."""
        sealed = self._sealer.seal(password) if password else None
        self._connection.execute(update(accounts).where(accounts.c.id == account_id).values(password_sealed=sealed))

    def phone(self, account_id: int) -> str:
        """The phone number, empty when none is known."""
        query = select(accounts.c.phone_sealed).where(accounts.c.id == account_id)
        return self._sealer.open(self._connection.execute(query).scalar())

    def phones(self, account_ids: Collection[int]) -> Mapping[int, str]:
        """Phone numbers in clear by account id, of those who have one."""
        among_them = among(self._connection.dialect.name, accounts.c.id, "ids")
        query = select(accounts.c.id, accounts.c.phone_sealed).where(among_them, accounts.c.phone_sealed.is_not(None))
        rows = self._connection.execute(query, {"ids": list(account_ids)})
        return {row.id: self._sealer.open(row.phone_sealed) for row in rows}

    def set_phone(self, account_id: int, phone: str) -> None:
        """Seal and store the phone number; empty takes it away."""
        sealed = self._sealer.seal(phone) if phone else None
        self._connection.execute(update(accounts).where(accounts.c.id == account_id).values(phone_sealed=sealed))

    def _one(self, condition: Any) -> Account | None:
        rows = self._connection.execute(select(*_SHOWN).where(condition).order_by(accounts.c.id).limit(1))
        return next(_accounts(rows), None)


def _row(account: Account) -> dict[str, Any]:
    row = attrs.asdict(account)
    del row["id"]
    # Two accounts without a login are not the same: none is NULL.
    return row | {"login": account.login or None}


def _accounts(rows: Iterable[Row[Any]]) -> Any:
    return (Account(**{**row._mapping, "login": row.login or ""}) for row in rows)  # noqa: SLF001 - SQLAlchemy's public name
