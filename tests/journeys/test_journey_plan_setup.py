"""From a template to a changed day and back in a real browser; sources, networks and what was on air looked at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ARTEFACTS, Town
from tests.journeys.test_journey_office import office  # noqa: F401 (the fixture)

SHOTS = ARTEFACTS / "office"
PAGES = {
    "plan_setup": "/admin/plan/templates?channel=1",
    "plan_template": "/admin/plan/templates/edit?channel=1&template=1",
    "plan_month": "/admin/plan/month?channel=1",
    "plan_list": "/admin/plan/list?channel=1",
    "plan_as_run": "/admin/plan/as-run?channel=1",
    "source_guide": "/admin/sources/guide?channel=1",
    "sources": "/admin/sources",
    "source": "/admin/sources/of/日照有线节目单",
    "networks": "/admin/networks",
    "network": "/admin/networks/of/nanhu",
}


def titles(page: Page, day: int) -> list[str]:
    """Titles of a column as the page has them."""
    return page.evaluate("day => data.days[day].items.map(one => one.title)", day)  # type: ignore[no-any-return]


@pytest.mark.browser
def test_a_template_is_edited_and_a_changed_day_becomes_that_of_all(
    office: Callable[..., Page],  # noqa: F811
    town: Town,
) -> None:
    page = office("editor")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{town.base}/admin/plan/templates?channel=1")
    page.click("td a:has-text('平日')")
    rows = page.locator(".blocks tbody tr")
    expect(rows).to_have_count(26)
    page.click("[data-add]")
    rows.last.locator("[data-name=title]").fill("临时加的")
    rows.last.locator("[data-name=length]").fill("九点")
    page.click("button.go")
    expect(page.locator(".toast.bad")).to_contain_text("第 27 行")
    rows.last.locator("[data-act=out]").click()
    rows.nth(2).locator("[data-act=up]").click()
    page.click("button.go")
    page.wait_for_url("**/templates?channel=1")
    expect(page.locator("#toasts")).to_contain_text("模板已保存")

    page.goto(f"{town.base}/admin/plan/week?channel=1")
    for _ in range(2):
        page.wait_for_selector(".week")
        page.click("text=下一周")
    page.wait_for_selector(".week")
    for at in (0, 1):
        page.locator("[data-act=begin]").first.click()
        page.wait_for_function(f"() => data.days[{at}].items.length > 20")
    second = titles(page, 0)[1]
    page.locator(".item", has_text=second).first.focus()
    page.keyboard.press("Enter")
    page.fill("#editor input[name=title]", "新栏目")
    page.click("#editor button.go")
    expect(page.locator("#series")).to_contain_text("只改了")
    page.screenshot(path=SHOTS / "plan_series.png")
    page.click("#series button:has-text('以后都这样')")
    expect(page.locator("#series")).to_contain_text("跟着变的日子")
    assert "新栏目" not in titles(page, 1)
    page.click("#series button:has-text('改模板')")
    expect(page.locator("#series")).to_be_hidden()
    page.wait_for_function("() => data.days[1].items[1].title === '新栏目'")
    assert errors == []


@pytest.mark.browser
def test_a_network_is_tried_and_every_page_fits_desk_and_phone(
    office: Callable[..., Page],  # noqa: F811
    town: Town,
) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width in (1366, 390):
        page = office("admin", width, 844 if width < 500 else 768)
        for name, address in PAGES.items():
            page.goto(town.base + address)
            if name == "network":
                page.click("button:has-text('试算')")
                expect(page.locator("main")).to_contain_text("码率够用")
            page.screenshot(path=SHOTS / f"{name}_{width}.png", full_page=True)
            if (name, width) == ("plan_list", 1366):
                page.emulate_media(media="print")
                expect(page.locator(".side")).to_be_hidden()
                expect(page.locator(".signing")).to_be_visible()
                page.screenshot(path=SHOTS / "plan_list_print.png", full_page=True)
                page.emulate_media(media="screen")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
