"""What editors plan: items of broadcast days, templates, week patterns, and exceptions that touch one day only.

Instants are aware, intervals half-open. A broadcast day begins at the channel's day start (usually 06:00) and owns the
items that start in it; they may run over midnight and over the day's end (epg.md §2).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Final, Literal

from attrs import evolve, field, frozen

from epg.times import SHANGHAI

StartKind = Literal["fixed", "grace", "flow"]
"""On the second; up to some seconds late, so that the item before can end; when the previous one ends."""
Origin = Literal["template", "exception", "hand", "filler", "import"]
GapPolicy = Literal["filler", "extend", "leave"]
DAY: Final = timedelta(days=1)


@frozen
class Content:
    """What is shown. `media_s` is the length of its film in seconds, 0 = not known; `ready` False = not packaged yet.

    `live` needs no film; `relay` names the source of a picture that comes from elsewhere. A content with a `pool` is
    filled from that pool of fillers. `number` counts from 1, 0 = none. What goes on behind an item that broke into it
    is `rest_of` that item (a uid); its film begins at about `begin_s` seconds.
    """

    title: str
    sub_title: str = ""
    desc: str = ""
    genre: str = ""
    age: int = 0
    asset: int | None = None
    media_s: int = 0
    ready: bool = True
    live: bool = False
    showing: Literal["", "first", "repeat"] = ""
    series: str = ""
    season: int = 0
    number: int = 0
    pool: str = ""
    relay: str = ""
    begin_s: int = 0
    rest_of: str = ""


@frozen
class Item:
    """One planned programme. `uid` never changes, whatever is moved; `block` is where it came from.

    `slack` is how much later than planned a `grace` item may start. What is not `in_guide` is shown under the name of
    its neighbour; only `cuttable` items are cut to make room.
    """

    uid: str
    start: datetime
    stop: datetime
    content: Content
    kind: StartKind = "flow"
    slack: timedelta = timedelta(0)
    origin: Origin = "hand"
    block: str = ""
    must_carry: bool = False
    in_guide: bool = True
    cuttable: bool = False
    locked: bool = False

    def __attrs_post_init__(self) -> None:
        """Refuse naive instants and empty intervals with ValueError."""
        if self.start.tzinfo is None or self.stop.tzinfo is None or not self.start < self.stop <= self.start + DAY:
            raise ValueError("an item has aware instants and ends after it starts, within 24 hours")

    @property
    def length(self) -> timedelta:
        return self.stop - self.start


@frozen
class Block:
    """A place in a day template: `offset_s` from the day's start, `pad_min` fills up to a multiple of minutes."""

    id: str
    offset_s: int
    length_s: int
    content: Content
    kind: StartKind = "flow"
    grace_s: int = 0
    pad_min: int = 0
    must_carry: bool = False
    locked: bool = False


@frozen
class DayTemplate:
    """The blocks of a broadcast day in order."""

    id: int
    name: str
    blocks: tuple[Block, ...]


@frozen
class Pattern:
    """A template (or none) for each weekday, Monday first, from `first` to `last`; the highest priority wins."""

    id: int
    channel: str
    templates: tuple[int | None, ...]
    first: date
    last: date | None = None
    priority: int = 0

    def covers(self, day: date) -> bool:
        """Whether this pattern says something of a day."""
        return (
            self.first <= day and (self.last is None or day <= self.last) and self.templates[day.weekday()] is not None
        )


@frozen
class OneOff:
    """A change of one block on one day; the series and its other days stay as they are.

    What is inserted keeps the identity `uid` that it was given by hand, where it has one.
    """

    id: str
    channel: str
    day: date
    kind: Literal["replace", "move", "resize", "cancel", "insert"]
    block: str = ""
    content: Content | None = None
    offset_s: int | None = None
    length_s: int | None = None
    start: StartKind = "fixed"
    uid: str = ""


@frozen
class Rules:
    """What holds on a channel. Imported channels are not `own`: their gaps are noted, their media unknown.

    `must_carry` are (title, from, to) in seconds of the day, `watershed` (age, from, to): not shown in these hours.
    """

    channel: str
    own: bool = True
    day_start_s: int = 6 * 3600
    grid_min: int = 5
    gaps: GapPolicy = "filler"
    extend_at_most: timedelta = timedelta(minutes=10)
    tolerance: timedelta = timedelta(seconds=2)
    repeat_after: timedelta = timedelta(hours=3)
    must_carry: tuple[tuple[str, int, int], ...] = ()
    watershed: tuple[tuple[int, int, int], ...] = ((18, 6 * 3600, 22 * 3600),)


class PatternTie(ValueError):
    """Two patterns of one priority speak of the same day; refused when a pattern is saved."""


def begins(day: date, rules: Rules) -> datetime:
    """When a broadcast day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(seconds=rules.day_start_s)


def broadcast_day(at: datetime, rules: Rules) -> date:
    """The broadcast day that owns what starts at this instant."""
    return (at.astimezone(SHANGHAI) - timedelta(seconds=rules.day_start_s)).date()


def pattern_of(patterns: Sequence[Pattern], channel: str, day: date) -> Pattern | None:
    """The pattern that decides a day. Raises PatternTie when two of the same priority do."""
    mine = sorted(
        (one for one in patterns if one.channel == channel and one.covers(day)), key=lambda one: -one.priority
    )
    if len(mine) > 1 and mine[0].priority == mine[1].priority:
        raise PatternTie(f"patterns {mine[0].id} and {mine[1].id} both decide {day}")
    return mine[0] if mine else None


def ties(patterns: Sequence[Pattern], new: Pattern) -> tuple[Pattern, ...]:
    """Stored patterns that a new one would tie with on some date."""
    return tuple(
        one
        for one in patterns
        if one.id != new.id and one.channel == new.channel and one.priority == new.priority and _meet(one, new)
    )


def _meet(one: Pattern, other: Pattern) -> bool:
    first = max(one.first, other.first)
    last = min(one.last or date.max, other.last or date.max)
    week = (first + timedelta(days=at) for at in range(7) if date.max - first >= timedelta(days=at))
    return any(one.covers(day) and other.covers(day) for day in week if day <= last)


@frozen
class Drafted:
    """A day made from its template: items in order, and exceptions whose block is not there any more."""

    items: tuple[Item, ...]
    orphans: tuple[OneOff, ...] = field(factory=tuple)


def draft(template: DayTemplate, exceptions: Sequence[OneOff], day: date, rules: Rules) -> Drafted:
    """The items of a day: blocks in order, changed by the day's exceptions; identities are those of block and day."""
    blocks = {one.id: one for one in template.blocks}
    mine = [one for one in exceptions if one.channel == rules.channel and one.day == day]
    orphans = tuple(one for one in mine if one.kind != "insert" and one.block not in blocks)
    changed: dict[str, Origin] = {}
    for one in mine:
        if one.kind == "insert":
            blocks[one.id] = _inserted(one)
        elif one.kind == "cancel":
            blocks.pop(one.block, None)
        elif one.block in blocks:
            blocks[one.block] = _changed(blocks[one.block], one)
        changed[one.block or one.id] = "exception"
    ordered = sorted(blocks.values(), key=lambda block: block.offset_s)
    uids = {one.id: one.uid for one in mine if one.kind == "insert" and one.uid}
    items = _placed(ordered, day, rules, changed)
    return Drafted(tuple(evolve(one, uid=uids.get(one.block, one.uid)) for one in items), orphans)


def _inserted(one: OneOff) -> Block:
    if one.content is None or one.offset_s is None or one.length_s is None:
        raise ValueError("what is inserted has a content, a place and a length")
    return Block(one.id, one.offset_s, one.length_s, one.content, one.start)


def _changed(block: Block, one: OneOff) -> Block:
    if one.kind == "replace" and one.content is not None:
        return evolve(block, content=one.content, length_s=one.length_s or block.length_s)
    if one.kind == "move" and one.offset_s is not None:
        return evolve(block, offset_s=one.offset_s, kind=one.start)
    return evolve(block, length_s=one.length_s or block.length_s)


def _placed(blocks: Sequence[Block], day: date, rules: Rules, changed: Mapping[str, Origin]) -> list[Item]:
    """Blocks at their instants: fixed as they stand, grace a little later if need be, flow when the last one ends."""
    begin = begins(day, rules)
    cursor = begin
    out: list[Item] = []
    for block in blocks:
        planned, slack = begin + timedelta(seconds=block.offset_s), timedelta(seconds=block.grace_s)
        start = planned
        if block.kind == "flow" and out:
            start = cursor
        elif block.kind == "grace":
            start = max(planned, min(cursor, planned + slack))
        stop = start + timedelta(seconds=block.length_s)
        uid = item_uid(rules.channel, day, block.id)
        origin = changed.get(block.id, "template")
        out.append(
            Item(
                uid,
                start,
                stop,
                block.content,
                block.kind,
                slack,
                origin,
                block.id,
                block.must_carry,
                True,
                False,
                block.locked,
            )
        )
        cursor = _padded(stop, block.pad_min)
    return out


def _padded(at: datetime, minutes: int) -> datetime:
    """The next multiple of so many minutes of the hour; the pad is filled later, a title is not made longer."""
    if not minutes:
        return at
    over = timedelta(minutes=at.minute % minutes, seconds=at.second)
    return at if not over else at - over + timedelta(minutes=minutes)


def item_uid(channel: str, day: date, block: str) -> str:
    """The identity of a block's item on a day: the same however often the day is made from its template."""
    return blake2b(f"{channel}\x1f{day.isoformat()}\x1f{block}".encode(), digest_size=10).hexdigest()
