"""Invented inhabitants of the demonstration town: the same people every time, in the town's proportions."""

import tomllib
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from attrs import evolve, frozen

from middleware.domain.registry import Role

SEED = 20251122
"""Changing it changes every name, number and serial of the demonstration."""

STRETCHED = 1380633
"""Prefix of all invented mobile numbers: the form is valid, 0633 is the town's area code."""

CADRES_PER_VILLAGE = 4
GROUP_SIZE = 12
OFFICERS = ("书记", "副书记", "组织委员", "宣传委员", "纪检委员")
FAMILY_HOME = "01001"
FAMILY = (("王秀兰", 3, 6021, 1953), ("张福田", 3, 6022, 1950), ("张海涛", 1, 6023, 1978))
"""The household on the pictures of tv-pages: name, party group, end of the number, year of birth."""

ACCOUNTS: tuple[tuple[Role, str], ...] = (
    ("admin", "系统管理员"),
    ("editor", "今日南湖编辑部"),
    ("operator", "广电运维值班"),
)


@frozen
class DemoVillage:
    code: str
    name: str
    centre: bool


@frozen
class DemoBranch:
    code: str
    name: str
    village: str | None


@frozen
class DemoOffice:
    code: str
    name: str
    phone: str


@frozen
class DemoHousehold:
    """A household and its set-top box. `code` is village and running number, such as 01001."""

    code: str
    village: str
    address: str
    mac: str
    serial: str
    card_no: str
    iptv_user: str
    family: str


@frozen
class DemoMember:
    code: str
    name: str
    branch: str
    group_no: int
    household: str | None
    role: str
    phone: str
    born: int


@frozen
class DemoStaff:
    """An account; those in `SIGN_INS` of seed.py get a password, the others sign in once an administrator gives one."""

    login: str
    name: str
    role: Role
    office: str | None = None
    branch: str | None = None
    village: str | None = None


@frozen
class Town:
    villages: tuple[DemoVillage, ...]
    branches: tuple[DemoBranch, ...]
    offices: tuple[DemoOffice, ...]
    households: tuple[DemoHousehold, ...]
    members: tuple[DemoMember, ...]
    staff: tuple[DemoStaff, ...]


def read_data(name: str) -> dict[str, Any]:
    """Return one TOML file of this package's data folder."""
    return tomllib.loads(files("middleware.demo").joinpath("data", name).read_text("utf-8"))


@cache
def town() -> Town:
    """Return the whole invented town."""
    data, dice = read_data("town.toml"), Random(SEED)  # noqa: S311 - invented names, not secrets
    villages = _villages(data["villages"])
    branches = _branches(villages, data["organs"])
    offices = tuple(DemoOffice(**row) for row in data["offices"])
    names = _Names(dice)
    households = _households(villages, data, dice)
    members = _members(branches, households, data["sizes"], data["totals"]["members"], names, dice)
    staff = _staff(villages, offices, members, data["totals"]["cadres"])
    return Town(villages, branches, offices, households, members, staff)


class _Names:
    def __init__(self, dice: Random) -> None:
        data = read_data("names.toml")
        self._surnames: str = data["surnames"]
        self._given: list[str] = data["women"].split() + data["men"].split()
        self._dice = dice

    def fresh(self, taken: set[str]) -> str:
        """Return a name not in `taken` and add it there."""
        while True:
            name = self._dice.choice(self._surnames) + self._dice.choice(self._given)
            if name not in taken:
                taken.add(name)
                return name


def _villages(text: str) -> tuple[DemoVillage, ...]:
    words = text.split()
    return tuple(DemoVillage(f"v{n:02d}", word.rstrip("*"), word.endswith("*")) for n, word in enumerate(words, 1))


def _branches(villages: tuple[DemoVillage, ...], organs: list[str]) -> tuple[DemoBranch, ...]:
    own = [DemoBranch(f"b{v.code[1:]}", f"{v.name}党支部", v.code) for v in villages]
    first = len(own) + 1
    return (*own, *(DemoBranch(f"b{n:02d}", name, None) for n, name in enumerate(organs, first)))


def shares(total: int, parts: int, dice: Random) -> list[int]:
    """Split `total` into `parts` uneven counts, each at least half the mean, that add up to `total`."""
    weights = [dice.uniform(0.6, 1.5) for _ in range(parts)]
    counts = [int(total * weight / sum(weights)) for weight in weights]
    for n in range(total - sum(counts)):
        counts[n % parts] += 1
    return counts


def _families() -> list[str]:
    """Box families by weight: most villages got their boxes in the operator's two purchases."""
    return ["ipanel"] * 5 + ["ctc"] * 4 + ["mag"] * 2 + ["inspur"] * 2 + ["dvn", "enrich", "dth"]


def _households(villages: tuple[DemoVillage, ...], data: dict[str, Any], dice: Random) -> tuple[DemoHousehold, ...]:
    counts = shares(data["totals"]["households"], len(villages), dice)
    found: list[DemoHousehold] = []
    for village, count in zip(villages, counts, strict=True):
        for n in range(1, count + 1):
            serial = len(found) + 1
            address = f"{village.name}{dice.choice(data['streets'])} {n} 号"
            found.append(_household(serial, f"{village.code[1:]}{n:03d}", village, address, dice))
    return tuple(found)


def _household(serial: int, code: str, village: DemoVillage, address: str, dice: Random) -> DemoHousehold:
    """Return a household whose box answers to `pc` in the first village, where visitors try the demonstration."""
    family = "pc" if village.code == "v01" else dice.choice(_families())
    tail = f"{serial:06X}"
    return DemoHousehold(
        code=code,
        village=village.code,
        address=address,
        mac=f"00:1A:79:{tail[:2]}:{tail[2:4]}:{tail[4:]}",
        serial=f"NH26{serial:08d}",
        card_no=f"8063300000{serial:06d}",
        iptv_user=f"rznh{serial:06d}",
        family=family,
    )


def _members(
    branches: tuple[DemoBranch, ...],
    households: tuple[DemoHousehold, ...],
    sizes: dict[str, int],
    total: int,
    names: _Names,
    dice: Random,
) -> tuple[DemoMember, ...]:
    others = iter(shares(total - sum(sizes.values()), len(branches) - len(sizes), dice))
    counts = [sizes.get(branch.code) or next(others) for branch in branches]
    reserved = {phone for _, _, phone, _ in FAMILY}
    phones = dice.sample([n for n in range(10_000) if n not in reserved], total)
    found: list[DemoMember] = []
    for branch, count in zip(branches, counts, strict=True):
        lived_in = {FAMILY_HOME, *(m.household for m in found)}
        homes = [h.code for h in households if h.village == (branch.village or h.village) and h.code not in lived_in]
        numbers = phones[len(found) : len(found) + count]
        found += _branch_members(branch, _lodgings(homes, count, dice), numbers, names, dice)
        if len(found) == count:
            found[-len(FAMILY) :] = map(_moved_in, found[-len(FAMILY) :], FAMILY)
    return tuple(found)


def _moved_in(member: DemoMember, person: tuple[str, int, int, int]) -> DemoMember:
    """Return the member of the first branch as that person of the pictured household."""
    name, group, phone, born = person
    number = f"{STRETCHED}{phone:04d}"
    return evolve(member, name=name, group_no=group, household=FAMILY_HOME, phone=number, born=born)


def _lodgings(homes: list[str], count: int, dice: Random) -> list[str | None]:
    """Return where each of `count` members lives: one to four under a roof, about one in thirty away from the town."""
    places: list[str | None] = []
    for home in dice.sample(homes, len(homes)):
        places += [home] * dice.choice((1, 1, 1, 2, 2, 2, 3, 4))
    return [None if dice.random() < 1 / 30 else place for place in places[:count]]


def _branch_members(
    branch: DemoBranch, places: list[str | None], phones: list[int], names: _Names, dice: Random
) -> list[DemoMember]:
    taken: set[str] = {name for name, *_ in FAMILY}
    groups = max(1, len(phones) // GROUP_SIZE)
    return [
        DemoMember(
            code=f"{branch.code}-{n:03d}",
            name=names.fresh(taken),
            branch=branch.code,
            group_no=n % groups + 1,
            household=place,
            role=_role(n),
            phone=f"{STRETCHED}{phone:04d}",
            born=dice.choice((1941, 1946, 1950, 1953, 1956, 1959, 1962, 1965, 1969, 1974, 1981, 1990, 1998)),
        )
        for n, (place, phone) in enumerate(zip(places, phones, strict=True), 1)
    ]


def _role(place: int) -> str:
    return OFFICERS[place - 1] if place <= len(OFFICERS) else "党员"


def _staff(
    villages: tuple[DemoVillage, ...],
    offices: tuple[DemoOffice, ...],
    members: tuple[DemoMember, ...],
    cadres: int,
) -> tuple[DemoStaff, ...]:
    """Return the cadres (of the villages, then of the town) and one account per office and for each technical duty."""
    found = [cadre for village in villages for cadre in _village_cadres(village, members)]
    town_cadres = [m for m in members if m.branch == f"b{len(villages) + 1:02d}"][: cadres - len(found)]
    for n, member in enumerate(town_cadres):
        office = offices[n % len(offices)]
        found.append(DemoStaff(f"zhen-{n + 1:02d}", member.name, "cadre", office.code, member.branch))
    found += [DemoStaff(office.code, office.name, "office", office.code) for office in offices]
    found += [DemoStaff(login, name, login) for login, name in ACCOUNTS]
    return tuple(found)


def _village_cadres(village: DemoVillage, members: tuple[DemoMember, ...]) -> list[DemoStaff]:
    branch = f"b{village.code[1:]}"
    chosen = [m for m in members if m.branch == branch][:CADRES_PER_VILLAGE]
    return [
        DemoStaff(f"{village.code}-{n}", member.name, "cadre", None, branch, village.code)
        for n, member in enumerate(chosen, 1)
    ]
