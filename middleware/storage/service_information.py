"""Profiles of head-ends in the database, and what counts on over restarts: event ids and versions of sections."""

import struct
from collections.abc import Mapping
from typing import Final

from attrs import asdict
from sqlalchemy import Connection, delete, select

from epg.si.ids import Given, Ids
from epg.si.versions import Place, Version
from middleware.services.plan_ports import StoredNetwork
from middleware.storage.guide_tables import event_counters, event_ids, networks, section_versions
from middleware.storage.sql import insert

_PLACE: Final = struct.Struct(">HBHIBB12s")
"""PID, table, extension, owner, section number, version, digest."""


class SqlServiceInformation:
    """The `ServiceInformation` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def networks(self) -> tuple[StoredNetwork, ...]:
        """The profiles by name."""
        rows = self._connection.execute(select(networks).order_by(networks.c.name)).mappings()
        return tuple(StoredNetwork(**row) for row in rows)

    def put_network(self, network: StoredNetwork) -> None:
        """Write a profile over the one of its name."""
        statement = insert(self._connection, networks).values(asdict(network))
        newer = {"toml": statement.excluded.toml, "active": statement.excluded.active}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=newer))

    def remove_network(self, name: str) -> None:
        """Forget a profile and the versions that were counted for it."""
        self._connection.execute(delete(section_versions).where(section_versions.c.network == name))
        self._connection.execute(delete(networks).where(networks.c.name == name))

    def ids(self, channel: str) -> Ids:
        """The event ids of a channel."""
        rows = self._connection.execute(select(event_ids).where(event_ids.c.channel == channel))
        given = {row.uid: Given(row.event_id, row.until) for row in rows}
        last = self._connection.execute(
            select(event_counters.c.last).where(event_counters.c.channel == channel)
        ).scalar()
        return Ids(given, last or 0)

    def put_ids(self, channel: str, ids: Ids) -> None:
        """Keep the event ids of a channel: what is not among them is forgotten."""
        before = self.ids(channel)
        gone = [uid for uid in before.given if uid not in ids.given]
        new = {uid: one for uid, one in ids.given.items() if before.given.get(uid) != one}
        for at in range(0, len(gone), 500):
            mine = event_ids.c.channel == channel, event_ids.c.uid.in_(gone[at : at + 500])
            self._connection.execute(delete(event_ids).where(*mine))
        if new:
            statement = insert(self._connection, event_ids)
            newer = {"event_id": statement.excluded.event_id, "until": statement.excluded.until}
            rows = [
                {"channel": channel, "uid": uid, "event_id": one.event_id, "until": one.until}
                for uid, one in new.items()
            ]
            self._connection.execute(
                statement.on_conflict_do_update(index_elements=["channel", "uid"], set_=newer), rows
            )
        if ids.last != before.last:
            statement = insert(self._connection, event_counters).values(channel=channel, last=ids.last)
            newer = {"last": statement.excluded.last}
            self._connection.execute(statement.on_conflict_do_update(index_elements=["channel"], set_=newer))

    def versions(self, network: str) -> Mapping[str, Mapping[Place, Version]]:
        """The versions that were sent last, by channel ("" for the tables of the whole network)."""
        rows = self._connection.execute(select(section_versions).where(section_versions.c.network == network))
        return {row.channel: _unpacked(row.body) for row in rows}

    def put_versions(self, network: str, channel: str, versions: Mapping[Place, Version]) -> None:
        """Keep versions before they are sent."""
        body = b"".join(
            _PLACE.pack(*sub_table, number, one.version, one.digest) for (sub_table, number), one in versions.items()
        )
        statement = insert(self._connection, section_versions).values(network=network, channel=channel, body=body)
        newer = {"body": statement.excluded.body}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["network", "channel"], set_=newer))


def _unpacked(body: bytes) -> dict[Place, Version]:
    found: dict[Place, Version] = {}
    for pid, table, extension, owner, number, version, digest in _PLACE.iter_unpack(body):
        found[(pid, table, extension, owner), number] = Version(version, digest)
    return found
