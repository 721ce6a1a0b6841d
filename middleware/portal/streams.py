"""The addresses below /l/: lists of our own films and channels under a box's link, and the way on to other servers.

Our lists name their parts relatively, so that these carry the link's token too and end with it.
"""

import re
from collections.abc import Awaitable
from typing import Final

import attrs

from middleware.domain.errors import StorageError
from middleware.portal.assets import PROFILES, Films, told_to
from middleware.portal.channel_lists import Channels
from middleware.portal.core.link_tokens import Ticket
from middleware.portal.core.links import MASTER, PREFIX, Links, own_channel, own_film
from middleware.portal.core.signing import PUBLIC, Signer
from middleware.web.routes import Routes
from middleware.web.urlencoded import parse_raw_query
from middleware.web.values import Request, Response, Result, not_found, redirect, text

_FORBIDDEN: Final = text("this link is not valid\n", 403)
_LATER: Final = Response(503, b"", headers=(("Retry-After", "2"),))
_SKIP: Final = re.compile(r"[0-9]{1,5}")
_LIST: Final = re.compile(r"(?:f?[1-9][0-9]{2,3}|(?:iframes|sub|sound)-[0-9A-Za-z-]{1,40})\.m3u8", re.ASCII)
_PART: Final = re.compile(r"(?:a/)?([sk])/(.+)")
"""The address of a segment or key in our lists; those of a film's archive lie one folder deeper."""


class Streams:
    """GET /l/<token>/…; the token says what may be had with it."""

    def __init__(self, links: Links, films: Films, channels: Channels, signer: Signer) -> None:
        self._links = links
        self._films = films
        self._channels = channels
        self._signer = signer

    def routes(self, routes: Routes) -> None:
        """Register the addresses of links."""
        routes.prefix("GET", PREFIX, self.open)

    async def open(self, request: Request) -> Result:
        """Answer with a list, a segment or the way to another server; 403 for a link that is not good."""
        token, _, rest = request.rest.partition("/")
        try:
            ticket = await self._links.open(token)
            if ticket is None:
                return _FORBIDDEN
            return await self._answer(request, ticket, rest)
        except StorageError:
            return _LATER

    async def _answer(self, request: Request, ticket: Ticket, rest: str) -> Result:
        skip = _skipped(request) if ticket.sort == "archive" else 0
        url = await self._url(ticket, skip)
        part = _PART.fullmatch(rest)
        if part is not None:
            return await self._part(url, part[1], part[2])
        folder, _, name = rest.rpartition("/")
        profile = _profile(folder, folder_of(ticket))
        if profile is None:
            return _FORBIDDEN
        if not url:
            return not_found()
        if name in {MASTER, "master.m3u8"}:
            return await self._list(request, url, profile, "master.m3u8", moved=skip > 0)
        return await self._list(request, url, profile, name) if _LIST.fullmatch(name) else not_found()

    async def _url(self, ticket: Ticket, skip: int) -> str:
        if ticket.sort == "film":
            return f"/v/{ticket.number}-{ticket.part}/master.m3u8"
        if ticket.sort == "channel":
            return await self._links.url(ticket)
        return await self._links.archive_url(ticket, skip)

    async def _part(self, url: str, kind: str, rest: str) -> Result:
        """A segment or key; a channel shows any film of its class."""
        film = own_film(url)
        if not own_channel(url) and not (film and f"{rest}/".startswith(f"{film}/")):
            return _FORBIDDEN
        return self._films.file(rest, PUBLIC) if kind == "s" else await self._films.key(rest, PUBLIC)

    async def _list(self, request: Request, url: str, profile: str, name: str, *, moved: bool = False) -> Result:
        """One of our lists, or for a master that is not ours, or begins later than its link, the way to it."""
        film, channel, told = own_film(url), own_channel(url), f"{profile}/{name}" if profile else name
        if film:
            listed = self._films.list(f"{film}/{told}", PUBLIC, request.headers)
            return await listed if isinstance(listed, Awaitable) else listed
        if channel and not moved:
            return self._channels.list(attrs.evolve(request, rest=f"{channel}/{told}", query={}))
        return redirect(self._signer.signed(told_to(url, profile))) if name == "master.m3u8" else not_found()


def _profile(folder: str, own: str) -> str | None:
    """The profile of lists that a folder below the link's own names, empty for the folder itself; None for others."""
    if folder == own:
        return ""
    above, _, profile = folder.rpartition("/")
    return profile if above == own and profile in PROFILES else None


def _skipped(request: Request) -> int:
    skip = parse_raw_query(request.target).get("start", "")
    return int(skip) if _SKIP.fullmatch(skip) else 0


def folder_of(ticket: Ticket) -> str:
    """The folder below its token that a link was made for."""
    match ticket.sort:
        case "channel":
            return f"ch/{ticket.number}"
        case "film":
            return f"f/{ticket.number}-{ticket.part}"
    return f"a/{ticket.number}/{ticket.part}-{ticket.part + ticket.length}"
