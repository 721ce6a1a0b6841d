"""The addresses below /l/: lists of our own films under a box's link, and the way on to the operator's servers.

Our lists name their parts relatively, so that these carry the link's token too and end with it.
"""

import re
from typing import Final

import attrs

from middleware.domain.errors import StorageError
from middleware.portal.assets import Films
from middleware.portal.core.link_tokens import Ticket
from middleware.portal.core.links import MASTER, PREFIX, Links, own_film
from middleware.web.routes import Routes
from middleware.web.urlencoded import parse_raw_query
from middleware.web.values import Request, Response, Result, not_found, redirect, text

_FORBIDDEN: Final = text("this link is not valid\n", 403)
_LATER: Final = Response(503, b"", headers=(("Retry-After", "2"),))
_SKIP: Final = re.compile(r"[0-9]{1,5}")
_LIST: Final = re.compile(r"[1-9][0-9]{2,3}\.m3u8")
_PART: Final = "s/"
"""What precedes the address of a segment in our lists; those of an archive lie one folder deeper."""


class Streams:
    """GET /l/<token>/…; the token says what may be had with it."""

    def __init__(self, links: Links, films: Films) -> None:
        self._links = links
        self._films = films

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
        url = await self._url(request, ticket)
        film = own_film(url)
        if rest.startswith((_PART, f"a/{_PART}")):
            return await self._segment(request, film, rest.removeprefix("a/").removeprefix(_PART))
        folder, _, name = rest.rpartition("/")
        if folder != folder_of(ticket):
            return _FORBIDDEN
        if not url:
            return not_found()
        if name in {MASTER, "master.m3u8"}:
            return await self._film(request, f"{film}/master.m3u8") if film else redirect(url)
        return await self._film(request, f"{film}/{name}") if film and _LIST.fullmatch(name) else not_found()

    async def _url(self, request: Request, ticket: Ticket) -> str:
        if ticket.sort == "film":
            return f"/v/{ticket.number}-{ticket.part}/master.m3u8"
        if ticket.sort == "channel":
            return await self._links.url(ticket)
        skip = parse_raw_query(request.target).get("start", "")
        return await self._links.archive_url(ticket, int(skip) if _SKIP.fullmatch(skip) else 0)

    async def _segment(self, request: Request, film: str, rest: str) -> Result:
        if not film or not rest.startswith(f"{film}/"):
            return _FORBIDDEN
        return self._films.segment(attrs.evolve(request, rest=rest))

    async def _film(self, request: Request, rest: str) -> Result:
        answer = self._films.film(attrs.evolve(request, rest=rest))
        return answer if isinstance(answer, Response) else await answer  # type: ignore[misc]


def folder_of(ticket: Ticket) -> str:
    """The folder below its token that a link was made for."""
    match ticket.sort:
        case "channel":
            return f"ch/{ticket.number}"
        case "film":
            return f"f/{ticket.number}-{ticket.part}"
    return f"a/{ticket.number}/{ticket.part}-{ticket.part + ticket.length}"
