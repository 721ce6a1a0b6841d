"""A message of the operator: cut into sheets that can be read, drawn over any page, gone when it was heard."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Route

from keymap.families import shipped
from keymap.page import page_script
from middleware.domain.box_events import LONGEST, BoxEvent
from middleware.portal.notes import note as order_of
from portal_pages.checks import check_page
from portal_pages.facts import Mode, Viewer
from portal_pages.message import message, message_page
from portal_pages.script import Box
from tests.pages import sample
from tests.pages import strategies as make
from tests.pages.conftest import Screen

CODES = page_script(shipped()["pc"])
SHORT = Box(codes=CODES)
UP, DOWN, OK, BACK, RIGHT = 38, 40, 13, 8, 39
EVENT = BoxEvent(7, 1, "send_msg", sample.NOW, sample.NOW, "今晚八点停水，请提前存水。")
LONG = "".join(f"第{n}条：防汛值班表已经张贴，请各户留意。" for n in range(1, 51))[:LONGEST]


@given(make.words(0, LONGEST), st.sampled_from(["standard", "large"]))
def test_any_message_keeps_the_rules_of_pages(words: str, mode: Mode) -> None:
    page = attrs.evolve(sample.pages(mode)["settings"], layers=(message(mode, words).layer,))

    assert check_page(page) == ()


@pytest.mark.parametrize(("mode", "size"), [("standard", 32), ("large", 40)])
def test_a_thousand_characters_lose_nothing_over_the_sheets(mode: Mode, size: int) -> None:
    made = message(mode, LONG)
    lines = [line for sheet in made.lines for line in sheet]

    assert "".join(lines) == LONG
    assert len(made.lines) > 1
    assert {part.size for part in made.layer.parts if getattr(part, "name", "") == "nt0"} == {size}


@given(make.viewers(), make.words(0, LONGEST), st.integers(0, 9))
def test_any_sheet_as_a_page_keeps_the_rules(viewer: Viewer, words: str, at: int) -> None:
    make.assert_sound(message_page(viewer, 7, words, at), viewer)


def test_a_short_message_is_set_larger() -> None:
    made = message("standard", "今晚八点停水，请提前存水。")

    assert {part.size for part in made.layer.parts if getattr(part, "name", "") == "nt0"} == {44}


# --- in Chromium ---


def tell(screen: Screen, *events: dict[str, Any]) -> None:
    """The polls bring these events, one after another; later ones hang."""
    left = list(events)

    def answer(route: Route) -> None:
        if left:
            route.fulfill(body=json.dumps({"since": 0, "event": left.pop(0)}), content_type="application/json")

    screen.answers["/poll"] = answer


def shown(screen: Screen, event: BoxEvent, page: str = "home") -> None:
    tell(screen, order_of("standard", event))
    screen.show(sample.pages()[page], SHORT)
    screen.wait("ly=='note'")


@pytest.mark.browser
def test_a_message_lies_over_the_page_until_ok_and_is_confirmed(screen: Screen) -> None:
    shown(screen, EVENT)
    before = screen.tab.inner_text("#nt0")
    screen.press(OK)
    screen.settle()

    assert before == EVENT.msg
    assert screen.run("[ly, FOCUS]") == ["", "window"]
    assert "POST /heard event=7" in screen.told
    assert any("m=7" in line for line in screen.asked if "/poll" in line) or screen.run("ordered") == 7


@pytest.mark.browser
def test_sheets_turn_by_arrows_and_ok_reads_to_the_end(screen: Screen) -> None:
    shown(screen, attrs.evolve(EVENT, msg=LONG))
    many = screen.run("note.lines.length")
    seen = [screen.tab.inner_text("#nt_at")]
    for key in (DOWN, UP, UP, *[DOWN] * (many + 1)):
        screen.press(key)
        seen.append(screen.tab.inner_text("#nt_at"))
        screen.tab.wait_for_timeout(100)
    last = screen.tab.inner_text("#nt_go")
    screen.press(OK)
    screen.settle()

    assert seen[:4] == [f"1 / {many}", f"2 / {many}", f"1 / {many}", f"1 / {many}"]
    assert seen[-1] == f"{many} / {many}"
    assert last == "知道了"
    assert screen.run("ly") == ""
    assert "POST /heard event=7" in screen.told


@pytest.mark.browser
def test_what_an_operator_writes_is_text_and_nothing_else(screen: Screen) -> None:
    shown(screen, attrs.evolve(EVENT, msg="<img src=x onerror=x()>&amp;<b>注意"))

    assert screen.tab.inner_text("#nt0") == "<img src=x onerror=x()>&amp;<b>注意"
    assert screen.tab.locator("#L_note img").count() == 0


@pytest.mark.browser
def test_a_message_with_a_time_goes_by_itself(screen: Screen) -> None:
    shown(screen, attrs.evolve(EVENT, auto_hide_s=2))
    screen.wait("ly==''")
    screen.settle()

    assert "POST /heard event=7" in screen.told


@pytest.mark.browser
def test_a_message_waits_for_digits_that_are_being_typed(screen: Screen) -> None:
    tell(screen, order_of("standard", EVENT))
    screen.show(sample.entry(""), SHORT)
    screen.press(49)
    screen.wait("noted")
    screen.tab.wait_for_timeout(1200)

    assert screen.run("ly") == ""


@pytest.mark.browser
@pytest.mark.parametrize(("order", "to"), [({"do": "go", "to": "/p/tv-2"}, "/p/tv-2"), ({"do": "boot"}, "/p/home")])
def test_commands_go_to_their_page_and_a_box_that_cannot_start_anew_goes_home(
    screen: Screen, order: dict[str, Any], to: str
) -> None:
    tell(screen, {"id": 9, **order})
    screen.pages["/p/tv-2"] = screen.pages["/p/home"] = b"<p>there"
    screen.show(sample.pages()["settings"], SHORT)
    screen.tab.wait_for_url(f"**{to}")


@pytest.mark.browser
def test_a_box_that_can_is_started_anew(screen: Screen) -> None:
    screen.tab.add_init_script("window.ran=[];window.gSTB={ExecAction:a=>ran.push(a)}")
    tell(screen, {"id": 9, "do": "boot"})
    screen.show(sample.pages()["settings"], SHORT)
    screen.wait("ran.length")

    assert screen.run("ran") == ["reboot"]
