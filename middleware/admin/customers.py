"""The operator's customers: found, made, changed, cut off and let back on."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

import attrs
from attrs import frozen

from middleware.admin import roles, words
from middleware.admin.device_lists import CODE_LIMIT, boxes_of, household
from middleware.admin.gate import Desk, Gate, digits, page_id
from middleware.domain.accounts import Account
from middleware.domain.errors import BadValue, DomainError, NotFound, StorageError
from middleware.domain.places import TOWN_ZONE
from middleware.domain.registry import Household
from middleware.services import accounts
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

SHOWN: Final = 50
LINES: Final = 20
_FIELDS: Final = ("number", "full_name", "household", "tariff", "login", "ends", "streams", "comment")


@frozen
class Customer:
    """A line of the list: the account, its home, the name of its tariff, how many boxes it has."""

    account: Account
    home: Household | None
    tariff: str
    boxes: int


class CustomerPages:
    """/admin/customers."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/customers", self._list, *roles.DEVICES)
        gate.get("/admin/customers/new", self._ask_new, *roles.DEVICES)
        gate.get("/admin/customers/", self._show, *roles.DEVICES)
        gate.post("/admin/customers/save", self._save, *roles.DEVICES)
        gate.post("/admin/customers/switch", self._switch, *roles.DEVICES)

    async def _list(self, desk: Desk) -> Response:
        text = desk.request.query.get("q", "")[:64].strip()
        page = digits(desk.request.query.get("page", "")) or 0
        facts = await self._gate.run(lambda uow: listing(uow, text, page * SHOWN), "customers", write=False)
        return self._gate.pages.show(desk.viewer, "customers.html", text=text, page=page, **facts)

    async def _ask_new(self, desk: Desk) -> Response:
        return await self._page(desk, 0)

    async def _show(self, desk: Desk) -> Response:
        return await self._page(desk, page_id(desk.rest))

    async def _page(
        self, desk: Desk, number: int, message: str = "", typed: Mapping[str, str] | None = None
    ) -> Response:
        facts = await self._gate.run(lambda uow: facts_of(uow, number), "customer", write=False)
        shown = typed or facts.pop("stored")
        facts.pop("stored", None)
        status = 422 if message else 200
        return self._gate.pages.show(desk.viewer, "customer.html", status, message=message, typed=shown, **facts)

    async def _save(self, desk: Desk) -> Response:
        now, form = self._gate.now(), desk.form
        number = digits(form.get("customer", "")) or 0
        typed = {name: form.get(name, "")[:200].strip() for name in _FIELDS}

        def act(uow: UnitOfWork) -> Account:
            before = accounts.account_of(uow, number) if number else Account(0, "")
            wanted, password = read_customer(uow, before, typed), form.get("password", "")
            if number:
                return accounts.change(uow, now, desk.staff.login, wanted, password=password or None)
            return accounts.add(uow, now, desk.staff.login, wanted, password=password)

        try:
            stored = await self._gate.run(act, "save customer")
        except (NotFound, StorageError):
            raise
        except DomainError as error:
            return await self._page(desk, number, error.message_zh, typed)
        return self._gate.pages.go(f"/admin/customers/{stored.id}", "已保存" if number else "客户已建好")

    async def _switch(self, desk: Desk) -> Response:
        now, number, on = self._gate.now(), desk.number("customer"), desk.form.get("on") == "1"
        text = desk.form.get("block_text", "")[:400]

        def act(uow: UnitOfWork) -> None:
            before = accounts.account_of(uow, number)
            wanted = attrs.evolve(before, on=on, block_text=before.block_text if on else text)
            accounts.change(uow, now, desk.staff.login, wanted)

        try:
            await self._gate.run(act, "switch customer")
        except BadValue as error:
            return await self._page(desk, number, error.message_zh)
        return self._gate.pages.go(f"/admin/customers/{number}", "已恢复" if on else "已停机")


def listing(uow: UnitOfWork, text: str, first: int) -> dict[str, Any]:
    """One page of the customers that are known by the text, and how many there are."""
    homes = {home.id: home for home in uow.registry.households()}
    wanted = [one for one in uow.accounts.all() if _holds(one, homes.get(one.household_id or 0), text)]
    page = wanted[first : first + SHOWN]
    boxes = Counter(box.account_id for box in uow.devices.of_accounts([one.id for one in page])) if page else Counter()
    tariffs = {one.id: one.name for one in uow.packages.tariffs()}
    shown = [
        Customer(one, homes.get(one.household_id or 0), tariffs.get(one.tariff_id or 0, ""), boxes[one.id])
        for one in page
    ]
    return {"customers": shown, "found": len(wanted)}


def facts_of(uow: UnitOfWork, number: int) -> dict[str, Any]:
    """Everything the page of a customer shows; 0 = a new one. Raises NotFound."""
    customer = accounts.account_of(uow, number) if number else None
    home = uow.registry.household(customer.household_id) if customer and customer.household_id is not None else None
    return {
        "customer": customer,
        "stored": _typed(customer, home),
        "tariffs": uow.packages.tariffs(),
        "boxes": boxes_of(uow, uow.devices.of_accounts([number])) if number else [],
        "trail": uow.audit.entries("account", number, LINES) if number else (),
    }


def read_customer(uow: UnitOfWork, before: Account, typed: Mapping[str, str]) -> Account:
    """The account as it was typed. Raises BadValue(household, tariff, ends_at, streams)."""
    code, tariff, streams = typed["household"], typed["tariff"], digits(typed["streams"] or "0")
    if streams is None or (tariff and digits(tariff) is None):
        raise BadValue("streams", "同时看几路要填数字")
    return attrs.evolve(
        before,
        number=typed["number"],
        full_name=typed["full_name"],
        login=typed["login"],
        household_id=household(uow, code[:CODE_LIMIT]).id if code else None,
        tariff_id=int(tariff) if tariff else None,
        ends_at=_moment(typed["ends"], before.ends_at),
        streams=streams,
        comment=typed["comment"],
    )


def _moment(text: str, before: datetime | None) -> datetime | None:
    """Midnight of a day; the instant as it was when it lies on this day already."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadValue("ends_at", "到期日要写成 2027-01-31") from None
    if before is not None and words.local(before).date() == day:
        return before
    return datetime.combine(day, time(), TOWN_ZONE)


def _typed(customer: Account | None, home: Household | None) -> dict[str, str]:
    if customer is None:
        return {**dict.fromkeys(_FIELDS, ""), "streams": "0"}
    return {
        "number": customer.number,
        "full_name": customer.full_name,
        "household": home.code if home else "",
        "tariff": str(customer.tariff_id or ""),
        "login": customer.login,
        "ends": f"{words.local(customer.ends_at):%Y-%m-%d}" if customer.ends_at else "",
        "streams": str(customer.streams),
        "comment": customer.comment,
    }


def _holds(one: Account, home: Household | None, text: str) -> bool:
    names = (one.number, one.full_name, one.login, home.code if home else "")
    return not text or any(text.lower() in name.lower() for name in names)
