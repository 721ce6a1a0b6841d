"""Sign-ins: written by many at once without ever doubling, read by key, by member and for review."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import attrs
from sqlalchemy import Connection, Row, Select, bindparam, false, func, insert, literal, null, select, union_all, update

from middleware.domain.rollcall import (
    Accepted,
    Closed,
    NeedsReview,
    NotOnRoll,
    NotOpen,
    NotYours,
    Outcome,
    Signin,
    Unknown,
)
from middleware.storage.secrets import Sealer
from middleware.storage.sql import among, insert_counted, insert_new
from middleware.storage.tables import rollcall_answers, rollcall_roll, signins

_IDS = {"rollcall": "rollcall_id", "member": "member_id", "device": "device_id", "household": "household_id"}
_COLUMNS = {field.name: _IDS.get(field.name, field.name) for field in attrs.fields(Signin)}

SIGNIN = [signins.c[column].label(f"s_{name}") for name, column in _COLUMNS.items()]
"""The columns `read_signin` reads, in the order of a Signin's fields, under names that survive a join."""

_REFUSED = "refused"
"""What stands for the state of a sign-in where an answer that wrote none is read in its columns."""


class SqlSignins:
    """The `Signins` port."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, new: Sequence[Signin], changed: datetime) -> int:
        """Write sign-ins; one whose member or key is there already is left out. Returns how many were written."""
        if not new:
            return 0
        return insert_counted(self._connection, signins, [_row(signin, changed) for signin in new])

    def add_review(self, signin: Signin, number: str, changed: datetime) -> Signin:
        """Write a number that nobody has, or return what was written for it before."""
        sealed, digest = self._sealer.seal(number), self._sealer.digest(number)
        row = _row(signin, changed) | {"number_sealed": sealed, "number_digest": digest}
        self._connection.execute(insert_new(self._connection, signins), [row])
        same = select(*SIGNIN).where(signins.c.rollcall_id == signin.rollcall)
        found = self._connection.execute(same.where(signins.c.number_digest == digest)).first()
        stored = read_signin(found) if found else None
        if stored is None:
            raise LookupError("the key of this review was used for another number")
        return stored

    def get(self, signin_id: int) -> Signin | None:
        """One sign-in, or None."""
        row = self._connection.execute(select(*SIGNIN).where(signins.c.id == signin_id)).first()
        return None if row is None else read_signin(row)

    def save(self, signin: Signin, changed: datetime) -> None:
        """Write a new sign-in (id 0) or all fields over a stored one."""
        row = _row(signin, changed)
        if signin.id:
            self._connection.execute(update(signins).where(signins.c.id == signin.id).values(row))
        else:
            self._connection.execute(insert(signins).values(row))

    def standing(self, rollcall_id: int, members: Collection[int] | None = None) -> Mapping[int, Signin]:
        """The sign-ins that belong to a member, by member, of all or of these members."""
        query = select(*SIGNIN).where(signins.c.rollcall_id == rollcall_id, signins.c.member_id.is_not(None))
        if members is not None:
            query = query.where(among(self._connection.dialect.name, signins.c.member_id, "members"))
        found = [Signin(*row) for row in self._connection.execute(query, {"members": members}).all()]
        return {signin.member: signin for signin in found if signin.member is not None}

    def known(
        self, rollcall_id: int, members: Collection[int], keys: Collection[str]
    ) -> tuple[dict[int, Signin], dict[str, Outcome]]:
        """Give `standing` of these members and `answers` of these keys."""
        asked = {"rollcall": rollcall_id, "members": members, "keys": keys}
        rows = self._connection.execute(_known(self._connection.dialect.name), asked).all()
        found, wanted = [Signin(*row) for row in rows if row.s_state != _REFUSED], set(members)
        standing = {one.member: one for one in found if one.rollcall == rollcall_id and one.member in wanted}
        return standing, _given(rows, set(keys))

    def reviews(self, rollcall_id: int) -> tuple[Signin, ...]:
        """What waits for the cadre, the oldest first."""
        query = select(*SIGNIN).where(signins.c.rollcall_id == rollcall_id, signins.c.state == "needs_review")
        rows = self._connection.execute(query.order_by(signins.c.at, signins.c.id))
        return tuple(signin for row in rows if (signin := read_signin(row)))

    def numbers(self, signin_ids: Collection[int]) -> Mapping[int, str]:
        """The numbers under review in clear, by sign-in; who shows one whole writes to the audit log."""
        query = select(signins.c.id, signins.c.number_sealed).where(signins.c.id.in_(sorted(signin_ids)))
        rows = self._connection.execute(query.where(signins.c.number_sealed.is_not(None)))
        return {row.id: self._sealer.open(row.number_sealed) for row in rows}

    def last_number(self, household_id: int) -> int | None:
        """The member who last signed in by number on a box of this household."""
        query = select(signins.c.member_id).where(signins.c.household_id == household_id, signins.c.way == "number")
        query = query.where(signins.c.member_id.is_not(None), signins.c.state == "accepted")
        found: int | None = self._connection.execute(query.order_by(signins.c.at.desc()).limit(1)).scalar()
        return found

    def revision(self, rollcall_id: int) -> str:
        """A short text that changes whenever a sign-in or a leave of the roll-call is added or changed."""
        line = rollcall_roll.c
        leaves = select(func.coalesce(func.sum(line.member_id), 0))
        leaves = leaves.where(line.rollcall_id == rollcall_id, line.leave != "")
        # What a cadre changes is counted too: the clock of another machine may stand behind the latest `changed`.
        counts = (signins.c.member_id.is_not(None), signins.c.state == "accepted", signins.c.late)
        told = [func.count().filter(count) for count in counts]
        query = select(func.max(signins.c.changed), func.count(), *told, leaves.scalar_subquery())
        changed, *numbers = self._connection.execute(query.where(signins.c.rollcall_id == rollcall_id)).one()
        return "-".join(map(str, (int(changed.timestamp() * 1000) if changed else 0, *numbers)))

    def answers(self, keys: Collection[str]) -> Mapping[str, Outcome]:
        """The answers that presses with these keys have got."""
        both = union_all(*_answered(self._connection.dialect.name))
        return _given(self._connection.execute(both, {"keys": keys}).all(), set(keys))

    def keep_answers(self, rollcall_id: int, answers: Mapping[str, Outcome]) -> None:
        """Keep the answers that wrote no sign-in."""
        rows = [{"key": key, "rollcall_id": rollcall_id, **_told(outcome)} for key, outcome in answers.items()]
        if rows:
            self._connection.execute(insert_new(self._connection, rollcall_answers), rows)


@cache
def _known(dialect: str) -> Any:
    theirs = among(dialect, signins.c.member_id, "members")
    standing = select(*SIGNIN).where(signins.c.rollcall_id == bindparam("rollcall"), theirs)
    return union_all(standing, *_answered(dialect))


def _answered(dialect: str) -> tuple[Select[Any], Select[Any]]:
    """The sign-ins that have these keys, and in the same columns the answers that wrote none."""
    kept = rollcall_answers.c
    told = [kept.rollcall_id, kept.member_id, kept.at, kept.code, literal(_REFUSED), false(), false(), kept.left]
    refused = select(*told, null(), kept.key, literal(""), literal(""), literal(0))
    return (
        select(*SIGNIN).where(among(dialect, signins.c.key, "keys")),
        refused.where(among(dialect, kept.key, "keys")),
    )


def _given(rows: Sequence[Any], keys: Collection[str]) -> dict[str, Outcome]:
    mine = [row for row in rows if row.s_key in keys]
    return {row.s_key: _refusal(row) if row.s_state == _REFUSED else _answer(Signin(*row)) for row in mine}


def read_signin(row: Row[Any]) -> Signin | None:
    """Read the SIGNIN columns of a row; None when an outer join found no sign-in."""
    if row.s_id is None:
        return None
    return Signin(
        row.s_rollcall,
        row.s_member,
        row.s_at,
        row.s_way,
        row.s_state,
        row.s_late,
        row.s_elsewhere,
        row.s_device,
        row.s_household,
        row.s_key,
        row.s_staff,
        row.s_note,
        row.s_id,
    )


def _row(signin: Signin, changed: datetime) -> dict[str, Any]:
    return {
        "rollcall_id": signin.rollcall,
        "member_id": signin.member,
        "at": signin.at,
        "way": signin.way,
        "state": signin.state,
        "late": signin.late,
        "elsewhere": signin.elsewhere,
        "device_id": signin.device,
        "household_id": signin.household,
        "key": signin.key,
        "staff": signin.staff,
        "note": signin.note,
        "changed": changed,
    }


def _answer(signin: Signin) -> Outcome:
    return Accepted(signin) if signin.state == "accepted" and signin.way != "review" else NeedsReview(signin)


def _told(outcome: Outcome) -> dict[str, Any]:
    at = outcome.closed if isinstance(outcome, Closed) else outcome.opens if isinstance(outcome, NotOpen) else None
    member = outcome.member if isinstance(outcome, NotOnRoll) else None
    left = outcome.left if isinstance(outcome, Unknown) else None
    return {"code": outcome.code, "member_id": member, "left": left, "at": at}


def _refusal(row: Row[Any]) -> Outcome:
    match row.s_way:
        case "not_on_roll":
            return NotOnRoll(row.s_member)
        case "unknown":
            return Unknown(row.s_device)
        case "closed":
            return Closed(row.s_at)
        case "not_open":
            return NotOpen(row.s_at)
    return NotYours()
