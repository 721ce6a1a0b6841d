"""Whole sequences of real clients, written from what is known of them (portal-ministra.md §3, §9, §10)."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import attrs
import pytest

from middleware import config
from tests.portal.ministra_box import Box, Reply, stocked
from tests.portal.portal_town import PortalTown

Make = Callable[..., PortalTown]
FAILED = b"Authorization failed."


@pytest.fixture
def stock(portal_town_with: Make) -> tuple[PortalTown, dict[str, int]]:
    return stocked(portal_town_with)


@pytest.fixture
def town(stock: tuple[PortalTown, dict[str, int]]) -> PortalTown:
    return stock[0]


BOOT: list[tuple[str, str, dict[str, object]]] = [
    ("stb", "get_preload_images", {"gmode": 720}),
    ("stb", "get_modules", {}),
    ("itv", "get_epg_info", {"period": 5}),
    ("itv", "get_all_channels", {"force_ch_link_check": ""}),
    ("itv", "get_all_fav_channels", {"fav": 1}),
    ("itv", "get_fav_ids", {}),
    ("remote_pvr", "get_active_recordings", {}),
    ("watchdog", "get_events", {"init": 1, "cur_play_type": 0, "event_active_id": 0}),
    ("stb", "get_tv_aspects", {}),
    ("itv", "get_genres", {}),
    ("stb", "log", {"real_action": "", "param": "", "content_id": 0, "tmp_type": 0}),
    ("tvreminder", "get_all_active", {}),
    ("vod", "get_categories", {}),
    ("radio", "get_ordered_list", {"all": 1, "p": 1}),
    ("radio", "get_fav_ids", {}),
    ("account_info", "get_main_info", {}),
    ("account_info", "get_payment_info", {}),
    ("account_info", "get_agreement_info", {}),
    ("account_info", "get_terms_info", {}),
    ("media_favorites", "get_all", {}),
    ("downloads", "get_all", {}),
]
"""What a MAG box asks between the words of its interface and the first picture."""


def test_a_mag_box_boots_to_a_picture(town: PortalTown) -> None:
    box = Box(town, agent={"X-User-Agent": "Model: MAG254; Link: Ethernet", "User-Agent": "MAG200 stbapp ver: 2"})
    token = box.handshake()["token"]
    profile = box.profile(client_type="STB", video_out="hdmi", timestamp=1, api_signature=262, metrics="{}", prehash=0)
    words = box.js("stb", "get_localization")
    told = {(kind, action): box.js(kind, action, **fields) for kind, action, fields in BOOT}
    channel = told["itv", "get_all_channels"]["data"][0]
    link = box.js("itv", "create_link", cmd=channel["cmd"], series="", forced_storage="undefined", disable_ad=0)
    played = link["cmd"].split(" ")
    address = played[1].removeprefix("http://tv.test:8080")
    # The box logs the address as it is, with whatever stands in it.
    log = (
        f"{box.path}?type=stb&action=log&real_action=play&content_id=1&tmp_type=1&param={played[0]}%20{address}&type=x"
    )

    assert (len(token), profile["status"], words["tv_title"]) == (32, 0, "电视直播")
    assert [name for name, value in told.items() if value is False] == []
    assert told["media_favorites", "get_all"] == ""
    assert set(told["itv", "get_epg_info"]["data"]) >= {channel["id"]}
    assert len(played) == 2
    assert box.raw(address).status == 302
    assert box.js("itv", "set_last_id", id=channel["id"]) is True
    assert box.raw(log, **box.head).js == 1


KODI = {"User-Agent": "Kodi/20.1", "Range": "bytes=0-", "Accept-Encoding": "deflate, gzip, br, zstd"}


class Kodi:
    """pvr.stalker 20.3.1: it reads six fields of the profile, channels in one list and genre 10 by pages."""

    def __init__(self, town: PortalTown, address: str = "http://tv.test:8080/stalker_portal/c/") -> None:
        path = address.removeprefix("http://tv.test:8080")
        self.path = path.replace("/c/", "/server/load.php") if path.endswith("/c/") else path or "/"
        self.box = Box(town, path=self.path, agent=KODI)

    def call(self, kind: str, action: str, **fields: object) -> Reply:
        pairs = "".join(f"&{name}={quote(str(value))}" for name, value in fields.items())
        raw_mac = self.box.mac  # sent as it is
        head = {"Cookie": f"mac={raw_mac}; stb_lang=en; timezone=Europe/Berlin"}
        if self.box.bearer:
            head["Authorization"] = f"Bearer {self.box.bearer}"
        return self.box.raw(f"{self.path}?type={kind}&action={action}{pairs}", **head)

    def authenticate(self) -> int:
        told = self.call("stb", "handshake", token=self.box.bearer or "", prehash=0).js
        not_valid = told.get("not_valid", 0)
        self.box.bearer = told["token"]
        fields = {
            "stb_type": "MAG250",
            "sn": "0000000000000",
            "ver": "x",
            "hd": 1,
            "num_banks": 1,
            "image_version": 216,
        }
        profile = self.call("stb", "get_profile", **fields, auth_second_step=0, not_valid_token=not_valid).js
        self.timeslot = int(profile["timeslot"])
        assert isinstance(profile.get("msg", ""), str)
        return int(profile["status"])

    def channels(self) -> dict[str, Any]:
        groups = [row for row in self.call("itv", "get_genres").js if row["id"] != "*"]
        found = self.call("itv", "get_all_channels").js["data"]
        page, total = 1, None
        while total is None or (len(found) < total and page < 9):
            told = self.call("itv", "get_ordered_list", genre=10, fav=0, sortby="number", p=page).js
            total = told["total_items"] + len(found) if total is None else total
            found += told["data"]
            page += 1
        assert all(isinstance(row["number"], str) and int(row["number"]) for row in found)
        known = {row["id"] for row in groups}
        assert all(row["tv_genre_id"] in known for row in found)
        return {row["name"]: row for row in found}

    def guide(self) -> dict[str, list[Any]]:
        data: dict[str, list[Any]] = self.call("itv", "get_epg_info", period=72).js["data"]
        assert all(int(row["id"]) < 2**31 and row["name"] is not None for rows in data.values() for row in rows)
        return data

    def play(self, row: dict[str, Any]) -> str:
        assert row["use_http_tmp_link"] == 1
        cmd = self.call("itv", "create_link", cmd=row["cmd"]).js["cmd"]
        return str(cmd[cmd.index(" ") + 1 :])


@pytest.mark.parametrize("address", ["/stalker_portal/c/", "/c/", "/portal.php", "/server/load.php", "/"])
def test_kodi_shows_groups_channels_and_guide_and_plays(town: PortalTown, address: str) -> None:
    kodi = Kodi(town, f"http://tv.test:8080{address}")

    assert kodi.authenticate() == 0
    assert 60 <= kodi.timeslot <= 119
    channels = kodi.channels()
    assert set(channels) == {"今日南湖", "山东卫视", "午夜剧场"}
    assert set(kodi.guide()) == {channels["今日南湖"]["id"], channels["山东卫视"]["id"]}
    assert kodi.box.raw(kodi.play(channels["今日南湖"]).removeprefix("http://tv.test:8080")).status == 302


def test_kodi_comes_back_by_itself_when_its_token_has_died(town: PortalTown) -> None:
    kodi = Kodi(town)
    kodi.authenticate()
    other = Kodi(town)
    other.authenticate()
    poll = kodi.call("watchdog", "get_events", cur_play_type=1, init=0, event_active_id=0)
    assert (poll.status, poll.body) == (200, FAILED)

    assert kodi.authenticate() == 0
    assert kodi.call("watchdog", "get_events", cur_play_type=1, init=0, event_active_id=0).js == {
        "data": {"msgs": 0, "additional_services_on": "1"}
    }


def test_kodi_shows_why_it_is_refused(town: PortalTown) -> None:
    kodi = Kodi(town)
    kodi.box.mac = "AA:BB:CC:DD:EE:FF"

    assert kodi.authenticate() == 1
    assert kodi.timeslot > 0


def test_iptvnator_finds_out_that_a_token_is_needed_and_then_loads_all(town: PortalTown) -> None:
    """It first asks for genres without a token; data there would keep it from ever logging in."""
    bare = Box(town, path="/portal.php")
    assert bare.get("itv", "get_genres").body == FAILED

    box = bare.boot()
    assert [row["title"] for row in box.js("itv", "get_genres")] == ["全部", "新闻", "家长锁"]
    rows = box.js("itv", "get_ordered_list", genre="*", p=1)["data"]
    assert box.js("itv", "create_link", cmd=rows[0]["cmd"])["cmd"].startswith("ffmpeg http://")
    assert [*box.js("itv", "get_epg_info", period=168)["data"]] == [row["id"] for row in rows]
    for kind in ("vod", "series"):
        assert box.js(kind, "get_categories")[0]["id"] == "*"
        assert isinstance(box.js(kind, "get_ordered_list", category="*", p=1)["data"], list)
    film = box.js("vod", "get_ordered_list", category="*", p=1)["data"][0]
    assert box.js("vod", "create_link", cmd=film["cmd"])["cmd"].startswith("ffmpeg http://")
    assert box.js("account_info", "get_main_info")["mac"] == box.mac


def test_stalkerhek_makes_its_list_without_ever_asking_for_a_profile(portal_town_with: Make) -> None:
    """A Go program: strings must be strings, and a missing token or an int among ids ends it."""
    town, _ids = stocked(portal_town_with, ministra=config.Ministra(without_profile=True))
    box = Box(town, path="/stalker_portal/server/load.php")
    told = box.js("stb", "handshake", token="")
    box.bearer = told["Token"]

    assert isinstance(told["token"], str)
    genres = {row["id"]: row["title"] for row in box.js("itv", "get_genres")}
    rows = box.js("itv", "get_all_channels")["data"]
    names = {row["name"]: row for row in rows}
    assert len(names) == len(rows)
    for row in rows:
        first = row["cmds"][0]
        assert {type(first["id"]), type(first["ch_id"]), type(row["tv_genre_id"])} == {str}
        assert row["tv_genre_id"] in genres
        link = box.js("itv", "create_link", cmd=row["cmd"])["cmd"].split(" ")
        assert link[-1].startswith("http://")
    watch = box.get("watchdog", "get_events", event_active_id=0, init=0)
    assert (watch.status, bool(json.loads(watch.body)["js"])) == (200, True)


def test_stb_proxy_finds_the_portal_and_takes_the_last_word_of_a_cmd(town: PortalTown) -> None:
    box = Box(town)
    script = box.raw("/c/xpcom.common.js").body.decode().replace(" ", "").replace("'", "").replace("+", "")
    loader = re.search(r"this\.ajax_loader=(.*\.php);", script)
    assert loader
    path = loader[1].replace("this.portal_protocol://this.portal_ip", "")
    box = Box(town, path=path)
    box.handshake()
    box.profile()
    rows = box.js("itv", "get_all_channels")["data"]
    cmd = box.js("itv", "create_link", cmd=rows[0]["cmd"], series=0, forced_storage=0, disable_ad=0)["cmd"]

    assert path == "/stalker_portal/server/load.php"
    assert box.raw(cmd.split(" ")[-1].removeprefix("http://tv.test:8080")).status == 302
    assert isinstance(box.js("account_info", "get_main_info")["phone"], str)


def test_macreplay_tries_every_address_by_handshake(town: PortalTown) -> None:
    tried = ["/", "/portal.php", "/server/load.php", "/stalker_portal/server/load.php", "/c/portal.php"]
    told = [attrs.evolve(Box(town), path=path).js("stb", "handshake", token="")["token"] for path in tried]

    assert len({*told}) == 5
