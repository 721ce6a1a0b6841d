"""The way in: aliases, refusals, tokens, profiles by state, pins, log-in, limits."""

import re
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from middleware import config
from middleware.domain.accounts import Account
from middleware.services import accounts, devices
from tests.portal.ministra_box import CANONICAL, OFFERED, Box, stocked
from tests.portal.portal_town import PortalTown

ALIASES = [
    CANONICAL,
    "/server/load.php",
    "/stalker_portal/portal.php",
    "/portal.php",
    "/c/portal.php",
    "/",
]
MINE, OTHER, STRANGE = "00:1A:79:00:00:01", "00:1A:79:00:00:02", "00:1A:79:AA:00:01"
FAILED, DENIED, NO_MAC = b"Authorization failed.", b"Access denied.", b"Unauthorized request."
Make = Callable[..., PortalTown]


@pytest.fixture
def town(portal_town_with: Make) -> PortalTown:
    return stocked(portal_town_with)[0]


@pytest.fixture
def box(town: PortalTown) -> Box:
    return Box(town).boot()


def refusal(box: Box, kind: str = "itv", action: str = "get_genres") -> bytes:
    told = box.get(kind, action)
    assert (told.status, told.headers["content-type"].partition(";")[0]) == (200, "text/html")
    return told.body


def state(town: PortalTown, to: str, home: str = "01001") -> None:
    town.write(lambda uow: devices.set_state(uow, town.now(), "test", town.ids.boxes[home], to))  # type: ignore[arg-type]


def account(town: PortalTown, **fields: Any) -> Account:
    wanted = Account(0, "n1", **fields)
    made: Account = town.write(lambda uow: accounts.add(uow, town.now(), "test", wanted, password="geheim"))
    return made


# --- addresses ---


def test_every_alias_gives_the_same_bytes_by_get_and_post(box: Box) -> None:
    told = set()
    for path in ALIASES:
        at = attrs.evolve(box, path=path)
        told |= {at.get("itv", "get_genres").raw, at.raw(f"{path}?type=itv&action=get_genres", **box.head).raw}
        if path != "/":
            told.add(at.post("itv", "get_genres").raw)
    told.add(box.raw("/?type=itv&action=get_genres", "POST", b"JsHttpRequest=1-xml", **box.head).raw)

    assert len(told) == 1


def test_the_root_without_type_and_action_is_not_the_api(box: Box) -> None:
    told = [box.raw(target, **box.head) for target in ("/", "/?type=itv", "/?action=get_genres", "/?x=1")]

    assert {(one.status, one.headers["location"]) for one in told} == {(302, "/portal")}


def test_stubs_are_served_and_other_scripts_are_not_there(town: PortalTown) -> None:
    box = Box(town)

    for home in ("/c/", "/c_/", "/client/", "/stalker_portal/c/", "/stalker_portal/c_/"):
        told = [box.raw(f"{home}{name}") for name in ("xpcom.common.js", "version.js", "player.js")]
        assert [one.status for one in told] == [200, 200, 404]
        assert b"/stalker_portal/server/load.php" in told[0].body
        assert told[1].body.startswith(b"var ver = '")


HOSTILE = [
    b"type=stb&action=nothing",
    b"type=%00&action=%ff%fe",
    b"type=itv&action=get_ordered_list&genre=%&p=%zz",
    b"type=itv&action=create_link&cmd=%ff%fe%00",
    b"type=itv&type=vod&action=get_genres&action=x",
    b"&".join(b"a%d=1" % n for n in range(300)) + b"&type=itv&action=get_genres",
    b"type=epg&action=get_simple_data_table&ch_id=99999999999999999999&date=9999-99-99",
    b"type[]=itv&action[]=get_genres",
    b"type=tvreminder&action=add&program_id=1_99999999999999&fire_ts=-1",
    b"type=vod&action=get_ordered_list&movie_id=-1&season_id=x&p=1e400",
]


def test_nothing_that_is_sent_is_answered_by_another_status(box: Box) -> None:
    heads = (box.head, {}, {**box.head, "Range": "bytes=0-"}, {**box.head, "Authorization": "Bearer x"})
    told = [
        box.raw(CANONICAL.encode() + b"?" + query, method, query, **head)
        for query in HOSTILE
        for method in ("GET", "POST")
        for head in heads
    ]

    assert {one.status for one in told} == {200}
    assert {one.headers["content-type"] for one in told} <= {"application/json", "text/html; charset=utf-8"}


def test_a_range_is_ignored(box: Box) -> None:
    told = box.raw(f"{CANONICAL}?type=itv&action=get_all_channels", Range="bytes=0-", **box.head)

    assert (told.status, "content-range" in told.headers) == (200, False)


def test_gzip_and_plain_hold_the_same(box: Box) -> None:
    target = f"{CANONICAL}?type=itv&action=get_all_channels"
    packed, plain = box.raw(target, Accept_Encoding="deflate, gzip, br", **box.head), box.raw(target, **box.head)

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.body == plain.raw
    assert {one.headers["cache-control"] for one in (packed, plain)} == {"no-store"}


def test_values_with_semicolons_arrive_whole_and_the_first_of_two_counts(box: Box, town: PortalTown) -> None:
    box.raw(f"{CANONICAL}?type=stb&action=get_profile&stb_type=MAG322&ver=a:%20b;%20c&sn=1", **box.head)
    log = f"{CANONICAL}?type=stb&action=log&real_action=play&tmp_type=1&ch_id=1&cmd=http://h/x?y=1&type=vod"
    told = box.raw(log, **box.head)

    device = town.write(lambda uow: uow.devices.get(town.ids.boxes["01001"]))
    assert (device.version, device.model) == ("a: b; c", "MAG322")
    assert told.js == 1
    assert [one.content for one in town.write(lambda uow: uow.box_logs.viewing())] == ["channel:1"]


# --- who it is ---


def test_a_mac_is_the_same_box_however_it_is_written(box: Box) -> None:
    for written in (MINE, "00%3A1A%3A79%3A00%3A00%3A01", "00:1a:79:00:00:01", "00%3a1a%3a79%3a00%3a00%3a01"):
        head = {"Cookie": f"mac={written}", "Authorization": f"Bearer {box.bearer}"}
        assert box.raw(f"{CANONICAL}?type=account_info&action=get_main_info", **head).js["mac"] == MINE


def test_without_a_mac_cookie_nothing_is_answered(town: PortalTown) -> None:
    box = Box(town)

    for action in ("handshake", "get_profile", "get_localization", "do_auth", "get_modules"):
        for cookie in ("", "mac=", "sn=1; stb_lang=en"):
            told = box.raw(f"{CANONICAL}?type=stb&action={action}", Cookie=cookie)
            assert (told.status, told.raw) == (200, NO_MAC)


def test_a_bearer_that_is_missing_or_unknown_is_refused(town: PortalTown, box: Box) -> None:
    for bearer in (None, "undefined", "x", OFFERED, "0" * 32):
        assert refusal(attrs.evolve(box, bearer=bearer)) == FAILED


def test_a_bearer_of_another_box_is_refused_but_the_open_actions_answer(town: PortalTown, box: Box) -> None:
    other = Box(town, OTHER, bearer=box.bearer)

    assert refusal(other) == FAILED
    assert isinstance(other.js("stb", "handshake"), dict)
    profile = other.profile()
    assert (profile["status"], "parent_password" in profile) == (0, False)
    assert isinstance(other.js("stb", "get_localization"), dict)
    assert other.js("stb", "do_auth", login="x", password="y") is False
    assert refusal(other) == FAILED
    assert box.js("itv", "get_genres")


def test_handshake_gives_known_tokens_back_and_others_anew(town: PortalTown) -> None:
    box = Box(town)
    first = box.handshake()
    again = box.handshake()
    strange = attrs.evolve(box, bearer=OFFERED).js("stb", "handshake", token=OFFERED)

    assert re.fullmatch("[0-9A-F]{32}", first["token"])
    assert re.fullmatch("[0-9a-f]{40}", first["random"])
    assert (first["not_valid"], first["Token"]) == (0, first["token"])
    assert (again["token"], again["not_valid"]) == (first["token"], 0)
    assert strange["token"] != OFFERED
    assert strange["not_valid"] == 1
    assert attrs.evolve(box, bearer="undefined").js("stb", "handshake")["not_valid"] == 0


def test_tokens_outlive_a_restart_and_are_no_tokens_of_another_mac(town: PortalTown, box: Box) -> None:
    town.portal.stop()
    town.start()

    assert box.js("stb", "handshake", token=box.bearer)["token"] == box.bearer
    assert box.js("itv", "get_genres")
    assert Box(town, OTHER).js("stb", "handshake", token=box.bearer)["token"] != box.bearer


def test_tokens_are_stored_by_digest_only(town: PortalTown, box: Box) -> None:
    rows = town.write(lambda uow: uow.tokens.of_device(town.ids.boxes["01001"]))

    assert len(rows) == 1
    assert box.bearer
    assert box.bearer.encode() not in rows[0].digest


def test_a_second_profile_ends_the_first_token_and_a_handshake_alone_does_not(town: PortalTown, box: Box) -> None:
    second = Box(town)
    second.handshake()

    assert box.js("itv", "get_genres")
    assert second.bearer != box.bearer
    assert second.profile()["status"] == 0
    assert refusal(box) == FAILED
    assert second.js("itv", "get_genres")


def test_a_token_of_the_client_is_bound_when_all_else_is_right(town: PortalTown) -> None:
    own = Box(town, bearer=OFFERED.lower())

    assert own.profile()["status"] == 0
    assert own.js("itv", "get_genres")
    short = Box(town, bearer="abc")
    assert "parent_password" not in short.profile()
    assert refusal(short) == FAILED


def test_a_missed_poll_ends_nothing(town: PortalTown, box: Box) -> None:
    town.clock.advance(29 * 86400)

    assert box.js("itv", "get_genres")


# --- states ---


@pytest.fixture
def asking(portal_town_with: Make) -> PortalTown:
    return stocked(portal_town_with, devices=config.Devices(unknown="login"))[0]


def test_a_box_that_must_log_in_is_refused_until_it_has(asking: PortalTown) -> None:
    account(asking, login="wang")
    box = Box(asking, STRANGE)
    box.handshake()
    profile = box.profile()

    assert (profile["status"], profile["watchdog_timeout"], type(profile["timeslot"])) == (2, 120, int)
    assert refusal(box) == FAILED
    assert box.js("stb", "do_auth", login="wang", password="falsch") is False
    assert refusal(box) == FAILED
    assert box.js("stb", "do_auth", login="wang", password="geheim") is True
    assert box.profile(auth_second_step=1)["status"] == 0
    assert box.js("itv", "get_genres")
    assert box.js("account_info", "get_main_info")["ls"] == "n1"


def test_a_log_in_does_not_move_a_box_from_one_account_to_another(town: PortalTown, box: Box) -> None:
    first = account(town, login="wang")
    town.write(lambda uow: accounts.tie(uow, town.now(), "test", town.ids.boxes["01001"], first.id))
    town.write(lambda uow: accounts.add(uow, town.now(), "test", Account(0, "n2", login="li"), password="x"))

    assert box.js("stb", "do_auth", login="li", password="x") is False
    assert box.js("stb", "do_auth", login="wang", password="geheim") is True


def test_guessing_passwords_is_held_up(town: PortalTown, box: Box) -> None:
    account(town, login="wang")
    told = [box.get("stb", "do_auth", login="wang", password=f"p{n}").body for n in range(12)]

    assert told[0] == b'{"js":false,"text":""}'
    assert told[-1] == FAILED
    assert box.js("itv", "get_genres")


def test_the_first_device_id_is_kept_and_another_or_none_is_refused(town: PortalTown) -> None:
    box = Box(town).boot(device_id="AAAA", device_id2="BBBB")
    clone = Box(town)
    clone.handshake()

    for told in ({"device_id": "CCCC"}, {}, {"device_id2": "BBBB"}):
        profile = clone.profile(**told)
        assert (profile["status"], bool(profile["msg"])) == (1, True)
        assert refusal(clone) == FAILED
    assert box.js("itv", "get_genres")
    assert box.profile(device_id="AAAA")["status"] == 0
    assert len(town.write(lambda uow: uow.box_logs.clones())) == 3

    town.write(lambda uow: devices.reset_pin(uow, town.now(), "office", town.ids.boxes["01001"]))
    assert clone.profile(device_id="CCCC")["status"] == 0
    assert [one.actor for one in town.write(lambda uow: uow.audit.entries("device")) if one.verb == "reset_pin"] == [
        "office"
    ]


def test_an_unknown_box_is_registered_to_wait_and_served_when_it_is_let_in(town: PortalTown) -> None:
    box = Box(town, STRANGE)
    box.handshake()
    profile = box.profile()

    assert profile["status"] == 1
    assert all(STRANGE in profile[name] and "登记" in profile[name] for name in ("msg", "block_msg"))
    assert refusal(box) == DENIED
    idle = box.js("watchdog", "get_events")["data"]
    assert "id" not in idle

    made = town.write(lambda uow: next(one for one in uow.devices.all() if one.mac == STRANGE))
    assert made.state == "pending"
    town.write(lambda uow: devices.set_state(uow, town.now(), "test", made.id, "active"))
    assert box.js("watchdog", "get_events")["data"]["event"] == "cut_on"
    assert "id" not in box.js("watchdog", "get_events")["data"]
    assert box.profile()["status"] == 0


def test_a_box_that_is_let_in_while_the_server_restarts_is_told_so_once(town: PortalTown, box: Box) -> None:
    waiting = Box(town, STRANGE)
    waiting.handshake()
    waiting.profile()
    town.portal.stop()
    made = town.write(lambda uow: next(one for one in uow.devices.all() if one.mac == STRANGE))
    town.write(lambda uow: devices.set_state(uow, town.now(), "test", made.id, "active"))
    town.start()

    told = [waiting.js("watchdog", "get_events")["data"].get("event") for _ in range(2)]
    assert told == ["cut_on", None]
    assert "id" not in box.js("watchdog", "get_events")["data"]


@pytest.mark.parametrize("mac", ["AA:BB:CC:00:00:01", "zz"])
def test_a_mac_outside_the_list_or_none_at_all_is_told_so(town: PortalTown, mac: str) -> None:
    box = Box(town, mac)
    assert box.handshake()["token"]
    profile = box.profile()

    assert (profile["status"], profile["watchdog_timeout"]) == (1, 120)
    assert profile["msg"]
    assert profile["block_msg"]
    assert refusal(box) == FAILED
    assert all(one.mac != mac for one in town.write(lambda uow: uow.devices.all()))


def test_with_registration_off_an_unknown_box_is_told_so(portal_town_with: Make) -> None:
    town = stocked(portal_town_with, devices=config.Devices(unknown="refuse"))[0]
    box = Box(town, STRANGE)
    box.handshake()

    assert box.profile()["status"] == 1
    assert refusal(box) == FAILED


def test_a_blocked_box_gets_its_words_and_polls_on(town: PortalTown, box: Box) -> None:
    owner = account(town, block_text="请到营业厅")
    town.write(lambda uow: accounts.tie(uow, town.now(), "test", town.ids.boxes["01001"], owner.id))
    town.write(lambda uow: accounts.change(uow, town.now(), "test", attrs.evolve(owner, on=False)))
    profile = box.profile()

    assert (profile["status"], "请到营业厅" in profile["msg"], "请到营业厅" in profile["block_msg"]) == (1, True, True)
    assert [refusal(box, *one) for one in (("itv", "get_genres"), ("stb", "log"), ("x", "y"))] == [DENIED] * 3
    assert box.js("stb", "get_localization")
    assert "data" in box.js("watchdog", "get_events")

    town.write(lambda uow: accounts.change(uow, town.now(), "test", attrs.evolve(owner, on=True)))
    assert box.js("watchdog", "get_events")["data"]["event"] == "cut_on"
    assert box.js("itv", "get_genres")


def test_a_box_that_is_blocked_while_it_plays_is_cut_off_once(town: PortalTown, box: Box) -> None:
    state(town, "blocked")

    assert box.js("watchdog", "get_events")["data"]["event"] == "cut_off"
    assert "id" not in box.js("watchdog", "get_events")["data"]


def test_maintenance_holds_all_boxes_but_for_their_questions(portal_town_with: Make) -> None:
    town = stocked(portal_town_with, ministra=config.Ministra(maintenance=True))[0]
    box = Box(town)
    box.handshake()
    profile = box.profile()

    assert (profile["status"], profile["portal_disabled"]) == (1, 1)
    assert refusal(box) == DENIED
    assert box.js("stb", "check_portal_status") is False
    assert box.js("watchdog", "get_events") == {"data": {"msgs": 0, "additional_services_on": "1"}}


def test_the_portal_says_that_it_is_open(box: Box) -> None:
    assert box.js("stb", "check_portal_status") is True


@pytest.mark.parametrize("on", [False, True])
def test_clients_without_profile_come_in_only_where_the_operator_says_so(portal_town_with: Make, on: bool) -> None:
    town = stocked(portal_town_with, ministra=config.Ministra(without_profile=on))[0]
    box = Box(town)
    box.handshake()
    stranger = Box(town, STRANGE)
    stranger.handshake()

    assert (box.get("itv", "get_genres").body == FAILED) is not on
    assert refusal(stranger) == FAILED
    assert refusal(Box(town, OTHER, bearer=OFFERED)) == FAILED


def test_strangers_are_held_up_and_known_boxes_are_not(town: PortalTown) -> None:
    macs = [f"00:1A:79:BB:{n >> 8:02X}:{n & 255:02X}" for n in range(260)]
    told = [Box(town, mac).get("stb", "handshake").body for mac in macs]

    assert FAILED in told
    assert Box(town).boot().js("itv", "get_genres")


def test_one_strange_mac_is_held_up_for_itself(town: PortalTown) -> None:
    strange = Box(town, "AA:BB:CC:00:00:09")
    told = [strange.get("stb", "get_profile").body for _ in range(40)]

    assert told[-1] == FAILED
    assert Box(town, "AA:BB:CC:00:00:08").get("stb", "get_profile").body != FAILED


# --- when something breaks ---


def test_a_handler_that_breaks_answers_false_or_what_a_list_is(
    town: PortalTown, box: Box, lost_errors: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = box.get("itv", "get_all_channels").raw
    guide = box.get("itv", "get_epg_info").raw

    async def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("broken")

    core = town.portal.core
    monkeypatch.setattr(core, "lineup", broken)
    monkeypatch.setattr(core, "schedules", broken)
    core._lineups.version += 1
    core._schedules.version += 1

    assert box.get("itv", "get_all_channels").raw == good
    assert box.get("itv", "get_epg_info").raw == guide
    assert box.js("itv", "get_epg_info", period=168) == {"data": {}}
    assert box.js("itv", "get_ordered_list")["data"] == []
    assert box.js("epg", "get_data_table")["data"] == []
    assert box.get("epg", "get_all_program_for_ch", ch_id=1).js == []
    assert box.get("tvreminder", "get_all_active").js == []
    assert box.get("account", "nothing").js is False
    monkeypatch.setattr(core, "known", broken)
    monkeypatch.setattr(core, "box", broken)
    assert box.profile()["status"] == 1
    assert isinstance(box.js("stb", "handshake", token="x"), dict)
    assert lost_errors
    lost_errors.clear()
