"""stb, stb_msg, send_event, tariffs and itv."""

import pytest

from middleware.domain.devices import Device
from tests.portal.rest_town import MAC, NEW, NOW, OTHER, RestTown

WAITING = "00:1A:79:00:00:03"


def box_row(rest: RestTown, name: str = MAC) -> dict:
    found = rest.call("GET", f"stb/{name}").results
    assert len(found) == 1
    return found[0]


def waiting(rest: RestTown, mac: str = MAC) -> list:
    box = rest.box(mac).id
    return list(rest.do(lambda uow: uow.box_events.waiting(box, rest.now())))


def test_a_box_is_told_with_who_has_it_and_where_it_is(rest: RestTown) -> None:
    rest.call("POST", "accounts", login="u1", account_number="A-1", stb_mac=MAC)

    assert box_row(rest) == {
        "mac": MAC,
        "ls": "A-1",
        "login": "u1",
        "status": 1,
        "online": 1,
        "ip": "10.1.2.3",
        "version": "",
        "additional_services_on": 1,
        "last_active": "2026-11-24 19:29:00",
    }
    assert box_row(rest, "A-1")["mac"] == MAC
    rest.clock.advance(600)
    assert box_row(rest)["online"] == 0


def test_all_boxes_are_listed_and_one_that_waits_is_not_on(rest: RestTown) -> None:
    found = rest.call("GET", "stb").results

    assert {one["mac"]: one["status"] for one in found} == {MAC: 1, OTHER: 1, WAITING: 0}


def test_a_box_is_blocked_and_let_in_by_status(rest: RestTown) -> None:
    off = rest.call("PUT", f"stb/{MAC},{OTHER}", status="0").results

    assert [one["status"] for one in off] == [0, 0]
    assert rest.box(MAC).state == "blocked"
    assert rest.call("PUT", f"stb/{WAITING}", status="1").results[0]["status"] == 1
    assert rest.box(WAITING).state == "active"


def test_a_box_is_registered_with_an_account_of_its_own(rest: RestTown) -> None:
    made = rest.call("POST", "stb", mac=NEW.lower(), login="u9", password="p", ls="A-9", end_date="2027-01-01").results

    account = rest.do(lambda uow: uow.accounts.by_number("A-9"))
    assert (made["mac"], made["ls"], made["login"], made["status"]) == (NEW, "A-9", "u9", 1)
    assert account.ends_at is not None
    assert rest.call("POST", "stb", mac=NEW).error == "MAC address already in use"
    assert rest.call("POST", "stb").error == "mac required"


def test_a_box_gets_and_loses_an_account_by_its_number(rest: RestTown) -> None:
    assert rest.call("PUT", f"stb/{MAC}", ls="A-5", additional_services_on="0").results[0]["ls"] == "A-5"
    assert not rest.box(MAC).services_on
    assert rest.call("PUT", f"stb/{MAC}", ls="").results[0]["ls"] == ""
    refused = rest.call("PUT", f"stb/{MAC}", end_date="2027-01-01")
    assert refused.error == "end_date belongs to an account: give ls too"


def test_a_removed_box_is_gone_for_billing_and_may_come_back(rest: RestTown) -> None:
    assert rest.call("DELETE", f"stb/{MAC}").results is True

    box = rest.box(MAC)
    assert (box.state, box.household_id, box.account_id) == ("retired", None, None)
    assert rest.call("GET", f"stb/{MAC}").error == "STB not found"
    assert rest.call("POST", "stb", mac=MAC).results["status"] == 1


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE"])
def test_an_unknown_box_is_an_error_with_http_200(rest: RestTown, verb: str) -> None:
    answer = rest.call(verb, "stb/00:1A:79:FF:FF:FF", **({"status": "1"} if verb == "PUT" else {}))

    assert (answer.status, answer.error) == (200, "STB not found")


def test_a_call_is_done_for_all_its_boxes_or_for_none(rest: RestTown) -> None:
    assert rest.call("PUT", f"stb/{MAC},00:1A:79:FF:FF:FF", status="0").error == "STB not found"
    assert rest.box(MAC).state == "active"


def test_a_message_waits_for_the_boxes_named(rest: RestTown) -> None:
    done = rest.call("POST", f"stb_msg/{MAC}", msg="明天停水", ttl="3600", auto_hide_timeout="30")

    (event,) = waiting(rest)
    assert done.results is True
    assert (event.kind, event.msg, event.auto_hide_s, event.sender) == ("send_msg", "明天停水", 30, "api:boss")
    assert (event.expires - NOW).total_seconds() == 3600
    assert waiting(rest, OTHER) == []
    assert rest.call("POST", "stb_msg", msg="x").error == "Identifier required"
    assert rest.call("POST", f"stb_msg/{MAC}").error == "Empty msg"


def test_an_event_keeps_the_time_after_which_it_hides_and_goes_to_all_without_ids(rest: RestTown) -> None:
    rest.call("POST", "send_event", event="send_msg", msg="台风来了", auto_hide_timeout="15", need_reboot="1")

    events = [waiting(rest, mac)[0] for mac in (MAC, OTHER, WAITING)]
    assert {(one.auto_hide_s, one.reboot_after_ok, one.msg) for one in events} == {(15, True, "台风来了")}


@pytest.mark.parametrize(
    "event", ["reboot", "reload_portal", "update_channels", "update_image", "cut_off", "show_menu"]
)
def test_commands_need_nothing_more(rest: RestTown, event: str) -> None:
    assert rest.call("POST", f"send_event/{MAC}", event=event, ttl="60").results is True
    assert [one.kind for one in waiting(rest)] == [event]


def test_events_with_something_in_them_carry_it(rest: RestTown) -> None:
    rest.call("POST", f"send_event/{MAC}", event="play_channel", channel="7")
    rest.call(
        "POST", f"send_event/{OTHER}", event="send_msg_with_video", msg="看", video="ffmpeg http://10.0.0.1/a.mp4"
    )

    assert [(one.kind, one.msg) for one in waiting(rest)] == [("play_channel", "7")]
    assert [one.param for one in waiting(rest, OTHER)] == ["ffmpeg http://10.0.0.1/a.mp4"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "event required"),
        ({"event": "explode"}, "event should be one of send_msg"),
        ({"event": "send_msg"}, "msg required"),
        ({"event": "send_msg_with_video", "msg": "x"}, "video required"),
        ({"event": "play_channel"}, "channel required"),
        ({"event": "play_channel", "channel": "x"}, "msg is empty, too long, or no channel number"),
        ({"event": "send_msg", "msg": "x" * 1001}, "msg has more than 1000 characters"),
        ({"event": "reboot", "ttl": "99999999"}, "ttl should be a whole number up to 2592000"),
    ],
)
def test_an_event_that_cannot_be_sent_is_told_why(rest: RestTown, fields: dict, told: str) -> None:
    answer = rest.call("POST", f"send_event/{MAC}", **fields)

    assert answer.error.startswith(told)
    assert waiting(rest) == []


def test_tariffs_come_with_their_packages(rest: RestTown) -> None:
    package = {"id": "1", "external_id": "basic", "name": "基本套餐", "description": "", "type": "tv", "optional": 0}

    assert rest.call("GET", "tariffs").results == [
        {"id": "1", "external_id": "gold", "name": "金卡", "packages": [package]}
    ]
    assert rest.call("GET", "tariffs/9").error == "Tariff not found"


def test_channels_are_told_as_numbers_in_text(rest: RestTown) -> None:
    found = rest.call("GET", "itv").results

    assert [one["number"] for one in found] == ["1", "7"]
    assert found[0] == {
        "id": found[0]["id"],
        "name": "央视一套",
        "number": "1",
        "base_ch": 1,
        "hd": 1,
        "url": "http://10.0.0.1/1.m3u8",
        "enable_monitoring": 0,
        "descr": "",
    }
    assert rest.call("GET", f"itv/{found[1]['id']}").results == [found[1]]
    assert rest.call("GET", "itv/99").error == "Channel not found"


def test_a_box_without_a_mac_is_listed_too(rest: RestTown) -> None:
    rest.do(lambda uow: uow.devices.add(Device(0, iptv_user="0633@iptv", state="active"), NOW))

    assert rest.call("GET", "stb").results[-1]["mac"] == ""
