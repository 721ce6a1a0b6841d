"""Coming in by a name that anybody could type: bound at its first use, never opened from elsewhere in silence."""

from datetime import datetime
from typing import Any, Final, Literal

import attrs
from attrs import frozen

from middleware.domain.box_logs import Clone
from middleware.domain.cards import Finding, address_range, judge
from middleware.domain.devices import Device, Identities
from middleware.services import devices
from middleware.services.device_rows import save
from middleware.services.devices import Boot
from middleware.services.ports import UnitOfWork

Binding = Literal["warn", "strict"]
Look = Literal["as_bound", "known", "stranger", "guest"]
TYPED: Final = ("card_no", "iptv_user")
"""Names that stand in an address and on a bill: whoever has seen them can type them."""
_KEPT: Final = ("service_group", "poid")


@frozen
class Arrival:
    """What a box told at the door: its names, the client's address, and the numbers of the cable network.

    `service_group` is the number for IPQAM, `poid` the operator's product; both empty when not told.
    """

    identities: Identities
    client: str = ""
    service_group: str = ""
    poid: str = ""


def look(uow: UnitOfWork, arrival: Arrival) -> tuple[Look, Boot | None]:
    """What is to be done with an arrival: nothing (its box is given), write something down, or register a stranger.

    "guest": it goes by nothing but the card or account of another box.
    """
    findings = {judged for _, judged in _judged(uow, arrival)}
    names = arrival.identities
    if "other" in findings and not (names.mac or names.serial):
        return "guest", None
    if not findings <= {"same"}:
        return ("stranger" if "other" in findings else "known"), None
    boot = devices.known(uow, arrival.identities)
    if boot is not None and not _unbound(boot.device, arrival.identities) and not _place(uow, boot.device.id, arrival):
        return "as_bound", boot
    return ("known" if uow.devices.matching(arrival.identities) else "stranger"), None


def come_in(uow: UnitOfWork, now: datetime, arrival: Arrival, binding: Binding) -> Boot | None:
    """Find the box of an arrival, or register it; None when no name is left that it may go by.

    A typed name that is bound to another box is taken from the arrival, with a line in the clone log. At its first
    use a name is bound to MAC and address range. A box of the right MAC from another range is bound anew under
    "warn", with a line and unconfirmed; under "strict" it is another box.
    """
    names = arrival.identities
    network = address_range(arrival.client)
    for device, finding in _judged(uow, arrival):
        if finding == "other" or (finding == "moved" and binding == "strict"):
            devices.note_clone(uow, Clone(now, device.id, "card", device.mac or device.network, names.mac or network))
            names = _without(names, device)
        elif finding == "moved":
            devices.note_clone(uow, Clone(now, device.id, "address", device.network, network))
            save(uow, attrs.evolve(device, network=network, confirmed=False))
    if not names.known():
        return None
    boot = devices.boot(uow, now, names)
    bound = attrs.evolve(boot.device, network=network)
    if _unbound(boot.device, names):
        save(uow, bound)
        boot = attrs.evolve(boot, device=bound)
    for name, value in _place(uow, boot.device.id, arrival).items():
        uow.settings.put(f"device:{boot.device.id}", name, value)
    return boot


def entered(uow: UnitOfWork, device_id: int, second: int) -> None:
    """Note that a box came in now: page tokens made for it before this second are void."""
    device = uow.devices.get(device_id)
    if device is not None and device.entered < second:
        uow.devices.save(attrs.evolve(device, entered=second))


def _judged(uow: UnitOfWork, arrival: Arrival) -> list[tuple[Device, Finding]]:
    """The boxes that the typed names belong to, each with what is to be thought of it."""
    names = arrival.identities
    typed = Identities(card_no=names.card_no, iptv_user=names.iptv_user)
    found = uow.devices.matching(typed) if typed.known() else ()
    network = address_range(arrival.client)
    return [(device, judge(device, names.mac, network)) for device in found]


def _unbound(device: Device, names: Identities) -> bool:
    """Whether the box goes by a typed name here that is bound to no place yet."""
    return not device.network and any(getattr(device, name) == getattr(names, name) != "" for name in TYPED)


def _place(uow: UnitOfWork, device_id: int, arrival: Arrival) -> dict[str, str]:
    """What of the box's place in the cable network is new."""
    known = uow.settings.all(f"device:{device_id}") if arrival.service_group or arrival.poid else {}
    told = {name: getattr(arrival, name) for name in _KEPT}
    return {name: value for name, value in told.items() if value and known.get(name) != value}


def _without(names: Identities, device: Device) -> Identities:
    """The names but those that are this box's."""
    foreign: dict[str, Any] = {name: "" for name in TYPED if getattr(names, name) == getattr(device, name)}
    return attrs.evolve(names, **foreign)
