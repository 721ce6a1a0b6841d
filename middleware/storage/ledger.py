"""What own channels play, in the database: rows and captured segments that are only ever added, pools, the lock."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import asdict
from sqlalchemy import Connection, Row, Table, Text, case, delete, func, insert, or_, select, tuple_, type_coerce

from middleware.domain.errors import Fenced
from middleware.domain.events import LedgerGrown
from middleware.services.video_ports import Key, Lock, PoolRefs, Use
from middleware.storage import sql
from middleware.storage.assets import tracks
from middleware.storage.ledger_tables import ledger, ledger_lock, ledger_pool, ledger_segment
from middleware.storage.outbox import SqlOutbox
from middleware.storage.tables import editions
from vod import ledger as vod_ledger
from vod.catalogue import aired_captions
from vod.ledger import Captured, Film

_SOME = 300
"""Values in one statement; SQLite takes 32,766."""
_ROW = [column for column in ledger.c if column.name != "channel"]
_OF_FILM = (
    *(editions.c[name] for name in ("asset_id", "rev", "seg_ticks", "iv", "subtitles")),
    type_coerce(editions.c.fmp4, Text) != "[]",
)
_SEGMENT = [column for column in ledger_segment.c if column.name != "channel"]


class SqlLedgers:
    """The `Ledgers` port. What is added is told by `LedgerGrown` in the same transaction."""

    def __init__(self, connection: Connection, outbox: SqlOutbox) -> None:
        self._connection = connection
        self._outbox = outbox

    def clock_ms(self) -> int | None:
        """The clock of the database's machine, by which nodes see whether theirs agree; None for a file of our own."""
        if self._connection.dialect.name != "postgresql":
            return None
        return int(self._connection.execute(select(func.extract("epoch", func.clock_timestamp()) * 1000)).scalar() or 0)

    def channels(self) -> tuple[str, ...]:
        """The channels that have rows, by name."""
        return tuple(self._connection.execute(select(ledger.c.channel).distinct().order_by(ledger.c.channel)).scalars())

    def rows(self, channel: str, after: int = 0) -> tuple[vod_ledger.Row, ...]:
        """The rows of a channel with a higher number, in their order."""
        mine = select(*_ROW).where(ledger.c.channel == channel, ledger.c.seq > after).order_by(ledger.c.seq)
        return tuple(vod_ledger.Row(*row) for row in self._connection.execute(mine))

    def begin(self, channel: str, at_ms: int) -> int:
        """The number of the row to fold from for what is shown at an instant and later, 0 without one."""
        settled = ledger.c.channel == channel, ledger.c.settled, ledger.c.start_ms <= at_ms
        return int(self._connection.execute(select(func.max(ledger.c.seq)).where(*settled)).scalar() or 0)

    def captured(self, channel: str, after: int = 0) -> tuple[Captured, ...]:
        """The captured segments of the rows with a higher number, in their order."""
        mine = ledger_segment.c.channel == channel, ledger_segment.c.seq > after
        ordered = select(*_SEGMENT).where(*mine).order_by(ledger_segment.c.seq, ledger_segment.c.k)
        return tuple(_captured(row) for row in self._connection.execute(ordered))

    def pools(self, channel: str) -> Mapping[int, PoolRefs]:
        """The pools of a channel by their revision."""
        mine = select(ledger_pool).where(ledger_pool.c.channel == channel).order_by(ledger_pool.c.revision)
        return {row.revision: _pool(row.revision, row.body) for row in self._connection.execute(mine)}

    def append(self, channel: str, rows: Sequence[vod_ledger.Row], fence: int) -> None:
        """Add rows. Raises Fenced for a number that is no longer the lock's."""
        self._add(ledger, channel, [asdict(row) for row in rows], fence)

    def capture(self, channel: str, segments: Sequence[Captured], fence: int) -> None:
        """Add captured segments. Raises Fenced."""
        self._add(ledger_segment, channel, [asdict(one) for one in segments], fence)

    def put_pool(self, channel: str, pool: PoolRefs, fence: int) -> None:
        """Add a pool with a new revision. Raises Fenced."""
        self._add(ledger_pool, channel, [{"revision": pool.revision, "body": _body(pool)}], fence)

    def lock(self, channel: str, holder: str, now_ms: int, until_ms: int) -> int:
        """Take or keep the lock; returns its fencing number, 0 while somebody else holds it."""
        given = {"channel": channel, "holder": holder, "fence": 1, "until_ms": until_ms}
        statement = sql.insert(self._connection, ledger_lock).values(given)
        same = ledger_lock.c.holder == statement.excluded.holder
        newer = {
            "holder": statement.excluded.holder,
            "until_ms": statement.excluded.until_ms,
            "fence": ledger_lock.c.fence + case((same, 0), else_=1),
        }
        taken = statement.on_conflict_do_update(
            index_elements=["channel"], set_=newer, where=or_(same, ledger_lock.c.until_ms <= now_ms)
        ).returning(ledger_lock.c.fence)
        return int(self._connection.execute(taken).scalar() or 0)

    def unlock(self, channel: str, holder: str) -> None:
        """Let the next one have the lock at once; the fencing number stays used."""
        mine = ledger_lock.c.channel == channel, ledger_lock.c.holder == holder
        self._connection.execute(ledger_lock.update().where(*mine).values(until_ms=0))

    def held(self, channel: str) -> Lock | None:
        """Who holds the lock, or held it last."""
        row = self._connection.execute(select(ledger_lock).where(ledger_lock.c.channel == channel)).first()
        return None if row is None else Lock(row.holder, row.fence, row.until_ms)

    def hold(self, channel: str) -> int:
        """The lock's number, 0 without one; nobody else writes to the channel before the end of this transaction."""
        held = select(ledger_lock.c.fence).where(ledger_lock.c.channel == channel).with_for_update()
        return int(self._connection.execute(held).scalar() or 0)

    def films(self, keys: Collection[Key]) -> Mapping[Key, Film]:
        """What the ledger knows of these revisions, also of purged ones; those that never were are absent."""
        found: dict[Key, Film] = {}
        whole = sorted(set(keys))
        for at in range(0, len(whole), _SOME):
            wanted = tuple_(editions.c.asset_id, editions.c.rev).in_(whole[at : at + _SOME])
            for asset, rev, ticks, iv, subtitles, fragments in self._connection.execute(
                select(*_OF_FILM).where(wanted)
            ):
                captions = aired_captions(tracks(subtitles), tuple(ticks))
                found[asset, rev] = Film(asset, rev, tuple(ticks), iv, captions, bool(fragments))
        return found

    def fills(self, asset: int, since_ms: int) -> tuple[str, ...]:
        """The channels whose fillers, slate or idents a film is of, by any pool that rows since then stand on."""
        since = select(ledger.c.channel, ledger.c.pool_rev).where(ledger.c.start_ms >= since_ms).distinct()
        standing = tuple_(ledger_pool.c.channel, ledger_pool.c.revision).in_(since)
        rows = self._connection.execute(select(ledger_pool).where(standing))
        found = {row.channel for row in rows if any(asset == one for one, _ in _pool(row.revision, row.body).films)}
        return tuple(sorted(found))

    def uses(self, asset: int, since_ms: int) -> tuple[Use, ...]:
        """The airings of a film that begin at an instant or later, by channel and number."""
        mine = ledger.c.asset == asset, ledger.c.start_ms >= since_ms
        told = select(ledger.c.channel, ledger.c.seq, ledger.c.start_ms, ledger.c.programme_uid).where(*mine)
        return tuple(Use(*row) for row in self._connection.execute(told.order_by(ledger.c.channel, ledger.c.seq)))

    def prune(self, before_ms: int) -> int:
        """Forget rows, but the one to fold from, of before an instant, and pools that none stands on; how many rows."""
        gone = 0
        for channel in self.channels():
            first = self.begin(channel, before_ms)
            for table in (ledger_segment, ledger):
                old = delete(table).where(table.c.channel == channel, table.c.seq < first)
                gone += self._connection.execute(old).rowcount
            self._forget_pools(channel)
        return gone

    def _forget_pools(self, channel: str) -> None:
        """The newest stays: revisions are never used twice, and the next rows stand on it."""
        mine = ledger_pool.c.channel == channel
        newest = select(func.max(ledger_pool.c.revision)).where(mine).scalar_subquery()
        standing = select(ledger.c.pool_rev).where(ledger.c.channel == channel)
        revision = ledger_pool.c.revision
        self._connection.execute(delete(ledger_pool).where(mine, revision < newest, revision.not_in(standing)))

    def _add(self, table: Table, channel: str, values: list[dict[str, Any]], fence: int) -> None:
        """Hold the lock's row until the commit: nobody can take the lock between the look and the writing."""
        standing = self.hold(channel)
        if not standing or standing != fence:
            raise Fenced(f"channel {channel} is written by holder {standing} of its lock, not by {fence}")
        if values:
            self._connection.execute(insert(table), [{"channel": channel} | one for one in values])
            self._outbox.add(LedgerGrown(channel))


def _captured(row: Row[Any]) -> Captured:
    return Captured(row.seq, row.k, row.ticks, tuple(row.sizes), row.published_ms)


def _body(pool: PoolRefs) -> dict[str, Any]:
    return {"loop": pool.loop, "slate": pool.slate, "idents": pool.idents}


def _pool(revision: int, body: Mapping[str, Any]) -> PoolRefs:
    asset, rev = body["slate"]
    return PoolRefs(
        revision,
        tuple((asset, rev) for asset, rev in body["loop"]),
        (asset, rev),
        tuple((ms, (asset, rev)) for ms, (asset, rev) in body["idents"]),
    )
