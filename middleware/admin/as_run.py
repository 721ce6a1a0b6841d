"""What was really on air beside the plan, a day of a channel; the export of it."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from epg.planning import DAY
from epg.times import SHANGHAI
from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, told
from middleware.admin.plan_read import channel_of, date_of
from middleware.services import as_run, plan_rights
from middleware.services.plan_rules import rules_of
from middleware.services.ports import UnitOfWork
from middleware.services.spreadsheet import MEDIA_TYPES, Kind
from middleware.web.values import Response

OUTCOMES: Final = {
    "aired": ("正常", "good"),
    "late": ("推迟", "late"),
    "cut": ("截短", "late"),
    "replaced": ("替换", "other"),
    "missed": ("未播", "wait"),
    "filler": ("垫播", ""),
    "ahead": ("还没播完", ""),
}
"""How an item went, in words and in the colour of its mark."""


class AsRunPages:
    """/admin/plan/as-run."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/plan/as-run", self._show, *roles.PLAN)
        gate.post("/admin/plan/as-run/export", self._export, *roles.PLAN)
        gate.post("/admin/plan/as-run/times", self._times, *roles.PLAN)

    async def _show(self, desk: Desk) -> Response:
        query, now = desk.request.query, self._gate.now()
        day = date_of(query["day"]) if query.get("day") else None
        number = query.get("channel", "")
        facts = await self._gate.run(
            lambda uow: day_facts(uow, number, day, now, desk.staff.login), "as-run", write=False
        )
        return self._gate.pages.show(desk.viewer, "plan_as_run.html", outcomes=OUTCOMES, **facts)

    async def _export(self, desk: Desk) -> Response:
        form = desk.form
        day, number = date_of(form.get("day", "")), form.get("channel", "")
        kind: Kind = "csv" if form.get("kind") == "csv" else "xlsx"

        def read(uow: UnitOfWork) -> bytes:
            run = as_run.looked(uow, channel_of(uow, number, desk.staff.login).xmltv_id, day, self._gate.now())
            return as_run.export(run, kind)

        body = await self._gate.run(read, "export as-run", write=False)
        name = f'attachment; filename="as-run-{day.isoformat()}.{kind}"'
        return Response(200, body, MEDIA_TYPES[kind], (("Content-Disposition", name),))

    async def _times(self, desk: Desk) -> Response:
        form, now, who = desk.form, self._gate.now(), desk.staff.login
        number, turned_on = form.get("channel", ""), form.get("on") == "1"

        def act(uow: UnitOfWork) -> None:
            as_run.set_by_real_times(uow, now, who, channel_of(uow, number, who).xmltv_id, on=turned_on)

        await self._gate.run(act, "as-run times")
        to = f"/admin/plan/as-run?channel={int(number)}"
        return told(self._gate.pages, desk, to, "节目单按实播时间走" if turned_on else "节目单按计划时间走", to=to)


def day_facts(uow: UnitOfWork, number: str, day: date | None, now: datetime, who: str) -> dict[str, Any]:
    """A day's plan and what was on air, and how often each outcome is; without a day the broadcast day that runs."""
    channel = channel_of(uow, number, who)
    begins = timedelta(seconds=rules_of(uow, channel.xmltv_id).day_start_s)
    today = (now.astimezone(SHANGHAI) - begins).date()
    day = day or today
    around: dict[str, Any] = {"day": day, "before": day - DAY, "after": day + DAY, "today": today}
    run = as_run.looked(uow, channel.xmltv_id, day, now)
    counts = {name: sum(row.outcome == name for row in run.rows) for name in OUTCOMES}
    real = as_run.by_real_times(uow, channel.xmltv_id)
    signs = "break_in" in plan_rights.of(uow, who, channel.xmltv_id)
    return {"channel": channel, "run": run, "counts": counts, "real": real, "signs": signs, **around}
