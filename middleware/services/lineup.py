"""The channels of a box: what it may see, in the order of the numbers that viewers type."""

from collections.abc import Mapping

from attrs import field, frozen

from middleware.domain.channels import Channel, ChannelLink, Genre
from middleware.domain.packages import Entitled
from middleware.services.ports import UnitOfWork


@frozen
class Lineup:
    """`channels` by number; `genres` those that have a channel here; `links` further ways to a channel, best first."""

    entitled: Entitled = Entitled()
    channels: tuple[Channel, ...] = ()
    genres: tuple[Genre, ...] = ()
    links: Mapping[int, tuple[ChannelLink, ...]] = field(factory=dict)


def line_up(uow: UnitOfWork, entitled: Entitled) -> Lineup:
    """Read the line-up of all boxes that see the same."""
    seen = sorted((one for one in uow.guide.channels() if entitled.channel(one.id)), key=lambda one: one.number)
    used = {one.genre_id for one in seen}
    links: dict[int, tuple[ChannelLink, ...]] = {one.id: () for one in seen}
    for link in uow.guide.links():
        if link.channel_id in links:
            links[link.channel_id] += (link,)
    return Lineup(
        entitled,
        tuple(seen),
        tuple(genre for genre in uow.guide.genres() if genre.id in used),
        {channel: found for channel, found in links.items() if found},
    )
