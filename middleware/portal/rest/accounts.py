"""The resource accounts: the operator's customers with their boxes."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import attrs
from attrs import field, frozen

from middleware.domain.accounts import Account
from middleware.domain.box_logs import Presence
from middleware.domain.devices import Device
from middleware.domain.packages import Grant, Package, Where, held
from middleware.domain.registry import mask_phone
from middleware.portal.rest.customers import set_boxes, tariff_of
from middleware.portal.rest.fields import Field
from middleware.portal.rest.naming import accounts_of
from middleware.portal.rest.operations import DONE, FLAG, MOMENT, TEXT, Call, Operation, Resource, listed, record
from middleware.portal.rest.wire import Refused, moment_text
from middleware.services import accounts
from middleware.services.ports import UnitOfWork

_ACCOUNT: Final = record(
    login=TEXT,
    full_name=TEXT,
    phone={"type": "string", "description": "masked; empty for none", "pattern": r"^([0-9]{3}\*{4}[0-9]{4})?$"},
    account_number=TEXT,
    tariff_plan=TEXT,
    status=FLAG,
    stb_mac=TEXT,
    stb_sn=TEXT,
    stb_type=TEXT,
    online=FLAG,
    ip=TEXT,
    version=TEXT,
    comment=TEXT,
    end_date=MOMENT,
    account_balance=TEXT,
    last_active=MOMENT,
    subscribed=listed(TEXT),
    subscribed_id=listed(TEXT),
)
_LOGIN: Final = Field("login", "what is typed on a box; unique")
_FIELDS: Final = (
    Field("password", "what is typed with it"),
    Field("full_name", "name of the customer", most=64),
    Field("phone", "mobile number or landline; kept sealed, told masked", most=32),
    Field("account_number", "billing's own number, unique; the login without it", most=64),
    Field("tariff_plan", "code or id of a tariff; empty = none", most=32),
    Field("status", "1 = on, 0 = cut off", "flag"),
    Field("stb_mac", "its boxes: MAC addresses separated by commas; these and no others", "macs", most=1000),
    Field("comment", "for the operator", most=200),
    Field("end_date", "when service ends; empty = never", "moment"),
    Field("account_balance", "shown on the set, never reckoned with", most=accounts.BALANCE_MOST),
)
_COLUMNS: Final[Mapping[str, str]] = {
    "login": "login",
    "full_name": "full_name",
    "account_number": "number",
    "status": "on",
    "comment": "comment",
    "end_date": "ends_at",
}
"""Fields of a call that are columns of an account as they stand."""


@frozen
class Around:
    """What the rows of accounts are made from beside the accounts themselves."""

    boxes: Mapping[int, Sequence[Device]]
    seen: Mapping[int, Presence]
    tariffs: Mapping[int, str]
    packages: Sequence[Package]
    grants: Collection[Grant]
    villages: Mapping[int, int]
    """The village of a household, by the household's id."""
    phones: Mapping[int, str] = field(repr=False)
    balances: Mapping[str, str]


def read(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """Every account, or those named. Raises Refused."""
    found = accounts_of(uow, call.ids) if call.ids else uow.accounts.all()
    around = _around(uow, found)
    return [_row(call, one, around) for one in found]


def create(uow: UnitOfWork, call: Call) -> bool:
    """Make an account. Raises Refused, DomainError."""
    given = call.given
    new = Account(0, number=given.get("account_number") or given["login"], login=given["login"])
    account = accounts.add(
        uow,
        call.now,
        call.actor,
        _changed(uow, call, new),
        password=given.get("password", ""),
        phone=given.get("phone", ""),
    )
    _beside(uow, call, account)
    return True


def update(uow: UnitOfWork, call: Call) -> bool:
    """Change an account. Raises Refused, DomainError."""
    if not call.given:
        raise Refused("Update data is empty")
    account = accounts_of(uow, call.ids)[0]
    accounts.change(
        uow,
        call.now,
        call.actor,
        _changed(uow, call, account),
        password=call.given.get("password"),
        phone=call.given.get("phone"),
    )
    _beside(uow, call, account)
    return True


def remove(uow: UnitOfWork, call: Call) -> bool:
    """Remove an account; its boxes stay, of no account. Raises Refused."""
    accounts.remove(uow, call.now, call.actor, accounts_of(uow, call.ids)[0].id)
    return True


def _changed(uow: UnitOfWork, call: Call, account: Account) -> Account:
    fields = {column: call.given[name] for name, column in _COLUMNS.items() if call.has(name)}
    for column in ("login", "number"):  # billing sends them empty when it means as before
        fields[column] = fields.get(column) or getattr(account, column)
    if call.has("tariff_plan"):
        fields["tariff_id"] = tariff_of(uow, call.given["tariff_plan"])
    return attrs.evolve(account, **fields)


def _beside(uow: UnitOfWork, call: Call, account: Account) -> None:
    if call.has("stb_mac"):
        set_boxes(uow, call, account, call.given["stb_mac"])
    if call.has("account_balance"):
        accounts.set_balance(uow, call.now, call.actor, account.id, call.given["account_balance"])


def _around(uow: UnitOfWork, found: Sequence[Account]) -> Around:
    boxes: dict[int, list[Device]] = defaultdict(list)
    for box in uow.devices.of_accounts([one.id for one in found]):
        if box.state != "retired" and box.account_id is not None:
            boxes[box.account_id].append(box)
    return Around(
        boxes,
        uow.box_logs.presence([box.id for mine in boxes.values() for box in mine]),
        {one.id: one.code for one in uow.packages.tariffs()},
        uow.packages.all(),
        uow.packages.grants(),
        {home.id: home.village_id for home in uow.registry.households()},
        uow.accounts.phones([one.id for one in found]),
        accounts.balances(uow),
    )


def _row(call: Call, account: Account, around: Around) -> dict[str, Any]:
    boxes = around.boxes.get(account.id, ())
    seen = [around.seen[box.id] for box in boxes if box.id in around.seen]
    last = max(seen, key=lambda one: one.at, default=None)
    packages = _packages(account, boxes, around)
    phone = around.phones.get(account.id, "")
    return {
        "login": account.login,
        "full_name": account.full_name,
        "phone": mask_phone(phone) if phone else "",
        "account_number": account.number,
        "tariff_plan": around.tariffs.get(account.tariff_id or 0, ""),
        "status": int(account.on),
        "stb_mac": _joined(boxes, "mac"),
        "stb_sn": _joined(boxes, "serial"),
        "stb_type": _joined(boxes, "model"),
        "online": int(any(one.online(call.now) for one in seen)),
        "ip": last.address if last else "",
        "version": next((box.version for box in boxes if last and box.id == last.device_id), ""),
        "comment": account.comment,
        "end_date": moment_text(account.ends_at),
        "account_balance": around.balances.get(str(account.id), ""),
        "last_active": moment_text(last.at if last else None),
        "subscribed": [one.code for one in packages],
        "subscribed_id": [str(one.id) for one in packages],
    }


def _packages(account: Account, boxes: Sequence[Device], around: Around) -> list[Package]:
    """What the account sees on any of its boxes; without a box, what its tariff and household give."""
    places = boxes or (Device(0, household_id=account.household_id),)
    mine = {
        package.id
        for box in places
        for package in held(
            around.packages,
            around.grants,
            Where(box.id, around.villages.get(box.household_id or 0), box.group, account.tariff_id),
        )
    }
    return [one for one in around.packages if one.id in mine]


def _joined(boxes: Sequence[Device], name: str) -> str:
    return ",".join(getattr(box, name) for box in boxes)


RESOURCE: Final = Resource(
    "accounts",
    "Customers; an account has any number of boxes",
    (
        Operation("listAccounts", "GET", "Read accounts", "any", "read", read, listed(_ACCOUNT)),
        Operation(
            "createAccount",
            "POST",
            "Make an account",
            "none",
            "write",
            create,
            DONE,
            (attrs.evolve(_LOGIN, required=True), *_FIELDS),
        ),
        Operation("updateAccount", "PUT", "Change an account", "one", "write", update, DONE, (_LOGIN, *_FIELDS)),
        Operation("deleteAccount", "DELETE", "Remove an account", "one", "write", remove, DONE),
    ),
)
