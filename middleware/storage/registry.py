"""Households and members in the database; phone numbers are sealed on the way in and opened on the way out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import attrs
from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from middleware.domain.registry import Household, HouseholdDraft, Member, MemberDraft
from middleware.storage.secrets import Sealer
from middleware.storage.tables import branches, households, members

_MEMBER = [members.c[name] for name in attrs.fields_dict(Member)]


class SqlRegistry:
    """The `Registry` port."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def household(self, household_id: int) -> Household | None:
        """One household, or None."""
        row = self._connection.execute(select(households).where(households.c.id == household_id)).first()
        return None if row is None else _household(row)

    def households(self, village_id: int | None = None) -> tuple[Household, ...]:
        """All households by code, or those of one village."""
        query = select(households).order_by(households.c.code)
        if village_id is not None:
            query = query.where(households.c.village_id == village_id)
        return tuple(map(_household, self._connection.execute(query)))

    def households_by_code(self, codes: Collection[str]) -> Mapping[str, Household]:
        """The households that have one of these codes."""
        rows = self._connection.execute(select(households).where(households.c.code.in_(sorted(codes))))
        return {row.code: _household(row) for row in rows}

    def add_households(self, drafts: Sequence[HouseholdDraft]) -> None:
        """Write new households; their codes must be free."""
        if drafts:
            self._connection.execute(insert(households), [attrs.asdict(draft) for draft in drafts])

    def update_households(self, changed: Sequence[Household]) -> None:
        """Write village and address of stored households."""
        values: dict[str, Any] = {"village_id": bindparam("v"), "address": bindparam("a")}
        rows = [{"i": one.id, "v": one.village_id, "a": one.address} for one in changed]
        if rows:
            self._connection.execute(update(households).where(households.c.id == bindparam("i")).values(values), rows)

    def member(self, member_id: int) -> Member | None:
        """One member, active or not."""
        return next(iter(self._members(select(*_MEMBER).where(members.c.id == member_id))), None)

    def members(
        self, *, branch_id: int | None = None, village_id: int | None = None, active_only: bool = True
    ) -> tuple[Member, ...]:
        """All members by code, those of one branch, or those of the branches of one village."""
        query = select(*_MEMBER).order_by(members.c.code)
        if branch_id is not None:
            query = query.where(members.c.branch_id == branch_id)
        if village_id is not None:
            query = query.join(branches).where(branches.c.village_id == village_id)
        return self._members(query.where(members.c.active) if active_only else query)

    def members_of_household(self, household_id: int) -> tuple[Member, ...]:
        """The active members who live in a household, by code."""
        here = select(*_MEMBER).where(members.c.household_id == household_id, members.c.active)
        return self._members(here.order_by(members.c.code))

    def by_phone(self, phone: str) -> Member | None:
        """The member with this number, active or not."""
        return self.by_phones([phone]).get(phone)

    def by_phones(self, phones: Collection[str]) -> Mapping[str, Member]:
        """The members, active or not, that have one of these numbers, by number."""
        found = self._owners(phones)
        # On PostgreSQL a rotation may end between our reading of the key and our reading of the members.
        return self._owners(phones) if len(found) < len(phones) and self._sealer.moved() else found

    def _owners(self, phones: Collection[str]) -> Mapping[str, Member]:
        digests = {self._sealer.digest(phone): phone for phone in phones}
        query = select(*_MEMBER, members.c.phone_digest).where(members.c.phone_digest.in_(list(digests)))
        rows: list[Row[Any]] = list(self._connection.execute(query))
        return {digests[bytes(row.phone_digest)]: _member(row) for row in rows}

    def phone(self, member_id: int) -> str:
        """The number in clear, empty when there is none; who shows it to staff writes to the audit log."""
        return self.phones([member_id]).get(member_id, "")

    def phones(self, member_ids: Collection[int]) -> Mapping[int, str]:
        """Numbers in clear by member id, of those who have one."""
        query = select(members.c.id, members.c.phone_sealed).where(members.c.id.in_(sorted(member_ids)))
        rows = self._connection.execute(query.where(members.c.phone_sealed.is_not(None)))
        return {row.id: self._sealer.open(row.phone_sealed) for row in rows}

    def add_members(self, drafts: Sequence[MemberDraft]) -> None:
        """Write new members; codes and numbers must be free."""
        if drafts:
            self._connection.execute(insert(members), [self._row(draft) for draft in drafts])

    def update_members(self, drafts: Mapping[int, MemberDraft]) -> None:
        """Write all fields over stored members, by id.

        Numbers are taken away first: two members may have swapped theirs.
        """
        if not drafts:
            return
        # Sealed before a row is touched: a rotation that holds the key waits for rows, and would wait for us.
        rows = [{"i": member_id, **self._row(draft)} for member_id, draft in drafts.items()]
        bare = update(members).where(members.c.id == bindparam("i")).values(phone_digest=None, phone_sealed=None)
        self._connection.execute(bare, [{"i": member_id} for member_id in drafts])
        self._connection.execute(update(members).where(members.c.id == bindparam("i")), rows)

    def _row(self, draft: MemberDraft) -> dict[str, Any]:
        row = attrs.asdict(draft)
        phone = row.pop("phone")
        sealed, digest = (self._sealer.seal(phone), self._sealer.digest(phone)) if phone else (None, None)
        return row | {"phone_sealed": sealed, "phone_digest": digest}

    def _members(self, query: Select[Any]) -> tuple[Member, ...]:
        return tuple(map(_member, self._connection.execute(query)))


def _household(row: Row[Any]) -> Household:
    return Household(row.id, row.code, row.village_id, row.address)


def _member(row: Row[Any]) -> Member:
    return Member(row.id, row.code, row.name, row.branch_id, row.group_no, row.household_id, row.role, row.active)
