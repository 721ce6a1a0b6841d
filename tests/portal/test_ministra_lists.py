"""Channels, films, archive, links and what a box saves, over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from middleware.domain.accounts import Account
from middleware.domain.channels import Channel
from middleware.domain.events import ContentChanged
from middleware.domain.packages import Grant, Package
from middleware.services import accounts, devices, packages
from tests.portal.ministra_box import Box, stocked
from tests.portal.portal_town import NOW, PortalTown
from vod.catalogue import Series

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


def many(town: PortalTown, count: int = 28) -> None:
    def write(uow: Any) -> None:
        for n in range(count):
            uow.guide.add_channel(Channel(0, f"m{n}.nanhu.test", 100 + n, f"频道{n}", "http://10.0.0.1/m.m3u8"))
        uow.outbox.add(ContentChanged("channel"))

    town.write(write)


def names(told: Any) -> list[str]:
    return [row["name"] for row in told["data"]]


def where(cmd: str) -> str:
    """The path that a client opens: what follows the first blank of a cmd, without the host."""
    solution, _, url = cmd.partition(" ")
    assert (solution, url.startswith("http://tv.test:8080/l/"), " " in url) == ("ffmpeg", True, False), cmd
    return url.removeprefix("http://tv.test:8080")


# --- channels ---


def test_locked_channels_are_left_out_of_bulk_and_listed_under_their_genre(box: Box) -> None:
    assert names(box.js("itv", "get_all_channels")) == ["今日南湖", "山东卫视"]
    assert names(box.js("itv", "get_ordered_list", genre="*", p=1)) == ["今日南湖", "山东卫视"]
    locked = box.js("itv", "get_ordered_list", genre=10, p=1)
    assert [(row["name"], row["censored"], row["lock"]) for row in locked["data"]] == [("午夜剧场", 1, 1)]


def test_a_box_sees_what_its_packages_hold(town: PortalTown, box: Box, ids: dict[str, int]) -> None:
    def write(uow: Any) -> None:
        made = packages.add(uow, NOW, "test", Package(0, "p1", "小包", channels=(ids["kept"],), boards=("affairs",)))
        packages.grant(uow, NOW, "test", Grant(made.id, "town"))

    town.write(write)

    assert names(box.js("itv", "get_all_channels")) == ["山东卫视"]
    assert box.js("itv", "get_ordered_list", genre=10, p=1) == LIST
    assert [row["title"] for row in box.js("itv", "get_genres")] == ["全部", "新闻"]
    assert box.js("vod", "get_ordered_list", p=1) == LIST
    refused = box.js("itv", "create_link", cmd=f"ffmpeg http://localhost/ch/{ids['first']}_")
    assert (refused["cmd"], refused["error"]) == ("", "access_denied")
    assert [*box.js("itv", "get_epg_info")["data"]] == [str(ids["kept"])]


def test_thirty_rows_are_14_14_2_and_nothing(town: PortalTown, box: Box) -> None:
    many(town)
    pages = [box.js("itv", "get_ordered_list", genre="*", p=p) for p in (1, 2, 3, 4)]

    assert [(len(one["data"]), one["total_items"], one["cur_page"]) for one in pages] == [
        (14, 30, 0), (14, 30, 0), (2, 30, 0), (0, 30, 0),
    ]  # fmt: skip


def test_page_0_is_the_one_of_the_current_channel(town: PortalTown, box: Box) -> None:
    many(town)
    rows = box.js("itv", "get_all_channels")["data"]
    assert box.js("itv", "set_last_id", id=rows[20]["id"]) is True
    here = box.js("itv", "get_ordered_list", genre="*", p=0)
    there = box.js("itv", "get_ordered_list", genre="*", p=0, from_ch_id=rows[2]["id"])

    assert (here["cur_page"], here["selected_item"]) == (2, 7)
    assert here["data"][6]["id"] == rows[20]["id"]
    assert (there["cur_page"], there["selected_item"]) == (1, 3)
    assert box.profile()["last_itv_id"] == rows[20]["id"]


def test_a_genre_without_channels_is_an_empty_list_object(portal_town_with: Make) -> None:
    box = Box(portal_town_with()).boot()

    for genre in ("10", "dvb", "pvr", "77", "x"):
        assert box.js("itv", "get_ordered_list", genre=genre, p=1) == LIST


def test_lists_are_sorted_and_narrowed(box: Box, ids: dict[str, int]) -> None:
    assert names(box.js("itv", "get_ordered_list", sortby="name", p=1)) == ["今日南湖", "山东卫视"]
    assert names(box.js("itv", "get_ordered_list", hd=1, p=1)) == ["今日南湖"]
    assert names(box.js("itv", "get_ordered_list", fav=1, p=1)) == []
    assert box.js("itv", "set_fav", fav_ch=f"{ids['kept']},{ids['first']}") is True
    assert names(box.js("itv", "get_ordered_list", fav=1, sortby="fav", p=1)) == ["山东卫视", "今日南湖"]


LISTS = [
    ("itv", "get_ordered_list"), ("itv", "get_all_channels"), ("itv", "get_all_fav_channels"),
    ("vod", "get_ordered_list"), ("series", "get_ordered_list"), ("radio", "get_ordered_list"),
    ("karaoke", "get_ordered_list"), ("audioclub", "get_ordered_list"), ("radio", "get_all_fav_radio"),
    ("video_clips", "get_ordered_list"),
]  # fmt: skip


def test_a_list_without_rows_is_the_whole_object(portal_town_with: Make) -> None:
    bare = portal_town_with()
    box = Box(bare).boot()
    assert box.js("account_info", "get_user_packages", p=1) == LIST

    def clear(uow: Any) -> None:
        made = packages.add(uow, NOW, "test", Package(0, "p0", "空", channels=(), boards=()))
        packages.grant(uow, NOW, "test", Grant(made.id, "town"))

    bare.write(clear)
    assert [one for one in LISTS if box.js(*one, p=1) != LIST] == []


def test_a_guide_without_programmes_is_an_empty_object(portal_town_with: Make) -> None:
    bare = portal_town_with()
    bare.write(lambda uow: uow.guide.write([], [], [one.id for one in uow.guide.between(NOW - _DAY, NOW + _DAY)]))
    bare.write(lambda uow: uow.outbox.add(ContentChanged("programme")))

    assert Box(bare).boot().get("itv", "get_epg_info").body == b'{"js":{"data":{}},"text":""}'


_DAY = timedelta(days=2)


# --- links ---


def test_a_link_opens_three_times_and_later_without_cookies_until_the_account_is_blocked(
    town: PortalTown, box: Box, ids: dict[str, int]
) -> None:
    told = box.js("itv", "create_link", cmd=f"ffmpeg http://localhost/ch/{ids['first']}_")
    path = where(told["cmd"])

    assert (told["id"], told["link_id"], told["error"]) == (str(ids["first"]), ids["first"], "")
    assert [box.raw(path).status for _ in range(3)] == [302] * 3
    town.clock.advance(29)
    assert box.raw(path, Range="bytes=0-").status == 302
    town.write(lambda uow: devices.set_state(uow, NOW, "test", town.ids.boxes["01001"], "blocked"))
    assert box.raw(path).status in {403, 404, 410}


CMDS = [
    "ffmpeg http://localhost/ch/{}_", "ffmpeg http://localhost/ch/{}", "http://localhost/ch/{}_",
    "ffmpeg http://localhost/ch/{}_ anything", "ffmpeg%20http%3A%2F%2Flocalhost%2Fch%2F{}_",
    "ffmpeg+http://localhost/ch/{}_",
]  # fmt: skip


def test_a_cmd_comes_back_in_many_ways_and_means_one_channel(box: Box, ids: dict[str, int]) -> None:
    for cmd in CMDS:
        told = box.js("itv", "create_link", cmd=cmd.format(ids["first"]))
        assert f"/ch/{ids['first']}/" in where(told["cmd"])


def test_raw_and_plus_encoded_cmds_are_taken_as_they_stand_in_the_request(box: Box, ids: dict[str, int]) -> None:
    for cmd in (f"ffmpeg+http://localhost/ch/{ids['first']}_", f"http://localhost/ch/{ids['first']}_"):
        told = box.raw(f"{box.path}?type=itv&action=create_link&cmd={cmd}&series=&disable_ad=0", **box.head)
        assert where(told.js["cmd"])


def test_the_id_of_a_further_link_takes_that_way(box: Box, ids: dict[str, int]) -> None:
    told = box.js("itv", "create_link", cmd=f"ffmpeg http://localhost/ch/{ids['link']}_")

    assert (told["id"], told["link_id"]) == (str(ids["first"]), ids["link"])
    assert f"/ch/{ids['link']}/" in where(told["cmd"])


def test_garbage_opens_nothing(box: Box) -> None:
    for cmd in ("", "garbage", "ffmpeg http://localhost/ch/0_", "http://localhost/ch/2147483648", "/ch/777"):
        told = box.js("itv", "create_link", cmd=cmd)
        assert (told["cmd"], told["error"]) == ("", "nothing_to_play")


def test_more_boxes_than_an_account_has_streams_are_told_the_limit(town: PortalTown, ids: dict[str, int]) -> None:
    made: Account = town.write(lambda uow: accounts.add(uow, NOW, "test", Account(0, "n1", streams=1)))
    for home in ("01001", "01002"):
        town.write(lambda uow, home=home: accounts.tie(uow, NOW, "test", town.ids.boxes[home], made.id))
    one, two = Box(town).boot(), Box(town, OTHER).boot()
    cmd = f"ffmpeg http://localhost/ch/{ids['first']}_"
    box_one = one.js("itv", "create_link", cmd=cmd)
    assert one.raw(where(box_one["cmd"])).status == 302
    told = two.js("itv", "create_link", cmd=cmd)

    assert (told["cmd"], told["error"]) == ("", "limit")
    assert where(one.js("itv", "create_link", cmd=cmd)["cmd"])


def test_channel_rows_never_show_where_a_picture_comes_from(box: Box) -> None:
    for action in ("get_all_channels", "get_ordered_list"):
        told = box.get("itv", action, genre="*", p=1)
        assert b"10.0.0." not in told.body
    rows = box.js("itv", "get_all_channels")["data"]
    assert rows[0]["cmds"][0]["id"] == rows[0]["id"]
    assert len(rows[0]["cmds"]) == 2
    assert all(row["use_http_tmp_link"] == 1 for row in rows)


# --- archive ---


def test_only_programmes_marked_as_recorded_have_a_link(box: Box, ids: dict[str, int]) -> None:
    rows = box.js("itv", "get_epg_info", period=24)["data"]
    marked = {row["id"]: row for row in rows[str(ids["kept"])] if row["mark_archive"]}

    assert marked
    assert not any(row["mark_archive"] for row in rows[str(ids["first"])])
    for channel in rows.values():
        for row in channel:
            told = box.js("tv_archive", "create_link", cmd=f"auto /media/{row['id']}.mpg")
            if row["id"] in marked:
                assert where(told["cmd"]).endswith(f"?start=0&duration={row['duration']}")
            else:
                assert (told["cmd"], told["error"]) == ("", "nothing_to_play")


def test_the_part_that_follows_and_time_behind(box: Box, ids: dict[str, int]) -> None:
    first = next(row for row in box.js("itv", "get_epg_info")["data"][str(ids["kept"])] if row["mark_archive"])

    following = box.js("tv_archive", "get_next_part_url", id=first["real_id"])
    assert where(following).endswith("?start=0&duration=3600")
    assert box.js("tv_archive", "get_next_part_url", id="x") is False
    shifted = box.js("tv_archive", "get_link_for_channel", ch_id=ids["kept"])
    cmd, _, options = shifted["cmd"].partition(" position:")
    assert (where(cmd).endswith("duration=1800"), options) == (True, "1800 media_len:1800")
    assert box.js("tv_archive", "get_link_for_channel", ch_id=ids["first"])["error"] == "nothing_to_play"
    assert len(box.js("epg", "get_all_program_for_ch", ch_id=ids["kept"])) == 3


# --- films ---


@pytest.fixture
def library(town: PortalTown) -> dict[str, int]:
    """The first two films become episodes of a series, in two seasons."""

    def write(uow: Any) -> int:
        made = uow.assets.add_series(Series(0, "style", "湖上新桥", "一座桥的故事", 2025))
        for place, film in enumerate(town.ids.films[:2], 1):
            uow.assets.place_in_series(film, made.id, place, 1)
        uow.outbox.add(ContentChanged("asset"))
        number: int = made.id
        return number

    return {"series": 1_000_000_000 + town.write(write), "film": town.ids.films[2], "episode": town.ids.films[1]}


def test_films_series_seasons_episodes_and_files(box: Box, library: dict[str, int]) -> None:
    rows = box.js("vod", "get_ordered_list", category="*", p=1)["data"]
    series = next(row for row in rows if row["is_series"])
    film = next(row for row in rows if row["is_movie"])
    assert (series["id"], series["name"], series["series"], series["year"]) == (
        str(library["series"]), "湖上新桥", [1, 2], "2025",
    )  # fmt: skip
    assert (film["id"], film["series"], film["cmd"]) == (str(library["film"]), [], f"/media/{library['film']}.mpg")

    seasons = box.js("vod", "get_ordered_list", movie_id=series["id"], season_id=0, episode_id=0)["data"]
    assert [(row["name"], row["is_season"], row["series"]) for row in seasons] == [
        ("第 1 季", 1, [1]), ("第 2 季", 1, [1]),
    ]  # fmt: skip
    episodes = box.js("vod", "get_ordered_list", movie_id=series["id"], season_id=seasons[1]["id"])["data"]
    assert [(row["id"], row["is_episode"]) for row in episodes] == [(str(library["episode"]), 1)]
    files = box.js("vod", "get_ordered_list", movie_id=series["id"], season_id=2, episode_id=episodes[0]["id"])["data"]
    assert [(row["name"], row["is_file"]) for row in files] == [("中文 / 自动", 1)]
    assert [row["is_file"] for row in box.js("vod", "get_ordered_list", movie_id=film["id"])["data"]] == [1]
    for cmd, place in ((files[0]["cmd"], ""), (series["cmd"], 2), (seasons[1]["cmd"], 1), (episodes[0]["cmd"], "")):
        assert f"/f/{library['episode']}-1/" in where(box.js("vod", "create_link", cmd=cmd, series=place)["cmd"])


def test_a_film_link_is_an_object_and_goes_on_where_the_box_says(box: Box, library: dict[str, int]) -> None:
    told = box.js("vod", "create_link", cmd=f"/media/{library['film']}.mpg position:90")
    cmd, _, option = told["cmd"].partition(" position:")

    assert option == "90"
    assert box.raw(where(cmd)).status == 200
    assert (told["subtitles"], told["error"]) == ([], "")
    assert box.js("vod", "create_link", cmd="/media/999.mpg")["error"] == "nothing_to_play"


def test_series_are_the_films_narrowed_to_series(box: Box, library: dict[str, int]) -> None:
    rows = box.js("vod", "get_ordered_list", category="*", p=1)["data"]
    told = box.js("series", "get_ordered_list", category="*", p=1)

    assert told["data"] == [row for row in rows if row["is_series"]]
    assert told["total_items"] == 1
    assert [row["alias"] for row in box.js("series", "get_categories")] == ["*", "style"]
    assert len(box.js("vod", "get_categories")) == 5


def test_films_are_found_by_year_letter_word_and_initials(box: Box, library: dict[str, int]) -> None:
    asked: list[dict[str, object]] = [
        {"years": 2025}, {"years": 1999}, {"abc": "H"}, {"abc": "Z"}, {"search": "新桥"}, {"search": "hsxq"}, {"hd": 1},
    ]  # fmt: skip
    found = [box.js("vod", "get_ordered_list", p=1, **one)["total_items"] for one in asked]

    assert found == [1, 0, 2, 0, 2, 2, 0]
    assert [row["id"] for row in box.js("vod", "get_years", category="*")] == ["*", "2026", "2025"]
    assert [row["id"] for row in box.js("vod", "get_abc")] == ["*", "H"]
    assert box.js("vod", "get_genres_by_category_alias", cat_alias="style")[0]["id"] == "*"


def test_a_box_keeps_its_films_and_where_it_stopped(town: PortalTown, box: Box, library: dict[str, int]) -> None:
    film = library["film"]
    assert box.js("vod", "set_fav", video_id=film) is True
    assert box.js("vod", "set_not_ended", video_id=library["series"], series=2, end_time=7, file_id=0) is True
    assert names(box.js("vod", "get_ordered_list", fav=1, p=1)) == ["湖上新桥第2集"]
    left = box.js("vod", "get_ordered_list", not_ended=1, p=1)["data"]
    assert [(row["name"], row["cur_series"], row["position"]) for row in left] == [("湖上新桥", 2, 7)]
    assert box.js("vod", "get_ordered_list", sortby="last_ended", p=1)["data"][0]["id"] == str(library["series"])
    home, episode = town.ids.homes["01001"], library["episode"]
    seen = town.write(lambda uow: uow.assets.watched(home, [episode]))
    assert seen[episode].position_ms == 7000

    other = Box(town, OTHER).boot()
    assert other.js("vod", "get_ordered_list", fav=1, p=1)["total_items"] == 0
    assert box.js("vod", "del_fav", video_id=film) is True
    assert box.js("vod", "set_ended", video_id=library["series"]) is True
    assert [box.js("vod", "get_ordered_list", p=1, **{one: 1})["total_items"] for one in ("fav", "not_ended")] == [0, 0]
