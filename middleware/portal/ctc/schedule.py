"""The one query behind all guides: the programmes of a channel that the box may see, from the core's cache."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from attrs import frozen

from middleware.domain.channels import Channel
from middleware.portal.core.sessions import Session
from middleware.portal.ctc import records
from middleware.portal.ctc.door import Door, shut
from middleware.portal.ctc.slots import Slot, days, midnight, slots, span, today
from middleware.web.values import Request

REACH: Final = timedelta(days=15)
"""How far from today a guide can be asked for."""


@frozen
class Told:
    """Programmes, and of which channel; None for one that there is not, or not for this box: its list is empty."""

    slots: tuple[Slot, ...]
    channel: Channel | None = None


class Schedule:
    """Finds sessions, channels and programmes for the guides."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def session(self, request: Request, given: Mapping[str, str]) -> Session | None:
        """The session of a request for the guide; None when there is none that may see it."""
        session = await self._door.session(request, given)
        return None if shut(session) else session

    async def channel(self, session: Session, code: str) -> Channel | None:
        """The channel of a ChannelID of either kind."""
        known = await self._door.channels(session)
        return next((one for one in known if code in {records.code_a(one), records.code_b(one)}), None)

    async def of_day(self, session: Session, code: str, day: date | None) -> Told:
        """What is on during a day; nothing for a day that is none or too far."""
        return await self.between(session, code, *span(day)) if day else Told((), await self.channel(session, code))

    async def of_all_days(self, session: Session, code: str) -> Told:
        """What is on in all the days that a guide tells."""
        told = days(self._door.core.now())
        return await self.between(session, code, midnight(told[0]), span(told[-1])[1])

    async def between(self, session: Session, code: str, start: datetime | None, stop: datetime | None) -> Told:
        """What is on in [start, stop), as far as a guide reaches; without ends all days that a guide tells."""
        channel = await self.channel(session, code)
        first, last = self._window(start, stop)
        if channel is None or first >= last:
            return Told((), channel)
        return Told(slots(await self._door.core.schedule(channel.id, first, last)), channel)

    def _window(self, start: datetime | None, stop: datetime | None) -> tuple[datetime, datetime]:
        now = self._door.core.now()
        told = days(now)
        middle = midnight(today(now))
        return (
            max(start or midnight(told[0]), middle - REACH),
            min(stop or span(told[-1])[1], middle + REACH),
        )
