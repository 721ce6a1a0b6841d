"""Fixed answers about what the portal has (§4): its modules; radio, karaoke and music are empty."""

from collections.abc import Mapping
from typing import Final

from middleware.portal.ministra import words
from middleware.portal.ministra.wire import EMPTY_LIST, NOTHING, TRUE, Ready, Row, reply

GENRES: Final = reply([{"id": "*", "title": words.ALL, "alias": "all", "censored": 0}])


def modules() -> Row:
    """get_modules: every list is there."""
    return {
        "all_modules": [*words.MODULES, *words.SWITCHED_OFF],
        "switchable_modules": [],
        "disabled_modules": [*words.SWITCHED_OFF],
        "restricted_modules": [],
        "template": "default",
        "launcher_url": "",
        "launcher_profile_url": "",
    }


MODULES: Final = reply(modules())
_EMPTY_KIND: Final[Mapping[str, Ready]] = {
    "get_ordered_list": NOTHING,
    "get_genres": GENRES,
    "get_categories": GENRES,
    "get_fav_ids": EMPTY_LIST,
    "set_fav": TRUE,
}
RADIO: Final[Mapping[str, Ready]] = {**_EMPTY_KIND, "get_all_fav_radio": NOTHING, "get_all_radio": NOTHING}
KARAOKE: Final[Mapping[str, Ready]] = {**_EMPTY_KIND, "get_abc": GENRES}
AUDIOCLUB: Final[Mapping[str, Ready]] = {
    **_EMPTY_KIND,
    "get_years": GENRES,
    "get_languages": GENRES,
    "get_track_list": NOTHING,
    "get_user_playlists": EMPTY_LIST,
}
