"""The other end of a roll-call: a cadre opens it in the back office and sees the name appear when the TV is pressed."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import ARTEFACTS, Town
from tests.journeys.tv import TV

SHOTS = ARTEFACTS / "office"
DEEPER = (
    *("/admin/rollcalls/new", "/admin/password", "/admin/devices/1", "/admin/devices/import"),
    *("/admin/customers/1", "/admin/customers/new", "/admin/packages/1", "/admin/packages/new"),
)
"""Pages that no menu leads to."""


@pytest.fixture
def office(chromium: Browser, town: Town) -> Iterator[Callable[..., Page]]:
    """Log in as the first account of a role, on a desk or on a phone."""
    contexts = []

    def log_in(role: str, width: int = 1366, height: int = 768) -> Page:
        account = next(one for one in town.demo["staff"] if one["role"] == role)
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{town.base}/admin")
        page.fill("[name=login]", account["login"])
        page.fill("[name=password]", account["password"])
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{town.base}/admin")
        return page

    yield log_in
    for context in contexts:
        context.close()


def shot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.browser
def test_the_cadre_sees_the_name_appear_marks_another_and_closes(
    office: Callable[..., Page], tv: Callable[..., TV], town: Town
) -> None:
    cadre, remote = office("cadre"), tv("pc", 0)
    home = town.box(0)["household"]
    member = next(one for one in town.demo["members"] if one["household"] == home)
    cadre.goto(f"{town.base}/admin/rollcalls/close/{town.demo['rollcall']['id']}")
    cadre.click("button:has-text('结束点名')")
    expect(cadre.locator("main > .said")).to_contain_text("点名已结束")

    cadre.goto(f"{town.base}/admin/rollcalls/new")
    cadre.fill("[name=title]", "支部党员大会")
    cadre.click("button:has-text('发起点名')")
    expect(cadre.locator("h1")).to_have_text("支部党员大会")
    rollcall = cadre.url.rpartition("/")[2]
    missing, come = cadre.locator(".lists section").nth(0), cadre.locator(".lists section").nth(1)
    expect(missing).to_contain_text(member["name"])

    remote.wait(
        lambda: remote.focus == "iv_ok" and f"{town.box(0)['village']}正在点名" in remote.text, "the invitation"
    )
    remote.go("OK", to=f"rc-{rollcall}")
    remote.seek("DOWN", "typed")
    remote.go("OK", to=f"rc-{rollcall}-number")
    remote.type(member["phone"])
    remote.go("OK", to=f"rc-{rollcall}-confirm")
    remote.go("OK", to=f"rc-{rollcall}-result")
    expect(come).to_contain_text(member["name"], timeout=2000)
    shot(cadre, "name-appears")

    other = missing.locator("li").first.locator(".who").inner_text()
    missing.locator("button:has-text('到会')").first.click()
    expect(come).to_contain_text(other, timeout=2000)
    cadre.click(".toast button:has-text('撤销')")
    expect(missing).to_contain_text(other, timeout=2000)

    cadre.click("text=结束点名")
    cadre.click("button:has-text('结束点名')")
    expect(cadre.locator("main > .said")).to_contain_text("到会 1 人")
    shot(cadre, "closed")
    cadre.click(f".who:has-text('{member['name']}')")
    expect(cadre.locator("tbody tr").first).to_contain_text("支部党员大会")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_every_page_of_the_menu_fits_the_screen_and_says_nothing_in_the_console(
    office: Callable[..., Page], town: Town, width: int, height: int
) -> None:
    page = office("admin", width, height)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    paths = [link.get_attribute("href") for link in page.locator("nav[aria-label=栏目] a").all()]

    wide = []
    for path in [*paths, f"/admin/rollcalls/{town.demo['rollcall']['id']}", *DEEPER]:
        page.goto(f"{town.base}{path}")
        shot(page, f"{width}{str(path).replace('/', '-')}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(path)

    assert len(paths) >= 10
    assert (wide, complaints) == ([], [])


@pytest.mark.browser
def test_the_operator_lets_a_box_in_by_its_code_and_writes_to_it(office: Callable[..., Page], town: Town) -> None:
    page, mac = office("operator"), "00:1A:79:EE:00:01"
    page.request.get(f"{town.base}/portal?mac={mac}")
    page.goto(f"{town.base}/admin/devices?state=pending")
    code = page.locator(f"tr:has-text('{mac}') b").inner_text()

    page.fill("[name=code]", code)
    page.click("text=找到这台")
    expect(page.locator("h1")).to_contain_text("待认领")
    page.click("text=批准使用")
    expect(page.locator("main > .said")).to_have_text("已改为使用中")

    page.click("text=发消息")
    page.fill("[name=msg]", "您的电视已开通。\n咨询 0633-8201234")
    expect(page.locator("[data-preview] [data-text]")).to_have_text("您的电视已开通。\n咨询 0633-8201234")
    shot(page, "message")
    page.click("button:has-text('发送')")
    expect(page.locator("main > .said")).to_contain_text("已发给 1 台机顶盒")
    page.locator("button:has-text('撤回还没看的')").first.click()
    expect(page.locator("main > .said")).to_have_text("已从 1 台机顶盒撤回")


@pytest.mark.browser
def test_ticks_of_channels_fill_the_field_of_a_package_and_the_field_sets_the_ticks(
    office: Callable[..., Page], town: Town
) -> None:
    page = office("operator")
    page.goto(f"{town.base}/admin/packages/new")
    page.fill("[name=name]", "两个频道")
    page.fill("[name=code]", "two")
    page.check("[name=every_channel][value='0']")
    page.fill("[name=channels]", "1-2")
    ticks = page.locator("[data-picks=channels] input:checked")
    expect(ticks).to_have_count(2)
    page.locator("[data-picks=channels] input[value='2']").uncheck()
    page.locator("[data-picks=channels] input[value='3']").check()
    expect(page.locator("[name=channels]")).to_have_value("1,3")
    page.click("button:has-text('建套餐')")
    expect(page.locator("[name=channels]")).to_have_value("1,3")
    page.click("button:has-text('给出')")
    expect(page.locator("main > .said")).to_have_text("已给出")
    page.click("summary:has-text('删除套餐')")
    page.click("text=确定删除")
    expect(page.locator("main > .said")).to_have_text("套餐已删除")
