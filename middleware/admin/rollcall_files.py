"""The attendance of a roll-call as a file."""

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate
from middleware.admin.roster import download, kind_of
from middleware.services.rollcall_sheet import export_rollcall, sheet_bytes, sheet_name
from middleware.web.values import Response


class RollcallFiles:
    """POST /admin/rollcalls/export: a form, not a link, since each export is audited."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.post("/admin/rollcalls/export", self._export, *roles.ROLLCALL)

    async def _export(self, desk: Desk) -> Response:
        now, number, kind = self._gate.now(), desk.number("rollcall"), kind_of(desk.form.get("kind", ""))
        sheet = await self._gate.run(lambda uow: export_rollcall(uow, now, desk.staff, number), "export rollcall")
        body = await self._gate.run(lambda _uow: sheet_bytes(sheet, kind), "render sheet", write=False)
        return download(body, kind, sheet_name(sheet, kind))
