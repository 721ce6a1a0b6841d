"""GET and POST /teach: the keys of an unknown remote, learnt one press at a time; see portal_pages/teach.py.

Nothing is kept here between presses: the page carries them, and each POST answers with the next page.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from keymap.keys import Key
from keymap.layers import BadOverride, with_taught
from keymap.teach import Phase, Teach, learnt
from middleware.domain.errors import DomainError
from middleware.portal.forms import same_origin
from middleware.portal.limits import Buckets
from middleware.portal.moments import Moments
from middleware.portal.notices import Notices
from middleware.portal.ports import Storage
from middleware.portal.profiles import Profiles
from middleware.portal.render import RenderedPage, render
from middleware.portal.seats import Seat, Seats
from middleware.services import devices
from middleware.web.values import Request, Response
from portal_pages.facts import Viewer
from portal_pages.teach import Progress, after, teach_page

LONGEST: Final = 1600
"""Characters of the presses that a page carries: 200 of at most seven."""
Fill = Callable[[RenderedPage, Seat], bytes]


class Teaching:
    """Serves the teach-in; `fill` puts into a page what is personal and of the moment."""

    def __init__(
        self,
        storage: Storage,
        seats: Seats,
        moments: Moments,
        notices: Notices,
        profiles: Profiles,
        fill: Fill,
        *,
        public: str = "",
    ) -> None:
        self._storage = storage
        self._seats = seats
        self._moments = moments
        self._notices = notices
        self._profiles = profiles
        self._fill = fill
        self._public = public
        self._presses = Buckets(moments.seconds, rate=5, burst=40)

    def page(self, request: Request) -> Awaitable[Response]:
        """The first step."""
        return self._with_seat(request, lambda seat: self._shown(seat, Progress()))

    async def press(self, request: Request) -> Response:
        """The step after a press; keeps the keys when the viewer has proven them."""
        if not same_origin(request, self._public):
            return self._notices.plain("unknown", 403)
        fields = request.form()
        presses, code = fields.get("presses", ""), fields.get("code", "")
        if len(presses) > LONGEST:
            return self._notices.plain("404", 400)
        try:
            progress = after(presses, code)
        except ValueError:
            progress = Progress()
        return await self._with_seat(request, lambda seat: self._step(seat, progress))

    async def _with_seat(self, request: Request, act: Callable[[Seat], Awaitable[Response]]) -> Response:
        try:
            seat = await self._seats.of(request)
            if seat is None or not seat.usable:
                return self._notices.plain("unknown", 403)
            if not self._presses.take(seat.device):
                return self._notices.of(seat, "busy", 503)
            return await act(seat)
        except DomainError as error:
            return self._notices.refusal(None, error)

    async def _step(self, seat: Seat, progress: Progress) -> Response:
        if progress.state.phase is not Phase.SAVED:
            return await self._shown(seat, progress)
        keys = learnt(progress.state)
        try:
            with_taught(self._profiles.families[self._profiles.name(seat.box.family)], keys)
        except BadOverride:
            again = Teach(notice="这些键凑不到一起，我们重新来一遍")
            return await self._shown(seat, Progress(again))
        taught = {str(code): Key(key).name for code, key in keys.items()}
        await self._storage.run(lambda uow: devices.teach(uow, seat.device, seat.box.family, taught), "teach")
        self._seats.forget(seat.device)
        return await self._shown(seat, progress)

    async def _shown(self, seat: Seat, progress: Progress) -> Response:
        now = self._moments.now()
        shown = Viewer(now=now, family=seat.box.family, mode=seat.mode, video=seat.box.video)
        box = seat.box
        if progress.state.phase is Phase.SAVED:
            taught = {str(code): Key(key).name for code, key in learnt(progress.state).items()}
            box = self._profiles.box(seat.box.family, taught)
        return self._notices.page(self._fill(render(teach_page(shown, progress), box), seat))
