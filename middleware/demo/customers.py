"""What the operator's billing would know of the demonstration town: an account per home, packages, a tariff."""

import hashlib
from datetime import datetime
from typing import Final

from attrs import evolve

from middleware.demo.population import SEED
from middleware.demo.seed import once
from middleware.domain.accounts import Account
from middleware.domain.packages import Grant, Package
from middleware.domain.registry import Household
from middleware.services import operators, packages
from middleware.services.ports import UnitOfWork

ACTOR: Final = "demonstration"
API_LOGIN: Final = "billing"
OPERA: Final = "opera.national"
"""The channel that the package for lovers of opera adds."""


def settle(uow: UnitOfWork, now: datetime) -> None:
    """Write accounts and packages, each once."""
    once(uow, "accounts", lambda: _accounts(uow))
    once(uow, "packages", lambda: _packages(uow, now))


def renew_secret(uow: UnitOfWork, now: datetime) -> str:
    """Give the REST interface's user a new secret and return it; the user is made when there is none."""
    if uow.operators.by_login(API_LOGIN) is None:
        return operators.make(uow, now, ACTOR, API_LOGIN)[1]
    return operators.renew(uow, now, ACTOR, API_LOGIN)[1]


def password(household: Household) -> str:
    """The six digits on the contract of a demonstration home."""
    digest = hashlib.sha256(f"{SEED} account {household.code}".encode()).digest()
    return f"{int.from_bytes(digest[:4]) % 1_000_000:06d}"


def _accounts(uow: UnitOfWork) -> None:
    names = {each.household_id: each.name for each in reversed(uow.registry.members())}
    homes = uow.registry.households()
    stored: dict[int, int] = {}
    for home in homes:
        account = uow.accounts.add(_account(home, names.get(home.id, "")))
        uow.accounts.set_password(account.id, password(home))
        stored[home.id] = account.id
    boxes = [box for box in uow.devices.all() if box.account_id is None and box.household_id in stored]
    uow.devices.save_all([evolve(box, account_id=stored[box.household_id or 0]) for box in boxes])


def _account(home: Household, name: str) -> Account:
    return Account(0, f"63{home.code}", f"nh{home.code}", name, home.id)


def _packages(uow: UnitOfWork, now: datetime) -> None:
    """Everybody has everything; lovers of opera and the tariff of that name have a package of their own besides."""
    every = packages.add(uow, now, ACTOR, Package(0, "basic", "基本套餐", "全部频道和板块"))
    packages.grant(uow, now, ACTOR, Grant(every.id, "town"))
    opera = tuple(channel.id for channel in uow.guide.channels() if channel.xmltv_id == OPERA)
    extra = packages.add(uow, now, ACTOR, Package(0, "opera", "戏曲套餐", "戏曲频道", opera, (), optional=True))
    tariff = packages.add_tariff(uow, now, ACTOR, "opera", "戏迷资费")
    packages.grant(uow, now, ACTOR, Grant(extra.id, "tariff", str(tariff.id)))
