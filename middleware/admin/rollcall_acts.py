"""What a cadre does to a roll-call: mark people, let it go on, end it; each leaves a line in the audit log."""

from typing import Final, cast

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, page_id, told
from middleware.admin.rollcall_live import RollcallLive
from middleware.domain.attendance import Status
from middleware.domain.errors import NotFound
from middleware.services import rollcall, rollcall_cadre
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_board import Board, board
from middleware.services.rollcall_cadre import Marked
from middleware.web.values import Response

_MARKS: Final = {"present": "到会", "late": "迟到", "leave": "请假", "absent": "未到"}


class RollcallActs:
    """Marks, extension and closing; `live` is told what has changed."""

    def __init__(self, gate: Gate, live: RollcallLive) -> None:
        self._gate = gate
        self._live = live
        gate.get("/admin/rollcalls/mark/", self._ask_mark, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/mark", self._mark, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/extend", self._extend, *roles.ROLLCALL)
        gate.get("/admin/rollcalls/close/", self._ask_close, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/close", self._close, *roles.ROLLCALL)

    async def _ask_mark(self, desk: Desk) -> Response:
        seen = await self._board(desk)
        member = page_id(desk.request.query.get("member", ""))
        line = next((one for one in seen.lines if one.expected.member == member), None)
        if line is None:
            raise NotFound("名册里没有这名党员", "not_on_roll")
        return self._gate.pages.show(desk.viewer, "mark.html", rollcall=seen.rollcall, line=line)

    async def _mark(self, desk: Desk) -> Response:
        now, number, member = self._gate.now(), desk.number("rollcall"), desk.number("member")
        to, reason = cast("Status", desk.form.get("to", "")), desk.form.get("reason", "")[:500]

        def act(uow: UnitOfWork) -> tuple[Marked, str, str]:
            before = uow.rollcalls.roll(number, [member]).get(member)
            marked = rollcall_cadre.mark(uow, now, desk.staff, number, member, to, reason)
            person = uow.registry.member(member)
            return marked, person.name if person else "", before.leave if before else ""

        marked, name, leave = await self._gate.run(act, "mark")
        self._live.stir(number)
        undo = {"rollcall": number, "member": member, "to": marked.before, "reason": leave or "撤销刚才的登记"}
        line = f"{name} 已记为{_MARKS[marked.after]}"
        changed = marked.before != marked.after
        return told(self._gate.pages, desk, f"/admin/rollcalls/{number}", line, undo=undo if changed else None)

    async def _extend(self, desk: Desk) -> Response:
        now, number, minutes = self._gate.now(), desk.number("rollcall"), desk.number("minutes")
        await self._gate.run(lambda uow: rollcall.extend(uow, now, desk.staff, number, minutes), "extend")
        self._live.stir(number)
        return told(self._gate.pages, desk, f"/admin/rollcalls/{number}", f"已延长 {minutes} 分钟")

    async def _ask_close(self, desk: Desk) -> Response:
        seen = await self._board(desk)
        if seen.rollcall.state == "closed":
            return self._gate.pages.go(f"/admin/rollcalls/{seen.rollcall.id}", "这次点名已经结束")
        return self._gate.pages.show(desk.viewer, "close.html", seen=seen, rollcall=seen.rollcall)

    async def _close(self, desk: Desk) -> Response:
        now, number = self._gate.now(), desk.number("rollcall")
        closing = await self._gate.run(lambda uow: rollcall.close(uow, now, desk.staff, number), "close")
        self._live.stir(number)
        total = closing.total
        line = f"点名已结束：应到 {total.expected} 人，到会 {total.attended} 人" if total.expected else "已取消这次点名"
        return self._gate.pages.go(f"/admin/rollcalls/{number}", line)

    async def _board(self, desk: Desk) -> Board:
        number = page_id(desk.rest)
        return await self._gate.run(lambda uow: board(uow, desk.staff, number), "board", write=False)
