"""Pages for what went wrong, in the look of the viewer's box, with headers that bind every page."""

from functools import lru_cache
from typing import Final

from middleware.domain.errors import BadValue, DomainError, Forbidden, NotFound, StorageError
from middleware.portal.facts import NotEntitled
from middleware.portal.moments import Moments
from middleware.portal.profiles import Profiles
from middleware.portal.render import RenderedPage, render
from middleware.portal.seats import Seat
from middleware.services.assets import Gone
from middleware.web.values import HTML, HeaderPairs, Response
from portal_pages.admission import barred_page
from portal_pages.facts import BarredFact, BarredKind, Mode, NoticeFact, NoticeKind, Viewer
from portal_pages.notices import notice_page
from portal_pages.script import Box

POLICY: Final = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "media-src 'self' blob: data: http: https:; worker-src blob:; connect-src 'self' http: https:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""Our own scripts only; channels may come from the operator's streaming servers. hls.js makes its worker, and the empty
track that it begins subtitles with, by itself."""
HEADERS: Final[HeaderPairs] = (("Cache-Control", "no-store"), ("Content-Security-Policy", POLICY))
RETRY_S: Final = 5
_STATUS: Final[tuple[tuple[type[DomainError], int, NoticeKind], ...]] = (
    (Gone, 410, "404"),
    (NotFound, 404, "404"),
    (Forbidden, 403, "404"),
    (StorageError, 503, "busy"),
    (BadValue, 400, "404"),
)


class Notices:
    """Draws notices; each is rendered once per family and type size."""

    def __init__(self, profiles: Profiles, moments: Moments, hotline: str = "") -> None:
        self._hotline = hotline
        self._profiles = profiles
        self._default = profiles.box("pc", {})
        self._moments = moments
        self._rendered = lru_cache(maxsize=256)(self._render)
        self._barred = lru_cache(maxsize=256)(self._render_barred)

    def page(self, body: bytes, status: int = 200, more: HeaderPairs = ()) -> Response:
        """A page of ours as an answer."""
        return Response(status, body, HTML, (*HEADERS, *more))

    def of(self, seat: Seat, kind: NoticeKind, status: int) -> Response:
        """A notice for a known box."""
        return self._answer(seat.box, seat.mode, kind, status)

    def plain(self, kind: NoticeKind, status: int) -> Response:
        """A notice for somebody of whom nothing is known."""
        return self._answer(self._default, "standard", kind, status)

    def barred(self, seat: Seat, kind: BarredKind) -> Response:
        """Why this box may not go on, in the operator's words."""
        return self._bar(seat.box, seat.mode, BarredFact(kind, seat.words, self._hotline))

    def _bar(self, box: Box, mode: Mode, fact: BarredFact) -> Response:
        moment = self._moments.present()
        rendered = self._barred(box, mode, fact)
        return self.page(rendered.fill(clock=moment.clock, date=moment.date, now=moment.epoch, since=0, slot=0), 403)

    def shut(self, family: str) -> Response:
        """That a box is out of use, at its door; the page tries again by itself."""
        return self._bar(self._profiles.box(family, {}), "standard", BarredFact("blocked", "", self._hotline))

    def refusal(self, seat: Seat | None, error: DomainError) -> Response:
        """The notice that fits a refusal, with its status."""
        if seat is not None and isinstance(error, NotEntitled):
            return self.barred(seat, "denied")
        status, kind = told(error)
        return self.of(seat, kind, status) if seat else self.plain(kind, status)

    def _answer(self, box: Box, mode: Mode, kind: NoticeKind, status: int) -> Response:
        moment = self._moments.present()
        body = self._rendered(box, mode, kind).fill(clock=moment.clock, date=moment.date, now=moment.epoch, since=0)
        more = (("Retry-After", str(RETRY_S)),) if status == 503 else ()
        return self.page(body, status, more)

    def _render(self, box: Box, mode: Mode, kind: NoticeKind) -> RenderedPage:
        shown = Viewer(now=self._moments.present().now, family=box.family, mode=mode, video=box.video)
        return render(notice_page(shown, NoticeFact(kind)), box)

    def _render_barred(self, box: Box, mode: Mode, fact: BarredFact) -> RenderedPage:
        shown = Viewer(now=self._moments.present().now, family=box.family, mode=mode, video=box.video)
        return render(barred_page(shown, fact), box)


def told(error: DomainError) -> tuple[int, NoticeKind]:
    """HTTP status and kind of notice for a refusal."""
    return next(((status, kind) for known, status, kind in _STATUS if isinstance(error, known)), (400, "404"))
