"""Snapshots of the published guide: each publishing keeps what it changed, so that the guide can go back to it.

Only changes are kept, never the whole guide: an edit of one day costs a few rows, whatever the size of the guide.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from middleware.services.ports import Airing, GuideSnapshot
from middleware.storage.guide_tables import guide_changes, guide_snapshots
from middleware.storage.structured import structured

KEPT: Final = 10
"""Snapshots that one can go back to (epg.md §2)."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SIZE: Final = 16
_ROUND: Final = 1 << (8 * _SIZE)


class GuideJournal:
    """What was written into the guide since the oldest snapshot that is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._opening: tuple[datetime, str, str] | None = None

    def opening(self, at: datetime, who: str, what: str) -> None:
        """Let the next change of this transaction begin a snapshot; without a change there is none."""
        self._opening = at, who, what

    @property
    def active(self) -> bool:
        """Whether changes are kept: not before the first snapshot."""
        return self._opening is not None or self._current()[0] > 0

    def note(self, added: Sequence[Airing], before: Sequence[Airing], after: Sequence[Airing]) -> None:
        """Keep a change: rows put in, and those changed or taken out as they were before; `after` are the changed."""
        if not (added or before):
            return
        number, digest = self._current()
        if number == 0:
            return
        marks = sum(map(_mark, added)) + sum(map(_mark, after)) - sum(map(_mark, before))
        table = guide_snapshots.c
        counts = {
            "digest": _moved(digest, marks),
            "added": table.added + len(added),
            "changed": table.changed + len(after),
            "removed": table.removed + len(before) - len(after),
        }
        self._connection.execute(update(guide_snapshots).where(table.number == number).values(counts))
        self._connection.execute(insert(guide_changes).values(number=number, body=_packed(added, before)))

    def forgot(self, gone: Sequence[Airing]) -> None:
        """Note that old programmes are gone for good: the digest is that of the guide without them."""
        table = guide_snapshots.c
        last = self._connection.execute(
            select(table.number, table.digest).order_by(table.number.desc()).limit(1)
        ).first()
        if last is not None and gone:
            mine = update(guide_snapshots).where(table.number == last.number)
            self._connection.execute(mine.values(digest=_moved(last.digest, -sum(map(_mark, gone)))))

    def snapshots(self) -> tuple[GuideSnapshot, ...]:
        """Those that are kept, the newest first."""
        rows = self._connection.execute(select(guide_snapshots).order_by(guide_snapshots.c.number.desc()))
        return tuple(GuideSnapshot(**row) for row in rows.mappings())

    def before(self, number: int) -> dict[str, Airing | None]:
        """By uid what was changed after a snapshot, as it was in it; None was not there."""
        query = select(guide_changes.c.body).where(guide_changes.c.number > number).order_by(guide_changes.c.id.desc())
        found: dict[str, Airing | None] = {}
        for body in self._connection.execute(query).scalars():
            added, old = _unpacked(body)
            found |= dict.fromkeys(added)
            found |= {one.programme.uid: one for one in old}
        return found

    def _current(self) -> tuple[int, str]:
        """Number and digest of the snapshot that is being written; 0 before the first."""
        table = guide_snapshots.c
        last = self._connection.execute(
            select(table.number, table.digest).order_by(table.number.desc()).limit(1)
        ).first()
        if self._opening is None:
            return (last.number, last.digest) if last else (0, "")
        at, who, what = self._opening
        self._opening = None
        digest = last.digest if last else ""
        values = {"at": at, "who": who, "what": what, "digest": digest, "added": 0, "changed": 0, "removed": 0}
        made = insert(guide_snapshots).values(values).returning(table.number)
        number = self._connection.execute(made).scalar_one()
        self._forget()
        return number, digest

    def _forget(self) -> None:
        table = guide_snapshots.c
        oldest = select(table.number).order_by(table.number.desc()).limit(KEPT).subquery()
        first = self._connection.execute(select(func.min(oldest.c.number))).scalar_one()
        self._connection.execute(delete(guide_changes).where(guide_changes.c.number < first))
        self._connection.execute(delete(guide_snapshots).where(table.number < first))


def _packed(added: Iterable[Airing], before: Iterable[Airing]) -> bytes:
    old = [[one.id, one.channel, one.source, structured.unstructure(one.programme)] for one in before]
    return zlib.compress(json.dumps([[one.programme.uid for one in added], old], ensure_ascii=False).encode(), 1)


def _unpacked(body: bytes) -> tuple[list[str], list[Airing]]:
    added, old = json.loads(zlib.decompress(body))
    return added, [structured.structure(dict(zip(_FIELDS, row, strict=True)), Airing) for row in old]


_FIELDS: Final = ("id", "channel", "source", "programme")


def _moved(digest: str, marks: int) -> str:
    return f"{(int(digest or '0', 16) + marks) % _ROUND:0{2 * _SIZE}x}"


def _mark(one: Airing) -> int:
    """A number of a row's content; the sum over all rows is the same for the same guide."""
    it = one.programme
    told: tuple[Any, ...] = (
        one.channel, one.source, it.uid, (it.start - _EPOCH) // _MILLISECOND, (it.stop - _EPOCH) // _MILLISECOND,
        it.title, it.sub_title, it.desc, it.lang, it.categories, it.keywords, [(p.part, p.name) for p in it.credits],
        it.date, it.icon, it.episode, it.onscreen, it.rating, it.rating_system, it.marks, it.clump, it.open,
    )  # fmt: skip
    return int.from_bytes(blake2b(repr(told).encode(), digest_size=_SIZE).digest(), "big")
