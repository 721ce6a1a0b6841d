"""What was on air, from the rows themselves: lines of the as-run log, and the times that the guide tells."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from epg.asrun import AsRun
from middleware.services import as_run
from middleware.services.ledger_plan import Planned
from middleware.services.ports import UnitOfWork
from vod.linear import Effective

SCOPE: Final = "air log"
"""Scope of the settings that say up to when the log of a channel is written, in ms."""
SOURCE: Final = "playout"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class Span:
    """Rows that belong together: a programme, or an insert, which is no programme. `asset` is the film, 0 = fillers."""

    uid: str
    start_ms: int
    stop_ms: int
    asset: int = 0
    insert: bool = False


def spans(effective: Effective) -> tuple[Span, ...]:
    """The programmes as they are on air, with what fills them up and what breaks into them; and inserts by themselves.

    What has no uid is neither. The last one may go on: its end is where the rows end.
    """
    found: list[Span] = []
    inserts: list[Span] = []
    for one in _rows(effective):
        if one.insert:
            inserts.append(evolve(one, uid=""))
        if one.insert and not one.uid:
            continue  # whether it lies within a programme or between two is told by what follows
        last = found[-1] if found else None
        if last is not None and last.uid == one.uid and _touch(last.stop_ms, one.start_ms, inserts):
            found[-1] = evolve(last, stop_ms=one.stop_ms, asset=last.asset or (0 if one.insert else one.asset))
        else:
            found.append(one)
    return tuple(sorted([*found, *inserts], key=lambda one: (one.start_ms, one.stop_ms)))


def _rows(effective: Effective) -> Iterator[Span]:
    for piece in effective.pieces:
        row = piece.row
        stop = piece.stop_ms if row.kind == "relay" and piece.stop_ms is not None else piece.head_end_ms
        asset = row.asset if row.kind in {"asset", "relay", "insert"} else 0
        if stop > row.start_ms:
            yield Span(row.programme_uid, row.start_ms, stop, asset, row.kind == "insert")


def _touch(stop_ms: int, start_ms: int, inserts: list[Span]) -> bool:
    """Whether nothing but inserts lies between."""
    for one in inserts:
        if one.start_ms == stop_ms < start_ms:
            stop_ms = one.stop_ms
    return stop_ms == start_ms


def noted(uow: UnitOfWork, channel: str) -> int:
    """Up to when the log of a channel is written, in ms; 0 before its first line."""
    return int(uow.settings.get(SCOPE, channel, 0))


def note(uow: UnitOfWork, now: datetime, channel: str, effective: Effective, plan: Planned) -> None:
    """Write what has ended since the last time into the as-run log."""
    if not effective.pieces:
        return
    now_ms = (now - _EPOCH) // timedelta(milliseconds=1)
    before = noted(uow, channel)
    done = [one for one in spans(effective)[:-1] if before < one.stop_ms <= now_ms]
    told = [one for one in done if one.uid or one.insert]
    lines = [line for one in told if (line := _line(uow, channel, one, plan)) is not None]
    if done:
        uow.settings.put(SCOPE, channel, max(one.stop_ms for one in done))
    if lines:
        as_run.record(uow, now, SOURCE, lines)


def _line(uow: UnitOfWork, channel: str, one: Span, plan: Planned) -> AsRun | None:
    title = plan.title(one.uid) or _told(uow, one)
    if not title:
        return None
    return AsRun(channel, _at(one.start_ms), _at(one.stop_ms), title, one.uid, one.asset or None, SOURCE)


def _told(uow: UnitOfWork, one: Span) -> str:
    """What the guide calls a programme that the plan has no longer, or a film its title."""
    airing = uow.guide.named(one.uid) if one.uid else None
    film = uow.assets.get(one.asset) if one.asset else None
    return airing.programme.title if airing else film.title if film else ""


def retime(uow: UnitOfWork, channel: str, effective: Effective, plan: Planned, since_ms: int) -> int:
    """Let the guide tell when programmes are really on, where the channel says so; returns how many changed."""
    if not as_run.by_real_times(uow, channel):
        return 0
    seen = [one for one in _whole(spans(effective), plan) if one.stop_ms > since_ms]
    lines = [_announced(channel, one, plan, last=one is seen[-1]) for one in seen]
    if not lines:
        return 0
    start, stop = min(one.start for one in lines), max(one.stop for one in lines)
    return as_run.show(uow, channel, lines, start - timedelta(hours=1), stop + timedelta(hours=1))


def _whole(found: tuple[Span, ...], plan: Planned) -> list[Span]:
    """The programmes as the guide tells them, without a hole.

    An insert behind one, before another begins, is told as its end; one that was joined began as planned.
    """
    programmes: list[Span] = []
    for one in found:
        if one.uid and one.uid in plan.items and not (programmes and programmes[-1].stop_ms == one.start_ms):
            planned = (plan.items[one.uid].start - _EPOCH) // timedelta(milliseconds=1)
            floor = programmes[-1].stop_ms if programmes else 0
            programmes.append(evolve(one, start_ms=min(one.start_ms, max(planned, floor))))
        elif one.uid:
            programmes.append(one)
        elif one.insert and programmes and programmes[-1].stop_ms == one.start_ms:
            programmes[-1] = evolve(programmes[-1], stop_ms=one.stop_ms)
    return programmes


def _announced(channel: str, one: Span, plan: Planned, *, last: bool) -> AsRun:
    """A programme's times; one whose rows are still being written lasts as long as planned, if not longer."""
    item = plan.items.get(one.uid)
    stop = max(_at(one.stop_ms), item.stop) if last and item is not None else _at(one.stop_ms)
    return AsRun(channel, _at(one.start_ms), stop, plan.title(one.uid), one.uid)


def _at(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)
