"""Whether a box is served now, and what to tell its viewer if not."""

from datetime import datetime
from typing import Final, Literal

from attrs import frozen

from middleware.domain.accounts import Account
from middleware.domain.devices import Device
from middleware.services.ports import UnitOfWork

State = Literal["active", "pending", "blocked", "expired", "login"]
BLOCKED: Final = "服务已停用，请联系镇广电站"
EXPIRED: Final = "服务已到期，请联系镇广电站办理续费"
PENDING: Final = "机顶盒已登记，等待工作人员开通"
LOGIN: Final = "请用账号和密码登录"
_LINES: Final = 2000
"""Audit lines that are looked through."""


@frozen
class Standing:
    """`state` other than active turns a box away with `text_zh`; `services`: extras beyond plain viewing are on."""

    state: State
    text_zh: str = ""
    services: bool = True


def standing(uow: UnitOfWork, now: datetime, device: Device) -> Standing:
    """How a box stands at this moment."""
    account = uow.accounts.get(device.account_id) if device.account_id is not None else None
    return standing_of(now, device, account)


def standing_of(now: datetime, device: Device, account: Account | None, *, login: bool = False) -> Standing:
    """The same from values at hand; with `login` (devices.unknown) a pending box is asked to log in."""
    if not device.usable:
        return Standing("blocked", BLOCKED, device.services_on)
    if account is not None and not account.on:
        return Standing("blocked", account.block_text or BLOCKED, device.services_on)
    if account is not None and not account.open_at(now):
        return Standing("expired", EXPIRED, device.services_on)
    if device.state == "pending":
        return Standing("login", LOGIN, device.services_on) if login else Standing("pending", PENDING)
    return Standing("active", services=device.services_on)


def let_in_since(uow: UnitOfWork, since: datetime) -> frozenset[int]:
    """Boxes that were let in, by themselves or with their account, as far as the newest audit lines tell."""
    boxes = [
        int(one.noun_id)
        for one in uow.audit.entries("device", limit=_LINES)
        if one.at >= since and one.detail.get("state") == "active"
    ]
    owners = [
        int(one.noun_id)
        for one in uow.audit.entries("account", limit=_LINES)
        if one.at >= since and one.verb == "change" and {"on", "ends_at"} & set(one.detail)
    ]
    return frozenset(boxes) | {one.id for one in uow.devices.of_accounts(owners)}
