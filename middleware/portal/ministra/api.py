"""The adapter: addresses, and one dispatcher from type and action to what answers.

| type | actions |
|---|---|
| stb | handshake, get_profile, get_localization, do_auth (these four without a token); check_portal_status, |
| | get_modules, get_preload_images, get_tv_aspects, get_storages, get_ad, log, set_volume, set_aspect, |
| | set_clock_on_video, set_stream_error, save_diagnostic_info, logout |
| itv | get_genres, get_all_channels, get_ordered_list, get_all_fav_channels, get_fav_ids, set_fav, set_fav_status, |
| | create_link, get_epg_info, get_short_epg, set_last_id, set_played, set_claim, add_to_censored, del_from_censored, |
| | save_dvb_channels |
| epg | get_data_table, get_simple_data_table, get_week, get_all_program_for_ch |
| vod, series | get_categories, get_ordered_list, get_genres_by_category_alias, get_genres, get_years, get_abc, |
| | create_link, set_fav, del_fav, set_not_ended, set_ended, set_claim, set_played, del_link |
| tv_archive | create_link, get_link_for_channel, get_next_part_url, set_played, update_played_end_time |
| remote_pvr | the answers of `pvr` |
| tvreminder | get_all_active, add, del |
| media_favorites, downloads | get_all, save |
| account_info | get_main_info, get_payment_info, get_agreement_info, get_terms_info, get_user_packages |
| account | subscribe_to_package, unsubscribe_from_package, check_price, rent_video |
| watchdog | get_events, confirm_event |
| radio, karaoke, audioclub | the answers of `modules`: nothing there |
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import lru_cache
from secrets import token_hex
from typing import Any, Final
from urllib.parse import urlsplit

from twisted.logger import Logger

from middleware import config
from middleware.domain.errors import DomainError
from middleware.portal.core.core import Core
from middleware.portal.core.sessions import Session
from middleware.portal.ministra import links, modules, pvr, words
from middleware.portal.ministra.ask import Answer, Ask, Call, Open
from middleware.portal.ministra.caller import bearer, caller
from middleware.portal.ministra.catchup import CatchUp
from middleware.portal.ministra.clubs import Clubs
from middleware.portal.ministra.door import Door, Secret
from middleware.portal.ministra.drawers import Drawers
from middleware.portal.ministra.home import Home
from middleware.portal.ministra.polls import Polls
from middleware.portal.ministra.programmes import Programmes
from middleware.portal.ministra.reports import Reports
from middleware.portal.ministra.settings import Settings
from middleware.portal.ministra.stubs import add_stubs
from middleware.portal.ministra.television import Boards, Television
from middleware.portal.ministra.wire import EMPTY_LIST, FALSE, NOTHING, UNAUTHORIZED, Ready, Values, reply
from middleware.portal.ministra.zones import zone
from middleware.web.heads import accepts_gzip
from middleware.web.routes import Routes
from middleware.web.urlencoded import parse_raw_pairs, parse_raw_query
from middleware.web.values import Request, Response, Result, redirect

ALIASES: Final = (
    "/stalker_portal/server/load.php",
    "/server/load.php",
    "/stalker_portal/portal.php",
    "/portal.php",
    "/c/portal.php",
)
MAX_FORM: Final = 256 * 1024
"""Bytes of a form: 64 KiB of JSON, percent-encoded."""
_EMPTY_GUIDE: Final = reply({"data": {}})
_LISTS: Final = frozenset(
    {"get_ordered_list", "get_all_channels", "get_all_fav_channels", "get_all_fav_radio", "get_simple_data_table"}
)
_ARRAYS: Final = frozenset({"get_genres", "get_categories", "get_fav_ids", "get_short_epg", "get_week"})


def settings_of(ministra: config.Ministra, devices: config.Devices, public_url: str) -> Settings:
    """What the sections of the settings file say about this API."""
    return Settings(
        ministra.watchdog_s,
        ministra.zone,
        devices.unknown,
        tuple(devices.mac_prefixes),
        devices.hotline,
        urlsplit(public_url).netloc,
        ministra.without_profile,
        ministra.maintenance,
    )


class Ministra:
    """Answers boxes. It never redirects, never answers another status than 200, and logs nothing that they send."""

    _log = Logger()

    def __init__(self, core: Core, settings: Settings, secret: Secret = token_hex) -> None:
        self._settings = settings
        drawers, boards, reports = Drawers(core), Boards(core), Reports(core)
        self._polls = Polls(core)
        self._door = Door(core, settings, drawers, secret, self._polls.told)
        self._open: dict[tuple[str, str], Open] = {
            ("stb", "handshake"): self._door.handshake,
            ("stb", "get_profile"): self._door.profile,
            ("stb", "get_localization"): self._door.localization,
            ("stb", "do_auth"): self._door.log_in,
        }
        television, programmes = Television(core, boards, drawers, reports), Programmes(core, boards, drawers)
        clubs, home = Clubs(core, drawers, reports), Home(core, settings, boards, drawers)
        self._table = _joined(
            stb={"get_modules": modules.MODULES, **home.table_stb(), **reports.table()},
            itv={**television.table(), **programmes.table_itv()},
            epg=programmes.table_epg(),
            vod=clubs.table(series=False),
            series=clubs.table(series=True),
            tv_archive=CatchUp(core, boards).table(),
            remote_pvr=dict(pvr.ANSWERS),
            tvreminder=home.table_reminders(),
            account_info=home.table_account_info(),
            account=home.table_account(),
            watchdog={"get_events": self._polls.events, "confirm_event": self._polls.confirm},
            radio=dict(modules.RADIO),
            karaoke=dict(modules.KARAOKE),
            audioclub=dict(modules.AUDIOCLUB),
            **home.tables_saved(),
        )

    def routes(self, routes: Routes) -> None:
        """Register every alias, the root for queries that mean the API, and the discovery stubs."""
        for alias in ALIASES:
            for method in ("GET", "POST"):
                routes.exact(method, alias, self.answer, max_body=MAX_FORM, raw=True)
        for method in ("GET", "POST"):
            routes.exact(method, "/", self.at_root, max_body=MAX_FORM, raw=True)
        add_stubs(routes)

    def at_root(self, request: Request) -> Result | Awaitable[Result]:
        """The API when type and action are asked for, else the way to our pages."""
        values = _values(request)
        if values.get("type") and values.get("action"):
            return self.answer(request)
        return redirect("/portal", 302 if request.method in {"GET", "HEAD"} else 303)

    def answer(self, request: Request) -> Result | Awaitable[Result]:
        """Answer a call; at once where nothing must be read."""
        call, gzip = _call(request), accepts_gzip(request.headers.get("accept-encoding", ""))
        opened = self._open.get((call.kind, call.action))
        if opened is not None:
            return self._opened(call, opened, gzip=gzip) if call.caller.named else UNAUTHORIZED
        session = self._door.at_hand(call)
        if isinstance(session, Response):
            return session
        if session is None:
            return self._looked_up(call, gzip=gzip)
        return self._let_in(call, session, gzip=gzip)

    async def _opened(self, call: Call, act: Open, *, gzip: bool) -> Response:
        return await self._safe(call, lambda: _coroutine(act(call)), gzip=gzip)

    async def _looked_up(self, call: Call, *, gzip: bool) -> Result:
        try:
            session = await self._door.look_up(call)
        except DomainError as error:
            return self._failed(call, error).sent(gzip=gzip)
        if isinstance(session, Response):
            return session
        result = self._let_in(call, session, gzip=gzip)
        return result if isinstance(result, Response) else await result

    def _let_in(self, call: Call, session: Session, *, gzip: bool) -> Response | Coroutine[Any, Any, Response]:
        """Answer a box that may call this."""
        act: Answer | None = self._table.get((call.kind, call.action))
        if (call.kind, call.action) == ("watchdog", "get_events"):
            act = self._polls.idle(call, session) or act
        if act is None:
            return empty(call.action).sent(gzip=gzip)
        if isinstance(act, Ready):
            return act.sent(gzip=gzip)
        ask, known = self._ask(call, session), act
        return self._safe(call, lambda: _coroutine(known(ask)), gzip=gzip)

    def _ask(self, call: Call, session: Session) -> Ask:
        return Ask(
            call,
            session,
            zone(call.caller.zone, self._settings.zone),
            words.language(call.caller.lang),
            links.base(call.host, self._settings.public),
        )

    async def _safe(
        self, call: Call, act: Callable[[], Coroutine[Any, Any, Ready | Response]], *, gzip: bool
    ) -> Response:
        try:
            found = await act()
        except Exception as error:  # noqa: BLE001 a box that gets no JSON hangs or forgets its channels
            found = self._failed(call, error)
        return found if isinstance(found, Response) else found.sent(gzip=gzip)

    def _failed(self, call: Call, error: Exception) -> Ready:
        """What a box gets for an action that could not be done; the names of known actions are no secrets."""
        name = f"{call.kind}/{call.action}"
        if isinstance(error, DomainError):
            self._log.warn("{name} was not done: {code}", name=name, code=error.code)
        else:
            self._log.failure("{name} failed", name=name)
        if call.action == "get_profile":
            return self._door.busy(call)
        return self._door.another_token() if call.action == "handshake" else empty(call.action)


def empty(action: str) -> Ready:
    """What clients take for nothing: the list object of lists, an empty guide, `[]` of arrays, else false."""
    if action == "get_epg_info":
        return _EMPTY_GUIDE
    if action in _ARRAYS:
        return EMPTY_LIST
    return NOTHING if action in _LISTS else FALSE


async def _coroutine(waiting: Awaitable[Ready | Response]) -> Ready | Response:
    return await waiting


def _joined(**tables: dict[str, Answer]) -> dict[tuple[str, str], Answer]:
    return {(kind, action): answer for kind, actions in tables.items() for action, answer in actions.items()}


def _call(request: Request) -> Call:
    values, headers = _values(request), request.headers
    return Call(
        values.get("type", "")[:40],
        values.get("action", "")[:40],
        values,
        caller(headers.get("cookie", "")),
        bearer(headers.get("authorization", "")),
        request.client,
        headers.get("host", ""),
    )


def _values(request: Request) -> Values:
    """The parameters: those of the form first, then those of the query."""
    if request.method == "POST":
        return {**parse_raw_query(request.target), **parse_raw_pairs(request.body)}
    if b"=watchdog" in request.target:
        return _poll(request.target)
    return parse_raw_query(request.target)


@lru_cache(maxsize=4096)
def _poll(target: bytes) -> Values:
    """The parameters of a poll: boxes send the same ones each time."""
    return parse_raw_query(target)
