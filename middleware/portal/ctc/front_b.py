"""The addresses of dialect B, and of the front half that Jiangsu's boxes expect."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from twisted.logger import Logger

from middleware.domain.errors import StorageError
from middleware.portal.ctc import asked, dialect_b, failures, guides, markup, names
from middleware.portal.ctc.dialect_b import Named, Where
from middleware.portal.ctc.door import Door, refused, session_cookie, shut
from middleware.portal.ctc.failures import Failure
from middleware.portal.ctc.front_a import offer_of
from middleware.portal.ctc.login import Entered
from middleware.portal.ctc.schedule import Schedule
from middleware.portal.ctc.slots import today
from middleware.web.routes import Routes
from middleware.web.values import JSON, Request, Response, redirect

PLATFORM: Final = "/iptvepg/platform"
FUNCTION: Final = "/iptvepg/function"
BALANCER: Final = "/iptvepg/lb"
MAPPING: Final = "/iptvepg/frame224/datas/get_channel_info_mapping.jsp"
PREVUES: Final = "/iptvepg/frame1194/CHANNEL_PLAYER_UTILS/datas/prevue_list.jsp"
"""Where the clients of Jiangsu ask for numbers and programmes."""
_FAR: Final = 400
"""Days."""


class FrontB:
    """Log-in, frames, channels and guide of ZTE's platform."""

    _log = Logger()

    def __init__(self, door: Door, schedule: Schedule) -> None:
        self._door = door
        self._schedule = schedule
        self._skin = door.settings.frame

    def routes(self, routes: Routes) -> None:
        """Register the addresses; forms may come without a content type."""
        routes.exact("GET", f"{PLATFORM}/index.jsp", self.platform, raw=True)
        routes.exact("GET", dialect_b.START, self.token, raw=True)
        routes.exact("POST", f"{PLATFORM}/auth.jsp", self.auth, raw=True)
        routes.exact("GET", f"{PLATFORM}/error.jsp", self.error, raw=True)
        routes.exact("POST", f"{FUNCTION}/funcportalauth.jsp", self._page_of(self.entered), raw=True)
        routes.exact("POST", f"{FUNCTION}/frameset_builder.jsp", self._page_of(self.channels), raw=True)
        for method in ("GET", "POST"):
            routes.exact(method, f"{FUNCTION}/index.jsp", self._page_of(self.index), raw=True)
            routes.exact(method, f"{FUNCTION}/frame.jsp", self._page_of(self.frame), raw=True)
            routes.exact(method, f"{FUNCTION}/frameset_judger.jsp", self._page_of(self.judged), raw=True)
            routes.exact(method, f"/iptvepg/{self._skin}/channel_start.jsp", self._page_of(self.start), raw=True)
        routes.exact("GET", f"/iptvepg/{self._skin}/action/getchannelprogram.jsp", self.programmes, raw=True)
        self._jiangsu(routes)

    def _jiangsu(self, routes: Routes) -> None:
        routes.exact("GET", "/auth", self.jiangsu_token, raw=True)
        routes.exact("POST", "/uploadAuthInfo", self.uploaded, raw=True)
        routes.exact("GET", "/getServiceList", self._page_of(self.services), raw=True)
        routes.exact("GET", BALANCER, self.balanced, raw=True)
        routes.exact("GET", MAPPING, self.mapping, raw=True)
        routes.exact("GET", PREVUES, self.prevues, raw=True)

    def platform(self, request: Request) -> Response:
        """B0: on to the first page, at the port of this dialect."""
        user = asked.user_of(asked.query(request))
        return redirect(f"{self._where(request).epg}{dialect_b.START}?{markup.query(UserID=user, Action='Login')}")

    async def token(self, request: Request) -> Response:
        """B1: an EncryptToken for anybody."""
        user = asked.user_of(asked.query(request))
        begun = await self._door.login.begin(user, request.client)
        if isinstance(begun, Failure):
            return self._failed(request, begun)
        where = self._where(request)
        return self._page(dialect_b.token_page(where, begun.token, user, request.client, begun.encryption))

    async def auth(self, request: Request) -> Response:
        """B2: the Authenticator."""
        entered = await self._enter(request)
        if isinstance(entered, Failure):
            return self._failed(request, entered)
        named = Named(entered.user_id, entered.user_token, entered.stb_id)
        return self._page(dialect_b.passed_page(self._where(request), named), session_cookie(entered.jsession))

    def error(self, request: Request) -> Response:
        """The page that a failure's location leads to."""
        code = asked.query(request).get("errorcode", "")
        failure = next((one for one in Failure if one.code == code), Failure.LATER)
        retry = f"{dialect_b.START}?{markup.query(UserID=asked.user_of(asked.query(request)), Action='Login')}"
        return self._page(failures.page(failure, retry, hotline=self._door.settings.hotline, charset=dialect_b.CHARSET))

    async def index(self, request: Request) -> Response:
        """B3: the form into the portal's functions; a box that lost its cookie gets it again."""
        given = asked.fields(request)
        session = await self._door.session(request, given)
        if session is None or shut(session):
            return self._failed(request, shut(session) or Failure.STALE)
        token = asked.told(given, "UserToken")
        named = Named(session.device.iptv_user, token, asked.told(given, "STBID") or session.device.serial)
        jsession = names.jsession(self._door.settings.key, token)
        cookies = [session_cookie(jsession)] if await self._door.owns(session, token) else []
        return self._page(dialect_b.index_page(self._where(request), named), *cookies)

    async def entered(self, request: Request) -> Response:
        """B4: in."""
        return await self._for_session(request, dialect_b.entered_page())

    async def frame(self, request: Request) -> Response:
        """B5a, first."""
        return await self._for_session(request, dialect_b.frame_page(self._where(request)))

    async def judged(self, request: Request) -> Response:
        """B5a, second."""
        return await self._for_session(request, dialect_b.judged_page(self._where(request)))

    async def start(self, request: Request) -> Response:
        """B5a, third."""
        return await self._for_session(request, dialect_b.start_page(self._where(request)))

    async def channels(self, request: Request) -> Response:
        """B5b: the channels, then home."""
        session = await self._door.session(request, asked.fields(request))
        if session is None or shut(session):
            return self._failed(request, shut(session) or Failure.STALE)
        lines = await self._door.told_of(request, session, dialect_b.channel_lines)
        return self._page(dialect_b.channels_page(lines, self._door.home(request, session)))

    async def programmes(self, request: Request) -> Response:
        """B6: a day of a channel."""
        given = asked.fields(request)
        session = await self._schedule.session(request, given)
        if session is None:
            return refused()
        day = asked.day(asked.told(given, "currdate"), "%Y.%m.%d")
        told = await self._schedule.of_day(session, asked.told(given, "channelcode"), day)
        return Response(200, guides.zte(told.slots, day or today(self._door.core.now())), JSON)

    # --- Jiangsu ---

    async def jiangsu_token(self, request: Request) -> Response:
        """An EncryptToken for anybody."""
        user = asked.user_of(asked.query(request))
        begun = await self._door.login.begin(user, request.client)
        if isinstance(begun, Failure):
            return self._failed(request, begun)
        return self._page(dialect_b.auth_page(begun.token, user, begun.encryption))

    async def uploaded(self, request: Request) -> Response:
        """The Authenticator; the UserToken goes into a cookie as well."""
        entered = await self._enter(request)
        if isinstance(entered, Failure):
            return self._failed(request, entered)
        cookie = ("Set-Cookie", f"UserToken={entered.user_token}; Path=/")
        page = dialect_b.uploaded_page(Named(entered.user_id, entered.user_token))
        return self._page(page, cookie, session_cookie(entered.jsession))

    async def services(self, request: Request) -> Response:
        """Where the services are: at the balancer."""
        session = await self._door.session(request, asked.query(request), alone=True)
        if session is None or shut(session):
            return self._failed(request, shut(session) or Failure.STALE)
        return self._moved(request, BALANCER, session.device.iptv_user)

    async def balanced(self, request: Request) -> Response:
        """The balancer: on to the one node that there is."""
        return self._moved(request, f"{FUNCTION}/index.jsp", asked.user_of(asked.query(request)))

    async def mapping(self, request: Request) -> Response:
        """Numbers on the remote to UserChannelIDs: ours are the same."""
        session = await self._door.session(request, asked.query(request))
        if session is None or shut(session):
            return refused()
        numbers = ",".join(f"{one.number}:{one.number}" for one in await self._door.channels(session))
        return Response(200, guides.text({"channelMixnoMapping": numbers}), JSON)

    async def prevues(self, request: Request) -> Response:
        """A day of a channel, counted from today."""
        given = asked.fields(request)
        session = await self._schedule.session(request, given)
        if session is None:
            return refused()
        now = self._door.core.now()
        day = today(now) + timedelta(days=asked.number(asked.told(given, "dateindex"), -_FAR, _FAR, 0))
        told = await self._schedule.of_day(session, asked.told(given, "channelcode"), day)
        return Response(200, guides.jiangsu(told.slots, day, now), JSON)

    # --- what they share ---

    def _page_of(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint whose failure is told on a page, when the store does not answer."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except StorageError:
                return self._failed(request, Failure.LATER)

        return answer

    async def _enter(self, request: Request) -> Entered | Failure:
        return await self._door.login.enter(offer_of(asked.fields(request), request.client))

    async def _for_session(self, request: Request, page: str) -> Response:
        session = await self._door.session(request, asked.fields(request))
        failure = shut(session)
        return self._failed(request, failure) if failure else self._page(page)

    def _where(self, request: Request) -> Where:
        epg = asked.epg(request, self._door.settings, self._door.settings.zte_port)
        return Where(epg, asked.host_of(epg), self._skin)

    def _moved(self, request: Request, path: str, user: str) -> Response:
        token = asked.told(asked.query(request), "UserToken") or asked.told(request.cookies, "UserToken")
        named = markup.query(UserToken=token, UserID=user)
        return self._page(dialect_b.moved_page(f"{self._where(request).epg}{path}?{named}"))

    def _failed(self, request: Request, failure: Failure) -> Response:
        user = asked.user_of(asked.fields(request))
        return self._page(dialect_b.failed_page(self._where(request), failure.code, user))

    def _page(self, page: str, *headers: tuple[str, str]) -> Response:
        body, lost = dialect_b.gbk(page)
        if lost:
            self._log.info("{lost} characters are not in GBK and were sent as question marks", lost=lost)
        return Response(200, body, dialect_b.TYPE, headers)
