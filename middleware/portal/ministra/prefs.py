"""The small values of one box: volume, aspects, favourites, last channel, and what it saves with us (§4, §8)."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

MOST_FAVOURITES: Final = 1000
MOST_NOT_ENDED: Final = 200
LONGEST_BLOB: Final = 64 * 1024
"""Bytes of media_favorites and of downloads."""
BLOBS: Final = ("media_favorites", "downloads")
_ASPECTS: Final = 500


@frozen
class Stopped:
    """Where a box stopped in a film: the episode (0 for a single film), seconds, and the file."""

    series: int
    seconds: int
    file: int = 0


@frozen
class Prefs:
    """As stored in the settings of `device:ID`; texts are what the API sends back."""

    volume: str = "70"
    aspect: str = "16"
    aspects: Mapping[str, int] = field(factory=dict)
    favourites: tuple[int, ...] = ()
    only_favourites: int = 0
    last_channel: int = 0
    censored: tuple[int, ...] = ()
    """Channels that the viewer has locked himself."""
    films: tuple[int, ...] = ()
    not_ended: Mapping[int, Stopped] = field(factory=dict)


NOTHING: Final = Prefs()


def read(stored: Mapping[str, Any]) -> Prefs:
    """What is stored of a box; anything unreadable counts as not stored. Most have nothing, and share one value."""
    found = Prefs(
        volume=_text(stored, "volume", "70"),
        aspect=_text(stored, "aspect", "16"),
        aspects=_aspects(stored.get("aspects")) or NOTHING.aspects,
        favourites=_ids(stored.get("favourites")),
        only_favourites=_number(stored.get("only_favourites")),
        last_channel=_number(stored.get("last_channel")),
        censored=_ids(stored.get("censored")),
        films=_ids(stored.get("films")),
        not_ended=_not_ended(stored.get("not_ended")) or NOTHING.not_ended,
    )
    return found if found != NOTHING else NOTHING


def stored(prefs: Prefs, name: str) -> Any:
    """A field of the preferences as JSON for the store."""
    value = getattr(prefs, name)
    if name == "not_ended":
        return {str(film): [one.series, one.seconds, one.file] for film, one in value.items()}
    return [*value] if isinstance(value, tuple) else value


def with_film(prefs: Prefs, film: int, *, wanted: bool) -> Prefs:
    """A film put among the favourites, newest first, or taken out."""
    others = tuple(one for one in prefs.films if one != film)
    return evolve(prefs, films=((film, *others) if wanted else others)[:MOST_FAVOURITES])


def with_stop(prefs: Prefs, film: int, at: Stopped | None) -> Prefs:
    """Where a film was left, the last one first; None when it was seen to its end."""
    others = {one: place for one, place in prefs.not_ended.items() if one != film}
    found = others if at is None else {film: at, **others}
    return evolve(prefs, not_ended=dict([*found.items()][:MOST_NOT_ENDED]))


def with_aspect(prefs: Prefs, channel: int, aspect: int) -> Prefs:
    """The aspect of one channel; the oldest are forgotten."""
    others = [(name, value) for name, value in prefs.aspects.items() if name != str(channel)]
    return evolve(prefs, aspects=dict([*others, (str(channel), aspect)][-_ASPECTS:]))


def _text(stored: Mapping[str, Any], name: str, default: str) -> str:
    value = stored.get(name)
    return value if isinstance(value, str) else default


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _ids(value: Any) -> tuple[int, ...]:
    return tuple(filter(None, map(_number, value))) if isinstance(value, list) else ()


def _aspects(value: Any) -> Mapping[str, int]:
    return {str(name): _number(one) for name, one in value.items()} if isinstance(value, dict) else {}


def _not_ended(value: Any) -> Mapping[int, Stopped]:
    rows = value.items() if isinstance(value, dict) else ()
    return {
        int(name): Stopped(*map(_number, place))
        for name, place in rows
        if name.isdigit() and isinstance(place, list) and len(place) == 3
    }


def with_lock(prefs: Prefs, channel: int, *, wanted: bool) -> Prefs:
    """A channel that the viewer locks himself, or unlocks."""
    others = tuple(one for one in prefs.censored if one != channel)
    return evolve(prefs, censored=(*others, channel)[-MOST_FAVOURITES:] if wanted and channel else others)
