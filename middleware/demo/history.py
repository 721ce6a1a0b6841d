"""Half a year of roll-calls behind the town: at first three of four came, since it is done by remote nearly all do.

They are held by the very use-cases that boxes and cadres use, with the clock put back.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from random import Random

from attrs import frozen

from middleware.demo.population import SEED
from middleware.demo.seed import Ids, once
from middleware.domain.places import TOWN_ZONE
from middleware.domain.rollcall import Expected, Rollcall, Scope
from middleware.services import rollcall, rollcall_cadre
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, sign_in_batch

BATCH = 500
"""Sign-ins decided together."""
REASONS = ("在外地儿女家", "住院", "走亲戚", "外出务工", "身体不适", "值班")
ELSEWHERE = 0.04
"""Part of those who come that sign in by number at the box of a neighbour, in whose home no member lives."""
TYPED = 0.15
"""Part of those who come that type their number at home instead of choosing their name."""
ON_LEAVE = 0.25
"""Part of those who do not come that have asked for leave."""
MINUTES, LATE_AFTER = 60, 15


@frozen
class Meeting:
    """A roll-call of the past: `rate` of those expected came. `place` is the code of a village or branch."""

    days_ago: int
    title: str
    rate: float
    scope: Scope = "town"
    place: str = ""

    @property
    def key(self) -> str:
        return f"meeting {self.scope} {self.place} {self.days_ago}"


MEETINGS: tuple[Meeting, ...] = (
    Meeting(187, "党群直通日党员大会", 0.742),
    Meeting(158, "农村党员冬春训", 0.751),
    Meeting(128, "换届政策学习会", 0.758),
    Meeting(98, "党群直通日党员大会", 0.849),
    Meeting(77, "乡村振兴专题党课", 0.902),
    Meeting(63, "廉洁教育学习会", 0.914),
    Meeting(35, "党群直通日党员大会", 0.926),
    Meeting(6, "党章学习日", 0.934),
    *(
        Meeting(days, title, rate, "branch", branch)
        for branch in ("b01", "b03", "b04")
        for days, title, rate in ((91, "支部党员大会", 0.86), (50, "主题党日活动", 0.9), (20, "支部党员大会", 0.935))
    ),
)


@frozen
class Homes:
    """Where boxes stand: the device of each household."""

    device: Mapping[int, int]

    @classmethod
    def of(cls, uow: UnitOfWork) -> "Homes":
        """Read them from the store."""
        return cls({box.household_id: box.id for box in uow.devices.all() if box.household_id is not None})

    def box(self, household: int) -> Box:
        return Box(self.device[household], household)


def meetings() -> tuple[Meeting, ...]:
    """All of them, the oldest first."""
    return tuple(sorted(MEETINGS, key=lambda meeting: -meeting.days_ago))


def hold(uow: UnitOfWork, now: datetime, meeting: Meeting) -> bool:
    """Hold one roll-call of the past from its opening to its closing; False when this store has it already."""
    return once(uow, meeting.key, lambda: _hold(uow, now, meeting))


def _hold(uow: UnitOfWork, now: datetime, meeting: Meeting) -> None:
    day = now.astimezone(TOWN_ZONE).date() - timedelta(days=meeting.days_ago)
    opens = datetime.combine(day, time(19, 0), TOWN_ZONE).astimezone(now.tzinfo)
    place = Ids.of(uow).branches.get(meeting.place)
    opening = rollcall.Opening(meeting.title, meeting.scope, place, MINUTES, LATE_AFTER)
    opened = rollcall.open_rollcall(uow, opens, None, opening)
    dice = Random(f"{SEED} {meeting.key}")  # noqa: S311 - invented attendance, no secrets
    roll = sorted(uow.rollcalls.roll(opened.id).values(), key=lambda line: line.member)
    come, missing = _who_comes(roll, meeting.rate, dice)
    _sign_in(uow, opened, come, dice)
    for line in missing:
        if dice.random() < ON_LEAVE:
            rollcall_cadre.mark(uow, opens, None, opened.id, line.member, "leave", dice.choice(REASONS))
    rollcall.close(uow, opened.closes, None, opened.id)
    # Nobody waits for news of a meeting of last month.
    uow.outbox.dispatched([event.seq for event in uow.outbox.waiting()])


def _who_comes(roll: Sequence[Expected], rate: float, dice: Random) -> tuple[list[Expected], list[Expected]]:
    """Split the roll; it is mostly the same people who stay away."""
    zeal = {line.member: Random(SEED + line.member).random() + dice.random() for line in roll}  # noqa: S311 - as above
    keenest = sorted(roll, key=lambda line: -zeal[line.member])
    count = round(rate * len(roll))
    return keenest[:count], keenest[count:]


def _sign_in(uow: UnitOfWork, opened: Rollcall, come: Sequence[Expected], dice: Random) -> None:
    presses = sorted(_presses(uow, opened, come, dice), key=lambda press: press.at)
    for start in range(0, len(presses), BATCH):
        sign_in_batch(uow, presses[start : start + BATCH])


def _presses(uow: UnitOfWork, opened: Rollcall, come: Sequence[Expected], dice: Random) -> Iterator[SignIn]:
    homes = Homes.of(uow)
    guests = sorted({*homes.device} - {each.household_id for each in uow.registry.members()})
    phones = uow.registry.phones([line.member for line in come])
    for line in come:
        at = opened.opens + timedelta(seconds=min(dice.expovariate(1 / 300), MINUTES * 60 - 5))
        key = f"demo-{line.member}"
        if line.household is not None and dice.random() < TYPED:
            yield SignIn(opened.id, homes.box(line.household), key, at, number=phones[line.member])
        elif line.household is not None and dice.random() >= ELSEWHERE:
            yield SignIn(opened.id, homes.box(line.household), key, at, member=line.member)
        else:
            away = homes.box(dice.choice(guests))
            yield SignIn(opened.id, away, key, at, number=phones[line.member])
