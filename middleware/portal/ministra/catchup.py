"""tv_archive: what was on, and television behind its time (§4, §8)."""

from datetime import timedelta

from middleware.portal.core.core import Core
from middleware.portal.ministra import guide, links
from middleware.portal.ministra.ask import Answer, Ask
from middleware.portal.ministra.channels import Listed
from middleware.portal.ministra.television import Boards
from middleware.portal.ministra.wire import FALSE, TRUE, Ready, reply, text, whole
from middleware.services.ports import Airing

_BEHIND = timedelta(hours=1)
"""How far back time shift reaches where the guide has nothing on."""


class CatchUp:
    """Answers tv_archive."""

    def __init__(self, core: Core, boards: Boards) -> None:
        self._core = core
        self._boards = boards

    def table(self) -> dict[str, Answer]:
        """Actions by name."""
        return {
            "create_link": self.create_link,
            "get_link_for_channel": self.time_shift,
            "get_next_part_url": self.next_part,
            "set_played": TRUE,
            "update_played_end_time": TRUE,
        }

    async def create_link(self, ask: Ask) -> Ready:
        """create_link: one address for one showing that is marked as recorded."""
        media = links.media_of(ask.values)
        event = media.id if media else 0
        airing = await self._core.read(lambda uow: uow.guide.airing(event), "programme") if event else None
        cmd, error = await self._link(ask, airing)
        return reply(links.archive_answer(event, cmd, error))

    async def next_part(self, ask: Ask) -> Ready:
        """get_next_part_url: the cmd of the showing that follows, false when it cannot be watched yet."""
        named = guide.read_real_id(text(ask.values, "id", 40))
        if named is None or await self._listed(ask, named[0]) is None:
            return FALSE
        channel, start = named
        found = await self._core.schedule(channel, start, start + timedelta(days=1))
        following = next((one for one in found if one.programme.start > start), None)
        cmd, _ = await self._link(ask, following)
        return reply(cmd) if cmd else FALSE

    async def time_shift(self, ask: Ask) -> Ready:
        """get_link_for_channel: from the beginning of what is on, at the place that is on now."""
        one = await self._listed(ask, whole(ask.values, "ch_id"))
        if one is None or one.channel.archive_h <= 0:
            return reply(links.archive_answer(0, "", links.NOTHING))
        now = self._core.now()
        on_air = (await self._core.now_next()).get(one.channel.id)
        present = on_air.present if on_air else None
        earliest = now - timedelta(hours=one.channel.archive_h)
        start = int(max(present.programme.start if present else now - _BEHIND, earliest).timestamp())
        stop = int(now.timestamp())
        made = await self._core.links.archive(ask.session, one.channel.id, start, max(stop, start + 1))
        options = f" position:{max(stop - start, 0)} media_len:{max(stop - start, 1)}"
        cmd = links.playable(ask.base, made.path, options) if made.path else ""
        return reply(links.archive_answer(present.id if present else 0, cmd, made.error))

    async def _link(self, ask: Ask, airing: Airing | None) -> tuple[str, str]:
        one = await self._listed(ask, airing.channel) if airing else None
        if airing is None or one is None:
            return "", links.NOTHING
        told = airing.programme
        if not guide.recorded(told, one.channel, self._core.now()):
            return "", links.NOTHING
        start, stop = int(told.start.timestamp()), int(told.stop.timestamp())
        made = await self._core.links.archive(ask.session, one.channel.id, start, stop)
        return (links.playable(ask.base, made.path), "") if made.path else ("", made.error)

    async def _listed(self, ask: Ask, channel: int) -> Listed | None:
        return (await self._boards.of(ask.session.entitled)).find(channel) if channel else None
