"""Roll-calls in the back office: the list, and opening or planning one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from attrs import frozen

from middleware.admin import roles, words
from middleware.admin.gate import Desk, Gate, page_id, whole
from middleware.domain.errors import BadValue, DomainError, StorageError
from middleware.domain.places import TOWN_ZONE
from middleware.domain.registry import Staff
from middleware.domain.rollcall import TITLE_LIMIT, Rollcall, Scope
from middleware.services import rollcall
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_board import overviews
from middleware.services.rollcall_reach import reach
from middleware.web.values import Response


@frozen
class Choice:
    """A place somebody may call: value of the form, name, people expected."""

    value: str
    name: str
    people: int


@frozen
class Choices:
    """The places within reach by scope."""

    town: tuple[Choice, ...] = ()
    villages: tuple[Choice, ...] = ()
    branches: tuple[Choice, ...] = ()

    def first(self) -> str:
        """What is chosen at first: one's own branch or village, else the town."""
        return next((one.value for one in (*self.town, *self.villages, *self.branches)), "")


class RollcallPages:
    """The list and the opening of roll-calls; `minutes` and `late_minutes` are what the form proposes."""

    def __init__(self, gate: Gate, minutes: int, late_minutes: int) -> None:
        self._gate = gate
        self._proposed = {"minutes": str(minutes), "late": str(late_minutes), "when": "now", "title": "", "opens": ""}
        gate.get("/admin/rollcalls", self._list, *roles.ROLLCALL)
        gate.get("/admin/rollcalls/new", self._ask, *roles.ROLLCALL)
        gate.post("/admin/rollcalls/new", self._open, *roles.ROLLCALL)

    async def _list(self, desk: Desk) -> Response:
        seen = await self._gate.run(lambda uow: overviews(uow, desk.staff), "rollcalls", write=False)
        groups = {state: [one for one in seen if one.rollcall.state == state] for state in words.STATES}
        groups["scheduled"].reverse()
        return self._gate.pages.show(desk.viewer, "rollcalls.html", groups=groups)

    async def _ask(self, desk: Desk) -> Response:
        return await self._form(desk, self._proposed, "")

    async def _open(self, desk: Desk) -> Response:
        now = self._gate.now()
        try:
            opening = read_opening(desk.form)
            begin = rollcall.schedule if opening.opens else rollcall.open_rollcall
            made = await self._gate.run(lambda uow: begin(uow, now, desk.staff, opening), "open rollcall")
        except StorageError:
            raise
        except DomainError as error:
            return await self._form(desk, {**self._proposed, **desk.form}, error.message_zh)
        return self._gate.pages.go(f"/admin/rollcalls/{made.id}", _told(made))

    async def _form(self, desk: Desk, typed: Mapping[str, str], message: str) -> Response:
        found = await self._gate.run(lambda uow: choices(uow, desk.staff), "places", write=False)
        facts = {"choices": found, "typed": {"place": found.first(), **typed}, "message": message, "limit": TITLE_LIMIT}
        return self._gate.pages.show(desk.viewer, "rollcall_new.html", 422 if message else 200, **facts)


def _told(made: Rollcall) -> str:
    return "点名已经开始，电视上正在邀请" if made.state == "open" else f"已安排好，{words.clock(made.opens)} 自动开始"


def read_opening(form: Mapping[str, str]) -> rollcall.Opening:
    """Read the form. Raises BadValue."""
    scope, place = read_place(form.get("place", ""))
    return rollcall.Opening(
        title=form.get("title", "")[:200],
        scope=scope,
        place_id=place,
        minutes=_minutes(form.get("minutes", ""), "点名时间"),
        late_minutes=_minutes(form.get("late", ""), "迟到时间"),
        opens=read_instant(form.get("opens", "")) if form.get("when") == "later" else None,
    )


def read_place(text: str) -> tuple[Scope, int | None]:
    """Read town, village-12 or branch-12. Raises BadValue(place)."""
    scope, _, number = text.partition("-")
    if text == "town":
        return "town", None
    if scope not in {"village", "branch"}:
        raise BadValue("place", "请选择在哪里点名")
    return cast("Scope", scope), page_id(number)


def read_instant(text: str) -> datetime:
    """Read what a datetime-local field holds, in the town's time. Raises BadValue(opens)."""
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=TOWN_ZONE)
    except ValueError:
        raise BadValue("opens", "请填开始的日期和时间") from None


def _minutes(text: str, what: str) -> int:
    if text.strip() == "0":
        return 0
    try:
        return whole(text.strip())
    except BadValue:
        raise BadValue("minutes", f"{what}要填分钟数") from None


def choices(uow: UnitOfWork, by: Staff) -> Choices:
    """The places somebody may call, with the number of members expected."""
    mine = reach(uow, by)
    people = _heads([member.branch_id for member in uow.registry.members()])
    branches = [one for one in uow.places.branches() if mine.sees(one.id)]
    villages = [one for one in uow.places.villages() if mine.villages is None or one.id in mine.villages]
    in_village = {v.id: sum(people.get(b.id, 0) for b in branches if b.village_id == v.id) for v in villages}
    town = (Choice("town", "全镇", sum(people.values())),) if mine.branches is None else ()
    return Choices(
        town,
        tuple(Choice(f"village-{one.id}", one.name, in_village[one.id]) for one in villages),
        tuple(Choice(f"branch-{one.id}", one.name, people.get(one.id, 0)) for one in branches),
    )


def _heads(branches: Sequence[int]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for branch in branches:
        counts[branch] = counts.get(branch, 0) + 1
    return counts
