"""The teach-in page: what it asks, what it says, and that nothing but the presses counts."""

import re
from datetime import UTC, datetime

import attrs
import esprima
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keymap import teach
from keymap.keys import Key
from portal_pages import statics
from portal_pages.facts import Viewer
from portal_pages.states import Open, Page
from portal_pages.teach import MAX_PRESSES, Progress, after, teach_page
from portal_pages.views import Panel, Text
from tests.pages import strategies as make

VIEWER = Viewer(datetime(2026, 11, 25, 11, 26, tzinfo=UTC))
SIX = ("38", "40", "37", "39", "13", "8")
PRESSES = st.lists(st.sampled_from([*SIX, "49", "403", "404", "w", "0"]), max_size=40)


def told(*presses: str) -> Progress:
    """What the page carries after these presses, one page after another as the box sends them."""
    progress = Progress()
    for press in presses:
        progress = after(progress.presses, press)
    return progress


def words(page: Page) -> str:
    return "\n".join(part.words for part in page.parts if isinstance(part, Text))


def test_the_first_page_asks_for_up_and_needs_no_key() -> None:
    page = teach_page(VIEWER, Progress())

    assert "请按 上 键" in words(page)
    assert "第 1 个键，共 13 个" in words(page)
    assert page.keys == {}
    assert page.script == "teach.js"


def test_a_code_already_given_is_refused_with_words() -> None:
    page = teach_page(VIEWER, told("38", "38"))

    assert "这个键已经是“上”了，请按 下 键" in words(page)


def test_keys_a_remote_may_lack_are_passed_over_after_ten_seconds() -> None:
    page = teach_page(VIEWER, told(*SIX))

    assert page.form["wait"] == "10"
    assert "没有这个键，等 10 秒就跳过" in words(page)
    assert told(*SIX, "w").state.step == len(SIX) + 1


def test_without_the_six_keys_the_viewer_is_led_home() -> None:
    page = teach_page(VIEWER, told("38"))

    assert page.form["wait"] == "0"
    assert page.timers.leave_to == Open("home")


def test_the_marker_is_moved_to_prove_the_keys_and_ok_saves() -> None:
    proving = told(*SIX, *["w"] * 7, "38", "40", "37", "39")
    saved = after(proving.presses, "13")

    gold = [part for part in teach_page(VIEWER, proving).parts if isinstance(part, Panel) and part.look == "gold"]
    assert len(gold) == 1
    assert teach.learnt(saved.state)[38] == Key.UP
    assert "学好了" in words(teach_page(VIEWER, saved))
    assert teach_page(VIEWER, saved).timers.leave_to == Open("home")


def test_back_in_the_proof_starts_again_and_says_so() -> None:
    again = told(*SIX, *["w"] * 7, "8")

    assert "我们重新来一遍" in words(teach_page(VIEWER, again))
    assert again.presses == ""


@given(PRESSES)
def test_what_the_page_carries_is_all_that_counts(presses: list[str]) -> None:
    state = teach.Teach()
    for press in presses:
        state = teach.wait(state) if press == "w" else teach.press(state, int(press))

    assert attrs.evolve(told(*presses).state, notice="") == attrs.evolve(state, notice="")


@pytest.mark.parametrize(("presses", "code"), [("x", "38"), ("38", ""), ("38", "１"), ("", "9" * 7), ("", "-1")])
def test_what_no_page_sent_is_refused(presses: str, code: str) -> None:
    with pytest.raises(ValueError, match="not the presses"):
        after(presses, code)


def test_a_teach_in_has_an_end() -> None:
    with pytest.raises(ValueError, match="not the presses"):
        after(" ".join(["38"] * MAX_PRESSES), "38")


def test_the_script_is_as_old_as_the_boxes() -> None:
    source = statics.source("teach.js").decode()

    esprima.parseScript(source)
    assert re.findall(r"=>|\blet\b|\bconst\b|`|classList|\.key\b|JSON|addEventListener", source) == []


@given(make.viewers(), PRESSES)
def test_every_step_keeps_the_rules(viewer: Viewer, presses: list[str]) -> None:
    make.assert_sound(teach_page(viewer, told(*presses)), viewer)
