"""Lists of boxes for the back office: by state, by what they are called, with who is on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from attrs import frozen

from middleware.admin import words
from middleware.domain.accounts import Account
from middleware.domain.box_logs import Presence
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue
from middleware.domain.registry import Household
from middleware.services.devices import code_of
from middleware.services.ports import UnitOfWork

SHOWN: Final = 50
CODE_LIMIT: Final = 32


@frozen
class Box:
    """A box with what a list says of it; `code` is what its screen shows while it waits."""

    device: Device
    home: Household | None
    account: Account | None
    seen: Presence | None
    code: str

    def on(self, now: datetime) -> bool:
        return self.seen is not None and self.seen.online(now)


def listing(uow: UnitOfWork, state: str, text: str, first: int) -> Mapping[str, Any]:
    """One page of the boxes in a state that are known by the text, and how many there are."""
    every = uow.devices.all()
    homes = {home.id: home for home in uow.registry.households()}
    accounts = {one.id: one for one in uow.accounts.all()}
    counts = {name: sum(box.state == name for box in every) for name in words.BOXES}
    wanted = [
        box
        for box in every
        if state in {"", box.state}
        and holds(box, homes.get(box.household_id or 0), accounts.get(box.account_id or 0), text)
    ]
    if state == "pending":
        wanted.reverse()  # who has just phoned comes first
    page = wanted[first : first + SHOWN]
    return {"boxes": _shown(uow, page, homes, accounts), "found": len(wanted), "counts": counts}


def holds(box: Device, home: Household | None, account: Account | None, text: str) -> bool:
    """Whether a box is known by this text, in part and without regard to case; a code that is dialled counts whole."""
    if not text:
        return True
    names = (box.mac, box.serial, box.card_no, box.iptv_user, box.group, box.note)
    place = (home.code, home.address) if home else ()
    who = (account.number, account.full_name, account.login) if account else ()
    return text == code_of(box) or any(text.lower() in name.lower() for name in (*names, *place, *who))


def household(uow: UnitOfWork, code: str) -> Household:
    """The household with this code. Raises BadValue(household)."""
    found = uow.registry.households_by_code([code]).get(code) if len(code) <= CODE_LIMIT else None
    if found is None:
        raise BadValue("household", "没有这个户号，请对照名册再填")
    return found


def account(uow: UnitOfWork, number: str) -> Account:
    """The customer with this number. Raises BadValue(account)."""
    found = uow.accounts.by_number(number) if len(number) <= CODE_LIMIT else None
    if found is None:
        raise BadValue("account", "没有这个客户编号")
    return found


def groups(uow: UnitOfWork) -> list[str]:
    """The groups that boxes have, by name."""
    return sorted({box.group for box in uow.devices.all() if box.group})


def boxes_of(uow: UnitOfWork, devices: Sequence[Device]) -> list[Box]:
    """These boxes with what a list says of them."""
    homes = {home.id: home for box in devices if (home := _home(uow, box)) is not None}
    accounts = {owner.id: owner for box in devices if (owner := _account(uow, box)) is not None}
    return _shown(uow, devices, homes, accounts)


def _shown(
    uow: UnitOfWork, page: Collection[Device], homes: Mapping[int, Household], accounts: Mapping[int, Account]
) -> list[Box]:
    seen = uow.box_logs.presence([box.id for box in page]) if page else {}
    return [
        Box(
            box,
            homes.get(box.household_id or 0),
            accounts.get(box.account_id or 0),
            seen.get(box.id),
            code_of(box) if box.state == "pending" else "",
        )
        for box in page
    ]


def _home(uow: UnitOfWork, box: Device) -> Household | None:
    return uow.registry.household(box.household_id) if box.household_id is not None else None


def _account(uow: UnitOfWork, box: Device) -> Account | None:
    return uow.accounts.get(box.account_id) if box.account_id is not None else None
