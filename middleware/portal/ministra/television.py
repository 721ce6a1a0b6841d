"""itv: channels, genres, favourites, links, and what a box reports of them (§4, §5)."""

from collections import OrderedDict
from typing import Final

from attrs import evolve

from middleware.domain.packages import Entitled
from middleware.portal.core.core import Core
from middleware.portal.core.sessions import Session
from middleware.portal.ministra import links
from middleware.portal.ministra.ask import Answer, Ask, AtHand, Call
from middleware.portal.ministra.channels import (
    Board,
    Personal,
    board,
    favourite_ids,
    favourite_list,
    ordered_list,
)
from middleware.portal.ministra.drawers import Drawers
from middleware.portal.ministra.guide import playing
from middleware.portal.ministra.lasting import Lasting
from middleware.portal.ministra.prefs import MOST_FAVOURITES, with_lock
from middleware.portal.ministra.reports import Reports
from middleware.portal.ministra.wire import TRUE, Ready, dump, flag, ids, reply, text, whole
from middleware.services.lineup import Lineup

_KEPT: Final = 256
_LISTS: Final = 16 * 1024 * 1024
"""Bytes of channel lists in memory: a town with a few packages, and boxes with favourites of their own."""


class Boards:
    """Line-ups as rows, by what boxes may see."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._made: OrderedDict[Entitled, tuple[Lineup, Board]] = OrderedDict()

    async def of(self, entitled: Entitled) -> Board:
        """The rows of a line-up; made once until it changes."""
        line_up = await self._core.lineup(entitled)
        made = self._made.get(entitled)
        if made is None or made[0] is not line_up:
            made = self._made[entitled] = line_up, board(line_up.channels, line_up.genres, line_up.links)
            if len(self._made) > _KEPT:
                self._made.popitem(last=False)
        return made[1]


class Television:
    """Answers itv, but for its guide."""

    def __init__(self, core: Core, boards: Boards, drawers: Drawers, reports: Reports) -> None:
        self._core = core
        self._boards = boards
        self._drawers = drawers
        self._reports = reports
        self._lists = Lasting(_LISTS)

    def table(self) -> dict[str, Answer]:
        """Actions by name."""
        return {
            "get_genres": self.genres,
            "get_all_channels": self.all_channels,
            "get_ordered_list": self.ordered_list,
            "get_all_fav_channels": self.favourites,
            "get_fav_ids": self.favourite_ids,
            "set_fav": self.set_favourites,
            "set_fav_status": self.set_only_favourites,
            "create_link": self.create_link,
            "set_last_id": self.set_last,
            "set_played": TRUE,
            "set_claim": self.claim,
            "add_to_censored": self.lock,
            "del_from_censored": self.unlock,
            "save_dvb_channels": TRUE,
        }

    def at_hand(self) -> dict[str, AtHand]:
        """What of these answers is kept, by action."""
        return {"get_genres": self._genres_at_hand, "get_all_channels": self._channels_at_hand}

    def _genres_at_hand(self, _call: Call, session: Session) -> Ready | None:
        return self._lists.at_hand(("genres", session.entitled), self._core.lineup_version)

    def _channels_at_hand(self, _call: Call, session: Session) -> Ready | None:
        prefs = self._drawers.at_hand(session.device.id)
        if prefs is None:
            return None
        key = "channels", session.entitled, frozenset(prefs.favourites), frozenset(prefs.censored)
        return self._lists.at_hand(key, self._core.lineup_version)

    async def genres(self, ask: Ask) -> Ready:
        """get_genres: the same for all who see the same."""
        entitled = ask.session.entitled

        async def make() -> Ready:
            return Ready.of(dump([*(await self._boards.of(entitled)).genres]))

        return await self._lists.get(("genres", entitled), self._core.lineup_version, make)

    async def all_channels(self, ask: Ask) -> Ready:
        """get_all_channels: everything that is not locked."""
        entitled, prefs = ask.session.entitled, await self._drawers.of(ask.session.device.id)
        hearts, locked = frozenset(prefs.favourites), frozenset(prefs.censored)

        async def make() -> Ready:
            made = (await self._boards.of(entitled)).bulk(hearts, locked)
            return Ready.of(made, 1 if hearts or locked else 6)

        return await self._lists.get(("channels", entitled, hearts, locked), self._core.lineup_version, make)

    async def ordered_list(self, ask: Ask) -> Ready:
        """get_ordered_list: a page."""
        line_up = await self._boards.of(ask.session.entitled)
        return reply(ordered_list(line_up, ask.values, await self._personal(ask)))

    async def favourites(self, ask: Ask) -> Ready:
        """get_all_fav_channels."""
        return reply(favourite_list(await self._boards.of(ask.session.entitled), await self._personal(ask)))

    async def favourite_ids(self, ask: Ask) -> Ready:
        """get_fav_ids."""
        prefs = await self._drawers.of(ask.session.device.id)
        line_up = await self._boards.of(ask.session.entitled)
        return reply(favourite_ids(line_up, Personal(prefs.favourites)))

    async def _personal(self, ask: Ask) -> Personal:
        prefs = await self._drawers.of(ask.session.device.id)
        on_air = await self._core.now_next()

        def now(channel: int) -> str:
            one = on_air.get(channel)
            return playing(one.present if one else None, ask.here)

        return Personal(prefs.favourites, prefs.last_channel, now, prefs.censored)

    async def set_favourites(self, ask: Ask) -> Ready:
        """set_fav: the whole list anew."""
        chosen = ids(ask.values, "fav_ch", MOST_FAVOURITES)
        await self._drawers.change(ask.session.device.id, lambda prefs: evolve(prefs, favourites=chosen))
        return TRUE

    async def set_only_favourites(self, ask: Ask) -> Ready:
        """set_fav_status: whether the box shows its favourites only."""
        only = int(flag(ask.values, "fav_itv_on"))
        await self._drawers.change(ask.session.device.id, lambda prefs: evolve(prefs, only_favourites=only))
        return TRUE

    async def set_last(self, ask: Ask) -> Ready:
        """set_last_id: the channel that the box is on."""
        last = whole(ask.values, "id")
        await self._drawers.change(ask.session.device.id, lambda prefs: evolve(prefs, last_channel=last))
        return TRUE

    async def lock(self, ask: Ask) -> Ready:
        """add_to_censored: the viewer locks a channel on this box."""
        channel = whole(ask.values, "ch_id")
        await self._drawers.change(ask.session.device.id, lambda prefs: with_lock(prefs, channel, wanted=True))
        return TRUE

    async def unlock(self, ask: Ask) -> Ready:
        """del_from_censored."""
        channel = whole(ask.values, "ch_id")
        await self._drawers.change(ask.session.device.id, lambda prefs: with_lock(prefs, channel, wanted=False))
        return TRUE

    async def create_link(self, ask: Ask) -> Ready:
        """create_link: a signed address for the link or channel that the cmd names."""
        link = links.link_of(ask.values)
        channel = await self._channel_of(ask, link)
        if not channel:
            return reply(links.channel_answer(0, 0, "", links.NOTHING))
        made = await self._core.links.channel(ask.session, channel, link if links.is_further(link) else 0)
        cmd = links.playable(ask.base, made.path) if made.path else ""
        return reply(links.channel_answer(channel, link, cmd, made.error))

    async def _channel_of(self, ask: Ask, link: int) -> int:
        if not links.is_further(link):
            return link
        line_up = await self._core.lineup(ask.session.entitled)
        found = (channel for channel, known in line_up.links.items() if any(one.id == link for one in known))
        return next(found, 0)

    async def claim(self, ask: Ask) -> Ready:
        """set_claim: the viewer reports a fault of a channel."""
        await self._reports.claim(ask, f"channel:{whole(ask.values, 'id')}", text(ask.values, "real_type", 40))
        return TRUE
