"""The week grid in a real browser: everything by keys and by mouse, undo gives equal days, mends are one press."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import ARTEFACTS, Town
from tests.journeys.test_journey_office import office  # noqa: F401 (the fixture)

DAY = ".column >> nth=6"


def items(page: Page, day: int = 6) -> list[tuple[str, str, str]]:
    """Start, end and title of a column as the page has them."""
    return page.evaluate("""day => data.days[day].items.map(one => [at(one.start), at(one.stop), one.title])""", day)  # type: ignore[no-any-return]


def settled(page: Page) -> None:
    page.evaluate("() => busy")


@pytest.mark.browser
def test_a_day_is_planned_by_keys_and_by_mouse(office: Callable[..., Page], town: Town) -> None:  # noqa: F811
    page = office("editor")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{town.base}/admin/plan")
    page.click("tbody th a >> nth=0")
    page.wait_for_selector(".week")
    for _ in range(2):  # the demonstration has planned up to the day after tomorrow
        page.click("text=下一周")
        page.wait_for_selector(".week")

    page.focus("#plan")
    page.keyboard.press("n")
    expect(page.locator("#editor input[name=title]")).to_be_focused()
    page.keyboard.type("早安南湖")
    page.fill("#editor input[name=start]", "06:00")
    page.fill("#editor input[name=stop]", "07:00")
    page.keyboard.press("Enter")
    settled(page)
    assert items(page, 0) == [["06:00", "07:00", "早安南湖"]]
    expect(page.locator(".item.chosen")).to_be_focused()

    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowDown", "Control+c", "Control+v"):
        page.keyboard.press(key)
        settled(page)
    assert items(page, 0) == [["06:10", "07:15", "早安南湖"], ["07:15", "08:20", "早安南湖"]]
    page.keyboard.press("ArrowRight")
    settled(page)
    page.evaluate("() => busy")
    assert items(page, 0) == [["06:10", "07:15", "早安南湖"]]
    assert items(page, 1) == [["07:15", "08:20", "早安南湖"]]
    page.keyboard.press("Delete")
    settled(page)
    assert items(page, 1) == []

    page.locator(".item").first.focus()
    before = items(page, 0)
    page.keyboard.press("ArrowUp")
    settled(page)
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("已撤销")
    assert items(page, 0) == before
    page.keyboard.press("Control+y")
    expect(page.locator("#toasts")).to_contain_text("已恢复")
    assert items(page, 0)[0][0] == "06:05"

    box = page.locator(".item").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 42, box["y"] + 8 + 84, steps=4)
    page.mouse.up()
    settled(page)
    assert items(page, 0) == [["07:05", "08:10", "早安南湖"]]
    grip = page.locator(".item .grip").first.bounding_box()
    assert grip is not None
    page.mouse.move(grip["x"] + 20, grip["y"] + 4)
    page.mouse.down()
    page.mouse.move(grip["x"] + 20, grip["y"] + 4 + 42, steps=4)
    page.mouse.up()
    settled(page)
    assert items(page, 0) == [["07:05", "08:40", "早安南湖"]]

    page.click(".badge >> nth=0")
    expect(page.locator("#editor .findings li").first).to_be_visible()
    ARTEFACTS.joinpath("office").mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / "office" / "plan_week.png")
    page.click("#editor button:has-text('延长到')")
    settled(page)
    expect(page.locator("#editor")).to_contain_text("问题")
    page.keyboard.press("Escape")

    page.click("[data-act=add] >> nth=0")  # a one-off by mouse: into the first hole
    expect(page.locator("#editor input[name=title]")).to_be_focused()
    page.keyboard.type("通知")
    page.fill("#editor input[name=start]", "09:30:15")
    page.fill("#editor input[name=stop]", "09:40")
    page.screenshot(path=ARTEFACTS / "office" / "plan_editor.png")
    page.keyboard.press("Enter")
    settled(page)
    assert "09:30" in [start for start, _stop, title in items(page, 0) if title == "通知"]
    assert errors == []


@pytest.mark.browser
def test_two_editors_see_each_other_and_both_versions_of_what_both_changed(
    office: Callable[..., Page],  # noqa: F811
    town: Town,
) -> None:
    one, other = office("editor"), office("admin")
    address = f"{town.base}/admin/plan/week?channel=2&day=2027-03-01"
    one.goto(address)
    one.wait_for_selector(".week")
    one.focus("#plan")
    one.keyboard.press("n")
    one.fill("#editor input[name=title]", "戏曲")
    one.keyboard.press("Enter")
    settled(one)
    other.goto(address)
    other.wait_for_selector(".item")
    expect(other.locator("#others")).to_contain_text("也开着这一周")

    for page, title in ((other, "他的"), (one, "我的")):
        page.locator(".item").first.dblclick()
        page.fill("#editor input[name=title]", title)
        page.keyboard.press("Enter")
        settled(page)

    expect(one.locator("#editor")).to_contain_text("《他的》")
    expect(one.locator("#editor")).to_contain_text("《我的》")
    one.screenshot(path=ARTEFACTS / "office" / "plan_clash.png")
    assert [title for _, _, title in items(one, 0)] == ["他的"]
    one.click("text=都用我的")
    settled(one)
    assert [title for _, _, title in items(one, 0)] == ["我的"]

    one.click("#open-copy")
    one.click("#copy-form [name=check]")
    expect(one.locator("#copy-told")).to_contain_text("03-01 → 03-08：新建 1 个节目")
    one.screenshot(path=ARTEFACTS / "office" / "plan_copy.png")
    one.click("#copy-form [name=take]")
    expect(one.locator("#toasts")).to_contain_text("已复制 1 天为草稿")
    one.click("text=下一周")
    one.wait_for_selector(".item")
    assert items(one, 0) == [["06:00", "06:30", "我的"]]

    one.click(".head .more >> nth=0")
    one.click("#more [data-act=copy]")
    for day in ("2027-03-10", "2027-03-12"):
        one.check(f"#ask [value='{day}']")
    one.click("#ask .go")
    expect(one.locator("#toasts")).to_contain_text("已复制到 03-10、03-12")
    assert [len(items(one, day)) for day in (2, 3, 4)] == [1, 0, 1]

    one.click("#open-sheet")
    strange = "几号,几点开播,放什么\n2027-03-09,8:00,早安\n".encode()
    one.set_input_files("#sheet-form [name=file]", {"name": "x.csv", "mimeType": "text/csv", "buffer": strange})
    one.click("#sheet-form [name=check]")
    for heading, name in (("几号", "date"), ("几点开播", "start"), ("放什么", "title")):
        one.select_option(f"[data-heading={heading}]", name)
    one.screenshot(path=ARTEFACTS / "office" / "plan_sheet.png")
    one.click("#sheet-form [name=check]")
    expect(one.locator("#sheet-told")).to_contain_text("2027-03-09：1 个节目，新增 1")
    one.click("#sheet-form [name=take]")
    expect(one.locator("#toasts")).to_contain_text("已导入为草稿")


def drawn(page: Page, day: int = 0) -> list[str]:
    """Starts of the items of a day, by keys or by mouse wherever they have come to."""
    return [start for start, _stop, _title in items(page, day)]


@pytest.mark.browser
def test_several_items_go_together_findings_come_while_dragging_and_films_are_found(
    office: Callable[..., Page],  # noqa: F811
    town: Town,
) -> None:
    page = office("editor")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{town.base}/admin/plan/week?channel=2&day=2027-04-05")
    page.wait_for_selector(".week")

    page.focus("#plan")
    page.keyboard.press("n")
    page.focus("#film-query")
    page.keyboard.type("hsxq")
    expect(page.locator("#film-list [role=option]")).to_have_count(1)
    expect(page.locator("#film-0")).to_contain_text("湖上新桥通车了 14 秒，比这一档短 29 分 46 秒")
    page.screenshot(path=ARTEFACTS / "office" / "plan_film.png")
    page.keyboard.press("Enter")
    expect(page.locator("#film-list")).to_be_hidden()
    page.keyboard.press("Enter")
    settled(page)
    assert page.evaluate("() => data.days[0].items.map(one => [one.title, one.asset !== null])") == [
        ["湖上新桥通车了", True]
    ]
    for key in ("Control+c", "Control+v", "Control+v"):
        page.keyboard.press(key)
        settled(page)
    assert drawn(page) == ["06:00", "06:30", "07:00"]

    page.locator(".item").first.focus()
    page.keyboard.press("Control+Shift+ArrowDown")
    expect(page.locator("#many")).to_contain_text("选了 2 个节目，06:00 到 07:00")
    page.keyboard.press("ArrowDown")
    settled(page)
    assert drawn(page) == ["06:05", "06:35", "07:00"]
    expect(page.locator(".item.picked")).to_have_count(2)
    page.keyboard.press("m")
    page.fill("#shift-form [name=span]", "1:25")
    expect(page.locator("#shift-told")).to_contain_text("2 个节目，《湖上新桥通车了》06:05 → 07:30。这一天会有")
    page.screenshot(path=ARTEFACTS / "office" / "plan_shift.png")
    page.keyboard.press("Enter")
    settled(page)
    assert drawn(page) == ["07:00", "07:30", "08:00"]
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("已撤销")
    assert drawn(page) == ["06:05", "06:35", "07:00"]

    page.locator(".item").nth(2).click()
    expect(page.locator("#many")).to_be_hidden()
    page.locator(".item").nth(0).click(modifiers=["Control"])
    expect(page.locator(".item.picked")).to_have_count(2)
    box = page.locator(".item").nth(0).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 6)
    page.mouse.down()
    page.mouse.move(box["x"] + 42, box["y"] + 6 + 42, steps=4)
    expect(page.locator("#foreseen")).to_contain_text("重叠")
    expect(page.locator(".head[data-day='2027-04-05'] .badge")).to_contain_text("错")
    page.screenshot(path=ARTEFACTS / "office" / "plan_foreseen.png")
    assert drawn(page) == ["06:05", "06:35", "07:00"]
    page.mouse.up()
    settled(page)
    expect(page.locator("#foreseen")).to_be_hidden()
    assert drawn(page) == ["06:35", "06:35", "07:30"]

    page.keyboard.press("ArrowRight")
    settled(page)
    page.evaluate("() => busy")
    assert (drawn(page), drawn(page, 1)) == (["06:35"], ["06:35", "07:30"])
    page.keyboard.press("Delete")
    settled(page)
    assert (drawn(page), drawn(page, 1)) == (["06:35"], [])

    page.focus("#plan")
    page.keyboard.press("f")
    page.keyboard.type("hsxq")
    expect(page.locator("#shelf-list [aria-selected=true]")).to_have_count(1)
    expect(page.locator("#shelf-0")).to_contain_text("湖上新桥通车了 14 秒两个月里没播过 · 没有排")
    expect(page.locator("#shelf-place")).to_contain_text("回车放到 4/5 06:00，那里空 35 分")
    page.keyboard.press("Enter")
    expect(page.locator(".column").first.locator(".item")).to_have_count(2)
    settled(page)
    assert drawn(page) == ["06:00", "06:35"]
    expect(page.locator("#shelf-form [name=q]")).to_be_focused()
    for at, kept in ((2.02, True), (2.03, True), (4, False)):  # hours into the day; the second lands behind the first
        film, column = page.locator("#shelf-0").bounding_box(), page.locator(".column").nth(2).bounding_box()
        assert film is not None
        assert column is not None
        page.mouse.move(film["x"] + 40, film["y"] + 10)
        page.mouse.down()
        page.mouse.move(column["x"] + 40, column["y"] + at * 84, steps=4)
        expect(page.locator("#foreseen")).to_contain_text("没有节目" if at == 2.02 else "刚播过")
        page.screenshot(path=ARTEFACTS / "office" / "plan_shelf.png")
        if not kept:
            page.keyboard.press("Escape")
        page.mouse.up()
        settled(page)
    told = "() => data.days[2].items.map(one => [exact(one.start), one.stop - one.start, one.kind, one.asset > 0])"
    first, second = ["08:00", 14, "fixed", True], ["08:00:14", 14, "flow", True]
    assert page.evaluate(told) == [first, second]
    page.locator(".column").nth(2).locator(".item").last.focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#toasts")).to_contain_text("已撤销")
    assert page.evaluate(told) == [first]

    page.click(".head[data-day='2027-04-07'] .more")
    page.click("#more [data-act=tv]")
    page.click(".pick-row >> text=08:00")
    television = page.frame_locator("[data-tv] iframe")
    expect(television.locator(".cell.on")).to_have_text("湖上新桥通车了")
    expect(page.locator("main")).to_contain_text("现在还没有上电视")
    page.screenshot(path=ARTEFACTS / "office" / "plan_tv.png")
    assert errors == []
