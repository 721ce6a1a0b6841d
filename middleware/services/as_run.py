"""What was really on air: lines of the playout, corrections, the day beside its plan, and the guide by real times."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from epg import asrun
from epg.approval import Day
from epg.asrun import AsRun, Compared
from epg.planning import DAY, begins
from epg.times import SHANGHAI
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.services import plan_rights
from middleware.services.plan_rules import rules_of
from middleware.services.ports import Airing, UnitOfWork
from middleware.services.spreadsheet import Kind, Table, tables_bytes

MOST_LINES: Final = 1000
LONGEST: Final = timedelta(hours=24)
APART: Final = timedelta(minutes=1)
"""A programme that began so much off what the guide says is worth an alarm."""
_KEY: Final = "guide_as_run"
_OUTCOMES: Final = {
    "aired": "正常", "late": "推迟", "cut": "截短", "replaced": "替换", "missed": "未播", "filler": "填充",
    "ahead": "还没播完",
}  # fmt: skip
HEAD: Final = (
    "计划开始",
    "计划结束",
    "节目",
    "实际开始",
    "实际结束",
    "实播",
    "结果",
    "晚（秒）",
    "短（秒）",
    "来源",
    "记录",
)


@frozen
class DayRun:
    """A broadcast day: the plan that was valid, None without one, the lines with their numbers, both side by side."""

    channel: str
    day: date
    planned: Day | None
    lines: tuple[tuple[int, AsRun], ...]
    rows: tuple[Compared, ...]


def record(uow: UnitOfWork, now: datetime, actor: str, lines: Sequence[AsRun]) -> None:
    """Write what was on air; where the channel says so the guide takes its times. Raises BadValue(as_run)."""
    if len(lines) > MOST_LINES:
        raise BadValue("as_run", f"一次最多记录 {MOST_LINES} 条")
    for line in lines:
        if line.start.tzinfo is None or not line.start < line.stop <= line.start + LONGEST or not line.title.strip():
            raise BadValue("as_run", "播出记录要有节目名，结束要在开始之后 24 小时以内")
    uow.as_run.add([evolve(line, title=line.title.strip()[:200], source=line.source[:40]) for line in lines])
    uow.audit.add(now, actor, "record", "as-run", "", {"lines": len(lines)})
    for channel in sorted({line.channel for line in lines}):
        mine = [line for line in lines if line.channel == channel]
        apply(uow, channel, min(line.start for line in mine) - LONGEST, max(line.stop for line in mine))


def correct(uow: UnitOfWork, now: datetime, actor: str, number: int, line: AsRun) -> None:
    """Write a line that takes the place of an earlier one, which stays on record. Raises NotFound, BadValue(as_run)."""
    plan_rights.need(uow, actor, line.channel, "break_in")
    around = uow.as_run.between(line.channel, line.start - LONGEST, line.start + LONGEST)
    if all(number != known for known, _ in around):
        raise NotFound("这个频道前后一天里没有这条播出记录", "no_line")
    if any(one.corrects == number for _, one in around):
        raise BadValue("as_run", "这条记录已经更正过了，请更正新的那条")
    record(uow, now, actor, [evolve(line, corrects=number)])


def looked(uow: UnitOfWork, channel: str, day: date, now: datetime | None = None) -> DayRun:
    """A day's plan and what was on air until `now`."""
    rules = rules_of(uow, channel)
    lines = uow.as_run.between(channel, begins(day, rules), begins(day + DAY, rules))
    planned = next(iter(uow.plans.approved(channel, day, day)), None)
    rows = asrun.compare(planned.items if planned else (), asrun.valid(lines), tolerance=rules.tolerance, now=now)
    return DayRun(channel, day, planned, lines, rows)


def export(run: DayRun, kind: Kind) -> bytes:
    """The day as a sheet: the plan, what was on air, and how they differ."""
    numbers = {line: number for number, line in run.lines}
    return tables_bytes(kind, Table("播出记录", HEAD, [_row(one, numbers) for one in run.rows]))


def _row(one: Compared, numbers: dict[AsRun, int]) -> tuple[str | int, ...]:
    item, line = one.planned, one.real
    return (
        _clock(item.start) if item else "",
        _clock(item.stop) if item else "",
        item.content.title if item else "",
        _clock(line.start) if line else "",
        _clock(line.stop) if line else "",
        line.title if line else "",
        _OUTCOMES[one.outcome],
        int(one.late.total_seconds()),
        int(one.short.total_seconds()),
        line.source if line else "",
        numbers[line] if line else "",
    )


def _clock(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def apart(uow: UnitOfWork, now: datetime, channels: Iterable[Channel]) -> tuple[tuple[Channel, timedelta], ...]:
    """Channels whose last programme on air began at another time than the guide says, and by how much it was late."""
    found = []
    for one in channels:
        lines = asrun.valid(uow.as_run.between(one.xmltv_id, now - LONGEST, now))
        last = max((line for line in lines if line.uid), key=lambda line: line.start, default=None)
        told = uow.guide.named(last.uid) if last else None
        if last and told and abs(last.start - told.programme.start) >= APART:
            found.append((one, last.start - told.programme.start))
    return tuple(found)


def by_real_times(uow: UnitOfWork, channel: str) -> bool:
    """Whether the guide of a channel takes the times of what was really on."""
    return bool(uow.settings.get(f"channel:{channel}", _KEY, False))


def set_by_real_times(uow: UnitOfWork, now: datetime, actor: str, channel: str, *, on: bool) -> None:
    """Say whether it does, from now on."""
    plan_rights.need(uow, actor, channel, "break_in")
    uow.settings.put(f"channel:{channel}", _KEY, on)
    uow.audit.add(now, actor, "as-run times", "channel", channel, {"on": on})


def apply(uow: UnitOfWork, channel: str, start: datetime, stop: datetime) -> int:
    """Put real times into the guide, so that every face, p/f and catch-up have them; returns changed programmes."""
    lines = asrun.valid(uow.as_run.between(channel, start, stop)) if by_real_times(uow, channel) else ()
    return show(uow, channel, lines, start, stop)


def show(uow: UnitOfWork, channel: str, lines: Sequence[AsRun], start: datetime, stop: datetime) -> int:
    """Give programmes of the guide that are on between two instants the times of these lines."""
    where = next((one for one in uow.guide.channels() if one.xmltv_id == channel), None)
    if where is None or not lines:
        return 0
    stored = {one.programme.uid: one for one in uow.guide.between(start, stop, {where.id})}
    seen = {one.uid: one for one in asrun.as_shown([one.programme for one in stored.values()], lines)}
    moved = [_moved(one, seen[uid].start, seen[uid].stop) for uid, one in stored.items() if uid in seen]
    changed = [one for one in moved if one != stored[one.programme.uid]]
    gone = [one.id for uid, one in stored.items() if uid not in seen]
    uow.guide.write((), changed, gone)
    if changed or gone:
        uow.outbox.add(ContentChanged("programme"))
    return len(changed) + len(gone)


def _moved(one: Airing, start: datetime, stop: datetime) -> Airing:
    return evolve(one, programme=evolve(one.programme, start=start, stop=stop, open=False))
