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

import re
from collections.abc import Awaitable, Coroutine
from secrets import token_hex
from typing import Any, Final
from urllib.parse import urlsplit

from twisted.logger import Logger

from middleware import config
from middleware.domain.errors import DomainError
from middleware.portal.core.core import Core
from middleware.portal.core.sessions import Session
from middleware.portal.ministra import links, modules, pvr, words
from middleware.portal.ministra.ask import Answer, Ask, AtHand, Call, Open
from middleware.portal.ministra.caller import bearer, caller
from middleware.portal.ministra.catchup import CatchUp
from middleware.portal.ministra.clubs import Clubs
from middleware.portal.ministra.door import Door, Secret
from middleware.portal.ministra.drawers import Drawers
from middleware.portal.ministra.home import Home
from middleware.portal.ministra.localization import localization
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
_SHORT, _KEPT = 240, 4096
"""Bytes of a target whose parameters are kept, and how many of them: 4 MB at most."""
_SECRETS: Final = re.compile(rb"handshake|auth|token|password|cmd|param|save", re.IGNORECASE)
"""Calls whose parameters are not kept."""
_EMPTY_GUIDE: Final = reply({"data": {}})
_LISTS: Final = frozenset(
    {
        *("get_ordered_list", "get_all_channels", "get_all_fav_channels", "get_all_fav_radio", "get_all_radio"),
        *("get_simple_data_table", "get_data_table", "get_user_packages", "get_track_list"),
    }
)
_ARRAYS: Final = frozenset(
    {
        *("get_genres", "get_categories", "get_genres_by_category_alias", "get_years", "get_abc", "get_fav_ids"),
        *("get_short_epg", "get_week", "get_all_program_for_ch", "get_all_active", "get_active_recordings"),
        *("get_preload_images", "get_storages"),
    }
)


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
        self._parameters = Parameters()
        drawers, boards, reports = Drawers(core), Boards(core), Reports(core)
        self._polls = Polls(core, closed=settings.maintenance)
        self._door = Door(core, settings, drawers, secret, self._polls.told)
        self._open: dict[tuple[str, str], Open] = {
            ("stb", "handshake"): self._door.handshake,
            ("stb", "get_profile"): self._door.profile,
            ("stb", "do_auth"): self._door.log_in,
            ("stb", "get_localization"): lambda call: localization(words.language(call.caller.lang)),
        }
        television, programmes = (
            Television(core, boards, drawers, reports),
            Programmes(core, settings.zone, boards, drawers),
        )
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

        self._at_hand: dict[tuple[str, str], AtHand] = {
            ("watchdog", "get_events"): self._polls.idle,
            ("itv", "get_epg_info"): programmes.bulk_at_hand,
            **{("itv", action): kept for action, kept in television.at_hand().items()},
        }

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
        values = self._parameters.of(request)
        if values.get("type") and values.get("action"):
            return self.answer(request)
        return redirect("/portal", 302 if request.method in {"GET", "HEAD"} else 303)

    def answer(self, request: Request) -> Result | Awaitable[Result]:
        """Answer a call; at once where nothing must be read."""
        call = _call(request, self._parameters.of(request))
        gzip = accepts_gzip(request.headers.get("accept-encoding", ""))
        act = self._open.get((call.kind, call.action))
        if act is not None:
            return self._given(call, act(call), gzip=gzip) if call.caller.named else UNAUTHORIZED
        session = self._door.at_hand(call)
        if session is None:
            return self._looked_up(call, gzip=gzip)
        return session if isinstance(session, Response) else self._let_in(call, session, gzip=gzip)

    async def _looked_up(self, call: Call, *, gzip: bool) -> Result:
        try:
            session = await self._door.look_up(call)
        except Exception as error:  # noqa: BLE001 a box that gets no JSON hangs or forgets its channels
            return self._failed(call, error).sent(gzip=gzip)
        if isinstance(session, Response):
            return session
        result = self._let_in(call, session, gzip=gzip)
        return result if isinstance(result, Response) else await result

    def _let_in(self, call: Call, session: Session, *, gzip: bool) -> Response | Coroutine[Any, Any, Response]:
        """Answer a box that may call this."""
        name = call.kind, call.action
        at_hand = self._at_hand.get(name)
        act = (at_hand(call, session) if at_hand is not None else None) or self._table.get(name)
        if act is None:
            return empty(call.action).sent(gzip=gzip)
        return self._given(call, act if isinstance(act, Ready) else act(self._ask(call, session)), gzip=gzip)

    def _ask(self, call: Call, session: Session) -> Ask:
        return Ask(
            call,
            session,
            zone(call.caller.zone, self._settings.zone),
            words.language(call.caller.lang),
            links.base(call.host, self._settings.public),
        )

    def _given(
        self, call: Call, answer: Ready | Awaitable[Ready | Response], *, gzip: bool
    ) -> Response | Coroutine[Any, Any, Response]:
        return answer.sent(gzip=gzip) if isinstance(answer, Ready) else self._safe(call, answer, gzip=gzip)

    async def _safe(self, call: Call, answer: Awaitable[Ready | Response], *, gzip: bool) -> Response:
        try:
            found = await answer
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


def _joined(**tables: dict[str, Answer]) -> dict[tuple[str, str], Answer]:
    return {(kind, action): answer for kind, actions in tables.items() for action, answer in actions.items()}


class Parameters:
    """Reads what is sent; what boxes send again and again is read once, unless it may hold a secret."""

    def __init__(self) -> None:
        self._known: dict[bytes, Values] = {}

    def of(self, request: Request) -> Values:
        """The parameters: those of the query, and before them those of the form."""
        if request.method == "POST":
            return {**parse_raw_query(request.target), **parse_raw_pairs(request.body)}
        return self._known.get(request.target) or self._read(request.target)

    def _read(self, target: bytes) -> Values:
        values = parse_raw_query(target)
        if len(target) <= _SHORT and not _SECRETS.search(target):
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[target] = values
        return values


def _call(request: Request, values: Values) -> Call:
    headers = request.headers
    return Call(
        values.get("type", "")[:40],
        values.get("action", "")[:40],
        values,
        caller(headers.get("cookie", "")),
        bearer(headers.get("authorization", "")),
        request.client,
        headers.get("host", ""),
    )
