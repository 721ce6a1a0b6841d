"""The invitation outbox: one row per household and roll-call."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select, update

from middleware.domain.invitations import AGAIN_AFTER, MAX_ATTEMPTS, Invitation, event_id
from middleware.storage.sql import among, insert_counted
from middleware.storage.tables import invitations, rollcall_roll, signins

_OVER = ("expired",)


class SqlInvitations:
    """The `Invitations` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rollcall_id: int, households: Collection[int], now: datetime) -> int:
        """Queue an invitation for each household that has none; returns how many."""
        if not households:
            return 0
        last = self._last_events(households, event_id(now))
        rows = [
            _row(Invitation(rollcall_id, one, "queued", event_id(now, last.get(one, 0)), 1, now))
            for one in sorted(households)
        ]
        return insert_counted(self._connection, invitations, rows)

    def get(self, rollcall_id: int, household_id: int) -> Invitation | None:
        """One invitation, or None."""
        here = and_(invitations.c.rollcall_id == rollcall_id, invitations.c.household_id == household_id)
        return next(iter(self._all(select(invitations).where(here))), None)

    def of_household(self, household_id: int) -> tuple[Invitation, ...]:
        """The invitations that are not over, the oldest event first."""
        query = select(invitations).where(invitations.c.household_id == household_id)
        return self._all(query.where(invitations.c.state.not_in(_OVER)).order_by(invitations.c.event))

    def of_rollcall(self, rollcall_id: int) -> tuple[Invitation, ...]:
        """All invitations of a roll-call by household."""
        query = select(invitations).where(invitations.c.rollcall_id == rollcall_id)
        return self._all(query.order_by(invitations.c.household_id))

    def dismissed(self, before: datetime) -> tuple[Invitation, ...]:
        """Those put off before this instant that may be renewed once."""
        return self._all(select(invitations).where(_renewable(), invitations.c.changed <= before))

    def save(self, changed: Sequence[Invitation]) -> None:
        """Write state, event, attempts and time over stored invitations."""
        if not changed:
            return
        here = and_(invitations.c.rollcall_id == bindparam("r"), invitations.c.household_id == bindparam("h"))
        fields = ("state", "event", "attempts", "changed")
        statement = update(invitations).where(here).values({name: bindparam(f"n_{name}") for name in fields})
        rows = [
            {"r": one.rollcall, "h": one.household, **{f"n_{name}": getattr(one, name) for name in fields}}
            for one in changed
        ]
        self._connection.execute(statement, rows)

    def end_complete(self, rollcall_id: int, households: Collection[int], now: datetime) -> tuple[int, ...]:
        """End the invitations of those households of whom nobody is missing; returns the households."""
        if not households:
            return ()
        return self.end(rollcall_id, set(households) - self._missing(rollcall_id, households), now)

    def end(self, rollcall_id: int, households: Collection[int], now: datetime) -> tuple[int, ...]:
        """End the invitations of these households; returns those that had one."""
        if not households:
            return ()
        ending = {"rollcall": rollcall_id, "homes": households, "now": now}
        done = self._connection.execute(_ending(self._connection.dialect.name), ending).scalars()
        return tuple(sorted(done.all()))

    def _missing(self, rollcall_id: int, households: Collection[int]) -> set[int]:
        # Two plain look-ups: as one statement with nested NOT EXISTS, PostgreSQL took minutes for the thousand sign-ins
        # after an opening, when it has no statistics of the new roll yet.
        line, dialect = rollcall_roll.c, self._connection.dialect.name
        expected = select(line.member_id, line.household_id).where(line.rollcall_id == rollcall_id, line.leave == "")
        theirs = expected.where(among(dialect, line.household_id, "homes"))
        homes: dict[int, int] = dict(self._connection.execute(theirs, {"homes": households}).all())
        signed = select(signins.c.member_id).where(signins.c.rollcall_id == rollcall_id)
        signed = signed.where(among(dialect, signins.c.member_id, "members"))
        came = self._connection.execute(signed, {"members": homes}).scalars()
        return {homes[member] for member in homes.keys() - set(came)}

    def end_all(self, rollcall_id: int, now: datetime) -> None:
        """Withdraw every invitation of a roll-call."""
        here = and_(invitations.c.rollcall_id == rollcall_id, invitations.c.state.not_in(_OVER))
        self._connection.execute(update(invitations).where(here).values(state="expired", changed=now))

    def next_renewal(self) -> datetime | None:
        """When the next dismissed invitation may be renewed."""
        found: datetime | None = self._connection.execute(
            select(func.min(invitations.c.changed)).where(_renewable())
        ).scalar()
        return None if found is None else found + AGAIN_AFTER

    def _last_events(self, households: Collection[int], at_least: int) -> dict[int, int]:
        # Only a clock that was set back leaves any: normally no stored event is as late as now.
        query = select(invitations.c.household_id, func.max(invitations.c.event))
        late = query.where(invitations.c.event >= at_least).group_by(invitations.c.household_id)
        rows = self._connection.execute(late)
        wanted = set(households)
        return {household: event for household, event in rows if household in wanted}

    def _all(self, query: Select[Any]) -> tuple[Invitation, ...]:
        return tuple(map(_invitation, self._connection.execute(query)))


@cache
def _ending(dialect: str) -> Any:
    theirs = among(dialect, invitations.c.household_id, "homes")
    here = and_(invitations.c.rollcall_id == bindparam("rollcall"), theirs, invitations.c.state.not_in(_OVER))
    ended = {"state": "expired", "changed": bindparam("now")}
    return update(invitations).where(here).values(ended).returning(invitations.c.household_id)


def _renewable() -> Any:
    return and_(invitations.c.state == "dismissed", invitations.c.attempts < MAX_ATTEMPTS)


def _row(invitation: Invitation) -> dict[str, Any]:
    return {
        "rollcall_id": invitation.rollcall,
        "household_id": invitation.household,
        "state": invitation.state,
        "event": invitation.event,
        "attempts": invitation.attempts,
        "changed": invitation.changed,
    }


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(row.rollcall_id, row.household_id, row.state, row.event, row.attempts, row.changed)
