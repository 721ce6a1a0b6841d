"""Links to what a channel's archive holds of one programme, made for the box that asks."""

from middleware.domain.channels import Channel
from middleware.domain.errors import NotFound
from middleware.portal.core.core import Core
from middleware.portal.core.links import playable
from middleware.portal.facts import NotEntitled
from middleware.portal.seats import Seat
from middleware.services import guide
from middleware.services.ports import Airing


class Recordings:
    """Asks the core, which knows what a box may play."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def link(self, seat: Seat, airing_id: int) -> str:
        """The address of the recording; a list of ours grows while it is on, others go as far as it has come.

        Raises NotFound, NotEntitled.
        """
        session = await self._core.box(seat.device) if seat.device else None
        airing = await self._core.read(lambda uow: guide.programme(uow, airing_id), "recorded programme")
        if session is None:
            raise NotEntitled
        until = None if await self._core.links.grows(airing.channel) else int(self._core.seconds())
        made = await self._core.links.archive(session, airing.channel, *_span(airing, until))
        if made.error == "access_denied":
            raise NotEntitled
        if made.error:
            raise NotFound("现在没有这个节目的录像", "no_recording")
        return made.path


def kept(airing: Airing, channel: Channel, now: float) -> bool:
    """Whether the channel's archive holds a programme from its start on; `now` in epoch seconds."""
    start = airing.programme.start.timestamp()
    return bool(playable(channel.archive_url)) and now - channel.archive_h * 3600 <= start <= now


def _span(airing: Airing, until: int | None) -> tuple[int, int]:
    start, stop = (int(at.timestamp()) for at in (airing.programme.start, airing.programme.stop))
    return start, max(stop if until is None else min(stop, until), start + 1)
