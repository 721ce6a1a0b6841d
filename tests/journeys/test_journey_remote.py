"""The training page at /: a newcomer drives the television by the drawn remote of any family, or by his keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, Page

from keymap.families import shipped
from tests.journeys.conftest import ARTEFACTS, Town

FAMILIES = [family.name for family in shipped().values() if family.kind == "page"]
BOARDS = ("affairs", "live", "school", "today", "pioneers", "appraise")
SHOTS = ARTEFACTS / "training"


@pytest.fixture
def desk(chromium: Browser, town: Town) -> Iterator[Page]:
    """The page in a window as large as a laptop's; a fault in one of its scripts fails the test."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{town.base}/")
    yield page
    context.close()
    assert faults == []


def _screen(page: Page, state: str) -> Frame:
    """The television once it shows this page."""
    page.wait_for_function(
        "state => { var w = frames[0]; return w && w.location.pathname == '/p/' + state"
        " && w.document.readyState == 'complete' && w.document.querySelector('.f.on') }",
        arg=state,
        timeout=10_000,
    )
    return page.frames[1]


def _focus(screen: Frame) -> str:
    marked: list[str] = screen.eval_on_selector_all(".f.on", "all => all.map(e => e.id)")
    assert len(marked) == 1
    return marked[0]


def _choose(page: Page, family: str, box: int) -> None:
    page.select_option("#box", index=box)
    page.evaluate("document.getElementById('frame').src = 'about:blank'")
    page.select_option("#family", family)
    page.wait_for_function("frames[0].location.pathname == '/p/home'", timeout=10_000)


@pytest.mark.browser
@pytest.mark.parametrize("family", FAMILIES)
def test_the_drawn_remote_of_each_family_drives_the_television(desk: Page, town: Town, family: str) -> None:
    uninvited = desk.locator("#box option").count() - 1
    _choose(desk, family, uninvited)
    screen = _screen(desk, "home")
    before = _focus(screen)

    desk.click("#remote .RIGHT")
    beside = _focus(screen)
    desk.click("#remote .OK")
    screen = _screen(desk, beside)
    desk.wait_for_timeout(50)
    desk.click("#remote .BACK")
    screen = _screen(desk, "home")
    desk.wait_for_timeout(50)
    desk.click("#remote .D3")
    screen = _screen(desk, "school")
    if family == "ipanel":
        desk.screenshot(path=SHOTS / f"{family}.png")

    assert before == "window"
    assert beside in BOARDS, "RIGHT leads to the board used last"
    assert _focus(screen)


@pytest.mark.browser
def test_the_keyboard_works_wherever_the_newcomer_has_clicked(desk: Page) -> None:
    _choose(desk, "ipanel", desk.locator("#box option").count() - 1)
    screen = _screen(desk, "home")

    desk.mouse.click(400, 400)
    desk.keyboard.press("ArrowRight")

    assert _focus(screen) in BOARDS
