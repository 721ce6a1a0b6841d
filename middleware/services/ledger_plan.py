"""The approved plan of a channel as its publisher needs it: items on whole seconds with the films that can be shown."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from epg.planning import DAY, Item, broadcast_day
from middleware.services import ledger_pool
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork
from vod.airing import Part
from vod.ledger import Film

BACK: Final = timedelta(hours=6)
"""What ended earlier cannot have been pushed to now."""
AHEAD: Final = timedelta(hours=12)
"""A later start cannot cut what begins within the horizon: nothing lasts longer than a day, few things half of one."""


@frozen
class Planned:
    """Parts by start, and the plan's item of each by its uid."""

    parts: tuple[Part, ...]
    items: Mapping[str, Item]

    def title(self, uid: str) -> str:
        """What a programme is called; empty for what is none."""
        return self.items[uid].content.title if uid in self.items else ""


def planned(uow: UnitOfWork, channel: str, now: datetime) -> Planned:
    """What is approved around now."""
    day = broadcast_day(now, rules_of(uow, channel))
    days = uow.plans.approved(channel, day - DAY, day + DAY)
    items = sorted((item for one in days for item in one.items), key=lambda item: (item.start, item.stop, item.uid))
    items = [item for item in items if item.stop > now - BACK and item.start < now + AHEAD]
    wanted = {item.content.asset for item in items if item.content.asset is not None and not item.content.relay}
    films = ledger_pool.films(uow, wanted)
    parts = (_part(item, films.get(item.content.asset or 0)) for item in items)
    return Planned(tuple(one for one in parts if one.start_ms < one.stop_ms), {item.uid: item for item in items})


def _part(item: Item, film: Film | None) -> Part:
    return Part(
        item.uid,
        _second(item.start),
        _second(item.stop),
        item.kind,
        int(item.slack.total_seconds()) * 1000,
        None if item.content.relay else film,
        item.cuttable,
        item.origin == "filler",
        0 if film is None else bisect_right(film.edges_ms, item.content.begin_s * 1000) - 1,
        item.content.rest_of,
    )


def _second(at: datetime) -> int:
    return round(at.timestamp()) * 1000
