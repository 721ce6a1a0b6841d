"""Invitations as the push adapters need them: what a household is to be shown, and what its boxes report back."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from middleware.domain.invitations import LIVE, Payload, Report, move, payload
from middleware.domain.rollcall import Rollcall
from middleware.services.ports import UnitOfWork


@frozen
class OpenRollcall:
    """An open roll-call as a household's badge shows it: how many of its members are still missing."""

    rollcall: Rollcall
    expected: int
    missing: int


def invited(uow: UnitOfWork, now: datetime, rollcall_id: int) -> Mapping[int, Payload]:
    """What every household of a roll-call may be shown, by household: one read for a push to all."""
    rollcall = uow.rollcalls.get(rollcall_id)
    if rollcall is None or not rollcall.takes(now):
        return {}
    live = (one for one in uow.invitations.of_rollcall(rollcall_id) if one.state in LIVE)
    return {one.household: payload(one, rollcall) for one in live}


def open_for(uow: UnitOfWork, now: datetime, household_id: int) -> tuple[OpenRollcall, ...]:
    """The open roll-calls that expect somebody of this household, for home and 党教园地; the first to close first."""
    members = {member.id for member in uow.registry.members_of_household(household_id)}
    return tuple(
        _counted(uow, rollcall, household_id, members)
        for rollcall in uow.rollcalls.running(household_id)
        if rollcall.takes(now)
    )


def report(uow: UnitOfWork, now: datetime, household_id: int, event: int, what: Report) -> bool:
    """Note what a box did with an event: offered, seen, accepted, dismissed. False for unknown and old events."""
    for one in uow.invitations.of_household(household_id):
        if one.event == event:
            moved = move(one, what, now)
            if moved != one:
                uow.invitations.save([moved])
            return moved != one
    return False


def report_offered(uow: UnitOfWork, now: datetime, rollcall_id: int, households: frozenset[int]) -> int:
    """Note that an invitation went out to many households at once; returns for how many this was new."""
    offered = [
        (one, move(one, "offered", now))
        for one in uow.invitations.of_rollcall(rollcall_id)
        if one.household in households
    ]
    changed = [after for before, after in offered if after != before]
    uow.invitations.save(changed)
    return len(changed)


def _counted(uow: UnitOfWork, rollcall: Rollcall, household_id: int, members: set[int]) -> OpenRollcall:
    roll = uow.rollcalls.roll(rollcall.id, members)
    home = {member for member, line in roll.items() if line.household == household_id and not line.leave}
    return OpenRollcall(rollcall, len(home), len(home - uow.signins.standing(rollcall.id, home).keys()))
