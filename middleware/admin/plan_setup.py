"""What a channel's days are made from: day templates, week patterns, fillers, rules, and changes of single days."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from attrs import evolve

from epg.filling import Filler, Pool
from epg.planning import DayTemplate, GapPolicy, Pattern
from epg.times import SHANGHAI
from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, digits, told
from middleware.admin.plan_read import block_shown, blocks_of, channel_of, clock_of, date_of, seconds_of, whole_in
from middleware.domain.errors import BadValue
from middleware.services import guide, plan, plan_rights, plan_templates
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response, json_
from vod.jobs import State

MOST_SENT: Final = 512 * 1024
GAPS: Final[Mapping[str, str]] = {
    "filler": "用垫播填满",
    "extend": "短的空当并给前一个节目",
    "leave": "留着（外来频道）",
}
KINDS: Final = {"replace": "换节目", "move": "改时间", "resize": "改长短", "cancel": "不播", "insert": "加播"}
Act = Callable[[UnitOfWork, datetime, str, str, Mapping[str, str]], None]


class PlanSetup:
    """/admin/plan/templates and what it sends."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/plan/templates", self._page, *roles.PLAN)
        gate.get("/admin/plan/templates/edit", self._edit, *roles.PLAN)
        gate.post("/admin/plan/templates/save", self._save, *roles.PLAN, max_body=MOST_SENT)
        gate.post("/admin/plan/series", self._series, *roles.PLAN)
        for name, (act, line) in ACTS.items():
            gate.post(f"/admin/plan/templates/{name}", self._acting(name, act, line), *roles.PLAN)

    async def _page(self, desk: Desk) -> Response:
        number, today = desk.request.query.get("channel", ""), self._today()
        who = desk.staff.login
        facts = await self._gate.run(lambda uow: setup_facts(uow, number, today, who), "plan setup", write=False)
        return self._gate.pages.show(
            desk.viewer, "plan_setup.html", today=today, gaps=GAPS, kinds=KINDS, clock=clock_of, **facts
        )

    async def _edit(self, desk: Desk) -> Response:
        query = desk.request.query

        def read(uow: UnitOfWork) -> dict[str, Any]:
            channel = channel_of(uow, query.get("channel", ""), desk.staff.login)
            number = digits(query.get("template", "")) or 0
            rules = rules_of(uow, channel.xmltv_id)
            template = plan_templates.named(uow, channel.xmltv_id, number) if number else DayTemplate(0, "", ())
            rows = [block_shown(one, rules.day_start_s) for one in template.blocks]
            begin = clock_of(rules.day_start_s)
            return {"channel": channel, "made": template, "rows": rows, "begin": begin, "films": films(uow)}

        facts = await self._gate.run(read, "plan template", write=False)
        return self._gate.pages.show(desk.viewer, "plan_template.html", **facts)

    async def _save(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login

        def act(uow: UnitOfWork) -> int:
            channel = channel_of(uow, form.get("channel", ""), who)
            blocks = blocks_of(form.get("blocks", ""), rules_of(uow, channel.xmltv_id).day_start_s)
            wanted = DayTemplate(digits(form.get("template", "")) or 0, form.get("name", ""), blocks)
            plan_templates.put_template(uow, now, who, channel.xmltv_id, wanted)
            return channel.id

        number = await self._gate.run(act, "save template")
        to = f"/admin/plan/templates?channel={number}"
        return told(self._gate.pages, desk, to, "模板已保存；已经编排的日子不变", to=to)

    def _acting(self, name: str, act: Act, line: str) -> Callable[[Desk], Any]:
        async def answer(desk: Desk) -> Response:
            form, now, who = desk.form, self._gate.now(), desk.staff.login
            number = form.get("channel", "")
            await self._gate.run(
                lambda uow: act(uow, now, who, channel_of(uow, number, who).xmltv_id, form), f"plan {name}"
            )
            to = f"/admin/plan/templates?channel={number}"
            return told(self._gate.pages, desk, to, line, to=to)

        return answer

    async def _series(self, desk: Desk) -> Response:
        """A change of one day for all days of its template: first what it would change, with take=1 it is done."""
        form, now, who, today = desk.form, self._gate.now(), desk.staff.login, self._today()
        day, dry = date_of(form.get("day", "")), form.get("take") != "1"

        def act(uow: UnitOfWork) -> plan_templates.Spread:
            channel = channel_of(uow, form.get("channel", ""), who).xmltv_id
            return plan_templates.spread(uow, now, who, channel, day, form.get("block", "")[:64], today, dry_run=dry)

        done = await self._gate.run(act, "series", write=not dry)
        names = {"days": [str(one) for one in done.days], "kept": [str(one) for one in done.kept]}
        return json_({"template": done.template.name, "dry": dry, **names})

    def _today(self) -> date:
        return self._gate.now().astimezone(SHANGHAI).date()


def films(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Films that can be planned."""
    ready = [one for one in uow.assets.all() if one.state is State.READY]
    return [{"id": one.id, "title": one.title, "seconds": one.duration_ms // 1000} for one in ready]


def setup_facts(uow: UnitOfWork, number: str, today: date, who: str) -> dict[str, Any]:
    """Everything the page of a channel shows."""
    channel = channel_of(uow, number, who)
    name = channel.xmltv_id
    rules, pool = rules_of(uow, name), uow.plans.pool(name) or Pool(())
    templates = uow.plans.templates(name)
    changes = plan_templates.listed(uow, name, today)
    choices = {one.change.day: plan_templates.template_of(uow, name, one.change.day) for one in changes if one.orphan}
    return {
        "channel": channel,
        "channels": sorted(plan_rights.seen(uow, who, uow.guide.channels()), key=lambda one: one.number),
        "signs": "approve" in plan_rights.of(uow, who, name),
        "rules": rules,
        "templates": templates,
        "titles": {one.id: one.name for one in templates},
        "patterns": uow.plans.patterns(name),
        "pool": pool,
        "chosen": {one.asset: one for one in pool.fillers},
        "films": films(uow),
        "changes": changes,
        "choices": choices,
        "cut_off": uow.settings.get(f"channel:{name}", "cut_off", 17),
        "signatures": uow.settings.get(f"channel:{name}", "signatures", plan.STEPS),
        "slots": {
            "must_carry": "\n".join(f"{clock_of(a)}-{clock_of(b)} {title}" for title, a, b in rules.must_carry),
            "watershed": "\n".join(f"{clock_of(a)}-{clock_of(b)} {age}" for age, a, b in rules.watershed),
        },
    }


def _pattern(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    last = form.get("last", "")
    wanted = Pattern(
        digits(form.get("pattern", "")) or 0,
        channel,
        tuple(digits(form.get(f"day{at}", "")) or None for at in range(7)),
        date_of(form.get("first", "")),
        date_of(last) if last else None,
        whole_in(form.get("priority", "0"), 0, 999, "优先级"),
    )
    plan_templates.put_pattern(uow, now, who, wanted)


def _no_pattern(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    plan_templates.remove_pattern(uow, now, who, channel, whole_in(form.get("pattern"), 1, 10**9, "安排"))


def _clone(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    to = channel_of(uow, form["to"], who).xmltv_id if form.get("to") else channel
    plan_templates.clone(uow, now, who, channel, whole_in(form.get("template"), 1, 10**9, "模板"), to)


def _remove(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    plan_templates.remove_template(uow, now, who, channel, whole_in(form.get("template"), 1, 10**9, "模板"))


def _pool(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    """The rows are JSON: a form has at most a hundred fields, a town more films."""
    known = {one["id"]: one for one in films(uow)}
    try:
        rows = json.loads(form.get("films", ""))
        picked = [(int(row["asset"]), row["cuttable"] is True, str(row["hours"])) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise BadValue("pool", "垫播片子读不懂") from error
    fillers = tuple(
        Filler(asset, known[asset]["seconds"], known[asset]["title"], cuttable, hours_of(hours))
        for asset, cuttable, hours in picked[:500]
        if asset in known
    )
    pool = Pool(fillers, 0, whole_in(form.get("apart", "3"), 0, 50, "间隔"), form.get("name", "").strip())
    plan_templates.put_pool(uow, now, who, channel, pool)


def hours_of(text: str) -> frozenset[int]:
    """Hours of the day such as 6-9,20; empty = any. Raises BadValue(hours)."""
    found: set[int] = set()
    for part in filter(None, text.replace("，", ",").replace(" ", "")[:80].split(",")):
        first, dash, last = part.partition("-")
        low, high = digits(first), digits(last if dash else first)
        if low is None or high is None or not low <= high <= 23:
            raise BadValue("hours", f"钟点“{part}”不对，要写成 6-9,20")
        found.update(range(low, high + 1))
    return frozenset(found)


def _rules(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    gaps = form.get("gaps", "")
    if gaps not in GAPS:
        raise BadValue("rules", "请选空当怎么办")
    carried = [_slot(line) for line in form.get("must_carry", "")[:2000].splitlines() if line.strip()]
    late = [_slot(line) for line in form.get("watershed", "")[:2000].splitlines() if line.strip()]
    wanted = evolve(
        rules_of(uow, channel),
        own=form.get("own") == "1",
        day_start_s=seconds_of(form.get("day_start", ""), 23),
        grid_min=whole_in(form.get("grid"), 1, 60, "格子"),
        gaps=cast("GapPolicy", gaps),
        extend_at_most=timedelta(minutes=whole_in(form.get("extend"), 0, 240, "并入的分钟数")),
        repeat_after=timedelta(hours=whole_in(form.get("repeat"), 0, 168, "重播间隔")),
        must_carry=tuple((words, start, stop) for start, stop, words in carried),
        watershed=tuple((whole_in(words, 1, 18, "年龄"), start, stop) for start, stop, words in late),
    )
    cut_off = whole_in(form.get("cut_off"), 0, 23, "截止时间")
    stored = next(one for one in uow.guide.channels() if one.xmltv_id == channel)
    plan_templates.put_rules(uow, now, who, wanted, cut_off, whole_in(form.get("signatures"), 1, 3, "签审级数"))
    if stored.radio != (form.get("radio") == "1"):
        guide.change_channel(uow, evolve(stored, radio=not stored.radio))
        uow.audit.add(now, who, "change", "channel", stored.id, {"radio": not stored.radio})


def _slot(line: str) -> tuple[int, int, str]:
    """One line such as 19:00-19:30 新闻联播. Raises BadValue."""
    times, _, words = line.strip().partition(" ")
    start, dash, stop = times.replace("–", "-").partition("-")
    if not dash or not words.strip():
        raise BadValue("rules", f"“{line[:40]}”要写成 19:00-19:30 名称")
    return seconds_of(start), seconds_of(stop), words.strip()[:80]


def _drop(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    plan_templates.drop(uow, now, who, channel, date_of(form.get("day", "")), form.get("id", "")[:80])


def _attach(uow: UnitOfWork, now: datetime, who: str, channel: str, form: Mapping[str, str]) -> None:
    day, name, block = date_of(form.get("day", "")), form.get("id", "")[:80], form.get("block", "")[:64]
    plan_templates.attach(uow, now, who, channel, day, name, block)


ACTS: Final[Mapping[str, tuple[Act, str]]] = {
    "clone": (_clone, "模板已复制"),
    "remove": (_remove, "模板已删除"),
    "pattern": (_pattern, "安排已保存"),
    "no-pattern": (_no_pattern, "安排已删除"),
    "fillers": (_pool, "垫播已保存"),
    "rules": (_rules, "规则已保存"),
    "drop": (_drop, "改动已删除"),
    "attach": (_attach, "改动已挂到新的时段"),
}
