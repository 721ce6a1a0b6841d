"""What the pages of films are told: the shelf, one column, a film with where this household stopped in it."""

from collections.abc import Mapping
from typing import Final

from attrs import evolve, frozen

from middleware.domain.watching import Watched, part_seen, resume_ms
from middleware.portal.facts import Asker
from middleware.services import assets
from middleware.services.ports import UnitOfWork
from portal_pages.boards.board import rows
from portal_pages.boards.film import film_page, player_page
from portal_pages.boards.shelf import shelf_page
from portal_pages.boards.shelf_turns import ROWS, page_of, turn
from portal_pages.boards.today import VIDEO_COLUMNS, column_page, film_item
from portal_pages.facts import AssetFact, ColumnFact, NextFact, ShelfColumn, ShelfFact
from portal_pages.states import Page
from vod.catalogue import Asset

KEYS: Final = tuple(key for key, _ in VIDEO_COLUMNS)


@frozen
class _Stopped:
    """Where a household stopped in some films."""

    places: Mapping[int, Watched]

    def fact(self, asset: Asset, back: str = "today") -> AssetFact:
        seen = self.places.get(asset.id)
        return AssetFact(
            asset.id,
            asset.title,
            asset.short_title,
            asset.column,
            f"/v/{asset.key}/poster.jpg",
            asset.duration_ms / 1000,
            asset.added_at,
            asset.synopsis,
            part_seen(seen, asset.duration_ms),
            resume_ms(seen, asset.duration_ms) / 1000,
            f"/v/{asset.key}/master.m3u8",
            f"/v/{asset.key}/shelf.jpg",
            back,
        )


def shelf(uow: UnitOfWork, asker: Asker, number: int) -> Page:
    """Shelf page `number` with this household's marks."""
    totals = tuple(uow.assets.count(key) for key in KEYS)
    here = turn(asker.viewer, totals, number)
    shown = {at: uow.assets.listing(KEYS[at], offset=here.first, limit=ROWS) for at in here.columns}
    stopped = _stopped(uow, asker, tuple(one for films in shown.values() for one in films))
    columns = tuple(
        ShelfColumn(key, title, tuple(map(stopped.fact, shown.get(at, ()))), totals[at])
        for at, (key, title) in enumerate(VIDEO_COLUMNS)
    )
    return shelf_page(asker.viewer, ShelfFact(columns, _resume(uow, asker)), here.number)


def column(uow: UnitOfWork, asker: Asker, key: str, number: int) -> Page:
    """List page `number` of one video column."""
    total = uow.assets.count(key)
    per = rows(asker.viewer, total)
    at = min(max(number, 1), max(-(-total // per), 1))
    films = uow.assets.listing(key, offset=(at - 1) * per, limit=per)
    stopped = _stopped(uow, asker, films)
    items = tuple(film_item(asker.viewer, stopped.fact(one)) for one in films)
    return column_page(asker.viewer, ColumnFact(key, dict(VIDEO_COLUMNS)[key], items, total), at)


def film(uow: UnitOfWork, asker: Asker, asset_id: int, *, silent: bool = False) -> Page:
    """A film's page, `silent` without subtitles. Raises NotFound, Gone."""
    return film_page(evolve(asker.viewer, silent=silent), _fact(uow, asker, asset_id))


def player(uow: UnitOfWork, asker: Asker, asset_id: int, *, again: bool, silent: bool = False) -> Page:
    """The film on the full screen, from where the household stopped or from its start. Raises NotFound, Gone."""
    found = _fact(uow, asker, asset_id)
    return player_page(evolve(asker.viewer, silent=silent), evolve(found, following=_next(uow, asset_id)), again)


def _next(uow: UnitOfWork, asset_id: int) -> NextFact | None:
    """The episode after this one."""
    found = assets.following(uow, assets.asset(uow, asset_id))
    return NextFact(found.id, found.title) if found else None


def _fact(uow: UnitOfWork, asker: Asker, asset_id: int) -> AssetFact:
    found = assets.asset(uow, asset_id)
    sheets, subtitled = uow.assets.by_products(found.id, found.rev)
    fact = _stopped(uow, asker, (found,)).fact(found, _shelf_page(uow, asker, found))
    return evolve(fact, sheets=sheets, subtitled=subtitled)


def _shelf_page(uow: UnitOfWork, asker: Asker, asset: Asset) -> str:
    """The shelf page on which a film stands."""
    if asset.column not in KEYS:
        return "today"
    return page_of(asker.viewer, KEYS.index(asset.column), uow.assets.before(asset))


def _resume(uow: UnitOfWork, asker: Asker) -> AssetFact | None:
    household = asker.seat.household
    found = assets.resume(uow, household) if household is not None else None
    return _Stopped({found[0].id: found[1]}).fact(found[0]) if found else None


def _stopped(uow: UnitOfWork, asker: Asker, films: tuple[Asset, ...]) -> _Stopped:
    household = asker.seat.household
    if household is None or not films:
        return _Stopped({})
    return _Stopped(assets.watched(uow, household, [one.id for one in films]))
