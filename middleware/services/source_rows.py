"""Quarantined rows of a source's last import: released, corrected, or ignored for good (epg.md §7).

What was decided names the row by source, channel and what it told, so it holds when the same row comes again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from epg.model import Programme
from epg.report import Held
from epg.rulings import let_in
from middleware.domain.errors import BadValue, NotFound
from middleware.services import source_reports, sources
from middleware.services.plan_ports import Ruling
from middleware.services.ports import UnitOfWork
from middleware.services.source_overlay import CORRECT, IGNORE, RELEASE

MOST_RULINGS: Final = 20_000
"""Of one source."""


@frozen
class Quarantined:
    """A row that the last import did not take, with what was decided of it; `fits` says whether it can be as it is."""

    held: Held
    ruling: Ruling | None
    fits: bool


def quarantined(uow: UnitOfWork, source: str) -> tuple[Quarantined, ...]:
    """The rows by line; those that nobody has decided of come first."""
    rulings = uow.sources.rulings(source)
    found = [Quarantined(one, rulings.get(one.key), _fits(one)) for one in source_reports.held(uow, source)]
    return tuple(sorted(found, key=lambda one: (one.ruling is not None, one.held.line)))


def _fits(held: Held) -> bool:
    try:
        let_in(held)
    except ValueError:
        return False
    return True


def release(uow: UnitOfWork, now: datetime, actor: str, source: str, row: str) -> Ruling:
    """Take a row as it stands. Raises NotFound(no_row), BadValue(row_unfit)."""
    return _rule(uow, now, actor, source, row, RELEASE, let_in)


def correct(
    uow: UnitOfWork,
    now: datetime,
    actor: str,
    source: str,
    row: str,
    start: datetime | None = None,
    stop: datetime | None = None,
    title: str = "",
) -> Ruling:
    """Take a row with other times or another title. Raises NotFound(no_row), BadValue(row_unfit)."""
    if len(title) > source_reports.MOST_TITLE:
        raise BadValue("row_unfit", f"节目名称不超过 {source_reports.MOST_TITLE} 个字")
    return _rule(uow, now, actor, source, row, CORRECT, lambda held: let_in(held, start, stop, title))


def ignore(uow: UnitOfWork, now: datetime, actor: str, source: str, row: str) -> Ruling:
    """Say that a row is of no use: it is not listed any more when it comes again. Raises NotFound(no_row)."""
    return _rule(uow, now, actor, source, row, IGNORE, lambda _: None)


def take_back(uow: UnitOfWork, now: datetime, actor: str, source: str, row: str) -> None:
    """Leave a row in quarantine, as if nothing had been decided of it. Raises NotFound(no_row)."""
    ruling = uow.sources.rulings(source).get(row)
    if ruling is None:
        raise NotFound("这一行没有处理过", "no_row")
    sources.need(uow, actor, uow.sources.tied(source, ruling.told))
    uow.sources.remove_ruling(source, row)
    uow.audit.add(now, actor, "take back row", "source", source, {"told": ruling.told, "row": row})
    sources.publish_again(uow, now, actor, ruling)


def _rule(
    uow: UnitOfWork,
    now: datetime,
    actor: str,
    source: str,
    row: str,
    kind: str,
    make: Callable[[Held], Programme | None],
) -> Ruling:
    held = next((one for one in source_reports.held(uow, source) if one.key == row), None)
    if held is None:
        raise NotFound("上次导入里没有这一行", "no_row")
    sources.need(uow, actor, uow.sources.tied(source, held.channel))
    before = uow.sources.rulings(source)
    if len(before) >= MOST_RULINGS and row not in before:
        raise BadValue("row_many", f"一个来源最多处理 {MOST_RULINGS} 行")
    try:
        programme = make(held)
    except ValueError as error:
        raise BadValue("row_unfit", _why(held)) from error
    ruling = Ruling(source, row, held.channel, kind, _words(held), programme, standing=True, by=actor, at=now)
    uow.sources.put_ruling(ruling)
    uow.audit.add(now, actor, f"{kind} row", "source", source, _told(held, programme))
    for one in (before.get(row), ruling):
        if one is not None:
            sources.publish_again(uow, now, actor, one)
    return ruling


def _why(held: Held) -> str:
    if not held.channel:
        return "没有写明频道的行不能采用，只能忽略"
    return "要有节目名称，结束要在开始之后、24 小时之内"


def _words(held: Held) -> str:
    return f"{held.start[:20]} {held.title[:60] or '（没有名称）'}"


def _told(held: Held, programme: Programme | None) -> dict[str, Any]:
    told = {"told": held.channel, "row": held.key, "line": held.line, "words": _words(held)}
    if programme is None:
        return told
    now = {"start": programme.start.isoformat(), "stop": programme.stop.isoformat(), "title": programme.title}
    return told | now
