"""GET and POST /t/<token>/…: a box that loses its cookie carries its token in its addresses.

The page bytes are the same for all: the script of a page sees by its own address what it must put before every other,
so kept pages stay shared. Here the prefix is taken off, the token is put where the cookie would be, and redirects get
the prefix again. A box whose cookie does come back is led to the plain address at its first page. The address is as
good as the cookie: other servers are not told it (Referrer-Policy of the edge), and no address is ever logged.
"""

import re
from collections.abc import Awaitable
from typing import Final

import attrs

from middleware.portal import session
from middleware.web.routes import Routes
from middleware.web.values import Request, Response, Result, not_found, redirect

PREFIX: Final = "/t/"
_TOKEN: Final = re.compile(r"[0-9a-z.\-]{20,90}")


def address(token: str, path: str) -> str:
    """The address of a page for a box that carries its token, such as /t/5.1790000000.ab…/p/home."""
    return f"{PREFIX}{token}{path}"


class Carried:
    """Serves `pages` below the prefix."""

    def __init__(self, pages: Routes) -> None:
        self._pages = pages

    def answer(self, request: Request) -> Result | Awaitable[Result]:
        """What the page behind the prefix answers, for the box of the token in it."""
        token, _, rest = request.rest.partition("/")
        path = f"/{rest}"
        found = self._pages.find(request.method, path)
        if found.route is None or not _TOKEN.fullmatch(token):
            return not_found()
        if request.cookies.get(session.COOKIE) == token and request.method in {"GET", "HEAD"} and path == "/p/home":
            return redirect(path)
        headers = {**request.headers, "cookie": _with_token(request, token)}
        inner = attrs.evolve(request, path=path, rest=found.rest, headers=headers)
        told = found.route.endpoint(inner)
        return _prefixed(told, token) if isinstance(told, Response) else self._later(told, token)

    def _later(self, told: Result | Awaitable[Result], token: str) -> Result | Awaitable[Result]:
        return _awaited(told, token) if isinstance(told, Awaitable) else told


async def _awaited(told: Awaitable[Result], token: str) -> Result:
    found = await told
    return _prefixed(found, token) if isinstance(found, Response) else found


def _with_token(request: Request, token: str) -> str:
    """The cookies of the request with the token of the address first: of two with one name the first counts."""
    others = request.headers.get("cookie", "")
    return f"{session.COOKIE}={token}" + (f"; {others}" if others else "")


def _prefixed(told: Response, token: str) -> Response:
    headers = tuple((name, _carrying(token, value) if name == "Location" else value) for name, value in told.headers)
    return attrs.evolve(told, headers=headers)


def _carrying(token: str, location: str) -> str:
    ours = location.startswith("/") and not location.startswith(("//", "/portal", PREFIX))
    return address(token, location) if ours else location
