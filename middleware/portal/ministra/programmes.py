"""The guide's actions: bulk and short of itv, tables, days and weeks of epg (§4, §7)."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from attrs import frozen

from middleware.domain.channels import Channel
from middleware.domain.packages import Entitled
from middleware.portal.core.core import Core
from middleware.portal.core.sessions import Session
from middleware.portal.ministra import guide
from middleware.portal.ministra.ask import Answer, Ask, Call
from middleware.portal.ministra.channels import Listed
from middleware.portal.ministra.drawers import Drawers
from middleware.portal.ministra.guide import View
from middleware.portal.ministra.lasting import Lasting
from middleware.portal.ministra.television import Boards
from middleware.portal.ministra.wire import EMPTY_LIST, Page, Ready, envelope, flag, page, reply, text, whole
from middleware.portal.ministra.zones import day, midnights, zone
from middleware.services.ports import Airing

REST_S: Final = 600
"""A bulk guide is good for ten minutes: it reaches so far beyond what is asked for that nothing lacks."""
LARGEST: Final = 20_000_000
"""Bytes of a bulk guide: one of 25 MB has broken clients."""
NOTHING: Final = reply(envelope((), size=guide.ROWS))
_AHEAD: Final = timedelta(hours=26)
_PARTS: Final = 4000
Airings = Mapping[int, Sequence[Airing]]


@frozen
class _Stretch:
    """What the parts of bulk guides are made of: zone, period, the time at rest (epoch seconds), and versions."""

    zone: str
    hours: int
    rest: int
    programmes: int
    channels: int


class Programmes:
    """Answers about programmes; `town` is the zone of boxes that tell none."""

    def __init__(self, core: Core, town: str, boards: Boards, drawers: Drawers) -> None:
        self._core = core
        self._zone = town
        self._boards = boards
        self._drawers = drawers
        self._bulk = Lasting()
        self._parts: OrderedDict[tuple[_Stretch, int], bytes] = OrderedDict()

    def table_itv(self) -> dict[str, Answer]:
        """Actions of itv by name."""
        return {"get_epg_info": self.bulk, "get_short_epg": self.short}

    def table_epg(self) -> dict[str, Answer]:
        """Actions of epg by name."""
        return {
            "get_data_table": self.data_table,
            "get_simple_data_table": self.day_table,
            "get_week": self.week,
            "get_all_program_for_ch": self.kept,
        }

    async def bulk(self, ask: Ask) -> Ready:
        """get_epg_info: made of parts by channel, kept by package, zone and period."""
        key, state = self._key(ask.call, ask.session), self._state()
        return await self._bulk.get(key, state, partial(self._make, ask, _Stretch(*key[1:], *state)))

    def bulk_at_hand(self, call: Call, session: Session) -> Ready | None:
        """The same, if it is kept."""
        return self._bulk.at_hand(self._key(call, session), self._state())

    def _key(self, call: Call, session: Session) -> tuple[Entitled, str, int]:
        return session.entitled, zone(call.caller.zone, self._zone).key, guide.period(call.values)

    def _state(self) -> tuple[int, int, int]:
        """What bulk guides depend on beside who asks: the time at rest, programmes and channels."""
        core = self._core
        return int(core.seconds()) // REST_S * REST_S, core.guide_version, core.lineup_version

    async def _make(self, ask: Ask, stretch: _Stretch) -> Ready:
        line_up = await self._boards.of(ask.session.entitled)
        channels = [one.channel for one in line_up.listed]
        rest = datetime.fromtimestamp(stretch.rest, UTC)
        start, stop = guide.span(rest, stretch.hours)
        found = await self._core.schedules([one.id for one in channels], start, stop + timedelta(seconds=REST_S))
        view = View(ask.here, rest)
        # A week of a whole line-up takes half a second: rendered in a database thread, beside the reactor.
        return await self._core.read(lambda _uow: self._joined(channels, found, view, stretch), "bulk guide")

    def _joined(self, channels: Sequence[Channel], found: Airings, view: View, stretch: _Stretch) -> Ready:
        parts = [(one.id, self._part(one, found[one.id], view, stretch)) for one in channels]
        js = guide.bulk(parts)
        for hours in reversed(guide.PERIODS):
            if len(js) <= LARGEST:
                break
            if hours < stretch.hours:
                until = guide.span(view.now, hours)[1]
                near = {one.id: [row for row in found[one.id] if row.programme.start < until] for one in channels}
                js = guide.bulk((one.id, guide.channel_bytes(near[one.id], one, view)) for one in channels)
        return Ready.of(js, 5)

    def _part(self, channel: Channel, airings: Sequence[Airing], view: View, stretch: _Stretch) -> bytes:
        key = stretch, channel.id
        part = self._parts.get(key)
        if part is None:
            part = self._parts[key] = guide.channel_bytes(airings, channel, view)
            while len(self._parts) > _PARTS:
                self._parts.popitem(last=False)
        return part

    async def short(self, ask: Ask) -> Ready:
        """get_short_epg: what is on and what follows."""
        one = await self._channel(ask)
        if one is None:
            return EMPTY_LIST
        now = self._core.now()
        airings = await self._core.schedule(one.channel.id, now, now + _AHEAD)
        size = whole(ask.values, "size", 5, 1, 50)
        return reply(guide.short(airings, one.channel, await self._view(ask), size))

    async def data_table(self, ask: Ask) -> Ready:
        """get_data_table: a page of channels beside each other."""
        line_up, view = await self._boards.of(ask.session.entitled), await self._view(ask)
        shown = guide.window(ask.values, view)
        rows = [one for one in line_up.listed if not one.censored]
        if flag(ask.values, "fav"):
            hearts = (await self._drawers.of(ask.session.device.id)).favourites
            rows = [one for one in rows if one.channel.id in hearts]
        wanted = page(ask.values, _place(rows, whole(ask.values, "ch_id")), guide.ROWS)
        some = wanted.of(rows)
        found = await self._core.schedules([one.channel.id for one in some], shown.start, shown.stop)
        made = [guide.table_row(one, found[one.channel.id], shown, view) for one in some]
        return reply(guide.table(made, len(rows), wanted, shown, view))

    async def day_table(self, ask: Ask) -> Ready:
        """get_simple_data_table: a day of one channel, from midnight to midnight of the box."""
        one, view = await self._channel(ask), await self._view(ask)
        if one is None:
            return NOTHING
        today = view.now.astimezone(ask.here).date()
        start, stop = midnights(day(text(ask.values, "date", 20), ask.here) or today, ask.here)
        found = await self._core.schedule(one.channel.id, start, stop)
        airings = [row for row in found if row.programme.start >= start] if found else []
        wanted: Page = page(ask.values, guide.running(airings, view.now), guide.ROWS)
        return reply(guide.day_list(airings, one.channel, view, wanted))

    async def week(self, ask: Ask) -> Ready:
        """get_week."""
        return reply(guide.week(View(ask.here, self._core.now()), ask.lang))

    async def kept(self, ask: Ask) -> Ready:
        """get_all_program_for_ch: what can be watched again."""
        one, now = await self._channel(ask), self._core.now()
        if one is None or one.channel.archive_h <= 0:
            return EMPTY_LIST
        found = await self._core.schedule(one.channel.id, now - timedelta(hours=one.channel.archive_h), now)
        return reply(guide.kept(found, one.channel, now))

    async def _channel(self, ask: Ask) -> Listed | None:
        """The channel that is asked about, if the box may see it."""
        wanted = whole(ask.values, "ch_id")
        return (await self._boards.of(ask.session.entitled)).find(wanted) if wanted else None

    async def _view(self, ask: Ask) -> View:
        """How rows are made for this box, with its reminders."""
        mine = await self._drawers.reminders(ask.session.device.id)
        return View(ask.here, self._core.now(), {(one.channel_id, int(one.start.timestamp())) for one in mine})


def _place(rows: Sequence[Listed], channel: int) -> int | None:
    return next((at for at, one in enumerate(rows) if one.channel.id == channel), None)
