"""What the back office shows of roll-calls: the list with its figures, one roll-call line by line, what waits."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from middleware.domain.attendance import Attendance, RollLine, Tally, by_branch, tally
from middleware.domain.registry import Staff, mask_phone
from middleware.domain.rollcall import Rollcall, Signin
from middleware.services.ports import AuditEntry, UnitOfWork
from middleware.services.rollcall_reach import Reach, concerns, may_review, reach, visible


@frozen
class Overview:
    """One line of the list; `figures` is None before the roll is drawn up, `mine` tells who may close it."""

    rollcall: Rollcall
    place: str
    figures: Tally | None
    reviews: int
    mine: bool


@frozen
class Snapshot:
    """The roll of one roll-call as it stood at `pulse`; shared by all who look at it, so never show it unfiltered."""

    pulse: str
    lines: tuple[RollLine, ...]
    waiting: tuple[Signin, ...]

    def print_of(self, branches: frozenset[int]) -> str:
        """A short text that changes, in this process, when something within these branches or any review does."""
        own = tuple(line for line in self.lines if line.expected.branch in branches)
        return f"{hash((own, self.waiting)) & 0xFFFF_FFFF_FFFF:x}"


@frozen
class Board:
    """One roll-call as somebody may see it: the lines, branches and reviews within his reach.

    `branches` holds name and figures by id in the order of the branch codes; `owned` whether he may extend and close;
    `reach` the ids of his branches, None for the whole town.
    """

    rollcall: Rollcall
    place: str
    owned: bool
    reach: frozenset[int] | None
    snapshot: Snapshot
    lines: tuple[RollLine, ...]
    total: Tally
    branches: Mapping[int, tuple[str, Tally]]
    reviews: tuple["Review", ...]


@frozen
class Review:
    """A sign-in that waits for a decision: whose it seems to be, its masked number, and where its box stands."""

    signin: Signin
    name: str
    branch: str
    number: str
    home: str


def overviews(uow: UnitOfWork, by: Staff | None, limit: int = 60) -> tuple[Overview, ...]:
    """The roll-calls within reach, the latest first. Raises Forbidden."""
    mine = reach(uow, by)
    seen = [one for one in uow.rollcalls.listing(limit) if concerns(uow, mine, one)]
    stored = uow.rollcalls.tallies([one.id for one in seen if one.state == "closed"], mine.branches)
    return tuple(_overview(uow, mine, one, stored.get(one.id)) for one in seen)


def _overview(uow: UnitOfWork, mine: Reach, rollcall: Rollcall, stored: Tally | None) -> Overview:
    figures, waiting = stored, 0
    if rollcall.state == "open":
        figures = tally(records(uow.rollcalls.lines(rollcall.id, mine.branches)))
    if rollcall.state != "scheduled":
        waiting = sum(may_review(uow, mine, one) for one in uow.signins.reviews(rollcall.id))
    owned = mine.owns(rollcall.scope, rollcall.place_id)
    return Overview(rollcall, place_name(uow, rollcall), figures, waiting, owned)


def pulse(uow: UnitOfWork, rollcall_id: int) -> str:
    """A short text that changes whenever the board of this roll-call does; empty when there is none."""
    rollcall = uow.rollcalls.get(rollcall_id)
    if rollcall is None:
        return ""
    return f"{rollcall.state}-{int(rollcall.closes.timestamp())}-{uow.signins.revision(rollcall_id)}"


def board(uow: UnitOfWork, by: Staff | None, rollcall_id: int, known: Snapshot | None = None) -> Board:
    """The board for somebody; `known` spares the reading of the roll while nothing has changed.

    Raises NotFound, Forbidden.
    """
    rollcall, mine = visible(uow, by, rollcall_id)
    beat = pulse(uow, rollcall_id)
    shot = known if known and known.pulse == beat else _snapshot(uow, rollcall_id, beat)
    lines = tuple(line for line in shot.lines if mine.sees(line.expected.branch))
    names = {branch.id: branch.name for branch in uow.places.branches()}
    figures = by_branch(records(lines))
    return Board(
        rollcall=rollcall,
        place=place_name(uow, rollcall),
        owned=mine.owns(rollcall.scope, rollcall.place_id),
        reach=mine.branches,
        snapshot=shot,
        lines=lines,
        total=tally(records(lines)),
        branches={branch: (name, figures[branch]) for branch, name in names.items() if branch in figures},
        reviews=reviews(uow, mine, rollcall_id),
    )


def _snapshot(uow: UnitOfWork, rollcall_id: int, beat: str) -> Snapshot:
    return Snapshot(beat, uow.rollcalls.lines(rollcall_id), uow.signins.reviews(rollcall_id))


def records(lines: Iterable[RollLine]) -> tuple[Attendance, ...]:
    """The lines of a roll as the attendance they amount to now."""
    return tuple(Attendance(0, line.expected.member, line.expected.branch, line.status) for line in lines)


def reviews(uow: UnitOfWork, mine: Reach, rollcall_id: int) -> tuple[Review, ...]:
    """What waits in a roll-call for somebody of this reach, the oldest first."""
    waiting = [one for one in uow.signins.reviews(rollcall_id) if may_review(uow, mine, one)]
    numbers = uow.signins.numbers([one.id for one in waiting])
    return tuple(_review(uow, one, numbers.get(one.id, "")) for one in waiting)


def _review(uow: UnitOfWork, signin: Signin, number: str) -> Review:
    member = uow.registry.member(signin.member) if signin.member is not None else None
    branch = uow.places.branch(member.branch_id) if member else None
    home = uow.registry.household(signin.household) if signin.household is not None else None
    shown = number or (uow.registry.phone(member.id) if member else "")
    return Review(
        signin,
        member.name if member else "",
        branch.name if branch else "",
        mask_phone(shown) if shown else "",
        home.address or home.code if home else "",
    )


def trail(uow: UnitOfWork, by: Staff | None, rollcall_id: int, limit: int = 500) -> tuple[AuditEntry, ...]:
    """What people did in a roll-call, the newest first, without what concerns members beyond reach.

    Raises NotFound, Forbidden.
    """
    _, mine = visible(uow, by, rollcall_id)
    entries = uow.audit.entries("rollcall", rollcall_id, limit)
    if mine.branches is None:
        return entries
    theirs = uow.rollcalls.roll(rollcall_id)
    hidden = {member for member, line in theirs.items() if not mine.sees(line.branch)}
    return tuple(entry for entry in entries if entry.detail.get("member") not in hidden)


def place_name(uow: UnitOfWork, rollcall: Rollcall) -> str:
    """Where a roll-call is held, in words."""
    if rollcall.scope == "town":
        return "全镇"
    find = uow.places.branch if rollcall.scope == "branch" else uow.places.village
    place = find(rollcall.place_id or 0)
    return place.name if place else ""
