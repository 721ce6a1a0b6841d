"""Roll-calls, their rolls and the attendance they end in."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import attrs
from sqlalchemy import Connection, Row, Select, and_, bindparam, func, insert, or_, select, union_all, update

from middleware.domain.attendance import Attendance, RollLine, Tally
from middleware.domain.rollcall import Expected, Rollcall
from middleware.storage.signins import SIGNIN, read_signin
from middleware.storage.sql import among, insert_new
from middleware.storage.sql import insert as upsert
from middleware.storage.tables import attendance, members, rollcall_roll, rollcalls, signins

_LINE = [rollcall_roll.c.member_id, rollcall_roll.c.branch_id, rollcall_roll.c.household_id, rollcall_roll.c.leave]
"""The columns of an Expected, in the order of its fields."""


class SqlRollcalls:
    """The `Rollcalls` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rollcall: Rollcall) -> Rollcall:
        """Write a new roll-call; its id is given here."""
        values = attrs.asdict(rollcall, filter=attrs.filters.exclude("id"))
        key = self._connection.execute(insert(rollcalls).values(values)).inserted_primary_key
        return attrs.evolve(rollcall, id=int(key[0]) if key else 0)

    def get(self, rollcall_id: int) -> Rollcall | None:
        """One roll-call, or None."""
        row = self._connection.execute(select(rollcalls).where(rollcalls.c.id == rollcall_id)).first()
        return None if row is None else _rollcall(row)

    def hold(self, ids: Collection[int], *, alone: bool = False) -> Mapping[int, Rollcall]:
        """Read roll-calls that must not change before this transaction ends.

        Sign-ins hold them together, a closing holds them `alone`: so no sign-in is written behind the back of the
        attendance that a closing computes. SQLite has one writer and compiles the lock to nothing.
        """
        held = self._connection.execute(_holding(self._connection.dialect.name, alone), {"ids": ids})
        return {row.id: _rollcall(row) for row in held.all()}

    def save(self, rollcall: Rollcall) -> None:
        """Write all fields over a stored roll-call."""
        values = attrs.asdict(rollcall, filter=attrs.filters.exclude("id"))
        self._connection.execute(update(rollcalls).where(rollcalls.c.id == rollcall.id).values(values))

    def listing(self, limit: int = 100) -> tuple[Rollcall, ...]:
        """The latest to open first."""
        return self._all(select(rollcalls).order_by(rollcalls.c.opens.desc(), rollcalls.c.id.desc()).limit(limit))

    def running(self, household_id: int) -> tuple[Rollcall, ...]:
        """The open roll-calls that expect somebody of this household, the first to close first."""
        mine = select(rollcall_roll.c.rollcall_id).where(rollcall_roll.c.household_id == household_id)
        query = select(rollcalls).where(rollcalls.c.state == "open", rollcalls.c.id.in_(mine))
        return self._all(query.order_by(rollcalls.c.closes, rollcalls.c.id))

    def due(self, now: datetime) -> tuple[Rollcall, ...]:
        """Those whose opening or closing has come, in the order of their ids."""
        opening = and_(rollcalls.c.state == "scheduled", rollcalls.c.opens <= now)
        closing = and_(rollcalls.c.state == "open", rollcalls.c.closes <= now)
        return self._all(select(rollcalls).where(or_(opening, closing)).order_by(rollcalls.c.id))

    def next_deadline(self) -> datetime | None:
        """The next opening or closing that is stored."""
        opens = select(rollcalls.c.opens.label("at")).where(rollcalls.c.state == "scheduled")
        closes = select(rollcalls.c.closes.label("at")).where(rollcalls.c.state == "open")
        both = union_all(opens, closes).subquery()
        found: datetime | None = self._connection.execute(select(func.min(both.c.at))).scalar()
        return found

    def draw_up(self, rollcall_id: int, roll: Sequence[Expected]) -> None:
        """Write the roll; lines that are there stay as they are."""
        rows = [_roll_row(rollcall_id, line) for line in roll]
        if rows:
            self._connection.execute(insert_new(self._connection, rollcall_roll), rows)

    def roll(
        self, rollcall_id: int, members: Collection[int] | None = None, homes: Collection[int] = ()
    ) -> Mapping[int, Expected]:
        """The roll by member, all of it or the lines of these members and of all members of these households."""
        query = select(*_LINE).where(rollcall_roll.c.rollcall_id == bindparam("rollcall"))
        if members is not None:
            query = _lines_of(self._connection.dialect.name)
        asked = {"rollcall": rollcall_id, "members": members, "homes": homes}
        return {row[0]: Expected(*row) for row in self._connection.execute(query, asked).all()}

    def lines(self, rollcall_id: int, branches: Collection[int] | None = None) -> tuple[RollLine, ...]:
        """The roll with names and standing sign-ins, by branch and member code, all or some branches."""
        same = and_(
            signins.c.rollcall_id == rollcall_roll.c.rollcall_id, signins.c.member_id == rollcall_roll.c.member_id
        )
        joined = rollcall_roll.join(members, members.c.id == rollcall_roll.c.member_id).outerjoin(signins, same)
        query = select(rollcall_roll, members.c.name, *SIGNIN).select_from(joined)
        query = query.where(rollcall_roll.c.rollcall_id == rollcall_id)
        if branches is not None:
            query = query.where(rollcall_roll.c.branch_id.in_(sorted(branches)))
        rows = self._connection.execute(query.order_by(rollcall_roll.c.branch_id, members.c.code))
        return tuple(RollLine(_expected(row), row.name, read_signin(row)) for row in rows)

    def set_leave(self, rollcall_id: int, member_id: int, reason: str) -> None:
        """Note the reason of leave; empty takes it back."""
        here = and_(rollcall_roll.c.rollcall_id == rollcall_id, rollcall_roll.c.member_id == member_id)
        self._connection.execute(update(rollcall_roll).where(here).values(leave=reason))

    def homes(self, member_ids: Collection[int]) -> Mapping[int, int | None]:
        """The household of each of these members who exists."""
        theirs = among(self._connection.dialect.name, members.c.id, "members")
        query = select(members.c.id, members.c.household_id).where(theirs)
        return {row.id: row.household_id for row in self._connection.execute(query, {"members": member_ids})}

    def write_attendance(self, records: Sequence[Attendance]) -> None:
        """Write records, over older ones of the same roll-call and member."""
        rows = [_attendance_row(record) for record in records]
        statement = upsert(self._connection, attendance)
        newer = {name: statement.excluded[name] for name in ("status", "at", "note")}
        if rows:
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["rollcall_id", "member_id"], set_=newer), rows
            )

    def attendance(self, rollcall_id: int) -> tuple[Attendance, ...]:
        """What was computed at closing, with later corrections, by branch and member."""
        query = select(attendance).where(attendance.c.rollcall_id == rollcall_id)
        rows = self._connection.execute(query.order_by(attendance.c.branch_id, attendance.c.member_id))
        return tuple(map(_attendance, rows))

    def attendance_of(self, member_id: int) -> tuple[Attendance, ...]:
        """A member's record, the latest roll-call first."""
        query = select(attendance).where(attendance.c.member_id == member_id)
        return tuple(map(_attendance, self._connection.execute(query.order_by(attendance.c.rollcall_id.desc()))))

    def tallies(self, ids: Collection[int], branches: Collection[int] | None = None) -> Mapping[int, Tally]:
        """The stored figures of closed roll-calls by id, of all or some branches."""
        query = select(attendance.c.rollcall_id, attendance.c.status, func.count())
        query = query.where(attendance.c.rollcall_id.in_(sorted(ids)))
        if branches is not None:
            query = query.where(attendance.c.branch_id.in_(sorted(branches)))
        counts: dict[int, dict[str, int]] = {}
        for number, status, count in self._connection.execute(query.group_by(*query.selected_columns[:2])):
            counts.setdefault(number, {})[status] = count
        return {number: Tally(expected=sum(found.values()), **found) for number, found in counts.items()}

    def _all(self, query: Select[Any]) -> tuple[Rollcall, ...]:
        return tuple(map(_rollcall, self._connection.execute(query)))


@cache
def _holding(dialect: str, alone: bool) -> Select[Any]:
    query = select(rollcalls).where(among(dialect, rollcalls.c.id, "ids")).order_by(rollcalls.c.id)
    return query.with_for_update(read=not alone)


@cache
def _lines_of(dialect: str) -> Select[Any]:
    line = rollcall_roll.c
    wanted = or_(among(dialect, line.member_id, "members"), among(dialect, line.household_id, "homes"))
    return select(*_LINE).where(line.rollcall_id == bindparam("rollcall"), wanted)


def _rollcall(row: Row[Any]) -> Rollcall:
    return Rollcall(
        row.id, row.title, row.scope, row.place_id, row.caller, row.opens, row.late_after, row.closes, row.state
    )


def _expected(row: Row[Any]) -> Expected:
    return Expected(row.member_id, row.branch_id, row.household_id, row.leave)


def _roll_row(rollcall_id: int, line: Expected) -> dict[str, Any]:
    return {
        "rollcall_id": rollcall_id,
        "member_id": line.member,
        "branch_id": line.branch,
        "household_id": line.household,
        "leave": line.leave,
    }


def _attendance(row: Row[Any]) -> Attendance:
    return Attendance(row.rollcall_id, row.member_id, row.branch_id, row.status, row.at, row.note)


def _attendance_row(record: Attendance) -> dict[str, Any]:
    return {
        "rollcall_id": record.rollcall,
        "member_id": record.member,
        "branch_id": record.branch,
        "status": record.status,
        "at": record.at,
        "note": record.note,
    }
