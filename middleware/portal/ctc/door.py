"""What the endpoints of all dialects share: the session of a request, the channels it may see, the way home."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from middleware.domain.channels import Channel
from middleware.domain.packages import Entitled
from middleware.domain.tokens import Kind
from middleware.portal import tickets
from middleware.portal.core.core import Core
from middleware.portal.core.links import own_channel
from middleware.portal.core.sessions import Session
from middleware.portal.ctc import asked, markup, names
from middleware.portal.ctc.failures import Failure
from middleware.portal.ctc.login import LogIn
from middleware.portal.ctc.records import Listed
from middleware.portal.ctc.settings import Settings
from middleware.web.values import TEXT, Request, Response

_USER_TOKENS: Final = ("UserToken", "userToken", "usertoken")
Render = Callable[[Sequence[Listed]], str]
_LISTS: Final = 32
"""Channel lists in memory, some 50 KB each: villages with packages of their own, in each dialect."""
_COOKIES: Final = (*_USER_TOKENS, "telecomToken")
CLOSED: Final = frozenset({"blocked", "expired", "retired"})


class Door:
    """`login` gives tokens and takes Authenticators; `settings` and `core` are everybody's."""

    def __init__(self, core: Core, settings: Settings) -> None:
        self.core = core
        self.settings = settings
        self.login = LogIn(core, settings)
        self._lists: OrderedDict[tuple[Render, Entitled, str, int], str] = OrderedDict()

    async def session(self, request: Request, given: Mapping[str, str], *, alone: bool = False) -> Session | None:
        """Whose request this is: by JSESSIONID, else by UserToken and UserID together, since boxes lose cookies.

        With `alone` a UserToken suffices, where the dialect sends nothing else with it.
        """
        cookies = request.cookies
        found = await self._by("jsession", cookies.get("JSESSIONID", ""), request)
        if found is not None:
            return found
        token = asked.told(given, *_USER_TOKENS) or asked.told(cookies, *_COOKIES)
        found = await self._by("usertoken", token, request)
        user = asked.user_of(given) or asked.user_of(cookies)
        return found if found is not None and (alone or found.device.iptv_user == user) else None

    async def bearer(self, request: Request) -> Session | None:
        """Whose request this is by its Authorization header, which holds the UserToken without any scheme word."""
        return await self._by("usertoken", request.headers.get("authorization", "").strip(), request)

    async def owns(self, session: Session, user_token: str) -> bool:
        """Whether this UserToken belongs to the same box, so that a cookie may be made of it."""
        fresh = names.fresh(user_token, self.core.seconds())
        other = await self.core.session("usertoken", user_token) if fresh else None
        return other is not None and other.device.id == session.device.id

    async def _by(self, kind: Kind, token: str, request: Request) -> Session | None:
        if not names.fresh(token, self.core.seconds()):
            return None
        found = await self.core.session(kind, token, request.client)
        if found is not None:
            self.core.presence.seen(found.device.id, request.client)
        return found

    async def channels(self, session: Session) -> tuple[Channel, ...]:
        """The channels that this box may see, by number."""
        return (await self.core.lineup(session.entitled)).channels

    async def listed(self, request: Request, session: Session) -> list[Listed]:
        """The same with the addresses of their logos, and of our own channels as they go on behind their time."""
        base = asked.home(request, self.settings)
        return [
            Listed(
                one,
                f"{base}/logos/{one.logo}" if one.logo else "",
                base + self.settings.sign(one.url) if one.archive_h and own_channel(one.url) else "",
            )
            for one in await self.channels(session)
        ]

    async def told_of(self, request: Request, session: Session, render: Render) -> str:
        """The same as a dialect writes it: made once for all boxes that see the same, until line-ups change."""
        home, signed = asked.home(request, self.settings), self.settings.sign("/ch/any")
        key = render, session.entitled, f"{home} {signed}", self.core.lineup_version
        known = self._lists.get(key)
        if known is None:
            known = self._lists[key] = render(await self.listed(request, session))
            while len(self._lists) > _LISTS:
                self._lists.popitem(last=False)
        return known

    def home(self, request: Request, session: Session) -> str:
        """Our portal page for this box: the box keeps it for its home key, so it is good without the ticket too."""
        device = session.device
        ticket = tickets.issue(self.settings.key, device.id, self.core.now())
        mac = {"mac": device.mac.replace(":", "")} if device.mac else {}
        named = markup.query(user=device.iptv_user, **mac, **{tickets.FIELD: ticket})
        return f"{asked.home(request, self.settings)}/portal?{named}"


def shut(session: Session | None) -> Failure | None:
    """Why a box with, or without, a session gets no channels."""
    if session is None:
        return Failure.STALE
    return Failure.SUSPENDED if session.standing.state in CLOSED else None


def refused() -> Response:
    """403, bare, for programs: there is no session, or none that may see this."""
    return Response(403, b"", TEXT)


def session_cookie(jsession: str, path: str = "/") -> tuple[str, str]:
    """The cookie of a session, as the platform writes it: pages of boxes read it too."""
    return "Set-Cookie", f"JSESSIONID={jsession}; Path={path}"


def utf8(page: str, *headers: tuple[str, str]) -> Response:
    """A page of dialect A."""
    return Response(200, page.encode(errors="replace"), headers=headers)
