"""A new box shows its number large, a barred one why; home has only what the box may see."""

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given

from portal_pages.admission import barred_page, code_page
from portal_pages.facts import ALL_BOARDS, BarredFact, BarredKind, ChannelFact, CodeFact, HomeFact, Mode, Viewer
from portal_pages.home import home
from portal_pages.states import Local, Open, Page
from portal_pages.views import Text
from tests.pages import strategies as make

VIEWER = Viewer(datetime(2026, 11, 25, 11, 26, tzinfo=UTC))
KINDS: tuple[BarredKind, ...] = BarredKind.__args__  # type: ignore[attr-defined]
CHANNEL = ChannelFact(1, 1, "今日南湖")


def lines(page: Page) -> list[str]:
    return [part.words for part in page.parts if isinstance(part, Text)]


def test_a_new_box_shows_the_number_to_tell_and_whom_to_call_and_opens_by_itself() -> None:
    page = code_page(VIEWER, CodeFact("10042-7", "0633-8282828"))
    sizes = {part.words: part.size for part in page.parts if isinstance(part, Text)}

    assert sizes["10042-7"] == 92
    assert "电话：0633-8282828" in lines(page)
    assert page.timers.refresh == 30
    assert {f.id: f.ok for f in page.focusables} == {"home": Open("home"), "retry": Local("retry")}


def test_a_box_that_told_no_name_is_told_so() -> None:
    page = code_page(VIEWER, CodeFact(""))

    assert "没有认出这台机顶盒" in lines(page)
    assert not any("报这个号" in line for line in lines(page))


@pytest.mark.parametrize("kind", KINDS)
def test_a_barred_box_reads_the_operators_words_and_the_number_to_call(kind: BarredKind) -> None:
    page = barred_page(VIEWER, BarredFact(kind, "欠费停机，请到营业厅续费", "0633-8282828"))

    assert "欠费停机，请到营业厅续费" in lines(page)
    assert "有事请打电话：0633-8282828" in lines(page)
    asked = "有事请问广电，也可以问村干部" in lines(barred_page(VIEWER, BarredFact(kind)))
    assert asked == (kind in {"blocked", "expired", "off"}), "without a number too, where only the operator can help"


def test_a_box_opened_elsewhere_comes_back_with_ok() -> None:
    page = barred_page(VIEWER, BarredFact("elsewhere"))

    assert [f.ok for f in page.focusables] == [Open("again")]
    assert page.timers.refresh == 0


@pytest.mark.parametrize("variant", ["live", "boards"])
def test_a_waiting_box_is_led_to_its_number_by_a_tab_and_by_green(variant: str) -> None:
    viewer = attrs.evolve(VIEWER, home=variant)
    page = home(viewer, HomeFact(CHANNEL, waiting=True))
    tabs = [f for f in page.focusables if f.id == "code"]

    assert [tab.ok for tab in tabs] == [Open("code")]
    assert page.keys["GREEN"] == Open("code")


@pytest.mark.parametrize("variant", ["live", "boards"])
def test_home_shows_the_boards_of_the_boxs_packages_under_numbers_without_a_gap(variant: str) -> None:
    viewer = attrs.evolve(VIEWER, home=variant)
    page = home(viewer, HomeFact(CHANNEL, boards=("live", "today", "appraise")))
    shown = [f.id for f in page.focusables if f.id in ALL_BOARDS]

    assert shown == ["live", "today", "appraise"]
    assert {key: page.keys[key] for key in page.keys if key.startswith("D")} == {
        "D1": Open("live"),
        "D2": Open("today"),
        "D3": Open("appraise"),
    }


@given(make.viewers(), make.CODES)
def test_the_number_page_keeps_the_rules(viewer: Viewer, fact: CodeFact) -> None:
    make.assert_sound(code_page(viewer, fact), viewer)


@given(make.viewers(), make.BARRED)
def test_barred_pages_keep_the_rules(viewer: Viewer, fact: BarredFact) -> None:
    make.assert_sound(barred_page(viewer, fact), viewer)


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_two_hundred_words_of_the_operator_stay_in_three_lines(mode: Mode) -> None:
    page = barred_page(attrs.evolve(VIEWER, mode=mode), BarredFact("blocked", "停机原因很长。" * 60, "0633"))

    assert len(lines(page)) <= 2 + 3 + 1
