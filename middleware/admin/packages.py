"""Packages: which channels and boards are in them, and who has them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import attrs
from attrs import frozen

from middleware.admin import roles, words
from middleware.admin.device_lists import groups
from middleware.admin.gate import Desk, Gate, digits, page_id
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, DomainError, NotFound, StorageError
from middleware.domain.packages import Grant, Package, Scope
from middleware.services import packages
from middleware.services.ports import UnitOfWork
from middleware.web.values import Response

_SPAN: Final = re.compile(r"([0-9]{1,5})(?:[-–~]([0-9]{1,5}))?")
_PARTED: Final = re.compile(r"[,，、;\s]+")


@frozen
class Holder:
    """Who has a package, with a name for people."""

    grant: Grant
    title: str


@frozen
class Listed:
    """A package with who has it."""

    package: Package
    holders: Sequence[Holder]


class PackagePages:
    """/admin/packages."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        gate.get("/admin/packages", self._list, *roles.DEVICES)
        gate.get("/admin/packages/new", self._ask_new, *roles.DEVICES)
        gate.get("/admin/packages/", self._show, *roles.DEVICES)
        gate.post("/admin/packages/save", self._save, *roles.DEVICES)
        gate.post("/admin/packages/grant", self._grant, *roles.DEVICES)
        gate.post("/admin/packages/revoke", self._revoke, *roles.DEVICES)
        gate.post("/admin/packages/remove", self._remove, *roles.DEVICES)

    async def _list(self, desk: Desk) -> Response:
        facts = await self._gate.run(listing, "packages", write=False)
        return self._gate.pages.show(desk.viewer, "packages.html", **facts)

    async def _ask_new(self, desk: Desk) -> Response:
        return await self._page(desk, 0)

    async def _show(self, desk: Desk) -> Response:
        return await self._page(desk, page_id(desk.rest))

    async def _page(
        self, desk: Desk, number: int, message: str = "", typed: Mapping[str, Any] | None = None
    ) -> Response:
        facts = await self._gate.run(lambda uow: facts_of(uow, number), "package", write=False)
        shown = typed or facts["stored"]
        del facts["stored"]
        status = 422 if message else 200
        return self._gate.pages.show(desk.viewer, "package.html", status, message=message, typed=shown, **facts)

    async def _save(self, desk: Desk) -> Response:
        now, form = self._gate.now(), desk.form
        number = digits(form.get("package", "")) or 0

        def act(uow: UnitOfWork) -> Package:
            before = packages.package_of(uow, number) if number else Package(0, form.get("code", "")[:64].strip(), "")
            wanted = read_package(uow, before, form)
            save = packages.change if number else packages.add
            return save(uow, now, desk.staff.login, wanted)

        try:
            stored = await self._gate.run(act, "save package")
        except (NotFound, StorageError):
            raise
        except DomainError as error:
            return await self._page(desk, number, error.message_zh, _typed_again(form))
        return self._gate.pages.go(f"/admin/packages/{stored.id}", "已保存" if number else "套餐已建好，还没有给任何人")

    async def _grant(self, desk: Desk) -> Response:
        number = desk.number("package")
        scope, _, target = desk.form.get("to", "")[:80].partition(":")
        return await self._give(desk, _grant(number, scope, target), "已给出", packages.grant)

    async def _revoke(self, desk: Desk) -> Response:
        grant = _grant(desk.number("package"), desk.form.get("scope", ""), desk.form.get("target", "")[:80])
        return await self._give(desk, grant, "已收回", packages.revoke)

    async def _give(self, desk: Desk, grant: Grant, line: str, act: Any) -> Response:
        now = self._gate.now()
        await self._gate.run(lambda uow: act(uow, now, desk.staff.login, grant), "give package")
        return self._gate.pages.go(f"/admin/packages/{grant.package_id}", line)

    async def _remove(self, desk: Desk) -> Response:
        now, number = self._gate.now(), desk.number("package")
        await self._gate.run(lambda uow: packages.remove(uow, now, desk.staff.login, number), "remove package")
        return self._gate.pages.go("/admin/packages", "套餐已删除")


def listing(uow: UnitOfWork) -> dict[str, Any]:
    """Every package with who has it."""
    grants, titles = uow.packages.grants(), targets(uow)
    found = [Listed(one, _holders(one, grants, titles)) for one in uow.packages.all()]
    return {"packages": found, "granted": bool(grants)}


def facts_of(uow: UnitOfWork, number: int) -> dict[str, Any]:
    """Everything the page of a package shows; 0 = a new one. Raises NotFound."""
    package = packages.package_of(uow, number) if number else None
    channels = sorted(uow.guide.channels(), key=lambda one: one.number)
    return {
        "package": package,
        "stored": _typed(package or Package(0, "", ""), channels),
        "channels": channels,
        "holders": _holders(package, uow.packages.grants(), targets(uow)) if package else [],
        "choices": choices(uow),
    }


def read_package(uow: UnitOfWork, before: Package, form: Mapping[str, str]) -> Package:
    """The package as it was typed. Raises BadValue(channels)."""
    ids = {one.number: one.id for one in uow.guide.channels()}
    boards = tuple(name for name in words.BOARDS if form.get(f"board_{name}") == "1")
    return attrs.evolve(
        before,
        name=form.get("name", ""),
        about=form.get("about", ""),
        channels=None if form.get("every_channel") == "1" else read_numbers(form.get("channels", ""), ids),
        boards=None if form.get("every_board") == "1" else boards,
        optional=form.get("optional") == "1",
    )


def read_numbers(text: str, ids: Mapping[int, int]) -> tuple[int, ...]:
    """The ids of the channels with these numbers, such as 1-20,101. Raises BadValue(channels)."""
    found: list[int] = []
    for part in filter(None, _PARTED.split(text[:2000])):
        match = _SPAN.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        inside = [ids[number] for number in ids if first <= number <= last]
        if not inside:
            raise BadValue("channels", f"没有频道 {part[:11]}")
        found += inside
    return tuple(found)


def targets(uow: UnitOfWork) -> dict[tuple[str, str], str]:
    """Names of what packages can be given to, by scope and target."""
    boxes = {int(one.target) for one in uow.packages.grants() if one.scope == "device" and one.target.isdigit()}
    return {
        ("town", ""): "全镇",
        **{("village", str(one.id)): one.name for one in uow.places.villages()},
        **{("tariff", str(one.id)): one.name for one in uow.packages.tariffs()},
        **{("device", str(one.id)): one.mac or one.serial or str(one.id) for one in uow.devices.by_ids(boxes)},
    }


def choices(uow: UnitOfWork) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a package may be given to, as a select has it; single boxes are given theirs at the command line."""
    return [
        ("村", [(f"village:{one.id}", one.name) for one in uow.places.villages()]),
        ("分组", [(f"group:{one}", one) for one in groups(uow)]),
        ("资费", [(f"tariff:{one.id}", one.name) for one in uow.packages.tariffs()]),
    ]


def _grant(number: int, scope: str, target: str) -> Grant:
    if scope not in words.SCOPES:
        raise BadValue("target", "请选给谁")
    return Grant(number, cast("Scope", scope), target)


def _holders(package: Package, grants: Sequence[Grant], titles: Mapping[tuple[str, str], str]) -> list[Holder]:
    mine = [grant for grant in grants if grant.package_id == package.id]
    return [Holder(one, titles.get((one.scope, one.target), one.target)) for one in mine]


def _typed(package: Package, channels: Sequence[Channel]) -> dict[str, Any]:
    inside = [str(one.number) for one in channels if package.channels is not None and one.id in package.channels]
    fields = ("name", "code", "about", "boards", "optional")
    return {name: getattr(package, name) for name in fields} | {
        "every_channel": package.channels is None,
        "numbers": ",".join(inside),
    }


def _typed_again(form: Mapping[str, str]) -> dict[str, Any]:
    boards = tuple(name for name in words.BOARDS if form.get(f"board_{name}") == "1")
    return {name: form.get(name, "")[:200] for name in ("name", "code", "about")} | {
        "every_channel": form.get("every_channel") == "1",
        "numbers": form.get("channels", "")[:2000],
        "boards": None if form.get("every_board") == "1" else boards,
        "optional": form.get("optional") == "1",
    }
