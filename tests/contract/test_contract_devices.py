"""Set-top boxes on both databases."""

import attrs
import pytest
from sqlalchemy.exc import IntegrityError

from middleware.domain.devices import Device, Identities
from middleware.storage.store import Store
from tests.contract.small_town import NOW, settle


def test_boxes_come_back_as_written_and_changed(store: Store) -> None:
    town = settle(store)
    new = Device(0, "00:1A:79:00:00:01", "SN1", "8063", "rznh1", town.homes["02001"], "mag", "active", "large")
    box = store.run_sync(lambda uow: uow.devices.add(new, NOW))

    assert box == attrs.evolve(new, id=box.id)
    assert store.run_sync(lambda uow: uow.devices.get(box.id), write=False) == box
    changed = attrs.evolve(box, household_id=None, serial="", family="pc", state="blocked", mode="standard")
    store.run_sync(lambda uow: uow.devices.save(changed))
    assert store.run_sync(lambda uow: uow.devices.get(box.id), write=False) == changed
    assert store.run_sync(lambda uow: uow.devices.all(), write=False)[-1] == changed
    assert store.run_sync(lambda uow: uow.devices.get(4711), write=False) is None


def test_a_box_is_found_by_any_of_its_names(store: Store) -> None:
    def write(uow):
        first = uow.devices.add(Device(0, mac="00:1A:79:00:00:01", serial="SN1"), NOW)
        return first, uow.devices.add(Device(0, serial="SN2", card_no="8063"), NOW)

    first, second = store.run_sync(write)

    def match(**names: str) -> tuple[Device, ...]:
        return store.run_sync(lambda uow: uow.devices.matching(Identities(**names)), write=False)

    assert match(serial="SN1") == (first,)
    assert match(mac="00:1A:79:00:00:01", card_no="8063") == (first, second)
    assert match(iptv_user="SN1") == ()
    assert match() == ()


def test_two_boxes_without_a_serial_are_two_boxes_but_one_serial_is_one(store: Store) -> None:
    def write(uow):
        uow.devices.add(Device(0, mac="00:1A:79:00:00:01"), NOW)
        uow.devices.add(Device(0, mac="00:1A:79:00:00:02"), NOW)

    store.run_sync(write)
    with pytest.raises(IntegrityError):
        store.run_sync(lambda uow: uow.devices.add(Device(0, mac="00:1A:79:00:00:01"), NOW))


def test_boxes_are_counted_by_state(store: Store) -> None:
    def write(uow):
        for n, state in enumerate(("pending", "active", "active")):
            uow.devices.add(Device(0, serial=f"SN{n}", state=state), NOW)

    store.run_sync(write)

    assert store.run_sync(lambda uow: uow.devices.counts(), write=False) == {"pending": 1, "active": 2}


def test_the_boxes_of_households(store: Store) -> None:
    town = settle(store)
    found = store.run_sync(lambda uow: uow.devices.of_households(town.homes.values()), write=False)

    assert {box.id for box in found} == set(town.boxes.values())
    assert store.run_sync(lambda uow: uow.devices.of_households([]), write=False) == ()


def test_taught_keys_and_the_password_of_the_account_are_kept(store: Store) -> None:
    box = store.run_sync(lambda uow: uow.devices.add(Device(0, serial="SN1"), NOW)).id

    def read(uow):
        return uow.devices.taught(box), uow.devices.iptv_password(box)

    assert store.run_sync(read, write=False) == ({}, "")

    def write(uow):
        uow.devices.set_taught(box, {"4097": "RED"})
        uow.devices.set_iptv_password(box, "密码 26")

    store.run_sync(write)
    assert store.run_sync(read, write=False) == ({"4097": "RED"}, "密码 26")
    assert store.run_sync(lambda uow: uow.devices.taught(4711), write=False) == {}
