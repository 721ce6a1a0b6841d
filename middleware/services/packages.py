"""Packages of the operator, who has them, and what a box may see by them."""

import re
from datetime import datetime
from typing import Any, Final

import attrs

from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.events import ContentChanged
from middleware.domain.packages import BOARDS, Entitled, Grant, Package, Tariff, Where, entitled
from middleware.services.device_rows import tidy
from middleware.services.ports import UnitOfWork

MOST: Final = 200
"""Packages and tariffs of a town at most."""
_CODE: Final = re.compile(r"[0-9A-Za-z._\-]{1,32}")


def add(uow: UnitOfWork, now: datetime, actor: str, package: Package) -> Package:
    """Write a new package. Raises BadValue(code, code_taken, name, about, channels, boards, too_many)."""
    wanted = _checked(uow, package)
    if len(uow.packages.all()) >= MOST:
        raise BadValue("too_many", f"套餐不能超过 {MOST} 个")
    stored = uow.packages.add(attrs.evolve(wanted, id=0))
    _note(uow, now, actor, "add", stored.id, {"code": stored.code})
    return stored


def change(uow: UnitOfWork, now: datetime, actor: str, package: Package) -> Package:
    """Write all fields over the stored ones. Raises NotFound, BadValue as `add`."""
    before, wanted = package_of(uow, package.id), _checked(uow, package)
    if wanted != before:
        uow.packages.save(wanted)
        _note(uow, now, actor, "change", wanted.id, {"code": wanted.code})
    return wanted


def remove(uow: UnitOfWork, now: datetime, actor: str, package_id: int) -> None:
    """Forget a package and who had it. Raises NotFound."""
    package = package_of(uow, package_id)
    uow.packages.remove(package_id)
    _note(uow, now, actor, "remove", package_id, {"code": package.code})


def grant(uow: UnitOfWork, now: datetime, actor: str, grant: Grant) -> None:
    """Give a package to the town, a village, a group, a tariff or a box. Raises NotFound, BadValue(target)."""
    package = package_of(uow, grant.package_id)
    _check_target(uow, grant)
    if grant not in uow.packages.grants():
        uow.packages.grant(grant)
        _note(uow, now, actor, "grant", package.id, {"scope": grant.scope, "target": grant.target})


def revoke(uow: UnitOfWork, now: datetime, actor: str, grant: Grant) -> None:
    """Take a package away; one that was not given is no error."""
    if grant in uow.packages.grants():
        uow.packages.revoke(grant)
        _note(uow, now, actor, "revoke", grant.package_id, {"scope": grant.scope, "target": grant.target})


def add_tariff(uow: UnitOfWork, now: datetime, actor: str, code: str, name: str) -> Tariff:
    """Write a new tariff. Raises BadValue(code, code_taken, name, too_many)."""
    tariffs = uow.packages.tariffs()
    _check_code(code, {one.code for one in tariffs})
    if len(tariffs) >= MOST:
        raise BadValue("too_many", f"资费不能超过 {MOST} 个")
    stored = uow.packages.add_tariff(code, _name(name))
    uow.audit.add(now, actor, "add", "tariff", stored.id, {"code": code})
    return stored


def where(uow: UnitOfWork, device: Device) -> Where:
    """What of a box decides its packages; three look-ups by key."""
    home = uow.registry.household(device.household_id) if device.household_id is not None else None
    account = uow.accounts.get(device.account_id) if device.account_id is not None else None
    return Where(device.id, home.village_id if home else None, device.group, account.tariff_id if account else None)


def entitled_for(uow: UnitOfWork, place: Where | Device) -> Entitled:
    """What a box may see."""
    found = where(uow, place) if isinstance(place, Device) else place
    return entitled(uow.packages.all(), uow.packages.grants(), found)


def package_of(uow: UnitOfWork, package_id: int) -> Package:
    """A package that there is. Raises NotFound."""
    found = next((one for one in uow.packages.all() if one.id == package_id), None)
    if found is None:
        raise NotFound("没有这个套餐", "no_package")
    return found


def _checked(uow: UnitOfWork, package: Package) -> Package:
    _check_code(package.code, {one.code for one in uow.packages.all() if one.id != package.id})
    known = {channel.id for channel in uow.guide.channels()}
    if package.channels is not None and not known.issuperset(package.channels):
        raise BadValue("channels", "套餐里有不存在的频道")
    if package.boards is not None and not set(BOARDS).issuperset(package.boards):
        raise BadValue("boards", "套餐里有不存在的板块")
    return attrs.evolve(
        package,
        name=_name(package.name),
        about=tidy(package.about, 200, "about", "说明"),
        channels=None if package.channels is None else tuple(sorted(set(package.channels))),
        boards=None if package.boards is None else tuple(one for one in BOARDS if one in package.boards),
    )


def _check_code(code: str, taken: set[str]) -> None:
    if not _CODE.fullmatch(code):
        raise BadValue("code", "代码只能有字母、数字和 . _ -，不超过 32 位")
    if code in taken:
        raise BadValue("code_taken", "这个代码已经有了")


def _name(name: str) -> str:
    line = tidy(name, 40, "name", "名称")
    if not line:
        raise BadValue("name", "名称不能为空")
    return line


def _check_target(uow: UnitOfWork, grant: Grant) -> None:
    number = int(grant.target) if re.fullmatch(r"[0-9]{1,15}", grant.target) else 0
    good = {
        "town": lambda: grant.target == "",
        "village": lambda: uow.places.village(number) is not None,
        "group": lambda: 0 < len(grant.target) <= 32,
        "tariff": lambda: any(one.id == number for one in uow.packages.tariffs()),
        "device": lambda: uow.devices.get(number) is not None,
    }
    if grant.scope not in good or not good[grant.scope]():
        raise BadValue("target", "没有这个村、分组、资费或机顶盒")


def _note(uow: UnitOfWork, now: datetime, actor: str, verb: str, package_id: int, detail: dict[str, Any]) -> None:
    uow.audit.add(now, actor, verb, "package", package_id, detail)
    uow.outbox.add(ContentChanged("package"))
