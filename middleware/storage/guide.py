"""Channels and programmes in the database; a programme's row stays when a feed changes or moves it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from attrs import asdict, evolve, fields
from sqlalchemy import Connection, RowMapping, Select, bindparam, delete, func, insert, select, tuple_, update

from epg.model import LONGEST, Credit, Programme
from middleware.domain.channels import CENSORED_GENRE, FIRST_LINK, Channel, ChannelLink, Genre
from middleware.services.ports import Airing, GuideSnapshot
from middleware.storage.box_tables import channel_links, genres
from middleware.storage.guide_journal import GuideJournal
from middleware.storage.sql import insert as dialect_insert
from middleware.storage.tables import channels, programmes

_COLUMNS: Final = ("uid", "start", "stop", "title", "sub_title", "desc", "categories", "open")
_DETAILS: Final = tuple(
    (field.name, field.default) for field in fields(Programme) if field.name not in (*_COLUMNS, "channel")
)
"""Fields kept as JSON when they differ from their default, and that default."""
_columns_of: Final = attrgetter(*_COLUMNS)
_details_of: Final = attrgetter(*(name for name, _ in _DETAILS))
_PUBLISHING: Final = 688270
"""The number next to that of the outbox, which nobody else locks by."""
_SOME: Final = 500
"""Most values in one IN list; SQLite allows 32,766 parameters, PostgreSQL's planner slows long before."""


class SqlGuide:
    """The `Guide` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._journal = GuideJournal(connection)

    def channels(self) -> tuple[Channel, ...]:
        """The line-up in its order."""
        rows = self._connection.execute(select(channels).order_by(channels.c.position, channels.c.number))
        return tuple(Channel(**row) for row in rows.mappings())

    def channel(self, channel_id: int) -> Channel | None:
        """One channel."""
        row = self._connection.execute(select(channels).where(channels.c.id == channel_id)).mappings().first()
        return None if row is None else Channel(**row)

    def add_channel(self, channel: Channel) -> Channel:
        """Write a new channel; its id is given by the database."""
        values = asdict(channel)
        del values["id"]
        statement = insert(channels).values(values).returning(channels.c.id)
        return evolve(channel, id=self._connection.execute(statement).scalar_one())

    def save_channel(self, channel: Channel) -> None:
        """Write all fields over the stored ones."""
        self._connection.execute(update(channels).where(channels.c.id == channel.id).values(asdict(channel)))

    def genres(self) -> tuple[Genre, ...]:
        """The groups of channels in their order."""
        rows = self._connection.execute(select(genres).order_by(genres.c.position, genres.c.id))
        return tuple(Genre(**row) for row in rows.mappings())

    def put_genre(self, genre: Genre) -> Genre:
        """Write a group over the one of its number; a new one (number 0) gets its number here, the censored one 10."""
        stored = genre if genre.id else evolve(genre, id=self._free_genre(genre.censored))
        statement = dialect_insert(self._connection, genres).values(asdict(stored))
        newer = {name: statement.excluded[name] for name in ("title", "alias", "position", "censored")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=newer))
        return stored

    def links(self) -> tuple[ChannelLink, ...]:
        """Every further link, by channel, the one to try first in front."""
        order = channel_links.c.channel_id, channel_links.c.priority.desc(), channel_links.c.id
        rows = self._connection.execute(select(channel_links).order_by(*order))
        return tuple(ChannelLink(**{**row, "id": FIRST_LINK + row["id"]}) for row in rows.mappings())

    def add_link(self, channel_id: int, url: str, priority: int = 0) -> ChannelLink:
        """Write a further link of a channel; its number is given here and never again."""
        values = {"channel_id": channel_id, "url": url, "priority": priority}
        given = self._connection.execute(insert(channel_links).values(values).returning(channel_links.c.id))
        return ChannelLink(FIRST_LINK + given.scalar_one(), channel_id, url, priority)

    def remove_link(self, link_id: int) -> None:
        """Forget a further link; one that is not there is no error."""
        self._connection.execute(delete(channel_links).where(channel_links.c.id == link_id - FIRST_LINK))

    def airing(self, airing_id: int) -> Airing | None:
        """One programme."""
        return next(iter(self._many(_listed().where(programmes.c.id == airing_id))), None)

    def named(self, uid: str) -> Airing | None:
        """One programme by what never changes of it."""
        return next(iter(self._many(_listed().where(programmes.c.uid == uid))), None)

    def between(
        self, start: datetime, stop: datetime, channel_ids: Collection[int] | None = None
    ) -> tuple[Airing, ...]:
        """What is on the air at any instant of [start, stop), by channel and start."""
        begun = programmes.c.start.between(start - LONGEST, stop)  # lets both databases use an index on the start
        return self._many(
            _on(_listed(), channel_ids).where(begun, programmes.c.stop > start, programmes.c.start < stop)
        )

    def following(self, at: datetime, channel_ids: Collection[int] | None = None) -> tuple[Airing, ...]:
        """The first programme of each channel that starts after an instant, however far."""
        first = select(func.min(programmes.c.start)).where(
            programmes.c.channel_id == channels.c.id, programmes.c.start > at
        )
        asked = select(channels.c.id, first.scalar_subquery().label("first"))
        if channel_ids is not None:
            asked = asked.where(channels.c.id.in_(channel_ids))
        # Asked in two steps: in one, SQLite walks over every programme instead of seeking once per channel.
        firsts = [(row.id, row.first) for row in self._connection.execute(asked) if row.first is not None]
        return self._many(_listed().where(tuple_(programmes.c.channel_id, programmes.c.start).in_(firsts)))

    def taken(self, uids: Collection[str]) -> frozenset[str]:
        """Those of the uids that a stored programme has."""
        found: set[str] = set()
        for some in _pieces(uids):
            found.update(self._connection.execute(select(programmes.c.uid).where(programmes.c.uid.in_(some))).scalars())
        return frozenset(found)

    def write(self, added: Sequence[Airing], changed: Sequence[Airing], removed: Collection[int]) -> None:
        """Take out, change in place and put in; ids of `added` are given by the database where they are 0."""
        if (added or changed or removed) and self._journal.active:
            touched = [*removed, *(airing.id for airing in changed)]
            self._journal.note(added, self._stored(touched), changed)
        for some in _pieces(removed):
            self._connection.execute(delete(programmes).where(programmes.c.id.in_(some)))
        if changed:
            rows = [_row(airing) | {"row_id": airing.id} for airing in changed]
            self._connection.execute(update(programmes).where(programmes.c.id == bindparam("row_id")), rows)
        new, back = [one for one in added if not one.id], [one for one in added if one.id]
        if new:
            self._connection.execute(insert(programmes), [_row(airing) for airing in new])
        if back:
            self._connection.execute(insert(programmes), [_row(airing) | {"id": airing.id} for airing in back])

    def hold(self) -> None:
        """Let nobody else publish before the end of this transaction, so that what is read from now on stays true.

        To be taken before the first event is put into the outbox: two who hold one and want the other wait for ever.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_PUBLISHING)))

    def opening(self, at: datetime, who: str, what: str) -> None:
        """Hold the guide; the next change of this transaction begins a snapshot, without a change there is none."""
        self.hold()
        self._journal.opening(at, who, what)

    def snapshots(self) -> tuple[GuideSnapshot, ...]:
        """Those that one can go back to, the newest first."""
        return self._journal.snapshots()

    def before(self, number: int) -> dict[str, Airing | None]:
        """By uid what was changed after a snapshot, as it was in it; None was not there."""
        return self._journal.before(number)

    def by_uids(self, uids: Collection[str]) -> dict[str, Airing]:
        """Those of the programmes that are stored."""
        found = [self._many(_listed().where(programmes.c.uid.in_(some))) for some in _pieces(uids)]
        return {one.programme.uid: one for rows in found for one in rows}

    def prune(self, before: datetime, most: int) -> int:
        """Forget programmes that ended before, `most` at once; no snapshot brings them back. Returns how many."""
        over = programmes.c.start < before, programmes.c.stop < before  # by their start there is an index
        gone = self._many(_listed().where(*over).limit(most))
        self._journal.forgot(gone)
        for some in _pieces([one.id for one in gone]):
            self._connection.execute(delete(programmes).where(programmes.c.id.in_(some)))
        return len(gone)

    def _stored(self, ids: Collection[int]) -> list[Airing]:
        return [one for some in _pieces(ids) for one in self._many(_listed().where(programmes.c.id.in_(some)))]

    def _free_genre(self, censored: bool) -> int:
        if censored:
            return CENSORED_GENRE
        last = (
            self._connection.execute(select(func.max(genres.c.id)).where(genres.c.id != CENSORED_GENRE)).scalar() or 0
        )
        return last + 2 if last + 1 == CENSORED_GENRE else last + 1

    def _many(self, query: Select[Any]) -> tuple[Airing, ...]:
        in_order = query.order_by(channels.c.position, channels.c.number, programmes.c.start, programmes.c.id)
        return tuple(map(_airing, self._connection.execute(in_order).mappings()))


def _listed() -> Select[Any]:
    return select(programmes, channels.c.xmltv_id).join(channels)


def _on(query: Select[Any], channel_ids: Collection[int] | None) -> Select[Any]:
    return query if channel_ids is None else query.where(programmes.c.channel_id.in_(channel_ids))


def _pieces(values: Iterable[Any]) -> list[list[Any]]:
    whole = list(values)
    return [whole[at : at + _SOME] for at in range(0, len(whole), _SOME)]


def _row(airing: Airing) -> dict[str, Any]:
    row = dict(zip(_COLUMNS, _columns_of(airing.programme), strict=True))
    return row | {"channel_id": airing.channel, "source": airing.source, "details": _details(airing.programme)}


def _details(programme: Programme) -> dict[str, Any]:
    values = zip(_DETAILS, _details_of(programme), strict=True)
    kept = {field: value for (field, default), value in values if value != default}
    if programme.credits:
        kept["credits"] = [[credit.part, credit.name] for credit in programme.credits]
    return kept


def _airing(row: RowMapping) -> Airing:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row["details"].items()
    }
    if "credits" in values:
        values["credits"] = tuple(Credit(*pair) for pair in values["credits"])
    values |= {name: row[name] for name in _COLUMNS} | {"categories": tuple(row["categories"])}
    return Airing(row["id"], row["channel_id"], row["source"], Programme(channel=row["xmltv_id"], **values))
