"""Set-top boxes in the database."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Row, Select, bindparam, func, insert, or_, select, update

from middleware.domain.devices import Device, Identities, State
from middleware.storage.secrets import Sealer
from middleware.storage.sql import among
from middleware.storage.tables import devices

_IDENTITIES = tuple(attrs.fields_dict(Identities))
_SHOWN = [devices.c[name] for name in attrs.fields_dict(Device)]


class SqlDevices:
    """The `Devices` port."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, device_id: int) -> Device | None:
        """One box, or None."""
        return next(iter(self._many(_listed().where(devices.c.id == device_id))), None)

    def all(self) -> tuple[Device, ...]:
        """Every box by id."""
        return self._many(_listed())

    def counts(self) -> Mapping[State, int]:
        """How many boxes are in each state; states without any are absent."""
        query = select(devices.c.state, func.count()).group_by(devices.c.state)
        return dict(self._connection.execute(query).all())

    def matching(self, identities: Identities) -> tuple[Device, ...]:
        """The boxes known by any of these names: more than one when the names belong to different boxes."""
        same = [devices.c[name] == value for name, value in identities.known().items()]
        if not same:
            return ()
        return self._many(_listed().where(or_(*same)))

    def of_households(self, household_ids: Collection[int]) -> tuple[Device, ...]:
        """The boxes that stand in any of these households."""
        return self._among("household_id", household_ids)

    def by_ids(self, device_ids: Collection[int]) -> tuple[Device, ...]:
        """Those of these boxes that there are."""
        return self._among("id", device_ids)

    def of_accounts(self, account_ids: Collection[int]) -> tuple[Device, ...]:
        """The boxes of any of these accounts."""
        return self._among("account_id", account_ids)

    def in_group(self, group: str) -> tuple[Device, ...]:
        """The boxes with the operator's label; nobody has the empty one."""
        return self._many(_listed().where(devices.c.group == group)) if group else ()

    def add(self, device: Device, now: datetime) -> Device:
        """Write a new box; its id is given by the database."""
        key = self._connection.execute(insert(devices).values(**_row(device), created_at=now)).inserted_primary_key
        return attrs.evolve(device, id=int(key[0]) if key else 0)

    def save(self, device: Device) -> None:
        """Write all fields over the stored ones."""
        self._connection.execute(update(devices).where(devices.c.id == device.id).values(_row(device)))

    def add_all(self, found: Sequence[Device], now: datetime) -> None:
        """Write new boxes; their ids are given by the database."""
        if found:
            self._connection.execute(insert(devices), [{**_row(device), "created_at": now} for device in found])

    def save_all(self, changed: Sequence[Device]) -> None:
        """Write all fields of many boxes over the stored ones."""
        if changed:
            same = update(devices).where(devices.c.id == bindparam("row_id"))
            self._connection.execute(same, [_row(device) | {"row_id": device.id} for device in changed])

    def created(self, device_id: int) -> datetime | None:
        """When a box showed itself first, None when there is no such box."""
        query = select(devices.c.created_at).where(devices.c.id == device_id)
        at: datetime | None = self._connection.execute(query).scalar()
        return at

    def taught(self, device_id: int) -> Mapping[str, str]:
        """Raw codes that the viewer taught, to logical keys."""
        return self._connection.execute(select(devices.c.taught).where(devices.c.id == device_id)).scalar() or {}

    def set_taught(self, device_id: int, keys: Mapping[str, str]) -> None:
        """Replace the taught keys."""
        self._connection.execute(update(devices).where(devices.c.id == device_id).values(taught=dict(keys)))

    def iptv_password(self, device_id: int) -> str:
        """The password of the CTC account, empty when none is set."""
        query = select(devices.c.iptv_password).where(devices.c.id == device_id)
        return self._sealer.open(self._connection.execute(query).scalar())

    def iptv_passwords(self) -> Mapping[int, str]:
        """The passwords of CTC accounts by device, of those that have one."""
        query = select(devices.c.id, devices.c.iptv_password).where(devices.c.iptv_password.is_not(None))
        return {row.id: self._sealer.open(row.iptv_password) for row in self._connection.execute(query)}

    def set_iptv_password(self, device_id: int, password: str) -> None:
        """Seal and store the password of the CTC account."""
        sealed = self._sealer.seal(password)
        self._connection.execute(update(devices).where(devices.c.id == device_id).values(iptv_password=sealed))

    def set_iptv_passwords(self, passwords: Mapping[int, str]) -> None:
        """Seal and store passwords of CTC accounts by device, as one statement."""
        if passwords:
            statement = (
                update(devices).where(devices.c.id == bindparam("box")).values(iptv_password=bindparam("sealed"))
            )
            rows = [{"box": box, "sealed": self._sealer.seal(password)} for box, password in passwords.items()]
            self._connection.execute(statement, rows)

    def _among(self, column: str, values: Collection[int]) -> tuple[Device, ...]:
        query = _listed().where(among(self._connection.dialect.name, devices.c[column], "wanted"))
        return self._many(query, {"wanted": list(values)})

    def _many(self, query: Select[Any], asked: Mapping[str, Any] | None = None) -> tuple[Device, ...]:
        return tuple(map(_device, self._connection.execute(query.order_by(devices.c.id), asked or {})))


def _listed() -> Select[Any]:
    return select(*_SHOWN)


def _row(device: Device) -> dict[str, Any]:
    row = attrs.asdict(device)
    del row["id"]
    # Two boxes without a serial number are not the same box: unknown is NULL.
    return row | {name: row[name] or None for name in _IDENTITIES}


def _device(row: Row[Any]) -> Device:
    # By place, not by name: all boxes of a county are read at once when a message goes to everybody.
    last = len(_IDENTITIES) + 1
    names: list[Any] = [name or "" for name in row[1:last]]
    return Device(row[0], *names, *row[last:])
