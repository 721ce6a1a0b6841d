"""The poll: nothing, or one event (§6)."""

from collections.abc import Mapping
from datetime import tzinfo
from html import escape
from typing import Final

from middleware.domain.box_events import BoxEvent, Kind
from middleware.portal.ministra.wire import Ready, Row, numeral, reply
from middleware.portal.ministra.zones import stamp

PLAYS: Final[Mapping[int, str]] = {
    1: "tv", 2: "film", 3: "karaoke", 4: "audio", 5: "radio", 8: "clip", 9: "advert", 10: "media", 11: "archive",
    12: "record", 14: "timeshift",
}  # fmt: skip
"""What cur_play_type and the codes of stb/log mean."""


def idle(services_on: bool) -> Row:
    """Nothing waits: there is no `id`."""
    return {"data": {"msgs": 0, "additional_services_on": "1" if services_on else "0"}}


IDLE: Final[Mapping[bool, Ready]] = {on: reply(idle(on)) for on in (True, False)}
"""The idle reply by whether the extra services of the box are on: most polls get these bytes."""
CONFIRMED: Final = reply({"data": "ok"})


def event(found: BoxEvent, services_on: bool, here: tzinfo) -> Row:
    """One event; messages are plain text with us and HTML on the box, and say when they were sent in its zone."""
    more = {"send_time": stamp(found.created, here)} if found.message else {}
    return {
        "data": {
            "msgs": int(found.message),
            "additional_services_on": "1" if services_on else "0",
            "id": numeral(found.id),
            "event": found.kind,
            "need_confirm": int(found.message),
            "msg": markup(found.msg) if found.message else found.msg,
            "reboot_after_ok": int(found.reboot_after_ok),
            "auto_hide_timeout": found.auto_hide_s,
            "param1": found.param,
            **more,
        }
    }


def markup(words: str) -> str:
    """A message as a box shows it; %mac% and %sn% are replaced there."""
    return escape(words, quote=False).replace("\n", "<br>")


def command(kind: Kind, number: int, services_on: bool) -> Row:
    """A command that the portal gives by itself, such as cut_on to a box that is served again."""
    return {
        "data": {
            "msgs": 0,
            "additional_services_on": "1" if services_on else "0",
            "id": numeral(number),
            "event": kind,
            "need_confirm": 0,
            "msg": "",
            "reboot_after_ok": 0,
            "auto_hide_timeout": 0,
            "param1": "",
        }
    }
