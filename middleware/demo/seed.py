"""Writes the demonstration town into a store: places, people, boxes, accounts, articles. Again, it adds nothing."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from attrs import frozen

from middleware.demo.population import SEED, DemoHousehold, DemoMember, DemoStaff, Town, town
from middleware.demo.texts import articles
from middleware.domain.articles import Article
from middleware.domain.devices import Device
from middleware.domain.errors import DomainError
from middleware.domain.registry import HouseholdDraft, MemberDraft, Staff
from middleware.services.ports import UnitOfWork

PICTURES = "/demo/pictures/"
"""Where the server serves middleware/demo/pictures in a demonstration."""
SCOPE = "demo"
"""Scope of the settings that say which parts of the demonstration are written."""

T = TypeVar("T")


@frozen
class Ids:
    """The ids of the places by their codes."""

    villages: dict[str, int]
    branches: dict[str, int]
    offices: dict[str, int]

    @classmethod
    def of(cls, uow: UnitOfWork) -> "Ids":
        """Read them from the store."""
        return cls(
            {village.code: village.id for village in uow.places.villages()},
            {branch.code: branch.id for branch in uow.places.branches()},
            {office.code: office.id for office in uow.places.offices()},
        )


def once(uow: UnitOfWork, part: str, write: Callable[[], T]) -> bool:
    """Write a part of the demonstration unless this store holds it; returns whether it was written."""
    if uow.settings.get(SCOPE, part) is not None:
        return False
    write()
    uow.settings.put(SCOPE, part, SEED)
    return True


def is_demonstration(uow: UnitOfWork) -> bool:
    """Whether this store holds the demonstration town."""
    return uow.settings.get(SCOPE, "town") is not None


def seed_town(uow: UnitOfWork, now: datetime) -> bool:
    """Write everybody and everything but the past; False when that was done before.

    Raises DomainError(not_empty) for a store that holds a real town.
    """
    if not is_demonstration(uow) and uow.places.villages():
        raise DomainError("not_empty", "这里已经有真实的数据，不能再放演示数据")
    return once(uow, "town", lambda: _write(uow, now, town()))


def _write(uow: UnitOfWork, now: datetime, whole: Town) -> None:
    _write_places(uow, whole)
    ids = Ids.of(uow)
    _write_people(uow, ids, whole)
    _write_boxes(uow, now, whole)
    for person in whole.staff:
        uow.staff.add(_account(ids, person), password="")  # nobody can log in with an empty hash
    for draft in articles(now, PICTURES):
        village = next((each.code for each in whole.villages if each.name == draft.village), "")
        uow.articles.add(
            Article(
                id=0,
                column=draft.column,
                title=draft.title,
                short_title=draft.short_title,
                source=draft.source,
                village_id=ids.villages.get(village),
                published_at=draft.published_at,
                expires_at=draft.expires_at,
                blocks=draft.blocks,
                portrait=draft.portrait,
            )
        )


def _write_places(uow: UnitOfWork, whole: Town) -> None:
    villages = {each.code: uow.places.add_village(each.code, each.name, each.centre).id for each in whole.villages}
    for branch in whole.branches:
        uow.places.add_branch(branch.code, branch.name, villages.get(branch.village or ""))
    for office in whole.offices:
        uow.places.add_office(office.code, office.name, office.phone)


def _write_people(uow: UnitOfWork, ids: Ids, whole: Town) -> None:
    uow.registry.add_households(
        [HouseholdDraft(each.code, ids.villages[each.village], each.address) for each in whole.households]
    )
    homes = {each.code: each.id for each in uow.registry.households()}
    uow.registry.add_members([_member(ids, homes, each) for each in whole.members])


def _member(ids: Ids, homes: dict[str, int], member: DemoMember) -> MemberDraft:
    return MemberDraft(
        code=member.code,
        name=member.name,
        branch_id=ids.branches[member.branch],
        group_no=member.group_no,
        household_id=homes.get(member.household or ""),
        role=member.role,
        phone=member.phone,
    )


def _write_boxes(uow: UnitOfWork, now: datetime, whole: Town) -> None:
    homes = {each.code: each.id for each in uow.registry.households()}
    for each in whole.households:
        box = uow.devices.add(
            Device(
                id=0,
                mac=each.mac,
                serial=each.serial,
                card_no=each.card_no,
                iptv_user=each.iptv_user,
                household_id=homes[each.code],
                family=each.family,
                state="active",
            ),
            now,
        )
        uow.devices.set_iptv_password(box.id, iptv_password(each))


def iptv_password(household: DemoHousehold) -> str:
    """The six digits on the sticker of a demonstration box."""
    digest = hashlib.sha256(f"{SEED} {household.iptv_user}".encode()).digest()
    return f"{int.from_bytes(digest[:4]) % 1_000_000:06d}"


def _account(ids: Ids, person: DemoStaff) -> Staff:
    return Staff(
        id=0,
        login=person.login,
        name=person.name,
        role=person.role,
        office_id=ids.offices.get(person.office or ""),
        branch_id=ids.branches.get(person.branch or ""),
        village_id=ids.villages.get(person.village or ""),
    )
