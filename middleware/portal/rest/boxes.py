"""The resource stb: boxes, as billing registers and switches them."""

from collections.abc import Sequence
from typing import Any, Final

from middleware.domain.accounts import Account
from middleware.domain.devices import Device, Identities, State
from middleware.portal.rest.customers import account_for, change_account
from middleware.portal.rest.fields import Field
from middleware.portal.rest.naming import boxes_of
from middleware.portal.rest.operations import DONE, FLAG, MOMENT, TEXT, Call, Operation, Resource, listed, record
from middleware.portal.rest.wire import Refused, moment_text
from middleware.services import accounts, devices
from middleware.services.ports import UnitOfWork

_BOX: Final = record(
    mac=TEXT,
    ls=TEXT,
    login=TEXT,
    status=FLAG,
    online=FLAG,
    ip=TEXT,
    version=TEXT,
    additional_services_on=FLAG,
    last_active=MOMENT,
)
_CHANGEABLE: Final = (
    Field("status", "1 = on, 0 = blocked", "flag"),
    Field("additional_services_on", "1 = services beside television are on", "flag"),
    Field("ls", "account number; an account is made when there is none with it, empty = of no account", most=32),
    Field("end_date", "when the service of its account ends; empty = never", "moment"),
)


def read(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """Every box but the retired ones, or those named. Raises Refused."""
    found = boxes_of(uow, call.ids) if call.ids else [one for one in uow.devices.all() if one.state != "retired"]
    return rows(uow, call, found)


def create(uow: UnitOfWork, call: Call) -> dict[str, Any]:
    """Register a box, or bring back a retired one. Raises Refused, DomainError."""
    names = Identities(mac=call.given["mac"])
    known = next(iter(uow.devices.matching(names)), None)
    if known is not None and known.state not in {"retired", "pending"}:
        raise Refused("MAC address already in use")
    box = known or devices.boot(uow, call.now, names).device
    if call.given.get("login") or call.given.get("ls"):
        number = call.given.get("ls") or call.given["login"]
        account = account_for(uow, call, number, call.given.get("login", ""), call.given.get("password", ""))
        accounts.tie(uow, call.now, call.actor, box.id, account.id)
    _switch(uow, call, box, on=call.given.get("status", True))
    _change(uow, call, box.id)
    return rows(uow, call, _again(uow, [box]))[0]


def update(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """Change the boxes named. Raises Refused, DomainError."""
    if not call.given:
        raise Refused("Update data is empty")
    found = boxes_of(uow, call.ids)
    for box in found:
        if call.has("ls"):
            number = call.given["ls"]
            account = account_for(uow, call, number) if number else None
            accounts.tie(uow, call.now, call.actor, box.id, account.id if account else None)
        if call.has("status"):
            _switch(uow, call, box, on=call.given["status"])
        _change(uow, call, box.id)
    return rows(uow, call, _again(uow, found))


def remove(uow: UnitOfWork, call: Call) -> bool:
    """Retire the boxes named: they are of no household and no account any more, and their log-ins end."""
    for box in boxes_of(uow, call.ids):
        devices.unbind(uow, call.now, call.actor, box.id)
        accounts.tie(uow, call.now, call.actor, box.id, None)
        devices.set_state(uow, call.now, call.actor, box.id, "retired")
    return True


def rows(uow: UnitOfWork, call: Call, boxes: Sequence[Device]) -> list[dict[str, Any]]:
    """Boxes as billing sees them."""
    owners = {one.id: one for one in uow.accounts.all()} if len(boxes) > 1 else {}
    seen = uow.box_logs.presence([one.id for one in boxes])
    found = []
    for box in boxes:
        owner = owners.get(box.account_id or 0) or _owner(uow, box)
        last = seen.get(box.id)
        found.append(
            {
                "mac": box.mac,
                "ls": owner.number if owner else "",
                "login": owner.login if owner else "",
                "status": int(box.state == "active"),
                "online": int(last is not None and last.online(call.now)),
                "ip": last.address if last else "",
                "version": box.version,
                "additional_services_on": int(box.services_on),
                "last_active": moment_text(last.at if last else None),
            }
        )
    return found


def _owner(uow: UnitOfWork, box: Device) -> Account | None:
    return uow.accounts.get(box.account_id) if box.account_id is not None else None


def _switch(uow: UnitOfWork, call: Call, box: Device, *, on: bool) -> None:
    state: State = "active" if on else "blocked"
    if box.state != state:
        devices.set_state(uow, call.now, call.actor, box.id, state)


def _change(uow: UnitOfWork, call: Call, device_id: int) -> None:
    if call.has("additional_services_on"):
        devices.set_services(uow, call.now, call.actor, device_id, call.given["additional_services_on"])
    if call.has("end_date"):
        box = uow.devices.get(device_id)
        owner = _owner(uow, box) if box is not None else None
        if owner is None:
            raise Refused("end_date belongs to an account: give ls too")
        change_account(uow, call, owner, ends_at=call.given["end_date"])


def _again(uow: UnitOfWork, boxes: Sequence[Device]) -> tuple[Device, ...]:
    return uow.devices.by_ids([one.id for one in boxes])


RESOURCE: Final = Resource(
    "stb",
    "Boxes; DELETE retires them",
    (
        Operation("listBoxes", "GET", "Read boxes", "any", "read", read, listed(_BOX)),
        Operation(
            "createBox",
            "POST",
            "Register a box",
            "none",
            "write",
            create,
            _BOX,
            (
                Field("mac", "MAC address", "mac", required=True),
                Field("login", "login of its account, which is made when there is none", most=64),
                Field("password", "password of that account", most=64),
                *_CHANGEABLE,
            ),
        ),
        Operation("updateBoxes", "PUT", "Change boxes", "some", "write", update, listed(_BOX), _CHANGEABLE),
        Operation("deleteBoxes", "DELETE", "Retire boxes", "some", "write", remove, DONE),
    ),
)
