"""What the script of a page sends without a key: polls, what became of an invitation, how far a film was watched."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, cast

import attrs
from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.domain.errors import DomainError, NotFound, StorageError
from middleware.domain.invitations import Report
from middleware.portal import pages
from middleware.portal.forms import same_origin
from middleware.portal.held import Held
from middleware.portal.kept import KeptPages
from middleware.portal.notes import Notes
from middleware.portal.ports import Storage
from middleware.portal.push import Push
from middleware.portal.reminding import Reminding, is_reminder
from middleware.portal.seats import Seat, Seats
from middleware.portal.viewing import SEEN_COOKIE
from middleware.services import assets
from middleware.services.ports import UnitOfWork
from middleware.web.values import JSON, Parked, Request, Response, Result, set_cookie

_PAGE: Final = re.compile(r"[a-z0-9\-]{1,64}")
_REPORTS: Final = frozenset({"seen", "accepted", "dismissed"})
_DONE: Final = Response(204)
_STRANGER: Final = Response(401, b"{}", JSON)
_LATER: Final = Response(503, b"{}", JSON, (("Retry-After", "5"),))
_DAY_S: Final = 86_400


@frozen
class Progress:
    """Where a household is in a film, in seconds."""

    household: int
    asset: int
    seconds: float
    at: datetime


def progress_batch(uow: UnitOfWork, commands: Sequence[Progress]) -> list[bool]:
    """Keep many places in one transaction; False for a film that is gone."""
    return [_keep(uow, one) for one in commands]


def _keep(uow: UnitOfWork, one: Progress) -> bool:
    try:
        assets.note_progress(uow, one.at, one.household, one.asset, one.seconds)
    except NotFound:
        return False
    return True


class Boxes:
    """Answers the requests that no viewer sees."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        seats: Seats,
        push: Push,
        kept: KeptPages,
        notes: Notes,
        reminding: Reminding,
        seen: Callable[[int, str], None],
        now: Callable[[], datetime],
        *,
        public: str = "",
    ) -> None:
        self._seats = seats
        self._push = push
        self._kept = kept
        self._notes = notes
        self._reminding = reminding
        self._seen = seen
        self._now = now
        self._public = public
        self._progress = storage.batch(progress_batch, "film progress")

    def poll(self, request: Request) -> Result | Awaitable[Result]:
        """Is there anything new behind `since`, for the page `p` that shows the message `m`?"""
        seat = self._seats.at_hand(request)
        return self._polled(request, seat) if seat is not None else self._poll_later(request)

    async def _poll_later(self, request: Request) -> Result:
        try:
            seat = await self._seats.of(request)
        except StorageError:
            return _LATER
        if seat is None:
            return _STRANGER
        told = self._polled(request, seat)
        return await told if isinstance(told, Awaitable) else told

    def _polled(self, request: Request, seat: Seat) -> Response | Parked | Awaitable[Response | Parked]:
        if seat.state == "elsewhere":
            return _STRANGER
        if seat.device:
            self._seen(seat.device, request.client)
        if not seat.usable:  # it waits to be let in again, and hears of nothing else
            seat = attrs.evolve(seat, household=None)
        page = request.query.get("p", "")
        since = pages.number(request.query.get("since", ""), 15) or 0
        shown = pages.number(request.query.get("m", ""), 15) or 0
        page = page if _PAGE.fullmatch(page) else ""
        if self._notes.waiting(seat):
            return self._with_note(seat, since, page, shown)
        return self._reminded(seat, since, page, shown)

    def _reminded(self, seat: Seat, since: int, page: str, shown: int) -> Response | Parked:
        body = self._reminding.answer(seat, since, shown)
        return Response(200, body, JSON) if body is not None else self._push.poll(seat, since, page, shown)

    async def _with_note(self, seat: Seat, since: int, page: str, shown: int) -> Response | Parked:
        try:
            body = await self._notes.answer(seat, since, shown)
        except DomainError:
            return _LATER
        if body is not None:
            return Response(200, body, JSON)
        if self._notes.waiting(seat):  # the page shows a message: what else there is comes after it
            return self._push.poll(seat, since, page, shown)
        return self._reminded(seat, since, page, shown)

    async def heard(self, request: Request) -> Response:
        """The viewer has read a message of the operator, or a reminder, and pressed OK."""
        event = pages.number(request.form().get("event", ""), 15)
        if event is None or not same_origin(request, self._public):
            return Response(400)
        try:
            seat = await self._seats.of(request)
            if seat is None or not seat.device:
                return _STRANGER
            await (self._reminding.answered if is_reminder(event) else self._notes.heard)(seat, event)
        except DomainError:
            return _LATER
        self.deliver(seat)
        return _DONE

    def deliver(self, seat: Seat) -> None:
        """Something waits for a box: the poll of its that was held last brings it."""
        held = self._push.held(seat)[-1:]
        if held and self._notes.waiting(seat):
            telling = Deferred.fromCoroutine(self._deliver(seat, held[0]))
            telling.addErrback(lambda failure: self._log.failure("an event could not be told to a box", failure))
        elif held:
            self._remind(seat, held[0])

    async def _deliver(self, seat: Seat, held: Held) -> None:
        body = await self._notes.answer(seat, held.since, held.shown)
        if body is not None:
            self._push.answer(held, body)
        elif not self._notes.waiting(seat):
            self._remind(seat, held)

    def _remind(self, seat: Seat, held: Held) -> None:
        body = self._reminding.answer(seat, held.since, held.shown)
        if body is not None:
            self._push.answer(held, body)

    async def invite(self, request: Request) -> Response:
        """What the viewer did with an invitation; durable before it is acknowledged."""
        fields = request.form()
        event, state = pages.number(fields.get("event", ""), 15), fields.get("state", "")
        if event is None or state not in _REPORTS or not same_origin(request, self._public):
            return Response(400)
        try:
            seat = await self._seats.of(request)
            if seat is None or not seat.usable:
                return _STRANGER
            await self._push.confirm(seat, event, cast("Report", state))
        except StorageError:
            return _LATER
        if seat.household is not None and state != "seen":
            self._kept.stale_for(seat.household)
        return Response(204, headers=(set_cookie(SEEN_COOKIE, str(event), max_age=_DAY_S),))

    async def seen(self, request: Request) -> Response:
        """How far a film has run on this box."""
        fields = request.form()
        asset, at = pages.number(fields.get("asset", "")), fields.get("at", "")
        if asset is None or not re.fullmatch(r"[0-9]{1,6}", at) or not same_origin(request, self._public):
            return Response(400)
        try:
            seat = await self._seats.of(request)
            if seat is None or not seat.usable:
                return _STRANGER
            if seat.household is None:
                return _DONE
            kept: Deferred[bool] = self._progress.submit(Progress(seat.household, asset, float(at), self._now()))
            await kept
        except DomainError:
            return _LATER
        self._kept.stale_for(seat.household)
        return _DONE


def ping(_request: Request) -> Response:
    """We are here: asked before a jump by browsers that would show a fault page of their own."""
    return _DONE
