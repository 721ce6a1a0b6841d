"""The library of films: video_films, what is said of a film, where it is used, the trash."""

from typing import Any, Final

from middleware.domain.errors import BadValue
from middleware.portal.rest.fields import Field
from middleware.portal.rest.operations import DONE, FLAG, MOMENT, TEXT, WHOLE, Call, Operation, Resource, listed, record
from middleware.portal.rest.wire import Refused, moment_text
from middleware.services import asset_library, assets
from middleware.services.asset_library import Change
from middleware.services.asset_ports import Views
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset
from vod.jobs import State

KEYWORDS_MOST: Final = asset_library.KEYWORDS_MOST * (asset_library.KEYWORD_MOST + 1)
_FILM: Final = record(
    id=TEXT,
    revision=WHOLE,
    title=TEXT,
    short_title=TEXT,
    column=TEXT,
    synopsis=TEXT,
    keywords=TEXT,
    seconds=WHOLE,
    state={"enum": ["ready", "withdrawn"], "description": "withdrawn films are in the trash"},
    shown=FLAG,
    channel={**FLAG, "description": "1: the town channel may show it"},
    added=MOMENT,
    shown_from=MOMENT,
    shown_until=MOMENT,
    households={**WHOLE, "description": "that have viewed it"},
    watched={**WHOLE, "description": "seconds that all of them have watched"},
    uses={**listed(TEXT), "description": "where it is used; told only of films that are named"},
)


def films(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """Films with these ids and where they are used, or all there are. Raises Refused."""
    if call.ids:
        found = [_film(uow, one) for one in call.ids]
        views = uow.assets.views([one.id for one in found])
        return [_row(one, views.get(one.id), asset_library.uses(uow, call.now, one.id)) for one in found]
    found = [one for one in uow.assets.all() if one.state in {State.READY, State.WITHDRAWN}]
    views = uow.assets.views([one.id for one in found])
    return [_row(one, views.get(one.id), ()) for one in found]


def edit(uow: UnitOfWork, call: Call) -> bool:
    """Change what is said of films, or take them out of the trash. Raises Refused, DomainError."""
    if not call.given:
        raise Refused("No field to change")
    told = {name: call.given[name] for name in ("title", "short_title", "column", "synopsis") if call.has(name)}
    keywords = tuple(call.given["keywords"].split()) if call.has("keywords") else None
    for film in [_film(uow, one) for one in call.ids]:
        if call.given.get("restore"):
            asset_library.restore(uow, call.now, call.actor, film.id)
        window = (call.given.get("shown_from", film.shown_from), call.given.get("shown_until", film.shown_until))
        change = Change(**told, keywords=keywords, window=window)
        asset_library.edit(uow, call.now, call.actor, film.id, change)
    return True


def remove(uow: UnitOfWork, call: Call) -> bool:
    """Throw films away. Raises Refused with the uses of one that is in use, DomainError."""
    for film in [_film(uow, one) for one in call.ids]:
        try:
            asset_library.throw_away(uow, call.now, call.actor, film.id)
        except BadValue as error:
            if error.code != "in_use":
                raise
            told = "; ".join(asset_library.uses(uow, call.now, film.id)[:20])
            raise Refused(f"Film {film.id} is in use: {told}") from None
    return True


def _film(uow: UnitOfWork, told: str) -> Asset:
    found = uow.assets.get(int(told)) if told.isascii() and told.isdecimal() and len(told) < 10 else None
    if found is None or found.state not in {State.READY, State.WITHDRAWN}:
        raise Refused("Film not found")
    return found


def _row(film: Asset, views: Views | None, uses: tuple[str, ...]) -> dict[str, Any]:
    return {
        "id": str(film.id),
        "revision": film.rev,
        "title": film.title,
        "short_title": film.short_title,
        "column": film.column,
        "synopsis": film.synopsis,
        "keywords": film.keywords,
        "seconds": round(film.duration_ms / 1000),
        "state": film.state.value,
        "shown": int(film.shown and film.state is State.READY),
        "channel": int(film.channel),
        "added": moment_text(film.added_at),
        "shown_from": moment_text(film.shown_from),
        "shown_until": moment_text(film.shown_until),
        "households": views.households if views else 0,
        "watched": views.seconds if views else 0,
        "uses": list(uses),
    }


RESOURCE: Final = Resource(
    "video_films",
    "Films of the library, those in the trash too",
    (
        Operation(
            "listFilms",
            "GET",
            "Read films, and where those are used that are named",
            "any",
            "read",
            films,
            listed(_FILM),
        ),
        Operation(
            "editFilms",
            "PUT",
            "Change what is said of films; what is not sent stays",
            "some",
            "write",
            edit,
            DONE,
            (
                Field("title", "title of the film", most=assets.TITLE_MOST),
                Field("short_title", "for the shelf", most=assets.SHORT_MOST),
                Field("column", "column of the shelf", words=(*assets.COLUMNS, assets.CHANNEL)),
                Field("synopsis", "a few sentences", most=assets.SYNOPSIS_MOST),
                Field("keywords", "further words to be found by, with spaces between them", most=KEYWORDS_MOST),
                Field("shown_from", "on the shelf from then on; empty: without a beginning", "moment"),
                Field("shown_until", "on the shelf until then; empty: without an end", "moment"),
                Field("restore", "take it out of the trash", "flag"),
            ),
        ),
        Operation(
            "removeFilms",
            "DELETE",
            "Throw films away; what is on air or may be asked for again is refused",
            "some",
            "write",
            remove,
            DONE,
        ),
    ),
)
