"""Accounts, packages, tariffs and API users on both databases."""

from datetime import timedelta

import attrs
import pytest
from sqlalchemy.exc import IntegrityError

from middleware.domain.accounts import Account
from middleware.domain.operators import ApiUser
from middleware.domain.packages import Grant, Package
from middleware.storage.store import Store
from tests.contract.small_town import NOW, settle


def test_accounts_come_back_as_written_and_changed(store: Store) -> None:
    town = settle(store)
    tariff = store.run_sync(lambda uow: uow.packages.add_tariff("basic", "基本套餐"))
    wanted = Account(0, "63001", "wang", "王秀兰", town.homes["01001"], tariff.id, ends_at=NOW, streams=3, comment="x")
    account = store.run_sync(lambda uow: uow.accounts.add(wanted))
    bare = store.run_sync(lambda uow: uow.accounts.add(Account(0, "62000")))

    assert attrs.evolve(account, id=0) == wanted
    assert store.run_sync(lambda uow: uow.accounts.all(), write=False) == (bare, account)
    found = store.run_sync(
        lambda uow: (
            uow.accounts.get(account.id),
            uow.accounts.by_number("63001"),
            uow.accounts.by_login("wang"),
            uow.accounts.of_household(town.homes["01001"]),
        ),
        write=False,
    )
    assert found == (account,) * 4

    changed = attrs.evolve(account, on=False, block_text="欠费", login="", ends_at=None)
    store.run_sync(lambda uow: uow.accounts.save(changed))
    assert store.run_sync(lambda uow: uow.accounts.get(account.id), write=False) == changed
    assert store.run_sync(lambda uow: uow.accounts.by_login(""), write=False) is None


def test_two_accounts_never_share_a_number_or_a_login(store: Store) -> None:
    store.run_sync(lambda uow: uow.accounts.add(Account(0, "1", "wang")))

    for clash in (Account(0, "1"), Account(0, "2", "wang")):
        with pytest.raises(IntegrityError):
            store.run_sync(lambda uow, clash=clash: uow.accounts.add(clash))
    store.run_sync(lambda uow: [uow.accounts.add(Account(0, number)) for number in ("3", "4")])


def test_password_and_phone_are_sealed_and_can_be_taken_away(store: Store) -> None:
    account = store.run_sync(lambda uow: uow.accounts.add(Account(0, "1", "wang")))
    store.run_sync(
        lambda uow: (uow.accounts.set_password(account.id, "蜜 1!"), uow.accounts.set_phone(account.id, "1"))
    )

    secrets = store.run_sync(lambda uow: (uow.accounts.password(account.id), uow.accounts.phone(account.id)))
    assert secrets == ("蜜 1!", "1")
    store.run_sync(lambda uow: (uow.accounts.set_password(account.id, ""), uow.accounts.set_phone(account.id, "")))
    assert store.run_sync(lambda uow: uow.accounts.password(account.id)) == ""
    assert store.run_sync(lambda uow: (uow.accounts.phone(account.id), uow.accounts.password(account.id + 9))) == (
        "",
        "",
    )


def test_a_removed_account_leaves_its_boxes_without_one(store: Store) -> None:
    town = settle(store)
    account = store.run_sync(lambda uow: uow.accounts.add(Account(0, "1")))
    box = town.boxes["01001"]
    store.run_sync(lambda uow: uow.devices.save(attrs.evolve(uow.devices.get(box), account_id=account.id)))
    assert [one.id for one in store.run_sync(lambda uow: uow.devices.of_accounts([account.id]), write=False)] == [box]

    store.run_sync(lambda uow: uow.accounts.remove(account.id))

    assert store.run_sync(lambda uow: uow.accounts.all(), write=False) == ()
    assert store.run_sync(lambda uow: uow.devices.get(box), write=False).account_id is None


def test_packages_come_by_code_and_tell_all_from_none(store: Store) -> None:
    every = store.run_sync(lambda uow: uow.packages.add(Package(0, "b-all", "全部", "都看")))
    some = store.run_sync(lambda uow: uow.packages.add(Package(0, "a-some", "部分", "", (3, 1), (), True)))

    assert store.run_sync(lambda uow: uow.packages.all(), write=False) == (some, every)
    assert (every.channels, some.boards) == (None, ())
    changed = attrs.evolve(some, channels=None, boards=("live",), optional=False)
    store.run_sync(lambda uow: uow.packages.save(changed))
    assert store.run_sync(lambda uow: uow.packages.by_code("a-some"), write=False) == changed
    assert store.run_sync(lambda uow: uow.packages.by_code("none"), write=False) is None


def test_a_package_is_granted_once_and_its_grants_go_with_it(store: Store) -> None:
    one, two = (store.run_sync(lambda uow, c=c: uow.packages.add(Package(0, c, c))) for c in "ab")
    grants = (Grant(one.id, "group", "试点"), Grant(one.id, "town"), Grant(two.id, "village", "7"))
    for grant in (*grants, grants[0]):
        store.run_sync(lambda uow, grant=grant: uow.packages.grant(grant))

    assert set(store.run_sync(lambda uow: uow.packages.grants(), write=False)) == set(grants)
    store.run_sync(lambda uow: (uow.packages.revoke(grants[0]), uow.packages.revoke(grants[0])))
    store.run_sync(lambda uow: uow.packages.remove(two.id))
    assert store.run_sync(lambda uow: uow.packages.grants(), write=False) == (grants[1],)
    assert store.run_sync(lambda uow: uow.packages.all(), write=False) == (one,)


def test_tariffs_come_by_code(store: Store) -> None:
    made = [store.run_sync(lambda uow, code=code: uow.packages.add_tariff(code, f"资费 {code}")) for code in "ba"]

    assert store.run_sync(lambda uow: uow.packages.tariffs(), write=False) == tuple(reversed(made))


def test_api_users_come_back_as_written_and_changed(store: Store) -> None:
    wanted = ApiUser(0, "boss", bytes(range(32)), ("read", "messages"), ("10.0.0.0/8",), created=NOW)
    user = store.run_sync(lambda uow: uow.operators.add(wanted))

    assert store.run_sync(lambda uow: uow.operators.by_login("boss"), write=False) == user
    changed = attrs.evolve(user, active=False, used=NOW + timedelta(hours=1), digest=bytes(32))
    store.run_sync(lambda uow: uow.operators.save(changed))
    assert store.run_sync(lambda uow: uow.operators.all(), write=False) == (changed,)
    assert store.run_sync(lambda uow: uow.operators.by_login("nobody"), write=False) is None
