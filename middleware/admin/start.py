"""The start page: what matters now to the one who has logged in."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from attrs import frozen

from epg.approval import Day
from epg.planning import DAY
from epg.times import SHANGHAI
from middleware.admin import roles
from middleware.admin.gate import Desk, Gate
from middleware.admin.plan import own
from middleware.domain.channels import Channel
from middleware.domain.errors import NotFound
from middleware.domain.registry import Staff
from middleware.services import plan
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_board import Overview, overviews
from middleware.web.values import Response

DAYS_AHEAD: Final = 7
"""Days of the schedule that the start page shows, from today on."""


@frozen
class Ahead:
    """A channel with the newest revision of each day of late and ahead that has been begun."""

    channel: Channel
    states: Mapping[date, Day]


class StartPage:
    """GET /admin, and what no other page answers below it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin", self._show)
        gate.get("/admin/", self._elsewhere)

    async def _show(self, desk: Desk) -> Response:
        now = self._gate.now()
        facts = await self._gate.run(lambda uow: _facts(uow, desk.staff, now), "start", write=False)
        return self._gate.pages.show(desk.viewer, "start.html", **facts)

    async def _elsewhere(self, desk: Desk) -> Response:
        if desk.rest:
            raise NotFound("没有这一页", "no_page")
        return self._gate.pages.go("/admin")


def _facts(uow: UnitOfWork, person: Staff, now: datetime) -> dict[str, Any]:
    seen = overviews(uow, person) if person.role in roles.ROLLCALL else ()
    boxes = uow.devices.counts() if person.role in roles.DEVICES else {}
    return {
        "running": [one for one in seen if one.rollcall.state == "open"],
        "coming": [one for one in reversed(seen) if one.rollcall.state == "scheduled"],
        "past": [one for one in seen if _counted(one)][:8],
        "waiting": [one for one in seen if one.reviews],
        "pending": boxes.get("pending", 0),
        "boxes": sum(boxes.values()),
        "rollcalls": person.role in roles.ROLLCALL,
        "devices": person.role in roles.DEVICES,
        "planning": person.role in roles.PLAN,
        **_schedule(uow, now, person.login, shown=person.role in roles.PLAN),
    }


def _schedule(uow: UnitOfWork, now: datetime, who: str, *, shown: bool) -> dict[str, Any]:
    """The days ahead of the channels that have been planned of late, and those that should be approved by now."""
    today = now.astimezone(SHANGHAI).date()
    days = [today + DAY * at for at in range(DAYS_AHEAD)]
    since, until = days[0] - DAY * DAYS_AHEAD, days[-1]
    every = [Ahead(one, plan.states(uow, one.xmltv_id, since, until)) for one in own(uow, who)] if shown else []
    plans = [one for one in every if one.states]
    late = set(plan.unapproved(uow, now, [one.channel.xmltv_id for one in plans]))
    return {
        "days": days,
        "plans": plans,
        "late": [(one.channel, day) for one in plans for day in days if (one.channel.xmltv_id, day) in late],
    }


def _counted(one: Overview) -> bool:
    return one.rollcall.state == "closed" and one.figures is not None and one.figures.expected > 0
