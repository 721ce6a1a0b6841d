"""The register as the back office looks at it: finding a member, his attendance, his number when it must be dialled."""

from datetime import datetime

from attrs import frozen

from middleware.domain.attendance import Attendance, Tally, tally
from middleware.domain.errors import BadPhone, NotFound
from middleware.domain.places import Branch
from middleware.domain.registry import Household, Member, Staff, mask_phone, parse_phone
from middleware.domain.rollcall import Rollcall
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import Reach, reach

MOST = 100
"""Members listed at once."""


@frozen
class Found:
    """Members that were looked for, by code; `more` tells that not all are listed."""

    members: tuple[tuple[Member, str], ...]
    """Each with the name of his branch."""
    more: bool


@frozen
class Record:
    """A member with the roll-calls he was expected in, the latest first; the number is masked."""

    member: Member
    branch: Branch | None
    household: Household | None
    phone: str
    history: tuple[tuple[Rollcall, Attendance], ...]
    total: Tally


def branches_of(uow: UnitOfWork, by: Staff | None) -> tuple[Branch, ...]:
    """The branches within reach. Raises Forbidden."""
    mine = reach(uow, by)
    return tuple(branch for branch in uow.places.branches() if mine.sees(branch.id))


def search(uow: UnitOfWork, by: Staff | None, text: str = "", branch_id: int | None = None) -> Found:
    """Find members within reach by a part of the name, the code or the whole number. Raises Forbidden."""
    mine = reach(uow, by)
    names = {branch.id: branch.name for branch in uow.places.branches()}
    number = _number(text)
    people = _owner(uow, number) if number else uow.registry.members(branch_id=branch_id)
    wanted = [one for one in people if mine.sees(one.branch_id) and (number or text in one.name or one.code == text)]
    return Found(tuple((one, names[one.branch_id]) for one in wanted[:MOST]), len(wanted) > MOST)


def _owner(uow: UnitOfWork, number: str) -> tuple[Member, ...]:
    found = uow.registry.by_phone(number)
    return (found,) if found else ()


def _number(text: str) -> str:
    try:
        return parse_phone(text)
    except BadPhone:
        return ""


def record(uow: UnitOfWork, by: Staff | None, member_id: int) -> Record:
    """A member's record. Raises NotFound also for those beyond reach, Forbidden."""
    member, _ = _within(uow, by, member_id)
    kept = [(uow.rollcalls.get(one.rollcall), one) for one in uow.rollcalls.attendance_of(member_id)]
    phone = uow.registry.phone(member_id)
    return Record(
        member,
        uow.places.branch(member.branch_id),
        uow.registry.household(member.household_id) if member.household_id is not None else None,
        mask_phone(phone) if phone else "",
        tuple((rollcall, one) for rollcall, one in kept if rollcall is not None),
        tally(one for _, one in kept),
    )


def reveal_phone(uow: UnitOfWork, now: datetime, by: Staff | None, member_id: int) -> str:
    """Show a member's number in full, to call him; the view itself is audited. Raises NotFound, Forbidden."""
    _, mine = _within(uow, by, member_id)
    uow.audit.add(now, mine.actor, "reveal", "member", member_id)
    return uow.registry.phone(member_id)


def _within(uow: UnitOfWork, by: Staff | None, member_id: int) -> tuple[Member, Reach]:
    mine = reach(uow, by)
    member = uow.registry.member(member_id)
    if member is None or not mine.sees(member.branch_id):
        raise NotFound("没有这名党员", "no_member")
    return member, mine
