"""Earlier states of the published guide, what going back to one would change, and going back."""

from typing import Any, Final

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, page_id, told
from middleware.services import guide_snapshots
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

LISTED: Final = 200
"""Most programmes of each kind on the page; the counts are whole."""
_HERE: Final = "/admin/plan/snapshots"


class SnapshotPages:
    """/admin/plan/snapshots."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get(_HERE, self._list, *roles.PLAN)
        gate.get(f"{_HERE}/", self._show, *roles.PLAN)
        gate.post(f"{_HERE}/back", self._back, *roles.PLAN_SIGN)

    async def _list(self, desk: Desk) -> Response:
        def read(uow: UnitOfWork) -> dict[str, Any]:
            every = uow.guide.snapshots()
            people = {who: uow.staff.by_login(who) for who in {one.who for one in every}}
            return {"snapshots": every, "names": {who: one.name for who, one in people.items() if one}}

        facts = await self._gate.run(read, "snapshots", write=False)
        return self._gate.pages.show(desk.viewer, "plan_snapshots.html", **facts)

    async def _show(self, desk: Desk) -> Response:
        number = page_id(desk.rest)

        def read(uow: UnitOfWork) -> dict[str, Any]:
            channels = {one.id: one.name for one in uow.guide.channels()}
            way = guide_snapshots.way_back(uow, number)
            return {"way": way, "channels": channels, "newest": uow.guide.snapshots()[0].number}

        facts = await self._gate.run(read, "way back", write=False)
        signs = desk.staff.role in roles.PLAN_SIGN
        return self._gate.pages.show(desk.viewer, "plan_snapshot.html", signs=signs, most=LISTED, **facts)

    async def _back(self, desk: Desk) -> Response:
        number, seen, now, who = desk.number("number"), desk.number("seen"), self._gate.now(), desk.staff.login
        await self._gate.run(lambda uow: guide_snapshots.roll_back(uow, now, who, number, seen), "roll back guide")
        return told(self._gate.pages, desk, _HERE, f"节目单已退回到第 {number} 版", to=_HERE)
