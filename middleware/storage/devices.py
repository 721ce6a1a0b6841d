"""Set-top boxes in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import attrs
from sqlalchemy import Connection, Row, func, insert, or_, select, update

from middleware.domain.devices import Device, Identities, State
from middleware.storage.secrets import Sealer
from middleware.storage.tables import devices

_IDENTITIES = tuple(attrs.fields_dict(Identities))


class SqlDevices:
    """The `Devices` port."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    def get(self, device_id: int) -> Device | None:
        """One box, or None."""
        row = self._connection.execute(select(devices).where(devices.c.id == device_id)).first()
        return None if row is None else _device(row)

    def all(self) -> tuple[Device, ...]:
        """Every box by id."""
        return tuple(map(_device, self._connection.execute(select(devices).order_by(devices.c.id))))

    def counts(self) -> Mapping[State, int]:
        """How many boxes are in each state; states without any are absent."""
        query = select(devices.c.state, func.count()).group_by(devices.c.state)
        return dict(self._connection.execute(query).all())

    def matching(self, identities: Identities) -> tuple[Device, ...]:
        """The boxes known by any of these names: more than one when the names belong to different boxes."""
        same = [devices.c[name] == value for name, value in identities.known().items()]
        if not same:
            return ()
        return tuple(map(_device, self._connection.execute(select(devices).where(or_(*same)).order_by(devices.c.id))))

    def of_households(self, household_ids: Collection[int]) -> tuple[Device, ...]:
        """The boxes that stand in any of these households."""
        wanted = sorted(household_ids)
        query = select(devices).where(devices.c.household_id.in_(wanted)).order_by(devices.c.id)
        return tuple(map(_device, self._connection.execute(query)))

    def add(self, device: Device, now: datetime) -> Device:
        """Write a new box; its id is given by the database."""
        key = self._connection.execute(insert(devices).values(**_row(device), created_at=now)).inserted_primary_key
        return attrs.evolve(device, id=int(key[0]) if key else 0)

    def save(self, device: Device) -> None:
        """Write all fields over the stored ones."""
        self._connection.execute(update(devices).where(devices.c.id == device.id).values(_row(device)))

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

    def set_iptv_password(self, device_id: int, password: str) -> None:
        """Seal and store the password of the CTC account."""
        sealed = self._sealer.seal(password)
        self._connection.execute(update(devices).where(devices.c.id == device_id).values(iptv_password=sealed))


def _row(device: Device) -> dict[str, Any]:
    row = attrs.asdict(device)
    del row["id"]
    # Two boxes without a serial number are not the same box: unknown is NULL.
    return row | {name: row[name] or None for name in _IDENTITIES}


def _device(row: Row[Any]) -> Device:
    names = {name: getattr(row, name) or "" for name in _IDENTITIES}
    return Device(row.id, **names, household_id=row.household_id, family=row.family, state=row.state, mode=row.mode)
