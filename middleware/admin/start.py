"""The start page: what matters now to the one who has logged in."""

from typing import Any

from middleware.admin.gate import Desk, Gate
from middleware.domain.errors import NotFound
from middleware.domain.registry import Staff
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_board import Overview, overviews
from middleware.web.values import Response

ROLLCALL_ROLES = ("admin", "office", "cadre")


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
    seen = overviews(uow, person) if person.role in ROLLCALL_ROLES else ()
    boxes = uow.devices.all() if person.role in {"admin", "operator"} else ()
    return {
        "running": [one for one in seen if one.rollcall.state == "open"],
        "coming": [one for one in reversed(seen) if one.rollcall.state == "scheduled"],
        "past": [one for one in seen if _counted(one)][:8],
        "waiting": [one for one in seen if one.reviews],
        "pending": sum(box.state == "pending" for box in boxes),
        "boxes": len(boxes),
        "rollcalls": person.role in ROLLCALL_ROLES,
        "devices": person.role in {"admin", "operator"},
    }


def _counted(one: Overview) -> bool:
    return one.rollcall.state == "closed" and one.figures is not None and one.figures.expected > 0
