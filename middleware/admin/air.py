"""What an own channel plays now and next, and the film that is brought in at once."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, told
from middleware.admin.plan_read import channel_of, whole_in
from middleware.domain.errors import BadValue
from middleware.services import ledger, ledger_status, plan_rights
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

AHEAD: Final = timedelta(minutes=15)
KINDS: Final = {
    "asset": ("节目", "good"),
    "filler": ("填充", ""),
    "ident": ("台标", ""),
    "insert": ("插播", "late"),
    "relay": ("转播", "good"),
    "slate": ("垫片", "wait"),
}
"""What a row shows, in words and in the colour of its mark."""


class AirPages:
    """/admin/plan/air."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/plan/air", self._show, *roles.PLAN)
        gate.post("/admin/plan/air/insert", self._insert, *roles.PLAN)
        gate.post("/admin/plan/air/end", self._end, *roles.PLAN)

    async def _show(self, desk: Desk) -> Response:
        now, number = self._gate.now(), desk.request.query.get("channel", "")
        who = desk.staff.login

        def read(uow: UnitOfWork) -> dict[str, Any]:
            channel = channel_of(uow, number, who)
            signs = "break_in" in plan_rights.of(uow, who, channel.xmltv_id)
            air = ledger_status.status(uow, now, channel.xmltv_id, AHEAD)
            films = ledger_status.insertable(uow) if signs and air.end_ms else ()
            return {"channel": channel, "air": air, "films": films, "signs": signs}

        facts = await self._gate.run(read, "what is on a channel", write=False)
        return self._gate.pages.show(desk.viewer, "plan_air.html", kinds=KINDS, at=_at, **facts)

    async def _insert(self, desk: Desk) -> Response:
        form, who = desk.form, desk.staff.login
        number, reason = form.get("channel", ""), form.get("reason", "").strip()
        film, resume = whole_in(form.get("film"), 1, 10**9, "片子"), form.get("behind") != "follow"
        if not reason:
            raise BadValue("reason", "请写明插播的原因")

        def act(uow: UnitOfWork) -> int:
            began = self._gate.now()
            name = channel_of(uow, number, who).xmltv_id
            row = ledger.insert(uow, began, who, name, film, resume=resume, reason=reason)
            ledger.in_time(began, self._gate.now())
            return row.start_ms

        start = await self._gate.run(act, "insert")
        return self._done(desk, number, f"{self._in(start)} 秒后开始插播")

    async def _end(self, desk: Desk) -> Response:
        number, who = desk.form.get("channel", ""), desk.staff.login

        def act(uow: UnitOfWork) -> int:
            began = self._gate.now()
            row = ledger.end_insert(uow, began, who, channel_of(uow, number, who).xmltv_id)
            ledger.in_time(began, self._gate.now())
            return row.start_ms

        start = await self._gate.run(act, "end of an insert")
        return self._done(desk, number, f"插播在 {self._in(start)} 秒后结束")

    def _done(self, desk: Desk, number: str, words: str) -> Response:
        return told(self._gate.pages, desk, f"/admin/plan/air?channel={int(number)}", words)

    def _in(self, at_ms: int) -> int:
        return max(0, round((_at(at_ms) - self._gate.now()).total_seconds()))


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
