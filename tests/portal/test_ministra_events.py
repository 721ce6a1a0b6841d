"""Messages and commands as boxes poll for them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from epg.times import SHANGHAI
from middleware.services import box_events, devices
from tests.portal.ministra_box import Box, stocked
from tests.portal.portal_town import PortalTown

Make = Callable[..., PortalTown]
IDLE = {"msgs": 0, "additional_services_on": "1"}


@pytest.fixture
def town(portal_town_with: Make) -> PortalTown:
    return stocked(portal_town_with)[0]


@pytest.fixture
def box(town: PortalTown) -> Box:
    return Box(town).boot()


def send(town: PortalTown, kind: str, target: str = "all", **more: Any) -> None:
    town.write(lambda uow: box_events.queue(uow, town.now(), "test", target, kind, **more))  # type: ignore[arg-type]


def poll(box: Box, **fields: object) -> Any:
    told = box.js("watchdog", "get_events", **{"init": 0, "cur_play_type": 1, "event_active_id": 0, **fields})
    assert [*told] == ["data"]
    return told["data"]


def test_an_idle_poll_has_no_id_and_costs_no_question(town: PortalTown, box: Box) -> None:
    poll(box)
    town.transactions.clear()

    assert [poll(box, init=1), poll(box)] == [IDLE, IDLE]
    assert town.transactions == []


def test_a_message_repeats_until_it_is_confirmed_and_a_command_overtakes_it_once(town: PortalTown, box: Box) -> None:
    send(town, "send_msg", msg="今晚停水\n请存水", auto_hide_s=45, reboot_after_ok=True)
    first, again = poll(box), poll(box)
    send(town, "play_channel", msg="1")
    command, after = poll(box), poll(box)

    assert first == again == after
    assert first["send_time"] == f"{town.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    assert (first["event"], first["msg"], first["need_confirm"]) == ("send_msg", "今晚停水<br>请存水", 1)
    assert (first["auto_hide_timeout"], first["reboot_after_ok"], first["param1"]) == (45, 1, "")
    assert (command["event"], command["msg"], command["need_confirm"]) == ("play_channel", "1", 0)
    assert box.js("watchdog", "confirm_event", event_active_id=first["id"]) == {"data": "ok"}
    assert poll(box) == IDLE


def test_both_expire(town: PortalTown, box: Box) -> None:
    send(town, "send_msg", msg="一会儿", ttl=timedelta(minutes=10))
    assert poll(box)["event"] == "send_msg"
    send(town, "reload_portal", ttl=timedelta(minutes=1))
    town.clock.advance(61)
    assert poll(box)["event"] == "send_msg"
    town.clock.advance(600)

    assert poll(box) == IDLE


def test_a_message_nobody_confirms_never_holds_back_commands(town: PortalTown, box: Box) -> None:
    send(town, "send_msg", msg="一")
    for kind in ("update_epg", "update_channels", "show_menu"):
        assert poll(box)["event"] == "send_msg"
        send(town, kind)
        assert poll(box)["event"] == kind


def test_a_clip_follows_its_message(town: PortalTown, box: Box) -> None:
    send(town, "send_msg_with_video", msg="看短片", param="ffmpeg http://10.0.0.1/clip.m3u8")

    told = poll(box)
    assert (told["event"], told["param1"]) == ("send_msg_with_video", "ffmpeg http://10.0.0.1/clip.m3u8")


def test_a_box_cannot_confirm_what_is_anothers(town: PortalTown, box: Box) -> None:
    send(town, "send_msg", msg="各家", target=f"device:{town.ids.boxes['01001']}")
    number = poll(box)["id"]
    Box(town, "00:1A:79:00:00:02").boot().js("watchdog", "confirm_event", event_active_id=number)

    assert poll(box)["id"] == number


def test_cut_on_reaches_a_box_that_is_turned_away(town: PortalTown, box: Box) -> None:
    device = town.ids.boxes["01001"]
    town.write(lambda uow: devices.set_state(uow, town.now(), "test", device, "blocked"))
    assert poll(box)["event"] == "cut_off"
    send(town, "cut_on", target=f"device:{device}")

    assert poll(box)["event"] == "cut_on"
    assert poll(box) == IDLE


def test_extra_services_that_are_off_are_told_with_each_poll(town: PortalTown, box: Box) -> None:
    device = town.ids.boxes["01001"]
    town.write(lambda uow: devices.set_services(uow, town.now(), "test", device, False))

    assert poll(box) == {"msgs": 0, "additional_services_on": "0"}
    assert box.profile()["additional_services_on"] == "0"


def test_a_box_that_polls_is_on_and_says_what_it_plays(town: PortalTown, box: Box) -> None:
    device, presence = town.ids.boxes["01001"], town.portal.core.presence
    poll(box, cur_play_type=2)
    seen = presence.last(device)

    assert presence.online(device)
    assert seen is not None
    assert seen.doing == 2
    town.clock.advance(181)
    assert not presence.online(device)
