"""The addresses of dialect C; it begins at the EDS of dialect A with `return_type=1`."""

from collections.abc import Callable
from typing import Final

from middleware.portal.ctc import asked, dialect_c, records
from middleware.portal.ctc.door import Door, refused, session_cookie, shut
from middleware.portal.ctc.failures import Failure
from middleware.portal.ctc.front_a import offer_of
from middleware.portal.ctc.records import Listed
from middleware.web.routes import Routes
from middleware.web.values import Request, Response

_OAUTH: Final = "/EPG/oauth/v2"


class FrontC:
    """Log-in and channel list as JSON."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self, routes: Routes) -> None:
        """Register the addresses."""
        routes.exact("GET", f"{_OAUTH}/authorize", self.authorize, raw=True)
        routes.exact("GET", f"{_OAUTH}/token", self.token, raw=True)
        routes.exact("POST", "/EPG/interEpg/channellist/batch", self.channels, raw=True)
        routes.exact("GET", "/epg/api/custom/getAllChannel.json", self.logos, raw=True)

    def authorize(self, request: Request) -> Response:
        """C2: an EncryptToken for anybody, whatever the client_id."""
        token = self._door.login.token(asked.user_of(asked.query(request)), request.client)
        if token is None:
            return Response(400, dialect_c.REFUSED, dialect_c.JSON)
        return Response(200, dialect_c.encry_token(token), dialect_c.JSON)

    async def token(self, request: Request) -> Response:
        """C3: the Authenticator as `authinfo`; the bearer and a session cookie, or one answer to all that is wrong."""
        entered = await self._door.login.enter(offer_of(asked.query(request), request.client))
        if isinstance(entered, Failure):
            return Response(400, dialect_c.REFUSED, dialect_c.JSON)
        body = dialect_c.access_token(entered.user_token)
        return Response(200, body, dialect_c.JSON, (session_cookie(entered.jsession),))

    async def channels(self, request: Request) -> Response:
        """C4: the channels, for a bearer; the body names none, or is not looked at."""
        return await self._told(request, records.listing_c)

    async def logos(self, request: Request) -> Response:
        """C5: the logos of the channels."""
        return await self._told(request, records.logos_c)

    async def _told(self, request: Request, render: Callable[[list[Listed]], object]) -> Response:
        session = await self._door.bearer(request) or await self._door.session(request, asked.query(request))
        if session is None or shut(session):
            return refused()
        listed = await self._door.listed(request, session)
        return Response(200, dialect_c.document(render(listed)), dialect_c.JSON)
