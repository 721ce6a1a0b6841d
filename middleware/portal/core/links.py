"""Links to pictures, made for one box: they open for a minute, live while they are played, and end with the account.

A link is bound to exactly what it was made for, needs neither cookie nor header, and opens any number of times, because
players ask for a list three times within 20 ms.
"""

import re
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import urlsplit

from attrs import frozen

from middleware.domain.channels import Channel
from middleware.portal.core.lineups import Lineups
from middleware.portal.core.link_tokens import Sort, Ticket, issue, read
from middleware.portal.core.playing import Playing
from middleware.portal.core.sessions import Session, Sessions
from vod.catalogue import PUBLIC, Asset
from vod.jobs import State

Fault = Literal["", "nothing_to_play", "limit", "access_denied"]
PREFIX: Final = "/l/"
MASTER: Final = "index.m3u8"
LONGEST_S: Final = 24 * 3600
"""Seconds of one archive link."""
_OURS: Final = re.compile(r"/v/([1-9][0-9]{0,8}-[1-9][0-9]{0,8})/master\.m3u8")
_OWN: Final = re.compile(r"/ch/([A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:/[\w{}-]+)?)/master\.m3u8", re.ASCII)


@frozen
class Link:
    """The path of a link, empty when there is an `error`."""

    path: str = ""
    error: Fault = ""


class Links:
    """Makes links and says whether they are good. `open_s` is how long a link can be opened."""

    def __init__(
        self,
        key: bytes,
        seconds: Callable[[], float],
        lineups: Lineups,
        sessions: Sessions,
        *,
        open_s: int,
        per_account: int,
    ) -> None:
        self._key = key
        self._seconds = seconds
        self._lineups = lineups
        self._sessions = sessions
        self._open_s = open_s
        self._per_account = per_account
        self._playing = Playing(seconds)

    # --- making ---

    async def channel(self, session: Session, channel: int, link: int = 0) -> Link:
        """A link to a channel's picture; `link` 0 takes the best way there is, else it is the id of one way."""
        ways = await self._lineups.ways(channel)
        way = next((one for one in ways if link in {0, one.link} and playable(one.url)), None)
        fault = self._fault(session, channel)
        if way is None and not fault:
            fault = "nothing_to_play"
        if way is None or fault:
            return Link(error=fault)
        token = self._issue(session, "channel", way.link)
        return Link(f"{PREFIX}{token}/ch/{way.link}/{MASTER}")

    async def film(self, session: Session, asset: Asset) -> Link:
        """A link to a film."""
        if asset.state is not State.READY or not asset.shown or asset.klass != PUBLIC:
            return Link(error="nothing_to_play")
        fault = self._fault(session)
        if fault:
            return Link(error=fault)
        return Link(f"{PREFIX}{self._issue(session, 'film', asset.id, asset.rev)}/f/{asset.key}/master.m3u8")

    async def archive(self, session: Session, channel: int, start: int, stop: int) -> Link:
        """A link to what a channel showed from `start` to `stop` (epoch seconds)."""
        ways = await self._lineups.ways(channel)
        fault = self._fault(session, channel)
        if not fault and not (ways and self._kept(ways[0].channel, start) and 0 < stop - start <= LONGEST_S):
            fault = "nothing_to_play"
        if fault:
            return Link(error=fault)
        token = self._issue(session, "archive", channel, start, stop - start)
        return Link(f"{PREFIX}{token}/a/{channel}/{start}-{stop}/{MASTER}?start=0&duration={stop - start}")

    async def grows(self, channel: int) -> bool:
        """Whether what a channel keeps is a list of ours, which goes on as long as a programme is on."""
        ways = await self._lineups.ways(channel)
        return bool(ways) and bool(own_channel(ways[0].channel.archive_url))

    def count(self, session: Session) -> int:
        """On how many boxes the account (or the box without one) has played within the last minute."""
        return len(self._playing.boxes(session.payer))

    def playing(self) -> int:
        """How many links have been played within the last minute."""
        return self._playing.count()

    def _issue(self, session: Session, sort: Sort, number: int, part: int = 0, length: int = 0) -> str:
        until = int(self._seconds()) + self._open_s
        return issue(self._key, Ticket(sort, session.device.id, until, number, part, length))

    def _fault(self, session: Session, channel: int | None = None) -> Fault:
        if not session.active or (channel is not None and not session.entitled.channel(channel)):
            return "access_denied"
        return "limit" if self._full(session) else ""

    def _full(self, session: Session) -> bool:
        most = self._most(session)
        others = self._playing.boxes(session.payer) - {session.device.id}
        return 0 < most <= len(others)

    def _most(self, session: Session) -> int:
        return (session.account.streams if session.account else 0) or self._per_account

    def _kept(self, channel: Channel, start: int) -> bool:
        now = self._seconds()
        return bool(playable(channel.archive_url)) and now - channel.archive_h * 3600 <= start <= now

    # --- opening ---

    async def open(self, token: str) -> Ticket | None:
        """What a link was made for, if it may be opened or played on at this moment; that it was is remembered."""
        ticket = read(self._key, token)
        if ticket is None:
            return None
        session = self._sessions.box_at_hand(ticket.device) or await self._sessions.box(ticket.device)
        if session is None or not session.active:
            self._playing.end_all(ticket.device)
            return None
        return ticket if self._plays(token, ticket, session) and await self._may_see(ticket, session) else None

    async def url(self, ticket: Ticket) -> str:
        """Where the picture of a channel's link comes from now; empty when that way is gone."""
        way = await self._lineups.way(ticket.number)
        return playable(way.url) if way else ""

    async def archive_url(self, ticket: Ticket, skip: int) -> str:
        """Where a recording lies, from `skip` seconds after its start; empty when it is no longer kept."""
        ways = await self._lineups.ways(ticket.number)
        start, stop = ticket.part + skip, ticket.part + ticket.length
        if not ways or start >= stop or not self._kept(ways[0].channel, ticket.part):
            return ""
        filled = {"{start}": start, "{stop}": stop, "{duration}": stop - start}
        url = ways[0].channel.archive_url
        for name, value in filled.items():
            url = url.replace(name, str(value))
        return url

    def _plays(self, token: str, ticket: Ticket, session: Session) -> bool:
        if not self._playing.goes_on(token, ticket.sort):
            if self._seconds() > ticket.until or self._playing.ended(token) or self._full(session):
                return False
            others = len(self._playing.boxes(session.payer) - {ticket.device})
            most = self._most(session)
            self._playing.begin(token, ticket.device, session.payer, most - others if most else 0)
        self._playing.played(token)
        return True

    async def _may_see(self, ticket: Ticket, session: Session) -> bool:
        if ticket.sort == "film" or session.entitled.channels is None:
            return True
        way = await self._lineups.way(ticket.number)
        return way is not None and session.entitled.channel(way.channel.id)


def playable(url: str) -> str:
    """The address if it can be played over HTTP: a film or channel of ours, or an http(s) address; else empty."""
    if own_film(url) or own_channel(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def own_film(url: str) -> str:
    """The key of the film of ours that an address names, such as `5-1`; else empty."""
    found = _OURS.fullmatch(url)
    return found.group(1) if found else ""


def own_channel(url: str) -> str:
    """The folder below `ch/` of a channel of ours, or of a part of what it showed; else empty."""
    found = _OWN.fullmatch(url)
    return found.group(1) if found else ""
