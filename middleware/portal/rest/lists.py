"""Tariffs and channels, which billing reads only."""

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

from middleware.domain.channels import Channel
from middleware.domain.packages import Package, Tariff
from middleware.portal.rest.operations import FLAG, TEXT, Call, Operation, Resource, listed, record
from middleware.portal.rest.wire import Refused
from middleware.services.ports import UnitOfWork

T = TypeVar("T", Channel, Tariff)

_PACKAGE: Final = record(id=TEXT, external_id=TEXT, name=TEXT, description=TEXT, type={"const": "tv"}, optional=FLAG)
_TARIFF: Final = record(id=TEXT, external_id=TEXT, name=TEXT, packages=listed(_PACKAGE))
_CHANNEL: Final = record(
    id=TEXT,
    name=TEXT,
    number=TEXT,
    base_ch=FLAG,
    hd=FLAG,
    url=TEXT,
    enable_monitoring=FLAG,
    descr=TEXT,
)


def tariffs(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """Every tariff, or those with these ids, with the packages granted to it. Raises Refused."""
    packages = {one.id: one for one in uow.packages.all()}
    held: dict[str, list[Package]] = {}
    for grant in uow.packages.grants():
        if grant.scope == "tariff" and grant.package_id in packages:
            held.setdefault(grant.target, []).append(packages[grant.package_id])
    wanted = chosen({str(one.id): one for one in uow.packages.tariffs()}, call.ids, "Tariff")
    return [_tariff(one, held.get(str(one.id), [])) for one in wanted]


def channels(uow: UnitOfWork, call: Call) -> list[dict[str, Any]]:
    """Every channel in the order of the line-up, or those with these ids. Raises Refused."""
    return [_channel(one) for one in chosen({str(one.id): one for one in uow.guide.channels()}, call.ids, "Channel")]


def chosen(known: Mapping[str, T], ids: Collection[str], noun: str) -> list[T]:
    """All of `known`, or those with these ids in their order. Raises Refused."""
    if any(one not in known for one in ids):
        raise Refused(f"{noun} not found" if len(ids) == 1 else "One or more identifiers are incorrect")
    return [known[one] for one in ids] or list(known.values())


def package_row(one: Package) -> dict[str, Any]:
    """A package as billing sees it."""
    return {
        "id": str(one.id),
        "external_id": one.code,
        "name": one.name,
        "description": one.about,
        "type": "tv",
        "optional": int(one.optional),
    }


def _tariff(one: Tariff, packages: Collection[Package]) -> dict[str, Any]:
    held = [package_row(each) for each in packages]
    return {"id": str(one.id), "external_id": one.code, "name": one.name, "packages": held}


def _channel(one: Channel) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "number": str(one.number),
        "base_ch": 1,
        "hd": int(one.hd),
        "url": one.url,
        "enable_monitoring": 0,
        "descr": "",
    }


TARIFFS: Final = Resource(
    "tariffs",
    "Plans of the billing and the packages that come with them",
    (Operation("listTariffs", "GET", "Read tariffs", "any", "read", tariffs, listed(_TARIFF)),),
)
CHANNELS: Final = Resource(
    "itv",
    "Channels of the line-up",
    (Operation("listChannels", "GET", "Read channels", "any", "read", channels, listed(_CHANNEL)),),
)
