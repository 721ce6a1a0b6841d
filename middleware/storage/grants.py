"""Roles that staff have on single channels."""

from typing import cast

from attrs import asdict
from sqlalchemy import Connection, delete, select

from middleware.domain.plan_rights import ChannelRole, Grant
from middleware.storage.guide_tables import staff_grants
from middleware.storage.sql import insert


class SqlGrants:
    """The `Grants` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, staff_id: int) -> tuple[Grant, ...]:
        """What somebody has been given, by channel and role."""
        query = select(staff_grants).where(staff_grants.c.staff == staff_id)
        rows = self._connection.execute(query.order_by(staff_grants.c.channel, staff_grants.c.role))
        return tuple(Grant(row.staff, row.channel, cast("ChannelRole", row.role)) for row in rows)

    def put(self, grant: Grant) -> None:
        """Give it; giving it again changes nothing."""
        self._connection.execute(insert(self._connection, staff_grants).values(asdict(grant)).on_conflict_do_nothing())

    def remove(self, grant: Grant) -> bool:
        """Take it back; returns whether it was there."""
        mine = (getattr(staff_grants.c, name) == value for name, value in asdict(grant).items())
        return self._connection.execute(delete(staff_grants).where(*mine)).rowcount > 0
