"""What an import will write: feed channels matched to the line-up, and one channel's changes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from attrs import astuple, define, evolve, field, frozen

from epg import model, spool
from epg.linking import Linked, link
from epg.model import Programme, new_uid
from epg.planning import DAY, begins, broadcast_day
from epg.xmltv import Feed
from middleware.domain.channels import Channel
from middleware.services.plan_rules import rules_of
from middleware.services.ports import Airing, UnitOfWork

_INSTANT: Final = timedelta(milliseconds=1)
_MOST_NUMBER: Final = 9999
"""Largest channel number that a feed may bring: more digits nobody types."""


@frozen
class Plan:
    """Rows of one channel to put in, to change in place and to take out, and how many stay as they are."""

    added: tuple[Airing, ...]
    changed: tuple[Airing, ...]
    removed: tuple[int, ...]
    unchanged: int


@define
class Matched:
    """What was found of a feed's channels so far: those made (id 0), and the rows of those not in the line-up."""

    created: list[str] = field(factory=list)
    unknown: dict[str, int] = field(factory=dict)


def matched(
    line_up: Iterable[Channel], source: str, feed: Feed, notes: Matched, *, create: bool
) -> Iterator[tuple[Channel, tuple[Programme, ...]]]:
    """Each channel of a feed found by its id with its part of the feed, one at a time; `notes` take what else there is.

    With `create` channels that are not in the line-up are made, with the feed's name and number.
    """
    known = {channel.xmltv_id: channel for channel in line_up}
    numbers = {channel.number for channel in known.values()}
    found: set[str] = set()
    for told, rows in feed.by_channel():
        name = model.xmltv_id(told.xmltv_id, source)
        if name in found or (name not in known and not create):
            notes.unknown[told.xmltv_id] = len(rows)
            continue
        if name not in known:
            known[name] = _new_channel(name, told, numbers)
            notes.created.append(name)
        found.add(name)
        yield known[name], _on_channel(rows, name)


def plan(uow: UnitOfWork, channel: Channel, source: str, fed: Sequence[Programme]) -> Plan:
    """What to write so that a channel shows `fed` (in order) from its first start to its last end.

    A programme that runs into the first start ends there; what begins after the last end stays.
    """
    first, last = fed[0].start, _end(fed)
    reach = model.OPEN_FOR  # longer than a programme may be moved
    stored = {row.programme.uid: row for row in uow.guide.between(first - reach, last + reach, {channel.id})}
    linked = _fitted(link([row.programme for row in stored.values()], fed), last)
    pairs = [(stored[old.uid], Airing(stored[old.uid].id, channel.id, source, new)) for old, new in linked.same]
    changed = tuple(new for old, new in pairs if old != new)
    added = tuple(Airing(0, channel.id, source, one) for one in _with_uids(uow, linked.new))
    others = [stored[one.uid] for one in linked.other]
    removed = tuple(row.id for row in others if first <= row.programme.start < last)
    return Plan(added, changed + _ended(others, first), removed, len(pairs) - len(changed))


def free(
    uow: UnitOfWork, channel: str, rows: Sequence[Programme], start: datetime, stop: datetime
) -> list[list[Programme]]:
    """The rows in runs between approved days of our own schedule, cut where they run into one."""
    rules = rules_of(uow, channel)
    first, last = broadcast_day(start, rules), broadcast_day(stop, rules)
    owned = [(begins(one.day, rules), begins(one.day + DAY, rules)) for one in uow.plans.approved(channel, first, last)]
    runs: list[list[Programme]] = [[]]
    for one in rows:
        if any(begin <= one.start < end for begin, end in owned):
            if runs[-1]:
                runs.append([])
            continue
        ahead = min((begin for begin, _ in owned if one.start < begin < one.stop), default=None)
        runs[-1].append(one if ahead is None else evolve(one, stop=ahead))
        if ahead is not None:
            runs.append([])
    return [run for run in runs if run]


def flat(channel: Channel, plan: Plan) -> tuple[object, ...]:
    """A channel and its plan as plain values, which can be kept on disk."""
    return astuple(channel), _flat(plan.added), _flat(plan.changed), plan.removed, plan.unchanged


def _flat(rows: Iterable[Airing]) -> tuple[object, ...]:
    return tuple((one.id, one.source, spool.flat(one.programme)) for one in rows)


def whole(values: Any) -> tuple[Channel, Plan]:
    """The channel and its plan of plain values."""
    about, added, changed, removed, unchanged = values
    channel = Channel(*about)
    return channel, Plan(_whole(added, channel.id), _whole(changed, channel.id), removed, unchanged)


def _whole(rows: Any, channel: int) -> tuple[Airing, ...]:
    return tuple(Airing(row, channel, source, spool.whole(one)) for row, source, one in rows)


def _new_channel(name: str, told: model.Channel, numbers: set[int]) -> Channel:
    """With the number the feed tells if it is free, else the next one."""
    number = told.number
    if number is None or not 0 < number <= _MOST_NUMBER or number in numbers:
        number = max(numbers, default=0) + 1
    numbers.add(number)
    return Channel(0, name, number, told.name)


def _on_channel(rows: Sequence[Programme], name: str) -> tuple[Programme, ...]:
    return tuple(one if one.channel == name else evolve(one, channel=name) for one in rows)


def _end(fed: Sequence[Programme]) -> datetime:
    """The instant up to which a feed speaks: an end that nobody told is not taken for one."""
    return max(one.start + _INSTANT if one.open else one.stop for one in fed)


def _fitted(linked: Linked, last: datetime) -> Linked:
    """A last programme whose end nobody told is shown until the next stored one."""
    following = min((one.start for one in linked.other if one.start >= last), default=None)
    if following is None:
        return linked
    same = tuple((old, _until(new, following)) for old, new in linked.same)
    return evolve(linked, same=same, new=tuple(_until(one, following) for one in linked.new))


def _until(one: Programme, following: datetime) -> Programme:
    return evolve(one, stop=following) if one.open and one.stop > following else one


def _ended(others: Iterable[Airing], first: datetime) -> tuple[Airing, ...]:
    return tuple(
        evolve(row, programme=evolve(row.programme, stop=first))
        for row in others
        if row.programme.start < first < row.programme.stop
    )


def _with_uids(uow: UnitOfWork, new: Iterable[Programme]) -> list[Programme]:
    """New programmes with uids that no stored one has."""
    waiting, ready, taken = list(new), [], set[str]()
    for turn in count():
        asked = [(one, new_uid(one.channel, one.start, one.title + one.clump, turn)) for one in waiting]
        taken |= uow.guide.taken({uid for _, uid in asked})
        ready += [model.with_uid(one, uid) for one, uid in asked if uid not in taken]
        waiting = [one for one, uid in asked if uid in taken]
        if not waiting:
            break
    return ready
