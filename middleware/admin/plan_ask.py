"""What the week grid asks while an editor is at it: findings of a drag before the drop, films for an item."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from epg.planning import DAY
from middleware.admin import plan_json, roles
from middleware.admin.gate import Desk, Gate
from middleware.admin.plan_read import channel_of, date_of, whole_in
from middleware.domain.errors import BadValue
from middleware.services import plan_films, plan_preview
from middleware.services.plan import MOST_ITEMS
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response, json_

MOST_ASKED: Final = 1024 * 1024
"""The times of all items of a day."""
_FITS: Final[Mapping[str, plan_films.Fit]] = {"": "", "fits": "fits", "same": "same"}


class PlanAsk:
    """/admin/plan/preview and /admin/plan/films; neither stores anything."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.post("/admin/plan/preview", self._preview, *roles.PLAN, max_body=MOST_ASKED)
        gate.get("/admin/plan/films", self._films, *roles.PLAN)

    async def _preview(self, desk: Desk) -> Response:
        form = desk.form
        days = tuple(dict.fromkeys(date_of(one) for one in form.get("days", "").split(",")[:3]))
        moves = moves_of(form.get("moves", ""))
        film = whole_in(form.get("film") or 0, 0, 10**9, "片子")

        def read(uow: UnitOfWork) -> Mapping[date, Any]:
            return plan_preview.preview(
                uow, channel_of(uow, form.get("channel", ""), desk.staff.login).xmltv_id, days, moves, film
            )

        found = await self._gate.run(read, "preview plan", write=False)
        return json_(
            {"days": {day.isoformat(): [plan_json.finding(one) for one in rows] for day, rows in found.items()}}
        )

    async def _films(self, desk: Desk) -> Response:
        query, now = desk.request.query, self._gate.now()
        slot = whole_in(query.get("slot") or 0, 0, 86_400, "时长")
        fit, coming = _FITS.get(query.get("fit", ""), ""), query.get("all") == "1"
        wanted = plan_films.Wanted(query.get("q", "")[:40], slot, fit, coming)

        def read(uow: UnitOfWork) -> plan_films.Choices:
            return plan_films.choices(
                uow, now, channel_of(uow, query.get("channel", ""), desk.staff.login).xmltv_id, wanted
            )

        found = await self._gate.run(read, "films to plan", write=False)
        return json_({"films": [choice_shown(one) for one in found.films], "found": found.found})


def choice_shown(choice: plan_films.Choice) -> dict[str, Any]:
    """A film for the script, instants as epoch seconds."""
    return {
        "id": choice.film.id,
        "title": choice.film.title,
        "seconds": choice.film.duration_ms // 1000,
        "lacks": choice.lacks,
        "last": int(choice.last.timestamp()) if choice.last else None,
        "next": int(choice.next.timestamp()) if choice.next else None,
    }


def moves_of(text: str) -> Mapping[str, plan_preview.Span]:
    """Times by uid of rows [uid, start, stop] in epoch seconds. Raises BadValue(plan_item)."""
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise BadValue("plan_item", "节目数据读不懂") from error
    if not isinstance(rows, list) or len(rows) > MOST_ITEMS:
        raise BadValue("plan_item", f"一天最多 {MOST_ITEMS} 个节目")
    return dict(map(_move, rows))


def _move(row: object) -> tuple[str, plan_preview.Span]:
    if not isinstance(row, list) or len(row) != 3 or not isinstance(row[0], str):
        raise BadValue("plan_item", "节目数据读不懂")
    start, stop = plan_json.instant(row[1]), plan_json.instant(row[2])
    if not start < stop <= start + DAY:
        raise BadValue("plan_item", "节目要在开始以后 24 小时内结束")
    return row[0], (start, stop)
