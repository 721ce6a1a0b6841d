"""A day of the schedule as televisions would show it, drafts too: the guide's page, and what it does not tell whole."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from epg.times import SHANGHAI
from middleware.admin import roles
from middleware.admin.gate import Desk, Gate
from middleware.admin.pages import framing
from middleware.admin.plan_read import channel_of, clock_of, date_of, seconds_of
from middleware.domain.channels import Channel
from middleware.domain.errors import NotFound
from middleware.services import plan, plan_tv
from middleware.services.plan_tv import Shortened
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

WINDOW: Final = timedelta(hours=2)
"""What one page of the guide shows."""
EVENING_S: Final = 18 * 3600
"""Where another day than today is looked at first, in seconds after midnight."""
_DAY_S: Final = 86_400
_POLICY: Final = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
"""The page of a television has its places in style attributes; none of its scripts runs here."""


class Television(Protocol):
    """Who draws the pages of televisions."""

    def picture(
        self, uow: UnitOfWork, now: datetime, channel: Channel, start: datetime, *, large: bool = False
    ) -> bytes: ...  # pragma: no cover

    def shortened(
        self, uow: UnitOfWork, now: datetime, channel: Channel, start: datetime, stop: datetime, *, large: bool = False
    ) -> Sequence[Shortened]: ...  # pragma: no cover


class PlanTv:
    """/admin/plan/tv, and /admin/plan/tv/page inside it."""

    def __init__(self, gate: Gate, television: Television | None) -> None:
        self._gate = gate
        self._television = television
        gate.get("/admin/plan/tv", self._show, *roles.PLAN)
        gate.get("/admin/plan/tv/page", self._page, *roles.PLAN)

    async def _show(self, desk: Desk) -> Response:
        query, now, day = desk.request.query, self._gate.now(), self._day(desk)
        television, large = self._drawn(), query.get("mode") == "large"

        def read(uow: UnitOfWork) -> dict[str, Any]:
            channel = channel_of(uow, query.get("channel", ""), desk.staff.login)
            begin, end = plan_tv.span(uow, channel, day)
            at = _window(begin, query.get("at", ""), now)
            cut = television.shortened(uow, now, channel, begin, end, large=large)
            marked = [(one, _clock(_window(begin, _clock(one.start), now))) for one in cut]
            windows = [_clock(begin + WINDOW * turn) for turn in range(12)]
            newest = plan.states(uow, channel.xmltv_id, day, day).get(day)
            return {"channel": channel, "at": _clock(at), "windows": windows, "cut": marked, "newest": newest}

        facts = await self._gate.run(read, "plan on television", write=False)
        around: dict[str, Any] = {"before": day - timedelta(days=1), "after": day + timedelta(days=1), "day": day}
        return framing(self._gate.pages.show(desk.viewer, "plan_tv.html", large=large, **around, **facts))

    async def _page(self, desk: Desk) -> Response:
        query, now, day = desk.request.query, self._gate.now(), self._day(desk)
        television, large = self._drawn(), query.get("mode") == "large"

        def read(uow: UnitOfWork) -> bytes:
            channel = channel_of(uow, query.get("channel", ""), desk.staff.login)
            begin, _ = plan_tv.span(uow, channel, day)
            return television.picture(uow, now, channel, _window(begin, query.get("at", ""), now), large=large)

        body = await self._gate.run(read, "guide of a draft", write=False)
        return Response(200, body, headers=(("Content-Security-Policy", _POLICY),))

    def _day(self, desk: Desk) -> date:
        asked = desk.request.query.get("day", "")
        return date_of(asked) if asked else self._gate.now().astimezone(SHANGHAI).date()

    def _drawn(self) -> Television:
        if self._television is None:
            raise NotFound("这里没有电视画面", "no_television")
        return self._television


def _window(begin: datetime, asked: str, now: datetime) -> datetime:
    """The begin of the two hours that a time of the broadcast day lies in; without one now, or the evening."""
    first = begin.astimezone(SHANGHAI)
    midnight_s = first.hour * 3600 + first.minute * 60 + first.second
    if asked:
        passed = (seconds_of(asked) - midnight_s) % _DAY_S
    elif begin <= now < begin + timedelta(seconds=_DAY_S):
        passed = int((now - begin).total_seconds())
    else:
        passed = (EVENING_S - midnight_s) % _DAY_S
    return begin + WINDOW * (passed // int(WINDOW.total_seconds()))


def _clock(at: datetime) -> str:
    there = at.astimezone(SHANGHAI)
    return clock_of(there.hour * 3600 + there.minute * 60)
