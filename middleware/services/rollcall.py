"""The life of a roll-call: scheduled, opened, extended, closed; by people or by the clock."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs
from attrs import frozen

from middleware.domain.attendance import Tally, attendance, by_branch, tally
from middleware.domain.errors import BadValue, DomainError, Forbidden, NotFound
from middleware.domain.events import InvitationsRenewed, RollcallClosed, RollcallExtended, RollcallOpened
from middleware.domain.invitations import AGAIN_AFTER, again
from middleware.domain.registry import Member, Staff
from middleware.domain.rollcall import DRAFT_LIFE, Expected, Rollcall, Scope, extended, good_title, good_window
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import Reach, owned, reach

FARTHEST = timedelta(days=92)
"""How far ahead a roll-call may be scheduled: a quarter's plan of meetings."""

CLOCK = "clock"
"""Actor in the audit log for what happens at a stored deadline."""

ENOUGH_TO_ASK_AGAIN = timedelta(minutes=2)


@frozen
class Opening:
    """What somebody wants opened. `place_id` is the village or branch of `scope`; `opens` None = now."""

    title: str
    scope: Scope
    place_id: int | None = None
    minutes: int = 30
    late_minutes: int = 10
    opens: datetime | None = None
    caller: str = ""
    """Who calls; empty = the name of the place."""


@frozen
class Closing:
    """A closed roll-call with its figures, of all and by branch id."""

    rollcall: Rollcall
    total: Tally
    branches: dict[int, Tally]


def open_rollcall(uow: UnitOfWork, now: datetime, by: Staff | None, opening: Opening) -> Rollcall:
    """Open a roll-call now: draw up the roll, invite the households.

    Raises BadValue(title, window, late), NotFound, Forbidden, DomainError(already_open, empty_roll).
    """
    mine = reach(uow, by)
    return _begin(uow, now, _create(uow, now, mine, attrs.evolve(opening, opens=now)), mine.actor)


def schedule(uow: UnitOfWork, now: datetime, by: Staff | None, opening: Opening) -> Rollcall:
    """Plan a roll-call that the clock will open. Raises the same, and BadValue(opens) outside of the next months."""
    opens = opening.opens
    if opens is None or not now <= opens <= now + FARTHEST:
        raise BadValue("opens", "开始时间应在今后三个月之内")
    return _create(uow, now, reach(uow, by), opening)


def extend(uow: UnitOfWork, now: datetime, by: Staff | None, rollcall_id: int, minutes: int) -> Rollcall:
    """Let it close later. Raises BadValue(extend, closed), NotFound, Forbidden."""
    rollcall, mine = owned(uow, by, rollcall_id)
    longer = extended(rollcall, minutes, now)
    uow.rollcalls.save(longer)
    uow.outbox.add(RollcallExtended(longer.id, longer.closes))
    uow.audit.add(now, mine.actor, "extend", "rollcall", longer.id, {"minutes": minutes})
    return longer


def close(uow: UnitOfWork, now: datetime, by: Staff | None, rollcall_id: int) -> Closing:
    """Close it, compute the attendance and write it into each member's record; closing twice changes nothing.

    Closing a scheduled one calls it off. Raises NotFound, Forbidden.
    """
    rollcall, mine = owned(uow, by, rollcall_id)
    return figures(uow, rollcall) if rollcall.state == "closed" else _finish(uow, now, rollcall, mine.actor)


def figures(uow: UnitOfWork, rollcall: Rollcall) -> Closing:
    """Return the stored figures of a closed roll-call, corrections included."""
    records = uow.rollcalls.attendance(rollcall.id)
    return Closing(rollcall, tally(records), by_branch(records))


def run_due(uow: UnitOfWork, now: datetime) -> datetime | None:
    """Open and close what is due, renew invitations, forget old drafts; returns the next stored deadline."""
    due = uow.rollcalls.due(now)
    for rollcall in uow.rollcalls.hold([one.id for one in due], alone=True).values() if due else ():
        _turn(uow, now, rollcall)
    _renew(uow, now)
    uow.entries.forget_digits(now - DRAFT_LIFE)
    waiting = (uow.rollcalls.next_deadline(), uow.invitations.next_renewal())
    return min((moment for moment in waiting if moment is not None), default=None)


def _turn(uow: UnitOfWork, now: datetime, rollcall: Rollcall) -> None:
    # Read again under the lock: another process may have done it meanwhile.
    if rollcall.state == "scheduled" and rollcall.opens <= now:
        if now < rollcall.closes and _expected(uow, rollcall):
            _begin(uow, now, rollcall, CLOCK)
        else:
            _finish(uow, now, rollcall, CLOCK)
    elif rollcall.state == "open" and rollcall.closes <= now:
        _finish(uow, now, rollcall, CLOCK)


def _renew(uow: UnitOfWork, now: datetime) -> None:
    renewed = [again(one, now) for one in uow.invitations.dismissed(now - AGAIN_AFTER)]
    by_rollcall: dict[int, list[int]] = {}
    for one in renewed:
        by_rollcall.setdefault(one.rollcall, []).append(one.household)
    late = {number for number in by_rollcall if not _worth_asking(uow.rollcalls.get(number), now)}
    expired = [attrs.evolve(one, state="expired") if one.rollcall in late else one for one in renewed]
    uow.invitations.save(expired)
    for number in sorted(by_rollcall.keys() - late):
        uow.outbox.add(InvitationsRenewed(number, tuple(sorted(by_rollcall[number]))))


def _worth_asking(rollcall: Rollcall | None, now: datetime) -> bool:
    return rollcall is not None and rollcall.takes(now + ENOUGH_TO_ASK_AGAIN)


def _create(uow: UnitOfWork, now: datetime, mine: Reach, opening: Opening) -> Rollcall:
    opens = opening.opens or now
    late_after, closes = good_window(opens, opening.minutes, opening.late_minutes)
    name = _place_name(uow, opening.scope, opening.place_id)
    if not mine.owns(opening.scope, opening.place_id):
        raise Forbidden("您只能为自己的支部或村点名")
    rollcall = Rollcall(
        id=0,
        title=good_title(opening.title),
        scope=opening.scope,
        place_id=opening.place_id,
        caller=opening.caller or name,
        opens=opens,
        late_after=late_after,
        closes=closes,
    )
    _refuse_second(uow.rollcalls.listing(), rollcall)
    stored = uow.rollcalls.add(rollcall)
    detail = {"scope": stored.scope, "place": stored.place_id, "title": stored.title}
    uow.audit.add(now, mine.actor, "schedule" if opens > now else "open", "rollcall", stored.id, detail)
    return stored


def _refuse_second(others: Iterable[Rollcall], new: Rollcall) -> None:
    for one in others:
        same_place = (one.scope, one.place_id) == (new.scope, new.place_id)
        if same_place and one.state != "closed" and one.opens < new.closes and new.opens < one.closes:
            raise DomainError("already_open", f"这里已经有一次点名：{one.title}")


def _begin(uow: UnitOfWork, now: datetime, rollcall: Rollcall, actor: str) -> Rollcall:
    expected = _expected(uow, rollcall)
    if not expected:
        raise DomainError("empty_roll", "这里没有在册党员，不能点名")
    opened = attrs.evolve(rollcall, state="open")
    uow.rollcalls.save(opened)
    uow.rollcalls.draw_up(opened.id, [Expected(one.id, one.branch_id, one.household_id) for one in expected])
    households = {one.household_id for one in expected if one.household_id is not None}
    invited = uow.invitations.add(opened.id, households, now)
    uow.outbox.add(RollcallOpened(opened.id, opened.closes, invited))
    uow.audit.add(now, actor, "begin", "rollcall", opened.id, {"expected": len(expected), "invited": invited})
    return opened


def _finish(uow: UnitOfWork, now: datetime, rollcall: Rollcall, actor: str) -> Closing:
    closed = attrs.evolve(rollcall, state="closed", closes=min(now, rollcall.closes))
    uow.rollcalls.save(closed)
    records = attendance(closed.id, uow.rollcalls.roll(closed.id).values(), uow.signins.standing(closed.id))
    uow.rollcalls.write_attendance(records)
    uow.invitations.end_all(closed.id, now)
    uow.outbox.add(RollcallClosed(closed.id))
    closing = figures(uow, closed)
    uow.audit.add(now, actor, "close", "rollcall", closed.id, attrs.asdict(closing.total))
    return closing


def _expected(uow: UnitOfWork, rollcall: Rollcall) -> tuple[Member, ...]:
    if rollcall.scope == "branch":
        return uow.registry.members(branch_id=rollcall.place_id)
    return uow.registry.members(village_id=rollcall.place_id if rollcall.scope == "village" else None)


def _place_name(uow: UnitOfWork, scope: Scope, place_id: int | None) -> str:
    if scope == "town":
        return "镇党委"
    place = uow.places.branch(place_id or 0) if scope == "branch" else uow.places.village(place_id or 0)
    if place is None:
        raise NotFound("没有这个村或支部", "no_place")
    return place.name
