"""Planning: days from templates, one-off changes, every rule with its one-press mend, and fillers that never differ."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from epg.filling import NAME, Filler, Pool, fill
from epg.findings import Finding, check, in_guide, mended, with_policy
from epg.planning import (
    Block,
    Content,
    DayTemplate,
    Item,
    OneOff,
    Pattern,
    PatternTie,
    Rules,
    begins,
    broadcast_day,
    draft,
    pattern_of,
    ties,
)
from epg.times import SHANGHAI

DAY = date(2026, 11, 25)
RULES = Rules("nhxw")
WINDOW = (begins(DAY, RULES), begins(DAY + timedelta(days=1), RULES))
POOL = Pool(
    (
        Filler(1, 300, "风光"),
        Filler(2, 300, "公益"),
        Filler(3, 60, "台标", cuttable=True),
        Filler(4, 1800, "长片", hours=frozenset({3})),
    )
)


def at(clock: str, day: date = DAY) -> datetime:
    hours, minutes = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(hours=hours, minutes=minutes)


def item(start: str, stop: str, title: str, **rest: object) -> Item:
    content = rest.pop("content", Content(title, live=True))
    return Item(f"u{title}{start}", at(start), at(stop), content, **rest)


def found(items: Sequence[Item], code: str, rules: Rules = RULES, **rest: object) -> list[Finding]:
    return [one for one in check(items, rules, WINDOW, **rest) if one.code == code]


NEWS = Block("news", 13 * 3600, 1800, Content("新闻联播", live=True), "fixed", must_carry=True)
MORNING = Block("morning", 0, 1800, Content("早安南湖", live=True), "fixed", pad_min=15)
LESSON = Block("lesson", 1800, 2700, Content("党课开讲", live=True), "grace", grace_s=600)
FLOWS = Block("flows", 4500, 600, Content("天气预报", live=True))
TEMPLATE = DayTemplate(1, "工作日", (MORNING, LESSON, FLOWS, NEWS))


def test_a_day_is_made_of_its_template_with_identities_that_stay() -> None:
    one, two = (draft(TEMPLATE, (), DAY, RULES) for _ in range(2))

    assert one == two
    assert [(x.start.strftime("%H:%M"), x.stop.strftime("%H:%M"), x.content.title) for x in one.items] == [
        ("06:00", "06:30", "早安南湖"), ("06:30", "07:15", "党课开讲"),
        ("07:15", "07:25", "天气预报"), ("19:00", "19:30", "新闻联播"),
    ]  # fmt: skip
    other = draft(TEMPLATE, (), DAY + timedelta(days=1), RULES)
    assert {x.uid for x in one.items}.isdisjoint({x.uid for x in other.items})


def test_grace_starts_late_at_most_by_its_slack_and_flow_when_the_one_before_ends() -> None:
    longer = evolve(TEMPLATE, blocks=(evolve(MORNING, length_s=2100, pad_min=0), LESSON, FLOWS))
    too_long = evolve(TEMPLATE, blocks=(evolve(MORNING, length_s=3600, pad_min=0), LESSON, FLOWS))

    assert [x.start.strftime("%H:%M") for x in draft(longer, (), DAY, RULES).items] == ["06:00", "06:35", "07:20"]
    assert [x.start.strftime("%H:%M") for x in draft(too_long, (), DAY, RULES).items] == ["06:00", "06:40", "07:25"]


def test_a_padded_block_lets_the_next_flow_begin_on_the_quarter() -> None:
    blocks = (evolve(MORNING, length_s=1260), evolve(FLOWS, offset_s=1800))

    items = draft(DayTemplate(1, "x", blocks), (), DAY, RULES).items

    assert [x.start.strftime("%H:%M") for x in items] == ["06:00", "06:30"]
    assert [x.stop for x in items][:1] == [at("6:21")]


def test_one_off_changes_touch_one_day_only_and_keep_identities() -> None:
    changes = (
        OneOff("e1", "nhxw", DAY, "replace", "lesson", Content("特别节目", live=True)),
        OneOff("e2", "nhxw", DAY, "move", "news", offset_s=14 * 3600),
        OneOff("e3", "nhxw", DAY, "cancel", "flows"),
        OneOff("e4", "nhxw", DAY, "insert", content=Content("直播", live=True), offset_s=3 * 3600, length_s=600),
        OneOff("e5", "nhxw", DAY, "resize", "morning", length_s=900),
        OneOff("e6", "nhxw", DAY, "move", "gone", offset_s=0),
    )
    plain = {x.block: x for x in draft(TEMPLATE, (), DAY, RULES).items}

    made = draft(TEMPLATE, changes, DAY, RULES)

    items = {x.block: x for x in made.items}
    assert set(items) == {"morning", "lesson", "e4", "news"}
    assert (items["lesson"].content.title, items["lesson"].uid) == ("特别节目", plain["lesson"].uid)
    assert (items["news"].start, items["news"].uid) == (at("20:00"), plain["news"].uid)
    assert items["morning"].length == timedelta(minutes=15)
    assert {x.block for x in made.items if x.origin == "exception"} == {"morning", "lesson", "e4", "news"}
    assert made.orphans == (changes[5],)
    next_day = draft(TEMPLATE, changes, DAY + timedelta(days=7), RULES)
    assert [x.content.title for x in next_day.items] == [x.content.title for x in plain.values()]


def test_the_highest_priority_decides_and_ties_are_refused() -> None:
    usual = Pattern(1, "nhxw", (1,) * 7, date(2026, 1, 1))
    holiday = Pattern(2, "nhxw", (None, None, 2, None, None, None, None), date(2026, 11, 1), date(2026, 11, 30), 10)
    clash = Pattern(3, "nhxw", (None,) * 5 + (3, 3), date(2026, 6, 1))

    assert pattern_of([usual, holiday], "nhxw", DAY) == holiday
    assert pattern_of([usual, holiday], "nhxw", DAY + timedelta(days=1)) == usual
    assert pattern_of([holiday], "nhxw", date(2026, 12, 2)) is None
    assert ties([usual, holiday], clash) == (usual,)
    with pytest.raises(PatternTie):
        pattern_of([usual, clash], "nhxw", date(2026, 11, 28))


def test_what_starts_after_midnight_belongs_to_the_day_before() -> None:
    assert broadcast_day(at("25:00"), RULES) == DAY
    assert broadcast_day(at("30:00"), RULES) == DAY + timedelta(days=1)


FULL = (item("6:00", "12:00", "上午"), item("12:00", "19:00", "下午"), item("19:00", "30:00", "晚上"))


def test_a_whole_day_has_no_findings() -> None:
    assert check(FULL, RULES, WINDOW) == ()


def test_an_overlap_offers_to_trim_shift_push_and_split_and_each_mends_it() -> None:
    items = (item("6:00", "12:30", "上午"), item("12:00", "12:10", "快讯"), item("12:30", "30:00", "下午"))

    (one,) = found(items, "overlap")

    assert {x.name for x in one.remedies} == {"trim", "push", "split"} or {x.name for x in one.remedies} == {
        "trim",
        "shift",
        "split",
    }
    for remedy in one.remedies:
        after = mended(items, remedy)
        assert not [x for x in found(after, "overlap") if set(x.items) == set(one.items)], remedy.name


def test_a_film_that_is_split_goes_on_where_it_stopped() -> None:
    items = (item("6:00", "12:30", "电影", content=Content("电影", asset=7)), item("12:00", "12:10", "快讯"))

    (one,) = found(items, "overlap")
    first, second = next(x for x in one.remedies if x.name == "split").put

    assert (first.stop, second.start, second.stop) == (at("12:00"), at("12:10"), at("12:30"))
    assert (second.content.begin_s, second.content.rest_of) == (6 * 3600, first.uid)
    assert first.cuttable


def test_a_flow_that_overruns_a_fixed_start_is_told_as_such_and_push_stops_at_a_fixed_one() -> None:
    items = (
        item("6:00", "19:10", "长片"),
        item("19:00", "19:30", "新闻联播", kind="fixed"),
        item("19:30", "30:00", "夜"),
    )

    (one,) = found(items, "fixed_missed")

    assert [x.name for x in one.remedies] == ["trim"]
    assert check(mended(items, one.remedies[0]), RULES, WINDOW) == ()
    both = (item("6:00", "12:00", "x"), item("6:00", "18:00", "y", kind="fixed"), item("18:00", "30:00", "z"))
    assert [[y.name for y in x.remedies] for x in check(both, RULES, WINDOW)] == [["later"]]
    equal = (*both, item("18:00", "30:00", "zz", kind="fixed"))
    assert [[y.name for y in x.remedies] for x in check(equal, RULES, WINDOW)][1:] == [["drop"]]
    late = (
        item("6:00", "12:20", "甲"),
        item("12:00", "13:00", "乙"),
        item("13:00", "14:00", "丙"),
        item("14:00", "30:00", "丁", kind="fixed"),
    )
    push = next(x for x in found(late, "overlap")[0].remedies if x.name == "push")
    assert [(x.start, x.stop) for x in mended(late, push)][1:3] == [
        (at("12:20"), at("13:20")),
        (at("13:20"), at("14:20")),
    ]


def test_running_into_tomorrows_first_fixed_block_is_a_day_edge() -> None:
    tomorrow = evolve(item("30:00", "31:00", "明早", kind="fixed"))
    items = (*FULL[:2], item("19:00", "30:20", "晚上"), tomorrow)
    window = (WINDOW[0], WINDOW[1] + timedelta(hours=1))

    assert [x.code for x in check(items, RULES, window)] == ["day_edge"]


def test_a_gap_is_filled_extended_or_left_as_the_channel_says() -> None:
    items = (FULL[0], item("12:05", "19:00", "下午"), FULL[2])

    (one,) = found(items, "gap", pool=POOL)

    assert (one.severity, [x.name for x in one.remedies]) == ("error", ["fill", "extend"])
    for policy, expected in (("filler", 4), ("extend", 3), ("leave", 3)):
        rules = evolve(RULES, gaps=policy)
        after = with_policy(items, rules, WINDOW, POOL)
        assert len(after) == expected
        assert bool(found(after, "gap", rules)) == (policy == "leave")
    assert found(items, "gap", evolve(RULES, own=False))[0].severity == "note"
    assert [x.start for x in found((), "gap")] == [WINDOW[0]]
    assert [(x.start, x.stop) for x in found((FULL[1],), "gap")] == [
        (at("6:00"), at("12:00")),
        (at("19:00"), at("30:00")),
    ]


def test_media_are_checked_for_length_presence_and_readiness() -> None:
    film = Content("片子", asset=5, media_s=3600)
    items = (
        item("6:00", "12:00", "x", content=evolve(film, media_s=21_601)),
        item("12:00", "13:30", "y", content=film),
        item("13:30", "14:00", "z", content=evolve(film, asset=6), kind="fixed"),
        item("14:00", "19:00", "v", content=Content("没片")),
        item("19:00", "30:00", "w", content=Content("慢片", asset=7, ready=False)),
    )

    codes = {(x.code, x.severity, x.items[0][1]) for x in check(items, RULES, WINDOW)}

    assert {("length", "warning", "y"), ("length", "error", "z")} <= codes
    assert ("length", "warning", "x") not in codes
    assert {("media_missing", "warning", "v"), ("media_unready", "warning", "w")} <= codes
    strict = {(x.code, x.severity) for x in check(items, RULES, WINDOW, approval=True)}
    assert {("media_missing", "error"), ("media_unready", "error")} <= strict
    pad, fit = next(x for x in found(items, "length", pool=POOL) if x.items[0][1] == "y").remedies
    assert next(x for x in mended(items, fit) if x.uid == "uy12:00").stop == at("13:00")
    assert next(x.start for x in mended(items, pad) if x.origin == "filler") == at("13:00")
    assert not found(mended(items, pad), "gap")


def test_relays_watershed_repeats_and_episodes_are_told() -> None:
    rules = evolve(RULES, must_carry=(("新闻联播", 19 * 3600, 19 * 3600 + 1800),))
    episodes = [Content("山海情", asset=n, media_s=2700, series="山海情", season=1, number=n) for n in (1, 2, 4)]
    items = (
        item("6:00", "8:00", "大片", content=Content("大片", live=True, age=18)),
        *(item(f"{8 + n}:00", f"{9 + n}:00", f"e{n}", content=one) for n, one in enumerate(episodes)),
        item("11:00", "12:00", "again", content=episodes[2]),
        item("12:00", "19:10", "下午"),
        item("19:10", "24:00", "晚上"),
        item("24:00", "26:00", "夜里"),
        item("26:00", "30:00", "后半夜"),
    )

    codes = [x.code for x in check(items, rules, WINDOW)]

    assert {"watershed", "must_carry", "repeat_soon", "episode_order"} <= set(codes)
    assert [x.remedies[0].words_zh for x in found(items, "watershed", rules)] == ["和 00:00 的《夜里》对调"]
    for one in check(items, rules, WINDOW):
        for remedy in (x for x in one.remedies if x.name in {"restore", "repeat", "renumber", "swap"}):
            after = check(mended(items, remedy), rules, WINDOW)
            rest = [x.code for x in check(items, rules, WINDOW) if x != one]
            assert all(rest.count(x.code) >= [y.code for y in after].count(x.code) for x in after), remedy.name
    relay = (item("19:00", "19:30", "新闻联播"),)
    assert not [x for x in check(relay, rules, WINDOW) if x.code == "must_carry"]


def test_what_has_begun_is_past() -> None:
    assert [x.items for x in found(FULL, "past", now=at("12:30"))] == [("u上午6:00",), ("u下午12:00",)]


@given(st.integers(1, 5000), st.integers(0, 23 * 60))
def test_a_gap_is_filled_to_the_second_and_always_alike(seconds: int, minute: int) -> None:
    start = at("0:00") + timedelta(minutes=minute)
    stop = start + timedelta(seconds=seconds)

    items = fill("nhxw", start, stop, POOL)

    assert items == fill("nhxw", start, stop, POOL)
    assert (items[0].start, items[-1].stop) == (start, stop)
    assert all(a.stop == b.start for a, b in pairwise(items))
    assert all(one.cuttable or one.length.total_seconds() == one.content.media_s for one in items)
    assert len({one.uid for one in items}) == len(items)


def test_a_new_revision_of_the_pool_may_choose_otherwise_and_an_empty_one_shows_a_slate() -> None:
    choices = {fill("nhxw", at("8:00"), at("8:05"), evolve(POOL, revision=n))[0].content.asset for n in range(20)}
    (slate,) = fill("nhxw", at("8:00"), at("9:00"), Pool(()))

    assert choices == {1, 2}
    assert (slate.content.title, slate.content.asset) == (NAME, None)


def test_adjacent_fillers_are_one_line_of_the_guide() -> None:
    items = (FULL[0], *fill("nhxw", at("12:00"), at("12:25"), POOL), item("12:25", "30:00", "下午"))

    lines, members = in_guide(items)

    assert [(x.content.title, x.start, x.stop) for x in lines] == [
        ("上午", at("6:00"), at("12:00")), (NAME, at("12:00"), at("12:25")), ("下午", at("12:25"), at("30:00")),
    ]  # fmt: skip
    assert sum(len(uids) for uids in members.values()) == len(items)


@st.composite
def days(draw: st.DrawFn) -> tuple[Item, ...]:
    out = []
    for number in range(draw(st.integers(0, 12))):
        start = WINDOW[0] + timedelta(minutes=draw(st.integers(0, 23 * 60)))
        kind = draw(st.sampled_from(["fixed", "grace", "flow"]))
        media = draw(st.sampled_from([0, 600, 3600]))
        content = Content(f"节目{draw(st.integers(0, 5))}", asset=number + 1, media_s=media)
        out.append(Item(f"u{number}", start, start + timedelta(minutes=draw(st.integers(1, 300))), content, kind))
    return tuple(out)


@given(days())
def test_every_remedy_takes_its_finding_away(items: tuple[Item, ...]) -> None:
    for one in check(items, RULES, WINDOW, pool=POOL):
        for remedy in one.remedies:
            after = check(mended(items, remedy), RULES, WINDOW, pool=POOL)
            assert (one.code, one.items, one.start, one.stop) not in {(x.code, x.items, x.start, x.stop) for x in after}


@given(days())
def test_the_policy_leaves_no_hole_and_moves_nothing(items: tuple[Item, ...]) -> None:
    after = with_policy(items, RULES, WINDOW, POOL)

    assert not found(after, "gap", pool=POOL)
    assert {one for one in after if one.origin != "filler"} == set(items)
