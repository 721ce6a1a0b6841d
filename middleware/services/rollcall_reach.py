"""Who may see and do what with a roll-call: offices everything, a cadre his branch and village."""

from attrs import frozen

from middleware.domain.errors import Forbidden, NotFound
from middleware.domain.registry import Staff
from middleware.domain.rollcall import Rollcall, Scope, Signin
from middleware.services.ports import UnitOfWork

COMMAND_LINE = "cli"
"""Actor in the audit log when no staff account stands behind an action."""


@frozen
class Reach:
    """Ids of the branches and villages somebody answers for; None = the whole town."""

    actor: str
    branches: frozenset[int] | None = None
    villages: frozenset[int] | None = None

    def sees(self, branch: int) -> bool:
        return self.branches is None or branch in self.branches

    def owns(self, scope: Scope, place_id: int | None) -> bool:
        """Whether a roll-call of this scope lies wholly within reach."""
        if self.branches is None:
            return True
        own = self.branches if scope == "branch" else self.villages or frozenset()
        return scope != "town" and place_id in own


def reach(uow: UnitOfWork, by: Staff | None) -> Reach:
    """Return the reach of a staff account; None is the operator at the command line. Raises Forbidden."""
    if by is None:
        return Reach(COMMAND_LINE)
    if by.role in {"admin", "office"}:
        return Reach(by.login)
    if by.role != "cadre" or not by.active:
        raise Forbidden("这个账号不能查看点名")
    own = {by.branch_id} if by.branch_id is not None else set()
    villages = {by.village_id} if by.village_id is not None else set()
    of_village = {branch.id for village in villages for branch in uow.places.branches(village)}
    return Reach(by.login, frozenset(own | of_village), frozenset(villages))


def concerns(uow: UnitOfWork, reach_: Reach, rollcall: Rollcall) -> bool:
    """Whether somebody within reach is, or will be, on the roll."""
    if reach_.branches is None or rollcall.scope == "town":
        return True
    if rollcall.scope == "branch":
        return rollcall.place_id in reach_.branches
    return any(branch.id in reach_.branches for branch in uow.places.branches(rollcall.place_id))


def visible(uow: UnitOfWork, by: Staff | None, rollcall_id: int) -> tuple[Rollcall, Reach]:
    """Return a roll-call somebody may look at. Raises NotFound also for those of others: ids tell nothing."""
    mine = reach(uow, by)
    rollcall = uow.rollcalls.get(rollcall_id)
    if rollcall is None or not concerns(uow, mine, rollcall):
        raise NotFound("没有这次点名", "no_rollcall")
    return rollcall, mine


def owned(uow: UnitOfWork, by: Staff | None, rollcall_id: int) -> tuple[Rollcall, Reach]:
    """Return a roll-call that somebody may extend and close, held alone. Raises NotFound, Forbidden."""
    _, mine = visible(uow, by, rollcall_id)
    rollcall = uow.rollcalls.hold([rollcall_id], alone=True)[rollcall_id]
    if not mine.owns(rollcall.scope, rollcall.place_id):
        raise Forbidden("这次点名由上级发起，您不能延长或结束")
    return rollcall, mine


def may_review(uow: UnitOfWork, mine: Reach, signin: Signin) -> bool:
    """Whether a number under review is the business of this reach: by its member, else by the home of its box."""
    if mine.branches is None:
        return True
    if signin.member is not None:
        line = uow.rollcalls.roll(signin.rollcall, [signin.member]).get(signin.member)
        return line is not None and mine.sees(line.branch)
    home = uow.registry.household(signin.household) if signin.household is not None else None
    return home is not None and home.village_id in _villages(uow, mine)


def _villages(uow: UnitOfWork, mine: Reach) -> frozenset[int | None]:
    branches = (uow.places.branch(branch) for branch in mine.branches or ())
    return frozenset(branch.village_id for branch in branches if branch) | (mine.villages or frozenset())
