"""Quarantined rows on the page of a source, and what an editor decides of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from epg.model import Programme
from epg.rulings import let_in
from epg.settling import instant
from epg.times import SHANGHAI
from middleware.admin.words import moment
from middleware.domain.errors import BadValue
from middleware.services import source_reports, source_rows
from middleware.services.ports import UnitOfWork
from middleware.services.source_rows import Quarantined

SHOWN: Final = 100
STATES: Final = {"release": "已放行", "correct": "已改正", "ignore": "不再提示"}
_SAID: Final = {
    "release": "已放行，再送来这一行也采用",
    "correct": "照改正的采用，再送来这一行也一样",
    "ignore": "记下了，再送来也不列出",
    "back": "已撤销，这一行又隔离了",
}


def row_facts(uow: UnitOfWork, source: str, now: datetime) -> dict[str, Any]:
    """The first rows with what was decided of them, how many more there are, and the places that they stand in."""
    rows = source_rows.quarantined(uow, source)
    return {
        "quarantined": [_row(one, now) for one in rows[:SHOWN]],
        "more_quarantined": max(0, len(rows) - SHOWN),
        "held_places": {source_reports.place_of(one.held) for one in rows[:SHOWN]},
    }


def _row(one: Quarantined, now: datetime) -> dict[str, Any]:
    held, ruling = one.held, one.ruling
    became = ruling.programme if ruling else None
    return {
        "key": held.key,
        "title": held.title,
        "words": source_reports.words_of(held.code),
        "line": held.line,
        "channel": held.channel,
        "told": f"{held.start or '没有开始'} — {held.stop or '没有结束'}",
        "fits": one.fits,
        "start": _field(held.at),
        "stop": _field(held.until),
        "state": STATES[ruling.kind] if ruling else "",
        "by": f"{ruling.by} {moment(ruling.at, now)}" if ruling else "",
        "became": _line(became) if became else "",
        "as_is": _line(let_in(held)) if one.fits else "",
    }


def _field(at: float | None) -> str:
    """An instant as a datetime-local field takes it, in the town's time."""
    return "" if at is None else instant(at).astimezone(SHANGHAI).replace(tzinfo=None).isoformat(timespec="seconds")


def _line(one: Programme) -> str:
    start, stop = one.start.astimezone(SHANGHAI), one.stop.astimezone(SHANGHAI)
    return f"{start.month} 月 {start.day} 日 {start:%H:%M}—{stop:%H:%M} {one.title}"


def decide(uow: UnitOfWork, now: datetime, who: str, form: Mapping[str, str]) -> str:
    """Do what the form says; returns the words for it. Raises BadValue, NotFound."""
    source, row, how = form.get("source", "")[:80], form.get("row", "")[:32], form.get("how", "")
    if how == "release":
        source_rows.release(uow, now, who, source, row)
    elif how == "correct":
        start, stop = _instant(form.get("start", "")), _instant(form.get("stop", ""))
        source_rows.correct(uow, now, who, source, row, start, stop, form.get("title", ""))
    elif how == "ignore":
        source_rows.ignore(uow, now, who, source, row)
    elif how == "back":
        source_rows.take_back(uow, now, who, source, row)
    else:
        raise BadValue("row_how", "请选怎样处理这一行")
    return _SAID[how]


def _instant(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise BadValue("time", "日期和时间不对") from error
