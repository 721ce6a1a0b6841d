"""What `cmd` means, and what create_link answers (§5). No address ever comes from a cmd: ids only."""

import re
from typing import Final

from attrs import frozen

from middleware.domain.channels import FIRST_LINK
from middleware.portal.ministra.wire import MOST, Row, Values, decoded, numeral, text

_CHANNEL: Final = re.compile(r"/ch/0*([1-9][0-9]{0,9})(?![0-9])")
_MEDIA: Final = re.compile(r"/media/(file_)?0*([1-9][0-9]{0,9})(?![0-9])(?:\.[a-z0-9]{1,5})?")
_POSITION: Final = re.compile(r"\bposition:([0-9]{1,7})")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.\-_]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
NOTHING: Final = "nothing_to_play"
LIMIT: Final = "limit"
FAULT: Final = "link_fault"
ACCESS: Final = "access_denied"
ZONE: Final = "not_available_for_zone"
ERRORS: Final = frozenset({NOTHING, LIMIT, FAULT, ACCESS, ZONE})
_CMD: Final = 2000


@frozen
class Media:
    """What a cmd of films or of the archive names; `at` is where to go on, in seconds, 0 from the start."""

    id: int
    file: bool = False
    at: int = 0


def link_of(values: Values) -> int:
    """The link or channel that the cmd of itv/create_link names; 0 for garbage."""
    found = _CHANNEL.search(decoded(text(values, "cmd", _CMD)))
    number = int(found[1]) if found else 0
    return number if number <= MOST else 0


def is_further(link_id: int) -> bool:
    """Whether it is one of a channel's further links, whose ids are never those of channels."""
    return link_id >= FIRST_LINK


def media_of(values: Values) -> Media | None:
    """What the cmd of vod and tv_archive names; None for garbage."""
    cmd = decoded(text(values, "cmd", _CMD))
    found = _MEDIA.search(cmd)
    if found is None or int(found[2]) > MOST:
        return None
    position = _POSITION.search(cmd)
    return Media(int(found[2]), bool(found[1]), int(position[1]) if position else 0)


def base(host: str, public: str) -> str:
    """The beginning of absolute addresses: plain http, which is all that boxes take for television.

    `public` is the operator's host (and port) where he has named one, else the one that the client has asked.
    """
    asked = host if _HOST.fullmatch(host) else "localhost"
    return f"http://{public or asked}"


def playable(where: str, path: str, options: str = "") -> str:
    """A cmd to play: one blank, and behind the address only what the box itself has asked for."""
    return f"ffmpeg {where}{path}{options}"


def channel_answer(channel_id: int, link_id: int, cmd: str, error: str = "") -> Row:
    """itv/create_link."""
    return {
        "id": numeral(channel_id) if channel_id else "",
        "cmd": cmd,
        "streamer_id": 0,
        "link_id": link_id,
        "load": 0,
        "error": told(error, cmd),
    }


def film_answer(film_id: int, cmd: str, error: str = "") -> Row:
    """vod/create_link."""
    return {
        "id": numeral(film_id) if film_id else "",
        "cmd": cmd,
        "storage_id": "",
        "load": 0,
        "error": told(error, cmd),
        "subtitles": [],
    }


def archive_answer(event_id: int, cmd: str, error: str = "") -> Row:
    """tv_archive/create_link and get_link_for_channel."""
    return {
        "id": numeral(event_id) if event_id else "",
        "cmd": cmd,
        "storage_id": "",
        "load": 0,
        "error": told(error, cmd),
        "download_cmd": "",
        "to_file": "",
    }


def told(error: str, cmd: str) -> str:
    """One of the words that clients know; a reply without a cmd always has one."""
    if cmd:
        return ""
    return error if error in ERRORS else NOTHING
