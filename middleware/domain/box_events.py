"""What is sent to boxes: messages until they are confirmed, commands once (portal-ministra.md §6)."""

from datetime import datetime, timedelta
from typing import Final, Literal

from attrs import frozen

Kind = Literal[
    "send_msg",
    "send_msg_with_video",
    "play_channel",
    "play_radio_channel",
    "cut_off",
    "cut_on",
    "update_channels",
    "update_subscription",
    "update_epg",
    "update_modules",
    "reboot",
    "reload_portal",
    "update_image",
    "show_menu",
    "mount_all_storages",
]
MESSAGES: Final = frozenset({"send_msg", "send_msg_with_video"})
MESSAGE_LIFE: Final = timedelta(days=7)
LONGEST: Final = 1000
"""Characters of one message: more than a screen at 28 px cannot be read."""


@frozen
class BoxEvent:
    """One event for one box.

    `msg` is text for messages and the channel number for play_channel; `param` the cmd of send_msg_with_video.
    `auto_hide_s` 0 = stays until OK; `batch` names what was sent at once to many. `created` is when it counts as sent:
    one that is planned lies ahead. `sent` is when it was first given out, `confirmed` when the viewer pressed OK.
    """

    id: int
    device_id: int
    kind: Kind
    created: datetime
    expires: datetime
    msg: str = ""
    param: str = ""
    reboot_after_ok: bool = False
    auto_hide_s: int = 0
    sender: str = ""
    sent: datetime | None = None
    confirmed: datetime | None = None
    batch: str = ""

    @property
    def message(self) -> bool:
        """Whether it is repeated until confirmed."""
        return self.kind in MESSAGES

    def waits(self, now: datetime) -> bool:
        """Whether it is still to be given out."""
        done = self.confirmed is not None if self.message else self.sent is not None
        return not done and self.created <= now < self.expires


@frozen
class Delivery:
    """How far a batch has come: boxes that it is kept for, got it, pressed OK; none is given out after `expires`."""

    msg: str
    boxes: int
    sent: int
    confirmed: int
    expires: datetime


def next_event(events: tuple[BoxEvent, ...], now: datetime) -> BoxEvent | None:
    """The one to give out: commands before messages, then the oldest; None when nothing waits."""
    waiting = [one for one in events if one.waits(now)]
    return min(waiting, key=lambda one: (one.message, one.created, one.id), default=None)
