"""Accounts as billing makes and changes them; the resources accounts and stb share this."""

from collections.abc import Sequence
from typing import Any

import attrs

from middleware.domain.accounts import Account
from middleware.domain.devices import Identities
from middleware.portal.rest.naming import by_mac
from middleware.portal.rest.operations import Call
from middleware.portal.rest.wire import Refused
from middleware.services import accounts, devices
from middleware.services.ports import UnitOfWork


def account_for(uow: UnitOfWork, call: Call, number: str, login: str = "", password: str = "") -> Account:
    """The account with this number; made when there is none. Raises DomainError."""
    found = uow.accounts.by_number(number)
    if found is not None:
        return found
    return accounts.add(uow, call.now, call.actor, Account(0, number, login), password=password)


def change_account(uow: UnitOfWork, call: Call, account: Account, **fields: Any) -> Account:
    """Write other values into an account, if they are other ones. Raises DomainError."""
    changed = attrs.evolve(account, **fields)
    if changed != account:
        accounts.change(uow, call.now, call.actor, changed)
    return changed


def tariff_of(uow: UnitOfWork, code: str) -> int | None:
    """The id of a tariff by the code or the id that billing gives; None for "". Raises Refused."""
    if not code:
        return None
    found = next((one for one in uow.packages.tariffs() if code in {one.code, str(one.id)}), None)
    if found is None:
        raise Refused("Tariff not found")
    return found.id


def set_boxes(uow: UnitOfWork, call: Call, account: Account, macs: Sequence[str]) -> None:
    """Make these the boxes of an account: new ones are registered, others of it let go. Raises Refused."""
    have = {box.mac: box for box in uow.devices.of_accounts([account.id])}
    for mac in macs:
        box = by_mac(uow, mac) or devices.boot(uow, call.now, Identities(mac=mac)).device
        if box.account_id not in {None, account.id}:
            raise Refused("MAC address already in use")
        if mac not in have:
            accounts.tie(uow, call.now, call.actor, box.id, account.id)
        if box.state == "retired":
            devices.set_state(uow, call.now, call.actor, box.id, "active")
    for mac, box in have.items():
        if mac not in macs:
            accounts.tie(uow, call.now, call.actor, box.id, None)
