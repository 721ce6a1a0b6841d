"""What a log-in asks of the store, and writes into it: each one short transaction."""

import re
from datetime import datetime
from typing import Final

from attrs import field, frozen

from middleware.domain.devices import Device, Identities
from middleware.portal.ctc.authenticator import Opened
from middleware.portal.ctc.failures import Failure
from middleware.services import devices
from middleware.services.ports import UnitOfWork

CLOSED: Final = frozenset({"blocked", "expired", "retired"})
"""Standings that do not let a box in."""
_STB: Final = re.compile(r"[^0-9A-Za-z@._\-]")


@frozen
class Account:
    """A box that may log in; of an account that nobody has, `device` is None and the password is drawn by lot."""

    device: Device | None
    password: str = field(repr=False)


def account_of(uow: UnitOfWork, user_id: str) -> Account | None:
    """The box with this UserID, if it has a password and is not retired. An unknown one costs as many questions."""
    found = uow.devices.matching(Identities(iptv_user=user_id)) if user_id else ()
    device = next((one for one in found if one.state != "retired"), None)
    password = uow.devices.iptv_password(device.id if device else 0)
    return Account(device, password) if device and password else None


def admit(
    uow: UnitOfWork, now: datetime, device_id: int, opened: Opened, told: tuple[str, str], *, strict: bool
) -> Failure | None:
    """Note what a good log-in showed of a box, `told` being model and version; a Failure when it is not let in."""
    device = uow.devices.get(device_id)
    if device is None:
        return Failure.WRONG
    if devices.standing(uow, now, device).state in CLOSED:
        return Failure.SUSPENDED
    serial = _STB.sub("", opened.contents.stb_id)
    if serial.upper() == device.serial.upper():  # a sheet may have it in the other case
        serial = device.serial
    if not devices.bind_identity(uow, now, device_id, mac=opened.contents.mac, serial=serial, strict=strict):
        return Failure.UNBOUND
    if device.scheme != opened.scheme:
        devices.remember_scheme(uow, device_id, opened.scheme)
    if told[0] and (device.model, device.version) != told:
        devices.note_model(uow, device_id, *told)
    return None
