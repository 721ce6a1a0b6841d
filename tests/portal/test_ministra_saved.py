"""What a box saves, its account, and what it reports, over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from middleware import config
from middleware.domain.accounts import Account
from middleware.domain.packages import Grant, Package
from middleware.services import accounts, packages
from tests.portal.ministra_box import Box, stocked
from tests.portal.portal_town import NOW, PortalTown

OTHER = "00:1A:79:00:00:02"
LIST = {"total_items": 0, "max_page_items": 14, "selected_item": 0, "cur_page": 0, "data": []}
Make = Callable[..., PortalTown]


@pytest.fixture
def stock(portal_town_with: Make) -> tuple[PortalTown, dict[str, int]]:
    return stocked(portal_town_with)


@pytest.fixture
def town(stock: tuple[PortalTown, dict[str, int]]) -> PortalTown:
    return stock[0]


@pytest.fixture
def ids(stock: tuple[PortalTown, dict[str, int]]) -> dict[str, int]:
    return stock[1]


@pytest.fixture
def box(town: PortalTown) -> Box:
    return Box(town).boot()


def test_favourites_replace_each_other_whole_and_show_in_every_list(
    town: PortalTown, box: Box, ids: dict[str, int]
) -> None:
    first, kept = str(ids["first"]), str(ids["kept"])
    before = box.get("itv", "get_all_channels").raw
    assert box.js("itv", "set_fav", fav_ch=f"{kept},{first},,x,{kept}") is True
    assert box.js("itv", "get_fav_ids", fav=1) == [kept, first]
    assert [row["fav"] for row in box.js("itv", "get_all_channels")["data"]] == [1, 1]
    assert [row["id"] for row in box.js("itv", "get_all_fav_channels", fav=1)["data"]] == [kept, first]
    assert Box(town, OTHER).boot().js("itv", "get_fav_ids") == []
    assert box.js("itv", "set_fav", fav_ch=first) is True
    assert [row["fav"] for row in box.js("itv", "get_all_channels")["data"]] == [1, 0]
    assert box.js("itv", "set_fav", fav_ch="") is True
    assert box.get("itv", "get_all_channels").raw == before


def test_small_settings_come_back_after_a_restart(town: PortalTown, box: Box, ids: dict[str, int]) -> None:
    saved = {
        ("stb", "set_volume"): {"vol": 35},
        ("stb", "set_aspect"): {"ch_id": ids["first"], "aspect": 48},
        ("itv", "set_fav_status"): {"fav_itv_on": 1},
        ("itv", "set_last_id"): {"id": ids["kept"]},
        ("itv", "add_to_censored"): {"ch_id": ids["first"]},
        ("media_favorites", "save"): {"favorites": '{"a":"长"}'},
        ("downloads", "save"): {"downloads": "[1,2]"},
    }
    assert [box.js(*name, **fields) for name, fields in saved.items()] == [True] * 7
    town.portal.stop()
    town.start()
    profile = box.profile()

    assert (profile["volume"], profile["fav_itv_on"], profile["last_itv_id"]) == ("35", 1, str(ids["kept"]))
    assert box.js("stb", "get_tv_aspects") == {str(ids["first"]): 48}
    assert box.js("media_favorites", "get_all") == '{"a":"长"}'
    assert box.js("downloads", "get_all") == "[1,2]"
    assert [row["lock"] for row in box.js("itv", "get_ordered_list", p=1)["data"]] == [1, 0]
    bulk = box.js("itv", "get_all_channels")
    assert ([row["id"] for row in bulk["data"]], bulk["total_items"]) == ([str(ids["kept"])], 1)
    assert bulk == box.js("itv", "get_all_channels"), "the same from memory"
    other = Box(town, OTHER).boot()
    assert [other.js(one, "get_all") for one in ("media_favorites", "downloads")] == ["", ""]
    assert other.js("stb", "get_tv_aspects") == {}


def test_what_is_saved_is_at_most_64_kib(box: Box) -> None:
    assert box.post("downloads", "save", downloads="x" * 65_536).js is True
    assert box.post("downloads", "save", downloads="x" * 65_537).js is False
    assert box.js("downloads", "get_all") == "x" * 65_536


def test_reminders_come_back_until_they_are_taken_away(town: PortalTown, box: Box, ids: dict[str, int]) -> None:
    row = next(row for row in box.js("itv", "get_epg_info")["data"][str(ids["first"])] if row["t_time"] == "22:00")
    fields = {"ch_id": row["ch_id"], "program_id": row["real_id"], "fire_ts": row["start_timestamp"]}
    assert box.js("tvreminder", "add", **fields, program_name=row["name"]) is True
    assert box.js("tvreminder", "get_all_active") == [
        {
            "fire_ts": row["start_timestamp"], "t_fire_time": "22:00", "itv_name": "今日南湖", "ch_id": row["ch_id"],
            "program_name": row["name"], "tv_program_id": row["real_id"], "tv_program_real_id": row["real_id"],
        }
    ]  # fmt: skip
    day = box.js("epg", "get_simple_data_table", ch_id=ids["first"], date="2026-11-24", p=1)["data"]
    assert [one["t_time"] for one in day if one["mark_memo"]] == ["22:00"]
    assert Box(town, OTHER).boot().js("tvreminder", "get_all_active") == []
    assert box.js("tvreminder", "add", program_id=f"{ids['first']}_1000000000") is False
    assert box.js("tvreminder", "del", program_id=row["real_id"]) is True
    assert box.js("tvreminder", "get_all_active") == []


# --- account ---


def test_an_account_is_told_with_its_end_and_nothing_is_sold(town: PortalTown, box: Box) -> None:
    wanted = Account(0, "88001", "wang", "王秀兰", ends_at=NOW + timedelta(days=30))
    made: Account = town.write(lambda uow: accounts.add(uow, NOW, "test", wanted, phone="13806336021"))
    town.write(lambda uow: accounts.tie(uow, NOW, "test", town.ids.boxes["01001"], made.id))
    told = box.js("account_info", "get_main_info")

    assert (told["fname"], told["ls"], told["phone"]) == ("王秀兰", "88001", "138****6021")
    assert told["end_date"] == told["account_info"]["end_date"] == "2026-12-24 19:30:00"
    assert [type(box.js("account_info", f"get_{name}_info")) for name in ("payment", "agreement", "terms")] == [str] * 3
    for action in ("subscribe_to_package", "unsubscribe_from_package", "check_price", "rent_video"):
        assert [*box.js("account", action, package_id=1)] == ["message"]


def test_packages_are_marked_where_the_box_has_them(town: PortalTown, box: Box) -> None:
    def write(uow: Any) -> None:
        one = packages.add(uow, NOW, "test", Package(0, "a", "基本包"))
        packages.add(uow, NOW, "test", Package(0, "b", "影视包", optional=True))
        packages.grant(uow, NOW, "test", Grant(one.id, "town"))

    town.write(write)
    rows = box.js("account_info", "get_user_packages", p=1)["data"]

    assert [(row["name"], row["subscribed"], row["optional"]) for row in rows] == [
        ("基本包", True, False), ("影视包", False, True),
    ]  # fmt: skip


def test_what_is_reported_is_kept_without_addresses(town: PortalTown, box: Box, ids: dict[str, int]) -> None:
    link = box.js("itv", "create_link", cmd=f"/ch/{ids['first']}")["cmd"]
    box.js("stb", "log", real_action="play", param=link, content_id=ids["first"], tmp_type=1, link_id=ids["first"])
    box.js("stb", "log", real_action="stop", param=link, content_id=ids["first"], tmp_type=1)
    box.js("stb", "log", real_action="play", param="", content_id=0, tmp_type=0)
    box.js("itv", "set_claim", id=ids["first"], real_type="video<script>")
    box.js("stb", "set_stream_error", ch_id=ids["first"], event=5)
    lines = town.write(lambda uow: uow.box_logs.viewing())

    assert [(one.what, one.content) for one in reversed(lines)] == [
        (what, f"channel:{ids['first']}") for what in ("play", "stop", "claim", "error")
    ]
    assert not any("/l/" in one.detail for one in lines)


def test_recordings_are_not_offered(box: Box) -> None:
    assert box.js("remote_pvr", "get_active_recordings") == []
    assert box.js("remote_pvr", "get_ordered_list", p=1) == {**LIST, "records_rest_length": 0}
    assert [*box.js("remote_pvr", "start_rec_now", ch_id=1)] == ["error"]
    assert box.js("remote_pvr", "stop_rec", rec_id=1) is False


def test_a_town_with_https_in_front_sends_boxes_there_by_plain_http(portal_town_with: Make) -> None:
    town, ids = stocked(portal_town_with, public_url="https://tv.example.com")
    told = Box(town).boot().js("itv", "create_link", cmd=f"/ch/{ids['first']}")

    assert told["cmd"].startswith("ffmpeg http://tv.example.com/l/")


def test_no_store_is_asked_for_a_poll_or_for_a_list_that_is_there(town: PortalTown, box: Box) -> None:
    for _ in range(2):
        box.js("itv", "get_epg_info")
        box.js("itv", "get_all_channels")
        box.js("itv", "get_genres")
    town.transactions.clear()
    for kind, action in (
        ("watchdog", "get_events"), ("itv", "get_epg_info"), ("itv", "get_all_channels"), ("itv", "get_genres"),
        ("stb", "get_localization"), ("stb", "get_modules"),
    ):  # fmt: skip
        box.js(kind, action)

    assert town.transactions == []


def test_settings_of_the_file_reach_the_api(portal_town_with: Make) -> None:
    told = config.Ministra(watchdog_s=60, zone="Europe/Berlin")
    town = stocked(portal_town_with, ministra=told, devices=config.Devices(hotline="0633-8888888"))[0]
    box = attrs.evolve(Box(town).boot(), zone="")

    assert box.profile()["watchdog_timeout"] == 60
    assert box.profile()["default_timezone"] == "Europe/Berlin"
    assert "0633-8888888" in box.js("account_info", "get_payment_info")
