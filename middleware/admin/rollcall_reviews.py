"""Numbers that wait for the cadre: call back, count for a member, or turn down."""

from collections.abc import Sequence
from typing import Any

from middleware.admin import roles
from middleware.admin.gate import Desk, Gate, page_id, told, whole
from middleware.admin.rollcall_live import RollcallLive
from middleware.domain.attendance import RollLine
from middleware.domain.errors import DomainError
from middleware.services import rollcall_cadre
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_board import Board, Review, board
from middleware.web.values import Response, json_

SHOWN = 40
"""Members listed at once; a longer answer asks for more of the name."""


class RollcallReviews:
    """The review of one number, and what is decided on it."""

    def __init__(self, gate: Gate, live: RollcallLive) -> None:
        self._gate = gate
        self._live = live
        gate.get("/admin/rollcalls/reviews/", self._ask, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/reviews/search", self._search, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/reviews/reveal", self._reveal, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/reviews/accept", self._accept, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/reviews/reject", self._reject, *roles.ROLLCALL)

    async def _ask(self, desk: Desk) -> Response:
        return await self._page(desk, page_id(desk.rest), page_id(desk.request.query.get("signin", "")))

    async def _search(self, desk: Desk) -> Response:
        name = desk.form.get("name", "")[:40].strip()
        return await self._page(desk, desk.number("rollcall"), desk.number("signin"), name=name)

    async def _page(self, desk: Desk, rollcall: int, signin: int, **facts: Any) -> Response:
        seen = await self._gate.run(lambda uow: board(uow, desk.staff, rollcall), "board", write=False)
        found = next((one for one in seen.reviews if one.signin.id == signin), None)
        if found is None:
            return self._gate.pages.go(f"/admin/rollcalls/{rollcall}", "这条已经处理过了")
        filled = {"number": "", "name": "", "message": "", **facts}
        people = candidates(seen, found, filled["name"])
        rest = {"rollcall": seen.rollcall, "one": found, "people": people[:SHOWN], "more": len(people) > SHOWN}
        status = 422 if filled["message"] else 200
        return self._gate.pages.show(desk.viewer, "review.html", status, branches=seen.branches, **rest, **filled)

    async def _reveal(self, desk: Desk) -> Response:
        now, signin = self._gate.now(), desk.number("signin")
        number = await self._gate.run(
            lambda uow: rollcall_cadre.reveal_number(uow, now, desk.staff, signin), "reveal number"
        )
        if desk.wants_json:
            return json_({"number": number})
        return await self._page(desk, desk.number("rollcall"), signin, number=number)

    async def _accept(self, desk: Desk) -> Response:
        now, number, signin = self._gate.now(), desk.number("rollcall"), desk.number("signin")
        member = whole(desk.form["member"]) if desk.form.get("member") else None

        def act(uow: UnitOfWork) -> str:
            counted = rollcall_cadre.accept_review(uow, now, desk.staff, signin, member)
            person = uow.registry.member(counted.member or 0)
            return person.name if person else ""

        try:
            name = await self._gate.run(act, "accept review")
        except DomainError as error:
            if error.code not in {"already", "member"}:
                raise
            return await self._page(desk, number, signin, message=error.message_zh)
        self._live.stir(number)
        return told(self._gate.pages, desk, f"/admin/rollcalls/{number}", f"已计入：{name}")

    async def _reject(self, desk: Desk) -> Response:
        now, number, signin = self._gate.now(), desk.number("rollcall"), desk.number("signin")
        reason = desk.form.get("reason", "")[:500]
        await self._gate.run(
            lambda uow: rollcall_cadre.reject_review(uow, now, desk.staff, signin, reason), "reject review"
        )
        self._live.stir(number)
        return told(self._gate.pages, desk, f"/admin/rollcalls/{number}", "已驳回，这条不计入")


def candidates(seen: Board, found: Review, name: str) -> Sequence[RollLine]:
    """Whom a number may be counted for: the member it names, else the missing ones of that name or household."""
    if found.signin.member is not None and not name:
        return [line for line in seen.lines if line.expected.member == found.signin.member]
    if not name:
        home = found.signin.household
        return [line for line in seen.lines if home and line.expected.household == home and _missing(line)]
    return [line for line in seen.lines if name in line.name and _missing(line)]


def _missing(line: RollLine) -> bool:
    return line.signin is None or line.signin.state != "accepted"
