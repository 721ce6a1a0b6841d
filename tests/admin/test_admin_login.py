"""The door: who gets in, what slows guessing down, and which forms are taken."""

from urllib.parse import urlencode

import pytest

from tests.admin.conftest import PASSWORD, Town


def test_a_stranger_is_led_to_the_log_in_page_and_back_to_where_he_wanted_to_go(town: Town) -> None:
    browser = town.browser()

    refused = browser.get("/admin/rollcalls")
    page = browser.get("/admin/login?to=/admin/rollcalls")
    browser.form_key = page.form_key
    entered = browser.post("/admin/login", login="lake", password=PASSWORD, to="/admin/rollcalls")

    assert (refused.status, refused.headers["location"]) == (303, "/admin/login?to=/admin/rollcalls")
    assert (entered.status, entered.headers["location"]) == (303, "/admin/rollcalls")


def test_the_way_back_never_leads_to_another_site(town: Town) -> None:
    browser = town.browser()
    browser.form_key = browser.get("/admin/login").form_key

    entered = browser.post("/admin/login", login="lake", password=PASSWORD, to="https://elsewhere.example//admin/")

    assert entered.headers["location"] == "/admin"


@pytest.mark.parametrize("address", ["//[", "http://[x", "//[::1", "/admin/\\evil.example", "//evil.example/admin/x"])
def test_an_address_that_is_none_leads_to_the_first_page(town: Town, address: str) -> None:
    browser = town.browser()
    asked = browser.get(f"/admin/login?{urlencode({'to': address})}")
    browser.form_key = asked.form_key

    entered = browser.post("/admin/login", login="lake", password=PASSWORD, to=address)

    assert (asked.status, entered.status) == (200, 303)
    assert entered.headers["location"] in {"/admin", "/admin/x"}


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(town: Town) -> None:
    browser = town.browser()

    answer = browser.log_in("lake")

    session = next(line for line in answer.raw_cookies if line.startswith("staff="))
    assert "HttpOnly" in session
    assert "SameSite=Strict" in session


def test_a_wrong_password_says_neither_which_part_was_wrong_nor_lets_in(town: Town) -> None:
    browser = town.browser()

    answers = [browser.log_in("lake", "guess-1"), browser.log_in("nobody", "guess-1")]

    assert [(answer.status, "账号或密码不对" in answer.body) for answer in answers] == [(401, True)] * 2
    assert browser.get("/admin").status == 303


def test_guessing_is_braked_even_with_the_right_password_until_the_pause_is_over(town: Town) -> None:
    browser = town.browser()
    for _ in range(5):
        browser.log_in("lake", "guess-1")

    braked = browser.log_in("lake")
    town.later(seconds=31)
    entered = browser.log_in("lake")

    assert (braked.status, "后再试" in braked.body) == (429, True)
    assert entered.status == 303


def test_a_log_in_form_of_another_site_is_refused(town: Town) -> None:
    browser = town.browser()
    browser.form_key = browser.get("/admin/login").form_key

    foreign = browser.post("/admin/login", login="lake", password=PASSWORD, headers={"sec-fetch-site": "cross-site"})
    browser.form_key = "0" * 64
    forged = browser.post("/admin/login", login="lake", password=PASSWORD)

    assert [foreign.status, forged.status] == [403, 403]


def test_a_form_without_the_key_of_the_session_changes_nothing(town: Town) -> None:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    own, browser.form_key = browser.form_key, ""

    missing = browser.post("/admin/rollcalls/close", rollcall=rollcall)
    browser.form_key = own
    foreign = browser.post("/admin/rollcalls/close", rollcall=rollcall, headers={"sec-fetch-site": "same-site"})

    state = town.store.run_sync(lambda uow: uow.rollcalls.get(rollcall)).state
    assert (missing.status, foreign.status, state) == (403, 403, "open")


def test_a_session_ends_after_a_working_day_with_the_log_out_and_with_the_account(town: Town) -> None:
    early = town.browser("lake")
    town.later(seconds=1)
    left, closed = town.browser("lake"), town.browser("hill")

    left.post("/admin/logout")
    town.do(lambda uow: uow.staff.save(_closed(uow)))
    town.later(hours=11)
    during = early.get("/admin").status
    town.later(hours=2)

    assert during == 200
    assert [browser.get("/admin").status for browser in (early, left, closed)] == [303, 303, 303]


def _closed(uow: object) -> object:
    import attrs

    return attrs.evolve(uow.staff.by_login("hill"), active=False)  # type: ignore[attr-defined]


def test_a_damaged_session_cookie_is_no_session(town: Town) -> None:
    browser = town.browser("lake")
    browser.jar["staff"] = browser.jar["staff"][:-1] + "x"

    assert browser.get("/admin").status == 303


def test_every_page_forbids_foreign_scripts_and_frames(town: Town) -> None:
    browser = town.browser("lake")

    policy = browser.get("/admin").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_address_with_a_stroke_leads_to_the_start_page_and_unknown_ones_say_so(town: Town) -> None:
    browser = town.browser("lake")

    start, nowhere = browser.get("/admin/"), browser.get("/admin/nowhere")

    assert (start.status, start.headers["location"]) == (303, "/admin")
    assert (nowhere.status, "没有这一页" in nowhere.body) == (404, True)


def test_a_copy_of_a_session_ends_with_it(town: Town) -> None:
    browser, copy = town.browser(), town.browser()
    browser.log_in("lake")
    copy.jar.update(browser.jar)
    before = copy.get("/admin").status
    browser.post("/admin/logout")

    assert (before, copy.get("/admin").status) == (200, 303)
    town.later(seconds=1)
    assert browser.log_in("lake").status == 303
