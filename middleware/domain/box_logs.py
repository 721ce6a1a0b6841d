"""What boxes were seen doing: signs of clones, and the viewing that their players report."""

from datetime import datetime, timedelta
from typing import Final, Literal

from attrs import frozen

What = Literal["play", "stop", "claim", "error"]
ONLINE: Final = timedelta(seconds=240)
"""A box calls each two minutes, a late one within three (portal-ministra.md §6), and is written down a minute later."""


@frozen
class Clone:
    """One box seen from two places, or with another maker's number: `first` and `second` name what differed."""

    at: datetime
    device_id: int
    what: Literal["address", "serial", "mac", "pin", "card"]
    first: str
    second: str


@frozen
class Viewing:
    """A line of a box's report: `content` is `channel:101`, `film:5`, `archive:77`; `detail` up to 200 characters."""

    at: datetime
    device_id: int
    what: What
    content: str = ""
    detail: str = ""


@frozen
class Viewed:
    """How often boxes reported the same within a while, and how many of them did."""

    what: What
    content: str
    times: int
    boxes: int


@frozen
class Presence:
    """When and from where a box called last; `doing` is Ministra's cur_play_type (portal-ministra.md §6)."""

    device_id: int
    at: datetime
    address: str = ""
    doing: int = 0

    def online(self, now: datetime) -> bool:
        """Whether it is taken to be switched on."""
        return now - self.at < ONLINE
