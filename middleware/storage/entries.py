"""What boxes are in the middle of; typed digits are sealed, and gone once they have served."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from middleware.domain.entries import Entry
from middleware.storage.secrets import Sealer
from middleware.storage.sql import among, insert
from middleware.storage.tables import rollcall_entries as entries

_KEY = ["rollcall_id", "device_id"]


class SqlEntries:
    """The `Entries` port."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, rollcall_id: int, device_id: int) -> Entry | None:
        """The entry of one box, with its digits in clear."""
        return self.of(rollcall_id, [device_id]).get(device_id)

    def of(self, rollcall_id: int, devices: Collection[int]) -> Mapping[int, Entry]:
        """The entries of these boxes by device."""
        asked = {"rollcall": rollcall_id, "devices": devices}
        rows = self._connection.execute(_of_boxes(self._connection.dialect.name), asked).all()
        return {row.device_id: self._entry(row) for row in rows}

    def put(self, entry: Entry) -> None:
        """Write an entry over the box's older one."""
        self._upsert([self._row(entry)], ["household_id", "begun", "touched", "digits", "member_id", "way", "unknown"])

    def tried(self, tries: Sequence[Entry]) -> None:
        """Write the counts of unknown numbers; of entries that are there nothing else changes."""
        if tries:
            self._upsert([self._row(entry) for entry in tries], ["unknown"])

    def finish(self, rollcall_id: int, devices: Collection[int]) -> None:
        """Forget the digits of boxes that are done."""
        here = among(self._connection.dialect.name, entries.c.device_id, "devices")
        done = update(entries).where(entries.c.rollcall_id == bindparam("rollcall"), here).values(digits=None)
        self._connection.execute(done, {"rollcall": rollcall_id, "devices": devices})

    def forget_digits(self, before: datetime) -> int:
        """Forget the digits of entries not touched since; returns how many."""
        old = update(entries).where(entries.c.touched < before, entries.c.digits.is_not(None))
        return self._connection.execute(old.values(digits=None)).rowcount

    def _upsert(self, rows: list[dict[str, Any]], newer: list[str]) -> None:
        statement = insert(self._connection, entries)
        values = {name: statement.excluded[name] for name in newer}
        self._connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=values), rows)

    def _row(self, entry: Entry) -> dict[str, Any]:
        return {
            "rollcall_id": entry.rollcall,
            "device_id": entry.device,
            "household_id": entry.household,
            "begun": entry.begun,
            "touched": entry.touched,
            "digits": self._sealer.seal(entry.digits) if entry.digits else None,
            "member_id": entry.member,
            "way": entry.way,
            "unknown": entry.unknown,
        }

    def _entry(self, row: Row[Any]) -> Entry:
        digits = self._sealer.open(row.digits)
        return Entry(
            row.rollcall_id,
            row.device_id,
            row.household_id,
            row.begun,
            row.touched,
            digits,
            row.member_id,
            row.way,
            row.unknown,
        )


@cache
def _of_boxes(dialect: str) -> Select[Any]:
    here = among(dialect, entries.c.device_id, "devices")
    return select(entries).where(entries.c.rollcall_id == bindparam("rollcall"), here)
