"""The poll of a box (§6): ready bytes when nothing waits, one event when something does."""

from collections import OrderedDict
from typing import Final

from middleware.domain.box_events import Kind
from middleware.portal.core.core import Core
from middleware.portal.core.sessions import Session
from middleware.portal.ministra import watchdog
from middleware.portal.ministra.ask import Ask, Call
from middleware.portal.ministra.watchdog import CONFIRMED, IDLE
from middleware.portal.ministra.wire import Ready, reply, whole

_KEPT: Final = 40_000
_DOING: Final = 99


class Polls:
    """Answers watchdog. A box is told once when it is let in or turned away between two polls, or before a restart.

    While the portal is `closed` for maintenance nobody is told: boxes ask check_portal_status.
    """

    def __init__(self, core: Core, *, closed: bool) -> None:
        self._core = core
        self._closed = closed
        self._served: OrderedDict[int, bool] = OrderedDict()

    def idle(self, call: Call, session: Session) -> Ready | None:
        """The answer if nothing waits; None when there is something to tell. Nothing is read."""
        device = session.device
        self._core.presence.seen(device.id, call.client, whole(call.values, "cur_play_type", 0, 0, _DOING))
        news = self._core.events.waiting(device.id) or self._changed(session)
        return None if news else IDLE[device.services_on]

    def _changed(self, session: Session) -> bool:
        if self._closed:
            return False
        device, active = session.device.id, session.active
        return self._served.get(device, not active or device not in self._core.let_in) != active

    async def events(self, ask: Ask) -> Ready:
        """get_events when something waits: cut_on or cut_off first, then the queue."""
        session, device = ask.session, ask.session.device
        if self._changed(session):
            self._remember(device.id, served=session.active)
            number = int(self._core.seconds())
            kind: Kind = "cut_on" if session.active else "cut_off"
            return reply(watchdog.command(kind, number, device.services_on))
        found = await self._core.events.next(device.id)
        return reply(watchdog.event(found, device.services_on, ask.here)) if found else IDLE[device.services_on]

    async def confirm(self, ask: Ask) -> Ready:
        """confirm_event: the viewer pressed OK."""
        event = whole(ask.values, "event_active_id")
        if event:
            await self._core.events.confirm(ask.session.device.id, event)
        return CONFIRMED

    def told(self, device: int, *, served: bool) -> None:
        """A profile has told a box how it stands."""
        self._remember(device, served=served)

    def _remember(self, device: int, *, served: bool) -> None:
        self._core.let_in.discard(device)
        if served:
            self._served.pop(device, None)
            return
        self._served[device] = False
        self._served.move_to_end(device)
        if len(self._served) > _KEPT:
            self._served.popitem(last=False)
