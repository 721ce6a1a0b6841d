"""When films are on shelves: each from one instant until before another, noted at these instants."""

from datetime import datetime

from middleware.domain.events import ContentChanged
from middleware.services.ports import UnitOfWork
from vod.catalogue import Asset


def shown_at(film: Asset, now: datetime) -> bool:
    """Whether a film is within its time."""
    begun = film.shown_from is None or film.shown_from <= now
    return begun and (film.shown_until is None or now < film.shown_until)


def turn(uow: UnitOfWork, now: datetime) -> datetime | None:
    """Put films on shelves and take them off as their time has come; returns the next instant at which one does."""
    films = uow.assets.windowed()
    changed = [one for one in films if one.shown != shown_at(one, now)]
    for one in changed:
        uow.assets.set_shown(one.id, shown=not one.shown)
    if changed:
        uow.outbox.add(ContentChanged("asset"))
    edges = [edge for one in films for edge in (one.shown_from, one.shown_until) if edge is not None and edge > now]
    return min(edges, default=None)
