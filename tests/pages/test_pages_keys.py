"""The key handler in real Chromium: hooks, modifiers, throttle, unknown codes, digits, and what it never asks for."""

import pytest

from keymap.families import shipped
from keymap.page import page_script, system_script
from portal_pages.script import Box
from tests.pages import sample
from tests.pages.conftest import Screen

pytestmark = pytest.mark.browser
PC = Box(codes=page_script(shipped()["pc"]))
DOWN, RIGHT, OK, BACK, EIGHT = 40, 39, 13, 8, 56
ALT, SHIFT = 1, 8
"""Bits of the debugging protocol."""


def family(name: str) -> Box:
    table = shipped()[name]
    return Box(name, page_script(table), system_script(table), mag=table.modifiers == "mag")


def shown(screen: Screen, name: str, box: Box = PC) -> Screen:
    screen.show(sample.pages()[name], box)
    return screen


def at_once(screen: Screen, hook: str, *codes: int) -> list[object]:
    """Calls of the handler as fast as a machine can; what it returned to the browser."""
    script = "([hook, codes]) => codes.map(code => !!document['on' + hook]({which: code, keyCode: code}))"
    return screen.run(script, [hook, list(codes)])  # type: ignore[no-any-return]


def test_fifty_arrows_and_eleven_digits_ask_for_nothing(screen: Screen) -> None:
    shown(screen, "rc-1-number")
    screen.run("() => { put(''); CF.r = {} }")
    for number in range(50):
        screen.press((37, 38, 39, 40)[number % 4])
    screen.run("() => mv('field')")
    for digit in "13806336021":
        screen.press(48 + int(digit))

    assert screen.run("V") == "13806336021"
    assert screen.focus == ["next"]
    assert screen.told == []


def test_the_eleventh_digit_moves_to_the_next_step_and_ok_then_sends_the_form(screen: Screen) -> None:
    shown(screen, "rc-1-number")
    for digit in "6021":
        screen.press(48 + int(digit))
    assert screen.told == []

    screen.press(OK)
    screen.wait("bz > 0")
    screen.settle()

    assert screen.told == ["POST /p/rc-1-look choice= number=13806336021"]


def test_ok_with_fewer_digits_says_how_many_are_missing(screen: Screen) -> None:
    shown(screen, "rc-1-number")

    screen.press(OK)

    assert "还差 4 位" in screen.tab.inner_text("#msg")
    assert screen.told == []


def test_a_number_that_hardly_anybody_has_is_to_be_looked_at_again_and_may_go_on(screen: Screen) -> None:
    shown(screen, "rc-1-number")
    screen.run("() => put('1400000000')")
    before = screen.tab.inner_text("#msg")
    screen.press(48)

    assert "已输入 10 位" in before
    assert screen.tab.inner_text("#msg") == "这样开头的号码很少见，请核对，没错就按 确定"
    assert screen.run("FOCUS") == "next"


def test_a_wrong_digit_is_marked_at_its_keystroke_and_the_first_stays(screen: Screen) -> None:
    shown(screen, "rc-1-number")
    screen.run("() => put('')")
    screen.press(49)
    screen.press(50)
    screen.press(51)

    assert screen.run("V") == "12"
    assert screen.tab.get_attribute("#d1", "class") == "d e"
    assert screen.tab.get_attribute("#d0", "class") == "d v"
    assert "第 2 位不对" in screen.tab.inner_text("#msg")


@pytest.mark.parametrize("draft", ["", "1", "12", "2", "1380633", "13806336021"])
def test_the_server_draws_the_field_as_the_script_does(screen: Screen, draft: str) -> None:
    page = sample.entry(draft)
    screen.show(page, PC)
    read = "() => [document.getElementById('field').innerHTML, document.getElementById('msg').innerHTML, FOCUS]"
    before = screen.run(read)

    screen.run("() => put(V)")

    assert screen.run(read) == before


def test_left_delete_and_the_button_give_the_same_field_from_eleven_to_none(screen: Screen) -> None:
    values = {}
    for way in ("left", "delete", "button"):
        screen.show(sample.entry("13806336021"), PC)
        screen.run("() => { CF.r = {} }")
        values[way] = []
        for _ in range(12):
            at_once(screen, "keydown", {"left": 37, "delete": 46}[way]) if way != "button" else screen.run(
                "() => act('#X')"
            )
            values[way].append(screen.run("[V, FOCUS]"))

    assert values["left"] == values["delete"] == values["button"]
    assert values["left"][0] == ["1380633602", "field"]
    assert values["left"][-1] == ["", "field"]


def test_back_with_three_digits_asks_first_and_with_two_it_leaves(screen: Screen) -> None:
    screen.show(sample.entry("13"), PC)
    screen.press(BACK)
    screen.wait("bz > 0")
    screen.show(sample.entry("138"), PC)
    screen.press(BACK)

    assert screen.run("ly") == "leave"
    assert screen.tab.is_visible("#L_leave .lp")
    assert len(screen.focus) == 1
    screen.press(OK)
    assert screen.run("[ly, V, FOCUS]") == ["", "138", "field"]
    assert not screen.tab.is_visible("#L_leave .lp")


def test_held_arrows_move_once_in_90_ms_and_digits_are_never_dropped(screen: Screen) -> None:
    shown(screen, "affairs")
    start = screen.focus
    at_once(screen, "keydown", *[DOWN] * 5)
    once = screen.focus
    screen.tab.wait_for_timeout(100)
    at_once(screen, "keydown", DOWN)
    screen.show(sample.entry("13"), PC)
    at_once(screen, "keydown", EIGHT, EIGHT)

    assert once != start
    assert screen.run("V") == "1388"


def test_another_arrow_is_not_held_back(screen: Screen) -> None:
    shown(screen, "home")
    at_once(screen, "keydown", RIGHT, DOWN)

    assert screen.focus == ["today"]


def test_bouncing_digits_are_dropped_where_the_family_says_so(screen: Screen) -> None:
    screen.show(sample.entry("13"), Box(codes=PC.codes, digit_bounce_ms=80))
    at_once(screen, "keydown", EIGHT, EIGHT, 57, EIGHT)

    assert screen.run("V") == "13898"


def test_keypress_counts_only_until_the_first_keydown(screen: Screen) -> None:
    screen.show(sample.entry("13"), PC)
    at_once(screen, "keypress", EIGHT)
    assert screen.run("V") == "138"

    at_once(screen, "keydown", 57)
    returned = at_once(screen, "keypress", 57, 38)

    assert screen.run("V") == "1389"
    assert returned == [False, False]


def test_a_real_key_with_its_character_counts_once(screen: Screen) -> None:
    screen.show(sample.entry("13"), PC)

    screen.tab.keyboard.press("8")

    assert screen.run("V") == "138"


def test_all_digits_and_known_keys_are_swallowed_and_others_left_to_the_box(screen: Screen) -> None:
    shown(screen, "article-1", family("ctc"))

    assert at_once(screen, "keydown", *range(48, 58)) == [False] * 10
    assert at_once(screen, "keydown", 278) == [False]
    assert at_once(screen, "keydown", 259, 260, 999) == [True] * 3


def test_an_unknown_code_is_reported_once_per_page(screen: Screen) -> None:
    shown(screen, "home", family("ipanel"))
    at_once(screen, "irkeypress", 999, 999, 998, 999)
    screen.settle()

    assert screen.told == [
        "GET /k?profile=ipanel&code=999&hook=irkeypress",
        "GET /k?profile=ipanel&code=998&hook=irkeypress",
    ]


def test_modifiers_are_added_for_mag_only(screen: Screen) -> None:
    read = "([shift, alt]) => document.onkeydown({keyCode: 9, which: 9, shiftKey: !!shift, altKey: !!alt})"
    shown(screen, "home", Box("mag", "{9:'+',1009:'-'}", mag=True))
    with_shift = screen.run(f"() => {{ ({read})([1, 0]); return lk }}")
    without = screen.run(f"() => {{ ({read})([0, 0]); return lk }}")
    shown(screen, "home", Box("pc", "{9:'+',1009:'-'}"))
    elsewhere = screen.run(f"() => {{ ({read})([1, 0]); return lk }}")

    assert [with_shift, without, elsewhere] == ["-", "+", "+"]


def test_what_a_box_reports_by_itself_is_no_press(screen: Screen) -> None:
    shown(screen, "home", family("ipanel"))
    start = screen.focus
    returned = at_once(screen, "systemevent", 5202)
    assert screen.focus == start
    assert returned == [True]

    at_once(screen, "systemevent", 4)

    assert screen.focus != start


def test_codes_above_255_arrive_unchanged(screen: Screen) -> None:
    shown(screen, "article-1", family("ctc"))

    screen.press(277)
    screen.wait("bz > 0")
    screen.settle()

    assert [line.partition(" back=")[0] for line in screen.told] == ["POST /p/mode"]


def test_a_second_ok_within_three_seconds_is_ignored(screen: Screen) -> None:
    screen.tab.clock.install()
    screen.answers["/ping"] = lambda route: None
    shown(screen, "home")
    screen.press(RIGHT)
    screen.press(OK)
    screen.press(OK)
    screen.tab.clock.run_for(2900)
    screen.press(OK)
    assert [line[:9] for line in screen.asked if "/ping" in line] == ["GET /ping"]

    screen.tab.clock.run_for(200)
    screen.press(OK)
    screen.settle()

    assert len([line for line in screen.asked if "/ping" in line]) == 2


def test_the_focus_moves_nothing_by_a_pixel(screen: Screen) -> None:
    shown(screen, "today")
    read = "() => [...document.querySelectorAll('.f')].map(e => JSON.stringify(e.getBoundingClientRect())).join()"
    before = screen.run(read)
    for _ in range(3):
        screen.press(DOWN)

    assert screen.run(read) == before
