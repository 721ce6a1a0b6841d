"""What would be wrong with days of a schedule if items stood elsewhere, or a film came in; nothing is stored."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from attrs import evolve

from epg.findings import Finding, check
from epg.planning import DAY, Content, Item, begins
from middleware.domain.errors import BadValue
from middleware.services import plan
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork

FARTHEST: Final = DAY * 6
"""An item is dragged within the week that is shown."""
Span = tuple[datetime, datetime]
NEW: Final = "new"
"""The uid under which a film that is not planned yet is asked about."""


def preview(
    uow: UnitOfWork, channel: str, days: Sequence[date], moves: Mapping[str, Span], film: int = 0
) -> Mapping[date, tuple[Finding, ...]]:
    """The findings of days, neighbours seen too, with the items of these uids at other times; unknown uids are none.

    A `film` stands where `moves` put NEW. Raises BadValue(plan_days) unless there are days and all are of one week.
    """
    if not days or max(days) - min(days) > FARTHEST:
        raise BadValue("plan_days", "只能在一周里面移动")
    rules = rules_of(uow, channel)
    around = uow.plans.newest(channel, min(days) - DAY, max(days) + DAY)
    come = _come(uow, film, moves[NEW]) if film and NEW in moves else ()
    items = plan.with_media(uow, channel, [*(_moved(one, moves) for day in around for one in day.items), *come])
    pool = None  # what a remedy would fill in is not shown while dragging
    return {day: check(items, rules, (begins(day, rules), begins(day + DAY, rules)), pool=pool) for day in days}


def _come(uow: UnitOfWork, film: int, span: Span) -> tuple[Item, ...]:
    found = uow.assets.get(film)
    return (Item(NEW, *span, Content(found.title, asset=film), "fixed"),) if found else ()


def _moved(item: Item, moves: Mapping[str, Span]) -> Item:
    start, stop = moves.get(item.uid, (item.start, item.stop))
    return evolve(item, start=start, stop=stop)
