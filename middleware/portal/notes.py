"""What the operator sends to boxes, as our own pages take it: messages as a layer, commands as something to do."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from middleware.domain.box_events import BoxEvent
from middleware.portal.core.core import Core
from middleware.portal.placing import CUT
from middleware.portal.render import layer_html
from middleware.portal.seats import Seat, Seats
from middleware.services.ports import UnitOfWork
from portal_pages.facts import Mode, Viewer
from portal_pages.message import HEARD, NEXT, message, message_page
from portal_pages.states import Page

_HOME: Final = {"do": "go", "to": "/p/home"}
_RELOAD: Final = {"do": "go", "to": ""}
_ORDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "reload_portal": _HOME,
    "show_menu": _HOME,
    "cut_on": _HOME,
    "cut_off": _HOME,
    "reboot": {"do": "boot"},
    "update_channels": _RELOAD,
    "update_subscription": _RELOAD,
    "update_epg": _RELOAD,
    "update_modules": _RELOAD,
    "update_image": _RELOAD,
}
"""Commands as a page's script does them; an empty address is this page again. The rest mean nothing on our pages."""


class Notes:
    """Events of boxes by way of the core; what is not understood by pages is taken and passed over."""

    def __init__(self, core: Core, seats: Seats) -> None:
        self._core = core
        self._seats = seats

    def waiting(self, seat: Seat) -> bool:
        """Whether there is something for this box, from memory."""
        return seat.device > 0 and seat.state != "elsewhere" and self._core.events.waiting(seat.device)

    async def answer(self, seat: Seat, since: int, shown: int) -> bytes | None:
        """The answer to a poll with what the box is to do or show; None when it shows that already, or has nothing."""
        event = await self._core.events.next(seat.device)
        if event is None or event.id == shown or _covers(seat, event):
            return None
        order = await self._order(seat, event)
        if order is None:
            return None
        return json.dumps({"since": since, "event": order}, ensure_ascii=False, separators=(",", ":")).encode()

    async def page(self, seat: Seat, viewer: Viewer, at: int) -> Page | str | None:
        """For browsers without requests: sheet `at` of the message that waits, or where a command leads."""
        event = await self._core.events.next(seat.device) if self.waiting(seat) else None
        if event is None or _covers(seat, event):
            return None
        if event.message:
            return message_page(viewer, event.id, event.msg, at)
        order = await self._order(seat, event)
        return str(order["to"]) if order and order.get("to") else None

    async def heard(self, seat: Seat, event: int) -> bool:
        """The viewer has pressed OK; durable before it is acknowledged."""
        return await self._core.events.confirm(seat.device, event)

    async def _order(self, seat: Seat, event: BoxEvent) -> dict[str, Any] | None:
        if event.message:
            return note(seat.mode, event)
        if event.kind in {"play_channel", "play_radio_channel"}:
            return await self._channel(seat, event)
        if event.kind in {"cut_off", "cut_on"}:
            await self._cut(seat, off=event.kind == "cut_off")
        order = _ORDERS.get(event.kind)
        return {"id": event.id, **order} if order else None

    async def _channel(self, seat: Seat, event: BoxEvent) -> dict[str, Any] | None:
        """Its number is what the operator writes, its id what our addresses hold."""
        line_up = await self._core.lineup(seat.entitled)
        found = next((one for one in line_up.channels if str(one.number) == event.msg.strip()), None)
        return {"id": event.id, "do": "go", "to": f"/p/tv-{found.id}"} if found else None

    async def _cut(self, seat: Seat, *, off: bool) -> None:
        scope = f"device:{seat.device}"

        def write(uow: UnitOfWork) -> None:
            if off:
                uow.settings.put(scope, CUT, True)
            else:
                uow.settings.remove(scope, CUT)

        await self._core.write(write, "cut off a box")
        self._seats.forget(seat.device)


def _covers(seat: Seat, event: BoxEvent) -> bool:
    """Whether a message would hide why a box is cut off: it waits until the box is let in again."""
    return event.message and seat.state == "off"


def note(mode: Mode, event: BoxEvent) -> dict[str, Any]:
    """A message as the script of a page takes it."""
    html, lines = _drawn(mode, event.msg)
    return {
        "id": event.id,
        "do": "note",
        "html": html,
        "lines": lines,
        "words": (NEXT, HEARD),
        "hide": event.auto_hide_s,
        "boot": int(event.reboot_after_ok),
    }


@lru_cache(maxsize=256)
def _drawn(mode: Mode, words: str) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """A message is drawn once for all boxes with the same type size."""
    made = message(mode, words)
    return layer_html(made.layer, mode), made.lines
