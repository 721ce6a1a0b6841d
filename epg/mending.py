"""What one-press mends do to items: a relay put back into its slot, episodes counted on, a film followed by fillers."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from attrs import evolve

from epg.filling import Pool, fill
from epg.planning import Content, Item, item_uid

_SHORTEST = timedelta(seconds=1)


def relayed(
    channel: str, title: str, start: datetime, stop: datetime, others: Sequence[Item]
) -> tuple[tuple[str, ...], tuple[Item, ...]]:
    """The uids that go and the items that come when a relay takes its slot; nothing when one of `others` is locked."""
    if any(one.locked for one in others):
        return (), ()
    uid = item_uid(channel, start.date(), f"{start:%H%M%S}{title}")
    relay = Item(uid, start, stop, Content(title, live=True), "fixed", must_carry=True)
    gone = tuple(one.uid for one in others if one.start >= start and one.stop <= stop)
    return gone, (relay, *(part for one in others for part in _around(one, start, stop)))


def _around(item: Item, start: datetime, stop: datetime) -> Iterator[Item]:
    """What is left of an item before and behind a slot."""
    if start - item.start >= _SHORTEST:
        yield evolve(item, stop=start)
    if item.stop - stop >= _SHORTEST:
        whole = item.start >= start
        yield evolve(item, start=stop) if whole else evolve(item, uid=f"{item.uid}+", start=stop, kind="flow")


def counted_on(rows: Sequence[Item], item: Item, number: int) -> tuple[Item, ...]:
    """The item with the number of its episode, and those of its series after it as much lower or higher."""
    by = number - item.content.number
    return tuple(
        evolve(one, content=evolve(one.content, number=one.content.number + by))
        for one in rows
        if one.start >= item.start and _of_series(one, item) and one.content.number + by >= 1
    )


def _of_series(one: Item, item: Item) -> bool:
    told, asked = one.content, item.content
    return told.number > 0 and (told.series, told.season, told.showing) == (asked.series, asked.season, asked.showing)


def padded(channel: str, item: Item, media: timedelta, pool: Pool) -> tuple[Item, ...]:
    """The item as long as its film, and fillers up to where it ended."""
    return evolve(item, stop=item.start + media), *fill(channel, item.start + media, item.stop, pool)
