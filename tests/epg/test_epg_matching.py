"""Channels of feeds are matched by what they are called, never by a part of it; sources are merged field by field."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from epg.matching import Known, Match, Matcher, Told, normal, triplet_id, triplet_of
from epg.merging import FIELDS, HAND, Feed, Pin, Trust, drift, merge
from epg.model import Programme

CHANNELS = (
    Known(1, "cctv1.cn", "CCTV-1 综合", ("一套综合",)),
    Known(2, "cctv13.cn", "CCTV-13 新闻"),
    Known(3, "cctv5.cn", "CCTV-5 体育"),
    Known(4, "cctv5p.cn", "CCTV-5+ 体育赛事"),
    Known(5, "nhxw.nanhu.cn", "南湖新闻", ("新闻频道",), ((1, 2, 3), (9, 9, 9))),
    Known(6, "rz.cn", "日照综合频道", triplets=((9, 9, 9),)),
    Known(7, "sdws.cn", "山东卫视"),
)
MATCHER = Matcher.of(CHANNELS, {"x9": 7, "never": None})


@pytest.mark.parametrize(
    ("told", "channel", "reason"),
    [
        (Told("cctv1.cn"), 1, "id"),
        (Told("7", ("CCTV1高清",)), 1, "name"),
        (Told("7", ("ＣＣＴＶ－01",)), 1, "name"),
        (Told("7", ("中央1",)), 1, "name"),
        (Told("7", ("中央一套",)), 1, "name"),
        (Told("7", ("一套综合",)), 1, "alias"),
        (Told("7", ("央视十三",)), 2, "name"),
        (Told("7", ("CCTV5+ HD",)), 4, "name"),
        (Told("7", ("CCTV5",)), 3, "name"),
        (Told("7", ("南湖新闻 4K",)), 5, "name"),
        (Told("7", ("日照",)), 6, "name"),
        (Told("7", ("山東衛視高清",)), 7, "name"),
        (Told("7", triplet=(1, 2, 3)), 5, "triplet"),
        (Told("7", triplet=(9, 9, 9)), None, None),
        (Told("7", triplet=triplet_of(triplet_id((1, 2, 3)))), 5, "triplet"),
        (Told("7", triplet=triplet_of("dvb.1.2.3.x")), None, None),
        (Told("x9", ("CCTV1",)), 7, "hand"),
        (Told("never", ("CCTV1",)), None, None),
        (Told("7", ("CCTV-14",)), None, None),
        (Told("7", ("CCTV",)), None, None),
        (Told("7", ("山东卫视购物",)), None, None),
    ],
)
def test_a_channel_is_found_by_its_names_alone(told: Told, channel: int | None, reason: str | None) -> None:
    found = MATCHER.match(told)

    assert (found.channel, found.reason) == (channel, reason)


def test_what_is_only_like_a_channel_is_suggested_and_what_fits_two_is_never_taken() -> None:
    twins = Matcher.of((Known(1, "a.b", "新闻", ("要闻",)), Known(2, "c.d", "新闻频道")))

    assert MATCHER.match(Told("7", ("山东卫视购物",))).suggestions == (7,)
    assert MATCHER.match(Told("7", ("CCTV-14 少儿",))).suggestions == ()
    assert twins.match(Told("7", ("新闻HD",))) == Match(suggestions=(1, 2), ambiguous=(1, 2))
    assert twins.match(Told("7", ("要闻",))).channel == 1


@given(st.text(max_size=20))
def test_no_name_breaks_and_normal_is_stable(name: str) -> None:
    assert normal(name) == normal(name)
    MATCHER.match(Told("7", (name,)))


START = datetime(2026, 11, 25, 11, tzinfo=UTC)


def programme(minute: int, minutes: int, title: str, **rest: object) -> Programme:
    start = START + timedelta(minutes=minute)
    return Programme(f"{title}{minute}", "c", start, start + timedelta(minutes=minutes), title, **rest)


A = Feed("a", (programme(0, 30, "新闻联播"), programme(30, 60, "山海情(3)"), programme(90, 30, "天气")))
B = Feed(
    "b",
    (
        programme(1, 29, "新闻联播HD", desc="要闻"),
        programme(32, 60, "电视剧：山海情(3)", desc="一村人"),
        programme(120, 30, "夜话"),
    ),
)


def test_the_higher_source_owns_the_time_and_lower_ones_tell_fields_and_fill() -> None:
    found = merge([A, B], Trust(("a", "b")))

    assert [(x.programme.title, x.programme.desc, x.came.get("desc")) for x in found] == [
        ("新闻联播", "要闻", "b"), ("山海情(3)", "一村人", "b"), ("天气", "", None), ("夜话", "", None),
    ]  # fmt: skip
    assert [x.programme.start for x in found[:2]] == [START, START + timedelta(minutes=30)]
    assert found[3].came["start"] == "b"


def test_fields_have_their_own_order_and_pins_win() -> None:
    trust = Trust(("a", "b"), {"title": ("b", "a")})

    one, *_ = merge([A, B], trust, [Pin("新闻联播0", "desc", "手写的简介")])

    assert (one.programme.title, one.came["title"]) == ("新闻联播HD", "b")
    assert (one.programme.desc, one.came["desc"]) == ("手写的简介", HAND)
    assert set(one.told) == {"a", "b"}


def test_taking_a_source_away_restores_the_next_best() -> None:
    with_both = merge([A, B], Trust(("a", "b")))
    without = merge([B], Trust(("a", "b")))

    assert [x.programme for x in without] == list(B.programmes)
    assert len(with_both) == 4


def test_a_source_that_lies_apart_by_a_constant_is_noticed() -> None:
    rows = tuple(programme(60 * n, 60, f"节目{n}") for n in range(10))
    late = Feed(
        "late", tuple(evolve(x, start=x.start + timedelta(hours=8), stop=x.stop + timedelta(hours=8)) for x in rows)
    )

    found = drift(late, Feed("a", rows))

    assert found is not None
    assert (found.apart, found.programmes) == (timedelta(hours=8), 10)
    assert drift(Feed("b", rows), Feed("a", rows)) is None


@st.composite
def feeds(draw: st.DrawFn) -> list[Feed]:
    out = []
    for source in "abc":
        at, rows = 0, []
        for _ in range(draw(st.integers(0, 8))):
            at += draw(st.integers(0, 20))
            minutes = draw(st.integers(1, 90))
            rows.append(
                programme(
                    at,
                    minutes,
                    draw(st.sampled_from(["新闻", "天气", "电视剧", "动画片"])),
                    desc=draw(st.sampled_from(["", source])),
                )
            )
            at += minutes
        out.append(Feed(source, tuple(rows)))
    return out


@given(feeds())
def test_a_merged_guide_has_no_overlaps_and_every_field_comes_from_somewhere(some: list[Feed]) -> None:
    trust = Trust(("a", "b", "c"))
    found = merge(some, trust)

    assert all(a.programme.stop <= b.programme.start for a, b in pairwise(found))
    owned = [x.programme for x in found if x.came["start"] == "a"]
    assert [(x.start, x.stop) for x in owned] == [(x.start, x.stop) for x in some[0].programmes]
    for one in found:
        for name in FIELDS:
            if getattr(one.programme, name):
                assert getattr(one.told[one.came[name]], name) == getattr(one.programme, name)
