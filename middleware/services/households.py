"""What the pages of a household remember, and what home tells it first."""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from middleware.domain.articles import BOARDS
from middleware.domain.errors import BadValue
from middleware.domain.registry import Member
from middleware.domain.rollcall import Rollcall
from middleware.services.invitations import OpenRollcall, open_for
from middleware.services.ports import UnitOfWork

AHEAD: Final = timedelta(hours=24)
"""A roll-call is announced within this time before it opens."""
_RECENT: Final = 50
"""Roll-calls looked through for those to come."""


@frozen
class News:
    """What is urgent in a household: the open roll-call that still misses one of its members, else the next to come.

    `dismissed` tells that somebody said 稍后再说 to the open one.
    """

    open: OpenRollcall | None = None
    coming: Rollcall | None = None
    dismissed: bool = False


def remember_board(uow: UnitOfWork, household_id: int, board: str) -> None:
    """Keep the board this household used last. Raises BadValue(board)."""
    if board not in BOARDS:
        raise BadValue("board", "没有这个板块")
    uow.settings.put(f"household:{household_id}", "last_board", board)


def news(uow: UnitOfWork, now: datetime, household_id: int | None, village_id: int | None) -> News:
    """What home tells this household first."""
    waiting = open_for(uow, now, household_id) if household_id is not None else ()
    first = next((one for one in waiting if one.missing), None)
    if first is None or household_id is None:
        soon = (one for one in concerning(uow, now, household_id, village_id) if one.state == "scheduled")
        return News(coming=next(soon, None))
    invitation = uow.invitations.get(first.rollcall.id, household_id)
    return News(open=first, dismissed=invitation is not None and invitation.state == "dismissed")


def concerning(
    uow: UnitOfWork, now: datetime, household_id: int | None, village_id: int | None
) -> tuple[Rollcall, ...]:
    """The open roll-calls, then those to come within a day, that a viewer here may have to do with: of the town, of
    this village or its branches, and those that expect a member of this household. The first to close comes first."""
    own = {one.id for one in uow.rollcalls.running(household_id)} if household_id is not None else set()
    branches = {branch.id for branch in uow.places.branches(village_id)} if village_id is not None else set()
    branches |= {member.branch_id for member in _members(uow, household_id)}
    near = (one for one in uow.rollcalls.listing(_RECENT) if one.takes(now) or _soon(one, now))
    mine = (one for one in near if one.id in own or _here(one, village_id, branches))
    return tuple(sorted(mine, key=lambda one: (one.state != "open", one.closes, one.id)))


def _members(uow: UnitOfWork, household_id: int | None) -> tuple[Member, ...]:
    return uow.registry.members_of_household(household_id) if household_id is not None else ()


def _soon(rollcall: Rollcall, now: datetime) -> bool:
    return rollcall.state == "scheduled" and rollcall.opens - AHEAD <= now


def _here(rollcall: Rollcall, village_id: int | None, branches: set[int]) -> bool:
    match rollcall.scope:
        case "town":
            return True
        case "village":
            return village_id is not None and rollcall.place_id == village_id
        case "branch":
            return rollcall.place_id in branches
