"""The operator's customers: written by billing or in the office, logged in to by boxes."""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from middleware.domain.accounts import Account
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import AccountChanged
from middleware.domain.registry import parse_line
from middleware.services.device_rows import changed, device_of, tidy
from middleware.services.ports import UnitOfWork

NUMBER_MOST, LOGIN_MOST, NAME_MOST, PASSWORD_MOST = 64, 64, 64, 64
BLOCK_MOST, COMMENT_MOST, STREAMS_MOST = 200, 500, 100
BALANCE_MOST: Final = 32
_BALANCES: Final = "account_balances"
_NAME: Final = re.compile(r"[0-9A-Za-z@._\-]+")


def add(
    uow: UnitOfWork, now: datetime, actor: str, account: Account, *, password: str = "", phone: str = ""
) -> Account:
    """Write a new account; the boxes of its household that have none are tied to it.

    Raises BadValue(number, number_taken, login, login_taken, full_name, password, phone, household, tariff, streams …).
    """
    wanted = _checked(uow, account)
    secret, line = _password(password), parse_line(phone) if phone else ""
    stored = uow.accounts.add(attrs.evolve(wanted, id=0))
    _write_secrets(uow, stored.id, secret or None, line or None)
    uow.audit.add(now, actor, "add", "account", stored.id, _told(stored))
    for box in uow.devices.of_households([stored.household_id]) if stored.household_id is not None else ():
        if box.account_id is None:
            changed(uow, now, actor, "tie", box, account_id=stored.id)
    return stored


def change(
    uow: UnitOfWork,
    now: datetime,
    actor: str,
    account: Account,
    *,
    password: str | None = None,
    phone: str | None = None,
) -> Account:
    """Write all fields over the stored ones; password and phone only when given, empty takes them away.

    Raises NotFound, BadValue as `add`.
    """
    before, wanted = account_of(uow, account.id), _checked(uow, account)
    secret = None if password is None else _password(password)
    _write_secrets(uow, wanted.id, secret, parse_line(phone) if phone else phone)
    new = {name: value for name, value in _told(wanted).items() if value != _told(before)[name]}
    given = {name: "new" for name, value in (("password", password), ("phone", phone)) if value is not None}
    if wanted != before or given:
        uow.accounts.save(wanted)
        uow.audit.add(now, actor, "change", "account", wanted.id, new | given)
        _tell(uow, wanted.id)
    return wanted


def remove(uow: UnitOfWork, now: datetime, actor: str, account_id: int) -> None:
    """Forget an account; its boxes stay and have none. Raises NotFound."""
    account = account_of(uow, account_id)
    _tell(uow, account_id)
    uow.accounts.remove(account_id)
    uow.settings.remove(_BALANCES, str(account_id))
    uow.audit.add(now, actor, "remove", "account", account_id, {"number": account.number})


def balances(uow: UnitOfWork) -> Mapping[str, str]:
    """What billing says of each account's balance, by the id as text: shown on the set, never reckoned with."""
    return uow.settings.all(_BALANCES)


def set_balance(uow: UnitOfWork, now: datetime, actor: str, account_id: int, balance: str) -> None:
    """Keep a line about the balance; empty takes it away. Raises NotFound, BadValue(balance)."""
    account_of(uow, account_id)
    line = tidy(balance, BALANCE_MOST, "balance", "余额")
    uow.settings.put(_BALANCES, str(account_id), line)
    uow.audit.add(now, actor, "balance", "account", account_id)


def login(uow: UnitOfWork, login: str, password: str) -> Account | None:
    """The account of a login with this password, blocked or not; None takes as long for a login that nobody has."""
    account = uow.accounts.by_login(login[: LOGIN_MOST + 1])
    stored = uow.accounts.password(account.id if account else 0)
    same = hmac.compare_digest(_bytes(stored), _bytes(password[: PASSWORD_MOST + 1]))
    return account if same and stored else None


def tie(uow: UnitOfWork, now: datetime, actor: str, device_id: int, account_id: int | None) -> Device:
    """Give a box an account (None: none); a waiting box is let in, one without a household comes into the account's.

    Raises NotFound.
    """
    device = device_of(uow, device_id)
    if account_id is None:
        return changed(uow, now, actor, "tie", device, account_id=None)
    account = account_of(uow, account_id)
    home = account.household_id if device.household_id is None else device.household_id
    state = "active" if device.state == "pending" else device.state
    return changed(uow, now, actor, "tie", device, account_id=account_id, household_id=home, state=state)


def account_of(uow: UnitOfWork, account_id: int) -> Account:
    """An account that there is. Raises NotFound."""
    account = uow.accounts.get(account_id)
    if account is None:
        raise NotFound("没有这个客户", "no_account")
    return account


def _checked(uow: UnitOfWork, account: Account) -> Account:
    number, name = account.number.strip(), account.login.strip()
    if len(number) > NUMBER_MOST or not _NAME.fullmatch(number):
        raise BadValue("number", f"客户编号只能有字母、数字和 @ . _ -，不超过 {NUMBER_MOST} 位")
    if len(name) > LOGIN_MOST or (name and not _NAME.fullmatch(name)):
        raise BadValue("login", f"登录名只能有字母、数字和 @ . _ -，不超过 {LOGIN_MOST} 位")
    for field, other in (("number", uow.accounts.by_number(number)), ("login", uow.accounts.by_login(name))):
        if other is not None and other.id != account.id:
            raise BadValue(f"{field}_taken", "这个客户编号或登录名已经有了")
    if not 0 <= account.streams <= STREAMS_MOST:
        raise BadValue("streams", f"同时观看数应为 0 到 {STREAMS_MOST}")
    _check_places(uow, account)
    return attrs.evolve(
        account,
        number=number,
        login=name,
        full_name=tidy(account.full_name, NAME_MOST, "full_name", "姓名"),
        block_text=tidy(account.block_text, BLOCK_MOST, "block_text", "停用说明"),
        comment=tidy(account.comment, COMMENT_MOST, "comment", "备注"),
    )


def _check_places(uow: UnitOfWork, account: Account) -> None:
    if account.household_id is not None and uow.registry.household(account.household_id) is None:
        raise BadValue("household", "没有这一户")
    if account.tariff_id is not None and all(one.id != account.tariff_id for one in uow.packages.tariffs()):
        raise BadValue("tariff", "没有这个资费")
    if account.ends_at is not None and account.ends_at.tzinfo is None:
        raise BadValue("ends_at", "到期时间要带时区")


def _password(password: str) -> str:
    if len(password) > PASSWORD_MOST or not password.isprintable():
        raise BadValue("password", f"密码不能超过 {PASSWORD_MOST} 个字符，也不能有控制字符")
    return password


def _write_secrets(uow: UnitOfWork, account_id: int, password: str | None, phone: str | None) -> None:
    if password is not None:
        uow.accounts.set_password(account_id, password)
    if phone is not None:
        uow.accounts.set_phone(account_id, phone)


def _tell(uow: UnitOfWork, account_id: int) -> None:
    boxes = tuple(box.id for box in uow.devices.of_accounts([account_id]))
    uow.outbox.add(AccountChanged(account_id, boxes))


def _told(account: Account) -> dict[str, Any]:
    """What the audit log holds of an account: nothing that may contain a phone number."""
    ends = account.ends_at.isoformat() if account.ends_at else None
    kept = ("number", "login", "household_id", "tariff_id", "on", "streams")
    return {name: getattr(account, name) for name in kept} | {"ends_at": ends}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
