"""What an operator sends reaches the box's own page: at once, until it is heard, and to that box only."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from middleware.portal.rules import Rules
from middleware.services import box_events
from tests.portal.portal_town import MACS, TV, PortalTown


@pytest.fixture
def sending_town(portal_town_with: Callable[..., PortalTown]) -> PortalTown:
    return portal_town_with(rules=Rules(hotline="0633-8282828"))


def come(town: PortalTown, mac: str = MACS["01001"]) -> TV:
    tv = TV(town.site)
    tv.get(f"/portal?mac={mac}&asked=1")
    tv.page("home")
    return tv


def send(town: PortalTown, kind: str, target: str = "all", **told: Any) -> None:
    town.write(lambda uow: box_events.queue(uow, town.now(), "op", target, kind, **told))  # type: ignore[arg-type]
    town.wait(1)


def poll(tv: TV, shown: int = 0) -> dict[str, Any] | None:
    answer = tv.ask("GET", f"/poll?since=0&p=home&m={shown}")
    return json.loads(answer.body).get("event") if answer else None


def test_a_message_wakes_the_parked_poll_of_each_box_it_is_for(sending_town: PortalTown) -> None:
    mine, other = come(sending_town), come(sending_town, MACS["02001"])
    for tv in (mine, other):
        assert poll(tv) is None
    send(sending_town, "send_msg", f"device:{sending_town.ids.boxes['01001']}", msg="今晚停水 <b>")
    told = mine.told()

    assert told is not None
    event = json.loads(told.body)["event"]
    assert (event["do"], event["lines"], event["hide"]) == ("note", [["今晚停水 <b>"]], 0)
    assert "今晚停水 &lt;b&gt;" in event["html"]
    assert other.told() is None


def test_it_comes_again_on_the_next_page_until_it_is_heard(sending_town: PortalTown) -> None:
    tv = come(sending_town)
    send(sending_town, "send_msg", msg="今晚停水")
    first = poll(tv)
    assert first is not None
    same_page, next_page = poll(tv, first["id"]), poll(tv)
    heard = tv.post("/heard", {"event": str(first["id"])})

    assert (same_page, next_page) == (None, first)
    assert heard.status == 204
    assert poll(tv) is None


def test_the_next_message_comes_when_one_was_heard(sending_town: PortalTown) -> None:
    tv = come(sending_town)
    send(sending_town, "send_msg", msg="一")
    first = poll(tv)
    assert first is not None
    send(sending_town, "send_msg", msg="二")
    assert poll(tv, first["id"]) is None
    parked = tv.wire
    tv.post("/heard", {"event": str(first["id"])})
    sending_town.wait(1)

    assert "二".encode() in parked.value()


def test_nobody_else_can_say_that_it_was_heard(sending_town: PortalTown) -> None:
    tv, other = come(sending_town), come(sending_town, MACS["02001"])
    send(sending_town, "send_msg", f"device:{sending_town.ids.boxes['01001']}", msg="一")
    first = poll(tv)
    assert first is not None
    answers = [
        other.post("/heard", {"event": str(first["id"])}).status,
        TV(sending_town.site).post("/heard", {"event": str(first["id"])}).status,
        tv.post("/heard", {"event": "x"}).status,
        tv.post("/heard", {"event": str(first["id"])}, Origin="http://evil.test").status,
    ]

    assert answers == [204, 401, 400, 400]
    assert poll(tv) == first


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("reload_portal", {"do": "go", "to": "/p/home"}),
        ("show_menu", {"do": "go", "to": "/p/home"}),
        ("update_epg", {"do": "go", "to": ""}),
        ("reboot", {"do": "boot"}),
    ],
)
def test_commands_are_given_out_once(sending_town: PortalTown, kind: str, expected: dict[str, str]) -> None:
    tv = come(sending_town)
    send(sending_town, kind)
    event = poll(tv)

    assert event is not None
    assert {name: value for name, value in event.items() if name != "id"} == expected
    assert poll(tv) is None


def test_a_channel_is_named_by_its_number_and_must_be_in_the_line_up(sending_town: PortalTown) -> None:
    tv = come(sending_town)
    send(sending_town, "play_channel", msg="2")
    event = poll(tv)
    send(sending_town, "play_channel", msg="77")

    assert event is not None
    assert event["to"] == f"/p/tv-{sending_town.ids.channels[1]}"
    assert poll(tv) is None


def test_a_box_that_is_cut_off_shows_why_until_it_is_let_in_again(sending_town: PortalTown) -> None:
    tv = come(sending_town)
    send(sending_town, "cut_off")
    off = poll(tv)
    page = tv.page("home")
    send(sending_town, "send_msg", msg="今晚停水")
    assert tv.ask("GET", "/poll?since=0&p=error-off&m=1") is None, "a message does not hide why"
    send(sending_town, "cut_on")
    on = tv.told()

    assert off is not None
    assert off["to"] == "/p/home"
    assert (page.status, "电视服务暂停了" in page.body) == (403, True)
    assert on is not None
    assert json.loads(on.body)["event"]["to"] == "/p/home"
    assert tv.page("home").status == 200
    after = poll(tv)
    assert after is not None
    assert after["do"] == "note"


def test_a_browser_that_can_send_no_requests_gets_the_message_as_pages(sending_town: PortalTown) -> None:
    tv = TV(sending_town.site)
    tv.get(f"/portal?mac={MACS['01001']}&asked=1&app=EnRich")
    tv.page("home")
    send(sending_town, "send_msg", msg="".join(f"第{n}条：防汛值班表已经张贴，请各户留意。" for n in range(1, 31)))
    led = tv.page("home")
    first, last = tv.page("note").body, tv.page("note-3").body
    event = re.search(r'"=/p/heard (\d+)"|=/p/heard (\d+)', last)
    assert event
    heard = tv.post("/p/heard", {"choice": event[1] or event[2]})

    assert led.to == "/p/note"
    assert ("第1条" in first, "/p/note-2" in first, "/p/heard" in first) == (True, True, False)
    assert "第30条" in last
    assert heard.to == "/p/home"
    assert tv.page("home").status == 200


def test_a_command_leads_such_a_browser_on(sending_town: PortalTown) -> None:
    tv = TV(sending_town.site)
    tv.get(f"/portal?mac={MACS['01001']}&asked=1&app=EnRich")
    tv.page("home")
    send(sending_town, "play_channel", msg="2")

    assert tv.page("affairs").to == f"/p/tv-{sending_town.ids.channels[1]}"
    assert tv.page("affairs").status == 200


def test_what_has_expired_is_not_shown(sending_town: PortalTown) -> None:
    tv = come(sending_town)
    send(sending_town, "send_msg", msg="旧的", ttl=timedelta(minutes=5))
    sending_town.clock.advance(301)

    assert poll(tv) is None


def test_a_poll_without_news_asks_the_database_nothing(sending_town: PortalTown) -> None:
    tv = come(sending_town)
    poll(tv)
    sending_town.transactions.clear()
    poll(tv)

    assert sending_town.transactions == []
