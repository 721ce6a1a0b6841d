"""The channels that boxes see, in memory: one line-up for all boxes that see the same, until channels change."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from middleware.domain.channels import Channel
from middleware.domain.packages import Entitled
from middleware.portal.ports import Storage
from middleware.portal.shared import Shared
from middleware.services.lineup import Lineup, line_up

EVERYTHING: Final = Entitled()
_KEPT: Final = 256
"""Line-ups in memory: as many combinations of packages as a county has."""


@frozen
class Way:
    """One way to a channel's picture: the id of the link (that of the channel for its own url) and its url."""

    link: int
    channel: Channel
    url: str


class Lineups:
    """Line-ups by what boxes may see; `version` rises when they may differ from before."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._known: OrderedDict[Entitled, Lineup] = OrderedDict()
        self._ways: Mapping[int, tuple[Way, ...]] | None = None
        self._by_link: Mapping[int, Way] = {}
        self._loading: Shared[Lineup] = Shared()
        self.version = 0

    def stale(self) -> None:
        """Channels, genres, links or packages have changed."""
        self.version += 1
        self._ways = None
        for entitled in self._known:
            self._loading.forget(entitled)
        self._known.clear()
        self._loading.forget(EVERYTHING)

    async def of(self, entitled: Entitled) -> Lineup:
        """The line-up of the boxes that see this."""
        known = self._known.get(entitled)
        if known is not None:
            self._known.move_to_end(entitled)
            return known
        return await self._loading.get(entitled, lambda: self._load(entitled))

    async def ways(self, channel: int) -> tuple[Way, ...]:
        """The ways to a channel of the whole line-up: its own url first, then links by falling priority."""
        return (await self._all()).get(channel, ())

    async def way(self, link: int) -> Way | None:
        """The way that a link's id names; the id of a channel names its own url."""
        await self._all()
        return self._by_link.get(link)

    async def _all(self) -> Mapping[int, tuple[Way, ...]]:
        if self._ways is None:
            version = self.version
            ways = ways_of(await self.of(EVERYTHING))
            if version != self.version:
                return ways
            self._ways = ways
            self._by_link = {way.link: way for found in ways.values() for way in found}
        return self._ways

    async def _load(self, entitled: Entitled) -> Lineup:
        version = self.version
        found = await self._storage.run(lambda uow: line_up(uow, entitled), "line-up", write=False)
        if version == self.version:
            self._known[entitled] = found
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found


def ways_of(lineup: Lineup) -> Mapping[int, tuple[Way, ...]]:
    """All ways to the channels of a line-up, by channel, best first."""
    return {
        channel.id: (
            Way(channel.id, channel, channel.url),
            *(
                Way(link.id, channel, link.url)
                for link in sorted(lineup.links.get(channel.id, ()), key=lambda one: (-one.priority, one.id))
            ),
        )
        for channel in lineup.channels
    }
