"""Search by number keys, and the reminder that pops up: pages that keep the rules, and their scripts in Chromium."""

import json
from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Route

from keymap.families import shipped
from keymap.page import page_script, system_script
from middleware.domain.reminders import Reminder
from middleware.portal.reminding import Popping, _order
from middleware.portal.render import render
from portal_pages.boards import search
from portal_pages.checks import check_page
from portal_pages.facts import Mode, RemindFact, SearchFact, Viewer
from portal_pages.reminder import reminder
from portal_pages.script import Box
from portal_pages.states import Local, Open, Page
from tests.pages import sample
from tests.pages.conftest import Screen
from tests.pages.strategies import NOW, REMINDS, assert_sound, searches, viewers

VIEWER = Viewer(now=NOW)
CODES = page_script(shipped()["pc"])
PC = Box(codes=CODES)
QUIET = Box(codes=CODES, push="refresh")
D, OK, LEFT, RIGHT, UP, DOWN, BACK = 48, 13, 37, 39, 38, 40, 8
LIMIT = 12 * 1024


@given(viewers(), st.data())
def test_every_search_keeps_the_rules_and_fits_the_old_box(viewer: Viewer, data: st.DataObject) -> None:
    page = search.search_page(viewer, data.draw(searches(search.PER_PAGE[viewer.mode])))
    ipanel = shipped()["ipanel"]
    box = Box(family="ipanel", codes=page_script(ipanel), events=system_script(ipanel))

    assert_sound(page, viewer)
    assert len(render(page, box).fill(clock="19:26", date="11月25日 星期三", now=1, since=1)) <= LIMIT


def test_the_keypad_says_what_its_keys_stand_for_and_does_what_the_number_keys_do() -> None:
    page = search.search_page(VIEWER, SearchFact())
    pad = {f.id: f for f in page.focusables}

    assert [getattr(part, "words", "") for part in pad["k6"].parts] == ["6", "MNO"]
    assert {f"D{n}": pad[f"k{n}"].ok for n in range(10)} == {f"D{n}": page.keys[f"D{n}"] for n in range(10)}
    assert page.keys["DELETE"] == pad["kX"].ok == Local("find:X")
    assert pad["kC"].ok == Local("find:C")


def test_what_was_found_has_the_focus_and_further_pages_lie_below_it() -> None:
    found = sample.pages()["search-6499"]

    assert found.default_focus == "tv-1"
    assert found.keys["DOWN"] == Open("search-6499-2", carry=True)
    assert [f.ok for f in found.focusables if f.look == "row"][:3] == [
        Open("tv-1"),
        Open("programme-7-q6499"),
        Open("film-1"),
    ]


def test_nothing_found_says_what_to_do() -> None:
    page = search.search_page(VIEWER, SearchFact("222"))

    words = [part.words for part in page.parts if hasattr(part, "words")]
    assert "没有找到，少按几个字母试试" in words
    assert page.default_focus == "k5"


@given(st.sampled_from(["standard", "large"]), REMINDS)
def test_any_reminder_keeps_the_rules_of_pages(mode: Mode, fact: RemindFact) -> None:
    page = attrs.evolve(sample.pages(mode)["settings"], layers=(reminder(mode, fact),))

    assert check_page(page) == ()


# --- in Chromium ---


def found_pages(screen: Screen) -> None:
    for name in ("search", "search-6499", "search-6499-2", "search-0"):
        screen.pages[f"/p/{name}"] = sample.body(sample.pages()[name], QUIET)


def searched(screen: Screen) -> list[str]:
    return [line.removeprefix("GET /p/") for line in screen.told if line.startswith("GET /p/search")]


@pytest.mark.browser
def test_digits_gather_and_are_asked_for_once(screen: Screen) -> None:
    found_pages(screen)
    screen.show(sample.pages()["search"], QUIET)
    for digit in (6, 4, 9, 9):
        screen.press(D + digit)
    shown = screen.tab.inner_text("#q")
    screen.tab.wait_for_url("**/p/search-6499*")
    screen.settle()

    assert shown == "6499"
    assert searched(screen) == ["search-6499"]
    assert screen.focus == ["tv-1"]


@pytest.mark.browser
def test_the_keypad_alone_types_too_and_keeps_the_focus(screen: Screen) -> None:
    found_pages(screen)
    screen.show(sample.pages()["search"], QUIET)
    screen.run("() => { asking = find_look; find_look = () => 0 }")  # however slow this machine is
    screen.press(RIGHT)
    screen.press(OK)
    screen.press(LEFT)
    screen.press(OK)
    shown = screen.tab.inner_text("#q")
    for key in (RIGHT, DOWN, DOWN, OK, OK, LEFT, OK):
        screen.tab.wait_for_timeout(120)  # held arrows are slowed down
        screen.press(key)
    screen.run("() => asking()")
    screen.tab.wait_for_url("**/p/search-0*")
    screen.settle()

    assert shown == "65"
    assert screen.tab.url.endswith("/p/search-0?f=k0")


@pytest.mark.browser
def test_a_reminder_pops_up_and_either_button_answers_it_once(screen: Screen) -> None:
    start = NOW + timedelta(minutes=1)
    order = _order("standard", Popping(Reminder(1, 5, start, NOW, "南湖新闻"), "今日南湖"))
    events = [order]

    def answer(route: Route) -> None:
        if events:
            route.fulfill(body=json.dumps({"since": 0, "event": events.pop()}), content_type="application/json")

    screen.answers["/poll"] = answer
    page: Page = sample.pages()["settings"]
    screen.show(page, PC)
    screen.wait("ly=='note'")
    words = screen.tab.inner_text("#L_note")
    first = screen.focus
    screen.press(DOWN)
    second = screen.focus
    screen.press(UP)
    screen.press(OK)
    screen.settle()
    screen.tab.wait_for_timeout(300)

    assert "南湖新闻" in words
    assert "19:27 开始" in words
    assert (first, second) == (["nt_ok"], ["nt_no"])
    assert f"POST /heard event={order['id']}" in screen.told
    assert any(line.startswith("GET /p/tv-5") for line in screen.told)
