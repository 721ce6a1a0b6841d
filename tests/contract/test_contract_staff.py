"""Accounts of the back office on both databases."""

import attrs
import pytest
from sqlalchemy.exc import IntegrityError

from middleware.domain.plan_rights import Grant
from middleware.domain.registry import Staff
from middleware.services.passwords import stamp
from middleware.storage.store import Store
from tests.contract.small_town import settle


def test_accounts_come_back_as_written_by_login(store: Store) -> None:
    town = settle(store)

    def write(uow):
        office = uow.places.add_office("zuzhi", "组织办")
        cadre = Staff(0, "v01-1", "王秀兰", "cadre", None, town.branches["b01"], town.villages["v01"])
        return uow.staff.add(Staff(0, "zuzhi", "组织办", "office", office.id), "hash-1"), uow.staff.add(cadre, "")

    office, cadre = store.run_sync(write)
    assert store.run_sync(lambda uow: uow.staff.all(), write=False) == (cadre, office)
    assert store.run_sync(lambda uow: uow.staff.get(cadre.id), write=False) == cadre
    assert store.run_sync(lambda uow: uow.staff.by_login("zuzhi"), write=False) == office
    assert store.run_sync(lambda uow: (uow.staff.get(4711), uow.staff.by_login("nobody")), write=False) == (None, None)
    assert store.run_sync(lambda uow: uow.staff.password(office.id), write=False) == "hash-1"
    assert store.run_sync(lambda uow: uow.staff.password(4711), write=False) == ""


def test_the_stamp_changes_with_the_password_only(store: Store) -> None:
    person = store.run_sync(lambda uow: uow.staff.add(Staff(0, "zuzhi", "组织办", "office"), "hash-1"))
    renamed = attrs.evolve(person, name="组织办公室", active=False)
    store.run_sync(lambda uow: uow.staff.save(renamed))

    assert person.stamp == stamp("hash-1")
    assert store.run_sync(lambda uow: uow.staff.get(person.id), write=False) == renamed
    store.run_sync(lambda uow: uow.staff.set_password(person.id, "hash-2"))
    assert store.run_sync(lambda uow: uow.staff.get(person.id), write=False).stamp == stamp("hash-2")


def test_a_login_is_given_once(store: Store) -> None:
    store.run_sync(lambda uow: uow.staff.add(Staff(0, "zuzhi", "组织办", "office"), ""))

    with pytest.raises(IntegrityError):
        store.run_sync(lambda uow: uow.staff.add(Staff(0, "zuzhi", "另一个", "editor"), ""))


def test_roles_on_channels_come_back_are_given_once_and_taken_back(store: Store) -> None:
    person = store.run_sync(lambda uow: uow.staff.add(Staff(0, "wang", "王编辑", "editor"), ""))
    head, editor = Grant(person.id, "a.tv", "head"), Grant(person.id, "a.tv", "editor")
    for one in (head, editor, head):
        store.run_sync(lambda uow, one=one: uow.grants.put(one))

    assert store.run_sync(lambda uow: uow.grants.of(person.id)) == (editor, head)
    assert [store.run_sync(lambda uow: uow.grants.remove(head)) for _ in range(2)] == [True, False]
    assert store.run_sync(lambda uow: uow.grants.of(person.id)) == (editor,)
