"""GET /p/<id>: a kept page with its holes filled, or one read, drawn and rendered in a database thread."""

import re
import secrets
from collections.abc import Awaitable, Callable, Hashable, Mapping
from functools import lru_cache, partial
from typing import Any, Final, Literal

import attrs
from twisted.logger import Logger

from middleware.domain.errors import DomainError, StorageError
from middleware.portal import facts_guide, pages
from middleware.portal.facts import Asker, viewer
from middleware.portal.finding import Finder
from middleware.portal.kept import Drawn, KeptPages
from middleware.portal.limits import Buckets
from middleware.portal.marking import Marked, Marks
from middleware.portal.moments import Moment, Moments, countdown
from middleware.portal.notes import Notes
from middleware.portal.notices import Notices
from middleware.portal.pages import Query, Wanted
from middleware.portal.ports import Storage
from middleware.portal.profiles import REFRESH_S
from middleware.portal.push import Push
from middleware.portal.recordings import Recordings
from middleware.portal.render import RenderedPage, render
from middleware.portal.seats import Seat, Seats, with_board
from middleware.services import households, rollcall_entry
from middleware.web.urlencoded import NOTHING
from middleware.web.values import Request, Response, redirect
from portal_pages.admission import CODE
from portal_pages.facts import BarredKind
from portal_pages.message import LAYER
from portal_pages.script import Box
from portal_pages.states import Page

_FOCUS: Final = re.compile(r"[A-Za-z0-9_\-]{1,40}")
SEEN_COOKIE: Final = "seen"
"""The last event that a box has confirmed: it outlives a restart of the server."""
TEACH: Final = "teach"
_NOTE: Final = re.compile(rf"{LAYER}(?:-([1-9][0-9]?))?")
"""Pages of a message of the operator, by sheet."""
_BARRED: Final[Mapping[str, BarredKind]] = {
    "expired": "expired",
    "elsewhere": "elsewhere",
    "off": "off",
}


class Viewing:
    """Serves page states to boxes; `writing` takes the small writings of many of them together."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        seats: Seats,
        push: Push,
        moments: Moments,
        notices: Notices,
        lines: pages.BoardLines,
        finder: Finder,
        kept: KeptPages,
        recordings: Recordings,
        wants_teaching: Callable[[int], bool],
        writing: Any,
        notes: Notes,
        seen: Callable[[int, str], None],
        *,
        home: str,
        hotline: str = "",
        led: Callable[[str, Box], str] = lambda url, _box: url,
    ) -> None:
        self._storage = storage
        self._seats = seats
        self._push = push
        self._moments = moments
        self._notices = notices
        self._lines = lines
        self._kept = kept
        self._recordings = recordings
        self._wants_teaching = wants_teaching
        self._writing = writing
        self._notes = notes
        self._seen = seen
        self._home = home
        self._led = led
        self._channels: dict[int, int] = {}
        self._marks = Marks(storage, moments.seconds)
        table = pages.table(lines, finder, hotline)
        self._find = lru_cache(maxsize=4096)(lambda page_id: pages.find(table, page_id))
        self._misses = Buckets(moments.seconds, rate=10, burst=60)

    def page(self, request: Request) -> Response | Awaitable[Response]:
        """The page state that the address names, for the box of the cookie."""
        seat = self._seats.at_hand(request)
        if seat is None:
            return self._unknown(request)
        return self._for(request, seat)

    async def warm(self, box: Box) -> None:
        """Draw home for nobody, so that the first viewer does not wait for templates and statements to be compiled."""
        wanted = self._find("home")
        if wanted is not None:
            nobody = Seat(0, None, None, "", box, "standard", True, "", False, 0.0, None)
            await self._draw(wanted, self._asker(nobody, self._moments.present(), ""), NOTHING)

    def reminded(self, device: int) -> None:
        """What a box is to be reminded of has changed: the guide marks it anew."""
        self._marks.forget(device)

    def stale(self) -> None:
        """Content has changed."""
        self._lines.stale()
        self._kept.stale()

    def filled(self, page: RenderedPage, seat: Seat, left: str = "") -> bytes:
        """A page with what is personal and of the moment."""
        page = self._moments.filled(page)
        since = self._push.confirmed(seat.device)
        seq = secrets.token_hex(8) if "seq" in page.holes else ""
        return page.fill(left=left, seq=seq, since=since, slot=seat.device)

    async def _unknown(self, request: Request) -> Response:
        try:
            seat = await self._seats.of(request)
        except StorageError:
            return self._notices.plain("busy", 503)
        if seat is None:
            return self._notices.plain("unknown", 403)
        found = self._for(request, seat)
        return found if isinstance(found, Response) else await found

    def _for(self, request: Request, seat: Seat) -> Response | Awaitable[Response]:
        if not seat.usable:
            return self._notices.barred(seat, _BARRED.get(seat.state, "blocked"))
        if seat.device:
            self._seen(seat.device, request.client)
        note = _NOTE.fullmatch(request.rest)
        if note is not None:
            return self._message(seat, int(note[1] or 1))
        wanted = self._find(request.rest)
        if wanted is None:
            return redirect("/teach") if request.rest == TEACH else self._notices.of(seat, "404", 404)
        if not seat.entitled.board(wanted.board or wanted.of) and (wanted.board or wanted.of):
            return self._notices.barred(seat, "denied")
        if wanted.opens and seat.state == "guest":
            return redirect(f"/p/{CODE}")
        if request.rest == CODE and not seat.waiting:
            return redirect("/p/home")
        if seat.fresh and self._wants_teaching(seat.device):
            return redirect("/teach")
        self._remember_confirmed(request, seat)
        if request.query:
            self._note_accepted(request, seat)
        seat = self._remember(request, seat, wanted)
        invited = self._push.due(seat, request.rest) if seat.box.push == "refresh" else None
        if invited is not None and wanted.scope != "box":
            self._push.confirm(seat, invited.event, "seen").addErrback(self._lost)
            return redirect(f"/p/{invited.target}")
        if seat.box.push == "refresh" and wanted.scope != "box" and self._notes.waiting(seat):
            return self._after_notes(request, seat, wanted)
        return self._show(request, seat, wanted)

    async def _after_notes(self, request: Request, seat: Seat, wanted: Wanted) -> Response:
        """What the operator sends comes first where pages cannot ask for it; a message has a page of its own."""
        found = await self._notes.page(seat, viewer(seat, self._moments.now(), self._home, ""), 1)
        if found is not None:
            return redirect(found if isinstance(found, str) else f"/p/{LAYER}")
        told = self._show(request, seat, wanted)
        return told if isinstance(told, Response) else await told

    async def _message(self, seat: Seat, at: int) -> Response:
        """A message of the operator as a page."""
        found = await self._notes.page(seat, viewer(seat, self._moments.now(), self._home, ""), at)
        if not isinstance(found, Page):
            return redirect(found or "/p/home")
        return self._answer(seat, self._moments.present(), self._drawn(found, seat.box))

    def _show(self, request: Request, seat: Seat, wanted: Wanted) -> Response | Awaitable[Response]:
        if wanted.dialled:
            return self._dialled(seat, wanted.dialled)
        if wanted.reminds and seat.device:
            return self._marked(request, seat, wanted)
        return self._shown(request, seat, wanted)

    async def _dialled(self, seat: Seat, number: int) -> Response:
        """The way to the channel whose number was typed."""
        asker = self._asker(seat, self._moments.present(), "")
        try:
            page = await self._storage.run(
                lambda uow: facts_guide.numbered(uow, asker, number), "dialled channel", write=False
            )
        except DomainError as error:
            return self._notices.refusal(seat, error)
        return redirect(f"/p/{page}")

    def _marked(self, request: Request, seat: Seat, wanted: Wanted) -> Response | Awaitable[Response]:
        """A page with the signs of what this box is to be reminded of; read anew after the box has changed it."""
        told = request.query.get("o", "")
        known = self._marks.at_hand(seat.device) if not told else None
        said: Literal["", "past", "full"] = "past" if told == "past" else "full" if told == "full" else ""
        return (
            self._shown(request, seat, wanted, known, said)
            if known is not None
            else self._read(request, seat, wanted, said)
        )

    async def _read(self, request: Request, seat: Seat, wanted: Wanted, said: Literal["", "past", "full"]) -> Response:
        shown = self._shown(request, seat, wanted, await self._marks.read(seat.device), said)
        return shown if isinstance(shown, Response) else await shown

    def _shown(
        self,
        request: Request,
        seat: Seat,
        wanted: Wanted,
        marks: Marked = frozenset(),
        said: Literal["", "past", "full"] = "",
    ) -> Response | Awaitable[Response]:
        moment = self._moments.present()
        focus = request.query.get("f", "")
        focus = focus if _FOCUS.fullmatch(focus) else ""
        key: Hashable = self._key(request.rest, focus, seat, wanted)
        key = (key, marks, said) if marks or said else key
        drawn = self._kept.get(key) if wanted.scope != "box" else None
        if drawn is not None:
            return self._answer(seat, moment, drawn)
        if not self._kept.under_way(key) and not self._misses.take(seat.device):
            return self._notices.of(seat, "busy", 503)
        asker = attrs.evolve(self._asker(seat, moment, focus), reminders=marks, said=said)
        if wanted.scope == "box":
            return self._guarded(seat, moment, self._draw(wanted, asker, request.query))
        until = moment.epoch + min(wanted.keep, 60 - moment.epoch % 60)
        household = seat.household if wanted.scope == "household" else None
        making = self._kept.make(key, lambda: self._draw(wanted, asker, NOTHING), until, household)
        return self._guarded(seat, moment, making)

    def _asker(self, seat: Seat, moment: Moment, focus: str) -> Asker:
        return Asker(seat, viewer(seat, moment.now, self._home, focus), self._channels.get(seat.device, 0))

    def _key(self, page_id: str, focus: str, seat: Seat, wanted: Wanted) -> Hashable:
        if wanted.scope == "village":
            return page_id, focus, seat.look, seat.village_id
        channel = self._channels.get(seat.device, 0)
        if wanted.scope == "town":
            return page_id, focus, seat.look, None, channel
        # A box without a household sees what all such boxes see.
        return page_id, focus, seat.look, seat.village_id, channel, seat.household, seat.last_board, seat.waiting

    async def _draw(self, wanted: Wanted, asker: Asker, query: Query) -> Drawn:
        box = asker.seat.box
        if wanted.opens:
            begin = partial(rollcall_entry.begin, now=asker.now, box=asker.seat.asking, rollcall_id=wanted.opens)
            asker = attrs.evolve(asker, refused=await self._writing.submit(begin))
        if wanted.airing:
            asker = attrs.evolve(asker, recording=await self._recordings.link(asker.seat, wanted.airing))
        return await self._storage.run(
            lambda uow: self._drawn(wanted.draw(uow, asker, query), box), "draw page", write=False
        )

    async def _guarded(self, seat: Seat, moment: Moment, drawing: Awaitable[Drawn]) -> Response:
        try:
            return self._answer(seat, moment, await drawing)
        except DomainError as error:
            return self._notices.refusal(seat, error)

    def _answer(self, seat: Seat, moment: Moment, drawn: Drawn) -> Response:
        left = countdown(drawn.closes, moment.now) if drawn.closes else ""
        return self._notices.page(self.filled(drawn.page, seat, left))

    # --- what a visit leaves behind ---

    def _remember_confirmed(self, request: Request, seat: Seat) -> None:
        presence = self._push.presence(seat.device)
        if presence.confirmed < 0:
            presence.confirmed = pages.number(request.cookies.get(SEEN_COOKIE, ""), 15) or 0

    def _note_accepted(self, request: Request, seat: Seat) -> None:
        """A page opened from the invitation's overlay carries the event as `e`."""
        event = pages.number(request.query.get("e", ""), 15)
        if event:
            self._push.confirm(seat, event, "accepted").addErrback(self._lost)
            self.settled(seat)

    def settled(self, seat: Seat) -> None:
        """An invitation was answered: home shows it otherwise now."""
        if seat.household is not None:
            self._kept.stale_for(seat.household)

    def _remember(self, request: Request, seat: Seat, wanted: Wanted) -> Seat:
        if wanted.channel:
            self._channels[seat.device] = wanted.channel
        if not wanted.board or wanted.board == seat.last_board:
            return seat
        changed = with_board(seat, wanted.board)
        self._seats.put(request, changed)
        household = seat.household
        if household is not None:
            remember = partial(households.remember_board, household_id=household, board=wanted.board)
            self._writing.submit(remember).addErrback(self._lost)
        return changed

    def _lost(self, failure: object) -> None:
        self._log.warn("a box's visit could not be noted: {failure}", failure=failure)

    def _drawn(self, page: Page, box: Box) -> Drawn:
        """A page as bytes, the address of its picture as this box is given it."""
        if page.video is not None:
            video = attrs.evolve(page.video, url=self._led(page.video.url, box))
            page = attrs.evolve(page, video=video)
        return _rendered(page, box)


def _rendered(page: Page, box: Box) -> Drawn:
    if box.push == "refresh" and page.field is None and page.video is None and not page.timers.refresh:
        page = attrs.evolve(page, timers=attrs.evolve(page.timers, refresh=REFRESH_S))
    return Drawn(render(page, box), min(page.countdowns.values(), default=None))
