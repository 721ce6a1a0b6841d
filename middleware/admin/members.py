"""Members: finding one, and his record of attendance. Numbers are typed into a form, never into an address."""

from typing import Any

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, digits, page_id
from middleware.domain.errors import NotFound
from middleware.services import members
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response, json_


class MemberPages:
    """GET and POST /admin/members, GET /admin/members/<id>."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/members", self._list, *roles.ROLLCALL)
        gate.post("/admin/members", self._search, *roles.ROLLCALL)
        gate.get("/admin/members/", self._show, *roles.ROLLCALL)
        gate.post("/admin/members/reveal", self._reveal, *roles.ROLLCALL)

    async def _list(self, desk: Desk) -> Response:
        return await self._found(desk, "", desk.request.query.get("branch", ""))

    async def _search(self, desk: Desk) -> Response:
        return await self._found(desk, desk.form.get("text", "")[:40].strip(), desk.form.get("branch", ""))

    async def _found(self, desk: Desk, text: str, branch: str) -> Response:
        wanted = digits(branch)

        def read(uow: UnitOfWork) -> dict[str, Any]:
            mine = members.branches_of(uow, desk.staff)
            asked = bool(text or wanted is not None or len(mine) == 1)
            found = members.search(uow, desk.staff, text, wanted) if asked else None
            return {"branches": mine, "found": found}

        facts = await self._gate.run(read, "members", write=False)
        return self._gate.pages.show(desk.viewer, "members.html", text=text, branch=wanted, **facts)

    async def _show(self, desk: Desk) -> Response:
        return await self._record(desk, page_id(desk.rest), "")

    async def _record(self, desk: Desk, member: int, phone: str) -> Response:
        seen = await self._gate.run(lambda uow: members.record(uow, desk.staff, member), "member", write=False)
        return self._gate.pages.show(desk.viewer, "member.html", record=seen, phone=phone)

    async def _reveal(self, desk: Desk) -> Response:
        now, member = self._gate.now(), desk.number("member")
        phone = await self._gate.run(lambda uow: members.reveal_phone(uow, now, desk.staff, member), "reveal phone")
        if not phone:
            raise NotFound("没有留下手机号", "no_phone")
        return json_({"number": phone}) if desk.wants_json else await self._record(desk, member, phone)
