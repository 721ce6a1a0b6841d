"""The operator's customers, packages and API users: bounds, secrets, who sees what, what is told and audited."""

from collections.abc import Callable

import attrs
import pytest

from middleware.domain.accounts import Account
from middleware.domain.channels import Channel, Genre
from middleware.domain.devices import Device
from middleware.domain.errors import BadValue, NotFound
from middleware.domain.operators import ApiUser
from middleware.domain.packages import EVERYTHING, Entitled, Grant, Package
from middleware.services import accounts, devices, guide, lineup, operators, packages
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.contract.small_town import NOW, PHONES, WANG, SmallTown


def _add(store: Store, account: Account, **secrets: str) -> Account:
    return store.run_sync(lambda uow: accounts.add(uow, NOW, "boss", account, **secrets))


def test_a_new_account_takes_the_boxes_of_its_household(store: Store, town: SmallTown) -> None:
    account = _add(store, Account(0, "63001", "wang", household_id=town.homes["01001"]))

    boxes = store.run_sync(lambda uow: uow.devices.of_accounts([account.id]), write=False)
    assert [box.id for box in boxes] == [town.boxes["01001"]]
    later = store.run_sync(lambda uow: uow.devices.add(attrs.evolve(boxes[0], id=0, serial="S9", account_id=None), NOW))
    store.run_sync(lambda uow: devices.bind(uow, NOW, "op", later.id, town.homes["01001"]))
    assert store.run_sync(lambda uow: uow.devices.get(later.id), write=False).account_id == account.id


def test_only_the_right_password_logs_in(store: Store) -> None:
    account = _add(store, Account(0, "1", "wang"), password="蜜蜂 9")
    _add(store, Account(0, "2", "zhang"))
    tries = [
        ("wang", "蜜蜂 9"),
        ("wang", "蜜蜂 8"),
        ("wang", ""),
        ("zhang", ""),
        ("", ""),
        ("nobody", ""),
        ("x" * 999, "y" * 999),
    ]

    found = [store.run_sync(lambda uow, t=t: accounts.login(uow, *t), write=False) for t in tries]

    assert found == [account, *[None] * 6]


def test_a_log_in_does_the_same_work_for_an_account_that_is_not_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(store, Account(0, "1", "wang"), password="secret-1")
    _add(store, Account(0, "2", "zhang"))
    ciphers: list[str] = []
    plain = Vault._cipher
    monkeypatch.setattr(Vault, "_cipher", lambda vault, key: ciphers.append(key) or plain(vault, key))

    work = {}
    for login in ("wang", "zhang", "nobody"):
        ciphers.clear()
        store.run_sync(lambda uow, login=login: accounts.login(uow, login, "secret-2"), write=False)
        work[login] = len(ciphers)

    assert work == {"wang": 1, "zhang": 1, "nobody": 1}


def test_a_changed_account_tells_its_boxes_and_hides_its_secrets(store: Store, town: SmallTown) -> None:
    account = _add(store, Account(0, "1", "wang", household_id=town.homes["01001"]), password="p1", phone=PHONES[WANG])
    seen = store.run_sync(lambda uow: uow.outbox.last(), write=False)
    store.run_sync(lambda uow: accounts.change(uow, NOW, "boss", attrs.evolve(account, on=False), password="p2"))
    store.run_sync(lambda uow: accounts.change(uow, NOW, "boss", attrs.evolve(account, on=False)))

    (event,) = store.run_sync(lambda uow: uow.outbox.after(seen), write=False)
    assert (event.kind, event.body) == ("AccountChanged", {"account": account.id, "devices": [town.boxes["01001"]]})
    audit = store.run_sync(lambda uow: uow.audit.entries("account", account.id), write=False)
    assert audit[0].detail == {"on": False, "password": "new"}
    assert all(secret not in str(audit) for secret in ("p2", PHONES[WANG]))
    kept = store.run_sync(lambda uow: (uow.accounts.password(account.id), uow.accounts.phone(account.id)))
    assert kept == ("p2", PHONES[WANG])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"number": ""}, "number"),
        ({"number": "a b"}, "number"),
        ({"number": "x" * 65}, "number"),
        ({"number": "taken"}, "number_taken"),
        ({"login": "wang"}, "login_taken"),
        ({"login": "有名"}, "login"),
        ({"streams": 101}, "streams"),
        ({"household_id": 999}, "household"),
        ({"tariff_id": 999}, "tariff"),
        ({"full_name": "长" * 65}, "full_name"),
        ({"block_text": "长" * 201}, "block_text"),
        ({"ends_at": NOW.replace(tzinfo=None)}, "ends_at"),
    ],
)
def test_an_account_that_cannot_be_is_refused(store: Store, fields: dict[str, object], code: str) -> None:
    _add(store, Account(0, "taken", "wang"))
    draft = attrs.evolve(Account(0, "2"), **fields)  # type: ignore[arg-type]

    with pytest.raises(BadValue) as refused:
        _add(store, draft)
    assert refused.value.code == code


def test_a_tied_box_is_let_in_and_comes_into_the_household(store: Store, town: SmallTown) -> None:
    account = _add(store, Account(0, "1", household_id=town.homes["02001"]))
    box = store.run_sync(lambda uow: uow.devices.add(Device(0, serial="new"), NOW)).id

    tied = store.run_sync(lambda uow: accounts.tie(uow, NOW, "op", box, account.id))
    assert (tied.state, tied.household_id, tied.account_id) == ("active", town.homes["02001"], account.id)
    untied = store.run_sync(lambda uow: accounts.tie(uow, NOW, "op", box, None))
    assert (untied.state, untied.account_id) == ("active", None)
    for wrong in ((box, 999), (999, account.id)):
        with pytest.raises(NotFound):
            store.run_sync(lambda uow, wrong=wrong: accounts.tie(uow, NOW, "op", *wrong))


def test_a_removed_account_leaves_its_boxes(store: Store, town: SmallTown) -> None:
    account = _add(store, Account(0, "1", household_id=town.homes["01001"]))
    store.run_sync(lambda uow: accounts.remove(uow, NOW, "boss", account.id))

    assert store.run_sync(lambda uow: uow.devices.get(town.boxes["01001"]), write=False).account_id is None
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: accounts.remove(uow, NOW, "boss", account.id))


def _line_up(store: Store) -> list[int]:
    def write(uow) -> list[int]:
        news = guide.put_genre(uow, Genre(0, "新闻"))
        guide.put_genre(uow, Genre(0, "影视"))
        drafts = [
            Channel(0, f"c{at}.nanhu.tv", 9 - at, f"频道 {at}", genre_id=news.id if at else None) for at in range(3)
        ]
        return [guide.add_channel(uow, one).id for one in drafts]

    return store.run_sync(write)


def test_a_box_sees_the_union_of_its_packages(store: Store, town: SmallTown) -> None:
    ids, box = _line_up(store), town.boxes["01001"]
    seen: Callable[[int], Entitled] = lambda one: store.run_sync(  # noqa: E731 - asked four times below
        lambda uow: packages.entitled_for(uow, uow.devices.get(one)), write=False
    )
    assert seen(box) == EVERYTHING, "a town without packages"

    base = store.run_sync(
        lambda uow: packages.add(uow, NOW, "op", Package(0, "base", "基本", "", (ids[0],), ("live",)))
    )
    film = store.run_sync(
        lambda uow: packages.add(uow, NOW, "op", Package(0, "film", "影视", "", (ids[2], ids[2]), ()))
    )
    store.run_sync(lambda uow: packages.grant(uow, NOW, "op", Grant(base.id, "town")))
    village = Grant(film.id, "village", str(town.villages["v01"]))
    store.run_sync(lambda uow: packages.grant(uow, NOW, "op", village))
    assert seen(box) == Entitled(frozenset({ids[0], ids[2]}), frozenset({"live"}))

    store.run_sync(lambda uow: packages.revoke(uow, NOW, "op", village))
    assert seen(box).channels == {ids[0]}
    store.run_sync(lambda uow: packages.grant(uow, NOW, "op", Grant(film.id, "group", "试点")))
    store.run_sync(lambda uow: devices.set_group(uow, NOW, "op", box, "试点"))
    assert seen(box).channels == {ids[0], ids[2]}
    assert seen(town.boxes["01002"]).channels == {ids[0]}


def test_a_tariff_of_the_account_brings_its_packages(store: Store, town: SmallTown) -> None:
    ids, box = _line_up(store), town.boxes["01001"]
    plan = store.run_sync(lambda uow: packages.add_tariff(uow, NOW, "op", "gold", "金卡"))
    film = store.run_sync(lambda uow: packages.add(uow, NOW, "op", Package(0, "film", "影视", "", (ids[1],))))
    store.run_sync(lambda uow: packages.grant(uow, NOW, "op", Grant(film.id, "tariff", str(plan.id))))
    _add(store, Account(0, "1", household_id=town.homes["01001"], tariff_id=plan.id))

    found = store.run_sync(
        lambda uow: [packages.entitled_for(uow, uow.devices.get(one)).channels for one in (box, town.boxes["01002"])]
    )
    assert found == [frozenset({ids[1]}), frozenset()]


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Package(0, "a b", "名"), "code"),
        (Package(0, "base", "名"), "code_taken"),
        (Package(0, "x", " "), "name"),
        (Package(0, "x", "名", channels=(12345,)), "channels"),
        (Package(0, "x", "名", boards=("kitchen",)), "boards"),
    ],
)
def test_a_package_that_cannot_be_is_refused(store: Store, draft: Package, code: str) -> None:
    store.run_sync(lambda uow: packages.add(uow, NOW, "op", Package(0, "base", "基本")))

    with pytest.raises(BadValue) as refused:
        store.run_sync(lambda uow: packages.add(uow, NOW, "op", draft))
    assert refused.value.code == code


def test_nothing_is_granted_to_who_is_not_there(store: Store, town: SmallTown) -> None:
    base = store.run_sync(lambda uow: packages.add(uow, NOW, "op", Package(0, "base", "基本"))).id
    wrong = [("town", "1"), ("village", "999"), ("village", ""), ("group", ""), ("tariff", "1"), ("device", "x")]

    for scope, target in wrong:
        grant = Grant(base, scope, target)  # type: ignore[arg-type]
        with pytest.raises(BadValue):
            store.run_sync(lambda uow, grant=grant: packages.grant(uow, NOW, "op", grant))
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: packages.grant(uow, NOW, "op", Grant(999, "town")))
    store.run_sync(lambda uow: packages.grant(uow, NOW, "op", Grant(base, "device", str(town.boxes["01001"]))))


def test_a_line_up_is_ordered_by_number_and_holds_what_may_be_seen(store: Store) -> None:
    ids = _line_up(store)
    low = store.run_sync(lambda uow: guide.add_link(uow, ids[1], "http://low/x.m3u8"))
    high = store.run_sync(lambda uow: guide.add_link(uow, ids[1], "http://high/x.m3u8", 9))
    store.run_sync(lambda uow: guide.add_link(uow, ids[0], "http://other/x.m3u8"))

    found = store.run_sync(lambda uow: lineup.line_up(uow, Entitled(frozenset(ids[1:]))), write=False)
    assert [one.id for one in found.channels] == [ids[2], ids[1]]
    assert [one.title for one in found.genres] == ["新闻"]
    assert found.links == {ids[1]: (high, low)}
    assert store.run_sync(lambda uow: lineup.line_up(uow, EVERYTHING), write=False).channels[-1].id == ids[0]


def test_an_api_user_has_a_secret_that_is_shown_once(store: Store) -> None:
    user, secret = store.run_sync(
        lambda uow: operators.make(uow, NOW, "cli", "boss", ["messages", "read"], ["10.0.0.0/8"])
    )
    assert (user.rights, user.addresses, len(secret)) == (("read", "messages"), ("10.0.0.0/8",), 32)
    tries = [("boss", secret), ("boss", secret[:-1]), ("boss", ""), ("nobody", secret)]
    found = [store.run_sync(lambda uow, t=t: operators.check(uow, *t), write=False) for t in tries]
    assert found == [user, None, None, None]

    store.run_sync(lambda uow: operators.set_active(uow, NOW, "cli", "boss", False))
    assert store.run_sync(lambda uow: operators.check(uow, "boss", secret)) is None
    store.run_sync(lambda uow: operators.set_active(uow, NOW, "cli", "boss", True))
    _, renewed = store.run_sync(lambda uow: operators.renew(uow, NOW, "cli", "boss"))
    assert store.run_sync(lambda uow: operators.check(uow, "boss", secret)) is None
    again = store.run_sync(lambda uow: operators.check(uow, "boss", renewed))
    store.run_sync(lambda uow: operators.note_used(uow, NOW, again))
    assert store.run_sync(lambda uow: uow.operators.by_login("boss"), write=False).used == NOW
    assert secret not in str(store.run_sync(lambda uow: uow.audit.entries("api_user"), write=False))


@pytest.mark.parametrize(
    ("address", "expected"),
    [("10.3.4.5", True), ("::ffff:10.3.4.5", True), ("11.0.0.1", False), ("fd00::1", True), ("", False), ("x", False)],
)
def test_an_api_user_calls_from_its_networks_only(address: str, expected: bool) -> None:
    user = ApiUser(1, "boss", b"", addresses=("10.0.0.0/8", "fd00::/8"))

    assert operators.may_call_from(user, address) is expected
    assert operators.may_call_from(attrs.evolve(user, addresses=()), address)


@pytest.mark.parametrize(
    "fields", [("a b", ["read"], []), ("x", [], []), ("x", ["all"], []), ("x", ["read"], ["10.0.0.1/8"])]
)
def test_an_api_user_that_cannot_be_is_refused(store: Store, fields: tuple[str, list[str], list[str]]) -> None:
    with pytest.raises(BadValue):
        store.run_sync(lambda uow: operators.make(uow, NOW, "cli", *fields))
