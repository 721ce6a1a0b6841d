"""Films in the database: one row each, one per rung with the measured index, and where households stopped."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import asdict, evolve
from sqlalchemy import Connection, Row, RowMapping, Select, case, delete, func, insert, select, tuple_, update

from middleware.domain.watching import VIEW_MS, Watched
from middleware.services.asset_ports import Views
from middleware.storage import sql
from middleware.storage.box_tables import series
from middleware.storage.secrets import Sealer
from middleware.storage.tables import assets, editions, renditions, watching
from vod.catalogue import PUBLIC, Asset, Edition, Fragments, Rendition, Series, Track
from vod.jobs import State

_SHOWN = (assets.c.state == State.READY.value) & assets.c.shown & (assets.c.klass == PUBLIC)
"""Films that everybody can watch now; those of a group are opened by addresses that are given to it."""
_DETAILS = ("column", "title", "short_title", "synopsis", "keywords", "shown_from", "shown_until", "shown")
_SUMMARY = [column for column in assets.c if column.name != "changed_at"]
_INDEX = [column for column in editions.c if column.name not in {"asset_id", "rev", "key_sealed"}]
"""A key is opened for those who may have it, not for every list."""


class SqlAssets:
    """The `Assets` port; keys of encrypted films are sealed."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def add(self, asset: Asset, edition: Edition, key: bytes = b"") -> Asset:
        """Write a film and its index row; its id is given by the database."""
        stored = self.begin(asset)
        self.add_edition(stored.id, stored.rev, edition, key)
        return stored

    def begin(self, asset: Asset) -> Asset:
        """Write a film whose segments are only being made: its index row comes later by `add_edition`."""
        values = asdict(asset) | {"state": asset.state.value, "changed_at": asset.added_at}
        del values["id"]
        statement = insert(assets).values(values).returning(assets.c.id)
        return evolve(asset, id=self._connection.execute(statement).scalar_one())

    def set_duration(self, asset_id: int, duration_ms: int) -> None:
        """Write the length of a film that has come to its end."""
        self._connection.execute(update(assets).where(assets.c.id == asset_id).values(duration_ms=duration_ms))

    def add_edition(self, asset_id: int, rev: int, edition: Edition, key: bytes = b"") -> None:
        """Write the index row of one revision; `key` opens its segments where they are encrypted."""
        place = {"asset_id": asset_id, "rev": rev}
        values = {name: value for name, value in asdict(edition).items() if name != "renditions"}
        sealed = {"key_sealed": self._sealer.seal(key.hex()) if key else None}
        self._connection.execute(insert(editions).values(values | place | sealed))
        rows = [asdict(rendition) | place for rendition in edition.renditions]
        self._connection.execute(insert(renditions), rows)

    def key(self, asset_id: int, rev: int) -> bytes | None:
        """The 16 bytes that open a revision's segments; None where they are not encrypted or there is no such."""
        query = select(editions.c.key_sealed).where(editions.c.asset_id == asset_id, editions.c.rev == rev)
        sealed = self._connection.execute(query).scalar()
        return None if sealed is None else bytes.fromhex(self._sealer.open(sealed))

    def get(self, asset_id: int) -> Asset | None:
        """One film in whatever state."""
        return self._one(assets.c.id == asset_id)

    def some(self, asset_ids: Collection[int]) -> Mapping[int, Asset]:
        """Films in whatever state by their numbers; those that never were are absent."""
        wanted = sql.among(self._connection.dialect.name, assets.c.id, "ids")
        rows = self._connection.execute(select(*_SUMMARY).where(wanted), {"ids": sorted(set(asset_ids))}).mappings()
        return {one.id: one for one in map(_asset, rows)}

    def by_origin(self, origin: str) -> Asset | None:
        """The film made from a source, in whatever state."""
        return self._one(assets.c.origin == origin)

    def edition(self, asset_id: int, rev: int) -> Edition | None:
        """The index row of a revision."""
        row = self._connection.execute(
            select(*_INDEX).where(editions.c.asset_id == asset_id, editions.c.rev == rev)
        ).first()
        if row is None:
            return None
        rungs = select(renditions).where(renditions.c.asset_id == asset_id, renditions.c.rev == rev)
        found = self._connection.execute(rungs.order_by(renditions.c.rung)).mappings()
        return _edition(row, tuple(map(_rendition, found)))

    def by_products(self, asset_id: int, rev: int) -> tuple[int, bool]:
        """Sheets of small pictures of a revision, and whether it has subtitles, without its long index."""
        which = editions.c.asset_id == asset_id, editions.c.rev == rev
        row = self._connection.execute(select(editions.c.sheets, editions.c.subtitles).where(*which)).first()
        return (row.sheets, bool(row.subtitles)) if row else (0, False)

    def listing(self, column: str, *, offset: int = 0, limit: int = 20) -> tuple[Asset, ...]:
        """Films of a column that can be watched, newest first."""
        shown = select(*_SUMMARY).where(_SHOWN, assets.c.column == column)
        newest = assets.c.added_at.desc(), assets.c.id.desc()
        return self._many(shown.order_by(*newest).offset(offset).limit(limit))

    def count(self, column: str) -> int:
        """How many films of a column can be watched."""
        query = select(func.count()).where(_SHOWN, assets.c.column == column)
        return int(self._connection.execute(query).scalar_one())

    def before(self, asset: Asset) -> int:
        """How many films that can be watched stand before this one in its column."""
        shown = select(func.count()).where(_SHOWN, assets.c.column == asset.column)
        newer = tuple_(assets.c.added_at, assets.c.id) > (asset.added_at, asset.id)
        return int(self._connection.execute(shown.where(newer)).scalar_one())

    def all(self) -> tuple[Asset, ...]:
        """Every film that is not purged, by id."""
        query = select(*_SUMMARY).where(assets.c.state != State.PURGED.value).order_by(assets.c.id)
        return self._many(query)

    def series(self) -> tuple[Series, ...]:
        """Every series by its number."""
        return tuple(Series(**row) for row in self._connection.execute(select(series).order_by(series.c.id)).mappings())

    def add_series(self, new: Series) -> Series:
        """Write a new series; its id is given by the database."""
        values = asdict(new)
        del values["id"]
        statement = insert(series).values(values).returning(series.c.id)
        return evolve(new, id=self._connection.execute(statement).scalar_one())

    def place_in_series(self, asset_id: int, series_id: int | None, season: int, episode: int) -> None:
        """Say which episode a film is; None takes it out of its series."""
        place = {"series_id": series_id, "season": season, "episode": episode}
        self._connection.execute(update(assets).where(assets.c.id == asset_id).values(place))

    def episodes(self, series_id: int) -> tuple[Asset, ...]:
        """The films of a series that can be watched, by season and episode."""
        shown = select(*_SUMMARY).where(_SHOWN, assets.c.series_id == series_id)
        return self._many(shown.order_by(assets.c.season, assets.c.episode, assets.c.id))

    def withdrawn(self, before: datetime) -> tuple[Asset, ...]:
        """Films withdrawn before an instant and not yet purged."""
        query = select(*_SUMMARY).where(assets.c.state == State.WITHDRAWN.value, assets.c.changed_at <= before)
        return self._many(query.order_by(assets.c.id))

    def set_state(self, asset_id: int, state: State, now: datetime) -> None:
        """Write a state; a purged film frees its origin, so that it may be added again."""
        freed = {"origin": None} if state is State.PURGED else {}
        changed = update(assets).where(assets.c.id == asset_id).values(state=state.value, changed_at=now, **freed)
        self._connection.execute(changed)

    def watched(self, household_id: int, asset_ids: Collection[int]) -> Mapping[int, Watched]:
        """Where a household stopped in these films; films it has not begun are absent."""
        mine = select(watching).where(watching.c.household_id == household_id, watching.c.asset_id.in_(asset_ids))
        return {row.asset_id: _watched(row) for row in self._connection.execute(mine)}

    def last_watched(self, household_id: int, limit: int) -> tuple[Watched, ...]:
        """The films a household watched last and that can still be watched, latest first."""
        mine = select(watching).join(assets).where(watching.c.household_id == household_id)
        newest = mine.where(_SHOWN).order_by(watching.c.seen_at.desc()).limit(limit)
        return tuple(map(_watched, self._connection.execute(newest)))

    def views(self, asset_ids: Collection[int]) -> Mapping[int, Views]:
        """Who has viewed these films and for how long; films that nobody has begun are absent."""
        enough = (watching.c.watched_ms >= VIEW_MS) | (watching.c.watched_ms * 2 >= assets.c.duration_ms)
        viewed = func.sum(case((enough & (watching.c.watched_ms > 0), 1), else_=0))
        query = select(watching.c.asset_id, viewed, func.sum(watching.c.watched_ms)).join(assets)
        told = query.where(watching.c.asset_id.in_(asset_ids)).group_by(watching.c.asset_id)
        return {row[0]: Views(int(row[1]), int(row[2]) // 1000) for row in self._connection.execute(told)}

    def set_details(self, asset: Asset) -> None:
        """Write what editors say of a film, and whether it is shown now."""
        told = {name: getattr(asset, name) for name in _DETAILS}
        self._connection.execute(update(assets).where(assets.c.id == asset.id).values(told))

    def set_shown(self, asset_id: int, *, shown: bool) -> None:
        """Write whether a film is shown now, and nothing else of it: an editor may be changing it."""
        self._connection.execute(update(assets).where(assets.c.id == asset_id).values(shown=shown))

    def set_rev(self, asset: Asset, now: datetime) -> None:
        """Write which revision is shown from now on, with its length and whether it is whole and for the channel."""
        told = {name: getattr(asset, name) for name in ("rev", "duration_ms", "damaged_tail", "channel")}
        self._connection.execute(update(assets).where(assets.c.id == asset.id).values(told | {"changed_at": now}))

    def windowed(self) -> tuple[Asset, ...]:
        """The films that are on shelves from or until some instant, by id."""
        some = (assets.c.shown_from.is_not(None)) | (assets.c.shown_until.is_not(None))
        return self._many(select(*_SUMMARY).where(some, assets.c.state == State.READY.value).order_by(assets.c.id))

    def replaced(self, before: datetime) -> tuple[tuple[int, int], ...]:
        """Asset and revision of what was replaced before an instant and is still there."""
        old = select(editions.c.asset_id, editions.c.rev).join(assets)
        due = old.where(editions.c.rev < assets.c.rev, assets.c.changed_at <= before)
        return tuple((row[0], row[1]) for row in self._connection.execute(due.order_by(*editions.primary_key)))

    def remove_edition(self, asset_id: int, rev: int) -> None:
        """Forget the index row of a revision whose files are gone."""
        for table in (renditions, editions):
            self._connection.execute(delete(table).where(table.c.asset_id == asset_id, table.c.rev == rev))

    def put_watched(self, household_id: int, watched: Watched) -> None:
        """Write a household's place in a film over the older one."""
        statement = sql.insert(self._connection, watching).values(household_id=household_id, **asdict(watched))
        newer = {name: statement.excluded[name] for name in ("position_ms", "seen_at", "watched_ms")}
        keys = ["household_id", "asset_id"]
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=newer))

    def _one(self, condition: Any) -> Asset | None:
        return next(iter(self._many(select(*_SUMMARY).where(condition))), None)

    def _many(self, query: Select[Any]) -> tuple[Asset, ...]:
        return tuple(map(_asset, self._connection.execute(query).mappings()))


def _asset(row: RowMapping) -> Asset:
    return Asset(**{**row, "state": State(row["state"])})


def _edition(row: Row[Any], rungs: tuple[Rendition, ...]) -> Edition:
    return Edition(
        tuple(row.seg_ticks),
        rungs,
        tracks(row.subtitles),
        tracks(row.sounds),
        row.sheets,
        row.iv,
        tuple(Fragments(**_tuples(each)) for each in row.fmp4),
        _tuple(row.others),
    )


def tracks(told: Iterable[Mapping[Any, Any]]) -> tuple[Track, ...]:
    """Subtitles or sounds as an index row has them."""
    return tuple(Track(**_tuples(each)) for each in told)


def _rendition(row: RowMapping) -> Rendition:
    values = _tuples(row)
    del values["asset_id"], values["rev"]
    return Rendition(**values)


def _tuples(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: _tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _tuple(values: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuple(value) if isinstance(value, list) else value for value in values)


def _watched(row: Row[Any]) -> Watched:
    return Watched(row.asset_id, row.position_ms, row.seen_at, row.watched_ms)
