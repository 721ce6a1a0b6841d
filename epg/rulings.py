"""Quarantined rows that an editor lets in: as they stood, or corrected; and how they fit between the others."""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from attrs import evolve

from epg.model import Credit, Programme
from epg.report import Held
from epg.settling import HELD_FIELDS, instant


def let_in(held: Held, start: datetime | None = None, stop: datetime | None = None, title: str = "") -> Programme:
    """The programme of a row, with what was corrected of it; ValueError while it cannot be one."""
    first = start if start is not None else held.at and instant(held.at)
    last = stop if stop is not None else held.until and instant(held.until)
    if not held.channel or not first or not last:
        raise ValueError("a row without channel, start or end")
    values = {name: _tuples(value) for name, value in held.values.items() if name in HELD_FIELDS}
    values["credits"] = tuple(Credit(part, name) for part, name in values.get("credits", ()))
    values["title"] = title.strip() or held.title
    return Programme("", held.channel, first, last, **values)


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def overlaid(rows: Sequence[Programme], let: Sequence[Programme]) -> tuple[Programme, ...]:
    """A source's rows of one channel with those that were let in.

    Such a row takes the place of one that starts with it, ends the one before it, and ends when the next one begins.
    """
    if not let:
        return tuple(rows)
    ours = {one.start: one for one in let}
    every = sorted([*(row for row in rows if row.start not in ours), *ours.values()], key=_by_start)
    return tuple(_until(one, following, ours) for one, following in zip_longest(every, every[1:]))


def _until(one: Programme, following: Programme | None, ours: dict[datetime, Programme]) -> Programme:
    if following is None or following.start >= one.stop or not {one.start, following.start} & ours.keys():
        return one
    return evolve(one, stop=following.start, open=False)


def _by_start(one: Programme) -> tuple[datetime, datetime, str]:
    return one.start, one.stop, one.clump
