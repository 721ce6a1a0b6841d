"""POST /p/<form>: what viewers send. The answer is always a redirect to a page, and nothing of it tells a number.

A press may arrive twice, late or forged: the services decide by the box's own entry and by the key of the page, so
that a repeated form gives the same page and changes nothing.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from middleware.domain.entries import good_draft
from middleware.domain.errors import BadValue, DomainError, NotFound, StorageError
from middleware.domain.registry import PHONE_DIGITS
from middleware.domain.rollcall import BadNumber, Unknown, good_key
from middleware.portal import facts, pages
from middleware.portal.facts import Asker, viewer
from middleware.portal.facts_guide import read_start
from middleware.portal.limits import Buckets
from middleware.portal.moments import Moments
from middleware.portal.notes import Notes
from middleware.portal.notices import Notices
from middleware.portal.ports import Storage
from middleware.portal.remembering import drop, forget, remind, toggle
from middleware.portal.seats import Seat, Seats
from middleware.services import devices
from middleware.services import rollcall_entry as entry
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_entry import Found, LookUp
from middleware.services.rollcall_signin import SignIn, request_review, sign_in_batch
from middleware.web.values import Request, Response, redirect
from portal_pages.admission import CODE
from portal_pages.boards import guide_cells
from portal_pages.boards.guide import BELL, MARKED
from portal_pages.boards.programme import FORGET, REMIND
from portal_pages.boards.reminders import DROP
from portal_pages.boards.reminders import FORM as REMINDERS

Fields = Mapping[str, str]
UNKEPT: Final = frozenset({"not_yours", "no_rollcall"})
"""Outcomes that nothing is stored of; the result page is told of them in its address."""
_PAGE_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+){0,4}")
GUESSES: Final = 1 / 20
"""Unknown numbers a second from boxes of no household at one address: five per box are no bound to a sender who makes
up boxes as he goes."""
MAX_FORM: Final = 2048
"""Bytes of a form: two dozen digits and a page id are far below."""


class Forms:
    """Takes forms of boxes; `writing` takes the small writings of many together, `public` is the host of a proxy."""

    def __init__(
        self,
        storage: Storage,
        seats: Seats,
        moments: Moments,
        notices: Notices,
        writing: Any,
        notes: Notes,
        reminded: Callable[[int], None],
        *,
        home: str,
        public: str = "",
    ) -> None:
        self._storage = storage
        self._seats = seats
        self._moments = moments
        self._notices = notices
        self._home = home
        self._public = public
        self._writing = writing
        self._reminded = reminded
        self._notes = notes
        self._signing = storage.batch(sign_in_batch, "sign in")
        self._presses = Buckets(moments.seconds, rate=2, burst=30)
        self._strangers = Buckets(moments.seconds, rate=GUESSES, burst=40)
        self._forms: dict[str, Callable[[Seat, int, Fields], Awaitable[Response]]] = {
            "pick": self._pick,
            "last": self._last,
            "sign": self._sign,
            "review": self._review,
            "draft": self._draft,
        }

    async def post(self, request: Request) -> Response:
        """Do what the form says, for the box of the cookie."""
        if not same_origin(request, self._public):
            return self._notices.plain("unknown", 403)
        try:
            seat = await self._seats.of(request)
        except StorageError:
            return self._notices.plain("busy", 503)
        if seat is None or not seat.usable:
            return self._notices.plain("unknown", 403)
        if seat.state == "guest":
            return redirect(f"/p/{CODE}")
        if not self._presses.take(seat.device):
            return redirect("/p/error-busy")
        try:
            return await self._take(request, seat)
        except DomainError as error:
            return self._refused(request, error)

    async def _take(self, request: Request, seat: Seat) -> Response:
        fields = request.form()
        if request.rest == "heard":
            event = pages.number(fields.get("choice", ""))
            return redirect("/p/home") if event and await self._notes.heard(seat, event) else redirect("/p/error-404")
        if request.rest == "mode":
            return await self._mode(request, seat, fields)
        first, _, rest = request.rest.partition("-")
        if first == "programme":
            return await self._remind(seat, rest, fields)
        if first == "guide":
            return await self._bell(seat, rest, fields)
        if request.rest == REMINDERS:
            return await self._drop(seat, fields)
        rollcall, _, verb = rest.partition("-")
        found = pages.number(rollcall)
        act = self._forms.get(verb) if first == "rc" else None
        if found is not None and first == "rc" and verb == "look":
            return await self._look(seat, found, fields, request.client)
        if found is None or act is None:
            return redirect("/p/error-404")
        return await act(seat, found, fields)

    def _refused(self, request: Request, error: DomainError) -> Response:
        """A refusal as a page: busy with the same key to press again, else what it is about."""
        verb = request.rest.rpartition("-")[2]
        rollcall = request.rest.removesuffix(f"-{verb}")
        if verb == "draft":
            return Response(503 if isinstance(error, StorageError) else 400)
        if not rollcall.startswith("rc-") or isinstance(error, NotFound):
            return redirect("/p/error-busy" if isinstance(error, StorageError) else "/p/error-404")
        if not isinstance(error, StorageError):
            return redirect(f"/p/{rollcall}-result")
        again = verb if verb in {"sign", "review"} else "number"
        key = _key(request.form())
        return redirect(f"/p/{rollcall}-result?o=busy&again={again}" + (f"&s={key}" if key else ""))

    # --- roll-call ---

    async def _pick(self, seat: Seat, rollcall: int, fields: Fields) -> Response:
        member = pages.number(fields.get("choice", ""), 12)
        if member is None:
            return _result(rollcall, "o=not_yours")
        now = self._moments.now()
        found = await self._writing.submit(lambda uow: entry.choose(uow, now, seat.asking, rollcall, member))
        return _held(rollcall, found)

    async def _last(self, seat: Seat, rollcall: int, _fields: Fields) -> Response:
        now = self._moments.now()
        found = await self._writing.submit(lambda uow: entry.use_last(uow, now, seat.asking, rollcall))
        return _held(rollcall, found)

    async def _look(self, seat: Seat, rollcall: int, fields: Fields, client: str) -> Response:
        now, typed = self._moments.now(), fields.get("number", "")[: 4 * PHONE_DIGITS]
        blind = seat.household is None and not self._strangers.left(client)

        def look(uow: UnitOfWork) -> LookUp:
            found = entry.look_up(uow, now, seat.asking, rollcall, typed, blind=blind)
            if isinstance(found, BadNumber):  # what was typed stays on the page, with its fault
                entry.save_draft(uow, now, seat.asking, rollcall, _digits(typed))
            return found

        found = await self._writing.submit(look)
        if seat.household is None and isinstance(found, Unknown):
            self._strangers.take(client)
        if isinstance(found, BadNumber):
            return redirect(f"/p/rc-{rollcall}-number")
        return _held(rollcall, found)

    async def _sign(self, seat: Seat, rollcall: int, fields: Fields) -> Response:
        key = _key(fields)
        if not key:
            return redirect(f"/p/rc-{rollcall}")
        outcome = await self._signing.submit(SignIn(rollcall, seat.asking, key, self._moments.now()))
        return _result(rollcall, f"s={key}" + (f"&o={outcome.code}" if outcome.code in UNKEPT else ""))

    async def _review(self, seat: Seat, rollcall: int, fields: Fields) -> Response:
        key, now = _key(fields), self._moments.now()
        if not key:
            return redirect(f"/p/rc-{rollcall}")
        outcome = await self._storage.run(
            lambda uow: request_review(uow, now, seat.asking, rollcall, key), "request review"
        )
        return redirect(f"/p/rc-{rollcall}-number") if isinstance(outcome, BadNumber) else _result(rollcall, f"s={key}")

    async def _draft(self, seat: Seat, rollcall: int, fields: Fields) -> Response:
        now, typed = self._moments.now(), good_draft(fields.get("number", ""))
        await self._writing.submit(lambda uow: entry.save_draft(uow, now, seat.asking, rollcall, typed))
        return Response(204)

    # --- reminders ---

    async def _remind(self, seat: Seat, rest: str, fields: Fields) -> Response:
        """`12-remind` or `12-forget`; back to the page of the programme in the form it had."""
        name, _, verb = rest.partition("-")
        airing, back = pages.number(name), fields.get("choice", "")
        if airing is None or verb not in {REMIND, FORGET}:
            return redirect("/p/error-404")
        if not (_PAGE_ID.fullmatch(back) and f"{back}-".startswith(f"programme-{airing}-")):
            back = f"programme-{airing}"
        now, entitled = self._moments.now(), seat.entitled
        work = partial(
            remind if verb == REMIND else forget, now=now, device=seat.device, entitled=entitled, airing=airing
        )
        try:
            await self._writing.submit(work)
        except BadValue as error:
            return redirect(f"/p/{back}" + ("?o=full" if error.code == "too_many" else ""))
        self._reminded(seat.device)
        return redirect(f"/p/{back}?f=remind")

    async def _bell(self, seat: Seat, rest: str, fields: Fields) -> Response:
        """`20251122-1900-1-bell`: the cell in focus; back to that window of the guide with the focus on it."""
        window, _, verb = rest.rpartition("-")
        day, _, later = window.partition("-")
        clock, _, at = later.partition("-")
        start, cell = read_start(day, clock), fields.get("choice", "")
        if start is None or pages.number(at, 3) is None or verb != BELL:
            return redirect("/p/error-404")
        now, entitled = self._moments.now(), seat.entitled
        work = partial(
            toggle, now=now, device=seat.device, entitled=entitled, at=start, cell=cell, marked=fields.get(MARKED, "")
        )
        back = f"/p/guide-{window}?f={cell if guide_cells.named(cell) else BELL}"
        try:
            await self._writing.submit(work)
        except BadValue as error:
            return redirect(f"{back}&o={'full' if error.code == 'too_many' else 'past'}")
        self._reminded(seat.device)
        return redirect(f"{back}&o=set")

    async def _drop(self, seat: Seat, fields: Fields) -> Response:
        """The reminder of a row, or of the button beside it."""
        name = fields.get("choice", "").removeprefix(DROP)
        await self._writing.submit(partial(drop, now=self._moments.now(), device=seat.device, name=name))
        self._reminded(seat.device)
        return redirect("/p/reminders")

    # --- type size ---

    async def _mode(self, request: Request, seat: Seat, fields: Fields) -> Response:
        chosen = fields.get("choice", "")
        if chosen not in {"standard", "large"}:
            raise BadValue("mode", "只有标准字和特大字")
        back, block = fields.get("back", ""), fields.get("block", "")
        device = await self._storage.run(
            lambda uow: devices.set_mode(uow, seat.device, "large" if chosen == "large" else "standard"), "mode"
        )
        self._seats.forget(device.id)
        after = await self._seats.of(request)
        return redirect(f"/p/{await self._same_place(after or seat, back, block)}")

    async def _same_place(self, seat: Seat, back: str, block: str) -> str:
        """The page with the same paragraph in the new type size; home when the page asked for is none of ours."""
        if not _PAGE_ID.fullmatch(back):
            return "home"
        kind, _, rest = back.partition("-")
        article = pages.number(rest.partition("-")[0])
        if kind not in {"article", "profile"} or article is None or not (block.isdigit() and len(block) <= 4):
            return back
        shown = viewer(seat, self._moments.now(), self._home, "")
        sheet = await self._storage.run(
            lambda uow: facts.sheet_with(uow, Asker(seat, shown), article, int(block)), "same paragraph", write=False
        )
        return f"{kind}-{article}-{sheet}?f=size"  # the same key turns it back


def same_origin(request: Request, public: str = "") -> bool:
    """Whether a form comes from a page of ours, as far as the browser tells: Origin, else Referer, else unknown."""
    told = request.headers.get("origin") or request.headers.get("referer")
    if told is None:
        return True
    try:
        origin = urlsplit(told).netloc
    except ValueError:
        return False
    return origin.lower() in {request.headers.get("host", "").lower(), public.lower()} - {""}


def _held(rollcall: int, found: LookUp) -> Response:
    """Where to after somebody was picked or a number looked up."""
    if isinstance(found, Found):
        return redirect(f"/p/rc-{rollcall}-confirm")
    return _result(rollcall, f"o={found.code}" if found.code in UNKEPT else "")


def _result(rollcall: int, query: str) -> Response:
    return redirect(f"/p/rc-{rollcall}-result" + (f"?{query}" if query else ""))


def _key(fields: Fields) -> str:
    """The form's key if it may be stored and stand in an address; empty otherwise."""
    key = fields.get("seq", "")
    return key if good_key(key) and key.isalnum() else ""


def _digits(typed: str) -> str:
    return "".join(char for char in typed if char.isascii() and char.isdigit())[:PHONE_DIGITS]
