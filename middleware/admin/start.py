"""The start page: what matters now to the one who has logged in."""

from typing import Any

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate
from middleware.domain.errors import NotFound
from middleware.domain.registry import Staff
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_board import Overview, overviews
from middleware.web.values import Response


class StartPage:
    """GET /admin, and what no other page answers below it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin", self._show)
        gate.get("/admin/", self._elsewhere)

    async def _show(self, desk: Desk) -> Response:
        facts = await self._gate.run(lambda uow: _facts(uow, desk.staff), "start", write=False)
        return self._gate.pages.show(desk.viewer, "start.html", **facts)

    async def _elsewhere(self, desk: Desk) -> Response:
        if desk.rest:
            raise NotFound("没有这一页", "no_page")
        return self._gate.pages.go("/admin")


def _facts(uow: UnitOfWork, person: Staff) -> dict[str, Any]:
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
    }


def _counted(one: Overview) -> bool:
    return one.rollcall.state == "closed" and one.figures is not None and one.figures.expected > 0
