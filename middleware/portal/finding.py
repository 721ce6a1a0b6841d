"""What can be searched on the set: channels, programmes of the coming days and films, indexed until they change."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from attrs import define, field, frozen

from epg.search import Index, index
from middleware.domain.channels import Channel
from middleware.domain.packages import Entitled
from middleware.services import guide
from middleware.services.guide import without_overlap
from middleware.services.ports import Airing, UnitOfWork
from portal_pages.boards.search import MOST
from portal_pages.boards.today import VIDEO_COLUMNS
from vod.catalogue import Asset

AHEAD: Final = timedelta(days=7)
LASTS: Final = timedelta(hours=1)
"""An index is made anew after this, so that the end of the coming days moves on."""
SHOWINGS: Final = 5
"""Showings of one title: a series must not be all that is found."""
_REPEAT: Final = re.compile(r"\s*[（(]?重播[）)]?$")
"""What a title says of a repeat, which is found among the other showings of its programme and not before them."""
_LOOKED_AT: Final = 200
_FILMS: Final = 10_000


@frozen
class Showings:
    """What has one title, repeats too, by start."""

    airings: tuple[Airing, ...]


Thing = Channel | Asset | Showings
Found = Channel | Asset | Airing


@frozen
class Searchable:
    """Everything that is found, by title, and the channels by id."""

    index: Index[Thing]
    channels: dict[int, Channel]
    until: datetime

    def find(self, query: str, now: datetime, entitled: Entitled) -> tuple[Found, ...]:
        """At most MOST things that such a box may see and that are not over, the best first."""
        things = {id(thing): thing for thing in self.index.find(query, _LOOKED_AT)}.values()
        found = (each for thing in things for each in _seen(thing, now, entitled))
        return tuple(each for each, _ in zip(found, range(MOST), strict=False))


@define
class Finder:
    """The index of the town, made when the first asks; the threads of the database share it."""

    _lock: Lock = field(factory=Lock, init=False)
    _known: Searchable | None = field(default=None, init=False)
    made: int = field(default=0, init=False)
    """How often it was made."""

    def stale(self) -> None:
        """Channels, programmes or films have changed."""
        self._known = None

    def of(self, uow: UnitOfWork, now: datetime) -> Searchable:
        """What can be found now; one thread makes it while the others wait."""
        known = self._known
        if known is not None and now < known.until:
            return known
        with self._lock:
            known = self._known
            if known is None or now >= known.until:
                known = self._known = _made(uow, now)
                self.made += 1
        return known


def _made(uow: UnitOfWork, now: datetime) -> Searchable:
    line_up = guide.channels(uow)
    titles: dict[str, list[Airing]] = {}
    for row in _shown(guide.shown_between(uow, now, now + AHEAD)):
        title = row.programme.title
        titles.setdefault(_REPEAT.sub("", title) or title, []).append(row)
    films = [one for key, _ in VIDEO_COLUMNS for one in uow.assets.listing(key, limit=_FILMS)]
    things: list[tuple[str, Thing]] = [(one.name, one) for one in line_up]
    things += [(title, Showings(tuple(sorted(rows, key=_begins)))) for title, rows in titles.items()]
    things += [(words, one) for one in films for words in (one.title, *one.keywords.split())]
    return Searchable(index(things), {one.id: one for one in line_up}, now + LASTS)


def _shown(rows: Iterable[Airing]) -> Iterator[Airing]:
    by_channel: dict[int, list[Airing]] = {}
    for row in rows:
        by_channel.setdefault(row.channel, []).append(row)
    for each in by_channel.values():
        yield from without_overlap(each)


def _begins(row: Airing) -> datetime:
    return row.programme.start


def _seen(thing: Thing, now: datetime, entitled: Entitled) -> Iterable[Found]:
    if isinstance(thing, Channel):
        return (thing,) if entitled.channel(thing.id) else ()
    if isinstance(thing, Asset):
        return (thing,) if entitled.board("today") else ()
    coming = [one for one in thing.airings if one.programme.stop > now and entitled.channel(one.channel)]
    return coming[:SHOWINGS]
