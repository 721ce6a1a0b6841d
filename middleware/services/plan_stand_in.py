"""A day that is not approved at the cut-off hour: the guide shows named filler where it would have nothing.

The line goes when the day is approved, and gives way to what a source tells (epg.md §3).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Final

from epg.filling import NAME
from epg.model import Programme, new_uid
from epg.planning import DAY, begins, broadcast_day
from middleware.domain.channels import Channel
from middleware.domain.events import ContentChanged
from middleware.services import plan
from middleware.services.plan_rules import rules_of
from middleware.services.ports import Airing, UnitOfWork

SOURCE: Final = "stand-in"
"""The source that such lines come from."""
_MINUTE: Final = timedelta(minutes=1)


def wanting(uow: UnitOfWork, now: datetime) -> tuple[Programme, ...]:
    """Lines that the guide needs now, without uids: the holes of unapproved days of channels that plan their days."""
    line_up = {one.xmltv_id: one for one in uow.guide.channels()}
    planned = [line_up[name] for name in uow.plans.channels(now.date() - DAY) if name in line_up]
    return tuple(line for channel in planned for day in _late(uow, now, channel) for line in _holes(uow, channel, *day))


def turn(uow: UnitOfWork, now: datetime) -> int:
    """Put those lines into the guide; returns how many."""
    uow.guide.hold()
    ids = {one.xmltv_id: one.id for one in uow.guide.channels()}
    lines = wanting(uow, now)
    by_channel: dict[str, list[Programme]] = {}
    for one in lines:
        by_channel.setdefault(one.channel, []).append(one)
    for channel, some in by_channel.items():
        uow.guide.opening(now, SOURCE, f"{channel} 没有按时审定，先排“{some[0].title}”")
        uow.guide.write([Airing(0, ids[channel], SOURCE, _named(uow, one)) for one in some], (), ())
        told = {"from": some[0].start.isoformat(), "to": some[-1].stop.isoformat(), "lines": len(some)}
        uow.audit.add(now, SOURCE, "fill in", "guide", channel, told)
    if lines:
        uow.outbox.add(ContentChanged("programme"))
    return len(lines)


def _late(uow: UnitOfWork, now: datetime, channel: Channel) -> Iterator[tuple[datetime, datetime]]:
    """What is left of the broadcast days of a channel that should be approved by now and are not."""
    rules = rules_of(uow, channel.xmltv_id)
    if not rules.own or rules.gaps == "leave":
        return
    days: list[date] = [broadcast_day(now, rules), *(day for _, day in plan.unapproved(uow, now, [channel.xmltv_id]))]
    minute = now.replace(second=0, microsecond=0)
    for day in dict.fromkeys(days):
        if _planned(uow, channel.xmltv_id, day) and not uow.plans.approved(channel.xmltv_id, day, day):
            yield max(begins(day, rules), minute), begins(day + DAY, rules)


def _planned(uow: UnitOfWork, channel: str, day: date) -> bool:
    """Whether a day has a pattern or has been begun."""
    return any(one.covers(day) for one in uow.plans.patterns(channel)) or bool(uow.plans.newest(channel, day, day))


def _holes(uow: UnitOfWork, channel: Channel, start: datetime, stop: datetime) -> Iterator[Programme]:
    """Lines for what of [start, stop) the guide has nothing of, each at least a minute long."""
    pool = uow.plans.pool(channel.xmltv_id)
    title = (pool.name if pool else "") or NAME
    at = start
    for row in uow.guide.between(start, stop, {channel.id}):
        if row.programme.start - at >= _MINUTE:
            yield Programme("", channel.xmltv_id, at, row.programme.start, title)
        at = max(at, row.programme.stop)
    if stop - at >= _MINUTE:
        yield Programme("", channel.xmltv_id, at, stop, title)


def _named(uow: UnitOfWork, line: Programme) -> Programme:
    """The line under a uid that no stored programme has."""
    uids = (new_uid(line.channel, line.start, f"{SOURCE} {line.title}", turn) for turn in count())
    uid = next(one for one in uids if not uow.guide.taken([one]))
    return Programme(uid, line.channel, line.start, line.stop, line.title)
