"""What the ids of a call mean: MAC addresses (12 characters or more) and account numbers, in any mixture."""

from collections.abc import Collection
from typing import Final

from middleware.domain.accounts import Account
from middleware.domain.devices import Device, Identities, parse_mac
from middleware.domain.errors import BadValue
from middleware.portal.rest.wire import Refused
from middleware.services.ports import UnitOfWork

_MAC_LENGTH: Final = 12


def by_mac(uow: UnitOfWork, text: str) -> Device | None:
    """The box with this MAC, as it is written in any of the usual ways; a retired one is gone."""
    try:
        mac = parse_mac(text) if len(text) >= _MAC_LENGTH else ""
    except BadValue:
        return None
    box = next(iter(uow.devices.matching(Identities(mac=mac))), None) if mac else None
    return box if box is not None and box.state != "retired" else None


def boxes_of(uow: UnitOfWork, ids: Collection[str]) -> tuple[Device, ...]:
    """The boxes of these ids, each once; an account number means all boxes of the account. Raises Refused."""
    found: dict[int, Device] = {}
    for text in ids:
        box = by_mac(uow, text)
        mine = (box,) if box is not None else _of_account(uow, text)
        found |= {one.id: one for one in mine}
    return tuple(found.values())


def accounts_of(uow: UnitOfWork, ids: Collection[str]) -> tuple[Account, ...]:
    """The accounts of these ids, each once; a MAC means the account of the box. Raises Refused."""
    found = [_account(uow, text) for text in ids]
    known = {one.id: one for one in found if one is not None}
    if None in found:
        raise Refused("Account not found" if len(ids) == 1 else "One or more identifiers are incorrect")
    return tuple(known.values())


def _of_account(uow: UnitOfWork, number: str) -> tuple[Device, ...]:
    account = uow.accounts.by_number(number)
    boxes = uow.devices.of_accounts([account.id]) if account is not None else ()
    standing = tuple(one for one in boxes if one.state != "retired")
    if not standing:
        raise Refused("STB not found")
    return standing


def _account(uow: UnitOfWork, text: str) -> Account | None:
    box = by_mac(uow, text)
    if box is not None:
        return uow.accounts.get(box.account_id) if box.account_id is not None else None
    return uow.accounts.by_number(text)
