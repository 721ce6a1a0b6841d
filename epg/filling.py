"""Fillers: what stands in a gap of an own channel, always the same for the same day (epg.md §4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from attrs import frozen

from epg.planning import Content, Item

NAME: Final = "精彩节目"
"""What the guide calls fillers; adjacent ones are one line in it."""
SHORTEST: Final = timedelta(seconds=1)


@frozen
class Filler:
    """A film of a pool; `hours` are the hours of the day in which it may be shown, empty = any."""

    asset: int
    seconds: int
    title: str
    cuttable: bool = False
    hours: frozenset[int] = frozenset()


@frozen
class Pool:
    """The fillers of a channel; a new `revision` makes another choice. `apart` items lie between two of the same."""

    fillers: tuple[Filler, ...]
    revision: int = 0
    apart: int = 3
    name: str = NAME


def fill(channel: str, start: datetime, stop: datetime, pool: Pool) -> tuple[Item, ...]:
    """Items for a gap, the largest that fit first, the last one cut if it may be; one slate for what remains.

    The choice depends on channel, day of the gap's start, and revision only. The slate is an item without a film.
    """
    out: list[Item] = []
    recent: list[int] = []
    at = start
    while stop - at >= SHORTEST:
        chosen = _chosen(channel, at, stop - at, pool, recent)
        length = min(timedelta(seconds=chosen.seconds), stop - at) if chosen else stop - at
        out.append(_item(channel, at, at + length, chosen, pool))
        recent = [*recent, chosen.asset][-pool.apart :] if chosen and pool.apart else recent
        at += length
    return tuple(out)


def _chosen(channel: str, at: datetime, room: timedelta, pool: Pool, recent: Sequence[int]) -> Filler | None:
    """The longest that fits whole; else the shortest that may be cut; of equals the one that the day draws."""
    allowed = [one for one in pool.fillers if one.seconds > 0 and (not one.hours or at.hour in one.hours)]
    fresh = [one for one in allowed if one.asset not in recent] or allowed
    whole = [one for one in fresh if timedelta(seconds=one.seconds) <= room]
    if whole:
        longest = max(one.seconds for one in whole)
        return min((one for one in whole if one.seconds == longest), key=lambda one: _draw(channel, at, pool, one))
    cut = [one for one in fresh if one.cuttable]
    return min(cut, key=lambda one: (one.seconds, _draw(channel, at, pool, one))) if cut else None


def _draw(channel: str, at: datetime, pool: Pool, filler: Filler) -> bytes:
    seed = f"{channel}\x1f{at.date().isoformat()}\x1f{pool.revision}\x1f{filler.asset}"
    return blake2b(seed.encode(), digest_size=8).digest()


def _item(channel: str, start: datetime, stop: datetime, filler: Filler | None, pool: Pool) -> Item:
    seed = f"{channel}\x1ffiller\x1f{int(start.timestamp())}"
    uid = blake2b(seed.encode(), digest_size=10).hexdigest()
    content = (
        Content(filler.title, asset=filler.asset, media_s=filler.seconds, pool=pool.name)
        if filler
        else Content(pool.name, live=True, pool=pool.name)
    )
    return Item(uid, start, stop, content, origin="filler", in_guide=False, cuttable=filler is None or filler.cuttable)
