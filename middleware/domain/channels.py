"""Channels of the town's line-up."""

from attrs import frozen


@frozen
class Channel:
    """A channel on the set: `number` is what the viewer types, `url` what the box plays, `still` a picture of it.

    `xmltv_id` is its name in guides, survives renaming and is never given to another channel. `archive_h` hours are
    kept at `archive_url`, where {start}, {stop} (epoch seconds) and {duration} (seconds) are filled in. `multicast`
    (`igmp://239.…:5140`, for CTC boxes) and `timeshift_url` (`rtsp://…`) come from the operator. `logo` is a file name.
    A `radio` channel has sound only.
    """

    id: int
    xmltv_id: str
    number: int
    name: str
    url: str = ""
    still: str = ""
    position: int = 0
    genre_id: int | None = None
    hd: bool = False
    censored: bool = False
    archive_h: int = 0
    archive_url: str = ""
    multicast: str = ""
    timeshift_url: str = ""
    logo: str = ""
    radio: bool = False


@frozen
class Genre:
    """A group of channels; the one for `censored` channels always has id 10 (portal-ministra.md §4)."""

    id: int
    title: str
    alias: str = ""
    position: int = 0
    censored: bool = False


@frozen
class ChannelLink:
    """Another way to a channel's picture, tried by falling `priority`; the primary one is the channel's own `url`."""

    id: int
    channel_id: int
    url: str
    priority: int = 0


FIRST_LINK = 1_000_000_000
"""Ids of further links begin here: link ids and channel ids are never the same number (portal-ministra.md §5)."""
CENSORED_GENRE = 10
