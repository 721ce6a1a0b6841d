"""Recordings are not offered: the answers that say so (§4 remote_pvr)."""

from collections.abc import Mapping
from typing import Final

from middleware.portal.ministra import words
from middleware.portal.ministra.wire import EMPTY_LIST, FALSE, Ready, Row, envelope, reply


def no_recordings() -> Row:
    """get_ordered_list: nothing recorded and no room."""
    return {**envelope(()), "records_rest_length": 0}


REFUSED: Final = reply({"error": words.NO_PVR})
ANSWERS: Final[Mapping[str, Ready]] = {
    "get_active_recordings": EMPTY_LIST,
    "get_ordered_list": reply(no_recordings()),
    "start_rec_now": REFUSED,
    "start_rec_deferred": REFUSED,
    "start_rec_on_stb": REFUSED,
    "start_rec_deferred_on_stb": REFUSED,
    "create_link": REFUSED,
    "stop_rec": FALSE,
    "stop_rec_deferred": FALSE,
    "stop_rec_on_stb": FALSE,
    "stop_rec_deferred_on_stb": FALSE,
    "del_rec": FALSE,
    "del_rec_on_stb": FALSE,
    "update_recording_on_stb": FALSE,
}
