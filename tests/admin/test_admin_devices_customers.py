"""Customers, packages and messages in the back office."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from middleware.admin import words
from middleware.domain.channels import Channel
from middleware.domain.packages import Grant
from middleware.services import box_events
from tests.admin.conftest import NOON, Answer, Browser, Town


@pytest.fixture
def browser(town: Town) -> Browser:
    return town.browser("operator")


def customer(browser: Browser, **fields: str) -> Answer:
    usual = {"number": "A-1", "full_name": "王秀兰", "household": "H1", "tariff": "", "login": "u1", "streams": "2"}
    return browser.post("/admin/customers/save", **{**usual, "ends": "", "comment": "", **fields})


def account(town: Town, number: str = "A-1") -> object:
    return town.store.run_sync(lambda uow: uow.accounts.by_number(number))


def test_a_customer_is_made_with_the_boxes_of_his_home_and_found_again(town: Town, browser: Browser) -> None:
    made = customer(browser, password="pass-7", ends="2027-01-31", comment="<b>窗口</b>")
    page = browser.get(made.headers["location"]).body

    stored = account(town)
    assert (stored.full_name, stored.streams) == ("王秀兰", 2)
    assert stored.ends_at == datetime(2027, 1, 30, 16, tzinfo=UTC), "midnight in the town"
    assert town.store.run_sync(lambda uow: uow.accounts.password(stored.id)) == "pass-7"
    for text in ("00:1A:79:00:00:01", 'value="2027-01-31"', "&lt;b&gt;窗口"):
        assert text in page
    assert "pass-7" not in page
    for text in ("A-1", "秀兰", "u1", "H1"):
        assert 'href="/admin/customers/1"' in browser.get(f"/admin/customers?q={quote(text)}").body
    assert "没有找到" in browser.get("/admin/customers?q=nobody").body


def test_saving_again_changes_what_was_typed_and_keeps_the_password(town: Town, browser: Browser) -> None:
    customer(browser, password="pass-7")
    customer(browser, customer="1", full_name="王秀英", household="", password="")

    stored = account(town)
    assert (stored.full_name, stored.household_id) == ("王秀英", None)
    assert town.store.run_sync(lambda uow: uow.accounts.password(stored.id)) == "pass-7"
    trail = town.store.run_sync(lambda uow: uow.audit.entries("account", stored.id))
    assert [(one.verb, one.actor) for one in trail] == [("change", "operator"), ("add", "operator")]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"number": ""}, "客户编号只能有"),
        ({"household": "H9"}, "没有这个户号"),
        ({"tariff": "7"}, "没有这个资费"),
        ({"tariff": "x"}, "要填数字"),
        ({"streams": "many"}, "要填数字"),
        ({"streams": "101"}, "同时观看数"),
        ({"ends": "soon"}, "到期日要写成"),
        ({"login": "u 1"}, "登录名只能有"),
    ],
)
def test_a_fault_is_told_and_what_was_typed_stays(
    town: Town, browser: Browser, fields: dict[str, str], told: str
) -> None:
    answer = customer(browser, full_name="赵建国", **fields)

    assert (answer.status, told in answer.body) == (422, True)
    assert 'value="赵建国"' in answer.body
    assert account(town) is None


def test_a_customer_is_cut_off_with_a_word_and_let_back_on(town: Town, browser: Browser) -> None:
    customer(browser)
    browser.post("/admin/customers/switch", customer=1, on=0, block_text="欠费，请到广电站缴费")
    off = account(town)
    listed = browser.get("/admin/customers").body
    browser.post("/admin/customers/switch", customer=1, on=1)

    assert (off.on, off.block_text) == (False, "欠费，请到广电站缴费")
    assert "已停机" in listed
    assert account(town).on
    assert browser.post("/admin/customers/switch", customer=99, on=0).status == 404


@pytest.fixture
def channels(town: Town) -> list[int]:
    return [
        town.store.run_sync(lambda uow, n=n: uow.guide.add_channel(Channel(0, f"c{n}.example.cn", n, f"{n} 台"))).id
        for n in (1, 2, 18)
    ]


def package(browser: Browser, **fields: str) -> Answer:
    usual = {"name": "基本套餐", "code": "basic", "about": "", "every_channel": "1", "every_board": "1"}
    return browser.post("/admin/packages/save", **{**usual, **fields})


def stored_package(town: Town) -> object:
    return town.store.run_sync(lambda uow: uow.packages.by_code("basic"))


def test_a_package_holds_the_channels_and_boards_that_were_chosen(
    town: Town, browser: Browser, channels: list[int]
) -> None:
    chosen = {"every_channel": "0", "channels": "1-5， 18", "every_board": "0", "board_live": "1"}
    made = package(browser, **chosen)
    page = browser.get(made.headers["location"]).body

    assert (stored_package(town).channels, stored_package(town).boards) == (tuple(channels), ("live",))
    assert 'name="channels" value="1,2,18"' in page
    package(browser, package="1", name="全部频道")
    assert (stored_package(town).channels, stored_package(town).boards) == (None, None)
    assert "全部频道" in browser.get("/admin/packages").body


def test_a_package_that_cannot_be_is_told_why(town: Town, browser: Browser, channels: list[int]) -> None:
    answers = [
        package(browser, every_channel="0", channels="7"),
        package(browser, every_channel="0", channels="one"),
        package(browser, code="x y"),
        package(browser, name=""),
    ]

    assert [one.status for one in answers] == [422] * 4
    for told, answer in zip(("没有频道 7", "没有频道 one", "代码只能有", "名称不能为空"), answers, strict=True):
        assert told in answer.body
    assert stored_package(town) is None


def test_a_package_is_given_taken_back_and_removed(town: Town, browser: Browser) -> None:
    package(browser)
    assert "所有机顶盒都能看全部" in browser.get("/admin/packages").body
    lake = town.ids["village-lake"]
    browser.post("/admin/packages/grant", package=1, to=f"village:{lake}")
    browser.post("/admin/packages/grant", package=1, to="town:")

    grants = town.store.run_sync(lambda uow: uow.packages.grants())
    assert set(grants) == {Grant(1, "village", str(lake)), Grant(1, "town", "")}
    browser.post("/admin/packages/revoke", package=1, scope="village", target=lake)
    assert len(town.store.run_sync(lambda uow: uow.packages.grants())) == 1
    assert browser.post("/admin/packages/grant", package=1, to="village:999").status == 422
    assert browser.post("/admin/packages/grant", package=1, to="planet:1").status == 422
    browser.post("/admin/packages/remove", package=1)
    assert stored_package(town) is None
    assert browser.get("/admin/packages/1").status == 404


def message(browser: Browser, **fields: str) -> Answer:
    return browser.post("/admin/messages", **{"target": "all", "kind": "send_msg", "msg": "明天停水", **fields})


def waiting(town: Town, mac: str = "00:1A:79:00:00:01") -> tuple:
    boxes = town.store.run_sync(lambda uow: uow.devices.all())
    number = next(one.id for one in boxes if one.mac == mac)
    return town.store.run_sync(lambda uow: uow.box_events.waiting(number, town.now))


@pytest.mark.parametrize(
    ("target", "count"), [("all", 4), ("village:v1", 2), ("branch:b2", 1), ("device:1", 1), ("group:大堂", 0)]
)
def test_a_message_goes_to_the_place_that_was_chosen(town: Town, browser: Browser, target: str, count: int) -> None:
    answer = message(browser, target=target)

    sent = browser.get(answer.headers["location"]).body if answer.status == 303 else answer.body
    assert (f"已发给 {count} 台" in sent) if count else ("没有要发送的机顶盒" in sent)


def test_a_message_carries_its_life_and_how_long_it_stays(town: Town, browser: Browser) -> None:
    message(browser, msg="一\n二", ttl="60", hide="30", reboot="1")

    (event,) = waiting(town)
    assert (event.msg, event.auto_hide_s, event.reboot_after_ok) == ("一\n二", 30, True)
    assert ((event.expires - NOON).total_seconds(), event.sender) == (3600, "operator")


def test_a_message_may_be_planned_on_the_clock_of_the_town(town: Town, browser: Browser) -> None:
    later = words.local(NOON) + timedelta(hours=3)
    message(browser, at=f"{later:%Y-%m-%dT%H:%M}")
    listed = browser.get("/admin/messages").body

    assert waiting(town) == ()
    assert "还没到时间" in listed
    assert f"{later:%H:%M}" in listed
    assert message(browser, at="gestern").status == 422


def test_commands_take_their_channel_and_no_text(town: Town, browser: Browser) -> None:
    message(browser, kind="play_channel", channel="7", msg="left over")
    message(browser, kind="reboot", msg="left over")

    assert [(one.kind, one.msg) for one in waiting(town)] == [("play_channel", "7"), ("reboot", "")]


def test_what_was_sent_is_counted_and_taken_back(town: Town, browser: Browser) -> None:
    message(browser)
    event = town.store.run_sync(lambda uow: box_events.next_for(uow, NOON, 1))
    town.do(lambda uow: box_events.confirm(uow, NOON, 1, event.id))
    listed = browser.get("/admin/messages").body
    batch = re.findall(r'name="batch" value="(\w+)"', listed)[0]
    counts = re.findall(r'<td class="num" data-label="\S+">(?:<a [^>]*>)?(\d+)(?:</a>)?</td>', listed)

    assert counts == ["4", "1", "1"]
    boxes = browser.get(f"/admin/messages/of/{batch}").body
    assert "4 台机顶盒，1 台按了确定，<b>3 台还没有</b>" in boxes
    assert boxes.index("00:1A:79:00:00:02") < boxes.index("00:1A:79:00:00:01"), "who has not seen it stands first"
    assert browser.get("/admin/messages/of/0").status == 404
    taken = browser.post("/admin/messages/cancel", batch=batch)
    assert "已从 3 台机顶盒撤回" in browser.get(taken.headers["location"]).body
    assert waiting(town, "00:1A:79:00:00:02") == ()
    assert "撤回还没看的" not in browser.get("/admin/messages").body
    assert browser.post("/admin/messages/cancel", batch="0" * 32).status == 404


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"msg": ""}, "消息要有 1 到 1000 个字"),
        ({"kind": "play_channel", "channel": ""}, "频道号应为"),
        ({"kind": "mount_all_storages"}, "没有这种命令"),
        ({"target": "planet:1"}, "发送范围不对"),
        ({"target": "village:v9"}, "没有这个村"),
    ],
)
def test_a_message_that_cannot_be_sent_is_told_why_and_stays_in_the_form(
    town: Town, browser: Browser, fields: dict[str, str], told: str
) -> None:
    answer = message(browser, **{"msg": "写了半天<b>的话", **fields})

    assert (answer.status, told in answer.body) == (422, True)
    assert ("写了半天&lt;b&gt;的话" in answer.body) == ("msg" not in fields)
    assert waiting(town) == ()


def test_a_page_of_a_box_leads_to_the_composer_with_the_box_chosen(town: Town, browser: Browser) -> None:
    shown = browser.get("/admin/messages?target=device:1").body

    assert re.search(r'<option value="device:1" selected>1\s+00:1A:79:00:00:01', shown)
    assert browser.get("/admin/messages?target=device:<x>").status == 200


def test_taking_back_what_brings_a_set_back_is_asked_for_twice(town: Town, browser: Browser) -> None:
    message(browser, kind="cut_on", msg="")
    assert "会一直停着" in browser.get("/admin/messages").body
    browser.post("/admin/messages/cancel", batch=waiting(town)[0].batch)

    message(browser)

    assert "会一直停着" not in browser.get("/admin/messages").body
