"""What happens without a key: waiting words, a server that is gone, drafts, timers, clocks, polls and invitations."""

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Route

from keymap.families import shipped
from keymap.page import page_script
from portal_pages import text_zh
from portal_pages.script import Box
from tests.pages import sample
from tests.pages.conftest import Screen
from tests.pages.strategies import NOW

pytestmark = pytest.mark.browser
CODES = page_script(shipped()["pc"])
LONG = Box(codes=CODES)
SHORT = Box(codes=CODES, push="short", push_s=60)
QUIET = Box(codes=CODES, push="refresh")
RIGHT, OK, BACK = 39, 13, 8
INVITE = {"event": 41, "rollcall": 1, "title": "<b>南湖村&党支部</b>", "closes": int(NOW.timestamp()) + 899}


@pytest.fixture
def timed(screen: Screen) -> Screen:
    """A tab whose clock stands still until it is moved."""
    screen.tab.clock.install(time=NOW - timedelta(minutes=1))
    screen.tab.clock.pause_at(NOW)
    return screen


def run(screen: Screen, ms: int) -> None:
    """Let time pass, then let the answers of the network arrive."""
    screen.tab.clock.run_for(ms)
    screen.settle()


def hint(screen: Screen) -> str:
    return screen.tab.inner_text("#hw") if screen.tab.is_visible("#hw") else screen.tab.inner_text("#hb")


def hangs(route: Route) -> None:
    """No answer at all."""


def polls(screen: Screen, *answers: dict[str, Any]) -> None:
    """The answers to the polls, one after another; later ones hang."""
    left = list(answers)

    def answer(route: Route) -> None:
        if left:
            route.fulfill(body=json.dumps(left.pop(0)), content_type="application/json")

    screen.answers["/poll"] = answer


# --- a page is opening --------------------------------------------------------------------------------------------


def test_waiting_words_come_after_one_second_and_help_before_eight(timed: Screen) -> None:
    timed.answers["/ping"] = hangs
    timed.show(sample.pages()["home"], QUIET)
    before = hint(timed)
    timed.press(OK)
    run(timed, 900)
    assert hint(timed) == before
    run(timed, 200)
    assert hint(timed) == text_zh.OPENING

    run(timed, 6900)

    assert hint(timed) == text_zh.NO_NETWORK


def test_a_stopped_server_is_told_and_ok_works_again_when_it_is_back(timed: Screen) -> None:
    timed.answers["/ping"] = lambda route: route.abort()
    timed.show(sample.pages()["home"], QUIET)
    hints = hint(timed)
    timed.press(RIGHT)
    timed.press(OK)
    run(timed, 100)
    assert hint(timed) == text_zh.NO_NETWORK
    assert timed.told == []
    run(timed, 500)
    timed.press(37)
    run(timed, 1000)
    assert hint(timed) == hints

    timed.press(RIGHT)
    del timed.answers["/ping"]
    timed.press(OK)
    run(timed, 100)

    assert timed.told == ["GET /p/school"]


def test_a_late_answer_does_not_overtake_a_later_press(timed: Screen) -> None:
    waiting: list[Route] = []
    timed.answers["/ping"] = waiting.append
    timed.show(sample.pages()["home"], QUIET)
    timed.press(OK)
    run(timed, 3100)
    timed.press(51)
    run(timed, 100)
    for route in waiting:
        route.fulfill(status=204)
    run(timed, 100)

    assert timed.told == ["GET /p/school"]


def test_browsers_without_requests_jump_at_once(screen: Screen) -> None:
    screen.show(sample.pages()["home"], Box(codes=CODES, push="refresh", probe=False))
    screen.press(OK)
    screen.settle()

    assert screen.asked == ["GET /p/tv"]


# --- drafts, timers, clocks ---------------------------------------------------------------------------------------


def test_a_draft_is_sent_two_seconds_after_the_last_digit(timed: Screen) -> None:
    timed.show(sample.entry("138"), QUIET)
    timed.press(48)
    run(timed, 1000)
    timed.press(54)
    run(timed, 2000)
    assert timed.told == []

    run(timed, 2000)

    assert timed.told == ["POST /p/rc-1-draft number=13806"]
    run(timed, 30000)
    assert len(timed.told) == 1


def test_home_goes_to_television_after_twenty_seconds_without_a_key_and_never_earlier(timed: Screen) -> None:
    timed.show(sample.pages()["home"], QUIET)
    run(timed, 15000)
    timed.press(40)
    run(timed, 19500)
    assert timed.told == []

    run(timed, 2000)

    assert timed.told == ["GET /p/tv"]


def test_success_leads_back_to_television_by_itself(timed: Screen) -> None:
    timed.show(sample.pages()["rc-1-result"], QUIET)
    run(timed, 5000)

    assert timed.told == ["GET /p/tv"]


def test_no_timer_changes_a_page_with_unsent_input(timed: Screen) -> None:
    timed.show(sample.entry("138"), QUIET)
    timed.run("() => { CF.t = {i: [5, '/p/tv']} }")
    run(timed, 60000)

    assert [line for line in timed.told if "/p/tv" in line] == []


def test_clock_and_countdown_run_in_the_time_of_the_server(timed: Screen) -> None:
    timed.show(sample.pages()["rc-1"], QUIET)
    run(timed, 61000)
    assert timed.tab.inner_text("#left") == "11:34"
    timed.show(sample.pages()["affairs"], QUIET)
    run(timed, 61000)

    assert timed.tab.inner_text("#clock") == "19:27"


# --- the push ladder ----------------------------------------------------------------------------------------------


def test_an_invitation_is_drawn_whole_without_another_page(timed: Screen) -> None:
    polls(timed, {"since": 41, "invite": INVITE})
    timed.show(sample.pages()["affairs"], LONG)
    run(timed, 1100)

    assert timed.tab.inner_text("#iv_title") == INVITE["title"]
    assert timed.tab.inner_text("#iv_left").startswith("14:")
    assert timed.focus == ["iv_ok"]
    assert timed.told == ["POST /invite event=41 state=seen"]


def test_an_event_is_shown_once_and_later_leaves_the_page_as_it_was(timed: Screen) -> None:
    polls(timed, {"since": 41, "invite": INVITE}, {"since": 41, "invite": INVITE})
    timed.show(sample.pages()["affairs"], LONG)
    start = timed.focus
    run(timed, 1100)
    timed.press(BACK)
    assert timed.focus == start
    run(timed, 10000)

    assert timed.run("ly") == ""
    assert timed.told == ["POST /invite event=41 state=seen", "POST /invite event=41 state=dismissed"]


def test_ok_accepts_and_opens_the_roll_call(timed: Screen) -> None:
    polls(timed, {"since": 41, "invite": INVITE})
    timed.show(sample.pages()["affairs"], LONG)
    run(timed, 1100)
    timed.press(OK)
    run(timed, 100)

    assert timed.told[1:] == ["POST /invite event=41 state=accepted", "GET /p/rc-1?e=41"]


def test_a_withdrawn_invitation_goes_away(timed: Screen) -> None:
    polls(timed, {"since": 41, "invite": INVITE}, {"since": 42, "withdrawn": [41]})
    timed.show(sample.pages()["affairs"], LONG)
    start = timed.focus
    run(timed, 1100)
    assert timed.run("ly") == "invite"
    run(timed, 6000)

    assert [timed.run("ly"), timed.focus] == ["", start]


def test_an_invitation_waits_for_unsent_input(timed: Screen) -> None:
    polls(timed, {"since": 41, "invite": INVITE})
    timed.show(sample.entry("138"), LONG)
    timed.run("() => document.body.insertAdjacentHTML('beforeend', '<i id=L_invite></i>')")
    run(timed, 5000)

    assert timed.run("[ly, pending.event]") == ["", 41]


def test_a_long_poll_is_asked_again_not_within_five_seconds(timed: Screen) -> None:
    polls(timed, *[{"since": n} for n in range(1, 9)])
    timed.show(sample.pages()["affairs"], LONG)
    for _ in range(20):
        run(timed, 1000)

    asked = [line for line in timed.asked if "/poll" in line]
    assert 3 <= len(asked) <= 4
    assert asked[:2] == ["GET /poll?since=0&p=affairs", "GET /poll?since=1&p=affairs"]


def test_a_server_that_does_not_answer_is_asked_more_and_more_slowly(timed: Screen) -> None:
    timed.answers["/poll"] = lambda route: route.abort()
    timed.show(sample.pages()["affairs"], LONG)
    for _ in range(60):
        run(timed, 1000)

    assert 4 <= len([line for line in timed.asked if "/poll" in line]) <= 6


def test_a_short_poll_comes_once_a_minute_in_the_slot_of_the_box(timed: Screen) -> None:
    timed.show(sample.pages()["affairs"], SHORT)
    seconds = []
    for second in range(1, 181):
        before = len(timed.asked)
        timed.tab.clock.run_for(1000)
        if second % 10 == 0:
            timed.settle()
        seconds += [second] * (len(timed.asked) - before)
    timed.settle()

    assert len([line for line in timed.asked if "/poll" in line]) == 3


def test_reload_waits_a_random_time_and_never_over_input(timed: Screen) -> None:
    polls(timed, {"since": 7, "reload": 1})
    timed.show(sample.pages()["affairs"], LONG)
    run(timed, 1100)
    run(timed, 900)
    assert "GET /p/affairs" not in timed.asked
    run(timed, 16000)

    assert "GET /p/affairs" in timed.asked


def test_a_page_that_must_not_be_disturbed_has_no_invitation(timed: Screen) -> None:
    polls(timed, {"since": 41, "invite": INVITE})
    timed.show(sample.aside()["teach"], LONG)
    run(timed, 3000)

    assert timed.run("ly") == ""
    assert timed.tab.locator("#L_invite").count() == 0
