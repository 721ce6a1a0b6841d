"""Messages and commands to boxes: stb_msg and send_event."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, cast

from middleware.domain.box_events import LONGEST, Kind
from middleware.portal.rest.fields import Field
from middleware.portal.rest.naming import boxes_of
from middleware.portal.rest.operations import DONE, Call, Operation, Resource
from middleware.portal.rest.wire import Refused
from middleware.services import box_events
from middleware.services.box_events import HIDE_MOST, LONGEST_LIFE, PARAM_MOST
from middleware.services.ports import UnitOfWork

EVENTS: Final[tuple[Kind, ...]] = (
    "send_msg",
    "send_msg_with_video",
    "reboot",
    "reload_portal",
    "update_channels",
    "play_channel",
    "play_radio_channel",
    "update_image",
    "cut_off",
    "show_menu",
)
"""What billing may send; the other kinds are told by this server itself when something changes."""
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "send_msg": ("msg",),
    "send_msg_with_video": ("msg", "video"),
    "play_channel": ("channel",),
    "play_radio_channel": ("channel",),
}
_MSG: Final = Field("msg", "plain text to show", most=LONGEST)
_TTL: Final = Field(
    "ttl", "seconds until it is given up; 0 = as usual for its kind", "number", most=int(LONGEST_LIFE.total_seconds())
)
_HIDE: Final = Field("auto_hide_timeout", "seconds shown; 0 = until OK is pressed", "number", most=HIDE_MOST)


def send_message(uow: UnitOfWork, call: Call) -> bool:
    """Show a text on the boxes named. Raises Refused, DomainError."""
    if not call.given.get("msg"):
        raise Refused("Empty msg")
    return _queue(uow, call, "send_msg")


def send_event(uow: UnitOfWork, call: Call) -> bool:
    """Send an event to the boxes named, or to all. Raises Refused, DomainError."""
    kind = call.given["event"]
    missing = [name for name in _NEEDED.get(kind, ()) if not call.given.get(name)]
    if missing:
        raise Refused(f"{missing[0]} required")
    return _queue(uow, call, cast("Kind", kind))


def _queue(uow: UnitOfWork, call: Call, kind: Kind) -> bool:
    given = call.given
    targets = [f"device:{box.id}" for box in boxes_of(uow, call.ids)] if call.ids else ["all"]
    seconds = given.get("ttl", 0)
    for target in targets:
        box_events.queue(
            uow,
            call.now,
            call.actor,
            target,
            kind,
            msg=given.get("channel" if kind.startswith("play_") else "msg", ""),
            param=given.get("video", "") if kind == "send_msg_with_video" else "",
            ttl=timedelta(seconds=seconds) if seconds else None,
            auto_hide_s=given.get("auto_hide_timeout", 0),
            reboot_after_ok=bool(given.get("need_reboot", False)),
        )
    return True


MESSAGE: Final = Resource(
    "stb_msg",
    "A message to boxes",
    (
        Operation(
            "sendMessage",
            "POST",
            "Show a text on boxes until OK is pressed",
            "some",
            "messages",
            send_message,
            DONE,
            (_MSG, _TTL, _HIDE),
        ),
    ),
)
EVENT: Final = Resource(
    "send_event",
    "An event for boxes; without identifiers for all of them",
    (
        Operation(
            "sendEvent",
            "POST",
            "Send a message or a command",
            "any",
            "messages",
            send_event,
            DONE,
            (
                Field("event", "what to do", required=True, words=EVENTS),
                _MSG,
                Field("video", "send_msg_with_video: what is played after OK", most=PARAM_MOST),
                Field("channel", "play_channel, play_radio_channel: number of the channel", "text", most=5),
                Field("need_reboot", "restart the box when OK was pressed", "flag"),
                _TTL,
                _HIDE,
            ),
        ),
    ),
)
