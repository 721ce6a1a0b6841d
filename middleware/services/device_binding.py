"""Which hardware a box's name belongs to: pinned or bound at first use, released by the operator only."""

import hmac
from datetime import datetime
from typing import Any, Final

import attrs

from middleware.domain.box_logs import Clone
from middleware.domain.devices import Device, Identities, parse_identities
from middleware.domain.errors import BadValue
from middleware.services import sessions
from middleware.services.device_rows import changed, cut, device_of, note_clone, save
from middleware.services.ports import UnitOfWork

LONGEST_PIN: Final = 128
_SHOWN: Final = 16
"""Characters of a pin in the clone log: enough to tell two apart."""


def check_pin(uow: UnitOfWork, now: datetime, device_id: int, offered: str) -> bool:
    """Whether a Ministra client's device_id fits the box; the first one that is not empty is kept.

    Another one or none is False, with a line in the clone log (portal-ministra.md §3). Raises NotFound.
    """
    device, told = device_of(uow, device_id), cut(offered, LONGEST_PIN)
    if not device.pinning or hmac.compare_digest(device.pin.encode(), told.encode()):
        return True
    if not device.pin:
        save(uow, attrs.evolve(device, pin=told))
        return True
    note_clone(uow, Clone(now, device_id, "pin", device.pin[:_SHOWN], told[:_SHOWN]))
    return False


def reset_pin(uow: UnitOfWork, now: datetime, actor: str, device_id: int, *, pinning: bool | None = None) -> Device:
    """Forget the pin, so that the next one is kept; `pinning` says whether it is compared at all. Raises NotFound."""
    device = device_of(uow, device_id)
    wanted = device.pinning if pinning is None else pinning
    uow.audit.add(now, actor, "reset_pin", "device", device_id, {"pinning": wanted})
    after = attrs.evolve(device, pin="", pinning=wanted)
    return after if after == device else save(uow, after)


def bind_identity(
    uow: UnitOfWork, now: datetime, device_id: int, *, mac: str = "", serial: str = "", strict: bool
) -> bool:
    """Bind a CTC account's box to MAC and STBID at the first good log-in, compare them later (portal-ctc.md §2.4).

    A mismatch is logged; it is refused (False) only when `strict`, and then silence about a bound name is one too.
    What is no MAC or no number counts as not told. Raises NotFound.
    """
    device, told = device_of(uow, device_id), _readable(mac, serial)
    wrong = {name: value for name, value in told.items() if value and not _fits(uow, device, name, value)}
    for name, value in wrong.items():
        note_clone(uow, Clone(now, device_id, "mac" if name == "mac" else "serial", getattr(device, name), value))
    missing = strict and any(getattr(device, name) and not value for name, value in told.items())
    if strict and (wrong or missing):
        return False
    new: dict[str, Any] = {
        name: value for name, value in told.items() if value and name not in wrong and not getattr(device, name)
    }
    if new:
        save(uow, attrs.evolve(device, **new))
    return True


def unbind(
    uow: UnitOfWork,
    now: datetime,
    actor: str,
    device_id: int,
    *,
    household: bool = True,
    identity: bool = False,
) -> Device:
    """Release a box and end its log-ins. Raises NotFound.

    `household`: it leaves household and account and waits to be let in again. `identity`: MAC, number, pin, address
    range and key scheme are forgotten, so that another set may take over its account or card; a MAC or number that is
    its only name stays.
    """
    device = device_of(uow, device_id)
    new: dict[str, Any] = {}
    if household:
        state = "pending" if device.state == "active" else device.state
        new |= {"household_id": None, "account_id": None, "state": state}
    if identity:
        names = {"mac": "", "serial": ""} if device.iptv_user or device.card_no else {}
        new |= {**names, "pin": "", "network": "", "scheme": "", "confirmed": False}
    ended = sessions.end(uow, now, device_id)
    after = attrs.evolve(device, **new)
    told = {name: getattr(device, name) for name in ("household_id", "account_id", "mac", "serial")}
    lost = {name: value for name, value in told.items() if value != getattr(after, name)}
    uow.audit.add(now, actor, "unbind", "device", device_id, {"was": lost, "identity": identity, "log_ins": ended})
    return save(uow, after)


def confirm(uow: UnitOfWork, now: datetime, actor: str, device_id: int) -> Device:
    """Note that billing or an operator vouches for a box's card. Raises NotFound."""
    return changed(uow, now, actor, "confirm", device_of(uow, device_id), confirmed=True)


def remember_scheme(uow: UnitOfWork, device_id: int, scheme: str) -> None:
    """Keep the Authenticator key scheme that a box was found to use. Raises NotFound."""
    device, told = device_of(uow, device_id), cut(scheme, 32)
    if device.scheme != told:
        save(uow, attrs.evolve(device, scheme=told))


def _readable(mac: str, serial: str) -> dict[str, str]:
    return {"mac": _read(mac=mac).mac, "serial": _read(serial=serial).serial}


def _read(**told: str) -> Identities:
    try:
        return parse_identities(**told)
    except BadValue:
        return Identities()


def _fits(uow: UnitOfWork, device: Device, name: str, value: str) -> bool:
    if getattr(device, name):
        return bool(getattr(device, name) == value)
    named: dict[str, Any] = {name: value}
    return all(box.id == device.id for box in uow.devices.matching(Identities(**named)))
