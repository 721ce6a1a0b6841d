"""For any line-up, guide and films every reply keeps the typing rules that clients live by."""

import json
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from middleware.domain.accounts import Account
from middleware.domain.channels import Channel, ChannelLink, Genre
from middleware.domain.packages import Package
from middleware.domain.reminders import Reminder
from middleware.portal.ministra import account_info, channels, guide, links, reminders, vod
from middleware.portal.ministra.channels import Personal
from middleware.portal.ministra.guide import View, Window
from middleware.portal.ministra.naming import numbers, unique
from middleware.portal.ministra.prefs import Prefs, Stopped
from middleware.portal.ministra.vod import Shelf
from middleware.portal.ministra.wire import dump, page
from middleware.services.ports import Airing
from tests.wire.ministra_rules import (
    LEADS,
    LIST_OBJECT,
    NOW,
    doubles,
    faults,
    guides,
    is_id,
    libraries,
    line_ups,
    texts,
    told,
)
from vod.catalogue import Asset, Series

HERE = ZoneInfo("Asia/Shanghai")
COLUMNS = (("style", "风采"), ("stones", "他山之石"), ("films", "影片"), ("window", "窗口"))
LineUp = tuple[list[Channel], list[Genre], dict[int, tuple[ChannelLink, ...]]]
asked = st.fixed_dictionaries(
    {},
    optional={
        "genre": st.one_of(st.sampled_from(["*", "10", "3", "dvb", "", "-1"]), texts),
        "sortby": st.sampled_from(["number", "name", "fav", "x", ""]),
        "p": st.sampled_from(["0", "1", "2", "99", "-4", "x", "", "1e9"]),
        "fav": st.sampled_from(["0", "1", "true"]),
        "hd": st.sampled_from(["0", "1"]),
        "from_ch_id": st.sampled_from(["1", "0", "zz"]),
    },
)


@given(line_ups(), asked, st.lists(st.integers(1, 999), max_size=3))
def test_channel_lists_of_any_line_up_keep_the_rules(
    line_up: LineUp, values: dict[str, str], hearts: list[int]
) -> None:
    made = channels.board(*line_up)
    bulk = told(made.bulk(hearts))
    some = told(dump(channels.ordered_list(made, values, Personal(tuple(hearts), last=1))))
    mine = told(dump(channels.favourite_list(made, Personal(tuple(hearts)))))
    genres = told(dump([*made.genres]))

    assert [*faults([bulk, some, mine, genres])] == []
    assert [set(one) for one in (bulk, some, mine)] == [LIST_OBJECT] * 3
    rows = [one.row for one in made.listed]
    for name in ("id", "name", "number"):
        assert doubles([row[name] for row in rows]) == []
    assert doubles([row["title"] for row in genres]) == []
    assert all(row["name"].strip() and row["cmds"] and row["cmd"] for row in rows)
    assert all(row["cmd"].count(" ") == 1 for row in rows)
    assert genres[0]["id"] == "*"
    assert {row["tv_genre_id"] for row in rows} <= {row["id"] for row in genres}
    assert not any(row["censored"] for row in bulk["data"])
    assert [lead for lead in LEADS if lead in json.dumps([bulk, some, mine, rows])] == []
    assert len(bulk["data"]) == bulk["total_items"]


@given(guides(), st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]))
def test_programmes_of_any_guide_keep_the_rules(airings: list[Airing], zone: str) -> None:
    channel, view = Channel(7, "c.nanhu.cn", 7, "七", archive_h=24), View(ZoneInfo(zone), NOW)
    rows = told(guide.channel_bytes(airings, channel, view))
    listed = channels.board([channel]).listed[0]
    shown = Window(NOW, NOW + guide.WINDOW)
    others = [
        guide.day_list(airings, channel, view, page({"p": "0"}, guide.running(airings, NOW), 10)),
        guide.table([guide.table_row(listed, airings, shown, view)], 1, page({}), shown, view),
        guide.short(airings, channel, view, 5),
    ]

    assert [*faults([rows, told(dump(others))])] == []
    assert all(is_id(row["id"]) and row["name"] for row in rows)
    starts = [row["start_timestamp"] for row in rows]
    assert starts == sorted(starts)
    assert all(one["stop_timestamp"] <= two["start_timestamp"] for one, two in pairwise(rows))
    assert [row["real_id"] for row in rows] == [f"7_{start}" for start in starts]
    assert told(guide.bulk([(7, dump(rows))])) == {"data": {"7": rows} if rows else {}}


@given(libraries(), st.data())
def test_films_of_any_library_keep_the_rules(library: tuple[list[Asset], list[Series]], data: st.DataObject) -> None:
    found = vod.catalogue(*library, COLUMNS)
    prefs = Prefs(films=(1,), not_ended={one.id: Stopped(1, 60) for one in found.titles[:2]})
    shelf = Shelf(prefs, HERE, NOW, "http://tv.test")
    any_id = st.sampled_from(["0", "1", "x", *map(str, found.by_id)])
    values = {name: data.draw(any_id) for name in ("movie_id", "season_id", "episode_id")}
    values["p"] = data.draw(st.sampled_from(["0", "1", "7"]))
    levels = [vod.ordered_list(found, values, shelf), vod.ordered_list(found, {"p": "1"}, shelf, only_series=True)]
    inside = [vod.ordered_list(found, {"movie_id": str(one)}, shelf) for one in found.by_id]
    inside += [
        vod.ordered_list(found, {"movie_id": str(one.id), "season_id": season["id"], **more}, shelf)
        for one in found.titles
        if one.series is not None
        for season in vod.ordered_list(found, {"movie_id": str(one.id)}, shelf)["data"]
        for more in ({}, {"episode_id": str(one.episodes[-1].id)})
    ]
    lists = [vod.categories(found), vod.years(found, "*"), vod.letters(found), vod.genres()]

    assert [*faults(told(dump([*levels, *inside])))] == []
    assert [set(one) for one in [*levels, *inside]] == [LIST_OBJECT] * (2 + len(inside))
    assert all(rows[0]["id"] == "*" for rows in lists)
    assert doubles([one.name for one in found.titles]) == []
    assert doubles([str(one.id) for one in found.titles]) == []
    for one in found.titles:
        episodes = [vod.wanted_film(found, links.Media(one.id), place) for place in range(1, len(one.episodes) + 1)]
        assert tuple(episodes) == one.episodes, "every episode is opened by its place"
    assert all(rows["data"] for rows in inside)
    for rows in [*levels, *inside]:
        for row in rows["data"]:
            assert row["cmd"].startswith("/media/")
            assert sum(name in row for name in ("today", "yesterday", "week_and_more")) == 1


@given(
    st.one_of(st.sampled_from(["tv.test:8080", "[::1]:80", "a b", "x\r\ny", "é", ""]), st.text(max_size=20)),
    st.sampled_from(["", "/l/T/ch/7/index.m3u8", "/l/T/a/7/100-160/index.m3u8?start=0&duration=60"]),
    st.integers(0, 2**40),
    st.one_of(st.sampled_from(sorted(links.ERRORS)), texts),
)
def test_links_of_channels_films_and_what_was_on_keep_the_rules(host: str, path: str, number: int, why: str) -> None:
    cmd = links.playable(links.base(host, ""), path) if path else ""
    answers = [
        links.channel_answer(number, number % 2**31, cmd, why),
        links.film_answer(number, cmd, why),
        links.archive_answer(number, cmd, why),
    ]

    assert [*faults(told(dump(answers)))] == []
    for one in answers:
        assert bool(one["cmd"]) != bool(one["error"])
        assert one["error"] in {"", *links.ERRORS}
    if path:
        solution, _, url = cmd.partition(" ")
        assert (solution, url[:7], url.count(" "), url.isascii(), url.isprintable()) == (
            "ffmpeg",
            "http://",
            0,
            True,
            True,
        )
        assert url.endswith(path)


@given(guides(), texts, st.sampled_from(["Asia/Shanghai", "Europe/Berlin", ""]), st.booleans())
def test_what_belongs_to_one_box_keeps_the_rules(airings: list[Airing], words: str, zone: str, on: bool) -> None:
    channel = Channel(7, "c.nanhu.cn", 7, "七", archive_h=24, archive_url="/ch/nanhu.town/{start}-{stop}/master.m3u8")
    mine = [Reminder(1, 7, one.programme.start, one.programme.start, words) for one in airings]
    account = Account(5, words, login=words, full_name=words, ends_at=NOW, comment=words)
    package = Package(3, "p", words, words)
    rows = [
        reminders.rows(mine, {7: "七"}, HERE),
        guide.kept(airings, channel, NOW),
        guide.week(View(HERE, NOW), "zh"),
        account_info.main_info("00:1A:79:00:00:01", account, phone="13806336021", tariff=words, zone=zone, on=on),
        account_info.main_info("00:1A:79:00:00:01", None, on=on),
        account_info.package_list([package], {3} if on else (), page({})),
    ]

    assert [*faults(told(dump(rows)))] == []
    assert "13806336021" not in json.dumps(rows)
    kept = {(one["start_timestamp"], one["stop_timestamp"]) for one in told(dump(rows[1]))}
    marked = {
        (row["start_timestamp"], row["stop_timestamp"])
        for row in told(guide.channel_bytes(airings, channel, View(HERE, NOW)))
        if row["mark_archive"]
    }
    assert kept == marked


@given(st.lists(st.tuples(texts, st.sampled_from(["1", "2", "3"])), max_size=8))
def test_doubles_are_told_apart_always_in_the_same_way(names: list[tuple[str, str]]) -> None:
    found = unique(names, "频道")

    assert doubles([one.casefold() for one in found]) == []
    assert all(one.strip() for one in found)
    assert unique(names, "频道") == found


@given(st.lists(st.integers(-5, 12), max_size=9))
def test_numbers_are_unique_and_good_ones_stay(wanted: list[int]) -> None:
    found = numbers(wanted)

    assert len(set(found)) == len(found)
    assert all(one >= 1 for one in found)
    firsts = {one for one in wanted if one >= 1}
    assert firsts <= set(found)
