"""Who may call the REST interface: Basic, rights, addresses, bounds on calls and on guessing."""

import pytest

from middleware.services import operators
from tests.portal.rest_town import MAC, NOW, RestTown, basic

NOBODY = b'{"status":"ERROR","error":"401 Unauthorized request","results":null}'


@pytest.mark.parametrize("root", ["/api", "/stalker_portal/api"])
@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
def test_a_stranger_is_told_the_same_on_every_path(rest: RestTown, root: str, verb: str) -> None:
    shown = ("", "Basic x", basic("boss", "wrong"), basic("nobody", rest.secret), "Bearer " + rest.secret)

    answers = [rest.ask(verb, f"{root}/stb/{MAC}", shown=one) for one in shown]

    assert {(one.status, one.body) for one in answers} == {(401, NOBODY)}
    assert all(one.headers["www-authenticate"].startswith("basic ") for one in answers)
    assert answers[0].headers["content-type"] == "application/json"


def test_who_guesses_must_wait_and_others_need_not(rest: RestTown) -> None:
    for _ in range(6):
        rest.ask("GET", "/api/stb", shown=basic("boss", "guess"))
    braked = rest.ask("GET", "/api/stb", shown=basic("boss", "guess"))
    other = rest.do(lambda uow: operators.make(uow, NOW, "test", "second"))[1]

    assert braked.status == 429
    assert int(braked.headers["retry-after"]) > 20
    assert braked.error == "429 Too many requests"
    assert rest.ask("GET", "/api/stb", shown=basic("second", other)).status == 200
    rest.clock.advance(120)
    assert rest.call("GET", "stb").status == 200


def test_calls_are_bounded_by_address_and_the_bound_refills(rest: RestTown) -> None:
    statuses = [rest.call("GET", "tariffs").status for _ in range(501)]

    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}
    rest.clock.advance(5)
    assert rest.call("GET", "tariffs").status == 200


def test_a_login_may_do_only_what_it_was_made_for(rest: RestTown) -> None:
    rest.secret, rest.login = rest.do(lambda uow: operators.make(uow, NOW, "test", "viewer", ["read"]))[1], "viewer"

    refused = [
        rest.call("PUT", f"stb/{MAC}", status="0"),
        rest.call("POST", "accounts", login="u1"),
        rest.call("DELETE", f"stb/{MAC}"),
        rest.call("POST", "send_event", event="reboot"),
    ]

    assert {(one.status, one.error) for one in refused} == {(403, "403 This login may not do that")}
    assert rest.call("GET", "stb").status == 200
    assert rest.box(MAC).state == "active"


def test_a_login_bound_to_other_addresses_is_nobody_here(rest: RestTown) -> None:
    made = rest.do(lambda uow: operators.make(uow, NOW, "test", "far", addresses=["10.0.0.0/8"]))[1]

    answer = rest.ask("GET", "/api/stb", shown=basic("far", made))

    assert (answer.status, answer.body) == (401, NOBODY)


def test_a_closed_login_is_nobody_at_once(rest: RestTown) -> None:
    before = rest.call("GET", "stb").status
    rest.do(lambda uow: operators.set_active(uow, NOW, "test", "boss", False))

    assert (before, rest.call("GET", "stb").status) == (200, 401)


def test_when_a_login_called_last_is_kept_but_not_written_at_each_call(rest: RestTown) -> None:
    rest.call("GET", "stb")
    first = rest.do(lambda uow: uow.operators.by_login("boss")).used
    rest.clock.advance(60)
    rest.call("GET", "stb")
    again = rest.do(lambda uow: uow.operators.by_login("boss")).used
    rest.clock.advance(600)
    rest.call("GET", "stb")

    assert first == again == NOW
    assert rest.do(lambda uow: uow.operators.by_login("boss")).used > NOW


def test_resources_verbs_and_ids_that_there_are_not(rest: RestTown) -> None:
    unknown, verb = rest.call("GET", "users"), rest.call("PUT", "itv/1", name="x")

    assert (unknown.status, unknown.error) == (404, "404 Unknown resource")
    assert (verb.status, verb.headers["allow"]) == (405, "get")
    assert rest.call("PUT", "accounts", full_name="x").error == "Identifier required"
    assert rest.call("DELETE", "accounts/1,2").error == "Only one identifier allowed"
    assert rest.call("POST", "accounts/1", login="u").error == "No identifier allowed"
    assert rest.call("GET", "stb/" + ",".join(map(str, range(201)))).error == "More than 200 identifiers"


def test_a_body_that_is_no_form_is_refused_without_a_word_of_it(rest: RestTown) -> None:
    shown = basic("boss", rest.secret)

    broken = rest.ask("PUT", f"/api/stb/{MAC}", {"status": "1"}, shown, **{"Content-Type": "application/json"})

    assert broken.status == 200
    assert broken.error.startswith("The body cannot be read")
