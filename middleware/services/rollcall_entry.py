"""At the box, before the confirmation: who is offered, what is being typed, whose number it is."""

from datetime import datetime

import attrs
from attrs import frozen

from middleware.domain.entries import Entry, begun, good_draft
from middleware.domain.registry import Member, mask_name, mask_phone
from middleware.domain.rollcall import (
    MAX_UNKNOWN,
    Already,
    BadNumber,
    Closed,
    NeedsReview,
    NoRollcall,
    NotOnRoll,
    NotOpen,
    NotYours,
    Outcome,
    Rollcall,
    Unknown,
    may_finish,
    read_number,
    tries_left,
)
from middleware.services.ports import UnitOfWork

AT_MOST = 6
"""People on the page 您是哪一位: keys 1 to 6."""


@frozen
class Box:
    """The set that asks, from its login; `household` is None for a box at a village site."""

    device: int
    household: int | None


@frozen
class Choice:
    """One person of the pick page. The name is whole: it is his own household."""

    member: int
    name: str
    branch: str
    group_no: int
    masked_phone: str
    on_roll: bool
    signed_in: bool


@frozen
class Choices:
    """The pick page: those on the roll first; `last` is the member of the number last used here, masked if a guest."""

    rollcall: Rollcall
    people: tuple[Choice, ...]
    last: Choice | None


@frozen
class Found:
    """Who is about to sign in. `number` is what was typed, empty for a pick; the name is masked for guests."""

    member: int
    name: str
    branch: str
    group_no: int
    number: str
    masked_phone: str
    own: bool
    code = "found"


LookUp = Found | Outcome


def choices(uow: UnitOfWork, household_id: int | None, rollcall_id: int) -> Choices | NoRollcall:
    """Whom this household may pick; empty for a household without members."""
    rollcall = uow.rollcalls.get(rollcall_id)
    if rollcall is None:
        return NoRollcall()
    if household_id is None:
        return Choices(rollcall, (), None)
    people = _choices(uow, rollcall, household_id, uow.registry.members_of_household(household_id))
    last_id = uow.signins.last_number(household_id)
    last = uow.registry.member(last_id) if last_id is not None else None
    remembered = _choices(uow, rollcall, household_id, (last,) if last else ())
    return Choices(
        rollcall, tuple(sorted(people, key=lambda one: not one.on_roll))[:AT_MOST], next(iter(remembered), None)
    )


def begin(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int) -> Outcome | None:
    """Note that the form was opened on this box: who has begun before the closing may finish. None = go on."""
    opened = _opened(uow, now, box, rollcall_id)
    if not isinstance(opened, Entry):
        return opened
    uow.entries.put(opened)
    return None


def save_draft(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int, digits: str) -> Outcome | None:
    """Keep typed digits for ten minutes, for this box only. None = kept; raises BadValue(draft)."""
    typed = good_draft(digits)
    opened = _opened(uow, now, box, rollcall_id)
    if not isinstance(opened, Entry):
        return opened
    uow.entries.put(attrs.evolve(opened, digits=typed))
    return None


def draft(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int) -> str:
    """The digits to offer again after the set was switched off, or nothing."""
    entry = uow.entries.get(rollcall_id, box.device)
    return entry.draft(now) if entry and entry.household == box.household else ""


def look_up(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int, text: str, *, blind: bool = False) -> LookUp:
    """Find whose number was typed, and hold it for the confirmation. After five unknown ones nothing is looked up.

    With `blind` nothing is looked up any more from this box: a cadre has to.
    """
    opened = _opened(uow, now, box, rollcall_id)
    if not isinstance(opened, Entry):
        return opened
    number = read_number(text)
    if isinstance(number, BadNumber):
        return number
    unknown = MAX_UNKNOWN if blind else opened.unknown
    entry = attrs.evolve(opened, digits=number, member=None, way="number", unknown=unknown)
    member = uow.registry.by_phone(number) if tries_left(entry.unknown) else None
    if member is None:
        entry = attrs.evolve(entry, unknown=entry.unknown + 1)
        uow.entries.put(entry)
        return Unknown(tries_left(entry.unknown))
    return _hold(uow, box, attrs.evolve(entry, member=member.id), member)


def choose(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int, member_id: int) -> LookUp:
    """Hold a member of the household for the confirmation."""
    opened = _opened(uow, now, box, rollcall_id)
    if not isinstance(opened, Entry):
        return opened
    member, line = uow.registry.member(member_id), uow.rollcalls.roll(rollcall_id, [member_id]).get(member_id)
    home = line.household if line else member.household_id if member else None
    if member is None or home is None or home != box.household:
        return NotYours()
    return _hold(uow, box, attrs.evolve(opened, digits="", member=member_id, way="pick"), member)


def use_last(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int) -> LookUp:
    """Hold the member of the number last used in this household; the number itself is not kept with the box."""
    opened = _opened(uow, now, box, rollcall_id)
    if not isinstance(opened, Entry):
        return opened
    last = uow.signins.last_number(box.household) if box.household is not None else None
    member = uow.registry.member(last) if last is not None else None
    if member is None:
        return NotYours()
    return _hold(uow, box, attrs.evolve(opened, digits="", member=member.id, way="number"), member)


def pending(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int) -> LookUp | None:
    """What this box is about to confirm, for drawing its page again; None when it holds nothing (any more)."""
    entry = uow.entries.get(rollcall_id, box.device)
    if entry is None or not entry.alive(now) or entry.household != box.household:
        return None
    member = uow.registry.member(entry.member) if entry.member is not None else None
    if member is None:
        return Unknown(tries_left(entry.unknown)) if entry.digits else None
    return _verdict(uow, box, entry, member)


def _opened(uow: UnitOfWork, now: datetime, box: Box, rollcall_id: int) -> Entry | Outcome:
    rollcall = uow.rollcalls.get(rollcall_id)
    if rollcall is None:
        return NoRollcall()
    if rollcall.state == "scheduled":
        return NotOpen(rollcall.opens)
    before = uow.entries.get(rollcall_id, box.device)
    entry = begun(before, rollcall_id, box.device, box.household, now)
    return entry if rollcall.takes(now) or may_finish(rollcall, entry.begun, now) else Closed(rollcall.closes)


def _hold(uow: UnitOfWork, box: Box, entry: Entry, member: Member) -> LookUp:
    uow.entries.put(entry)
    return _verdict(uow, box, entry, member)


def _verdict(uow: UnitOfWork, box: Box, entry: Entry, member: Member) -> LookUp:
    if (before := uow.signins.standing(entry.rollcall, [member.id]).get(member.id)) is not None:
        return Already(before) if before.state == "accepted" else NeedsReview(before, first=False)
    line = uow.rollcalls.roll(entry.rollcall, [member.id]).get(member.id)
    if line is None:
        return NotOnRoll(member.id)
    own = line.household is not None and line.household == box.household
    branch, phone = uow.places.branch(member.branch_id), entry.digits or uow.registry.phone(member.id)
    name = member.name if own else mask_name(member.name)
    masked = mask_phone(phone) if phone else ""
    return Found(member.id, name, branch.name if branch else "", member.group_no, entry.digits, masked, own)


def _choices(uow: UnitOfWork, rollcall: Rollcall, household: int, members: tuple[Member, ...]) -> tuple[Choice, ...]:
    ids = [member.id for member in members]
    phones, roll = uow.registry.phones(ids), uow.rollcalls.roll(rollcall.id, ids)
    standing = uow.signins.standing(rollcall.id, ids)
    branches = {member.branch_id: uow.places.branch(member.branch_id) for member in members}
    return tuple(
        Choice(
            member=member.id,
            name=member.name if member.household_id == household else mask_name(member.name),
            branch=branch.name if (branch := branches[member.branch_id]) else "",
            group_no=member.group_no,
            masked_phone=mask_phone(phones[member.id]) if member.id in phones else "",
            on_roll=member.id in roll,
            signed_in=member.id in standing,
        )
        for member in members
    )
