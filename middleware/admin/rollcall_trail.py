"""Who did what in a roll-call, in words."""

from collections.abc import Mapping
from typing import Any, Final

from middleware.admin import roles, words
from middleware.admin.gate import Desk, Gate, page_id
from middleware.services.ports import AuditEntry, UnitOfWork
from middleware.services.rollcall_board import trail
from middleware.web.values import Response

_VERBS: Final = {
    "open": "发起点名",
    "schedule": "安排点名",
    "begin": "点名开始",
    "extend": "延长点名",
    "close": "点名结束",
    "mark": "登记",
    "correct": "更正",
    "review": "核实",
    "export": "导出名单",
}
_ACTORS: Final = {"clock": "到点自动", "cli": "命令行"}


class RollcallTrail:
    """GET /admin/rollcalls/trail/<id>."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/rollcalls/trail/", self._show, *roles.ROLLCALL)

    async def _show(self, desk: Desk) -> Response:
        number = page_id(desk.rest)

        def read(uow: UnitOfWork) -> dict[str, Any]:
            entries = trail(uow, desk.staff, number)
            return {"rollcall": uow.rollcalls.get(number), "entries": [_line(uow, entry) for entry in entries]}

        facts = await self._gate.run(read, "trail", write=False)
        return self._gate.pages.show(desk.viewer, "trail.html", **facts)


def _line(uow: UnitOfWork, entry: AuditEntry) -> dict[str, Any]:
    person = uow.staff.by_login(entry.actor)
    actor = f"{person.name}（{entry.actor}）" if person else _ACTORS.get(entry.actor, entry.actor)
    member = entry.detail.get("member")
    named = uow.registry.member(member) if isinstance(member, int) else None
    what = _VERBS.get(entry.verb, entry.verb)
    return {"at": entry.at, "actor": actor, "what": what, "whom": named.name if named else "", "how": how(entry.detail)}


def how(detail: Mapping[str, Any]) -> str:
    """The particulars of an entry in one line."""
    before, after = str(detail.get("from")), str(detail.get("to"))
    parts = [
        f"{words.STATUSES[before]} → {words.STATUSES[after]}" if before in words.STATUSES else "",
        {"accepted": "计入", "rejected": "不计入"}.get(after, ""),
        f"{detail['minutes']} 分钟" if "minutes" in detail else "",
        f"应到 {detail['expected']} 人" if "expected" in detail else "",
        f"到会 {detail['present'] + detail['late']} 人" if "present" in detail and "late" in detail else "",
        f"邀请 {detail['invited']} 户" if "invited" in detail else "",
        f"原因：{detail['reason']}" if detail.get("reason") else "",
    ]
    return "，".join(part for part in parts if part)
