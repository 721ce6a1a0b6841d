"""Films in the database: one row each, one per rung with the measured index, and where households stopped."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from attrs import asdict, evolve
from sqlalchemy import Connection, Row, RowMapping, Select, func, insert, select, tuple_, update

from middleware.domain.watching import Watched
from middleware.storage import sql
from middleware.storage.box_tables import series
from middleware.storage.tables import assets, renditions, watching
from vod.catalogue import Asset, Edition, Rendition, Series
from vod.jobs import State

_SUMMARY = [column for column in assets.c if column.name not in {"seg_ticks", "changed_at"}]
"""A shelf shows films without reading thousands of segment lengths."""


class SqlAssets:
    """The `Assets` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, asset: Asset, edition: Edition) -> Asset:
        """Write a film and its index row; its id is given by the database."""
        values = asdict(asset) | {
            "state": asset.state.value,
            "seg_ticks": edition.seg_ticks,
            "changed_at": asset.added_at,
        }
        del values["id"]
        statement = insert(assets).values(values).returning(assets.c.id)
        stored = evolve(asset, id=self._connection.execute(statement).scalar_one())
        rows = [asdict(rendition) | {"asset_id": stored.id} for rendition in edition.renditions]
        self._connection.execute(insert(renditions), rows)
        return stored

    def get(self, asset_id: int) -> Asset | None:
        """One film in whatever state."""
        return self._one(assets.c.id == asset_id)

    def by_origin(self, origin: str) -> Asset | None:
        """The film made from a source, in whatever state."""
        return self._one(assets.c.origin == origin)

    def edition(self, asset_id: int, rev: int) -> Edition | None:
        """The index row of a revision."""
        lengths = select(assets.c.seg_ticks).where(assets.c.id == asset_id, assets.c.rev == rev)
        row = self._connection.execute(lengths).first()
        if row is None:
            return None
        rungs = select(renditions).where(renditions.c.asset_id == asset_id).order_by(renditions.c.rung)
        return Edition(tuple(row.seg_ticks), tuple(map(_rendition, self._connection.execute(rungs).mappings())))

    def listing(self, column: str, *, offset: int = 0, limit: int = 20) -> tuple[Asset, ...]:
        """Films of a column that can be watched, newest first."""
        shown = select(*_SUMMARY).where(assets.c.state == State.READY.value, assets.c.column == column)
        newest = assets.c.added_at.desc(), assets.c.id.desc()
        return self._many(shown.order_by(*newest).offset(offset).limit(limit))

    def count(self, column: str) -> int:
        """How many films of a column can be watched."""
        query = select(func.count()).where(assets.c.state == State.READY.value, assets.c.column == column)
        return int(self._connection.execute(query).scalar_one())

    def before(self, asset: Asset) -> int:
        """How many films that can be watched stand before this one in its column."""
        shown = select(func.count()).where(assets.c.state == State.READY.value, assets.c.column == asset.column)
        newer = tuple_(assets.c.added_at, assets.c.id) > (asset.added_at, asset.id)
        return int(self._connection.execute(shown.where(newer)).scalar_one())

    def all(self) -> tuple[Asset, ...]:
        """Every film that is not purged, by id, for the command line."""
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
        shown = select(*_SUMMARY).where(assets.c.state == State.READY.value, assets.c.series_id == series_id)
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
        newest = mine.where(assets.c.state == State.READY.value).order_by(watching.c.seen_at.desc()).limit(limit)
        return tuple(map(_watched, self._connection.execute(newest)))

    def put_watched(self, household_id: int, watched: Watched) -> None:
        """Write a household's place in a film over the older one."""
        statement = sql.insert(self._connection, watching).values(household_id=household_id, **asdict(watched))
        newer = {name: statement.excluded[name] for name in ("position_ms", "seen_at")}
        keys = ["household_id", "asset_id"]
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=newer))

    def _one(self, condition: Any) -> Asset | None:
        return next(iter(self._many(select(*_SUMMARY).where(condition))), None)

    def _many(self, query: Select[Any]) -> tuple[Asset, ...]:
        return tuple(map(_asset, self._connection.execute(query).mappings()))


def _asset(row: RowMapping) -> Asset:
    return Asset(**{**row, "state": State(row["state"])})


def _rendition(row: RowMapping) -> Rendition:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    del values["asset_id"]
    return Rendition(**values)


def _watched(row: Row[Any]) -> Watched:
    return Watched(row.asset_id, row.position_ms, row.seen_at)
