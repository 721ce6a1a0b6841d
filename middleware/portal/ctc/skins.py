"""The guide addresses of the skins: installed ones answer 403 without a session, all others are a bare 404."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from middleware.domain.channels import Channel
from middleware.portal.core.sessions import Session
from middleware.portal.ctc import asked, guides, records
from middleware.portal.ctc.door import Door, refused
from middleware.portal.ctc.schedule import Schedule
from middleware.portal.ctc.slots import BACK, days, today
from middleware.web.routes import Routes
from middleware.web.values import HTML, JSON, TEXT, Request, Response, redirect

Answer = Callable[[Session, Mapping[str, str]], Awaitable[Response]]
_JSP: Final = "/EPG/jsp"
_FUJIAN: Final = f"{_JSP}/StbEpg2023Group/en/function/ajax"
ICONS: Final = f"{_JSP}/iptvsnmv3/en/list/images/channelIcon/"
_MOST_CHANNELS: Final = 50
_MOST: Final = 1_000_000
_PAGE: Final = 100
_FAR: Final = 400
"""Days."""


class Skins:
    """The seven guides; `schedule` asks the core for all of them."""

    def __init__(self, door: Door, schedule: Schedule) -> None:
        self._door = door
        self._schedule = schedule

    def routes(self, routes: Routes) -> None:
        """Register the addresses of the skins that are installed."""
        table: dict[str, tuple[tuple[str, str, Answer], ...]] = {
            "liveplay_30": (("GET", f"{_JSP}/liveplay_30/en/getTvodData.jsp", self.liveplay_30),),
            "defaulttrans2": (
                ("GET", f"{_JSP}/defaulttrans2/en/datajsp/getTvodProgListByIndex.jsp", self.defaulttrans2),
            ),
            "gdhdpublic": (("GET", f"{_JSP}/gdhdpublic/Ver.3/common/data.jsp", self.gdhdpublic),),
            "StbEpg2023Group": (
                ("POST", f"{_FUJIAN}/epg7getProperties.jsp", self.fujian),
                ("POST", f"{_FUJIAN}/epg7getChannelByAjax.jsp", self.fujian),
            ),
            "xagqftkdb": (("GET", f"{_JSP}/xagqftkdb/en/GDIndex/hwdatajsp/prevueList.jsp", self.xagqftkdb),),
            "iptvsnmv3": (("GET", f"{_JSP}/iptvsnmv3/en/play/ajax/_ajax_getPlaybillList.jsp", self.iptvsnmv3),),
        }
        for skin in self._door.settings.skins:
            for method, path, answer in table.get(skin, ()):
                routes.exact(method, path, self._for_session(answer), raw=True)
        if "VSP" in self._door.settings.skins:
            routes.exact("POST", "/VSP/V3/QueryPlaybillList", self.vsp, raw=True)
        if "iptvsnmv3" in self._door.settings.skins:
            routes.prefix("GET", ICONS, self.icon)

    def _for_session(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def asked_by(request: Request) -> Response:
            given = asked.fields(request)
            session = await self._schedule.session(request, given)
            return await answer(session, given) if session else refused()

        return asked_by

    async def liveplay_30(self, session: Session, given: Mapping[str, str]) -> Response:
        """Skin 1: all days of a channel."""
        code = asked.told(given, "channelId")
        told = await self._schedule.of_all_days(session, code)
        return Response(200, guides.liveplay_30(code_of(told.channel), told.slots, days(self._door.core.now())), HTML)

    async def defaulttrans2(self, session: Session, given: Mapping[str, str]) -> Response:
        """Skin 2: a day of a channel, counted from today."""
        now = self._door.core.now()
        day = today(now) + timedelta(days=asked.number(asked.told(given, "index"), -_FAR, _FAR, 0))
        told = await self._schedule.of_day(session, asked.told(given, "CHANNELID", "channelId"), day)
        return Response(200, guides.defaulttrans2(told.slots, day, days(now)[: BACK + 1], now), JSON)

    async def gdhdpublic(self, session: Session, given: Mapping[str, str]) -> Response:
        """Skin 3: a date of a channel; of its actions there is one."""
        if asked.told(given, "Action") != "channelProgramList":
            return Response(200, guides.text({"result": []}), JSON)
        day = asked.day(asked.told(given, "date"), "%Y%m%d")
        told = await self._schedule.of_day(session, asked.told(given, "channelId"), day)
        now = self._door.core.now()
        return Response(200, guides.gdhdpublic(code_of(told.channel), told.slots, day or today(now), now), JSON)

    async def vsp(self, request: Request) -> Response:
        """Skin 4: JSON under whatever content type."""
        session = await self._schedule.session(request, asked.query(request))
        if session is None:
            return refused()
        wanted = _wanted(request.body)
        if wanted is None:
            return Response(400, guides.vsp_refused(), JSON)
        codes, start, stop, offset, count = wanted
        first, last = asked.instant(start), asked.instant(stop)
        schedules = {code: (await self._schedule.between(session, code, first, last)).slots for code in codes}
        return Response(200, guides.vsp(schedules, offset, count), JSON)

    async def fujian(self, session: Session, given: Mapping[str, str]) -> Response:
        """Skin 5: groups, channels of a group, programmes of a channel."""
        action = asked.told(given, "action")
        lineup = await self._door.core.lineup(session.entitled)
        if action == "getChannelCate":
            return Response(200, guides.fujian_categories((str(one.id), one.title) for one in lineup.genres), JSON)
        if action == "getChannelList":
            wanted = asked.told(given, "cateID")
            listed = [one for one in lineup.channels if wanted in {"", "0", str(one.genre_id)}]
            return Response(200, guides.fujian_channels(map(named, listed)), JSON)
        if action != "getChannelProg":
            return Response(200, guides.fujian_refused("no such action"), JSON)
        code = asked.told(given, "channelID", "code")
        start, stop = (asked.instant(asked.told(given, name)) for name in ("startTime", "endTime"))
        told = await self._schedule.between(session, code, start, stop)
        offset = asked.number(asked.told(given, "offset"), 0, _MOST, 0)
        limit = asked.number(asked.told(given, "limit"), 1, guides.MOST_A_PAGE, guides.MOST_A_PAGE)
        shown = told.slots[offset : offset + limit]
        return Response(200, guides.fujian_programmes(code_of(told.channel), shown, self._door.core.now()), JSON)

    async def xagqftkdb(self, session: Session, given: Mapping[str, str]) -> Response:
        """Skin 6: a date of a channel by pages, JSON under the name of HTML."""
        day = asked.day(asked.told(given, "curdate"), "%Y%m%d")
        told = await self._schedule.of_day(session, asked.told(given, "channelID", "channelId"), day)
        page = asked.number(asked.told(given, "pageIndex"), 1, _MOST, 1)
        size = asked.number(asked.told(given, "pageSize"), 1, 9999, 9999)
        name = records.plain_name(told.channel.name) if told.channel else ""
        day = day or today(self._door.core.now())
        return Response(200, guides.xagqftkdb(name, told.slots, day, page, size), HTML)

    async def iptvsnmv3(self, session: Session, given: Mapping[str, str]) -> Response:
        """Skin 7: a channel from begin to end."""
        start, stop = (asked.instant(asked.told(given, name)) for name in ("begin", "end"))
        told = await self._schedule.between(session, asked.told(given, "channelId"), start, stop)
        return Response(200, guides.iptvsnmv3(told.slots), JSON)

    async def icon(self, request: Request) -> Response:
        """A channel's logo by its code."""
        session = await self._schedule.session(request, asked.fields(request))
        if session is None:
            return refused()
        channel = await self._schedule.channel(session, request.rest.removesuffix(".png"))
        return redirect(f"/logos/{channel.logo}") if channel and channel.logo else Response(404, b"", TEXT)


def code_of(channel: Channel | None) -> str:
    """A channel's code in dialect A; empty for none."""
    return records.code_a(channel) if channel else ""


def named(channel: Channel) -> tuple[str, str, str]:
    """Code, name and number of a channel."""
    return records.code_a(channel), records.plain_name(channel.name, channel.number), str(channel.number)


def _wanted(body: bytes) -> tuple[tuple[str, ...], str, str, int, int] | None:
    """Channels, begin, end, offset and count of skin 4's question; numbers come as text or not. None if it is none."""
    try:
        asked_for: Any = json.loads(body)
        codes = tuple(str(one) for one in asked_for["queryChannel"]["channelIDs"])[:_MOST_CHANNELS]
        bill = asked_for["queryPlaybill"]
        begin, end = str(bill.get("startTime") or ""), str(bill.get("endTime") or "")
        offset = asked.number(str(bill.get("offset", "")), 0, _MOST, 0)
        return codes, begin, end, offset, asked.number(str(bill.get("count", "")), 1, _PAGE, _PAGE)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
