"""What sources tell with the rows that editors let in, and which of these count after an import."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import evolve

from epg.model import Programme
from epg.planning import DAY
from epg.report import HELD, Action, Finding, Report
from epg.rulings import overlaid
from middleware.services.plan_ports import Ruling
from middleware.services.ports import UnitOfWork

RELEASE, CORRECT, IGNORE = "release", "correct", "ignore"
_DONE: Final[Mapping[str, Action]] = {RELEASE: "released", CORRECT: "corrected"}


def told(uow: UnitOfWork, channel: str, start: datetime, stop: datetime) -> Mapping[str, tuple[Programme, ...]]:
    """What every source says of a channel in [start, stop), by source, in order, with what editors let in."""
    let = uow.sources.let_in(channel, start - DAY, stop + DAY)
    if not let:
        return uow.sources.told(channel, start, stop)
    wide = uow.sources.told(channel, start - DAY, stop + DAY)
    found = {name: overlaid(wide.get(name, ()), let.get(name, ())) for name in sorted({*wide, *let})}
    inside = {name: tuple(one for one in rows if one.stop > start and one.start < stop) for name, rows in found.items()}
    return {name: rows for name, rows in inside.items() if rows}


def settle(uow: UnitOfWork, report: Report, windows: Mapping[str, tuple[datetime, datetime]]) -> tuple[Ruling, ...]:
    """Let rulings count for the rows that an import told, and no more for those of its time that it did not.

    `windows` are the times that it told of each channel. Returns what changed.
    """
    held = {one.key for one in report.held}
    changed = []
    for one in uow.sources.rulings(report.source).values():
        gone = len(held) < HELD and one.programme is not None and _within(one.programme, windows.get(one.told))
        standing = one.row in held or (one.standing and not gone)
        if standing != one.standing:
            changed.append(evolve(one, standing=standing))
    for one in changed:
        uow.sources.put_ruling(one)
    return tuple(changed)


def _within(programme: Programme, window: tuple[datetime, datetime] | None) -> bool:
    return window is not None and window[0] <= programme.start < window[1]


def ruled(report: Report, rulings: Mapping[str, Ruling]) -> Report:
    """The report with what editors had decided of its rows: ignored ones are counted and no longer listed."""
    decided = [(one, rulings[one.key].kind) for one in report.held if one.key in rulings]
    kinds = {(one.code, one.line, one.channel, one.start): kind for one, kind in decided}
    let = sum(kind in _DONE for _, kind in decided)
    findings = tuple(_ruled(report.findings, kinds))
    return evolve(report, kept=report.kept + let, quarantined=report.quarantined - let, findings=findings)


def _ruled(findings: Iterable[Finding], kinds: Mapping[tuple[str, int, str, str], str]) -> Iterable[Finding]:
    for one in findings:
        place = one.code, one.line, one.channel, one.start
        kind = kinds.get(place, "") if one.action == "quarantined" else ""
        if kind != IGNORE:
            yield evolve(one, action=_DONE[kind]) if kind else one


def counts(report: Report, rulings: Mapping[str, Ruling]) -> Mapping[str, int]:
    """How many of an import's quarantined rows had been decided of, by what."""
    return Counter(rulings[one.key].kind for one in report.held if one.key in rulings)
