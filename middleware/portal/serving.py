"""GET below /t/ and /u/: what a signed address leads to (video.md §10); nginx does the same for segments."""

from collections.abc import Awaitable, Callable

import attrs

from middleware.portal.assets import NOT_FOUND, OTHER_CLASS, Films
from middleware.portal.channel_lists import Channels
from middleware.portal.core.signing import PUBLIC, Opened, Prefix, Refused, Signer
from middleware.portal.listing import problem
from middleware.web.routes import Routes
from middleware.web.values import Request, Result

Elsewhere = Callable[[Request], Result | Awaitable[Result]]


class Serving:
    """Films and channels behind signatures. `elsewhere` answers what below /t/ is no signed address."""

    def __init__(self, signer: Signer, films: Films, channels: Channels, elsewhere: Elsewhere) -> None:
        self._signer = signer
        self._films = films
        self._channels = channels
        self._elsewhere = elsewhere

    def routes(self, routes: Routes) -> None:
        """Register both prefixes, and the pictures of films, which are for all."""
        routes.prefix("GET", "/t/", lambda request: self._answer("t", request))
        routes.prefix("GET", "/u/", lambda request: self._answer("u", request))
        routes.prefix("GET", "/v/", self._films.picture)

    def _answer(self, prefix: Prefix, request: Request) -> Result | Awaitable[Result]:
        opened = self._signer.open(prefix, request.rest)
        if isinstance(opened, Opened):
            return self.give(request, opened)
        if isinstance(opened, Refused):
            return problem(opened.status, opened.code)
        return self._elsewhere(request) if prefix == "t" else NOT_FOUND

    def give(self, request: Request, opened: Opened) -> Result | Awaitable[Result]:
        """What lies at an address that may be opened."""
        kind, _, rest = opened.rest.partition("/")
        match kind:
            case "s":
                return self._films.file(rest, opened.klass)
            case "v":
                return self._films.list(rest, opened.klass, request.headers)
            case "k":
                return self._films.key(rest, opened.klass)
        return self._channels.list(attrs.evolve(request, rest=rest)) if opened.klass == PUBLIC else OTHER_CLASS
