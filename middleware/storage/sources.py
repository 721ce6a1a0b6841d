"""Sources of the guide in the database: what each has told, whose channels are which, and what was set by hand."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import asdict, evolve
from sqlalchemy import Connection, Row, Select, delete, func, select
from sqlalchemy import insert as plain_insert

from epg.merging import Pin
from epg.model import Programme
from middleware.services.plan_ports import GuideSource, Ruling, Unmatched
from middleware.storage.guide_tables import (
    channel_aliases,
    feed_channels,
    feed_rows,
    feed_rulings,
    guide_sources,
    pins,
)
from middleware.storage.sql import among, insert
from middleware.storage.structured import structured

_SAMPLES: Final = 3


class SqlSources:
    """The `Sources` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> tuple[GuideSource, ...]:
        """Every source, the most trusted first."""
        rows = self._connection.execute(select(guide_sources).order_by(guide_sources.c.rank, guide_sources.c.name))
        return tuple(GuideSource(**row) for row in rows.mappings())

    def by_name(self, name: str) -> GuideSource | None:
        """One source."""
        row = self._connection.execute(select(guide_sources).where(guide_sources.c.name == name)).mappings().first()
        return None if row is None else GuideSource(**row)

    def hold(self, name: str) -> None:
        """Let nobody else change a source before the end of this transaction."""
        mine = select(guide_sources.c.id).where(guide_sources.c.name == name)
        self._connection.execute(mine.with_for_update()).all()

    def put(self, source: GuideSource) -> GuideSource:
        """Write a source over the one of its name."""
        values = asdict(source) | {"fields": dict(source.fields)}
        del values["id"]
        statement = insert(self._connection, guide_sources).values(values)
        newer = {name: statement.excluded[name] for name in values if name != "name"}
        statement = statement.on_conflict_do_update(index_elements=["name"], set_=newer).returning(guide_sources.c.id)
        return evolve(source, id=self._connection.execute(statement).scalar_one())

    def remove(self, name: str) -> None:
        """Forget a source and all that it has told."""
        self._connection.execute(delete(feed_rows).where(feed_rows.c.source == name))
        self._connection.execute(delete(feed_rulings).where(feed_rulings.c.source == name))
        self._connection.execute(delete(feed_channels).where(feed_channels.c.source == name))
        self._connection.execute(delete(guide_sources).where(guide_sources.c.name == name))

    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """Aliases by channel."""
        found: dict[str, tuple[str, ...]] = {}
        for row in self._connection.execute(select(channel_aliases).order_by(channel_aliases.c.alias)):
            found[row.channel] = (*found.get(row.channel, ()), row.alias)
        return found

    def add_alias(self, channel: str, alias: str) -> None:
        """Say that a name means a channel, whatever it meant before."""
        statement = insert(self._connection, channel_aliases).values(alias=alias, channel=channel)
        newer = {"channel": statement.excluded.channel}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["alias"], set_=newer))

    def remove_alias(self, alias: str) -> None:
        """Forget an alias."""
        self._connection.execute(delete(channel_aliases).where(channel_aliases.c.alias == alias))

    def by_hand(self, source: str) -> Mapping[str, str | None]:
        """What was decided by hand of a source's channels; None = never to be matched."""
        query = select(feed_channels).where(feed_channels.c.source == source, feed_channels.c.by_hand)
        return {row.told: row.channel for row in self._connection.execute(query)}

    def match_by_hand(self, source: str, told: str, channel: str | None) -> None:
        """Decide by hand what a source's channel is."""
        self._put_match(source, told, {"channel": channel, "by_hand": True})

    def tie(self, source: str, told: str, channel: str | None, names: Sequence[str]) -> None:
        """Keep what the rules found of a source's channel, and what it is called."""
        self._put_match(source, told, {"channel": channel, "by_hand": False, "names": list(names)})

    def replace(self, source: str, told: str, start: datetime, stop: datetime, rows: Sequence[Programme]) -> None:
        """Put rows in the place of what a source told of [start, stop) before."""
        mine = feed_rows.c.source == source, feed_rows.c.told == told
        window = feed_rows.c.start >= start, feed_rows.c.start < stop
        self._connection.execute(delete(feed_rows).where(*mine, *window))
        if rows:
            self._connection.execute(
                plain_insert(feed_rows),
                [
                    {
                        "source": source,
                        "told": told,
                        "start": one.start,
                        "stop": one.stop,
                        "body": structured.unstructure(one),
                    }
                    for one in rows
                ],
            )

    def told(self, channel: str, start: datetime, stop: datetime) -> Mapping[str, tuple[Programme, ...]]:
        """What every source says of a channel in [start, stop), by source, in order."""
        tied = (feed_channels.c.source == feed_rows.c.source) & (feed_channels.c.told == feed_rows.c.told)
        query = (
            select(feed_rows.c.source, feed_rows.c.body)
            .join(feed_channels, tied)
            .where(feed_channels.c.channel == channel, feed_rows.c.stop > start, feed_rows.c.start < stop)
            .order_by(feed_rows.c.source, feed_rows.c.start)
        )
        return self._by_source(query, channel)

    def rulings(self, source: str) -> Mapping[str, Ruling]:
        """What was decided of a source's quarantined rows, by row."""
        query = select(feed_rulings).where(feed_rulings.c.source == source).order_by(feed_rulings.c.at)
        return {row.row: _ruling(row) for row in self._connection.execute(query)}

    def put_ruling(self, ruling: Ruling) -> None:
        """Decide of a row, in the place of what was decided of it."""
        one = ruling.programme
        values = asdict(ruling, recurse=False)
        del values["programme"]
        values |= {"start": one and one.start, "stop": one and one.stop, "body": one and structured.unstructure(one)}
        statement = insert(self._connection, feed_rulings).values(values)
        newer = {name: statement.excluded[name] for name in values if name not in {"source", "row"}}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["source", "row"], set_=newer))

    def remove_ruling(self, source: str, row: str) -> None:
        """Leave a row to the rules again."""
        mine = feed_rulings.c.source == source, feed_rulings.c.row == row
        self._connection.execute(delete(feed_rulings).where(*mine))

    def tied(self, source: str, told: str) -> str | None:
        """Our channel that a source's channel is; None while there is none."""
        mine = feed_channels.c.source == source, feed_channels.c.told == told
        return self._connection.execute(select(feed_channels.c.channel).where(*mine)).scalar()

    def let_in(self, channel: str, start: datetime, stop: datetime) -> Mapping[str, tuple[Programme, ...]]:
        """Rows of a channel in [start, stop) that editors have let in and that are still told, by source, in order."""
        tied = (feed_channels.c.source == feed_rulings.c.source) & (feed_channels.c.told == feed_rulings.c.told)
        window = feed_rulings.c.stop > start, feed_rulings.c.start < stop
        query = (
            select(feed_rulings.c.source, feed_rulings.c.body)
            .join(feed_channels, tied)
            .where(feed_channels.c.channel == channel, feed_rulings.c.standing, *window)
            .order_by(feed_rulings.c.source, feed_rulings.c.start, feed_rulings.c.row)
        )
        return self._by_source(query, channel)

    def unmatched(self, source: str = "") -> tuple[Unmatched, ...]:
        """Channels that nobody has been found for, with how much of them is parked."""
        free = [feed_channels.c.channel.is_(None), ~feed_channels.c.by_hand]
        if source:
            free.append(feed_channels.c.source == source)
        query = select(feed_channels).where(*free).order_by(feed_channels.c.source, feed_channels.c.told)
        return tuple(
            Unmatched(row.source, row.told, tuple(row.names), *self._parked(row.source, row.told))
            for row in self._connection.execute(query).all()
        )

    def pins(self, uids: Collection[str]) -> tuple[Pin, ...]:
        """Fields set by hand of some programmes."""
        query = (
            select(pins)
            .where(among(self._connection.dialect.name, pins.c.uid, "uids"))
            .order_by(pins.c.uid, pins.c.name)
        )
        rows = self._connection.execute(query, {"uids": list(uids)})
        return tuple(
            Pin(row.uid, row.name, tuple(row.value) if isinstance(row.value, list) else row.value) for row in rows
        )

    def put_pin(self, pin: Pin) -> None:
        """Set a field by hand."""
        value = list(pin.value) if isinstance(pin.value, tuple) else pin.value
        statement = insert(self._connection, pins).values(uid=pin.uid, name=pin.name, value=value)
        newer = {"value": statement.excluded.value}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["uid", "name"], set_=newer))

    def remove_pin(self, uid: str, name: str) -> None:
        """Take a field as the sources say again."""
        self._connection.execute(delete(pins).where(pins.c.uid == uid, pins.c.name == name))

    def prune(self, before: datetime, most: int) -> int:
        """Forget rows that ended before, `most` at once, and rulings that let such a row in; returns how many."""
        mine = (feed_rows.c.source == feed_channels.c.source) & (feed_rows.c.told == feed_channels.c.told)
        over = feed_rows.c.start < before, feed_rows.c.stop < before  # by their start there is an index
        some = select(feed_rows.c.id).select_from(feed_channels.join(feed_rows, mine)).where(*over).limit(most)
        rows = self._connection.execute(delete(feed_rows).where(feed_rows.c.id.in_(some))).rowcount
        return rows + self._connection.execute(delete(feed_rulings).where(feed_rulings.c.stop < before)).rowcount

    def _by_source(self, query: Select[Any], channel: str) -> Mapping[str, tuple[Programme, ...]]:
        found: dict[str, list[Programme]] = {}
        for row in self._connection.execute(query):
            found.setdefault(row.source, []).append(evolve(structured.structure(row.body, Programme), channel=channel))
        return {source: tuple(rows) for source, rows in found.items()}

    def _put_match(self, source: str, told: str, values: dict[str, Any]) -> None:
        statement = insert(self._connection, feed_channels).values(
            {"source": source, "told": told, "names": []} | values
        )
        newer = {name: statement.excluded[name] for name in values}
        key = ["source", "told"]
        self._connection.execute(statement.on_conflict_do_update(index_elements=key, set_=newer))

    def _parked(self, source: str, told: str) -> tuple[int, tuple[str, ...]]:
        mine = feed_rows.c.source == source, feed_rows.c.told == told
        count = self._connection.execute(select(func.count()).where(*mine)).scalar_one()
        some = select(feed_rows.c.body).where(*mine).order_by(feed_rows.c.start).limit(_SAMPLES)
        return count, tuple(body["title"] for body in self._connection.execute(some).scalars())


def _ruling(row: Row[Any]) -> Ruling:
    programme = structured.structure(row.body, Programme) if row.body else None
    return Ruling(row.source, row.row, row.told, row.kind, row.words, programme, row.standing, row.by, row.at)
