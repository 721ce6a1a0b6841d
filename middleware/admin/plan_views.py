"""A schedule to look at: the states of a month, and the list of a day, which goes on paper too."""

from datetime import date, timedelta
from typing import Any, Final

from epg.planning import DAY
from epg.times import SHANGHAI
from middleware.admin import roles
from middleware.admin.gate import Desk, Gate
from middleware.admin.plan_read import channel_of, date_of
from middleware.services import plan
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

_WEEK: Final = 7


class PlanViews:
    """/admin/plan/month and /admin/plan/list."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/plan/month", self._month, *roles.PLAN)
        gate.get("/admin/plan/list", self._list, *roles.PLAN)

    async def _month(self, desk: Desk) -> Response:
        number, day, today = self._asked(desk)
        facts = await self._gate.run(lambda uow: month(uow, number, day, desk.staff.login), "plan month", write=False)
        return self._gate.pages.show(desk.viewer, "plan_month.html", today=today, **facts)

    async def _list(self, desk: Desk) -> Response:
        number, day, today = self._asked(desk)
        facts = await self._gate.run(lambda uow: listed(uow, number, day, desk.staff.login), "plan list", write=False)
        around: dict[str, Any] = {"before": day - DAY, "after": day + DAY, "today": today}
        return self._gate.pages.show(desk.viewer, "plan_list.html", **around, **facts)

    def _asked(self, desk: Desk) -> tuple[str, date, date]:
        query, today = desk.request.query, self._gate.now().astimezone(SHANGHAI).date()
        return query.get("channel", ""), date_of(query["day"]) if query.get("day") else today, today


def month(uow: UnitOfWork, number: str, day: date, who: str) -> dict[str, Any]:
    """The weeks that the month of a day touches, with what there is of each day."""
    channel = channel_of(uow, number, who)
    first = day.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    monday = first - DAY * first.weekday()
    weeks = [[monday + DAY * (at + n) for n in range(_WEEK)] for at in range(0, (after - monday).days, _WEEK)]
    states = plan.states(uow, channel.xmltv_id, weeks[0][0], weeks[-1][-1])
    return {"channel": channel, "first": first, "before": first - DAY, "after": after, "weeks": weeks, "states": states}


def listed(uow: UnitOfWork, number: str, day: date, who: str) -> dict[str, Any]:
    """The items of a day in order, with the titles of their films and what is wrong."""
    channel = channel_of(uow, number, who)
    view = plan.view(uow, channel.xmltv_id, day)
    numbers = {one.content.asset for one in view.day.items if one.content.asset} if view else set()
    films = {film.id: film.title for asset in numbers if (film := uow.assets.get(asset))}
    signed = [person.name if (person := uow.staff.by_login(one)) else one for one in view.day.signed] if view else []
    return {"channel": channel, "day": day, "view": view, "films": films, "signed": signed}
