"""Going back to an earlier state of the published guide: what that would change, and doing it in one step."""

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, frozen

from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.services import plan_rights
from middleware.services.ports import Airing, GuideSnapshot, UnitOfWork


@frozen
class WayBack:
    """What going back to a snapshot does: rows that come back, rows (now, then) that change, rows that go."""

    snapshot: GuideSnapshot
    back: tuple[Airing, ...]
    changed: tuple[tuple[Airing, Airing], ...]
    gone: tuple[Airing, ...]

    def __bool__(self) -> bool:
        return bool(self.back or self.changed or self.gone)


def way_back(uow: UnitOfWork, number: int) -> WayBack:
    """How the guide differs from a snapshot that is kept. Raises NotFound(no_snapshot)."""
    snapshot = next((one for one in uow.guide.snapshots() if one.number == number), None)
    if snapshot is None:
        raise NotFound("这一版节目单已经不留了", "no_snapshot")
    before = uow.guide.before(number)
    now = uow.guide.by_uids(before)
    pairs = [(now.get(uid), then) for uid, then in before.items()]
    both = [(old, evolve(then, id=old.id)) for old, then in pairs if old is not None and then is not None]
    return WayBack(
        snapshot,
        _in_order(then for old, then in pairs if old is None and then is not None),
        tuple(sorted((pair for pair in both if pair[0] != pair[1]), key=lambda pair: _key(pair[1]))),
        _in_order(old for old, then in pairs if old is not None and then is None),
    )


def roll_back(uow: UnitOfWork, now: datetime, actor: str, number: int, seen: int | None = None) -> WayBack:
    """Make the guide what it was in a snapshot; this too is a snapshot, so it can be taken back.

    `seen` is the newest snapshot that the differences were looked at with. Raises NotFound, BadValue(guide_moved).
    """
    plan_rights.need_everywhere(uow, actor)
    uow.guide.hold()
    way = way_back(uow, number)
    if seen is not None and uow.guide.snapshots()[0].number != seen:
        raise BadValue("guide_moved", "节目单刚才又变了，请再看一遍差别")
    uow.guide.opening(now, actor, f"退回到第 {number} 版")
    uow.guide.write(way.back, [then for _, then in way.changed], [one.id for one in way.gone])
    told = {"back": len(way.back), "changed": len(way.changed), "gone": len(way.gone)}
    uow.audit.add(now, actor, "roll back", "guide", str(number), told)
    uow.outbox.add(ContentChanged("programme"))
    return way


def _in_order(rows: Iterable[Airing]) -> tuple[Airing, ...]:
    return tuple(sorted(rows, key=_key))


def _key(one: Airing) -> tuple[int, datetime]:
    return one.channel, one.programme.start
