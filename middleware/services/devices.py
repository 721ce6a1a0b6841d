"""Set-top boxes: registered when they first show themselves, bound to a household, taught, blocked."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs
from attrs import frozen

from middleware.domain.devices import Device, Identities, Mode, State
from middleware.domain.errors import BadValue, NotFound
from middleware.services.device_binding import bind_identity, check_pin, confirm, remember_scheme, reset_pin, unbind
from middleware.services.device_codes import by_code, code_of
from middleware.services.device_rows import changed, cut, device_of, note_clone, save, tidy
from middleware.services.ports import UnitOfWork
from middleware.services.standing import Standing, standing, standing_of

__all__ = [
    "Boot",
    "Placed",
    "Standing",
    "bind",
    "bind_identity",
    "boot",
    "by_code",
    "check_pin",
    "choose_family",
    "code_of",
    "confirm",
    "known",
    "note_clone",
    "note_model",
    "placed",
    "remember_scheme",
    "reset_pin",
    "set_group",
    "set_mode",
    "set_note",
    "set_services",
    "set_state",
    "standing",
    "standing_of",
    "teach",
    "unbind",
]

MAX_TAUGHT: Final = 64
"""Keys that one remote may be taught; no remote has as many."""
GROUP_MOST, NOTE_MOST, MODEL_MOST, VERSION_MOST = 32, 200, 64, 200
_CODE = re.compile(r"[1-9][0-9]{0,4}")
_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,15}")


@frozen
class Boot:
    """A box that has shown itself: `new` when it was registered just now.

    `conflicts` names the fields in which it differs from what is stored, or in which another box has the same name.
    """

    device: Device
    new: bool = False
    conflicts: tuple[str, ...] = ()


@frozen
class Placed:
    """A box with all that its pages depend on; `taught` maps raw codes to logical keys."""

    device: Device
    village_id: int | None = None
    village: str = ""
    taught: Mapping[str, str] = attrs.field(factory=dict)
    last_board: str = ""


def known(uow: UnitOfWork, identities: Identities) -> Boot | None:
    """The box that these names belong to, if nothing about it has to be written; None = call `boot`."""
    found = _found(uow, identities)
    return found if found is not None and _learnt(found.device, identities, found.conflicts) == found.device else None


def boot(uow: UnitOfWork, now: datetime, identities: Identities) -> Boot:
    """Find the box, or register it as pending and without a household; names it did not tell before are added.

    Of several boxes with these names the one with the MAC wins, then serial, card, account: cards move between boxes.
    """
    found = _found(uow, identities)
    if found is None:
        device = uow.devices.add(Device(id=0, **attrs.asdict(identities)), now)
        uow.audit.add(now, "portal", "register", "device", device.id)
        return Boot(device, new=True)
    learnt = _learnt(found.device, identities, found.conflicts)
    if learnt != found.device:
        save(uow, learnt)
    return attrs.evolve(found, device=learnt)


def placed(uow: UnitOfWork, device_id: int) -> Placed | None:
    """What the pages of a box depend on; None when there is no such box."""
    device = uow.devices.get(device_id)
    if device is None:
        return None
    home = uow.registry.household(device.household_id) if device.household_id is not None else None
    village = uow.places.village(home.village_id) if home else None
    board = uow.settings.get(f"household:{home.id}", "last_board", "") if home else ""
    return Placed(
        device,
        village.id if village else None,
        village.name if village else "",
        uow.devices.taught(device_id),
        str(board),
    )


def bind(uow: UnitOfWork, now: datetime, actor: str, device_id: int, household_id: int | None) -> Device:
    """Put a box into a household (None: into none) and let it in; without an account it gets that of the household.

    Raises NotFound.
    """
    device = device_of(uow, device_id)
    if household_id is not None and uow.registry.household(household_id) is None:
        raise NotFound("没有这一户", "no_household")
    account = uow.accounts.of_household(household_id) if household_id is not None and not device.account_id else None
    account_id = account.id if account else device.account_id
    new = {"household_id": household_id, "account_id": account_id, "state": "active"}
    return changed(uow, now, actor, "bind", device, **new)


def set_state(uow: UnitOfWork, now: datetime, actor: str, device_id: int, state: State) -> Device:
    """Block, retire or let in a box. Raises NotFound."""
    return changed(uow, now, actor, state, device_of(uow, device_id), state=state)


def set_group(uow: UnitOfWork, now: datetime, actor: str, device_id: int, group: str) -> Device:
    """Give a box the operator's label for packages and messages; empty takes it away. Raises BadValue(group)."""
    return changed(uow, now, actor, "group", device_of(uow, device_id), group=tidy(group, GROUP_MOST, "group", "分组"))


def set_note(uow: UnitOfWork, now: datetime, actor: str, device_id: int, note: str) -> Device:
    """Keep what the operator notes about a box. Raises NotFound, BadValue(note)."""
    device = device_of(uow, device_id)
    noted = attrs.evolve(device, note=tidy(note, NOTE_MOST, "note", "备注"))
    if noted == device:
        return device
    uow.audit.add(now, actor, "note", "device", device_id)  # not its words: a note may hold a phone number
    return save(uow, noted)


def set_services(uow: UnitOfWork, now: datetime, actor: str, device_id: int, on: bool) -> Device:
    """Switch what goes beyond plain viewing. Raises NotFound."""
    return changed(uow, now, actor, "services", device_of(uow, device_id), services_on=on)


def note_model(uow: UnitOfWork, device_id: int, model: str, version: str) -> Device:
    """Keep what a box says of its make; written only when it is new. Raises NotFound."""
    device = device_of(uow, device_id)
    told = attrs.evolve(
        device, model=cut(model, MODEL_MOST) or device.model, version=cut(version, VERSION_MOST) or device.version
    )
    return device if told == device else save(uow, told)


def choose_family(uow: UnitOfWork, device_id: int, family: str) -> Device:
    """Keep the key family that a box was found to be of. Raises NotFound."""
    device = device_of(uow, device_id)
    chosen = attrs.evolve(device, family=family)
    if chosen != device:
        save(uow, chosen)
    return chosen


def set_mode(uow: UnitOfWork, device_id: int, mode: Mode) -> Device:
    """Keep the type size that the viewer chose. Raises NotFound."""
    device = device_of(uow, device_id)
    if device.mode == mode:
        return device
    return save(uow, attrs.evolve(device, mode=mode))


def teach(uow: UnitOfWork, device_id: int, family: str, keys: Mapping[str, str]) -> None:
    """Keep the keys that a viewer taught over `family`, raw codes to logical keys; empty forgets them.

    Raises NotFound, BadValue(taught).
    """
    sound = all(_CODE.fullmatch(code) and _KEY.fullmatch(key) for code, key in keys.items())
    if not sound or len(keys) > MAX_TAUGHT:
        raise BadValue("taught", "这些键没有学好，请再来一遍")
    device = device_of(uow, device_id)
    uow.devices.set_taught(device_id, keys)
    save(uow, attrs.evolve(device, family=family))


def _found(uow: UnitOfWork, identities: Identities) -> Boot | None:
    boxes = uow.devices.matching(identities)
    if not boxes:
        return None
    names = identities.known()
    best = next(box for name in names for box in boxes if getattr(box, name) == names[name])
    return Boot(best, conflicts=tuple(name for name in names if _differs(best, boxes, name, names[name])))


def _differs(best: Device, boxes: tuple[Device, ...], name: str, value: str) -> bool:
    taken = any(box.id != best.id and getattr(box, name) == value for box in boxes)
    return taken or getattr(best, name) not in {"", value}


def _learnt(device: Device, identities: Identities, conflicts: tuple[str, ...]) -> Device:
    new: dict[str, Any] = {name: value for name, value in identities.known().items() if name not in conflicts}
    return attrs.evolve(device, **new)
