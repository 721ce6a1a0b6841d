"""Schedules in the database: templates, patterns, one-off changes, days with their revisions, fillers, as-run."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import asdict, evolve
from sqlalchemy import Connection, Row, Select, Table, and_, delete, func, select
from sqlalchemy import insert as plain_insert

from epg.approval import Day
from epg.asrun import AsRun
from epg.filling import Pool
from epg.planning import Block, DayTemplate, Item, OneOff, Pattern
from middleware.services.plan_ports import Step
from middleware.storage.guide_tables import (
    as_run,
    day_templates,
    filler_pools,
    one_offs,
    patterns,
    plan_days,
    plan_steps,
)
from middleware.storage.sql import insert
from middleware.storage.structured import structured


class SqlPlans:
    """The `Plans` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def channels(self, since: date) -> tuple[str, ...]:
        """Channels that have week patterns, or days since then that have been begun."""
        begun = select(plan_days.c.channel).where(plan_days.c.day >= since.isoformat())
        found = self._connection.execute(select(patterns.c.channel).union(begun)).scalars()
        return tuple(sorted(found))

    def templates(self, channel: str) -> tuple[DayTemplate, ...]:
        """The day templates of a channel by name."""
        query = select(day_templates).where(day_templates.c.channel == channel).order_by(day_templates.c.name)
        return tuple(
            DayTemplate(row.id, row.name, structured.structure(row.blocks, tuple[Block, ...]))
            for row in self._connection.execute(query)
        )

    def put_template(self, channel: str, template: DayTemplate) -> DayTemplate:
        """Write a template over the one of its number; a new one (number 0) gets its number here."""
        values = {"channel": channel, "name": template.name, "blocks": structured.unstructure(template.blocks)}
        return evolve(template, id=self._numbered(day_templates, template.id, values))

    def remove_template(self, template_id: int) -> None:
        """Forget a template; patterns that name it say nothing any more."""
        self._connection.execute(delete(day_templates).where(day_templates.c.id == template_id))

    def patterns(self, channel: str) -> tuple[Pattern, ...]:
        """The week patterns of a channel by number."""
        query = select(patterns).where(patterns.c.channel == channel).order_by(patterns.c.id)
        return tuple(map(_pattern, self._connection.execute(query)))

    def put_pattern(self, pattern: Pattern) -> Pattern:
        """Write a pattern over the one of its number; a new one (number 0) gets its number here."""
        last = pattern.last.isoformat() if pattern.last else None
        values = asdict(pattern) | {
            "templates": list(pattern.templates),
            "first": pattern.first.isoformat(),
            "last": last,
        }
        del values["id"]
        return evolve(pattern, id=self._numbered(patterns, pattern.id, values))

    def remove_pattern(self, pattern_id: int) -> None:
        """Forget a pattern."""
        self._connection.execute(delete(patterns).where(patterns.c.id == pattern_id))

    def one_offs(self, channel: str, first: date, last: date) -> tuple[OneOff, ...]:
        """One-off changes of the days from first to last, both included."""
        days = one_offs.c.day.between(first.isoformat(), last.isoformat())
        query = (
            select(one_offs.c.body).where(one_offs.c.channel == channel, days).order_by(one_offs.c.day, one_offs.c.id)
        )
        return tuple(structured.structure(body, OneOff) for body in self._connection.execute(query).scalars())

    def put_one_off(self, one_off: OneOff) -> None:
        """Write a one-off change over the one of its day and name."""
        key = {"channel": one_off.channel, "day": one_off.day.isoformat(), "id": one_off.id}
        self._over(one_offs, key, {"body": structured.unstructure(one_off)})

    def remove_one_off(self, channel: str, day: date, one_off_id: str) -> None:
        """Forget a one-off change: the block is as in its template again."""
        mine = one_offs.c.channel == channel, one_offs.c.day == day.isoformat(), one_offs.c.id == one_off_id
        self._connection.execute(delete(one_offs).where(*mine))

    def newest(self, channel: str, first: date, last: date) -> tuple[Day, ...]:
        """The newest revision of each day that has one, whatever its state."""
        return self._latest(channel, first, last, None)

    def approved(self, channel: str, first: date, last: date) -> tuple[Day, ...]:
        """The approved revision of each day that has one: what faces and playout show."""
        return self._latest(channel, first, last, "approved")

    def revisions(self, channel: str, day: date) -> tuple[Day, ...]:
        """Every revision of a day, the newest first."""
        mine = plan_days.c.channel == channel, plan_days.c.day == day.isoformat()
        return self._days(select(plan_days).where(*mine).order_by(plan_days.c.revision.desc()))

    def hold(self, channel: str, day: date) -> None:
        """Let nobody else change a day that is there before the end of this transaction; what is read now is true."""
        mine = plan_days.c.channel == channel, plan_days.c.day == day.isoformat()
        self._connection.execute(select(plan_days.c.revision).where(*mine).with_for_update()).all()

    def put_day(self, day: Day) -> None:
        """Write a revision over the stored one of its number."""
        key = {"channel": day.channel, "day": day.day.isoformat(), "revision": day.revision}
        told = {"state": day.state, "by": day.by, "at": day.at, "reason": day.reason, "signed": list(day.signed)}
        self._over(plan_days, key, told | {"items": structured.unstructure(day.items)})

    def steps(self, channel: str, day: date) -> tuple[Step, ...]:
        """What a draft was before each edit, the oldest first."""
        mine = plan_steps.c.channel == channel, plan_steps.c.day == day.isoformat()
        rows = self._connection.execute(select(plan_steps).where(*mine).order_by(plan_steps.c.id))
        return tuple(Step(row.id, structured.structure(row.items, tuple[Item, ...]), row.undone) for row in rows)

    def put_step(self, channel: str, day: date, step: Step) -> None:
        """Write a step over the one of its number; a new one (number 0) is the newest."""
        values = {"items": structured.unstructure(step.items), "undone": step.undone}
        self._numbered(plan_steps, step.id, {"channel": channel, "day": day.isoformat()} | values)

    def clear_steps(self, channel: str, day: date, *, undone_only: bool = False) -> None:
        """Forget the steps of a day, or those that were taken back."""
        mine = [plan_steps.c.channel == channel, plan_steps.c.day == day.isoformat()]
        self._connection.execute(delete(plan_steps).where(*mine, *([plan_steps.c.undone] if undone_only else [])))

    def pool(self, channel: str) -> Pool | None:
        """The fillers of a channel."""
        query = select(filler_pools.c.body).where(filler_pools.c.channel == channel)
        body = self._connection.execute(query).scalar()
        return None if body is None else structured.structure(body, Pool)

    def put_pool(self, channel: str, pool: Pool) -> None:
        """Replace the fillers of a channel."""
        self._over(filler_pools, {"channel": channel}, {"body": structured.unstructure(pool)})

    def airings(
        self, channel: str, first: date, last: date, *, approved: bool = False
    ) -> tuple[tuple[int, datetime], ...]:
        """The films of the newest (or newest approved) revision of each day, with their starts; read without values."""
        top = self._top(channel, first, last, "approved" if approved else None)
        rows = self._connection.execute(top.with_only_columns(plan_days.c["items"])).scalars()
        shown = ((item["content"].get("asset"), item["start"]) for items in rows for item in items)
        return tuple((asset, datetime.fromisoformat(start)) for asset, start in shown if asset is not None)

    def _latest(self, channel: str, first: date, last: date, state: str | None) -> tuple[Day, ...]:
        return self._days(self._top(channel, first, last, state))

    def _top(self, channel: str, first: date, last: date, state: str | None) -> Select[Any]:
        days = plan_days.c.day.between(first.isoformat(), last.isoformat())
        some = [plan_days.c.channel == channel, days, *([plan_days.c.state == state] if state else [])]
        newest = select(plan_days.c.day, func.max(plan_days.c.revision).label("revision")).where(*some)
        top = newest.group_by(plan_days.c.day).subquery()
        same = and_(plan_days.c.day == top.c.day, plan_days.c.revision == top.c.revision)
        query = select(plan_days).join(top, same).where(plan_days.c.channel == channel)
        return query.order_by(plan_days.c.day)

    def _days(self, query: Select[Any]) -> tuple[Day, ...]:
        return tuple(map(_day, self._connection.execute(query)))

    def _numbered(self, table: Table, number: int, values: dict[str, Any]) -> int:
        if number:
            self._over(table, {"id": number}, values)
            return number
        return int(self._connection.execute(plain_insert(table).values(values).returning(table.c.id)).scalar_one())

    def _over(self, table: Table, key: dict[str, Any], values: dict[str, Any]) -> None:
        statement = insert(self._connection, table).values(key | values)
        newer = {name: statement.excluded[name] for name in values}
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=newer))


class SqlAsRuns:
    """The `AsRuns` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, lines: Sequence[AsRun]) -> None:
        """Write lines; they are never changed."""
        if lines:
            self._connection.execute(plain_insert(as_run), [asdict(line) for line in lines])

    def between(self, channel: str, start: datetime, stop: datetime) -> tuple[tuple[int, AsRun], ...]:
        """Lines that start in [start, stop), with their numbers, in the order in which they were written."""
        mine = as_run.c.channel == channel, as_run.c.start >= start, as_run.c.start < stop
        rows = self._connection.execute(select(as_run).where(*mine).order_by(as_run.c.id)).mappings()
        return tuple((row["id"], AsRun(**{name: row[name] for name in row if name != "id"})) for row in rows)

    def last(self, channel: str, start: datetime, stop: datetime) -> Mapping[int, datetime]:
        """When each film was last on within [start, stop); lines that were corrected say nothing."""
        wrong = select(as_run.c.corrects).where(as_run.c.channel == channel, as_run.c.corrects.is_not(None))
        mine = as_run.c.channel == channel, as_run.c.start >= start, as_run.c.start < stop
        query = select(as_run.c.asset, func.max(as_run.c.start).label("at")).where(
            *mine, as_run.c.asset.is_not(None), as_run.c.id.not_in(wrong)
        )
        rows = self._connection.execute(query.group_by(as_run.c.asset))
        return {row.asset: row.at for row in rows}

    def prune(self, before: datetime) -> int:
        """Forget what ended before; returns how many lines."""
        return self._connection.execute(delete(as_run).where(as_run.c.stop < before)).rowcount


def _pattern(row: Row[Any]) -> Pattern:
    last = date.fromisoformat(row.last) if row.last else None
    return Pattern(row.id, row.channel, tuple(row.templates), date.fromisoformat(row.first), last, row.priority)


def _day(row: Row[Any]) -> Day:
    items = structured.structure(row.items, tuple[Item, ...])
    day = date.fromisoformat(row.day)
    return Day(row.channel, day, row.revision, row.state, items, row.by, row.at, row.reason, tuple(row.signed))
