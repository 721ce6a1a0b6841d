"""Boxes in the back office: let in by their codes, looked at, moved, released, and in and out as sheets."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from middleware.domain.accounts import Account
from middleware.domain.box_logs import Clone, Presence, Viewing
from middleware.domain.devices import Device
from middleware.domain.packages import Grant, Package
from middleware.services import box_events
from middleware.services.devices import check_pin, code_of
from tests.admin.conftest import NOON, Browser, Town

NEW = "00:1A:79:00:00:99"
FIRST = "00:1A:79:00:00:01"
IMPORT = "/admin/devices/import"


@pytest.fixture
def browser(town: Town) -> Browser:
    return town.browser("operator")


def box(town: Town, mac: str = FIRST) -> Device:
    return next(one for one in town.store.run_sync(lambda uow: uow.devices.all()) if one.mac == mac)


def page(town: Town, browser: Browser, mac: str = FIRST) -> str:
    return browser.get(f"/admin/devices/{box(town, mac).id}").body


def test_boxes_that_wait_are_listed_with_their_codes_and_let_in_at_once(town: Town, browser: Browser) -> None:
    waiting = browser.get("/admin/devices?state=pending").body
    done = browser.post("/admin/devices/approve", device=box(town, NEW).id)

    assert code_of(box(town, NEW)) in waiting
    assert (done.status, box(town, NEW).state) == (303, "active")
    assert "已批准使用" in browser.get(done.headers["location"]).body


def test_the_code_that_a_viewer_reads_out_leads_to_his_box(town: Town, browser: Browser) -> None:
    code = code_of(box(town, NEW))
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)

    found = browser.post("/admin/devices/code", code=f" {code.replace('-', ' ')} ")
    refused = browser.post("/admin/devices/code", code=wrong)

    assert found.headers["location"] == f"/admin/devices/{box(town, NEW).id}"
    assert (refused.status, "编号不对" in refused.body) == (422, True)
    assert f'value="{wrong}"' in refused.body, "what was typed stays"
    assert code in page(town, browser, NEW), "the page of a box that waits shows the code to compare"


@pytest.mark.parametrize("text", ["00:99", "new-1", "大堂", "A-7", "H1"])
def test_a_box_is_found_by_whatever_it_is_known_by(town: Town, browser: Browser, text: str) -> None:
    number, other = box(town, NEW).id, box(town).id
    owner = town.store.run_sync(lambda uow: uow.accounts.add(Account(0, "A-7")))
    browser.post("/admin/devices/group", device=number, group="大堂", note="")
    browser.post("/admin/devices/account", device=number, account=owner.number)
    browser.post("/admin/devices/bind", device=number, household="H1")
    browser.post("/admin/devices/bind", device=other, household="H3")

    listed = browser.get(f"/admin/devices?q={quote(text)}").body

    assert f'href="/admin/devices/{number}"' in listed
    assert f'href="/admin/devices/{other}"' not in listed


def test_a_box_is_on_line_while_it_calls(town: Town, browser: Browser) -> None:
    number = box(town).id
    town.do(lambda uow: uow.box_logs.put_presence([Presence(number, NOON, "10.1.2.3", 1)]))

    assert [text in page(town, browser) for text in ("在线", "10.1.2.3", "直播")] == [True] * 3
    assert browser.get("/admin/devices").body.count('<span class="tag good">在线</span>') == 1
    town.later(minutes=10)
    assert '<span class="tag good">在线</span>' not in page(town, browser)


def test_the_page_of_a_box_shows_its_logs(town: Town, browser: Browser) -> None:
    number = box(town).id
    town.do(lambda uow: uow.box_logs.add_clone(Clone(NOON, number, "address", "10.1.2.3", "172.16.0.9")))
    town.do(lambda uow: uow.box_logs.add_viewing([Viewing(NOON, number, "claim", "channel:7", "<b>no sound</b>")]))
    town.do(lambda uow: box_events.queue(uow, NOON, "operator", f"device:{number}", "send_msg", msg="明天<停水>"))

    shown = page(town, browser)

    for text in ("同时从两个地址来", "172.16.0.9", "报障", "频道 7", "明天&lt;停水&gt;", "等着送到"):
        assert text in shown
    assert "<b>no sound" not in shown, "what a box sends is escaped"


def test_what_became_of_a_message_is_told(town: Town, browser: Browser) -> None:
    number = box(town).id
    town.do(lambda uow: box_events.queue(uow, NOON, "operator", f"device:{number}", "send_msg", msg="一"))
    event = town.store.run_sync(lambda uow: box_events.next_for(uow, NOON, number))
    before = page(town, browser)
    town.do(lambda uow: box_events.confirm(uow, NOON + timedelta(minutes=1), number, event.id))

    assert "已送到，还没确认" in before
    assert "今天 19:31 已确认" in page(town, browser)


def test_a_pin_is_reset_and_no_more_compared_both_audited(town: Town, browser: Browser) -> None:
    number = box(town).id
    town.do(lambda uow: check_pin(uow, NOON, number, "3FA9"))
    assert "已记下设备码，登录时核对" in page(town, browser)

    browser.post("/admin/devices/pin", device=number)
    assert (box(town).pin, box(town).pinning) == ("", True)
    browser.post("/admin/devices/pin", device=number, pinning="off")

    assert not box(town).pinning
    trail = town.store.run_sync(lambda uow: uow.audit.entries("device", number))
    assert [(one.verb, one.actor) for one in trail] == [("reset_pin", "operator")] * 2
    assert "重置设备码" in page(town, browser)


def test_a_box_is_released_with_or_without_its_identity(town: Town, browser: Browser) -> None:
    number = box(town).id
    browser.post("/admin/devices/unbind", device=number)

    assert (box(town).household_id, box(town).state) == (None, "pending")
    trail = town.store.run_sync(lambda uow: uow.audit.entries("device", number))
    assert (trail[0].verb, trail[0].detail["identity"]) == ("unbind", False)
    browser.post("/admin/devices/unbind", device=number, identity=1)
    assert town.store.run_sync(lambda uow: uow.audit.entries("device", number))[0].detail["identity"] is True


def test_a_card_is_vouched_for(town: Town, browser: Browser) -> None:
    made = town.store.run_sync(lambda uow: uow.devices.add(Device(0, card_no="8001", state="active"), NOON))
    before = browser.get(f"/admin/devices/{made.id}").body
    browser.post("/admin/devices/confirm", device=made.id)

    assert "智能卡还没有核实" in before
    assert "智能卡已核实" in browser.get(f"/admin/devices/{made.id}").body


def test_a_box_of_no_package_is_told_to_see_nothing(town: Town, browser: Browser) -> None:
    assert "还没有设置套餐" in page(town, browser)
    package = town.store.run_sync(lambda uow: uow.packages.add(Package(0, "basic", "基本套餐")))
    lake = town.ids["village-lake"]
    town.do(lambda uow: uow.packages.grant(Grant(package.id, "village", str(lake))))

    assert "基本套餐" in page(town, browser)
    assert "没有任何套餐" in page(town, browser, "00:1A:79:00:00:03"), "its village has none"


def test_wrong_values_are_told_on_the_page_of_the_box(town: Town, browser: Browser) -> None:
    number = box(town).id
    answers = [
        browser.post("/admin/devices/account", device=number, account="Z-9"),
        browser.post("/admin/devices/group", device=number, group="字" * 33, note=""),
        browser.post("/admin/devices/state", device=number, state="gone"),
        browser.post("/admin/devices/family", device=number, family="../etc"),
    ]

    assert [one.status for one in answers] == [422] * 4
    assert ["没有这个客户编号" in answers[0].body, "分组不能超过" in answers[1].body] == [True, True]
    assert browser.post("/admin/devices/pin", device=9999).status == 404


def sheet(*rows: str) -> bytes:
    return "\n".join(["MAC,户号,分组,状态,IPTV 账号,IPTV 密码", *rows]).encode("gbk")


def plan_of(shown: str) -> str:
    found = re.search(r'name="plan" value="([^"]+)"', shown)
    assert found, shown
    return found[1]


def test_a_sheet_is_checked_shown_and_only_then_taken(town: Town, browser: Browser) -> None:
    rows = ("00:1A:79:00:01:01,H2,大堂,,0633@iptv,secret-7", f"{FIRST},,,停用,,")
    checked = browser.upload(IMPORT, "盒.csv", sheet(*rows))

    assert checked.status == 200
    assert re.findall(r'class="figure">(\d+)<', checked.body) == ["1", "1", "0"]
    assert ("有新密码" in checked.body, "secret-7" in checked.body) == (True, False)
    assert box(town).state == "active", "nothing is written yet"

    done = browser.post(f"{IMPORT}/apply", plan=plan_of(checked.body))

    assert "新增 1，修改 1，不变 0" in browser.get(done.headers["location"]).body
    assert box(town).state == "blocked"
    new = box(town, "00:1A:79:00:01:01")
    assert (new.group, new.state) == ("大堂", "active")
    assert town.store.run_sync(lambda uow: uow.devices.iptv_password(new.id)) == "secret-7"
    assert browser.post(f"{IMPORT}/apply", plan=plan_of(checked.body)).status == 422, "a plan is applied once"


def test_faults_are_listed_by_cell_and_nothing_can_be_taken(town: Town, browser: Browser) -> None:
    checked = browser.upload(IMPORT, "b.csv", sheet("kitchen,H9,,,,", f"{FIRST},H9,,,,"))

    assert checked.status == 422
    for text in ("b!A2", "MAC 地址应为 12 位", "b!B2", "b!B3", "没有这个户号：H9", "有 3 处要改"):
        assert text in checked.body
    assert 'name="plan"' not in checked.body


def test_boxes_that_changed_since_the_preview_are_not_overwritten(town: Town, browser: Browser) -> None:
    checked = browser.upload(IMPORT, "b.csv", sheet(f"{FIRST},,大堂,,,"))
    browser.post("/admin/devices/state", device=box(town).id, state="blocked")

    refused = browser.post(f"{IMPORT}/apply", plan=plan_of(checked.body))

    assert (refused.status, "被别人改过" in refused.body) == (409, True)
    assert box(town).group == ""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_comes_back_unchanged_and_is_audited(town: Town, browser: Browser, kind: str) -> None:
    exported = browser.post("/admin/devices/export", kind=kind)
    checked = browser.upload(IMPORT, f"b.{kind}", exported.raw)

    assert exported.headers["content-disposition"] == f'attachment; filename="boxes-20251122-1930.{kind}"'
    assert re.findall(r'class="figure">(\d+)<', checked.body) == ["0", "0", "4"]
    assert town.store.run_sync(lambda uow: uow.audit.entries("devices"))[0].verb == "export"


def test_a_plan_of_somebody_else_cannot_be_applied(town: Town, browser: Browser) -> None:
    checked = browser.upload(IMPORT, "b.csv", sheet(f"{FIRST},,大堂,,,"))

    stolen = town.browser("admin").post(f"{IMPORT}/apply", plan=plan_of(checked.body))

    assert (stolen.status, box(town).group) == (422, "")
