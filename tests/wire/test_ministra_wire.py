"""Bytes of the API without a server: refusals, hostile parameters, cmds, profiles, time, discovery."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from epg.model import Programme
from middleware.domain.box_events import BoxEvent
from middleware.domain.channels import Channel
from middleware.domain.devices import Device
from middleware.portal.ministra import (
    guide,
    links,
    localization,
    modules,
    profile,
    pvr,
    stubs,
    vod,
    watchdog,
    wire,
    words,
)
from middleware.portal.ministra.caller import Caller, bearer, caller
from middleware.portal.ministra.guide import View
from middleware.portal.ministra.prefs import Prefs
from middleware.portal.ministra.profile import Asked
from middleware.portal.ministra.vod import Shelf
from middleware.portal.ministra.wire import page, text, whole
from middleware.portal.ministra.zones import day, instant, midnights, stamp, zone
from middleware.services.ports import Airing
from vod.catalogue import Asset
from vod.jobs import State

MAC = "00:1A:79:00:00:01"
NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
ASKED = Asked(MAC, 120)
BITING = [
    "watchdog_timeout",
    "timeslot",
    "epg_data_block_period_for_stb",
    "timeslot_ratio",
    "epg_update_time_range",
    "allowed_stb_types",
    "stb_ntp_server",
    "advert",
    "template",
    "info",
    "enable_settings",
    "id",
    "mac",
    "aspect",
    "volume",
    "locale",
    "stb_lang",
    "default_locale",
    "default_timezone",
    "storages",
    "fav_itv_on",
    "playback_limit",
    "last_itv_id",
    "parent_password",
    "settings_password",
    "store_auth_data_on_stb",
    "additional_services_on",
    "auth_access",
    "status",
]


def test_refusals_are_exactly_these_bytes() -> None:
    told = [wire.AUTHORIZATION, wire.DENIED, wire.UNAUTHORIZED]

    assert [one.body for one in told] == [b"Authorization failed.", b"Access denied.", b"Unauthorized request."]
    assert [len(one.body) for one in told] == [21, 14, 21]
    assert {(one.status, one.content_type.partition(";")[0]) for one in told} == {(200, "text/html")}


def test_a_reply_is_one_envelope_and_the_same_in_gzip() -> None:
    import gzip

    ready = wire.reply({"一": "二" * 3000})

    assert wire.reply(True).plain.body == b'{"js":true,"text":""}'
    assert gzip.decompress(ready.sent(gzip=True).body) == ready.sent(gzip=False).body
    assert ready.plain.content_type == "application/json"


@pytest.mark.parametrize(
    ("told", "expected"),
    [("7", 7), (" 7 ", 7), ("7abc", 7), ("-4", 0), ("1e9", 1), ("", 5), ("x", 5), ("9" * 30, 2**31 - 1), ("٣", 5)],
)
def test_numbers_of_hostile_clients_are_read_within_bounds(told: str, expected: int) -> None:
    assert whole({"n": told}, "n", 5) == expected


def test_texts_and_lists_of_ids_are_bounded() -> None:
    assert text({"a": " x\0y "}, "a") == "xy"
    assert len(text({"a": "x" * 5000}, "a")) == 200
    assert wire.ids({"f": "3, 1,1,x,-2,0,99999999999,2"}, "f", 10) == (3, 1, 2)
    assert len(wire.ids({"f": ",".join(map(str, range(1, 5000)))}, "f", 1000)) == 1000


def test_pages_are_counted_as_boxes_count_them() -> None:
    rows: list[dict[str, Any]] = [{"n": n} for n in range(30)]

    assert [len(page({"p": str(p)}).of(rows)) for p in (1, 2, 3, 4)] == [14, 14, 2, 0]
    assert wire.listed(rows, page({"p": "4"})) == wire.envelope((), 30)
    here = wire.listed(rows, page({"p": "0"}, 20))
    assert (here["cur_page"], here["selected_item"], here["data"][6]["n"]) == (2, 7, 20)


@pytest.mark.parametrize("told", ["00:1A:79:00:00:01", "00%3A1A%3A79%3A00%3A00%3A01", "00:1a:79:00:00:01"])
def test_a_mac_is_the_same_box_however_it_is_written(told: str) -> None:
    assert caller(f"PHPSESSID=null; sn=1; mac={told}; timezone=Europe%2FBerlin; stb_lang=en").mac == MAC


def test_what_is_no_mac_is_told_from_no_cookie() -> None:
    assert caller("stb_lang=en") == Caller(named=False, lang="en")
    assert caller("mac=") == Caller(named=False)
    assert caller("mac=zz") == Caller(named=True)


@pytest.mark.parametrize("told", ["", "Bearer", "Bearer undefined", "Bearer null", "Basic abc", "Bearer  "])
def test_a_header_without_a_token_is_no_bearer(told: str) -> None:
    assert bearer(told) == ""


@pytest.mark.parametrize(
    "cmd",
    [
        "ffmpeg http://localhost/ch/101_",
        "ffmpeg http://localhost/ch/101",
        "http://localhost/ch/101_",
        "auto /ch/101_ position:3",
        "ffmpeg http://localhost/ch/101_12345.m3u8 anything else",
        "ffmpeg%20http%3A%2F%2Flocalhost%2Fch%2F101_",
        "ffmpeg+http://localhost/ch/101_",
        "ffmpeg http://evil.test/x?/ch/101",
    ],
)
def test_a_cmd_names_a_link_by_its_number_only(cmd: str) -> None:
    assert links.link_of({"cmd": cmd}) == 101


@pytest.mark.parametrize("cmd", ["", "x", "/ch/", "/ch/0", "/ch/9999999999", "/ch/-1", "ffmpeg http://10.0.0.1/a.ts"])
def test_garbage_names_nothing(cmd: str) -> None:
    assert links.link_of({"cmd": cmd}) == 0


def test_media_are_films_or_files_and_may_say_where_to_go_on() -> None:
    assert links.media_of({"cmd": "/media/77.mpg"}) == links.Media(77)
    assert links.media_of({"cmd": "auto /media/file_77.mpg position:90"}) == links.Media(77, file=True, at=90)
    assert links.media_of({"cmd": "auto%20/media/77.mpg"}) == links.Media(77)
    assert links.media_of({"cmd": "/etc/passwd"}) is None


def test_addresses_are_plain_http_on_a_host_that_is_one() -> None:
    assert links.base("tv.test:8080", "") == "http://tv.test:8080"
    assert links.base("[::1]:80", "") == "http://[::1]:80"
    assert links.base("a b\r\nX: y", "") == "http://localhost"
    assert links.base("10.0.0.9", "tv.example.com") == "http://tv.example.com"


@pytest.mark.parametrize("error", ["nothing_to_play", "limit", "link_fault", "access_denied", "surprise"])
def test_a_link_that_fails_has_no_cmd_and_a_known_word(error: str) -> None:
    told = [links.channel_answer(0, 0, "", error), links.film_answer(0, "", error), links.archive_answer(0, "", error)]

    assert {one["cmd"] for one in told} == {""}
    assert {one["error"] for one in told} == {error if error != "surprise" else "nothing_to_play"}


def test_every_profile_says_when_to_poll_and_holds_what_bites() -> None:
    device = Device(7, mac=MAC)
    good = profile.served(ASKED, device, Prefs(), pins=True)
    others = [profile.login_due(ASKED), *(profile.turned_away(ASKED, why, "", "0633-1") for why in profile._WHY)]

    assert [name for name in BITING if name not in good] == []
    assert [one["status"] for one in [good, *others]] == [0, 2] + [1] * 8
    for one in [good, *others]:
        assert one["watchdog_timeout"] == 120
        assert 60 <= one["timeslot"] <= 119
        assert one["epg_data_block_period_for_stb"] > 0
        assert 0 <= one["timeslot_ratio"] < 1
        assert None not in one.values()
        assert type(one["status"]) is int
        assert (one["allowed_stb_types"], one["template"]) == ("", "default")
        assert {type(one[name]) for name in ("store_auth_data_on_stb", "auth_access")} == {bool}
    assert all(one["msg"] and one["block_msg"] and MAC in one["msg"] and "0633-1" in one["msg"] for one in others[1:])


def test_without_a_token_a_profile_has_no_pins() -> None:
    told = profile.served(ASKED, Device(7, mac=MAC), Prefs(), pins=False)

    assert "parent_password" not in told
    assert "settings_password" not in told


def test_a_pending_box_is_told_its_mac_and_a_number_for_the_operator() -> None:
    told = profile.turned_away(ASKED, "pending", "", "", Device(42, mac=MAC))

    assert told["msg"] == "这台机顶盒还没有登记，MAC：00:1A:79:00:00:01，请把这个号码告诉工作人员：10042-0"
    assert told["block_msg"].count("<br>") == 2


def test_words_of_the_operator_cannot_hold_markup() -> None:
    assert "<script>" not in profile.turned_away(ASKED, "blocked", "<script>")["block_msg"]


def test_slots_stay_with_a_mac_and_are_spread() -> None:
    slots = [profile.timing(Asked(f"00:1A:79:00:{n >> 8:02X}:{n & 255:02X}", 120))["timeslot"] for n in range(1000)]
    counts = [slots.count(slot) for slot in range(60, 120)]

    assert profile.timing(ASKED) == profile.timing(ASKED)
    assert {*slots} == {*range(60, 120)}
    assert max(counts) <= 40


def test_an_idle_poll_has_no_id() -> None:
    assert watchdog.IDLE[True].plain.body == b'{"js":{"data":{"msgs":0,"additional_services_on":"1"}},"text":""}'


def test_a_message_is_html_of_plain_words() -> None:
    event = BoxEvent(5, 1, "send_msg", NOW, NOW, msg="注意 <停电>\n%mac%", auto_hide_s=30)
    expected = {
        "msgs": 1, "additional_services_on": "1", "id": "5", "event": "send_msg", "need_confirm": 1,
        "msg": "注意 &lt;停电&gt;<br>%mac%", "reboot_after_ok": 0, "auto_hide_timeout": 30, "param1": "",
        "send_time": "2026-11-25 13:00:00",
    }  # fmt: skip

    assert watchdog.event(event, services_on=True, here=ZoneInfo("Asia/Tokyo")) == {"data": expected}


def _programme(start: datetime, hours: float = 1) -> Airing:
    return Airing(9, 7, "t", Programme("u", "c", start, start + timedelta(hours=hours), "夜话"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", ("2026-10-25 02:30:00", "2026-10-25 02:30:00")),  # clocks go back between the two
        ("Asia/Shanghai", ("2026-10-25 08:30:00", "2026-10-25 09:30:00")),
        ("Mars/Olympus", ("2026-10-25 08:30:00", "2026-10-25 09:30:00")),
        ("../etc/passwd", ("2026-10-25 08:30:00", "2026-10-25 09:30:00")),
        ("", ("2026-10-25 08:30:00", "2026-10-25 09:30:00")),
    ],
)
def test_text_times_are_the_boxs_own_and_epochs_everybodys(name: str, expected: tuple[str, str]) -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    row = guide.event_row(_programme(start), Channel(7, "c.x", 7, "七"), View(zone(name), start))

    assert (row["time"], row["time_to"]) == expected
    assert (row["start_timestamp"], row["stop_timestamp"]) == (1792888200, 1792891800)
    assert (row["duration"], row["real_id"]) == (3600, "7_1792888200")


def test_days_of_a_zone_have_23_to_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    hours = [
        (stop - start).total_seconds() / 3600
        for start, stop in (
            midnights(datetime(2026, *on, tzinfo=UTC).date(), berlin) for on in ((3, 29), (10, 25), (7, 1))
        )
    ]

    assert hours == [23, 25, 24]


def test_times_that_boxes_tell_are_read_in_their_zone_or_not_at_all() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert instant("2026-07-01 12:00:00", berlin) == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert instant("0001-01-01 00:00:00", berlin) is None
    assert instant("x", berlin) is None
    assert str(day("2026-07-01 trailing", berlin)) == "2026-07-01"
    assert stamp(NOW, berlin) == "2026-11-25 05:00:00"


@pytest.mark.parametrize(
    ("told", "expected"),
    [("5", 6), ("3", 6), ("168", 168), ("9999", 168), ("abc", 6), ("-1", 6), ("0", 6), ("25", 48), ("", 6)],
)
def test_any_period_is_one_of_a_few(told: str, expected: int) -> None:
    assert guide.period({"period": told}) == expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("7_1792888200", (7, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))),
        ("7_", None),
        ("_5", None),
        ("7_99999999999", None),
        ("x_1", None),
        ("7", None),
        ("٣_1792888200", None),
    ],
)
def test_real_ids_are_read_or_not_at_all(told: str, expected: object) -> None:
    assert guide.read_real_id(told) == expected


def test_a_table_cuts_programmes_at_its_edges() -> None:
    channel, view = Channel(7, "c.x", 7, "七"), View(ZoneInfo("Asia/Shanghai"), NOW)
    shown = guide.window({"from": "2026-11-25 12:00:00", "to": "2026-11-25 13:30:00"}, view)
    cell = guide.cell(_programme(NOW - timedelta(minutes=20), 3), channel, shown, view)

    assert (cell["larr"], cell["rarr"], cell["display_duration"], cell["duration"]) == (1, 1, 5400, 10800)
    assert guide.table([], 0, page({}), shown, view)["time_marks"] == ["12:00", "12:30", "13:00", "13:30"]


@pytest.mark.parametrize(
    "values",
    [{}, {"from": "x"}, {"from_ts": "9" * 30}, {"from": "2026-11-25 12:00:00", "to": "2020-01-01 00:00:00"}],
)
def test_windows_that_make_no_sense_are_90_minutes(values: dict[str, str]) -> None:
    shown = guide.window(values, View(ZoneInfo("Asia/Shanghai"), NOW))

    assert shown.stop - shown.start == timedelta(minutes=90)


def test_a_week_has_21_days_from_monday_of_the_last() -> None:
    rows = guide.week(View(ZoneInfo("Asia/Shanghai"), NOW), "zh")

    assert (len(rows), rows[0]["f_mysql"], rows[0]["f_human"]) == (21, "2026-11-16", "11月16日 周一")
    assert [row["f_mysql"] for row in rows if row["today"]] == ["2026-11-25"]


def test_only_what_is_recorded_over_and_kept_can_be_watched_again() -> None:
    channel = Channel(7, "c.x", 7, "七", archive_h=24)
    starts = {"now": -0.5, "over": -3, "old": -25, "to come": 1}
    found = {
        name: guide.recorded(_programme(NOW + timedelta(hours=at)).programme, channel, NOW)
        for name, at in starts.items()
    }

    assert found == {"now": False, "over": True, "old": False, "to come": False}


def test_words_of_the_interface_are_there_in_both_languages() -> None:
    known = localization.words()

    assert len(known) > 300
    assert [key for key, both in known.items() if not all(both)] == []
    zh, en = (localization.localization(lang).plain.body.decode() for lang in ("zh", "en"))
    assert '"tv_title":"电视直播"' in zh
    assert '"tv_title":"Live TV"' in en
    assert not re.search("[\u4e00-\u9fff]", en)
    assert words.language("en_GB.utf8") == "en"


def test_modules_have_every_list_and_recordings_say_that_there_are_none() -> None:
    told = modules.modules()
    lists = ("all_modules", "switchable_modules", "disabled_modules", "restricted_modules")

    assert {type(told[name]) for name in lists} == {list}
    assert pvr.no_recordings() == {**wire.envelope(()), "records_rest_length": 0}
    assert pvr.ANSWERS["get_active_recordings"].plain.body == b'{"js":[],"text":""}'


@pytest.mark.parametrize("home", stubs.HOMES)
def test_discovery_tools_find_the_api_in_the_stub(home: str) -> None:
    """The steps of STB-Proxy and MacReplay (portal-ministra.md §9)."""
    url = f"http://10.0.0.1:8080{home}xpcom.common.js"
    read = stubs.XPCOM.replace(" ", "").replace("'", "").replace("+", "")
    pattern = re.search(r"varpattern.*\/(\(http.*)\/;", read)
    assert pattern
    result = re.search(pattern[1], url)
    assert result
    parts = {
        f"this.portal_{name}": result[int(found[1])]
        for name in ("protocol", "ip", "path")
        if (found := re.search(rf"this\.portal_{name}.*(\d).*;", read))
    }
    portal = re.search(r"this\.ajax_loader=(.*\.php);", read)
    assert portal
    address = portal[1]
    for name, value in parts.items():
        address = address.replace(name, value)

    assert len(parts) == 3
    assert address == "http://10.0.0.1:8080/stalker_portal/server/load.php"


def test_films_in_high_definition_are_marked_and_found() -> None:
    films = [Asset(n, 1, State.READY, "style", f"片{n}", "", "", 60_000, NOW) for n in (1, 2)]
    found = vod.catalogue(films, [], [("style", "风采")], {2})
    told = vod.ordered_list(found, {"hd": "1"}, Shelf(Prefs(), ZoneInfo("Asia/Shanghai"), NOW))

    assert [(row["id"], row["hd"]) for row in told["data"]] == [("2", 1)]
