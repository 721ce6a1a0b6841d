"""Packages: which channels and boards the town, a village, a group of boxes or a tariff sees. No prices."""

from collections.abc import Collection, Sequence
from typing import Literal, TypeVar

from attrs import frozen

T = TypeVar("T")
Scope = Literal["town", "village", "group", "tariff", "device"]
BOARDS = ("affairs", "live", "school", "today", "pioneers", "appraise")


@frozen
class Package:
    """Channels by id and boards by name; None means all of them, also those that come later."""

    id: int
    code: str
    name: str
    about: str = ""
    channels: tuple[int, ...] | None = None
    boards: tuple[str, ...] | None = None
    optional: bool = False


@frozen
class Grant:
    """Who has a package: `target` is the id of a village, tariff or device, a group's name, or "" for the town."""

    package_id: int
    scope: Scope
    target: str = ""


@frozen
class Tariff:
    """A plan of the operator's billing: a name for some packages."""

    id: int
    code: str
    name: str


@frozen
class Where:
    """What of a box decides its packages."""

    device_id: int
    village_id: int | None = None
    group: str = ""
    tariff_id: int | None = None


@frozen
class Entitled:
    """What a box may see; None = everything. Equal for boxes that see the same, so it can be the key of a cache."""

    channels: frozenset[int] | None = None
    boards: frozenset[str] | None = None

    def channel(self, channel_id: int) -> bool:
        """Whether this channel may be seen."""
        return self.channels is None or channel_id in self.channels

    def board(self, name: str) -> bool:
        """Whether this board may be seen."""
        return self.boards is None or name in self.boards


EVERYTHING = Entitled()


def entitled(packages: Sequence[Package], grants: Collection[Grant], where: Where) -> Entitled:
    """The union of all packages that the box has; a town that has granted none at all lets everybody see everything."""
    if not grants:
        return EVERYTHING
    mine = held(packages, grants, where)
    return Entitled(_union([one.channels for one in mine]), _union([one.boards for one in mine]))


def held(packages: Sequence[Package], grants: Collection[Grant], where: Where) -> tuple[Package, ...]:
    """The packages that a box has, in their order."""
    have = {grant.package_id for grant in grants if _holds(grant, where)}
    return tuple(package for package in packages if package.id in have)


def _holds(grant: Grant, where: Where) -> bool:
    targets: dict[Scope, str] = {
        "town": "",
        "village": str(where.village_id or "-"),
        "group": where.group or "-",
        "tariff": str(where.tariff_id or "-"),
        "device": str(where.device_id),
    }
    return grant.target == targets[grant.scope]


def _union(parts: Sequence[tuple[T, ...] | None]) -> frozenset[T] | None:
    if any(part is None for part in parts):
        return None
    return frozenset(one for part in parts if part is not None for one in part)
