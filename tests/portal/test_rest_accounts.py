"""accounts: customers made, read, changed and removed by billing."""

from datetime import UTC, datetime

import pytest

from middleware.domain.registry import HouseholdDraft
from tests.portal.rest_town import MAC, NEW, NOW, OTHER, RestTown

FULL = {
    "login": "u1",
    "password": "pass-7",
    "full_name": "王秀兰",
    "phone": "138 0633 6021",
    "account_number": "A-1",
    "tariff_plan": "gold",
    "status": "1",
    "stb_mac": MAC,
    "comment": "窗口办理",
    "end_date": "2027-01-01 00:00:00",
    "account_balance": "12.50",
}


@pytest.fixture
def made(rest: RestTown) -> RestTown:
    assert rest.call("POST", "accounts", **FULL).results is True
    return rest


def row(rest: RestTown, name: str = "A-1") -> dict:
    found = rest.call("GET", f"accounts/{name}").results
    assert len(found) == 1
    return found[0]


def test_an_account_is_read_as_it_was_written_but_for_password_and_phone(made: RestTown) -> None:
    assert row(made) == {
        "login": "u1",
        "full_name": "王秀兰",
        "phone": "138****6021",
        "account_number": "A-1",
        "tariff_plan": "gold",
        "status": 1,
        "stb_mac": MAC,
        "stb_sn": "S-1",
        "stb_type": "MAG254",
        "online": 1,
        "ip": "10.1.2.3",
        "version": "",
        "comment": "窗口办理",
        "end_date": "2027-01-01 00:00:00",
        "account_balance": "12.50",
        "last_active": "2026-11-24 19:29:00",
        "subscribed": ["basic"],
        "subscribed_id": ["1"],
    }


def test_a_mac_in_any_writing_and_the_account_number_name_the_same_account(made: RestTown) -> None:
    names = ("A-1", MAC, MAC.lower(), MAC.replace(":", ""), MAC.replace(":", "-"))

    assert [row(made, name)["login"] for name in names] == ["u1"] * 5
    assert len(made.call("GET", f"accounts/A-1,{MAC}").results) == 1


def test_all_accounts_are_listed_without_ids(made: RestTown) -> None:
    made.call("POST", "accounts", login="u2")

    assert [one["account_number"] for one in made.call("GET", "accounts").results] == ["A-1", "u2"]


def test_only_what_is_sent_changes(made: RestTown) -> None:
    before = row(made)

    assert made.call("PUT", "accounts/A-1", status="0", end_date="").results is True

    assert row(made) == {**before, "status": 0, "end_date": ""}
    stored = made.do(lambda uow: uow.accounts.by_number("A-1"))
    assert (stored.on, stored.ends_at) == (False, None)
    assert made.do(lambda uow: uow.accounts.password(stored.id)) == "pass-7"
    assert made.do(lambda uow: uow.accounts.phone(stored.id)) == "13806336021"


def test_status_1_means_on_and_the_end_is_on_the_clock_of_the_town(made: RestTown) -> None:
    account = made.do(lambda uow: uow.accounts.by_number("A-1"))

    assert account.on
    assert account.ends_at == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert account.open_at(NOW)


def test_the_boxes_of_an_account_are_those_sent_and_a_box_that_never_called_is_registered(made: RestTown) -> None:
    made.call("PUT", "accounts/A-1", stb_mac=f"{NEW},{OTHER}")

    assert sorted(row(made)["stb_mac"].split(",")) == sorted([OTHER, NEW])
    assert made.box(MAC).account_id is None
    assert made.box(NEW).state == "active", "billing vouches for it"
    made.call("PUT", "accounts/A-1", stb_mac="")
    assert row(made)["stb_mac"] == ""


def test_a_box_of_another_account_is_not_taken_away_and_nothing_of_the_call_stays(made: RestTown) -> None:
    refused = made.call("POST", "accounts", login="u2", stb_mac=f"{NEW},{MAC}")

    assert refused.error == "MAC address already in use"
    assert made.do(lambda uow: uow.accounts.by_login("u2")) is None
    assert not [one for one in made.do(lambda uow: uow.devices.all()) if one.mac == NEW]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"full_name": "x"}, "login required"),
        ({"login": "u1"}, "Login already in use"),
        ({"login": "u2", "account_number": "A-1"}, "Account number already in use"),
        ({"login": "u 2", "account_number": "A-2"}, "login has letters, digits and @ . _ - only"),
        ({"login": "u2", "tariff_plan": "silver"}, "Tariff not found"),
        ({"login": "u2", "stb_mac": "00:1A"}, "Not valid mac address"),
        ({"login": "u2", "status": "on!"}, "status should be 1 or 0"),
        ({"login": "u2", "end_date": "tomorrow"}, "end_date should be written as 2026-12-31 00:00:00"),
        ({"login": "u2", "phone": "13806"}, "phone has too few digits"),
        ({"login": "u2", "password": "x" * 65}, "password has more than 64 characters"),
    ],
)
def test_an_account_that_cannot_be_made_is_told_why_with_http_200(made: RestTown, fields: dict, told: str) -> None:
    answer = made.call("POST", "accounts", **fields)

    assert (answer.status, answer.error) == (200, told)
    assert len(made.do(lambda uow: uow.accounts.all())) == 1


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("name", ["B-9", "00:1A:79:FF:FF:FF", OTHER, "'; drop table accounts --"])
def test_an_unknown_id_is_an_error_with_http_200(made: RestTown, verb: str, name: str) -> None:
    answer = made.call(verb, f"accounts/{name}", **({"comment": "x"} if verb == "PUT" else {}))

    assert (answer.status, answer.error) == (200, "Account not found")


def test_one_unknown_id_among_others_spoils_the_call(made: RestTown) -> None:
    assert made.call("GET", "accounts/A-1,B-9").error == "One or more identifiers are incorrect"


def test_a_change_without_fields_is_refused(made: RestTown) -> None:
    assert made.call("PUT", "accounts/A-1").error == "Update data is empty"


def test_a_removed_account_leaves_its_boxes(made: RestTown) -> None:
    assert made.call("DELETE", "accounts/A-1").results is True

    assert made.call("GET", "accounts/A-1").error == "Account not found"
    assert (made.box(MAC).account_id, made.box(MAC).state) == (None, "active")


def test_what_an_account_of_a_village_may_see_is_known_before_it_has_a_box(rest: RestTown) -> None:
    def live_in_town(uow: object) -> None:
        village = uow.places.villages()[0]
        uow.registry.add_households([HouseholdDraft("H2", village.id)])

    rest.do(live_in_town)
    rest.call("POST", "accounts", login="u3")
    before = row(rest, "u3")["subscribed"]
    rest.call("PUT", "accounts/u3", tariff_plan="gold")

    assert (before, row(rest, "u3")["subscribed"]) == ([], ["basic"])


def test_every_change_is_audited_by_who_called_and_without_secrets(made: RestTown) -> None:
    made.call("PUT", "accounts/A-1", password="other-pass", phone="13906330001", status="0")
    made.call("DELETE", "accounts/A-1")

    entries = made.do(lambda uow: uow.audit.entries("account"))

    assert [one.verb for one in entries] == ["remove", "change", "balance", "add"]
    assert {one.actor for one in entries} == {"api:boss"}
    written = str(made.do(lambda uow: uow.audit.entries()))
    assert [text in written for text in ("pass-7", "other-pass", "13806336021", "13906330001")] == [False] * 4


def test_nothing_secret_is_in_any_answer(made: RestTown) -> None:
    told = made.call("GET", "accounts").body + made.call("GET", f"stb/{MAC}").body

    assert [text in told for text in (b"pass-7", b"13806336021", made.secret.encode())] == [False] * 3
