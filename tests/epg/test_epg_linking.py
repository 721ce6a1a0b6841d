"""A programme keeps its uid while feeds are imported again, shuffled, edited and moved a little."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from epg.linking import link
from epg.model import CHANNEL_ID, Channel, Name, Programme, new_uid, title_key, xmltv_id

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def on(minute: int, title: str = "新闻", uid: str = "", **more) -> Programme:
    return Programme(uid, "a.b", NOON + minute * MINUTE, NOON + (minute + 5) * MINUTE, title, **more)


def test_the_same_programme_keeps_its_uid_whatever_else_changed() -> None:
    stored = on(0, uid="u1", desc="旧")
    linked = link([stored], [on(0, desc="新")])

    assert linked.same == ((stored, on(0, desc="新", uid="u1")),)
    assert (linked.new, linked.other) == ((), ())


@pytest.mark.parametrize(("minutes", "linked"), [(30, True), (-30, True), (31, False)])
def test_a_programme_moved_by_up_to_half_an_hour_is_the_same(minutes: int, linked: bool) -> None:
    stored = on(60, uid="u1")

    assert bool(link([stored], [on(60 + minutes)]).same) == linked
    assert link([stored], [on(60, "别的")]).same == ()


def test_of_several_the_nearest_is_taken_and_none_twice() -> None:
    stored = [on(0, uid="u1"), on(20, uid="u2")]
    linked = link(stored, [on(18), on(25), on(40)])

    assert [(old.uid, new.start) for old, new in linked.same] == [
        ("u2", NOON + 18 * MINUTE),
        ("u1", NOON + 25 * MINUTE),
    ]
    assert linked.new == (on(40),)


def test_titles_are_compared_without_case_width_and_punctuation() -> None:
    assert title_key("ＣＣＴＶ 新闻·联播！") == title_key("cctv新闻联播")
    assert title_key("！！！") == "！！！"
    assert link([on(0, "新闻 联播", uid="u1")], [on(5, "《新闻联播》")]).same[0][1].uid == "u1"


@given(
    st.lists(st.tuples(st.integers(0, 100), st.sampled_from(["甲", "乙", "丙"])), unique_by=lambda pair: pair[0]),
    st.randoms(),
)
def test_an_unchanged_feed_in_any_order_changes_nothing(times: list[tuple[int, str]], chance: random.Random) -> None:
    fed = [on(minute * 5, title) for minute, title in times]
    stored = [evolve(one, uid=new_uid(one.channel, one.start, one.title)) for one in fed]
    linked = link(chance.sample(stored, len(stored)), chance.sample(fed, len(fed)))

    assert all(old == new for old, new in linked.same)
    assert (len(linked.same), linked.new, linked.other) == (len(fed), (), ())


@given(st.lists(st.integers(0, 90), unique=True), st.lists(st.integers(0, 90), unique=True), st.randoms())
def test_every_programme_goes_one_way_and_order_does_not_matter(old: list[int], new: list[int], chance) -> None:
    stored, fed = [on(n, uid=f"u{n}") for n in old], [on(n) for n in new]
    linked = link(stored, fed)
    again = link(chance.sample(stored, len(stored)), chance.sample(fed, len(fed)))

    assert len(linked.same) + len(linked.new) == len(fed)
    assert len(linked.same) + len(linked.other) == len(stored)
    assert sorted(linked.same, key=str) == sorted(again.same, key=str)


def test_a_uid_depends_on_channel_start_title_and_turn() -> None:
    uids = {new_uid("a.b", NOON, "新闻"), new_uid("a.c", NOON, "新闻"), new_uid("a.b", NOON + MINUTE, "新闻")}
    uids |= {new_uid("a.b", NOON, "天气"), new_uid("a.b", NOON, "新闻", 1)}

    assert len(uids) == 5
    assert new_uid("a.b", NOON, "新 闻") in uids


def test_a_channel_id_that_readers_refuse_gets_one_that_stays_and_is_not_shared() -> None:
    told = ["CCTV1", "CCTV 1", "CCTV-1", "1", "南湖新闻", "南湖", "a..b", '"><x', ".", "-"]
    made = [xmltv_id(name, "省网") for name in told]

    assert xmltv_id("nhxw.nanhu.rizhao.cn", "x") == "nhxw.nanhu.rizhao.cn"
    assert all(CHANNEL_ID.fullmatch(name) for name in made)
    assert len(set(made)) == len(told)
    assert made == [xmltv_id(name, "省网") for name in told]


def test_a_channel_is_called_by_its_chinese_name() -> None:
    assert Channel("a.b", (Name("News", "en"), Name("新闻", "zh-CN"))).name == "新闻"
    assert Channel("a.b", (Name("News", "en"),)).name == "News"
    assert Channel("a.b", ()).name == "a.b"
