"""Households, members and their numbers on both databases."""

import pytest
from sqlalchemy.exc import IntegrityError

from middleware.domain.registry import Household, HouseholdDraft, Member, MemberDraft
from middleware.storage.store import Store
from tests.contract.small_town import LIU, NUMBER, PHONES, WANG, ZHANG, SmallTown, settle


@pytest.fixture
def town(store: Store) -> SmallTown:
    return settle(store)


def draft(town: SmallTown, name: str, phone: str) -> MemberDraft:
    code = {WANG: "m1", ZHANG: "m2", LIU: "m3"}[name]
    return MemberDraft(code, name, town.branches["b01"], 3, town.homes["01001"], phone=phone)


def test_members_come_back_as_written(store: Store, town: SmallTown) -> None:
    wang = store.run_sync(lambda uow: uow.registry.member(town.members[WANG]), write=False)

    assert wang == Member(town.members[WANG], "m1", WANG, town.branches["b01"], 3, town.homes["01001"])
    assert store.run_sync(lambda uow: uow.registry.member(999_999), write=False) is None


def test_members_are_listed_by_branch_village_and_household(store: Store, town: SmallTown) -> None:
    def read(uow):
        registry = uow.registry
        return [
            [one.code for one in found]
            for found in (
                registry.members(),
                registry.members(branch_id=town.branches["b02"]),
                registry.members(village_id=town.villages["v01"]),
                registry.members_of_household(town.homes["01001"]),
            )
        ]

    everyone, branch, village, home = store.run_sync(read, write=False)
    assert (everyone, branch, village, home) == (
        ["m1", "m2", "m3", "m4", "m5"],
        ["m4"],
        ["m1", "m2", "m3", "m5"],
        ["m1", "m2"],
    )


def test_a_member_who_left_is_not_listed_but_found(store: Store, town: SmallTown) -> None:
    def leave(uow):
        gone = MemberDraft("m1", WANG, town.branches["b01"], active=False, phone=PHONES[WANG])
        uow.registry.update_members({town.members[WANG]: gone})

    store.run_sync(leave)

    def read(uow):
        registry = uow.registry
        return (
            [one.code for one in registry.members()],
            [one.code for one in registry.members(active_only=False)],
            registry.members_of_household(town.homes["01001"]),
            registry.by_phone(PHONES[WANG]).code,
        )

    listed, everyone, home, found = store.run_sync(read, write=False)
    assert listed == ["m2", "m3", "m4", "m5"]
    assert everyone == ["m1", "m2", "m3", "m4", "m5"]
    assert [one.code for one in home] == ["m2"]
    assert found == "m1"


def test_a_number_finds_its_member_and_back(store: Store, town: SmallTown) -> None:
    def read(uow):
        registry = uow.registry
        owners = registry.by_phones([PHONES[LIU], NUMBER, PHONES[WANG]])
        return (
            owners,
            registry.by_phone(NUMBER),
            registry.phone(town.members[LIU]),
            registry.phones(town.members.values()),
        )

    owners, nobody, number, numbers = store.run_sync(read, write=False)
    assert {phone: one.name for phone, one in owners.items()} == {PHONES[LIU]: LIU, PHONES[WANG]: WANG}
    assert (nobody, number) == (None, PHONES[LIU])
    assert numbers == {town.members[name]: phone for name, phone in PHONES.items()}


def test_two_members_may_swap_numbers_in_one_update(store: Store, town: SmallTown) -> None:
    swapped = {
        town.members[WANG]: draft(town, WANG, PHONES[ZHANG]),
        town.members[ZHANG]: draft(town, ZHANG, PHONES[WANG]),
    }
    store.run_sync(lambda uow: uow.registry.update_members(swapped))

    found = store.run_sync(lambda uow: uow.registry.by_phone(PHONES[WANG]), write=False)
    assert found.name == ZHANG


def test_one_number_is_one_person(store: Store, town: SmallTown) -> None:
    with pytest.raises(IntegrityError):
        store.run_sync(
            lambda uow: uow.registry.add_members([MemberDraft("m9", "李四", town.branches["b01"], phone=PHONES[WANG])])
        )

    assert len(store.run_sync(lambda uow: uow.registry.members(), write=False)) == 5


def test_households_come_back_as_written_and_changed(store: Store, town: SmallTown) -> None:
    home = store.run_sync(lambda uow: uow.registry.household(town.homes["01001"]), write=False)
    moved = Household(home.id, home.code, town.villages["v02"], "新址")
    store.run_sync(lambda uow: uow.registry.update_households([moved]))

    assert home == Household(town.homes["01001"], "01001", town.villages["v01"], "01001 号")
    assert store.run_sync(lambda uow: uow.registry.household(home.id), write=False) == moved
    codes = store.run_sync(lambda uow: [one.code for one in uow.registry.households(town.villages["v02"])], write=False)
    assert codes == ["01001", "02001"]


def test_nothing_to_write_writes_nothing(store: Store) -> None:
    def write(uow):
        uow.registry.add_members([])
        uow.registry.update_members({})
        uow.registry.add_households([])
        uow.registry.update_households([])
        return uow.registry.by_phones([]), uow.registry.phones([]), uow.registry.members()

    assert store.run_sync(write) == ({}, {}, ())


def test_a_transaction_that_fails_leaves_nothing(store: Store, town: SmallTown) -> None:
    def fail(uow):
        uow.registry.add_households([HouseholdDraft("09001", town.villages["v01"])])
        raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        store.run_sync(fail)

    assert store.run_sync(lambda uow: uow.registry.households_by_code({"09001"}), write=False) == {}


def test_twenty_thousand_households_are_looked_up_at_once(store: Store, town: SmallTown) -> None:
    codes = {f"c{n}" for n in range(20_000)}

    assert store.run_sync(lambda uow: uow.registry.households_by_code(codes | {"01001"}), write=False).keys() == {
        "01001"
    }
