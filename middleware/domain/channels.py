"""Channels of the town's line-up."""

from attrs import frozen


@frozen
class Channel:
    """A channel on the set: `number` is what the viewer types, `url` what the box plays, `still` a picture of it.

    `xmltv_id` is its name in guides, survives renaming and is never given to another channel.
    """

    id: int
    xmltv_id: str
    number: int
    name: str
    url: str = ""
    still: str = ""
    position: int = 0
