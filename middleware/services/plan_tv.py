"""What televisions would show of a channel if its days were approved as they are now; nothing is stored."""

from collections.abc import Sequence
from datetime import date, datetime

from attrs import evolve, frozen

from epg.findings import in_guide
from epg.planning import DAY, begins, broadcast_day
from middleware.domain.channels import Channel
from middleware.services import guide
from middleware.services.guide import Grid
from middleware.services.plan_publish import SOURCE, programme
from middleware.services.plan_rules import rules_of
from middleware.services.ports import Airing, UnitOfWork


@frozen
class Shortened:
    """A line of the guide that is not told whole: its item, and what is read of its title (empty: under another's)."""

    uid: str
    start: datetime
    title: str
    shown: str


def span(uow: UnitOfWork, channel: Channel, day: date) -> tuple[datetime, datetime]:
    """From the begin of a broadcast day to its end."""
    rules = rules_of(uow, channel.xmltv_id)
    return begins(day, rules), begins(day + DAY, rules)


def grid(
    uow: UnitOfWork, channel: Channel, planned: Sequence[Airing], start: datetime, stop: datetime, offset: int,
    limit: int,
) -> Grid:  # fmt: skip
    """The guide's grid with what is planned of one channel in the place of what is approved."""
    found = guide.grid(uow, start, stop, offset, limit)
    own = tuple(one for one in planned if one.programme.start < stop and one.programme.stop > start)
    rows = (evolve(row, airings=own) if row.channel.id == channel.id else row for row in found.rows)
    return evolve(found, rows=tuple(rows))


def airings(uow: UnitOfWork, channel: Channel, start: datetime, stop: datetime) -> tuple[Airing, ...]:
    """What a channel would show between two instants; what is planned has negative numbers in place of rows.

    Days that nobody has begun are as the guide has them.
    """
    rules = rules_of(uow, channel.xmltv_id)
    first, last = broadcast_day(start, rules) - DAY, broadcast_day(stop, rules)
    days = uow.plans.newest(channel.xmltv_id, first, last)
    begun = {day.day for day in days}
    there = guide.shown_between(uow, start, stop, {channel.id})
    rows = [one for one in there if broadcast_day(one.programme.start, rules) not in begun]
    lines = [line for day in days for line in in_guide(day.items)[0]]
    rows += [Airing(-at, channel.id, SOURCE, programme(line, channel.xmltv_id)) for at, line in enumerate(lines, 1)]
    shown = guide.without_overlap(sorted(rows, key=lambda one: one.programme.start))
    return tuple(one for one in shown if one.programme.start < stop and one.programme.stop > start)
