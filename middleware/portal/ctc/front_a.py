"""The addresses of dialect A, for both suffixes."""

from collections.abc import Mapping

from middleware.domain.errors import StorageError
from middleware.portal.ctc import asked, dialect_a, dialect_c, failures, markup
from middleware.portal.ctc.dialect_a import SUFFIXES, Passed, Suffix
from middleware.portal.ctc.door import Door, session_cookie, shut, utf8
from middleware.portal.ctc.failures import Failure
from middleware.portal.ctc.login import Offer
from middleware.web.routes import Routes
from middleware.web.values import Request, Response, redirect

_CLAIMS = ("STBID", "mac", "userToken")


class FrontA:
    """EDS, log-in and channel list of Huawei's platform."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def routes(self, routes: Routes) -> None:
        """Register the addresses; every form keeps the suffix of its request."""
        routes.exact("GET", "/EDS/jsp/AuthenticationURL", self.dispatch, raw=True)
        routes.exact("GET", dialect_a.HOME, self.first, raw=True)
        for suffix in SUFFIXES:
            self._of(routes, suffix)

    def _of(self, routes: Routes, suffix: Suffix) -> None:
        channels = f"/EPG/jsp/getchannellistHW{suffix}.jsp"
        routes.exact("POST", f"/EPG/jsp/authLoginHW{suffix}.jsp", lambda request: self.token(request, suffix), raw=True)
        routes.exact(
            "POST", f"/EPG/jsp/ValidAuthenticationHW{suffix}.jsp", lambda request: self.valid(request, suffix), raw=True
        )
        routes.exact("GET", channels, self.channels, raw=True)
        routes.exact("POST", channels, self.channels, raw=True)

    def dispatch(self, request: Request) -> Response:
        """A1: on to the EPG, by an absolute address; with `return_type=1` as JSON, which is where dialect C begins."""
        epg = asked.epg(request, self._door.settings)
        if asked.told(asked.query(request), "return_type") == "1":
            return Response(200, dialect_c.epg_url(epg), dialect_c.JSON)
        moved = redirect(dialect_a.moved(epg, asked.user_of(asked.query(request))))
        place = epg.removeprefix("http://")
        cookie = ("Set-Cookie", f'EPGIP_PORT="{place}"; Version=1; Max-Age=86400')
        return Response(moved.status, b"", moved.content_type, (*moved.headers, *([cookie] if place else [])))

    def first(self, request: Request) -> Response:
        """A2: who are you."""
        return utf8(dialect_a.first_page(asked.user_of(asked.query(request)), asked.told(asked.query(request), "VIP")))

    async def token(self, request: Request, suffix: Suffix) -> Response:
        """A3: an EncryptToken for anybody; a box whose scheme is known is told it, before it seals."""
        given = asked.fields(request)
        user = asked.user_of(given)
        begun = await self._door.login.begin(user, request.client)
        if isinstance(begun, Failure):
            return self._failed(begun, user)
        return utf8(dialect_a.token_page(suffix, begun.token, user, begun.encryption, asked.told(given, "VIP")))

    async def valid(self, request: Request, suffix: Suffix) -> Response:
        """A4: the Authenticator; the session's cookie is on this answer."""
        given = asked.fields(request)
        entered = await self._door.login.enter(offer_of(given, request.client))
        if isinstance(entered, Failure):
            return self._failed(entered, asked.user_of(given))
        passed = Passed(
            entered.user_token,
            entered.user_id,
            entered.stb_id or "0",
            asked.told(given, "conntype"),
            asked.told(given, "SupportHD") or "1",
            asked.told(given, "Lang") or "1",
        )
        return utf8(dialect_a.passed_page(suffix, passed), session_cookie(entered.jsession))

    async def channels(self, request: Request) -> Response:
        """A5 and A6: the channels, then home. A `tempKey` that does not fit is let pass: it proves nothing."""
        given = asked.fields(request)
        try:
            told = await self._channels(request, given)
        except StorageError:
            told = Failure.LATER
        return self._failed(told, asked.user_of(given)) if isinstance(told, Failure) else utf8(told)

    async def _channels(self, request: Request, given: Mapping[str, str]) -> str | Failure:
        session = await self._door.session(request, given)
        if session is None or shut(session):
            return shut(session) or Failure.STALE
        scripts = await self._door.told_of(request, session, dialect_a.channel_scripts)
        return dialect_a.channels_page(scripts, self._door.home(request, session))

    def _failed(self, failure: Failure, user: str) -> Response:
        retry = f"{dialect_a.HOME}?{markup.query(UserID=user, Action='Login')}"
        return utf8(failures.page(failure, retry, hotline=self._door.settings.hotline))


def offer_of(given: Mapping[str, str], client: str) -> Offer:
    """What a form offers; all dialects name these fields alike."""
    return Offer(
        asked.user_of(given),
        client,
        asked.told(given, "Authenticator", "authinfo"),
        {name: asked.told(given, name) for name in _CLAIMS},
        asked.told(given, "STBType", "stbtype", "DeviceType")[:64],
        asked.told(given, "STBVersion", "stbversion", "DeviceVersion")[:64],
    )
