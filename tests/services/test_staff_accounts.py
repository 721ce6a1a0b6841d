"""Accounts of the back office: log-in, sessions that end with the password, and who may change what."""

from datetime import UTC, datetime, timedelta

import pytest

from middleware.domain.errors import BadValue, Forbidden, NotFound
from middleware.domain.registry import Staff
from middleware.services import passwords, staff
from middleware.services.passwords import Cost
from middleware.storage.store import Store

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
KEY = bytes(range(32))
PASSWORD = "lake-water-26"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", Cost(2**4, 8, 1))
    monkeypatch.setattr(passwords.hash_password, "__defaults__", (Cost(2**4, 8, 1),))


def add(store: Store, login: str = "zuzhi", role: str = "office", password: str = PASSWORD) -> Staff:
    person = Staff(0, login, "组织办", role)  # type: ignore[arg-type]
    return store.run_sync(lambda uow: staff.add_account(uow, NOW, None, person, password))


def entered(store: Store, login: str, password: str) -> Staff | None:
    return store.run_sync(lambda uow: staff.log_in(uow, login, password), write=False)


def honoured(store: Store, token: str, now: datetime = NOW) -> Staff | None:
    ticket = staff.read(KEY, token, now)
    return ticket and store.run_sync(lambda uow: staff.holder(uow, ticket), write=False)


def test_the_right_password_logs_in_and_nothing_else_does(store: Store) -> None:
    person = add(store)

    assert entered(store, " ZUZHI ", PASSWORD) == person
    assert entered(store, "zuzhi", PASSWORD + "x") is None
    assert entered(store, "nobody", PASSWORD) is None


def test_an_account_without_password_or_disabled_cannot_log_in(store: Store) -> None:
    add(store, "v01-1", "cadre", password="")
    person = add(store)
    store.run_sync(lambda uow: staff.set_active(uow, NOW, None, person.id, False))

    assert entered(store, "v01-1", "") is None
    assert entered(store, "zuzhi", PASSWORD) is None


def test_a_session_lasts_a_working_day(store: Store) -> None:
    person = add(store)
    token = staff.issue(KEY, person, NOW)

    assert honoured(store, token) == person
    assert honoured(store, token, NOW + timedelta(hours=11, minutes=59)) == person
    assert honoured(store, token, NOW + timedelta(hours=12)) is None
    assert honoured(store, token, NOW - timedelta(minutes=5)) is None


def test_a_changed_password_ends_old_sessions(store: Store) -> None:
    token = staff.issue(KEY, add(store), NOW)
    store.run_sync(lambda uow: staff.set_password(uow, NOW, None, "zuzhi", "another-day-26"))

    assert honoured(store, token) is None
    assert entered(store, "zuzhi", PASSWORD) is None
    renewed = entered(store, "zuzhi", "another-day-26")
    assert renewed is not None
    assert honoured(store, staff.issue(KEY, renewed, NOW)) == renewed


def test_a_disabled_account_ends_its_sessions(store: Store) -> None:
    person = add(store)
    token = staff.issue(KEY, person, NOW)
    store.run_sync(lambda uow: staff.set_active(uow, NOW, None, person.id, False))

    assert honoured(store, token) is None


@pytest.mark.parametrize("spoil", [str.upper, lambda t: "9" + t, lambda t: t[:-1], lambda t: "", lambda t: "..." + t])
def test_a_forged_token_is_nobody(store: Store, spoil) -> None:
    token = staff.issue(KEY, add(store), NOW)

    assert staff.read(KEY, spoil(token), NOW) is None
    assert staff.read(bytes(32), token, NOW) is None
    assert staff.read(KEY, "票" * 200, NOW) is None


def test_a_form_belongs_to_one_session(store: Store) -> None:
    token = staff.issue(KEY, add(store), NOW)
    sent = staff.form_key(KEY, token)

    assert staff.good_form(KEY, token, sent)
    assert not staff.good_form(KEY, token + "0", sent)
    assert not staff.good_form(KEY, token, "")
    assert not staff.good_form(KEY, token, "票")
    assert not staff.good_form(KEY, token, token.rpartition(".")[2])


def test_only_administrators_manage_accounts_but_everyone_his_own_password(store: Store) -> None:
    person, admin = add(store), add(store, "admin", "admin")

    def own(uow):
        return staff.set_password(uow, NOW, person, "zuzhi", "another-day-26")

    assert store.run_sync(own).login == "zuzhi"
    for call in (
        lambda uow: staff.set_password(uow, NOW, person, "admin", "another-day-26"),
        lambda uow: staff.set_password(uow, NOW, person, "nobody", "another-day-26"),
        lambda uow: staff.add_account(uow, NOW, person, Staff(0, "new", "新", "admin")),
        lambda uow: staff.set_active(uow, NOW, admin, admin.id, False),
        lambda uow: staff.accounts(uow, person),
    ):
        with pytest.raises(Forbidden):
            store.run_sync(call)
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: staff.set_password(uow, NOW, admin, "nobody", "another-day-26"))


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (Staff(0, "", "名", "editor"), "login"),
        (Staff(0, "组织", "名", "editor"), "login"),
        (Staff(0, "x" * 33, "名", "editor"), "login"),
        (Staff(0, "zuzhi", "名", "editor"), "login_taken"),
        (Staff(0, "new", " ", "editor"), "name"),
        (Staff(0, "new", "名", "cadre", village_id=4711), "place"),
    ],
)
def test_bad_accounts_are_refused_by_code(store: Store, person: Staff, code: str) -> None:
    add(store)

    with pytest.raises(BadValue) as refused:
        store.run_sync(lambda uow: staff.add_account(uow, NOW, None, person, PASSWORD))
    assert refused.value.code == code


def test_what_is_done_to_accounts_is_audited_without_any_password(store: Store) -> None:
    person = add(store)
    store.run_sync(lambda uow: staff.set_password(uow, NOW, person, "zuzhi", "another-day-26"))
    store.run_sync(lambda uow: staff.note_log_in(uow, NOW, person, "10.0.0.1"))

    lines = store.run_sync(lambda uow: uow.audit.entries("staff", person.id), write=False)
    assert [(line.actor, line.verb) for line in lines] == [
        ("zuzhi", "log_in"),
        ("zuzhi", "set_password"),
        ("cli", "add"),
    ]
    assert "another-day" not in str(lines)
    assert "scrypt" not in str(lines)
