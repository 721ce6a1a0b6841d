"""The schedule: a week of a channel as a grid, its findings, its signatures; sheets in and out."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from attrs import evolve, frozen

from epg.approval import Day
from epg.planning import DAY, Item
from epg.sheets import FIELDS
from epg.times import SHANGHAI
from middleware.admin import plan_json, roles
from middleware.admin.gate import Desk, Gate
from middleware.admin.plan_read import channel_of as _channel
from middleware.admin.plan_read import date_of as _date
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import as_run, plan, plan_presence, plan_rights, plan_sheet, plan_templates, relays, sources
from middleware.services.plan import DayView
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork
from middleware.services.spreadsheet import MEDIA_TYPES, Kind
from middleware.services.spreadsheet_read import MOST_BYTES
from middleware.web.values import Response, json_

MOST_SAVED: Final = 8 * 1024 * 1024
"""A full day twice: as it is, and as its editor first saw it."""
MOST_ASKED: Final = 20
"""Headings of a sheet that the editor is asked about."""
WEEK: Final = 7
AHEAD: Final = 14
NOTHING_YET: Final[Mapping[str, Any]] = {"state": "", "items": [], "findings": [], "reason": ""}
"""Of a day that nobody has begun, for the script."""
Act = Callable[[UnitOfWork, datetime, str, str, date, Mapping[str, str]], Day]


@frozen
class Opened:
    """A channel and the first day that is shown of it."""

    channel: Channel
    first: date


class PlanPages:
    """/admin/plan."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/plan", self._overview, *roles.PLAN)
        gate.get("/admin/plan/week", self._week, *roles.PLAN)
        gate.get("/admin/plan/data", self._data, *roles.PLAN)
        gate.post("/admin/plan/save", self._save, *roles.PLAN, max_body=MOST_SAVED)
        gate.post("/admin/plan/here", self._here, *roles.PLAN)
        gate.post("/admin/plan/act", self._act, *roles.PLAN)
        gate.post("/admin/plan/sheet", self._sheet, *roles.PLAN, max_body=MOST_BYTES + 4096)
        gate.post("/admin/plan/export", self._export, *roles.PLAN)

    async def _overview(self, desk: Desk) -> Response:
        today = self._today()
        now, who = self._gate.now(), desk.staff.login
        facts = await self._gate.run(lambda uow: overview(uow, now, today, who), "plan overview", write=False)
        return self._gate.pages.show(desk.viewer, "plan.html", today=today, **facts)

    async def _week(self, desk: Desk) -> Response:
        query, who = desk.request.query, desk.staff.login
        today = self._today()

        def read(uow: UnitOfWork) -> dict[str, Any]:
            opened = _opened(uow, query, today, who)
            rules = rules_of(uow, opened.channel.xmltv_id)
            may = plan_rights.of(uow, who, opened.channel.xmltv_id)
            return {
                "channel": opened.channel,
                "first": opened.first,
                "rules": rules,
                "channels": own(uow, who),
                "may": may,
            }

        facts = await self._gate.run(read, "plan week", write=False)
        first = facts["first"]
        around = {"before": first - DAY * WEEK, "after": first + DAY * WEEK, "today": today}
        return self._gate.pages.show(desk.viewer, "plan_week.html", most_file=MOST_BYTES, **around, **facts)

    async def _data(self, desk: Desk) -> Response:
        query, today, who = desk.request.query, self._today(), desk.staff.login

        def read(uow: UnitOfWork) -> dict[str, Any]:
            opened = _opened(uow, query, today, who)
            return week(uow, self._gate.now(), opened)

        return json_(await self._gate.run(read, "plan data", write=False))

    async def _save(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        day = _date(form.get("day", ""))

        def act(uow: UnitOfWork) -> dict[str, Any]:
            channel = _channel(uow, form.get("channel", ""), who).xmltv_id
            stored = next(iter(uow.plans.newest(channel, day, day)), None)
            if stored is None:
                stored = plan.begin_empty(uow, now, who, channel, day)
            known = {one.uid: one for one in stored.items}
            items = plan_json.read_items(form.get("items", ""), known)
            saved = plan.save(uow, now, who, _seen(stored, form, known), items)
            differs = plan_templates.settle(uow, channel, day, stored.items, saved.day.items)
            by = _name_of(uow, saved.day.by if saved.day.by != who else stored.by)
            clash = [{"uid": uid, "by": by} for uid in saved.clash]
            return _answer(uow, channel, day, clash=clash, series=differs)

        return json_(await self._gate.run(act, "save plan"))

    async def _here(self, desk: Desk) -> Response:
        """Note that somebody has a week open; tell who else has, and which version each day is."""
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        first = _date(form.get("day", ""))

        def act(uow: UnitOfWork) -> dict[str, Any]:
            channel = _channel(uow, form.get("channel", ""), who).xmltv_id
            days = plan.states(uow, channel, first, first + DAY * (WEEK - 1))
            others = plan_presence.seen(uow, now, who, channel, first)
            stamps = {day.isoformat(): plan_json.stamp(one) for day, one in days.items()}
            return {"others": [_name_of(uow, login) for login in others], "stamps": stamps}

        return json_(await self._gate.run(act, "who is here"))

    async def _act(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        day, act = _date(form.get("day", "")), ACTS.get(form.get("act", ""))
        if act is None:
            raise BadValue("plan_act", "没有这个操作")

        def run(uow: UnitOfWork) -> dict[str, Any]:
            channel = _channel(uow, form.get("channel", ""), who).xmltv_id
            before = next(iter(uow.plans.newest(channel, day, day)), None) if form["act"] in EDITS else None
            done = act(uow, now, who, channel, day, form)
            if before is not None:
                plan_templates.settle(uow, channel, day, before.items, done.items)
            return _answer(uow, done.channel, done.day)

        return json_(await self._gate.run(run, "plan act"))

    async def _sheet(self, desk: Desk) -> Response:
        upload = desk.uploads.get("file")
        if upload is None or not upload.body:
            raise BadValue("file", "请先选一个文件")
        form, now, who, today = desk.form, self._gate.now(), desk.staff.login, self._today()
        near = _date(form.get("day", "")) if form.get("day") else today
        number = form.get("channel", "")
        how = await self._gate.run(
            lambda uow: plan_sheet.how_of(uow, near, _channel(uow, number, who).xmltv_id), "sheet", write=False
        )
        columns = _columns(form.get("columns", ""))
        sheet = plan_sheet.read_file(upload.body, upload.name, evolve(how, columns={**how.columns, **columns}))
        dry = form.get("take") != "1"

        def act(uow: UnitOfWork) -> plan_sheet.Taken:
            if not dry:
                plan_sheet.remember(uow, now, who, _channel(uow, number, who).xmltv_id, columns)
            return plan_sheet.take(uow, now, who, sheet, dry_run=dry)

        return json_(_taken(await self._gate.run(act, "take sheet", write=not dry)))

    async def _export(self, desk: Desk) -> Response:
        form, who = desk.form, desk.staff.login
        first = _date(form.get("day", ""))
        kind: Kind = "csv" if form.get("kind") == "csv" else "xlsx"

        def read(uow: UnitOfWork) -> bytes:
            channel = _channel(uow, form.get("channel", ""), who).xmltv_id
            return plan_sheet.export(uow, kind, [channel], first, first + DAY * (WEEK - 1))

        body = await self._gate.run(read, "export plan", write=False)
        name = f'attachment; filename="plan-{first.isoformat()}.{kind}"'
        return Response(200, body, MEDIA_TYPES[kind], (("Content-Disposition", name),))

    def _today(self) -> date:
        return self._gate.now().astimezone(SHANGHAI).date()


def own(uow: UnitOfWork, who: str) -> list[Channel]:
    """The channels that somebody may look at by number; those with a schedule of our own come first."""
    mine = plan_rights.seen(uow, who, uow.guide.channels())
    return sorted(mine, key=lambda one: (not rules_of(uow, one.xmltv_id).own, one.number))


def overview(uow: UnitOfWork, now: datetime, today: date, who: str) -> dict[str, Any]:
    """Every channel with the states of the days ahead, and what needs attention."""
    days = [today + DAY * at for at in range(AHEAD)]
    channels = own(uow, who)
    states = {one.id: plan.states(uow, one.xmltv_id, days[0], days[-1]) for one in channels}
    late = plan.unapproved(uow, now, [one.xmltv_id for one in channels if states[one.id]])
    return {
        "days": days,
        "channels": channels,
        "states": states,
        "late": [(one, day) for name, day in late for one in channels if one.xmltv_id == name],
        "drifts": sources.drifts(uow, now),
        "apart": as_run.apart(uow, now, channels),
        "unmatched": sources.unmatched(uow),
        "sources": uow.sources.all(),
    }


def week(uow: UnitOfWork, now: datetime, opened: Opened) -> dict[str, Any]:
    """Seven days of a channel for the script, and the films that are planned in them."""
    channel = opened.channel.xmltv_id
    rules = rules_of(uow, channel)
    days = [opened.first + DAY * at for at in range(WEEK)]
    views = [plan.view(uow, channel, day) for day in days]
    around = uow.plans.newest(channel, days[0] - DAY, days[0] - DAY)
    planned = (item.content.asset for view in views if view for item in view.day.items)
    known = [film for number in sorted({one for one in planned if one}) if (film := uow.assets.get(number))]
    films = [{"id": one.id, "title": one.title, "seconds": one.duration_ms // 1000} for one in known]
    return {
        "now": int(now.timestamp()),
        "day_start": rules.day_start_s,
        "grid": rules.grid_min,
        "days": [
            _day(uow, view) if view else {"day": day.isoformat(), **NOTHING_YET}
            for day, view in zip(days, views, strict=True)
        ],
        "before": [plan_json.shown(one) for day in around for one in day.items],
        "films": films,
        "relays": [one.name for one in relays.sources(uow)],
    }


def _opened(uow: UnitOfWork, query: Mapping[str, str], today: date, who: str) -> Opened:
    channel = _channel(uow, query.get("channel", ""), who)
    asked = _date(query["day"]) if query.get("day") else today
    return Opened(channel, asked - timedelta(days=asked.weekday()))


def _seen(stored: Day, form: Mapping[str, str], known: Mapping[str, Item]) -> Day:
    """The version that the editor began with: the stored one, or what his page says it had."""
    if form.get("stamp", "") in {"", plan_json.stamp(stored)}:
        return stored
    base = plan_json.read_items(form.get("base", "[]"), known)
    return Day(stored.channel, stored.day, 0, "draft", base, stored.by, stored.at)


def _name_of(uow: UnitOfWork, login: str) -> str:
    """What a colleague is called; the login of one who has no account any more."""
    found = uow.staff.by_login(login)
    return found.name if found else login


def _answer(uow: UnitOfWork, channel: str, day: date, **more: Any) -> dict[str, Any]:
    view = plan.view(uow, channel, day)
    if view is None:
        raise NotFound("这一天还没有节目单", "no_plan")
    return {"view": _day(uow, view), **more}


def _day(uow: UnitOfWork, view: DayView) -> dict[str, Any]:
    """A day for the script, with what its people are called and which blocks of its template are otherwise on it."""
    day = view.day
    names = {login: _name_of(uow, login) for login in (day.by, *day.signed)}
    changed = {one.block for one in uow.plans.one_offs(day.channel, day.day, day.day) if one.kind != "insert"}
    return {**plan_json.day_shown(view), "names": names, "changed": sorted(changed)}


def _columns(text: str) -> Mapping[str, str]:
    try:
        return plan_sheet.columns_of(json.loads(text[:8192])) if text else {}
    except ValueError as error:
        raise BadValue("columns", "列的对应关系读不懂") from error


def _taken(taken: plan_sheet.Taken) -> dict[str, Any]:
    return {
        "dry": taken.dry_run,
        "faults": [
            {"at": f"{one.sheet} 第 {one.row + 1} 行第 {one.column + 1} 列", "words": one.message_zh}
            for one in taken.sheet.faults[:200]
        ],
        "days": [
            {
                "day": one.day.isoformat(),
                "channel": one.channel,
                "items": len(one.items),
                "added": len(one.change.added),
                "removed": len(one.change.removed),
                "changed": len(one.change.changed),
                "refused": one.refused,
            }
            for one in taken.days
        ],
        "refused": [f"{name} {day.isoformat()}" for name, day in taken.sheet.refused],
        "unknown": [*taken.unknown_channels, *taken.sheet.unread],
        "columns": [one for one in taken.sheet.unknown if len(one) <= plan_sheet.LONGEST_HEADING][:MOST_ASKED],
        "fields": {name: words[0] for name, words in FIELDS.items()},
    }


def _mend(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, form: Mapping[str, str]) -> Day:
    at = form.get("finding", "")
    return plan.mend(uow, now, who, channel, day, int(at) if at.isdigit() and len(at) < 4 else -1, form.get("name", ""))


def _copy(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, form: Mapping[str, str]) -> Day:
    target = _channel(uow, form["to_channel"], who).xmltv_id if form.get("to_channel") else ""
    return plan.copy_day(uow, now, who, channel, day, _date(form.get("to", "")), target)


def _last_week(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, _form: Mapping[str, str]) -> Day:
    before = day - DAY * WEEK
    if not uow.plans.newest(channel, before, before):
        raise BadValue("no_plan", "上周这一天没有节目单")
    if uow.plans.newest(channel, day, day):
        raise BadValue("plan_begun", "这一天已经有节目单了")
    return plan.copy_day(uow, now, who, channel, before, day)


def _break(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, form: Mapping[str, str]) -> Day:
    items = plan_json.read_items(form.get("items", ""), {})
    if len(items) != 1:
        raise BadValue("plan_item", "一次插播一个节目")
    return plan.break_in(uow, now, who, channel, day, items[0], form.get("reason", ""))


def _reset(uow: UnitOfWork, now: datetime, who: str, channel: str, day: date, form: Mapping[str, str]) -> Day:
    return plan_templates.restore(uow, now, who, channel, day, form.get("block", "")[:64])


EDITS: Final = frozenset({"undo", "redo", "mend", "again", "reset"})
"""Acts that change items of one draft: what they do to items of its template is kept as changes of that day."""
ACTS: Final[Mapping[str, Act]] = {
    "begin": lambda uow, now, who, channel, day, _form: plan.begin(uow, now, who, channel, day),
    "again": lambda uow, now, who, channel, day, _form: plan.begin(uow, now, who, channel, day, again=True),
    "undo": lambda uow, now, who, channel, day, _form: plan.undo(uow, now, who, channel, day),
    "redo": lambda uow, now, who, channel, day, _form: plan.redo(uow, now, who, channel, day),
    "submit": lambda uow, now, who, channel, day, _form: plan.submit(uow, now, who, channel, day),
    "sign": lambda uow, now, who, channel, day, _form: plan.sign(uow, now, who, channel, day),
    "return": lambda uow, now, who, channel, day, form: plan.give_back(
        uow, now, who, channel, day, form.get("reason", "")
    ),
    "reopen": lambda uow, now, who, channel, day, form: plan.reopen(
        uow, now, who, channel, day, form.get("reason", "")
    ),
    "mend": _mend,
    "reset": _reset,
    "copy": _copy,
    "last_week": _last_week,
    "break": _break,
}
