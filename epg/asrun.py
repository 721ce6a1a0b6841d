"""What was really on air: one line per item as the playout showed it, beside the plan (epg.md §2, §3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from attrs import evolve, frozen

from epg.model import Programme
from epg.planning import Item

Outcome = Literal["aired", "late", "cut", "replaced", "missed", "filler", "ahead"]
LATE: Final = timedelta(seconds=2)


@frozen
class AsRun:
    """A line of the log; `uid` is the planned item's, empty for what was not planned. Corrections are new lines."""

    channel: str
    start: datetime
    stop: datetime
    title: str
    uid: str = ""
    asset: int | None = None
    source: str = "playout"
    corrects: int | None = None


@frozen
class Compared:
    """A planned item beside what was on air; either may be missing. `late` and `short` are how far they differ.

    `ahead` has not ended yet, so that nothing can be said of it.
    """

    planned: Item | None
    real: AsRun | None
    outcome: Outcome
    late: timedelta = timedelta(0)
    short: timedelta = timedelta(0)


def valid(lines: Sequence[tuple[int, AsRun]]) -> tuple[AsRun, ...]:
    """The lines that stand, by start: a corrected one does not."""
    corrected = {line.corrects for _, line in lines if line.corrects is not None}
    return tuple(sorted((line for number, line in lines if number not in corrected), key=lambda one: one.start))


def compare(
    planned: Sequence[Item], real: Sequence[AsRun], *, tolerance: timedelta = LATE, now: datetime | None = None
) -> tuple[Compared, ...]:
    """Plan and log side by side, in the order of time; without `now` all of it lies in the past."""
    by_uid: dict[str, AsRun] = {}
    for line in real:
        if line.uid:
            by_uid.setdefault(line.uid, line)
    rows = [_of(item, by_uid.get(item.uid), tolerance, now) for item in planned]
    known = {item.uid for item in planned}
    rows += [Compared(None, line, "replaced") for line in real if line.uid not in known]
    return tuple(sorted(rows, key=_when))


def _when(row: Compared) -> datetime:
    found = row.planned.start if row.planned else row.real.start if row.real else None
    if found is None:
        raise ValueError("a row has a plan or a line")
    return found


def _of(item: Item, line: AsRun | None, tolerance: timedelta, now: datetime | None) -> Compared:
    if line is None:
        return Compared(item, None, "ahead" if now is not None and item.stop > now else "missed")
    late, short = line.start - item.start, item.length - (line.stop - line.start)
    outcome: Outcome = "filler" if item.origin == "filler" else "aired"
    if item.content.asset is not None and line.asset is not None and line.asset != item.content.asset:
        outcome = "replaced"
    elif short > tolerance:
        outcome = "cut"
    elif late > tolerance:
        outcome = "late"
    return Compared(item, line, outcome, late, short)


def as_shown(programmes: Sequence[Programme], real: Sequence[AsRun]) -> tuple[Programme, ...]:
    """The guide with the times of what was really on: for present/following and for the cuts of catch-up."""
    by_uid = {line.uid: line for line in real if line.uid}
    moved = [
        evolve(one, start=line.start, stop=line.stop) if (line := by_uid.get(one.uid)) is not None else one
        for one in programmes
    ]
    out: list[Programme] = []
    for one in sorted(moved, key=lambda each: each.start):
        if out and out[-1].stop > one.start:
            last = out.pop()
            out += [evolve(last, stop=one.start)] if last.start < one.start else []
        out.append(one)
    return tuple(out)
