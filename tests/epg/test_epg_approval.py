"""A day's life: who may do what when, breaking news on air, two editors at once, and what was really on air."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from epg import approval, asrun
from epg.approval import Day, NotNow
from epg.asrun import AsRun
from epg.findings import check
from epg.model import Programme
from epg.planning import Content, Item, Rules, begins

DAY = date(2026, 11, 25)
RULES = Rules("nhxw")
WINDOW = (begins(DAY, RULES), begins(DAY + timedelta(days=1), RULES))
NOW = WINDOW[0] - timedelta(days=1)


def item(hour: float, hours: float, title: str, kind: str = "flow", **rest: object) -> Item:
    start = WINDOW[0] + timedelta(hours=hour)
    return Item(f"u{title}", start, start + timedelta(hours=hours), Content(title, live=True), kind, **rest)


ITEMS = (
    item(0, 6, "上午"),
    item(6, 6.5, "下午"),
    item(12.5, 0.5, "垫播", origin="filler"),
    item(13, 0.5, "新闻联播", "fixed"),
    item(13.5, 10.5, "晚上"),
)
DRAFT = Day("nhxw", DAY, 1, "draft", ITEMS, "wang", NOW)


def hours(day: Day) -> list[tuple[str, float, float]]:
    """Title, start and end in hours of the broadcast day."""
    hour = timedelta(hours=1)
    return [(one.content.title, (one.start - WINDOW[0]) / hour, (one.stop - WINDOW[0]) / hour) for one in day.items]


def approved() -> Day:
    sent = approval.submitted(DRAFT, check(ITEMS, RULES, WINDOW), "wang", NOW)
    return approval.signed(approval.signed(sent, (), "wang", "li", NOW, 2), (), "wang", "zhao", NOW, 2)


def test_a_day_goes_from_draft_to_approved_by_others_hands() -> None:
    sent = approval.submitted(DRAFT, (), "wang", NOW)
    once = approval.signed(sent, (), "wang", "li", NOW, 2)

    assert (sent.state, once.state, once.signed) == ("submitted", "submitted", ("li",))
    assert approved().state == "approved"
    for who, code in (("wang", "own_day"), ("li", "own_day")):
        with pytest.raises(NotNow) as caught:
            approval.signed(once, (), "wang", who, NOW, 2)
        assert caught.value.code == code


def test_errors_hold_a_day_back_and_a_return_needs_a_reason() -> None:
    gap = ITEMS[:1]
    with pytest.raises(NotNow) as caught:
        approval.submitted(evolve(DRAFT, items=gap), check(gap, RULES, WINDOW), "wang", NOW)
    assert caught.value.code == "findings"
    sent = approval.submitted(DRAFT, (), "wang", NOW)

    back = approval.returned(sent, "li", NOW, "缺晚间新闻")

    assert (back.state, back.reason) == ("draft", "缺晚间新闻")
    with pytest.raises(NotNow):
        approval.returned(sent, "li", NOW, "  ")
    with pytest.raises(NotNow):
        approval.edited(sent, ITEMS, "wang", NOW)
    with pytest.raises(NotNow):
        approval.submitted(evolve(DRAFT, items=()), (), "wang", NOW)


def test_reopening_makes_a_new_revision_and_leaves_the_approved_one() -> None:
    day = approved()

    again = approval.reopened(day, "wang", NOW, "改晚间")

    assert (again.revision, again.state, day.state) == (2, "draft", "approved")
    with pytest.raises(NotNow):
        approval.reopened(again, "wang", NOW, "再改")


def test_breaking_news_cuts_what_runs_drops_filler_and_leaves_fixed_starts() -> None:
    now = WINDOW[0] + timedelta(hours=7)
    news = item(8, 0.5, "突发")

    day = approval.broken_in(approved(), news, now, "zhao", "台风警报")

    assert hours(day) == [
        ("上午", 0, 6), ("下午", 6, 8), ("突发", 8, 8.5), ("下午", 8.5, 12.5),
        ("垫播", 12.5, 13), ("新闻联播", 13, 13.5), ("晚上", 13.5, 24),
    ]  # fmt: skip
    assert (day.revision, day.state, day.reason) == (2, "approved", "台风警报")
    with pytest.raises(NotNow) as caught:
        approval.broken_in(approved(), item(7, 0.5, "太晚"), now, "zhao", "x")
    assert caught.value.code == "too_late"


def test_flow_items_are_pushed_until_a_fixed_start_cuts_them() -> None:
    now = WINDOW[0] + timedelta(hours=5)

    day = approval.broken_in(approved(), item(6, 1, "突发"), now, "zhao", "x")

    assert hours(day) == [("上午", 0, 6), ("突发", 6, 7), ("下午", 7, 13), ("新闻联播", 13, 13.5), ("晚上", 13.5, 24)]


def film(hour: float, hours: float, title: str, kind: str = "flow", **rest: object) -> Item:
    return evolve(item(hour, hours, title, kind, **rest), content=Content(title, asset=int(hour * 10) + 1))


FILMS = (
    film(0, 6, "上午"),
    film(6, 7, "下午"),
    film(13, 0.5, "新闻", "fixed"),
    film(13.5, 9.5, "晚上"),
    film(23, 1, "夜"),
)


def test_a_film_goes_on_where_it_stopped_up_to_a_fixed_start() -> None:
    day = evolve(approved(), items=FILMS)

    day = approval.broken_in(day, item(10, 1, "突发"), WINDOW[0] + timedelta(hours=7), "zhao", "x")

    assert hours(day)[1:5] == [("下午", 6, 10), ("突发", 10, 11), ("下午", 11, 13), ("新闻", 13, 13.5)]
    cut, _, rest = day.items[1:4]
    assert (rest.content.begin_s, rest.content.rest_of, rest.kind) == (4 * 3600, cut.uid, "flow")
    assert (cut.cuttable, rest.cuttable, rest.uid == cut.uid) == (True, True, False)


def test_what_is_pushed_is_cut_at_the_end_of_the_day_as_it_was_planned() -> None:
    day = approval.broken_in(
        evolve(approved(), items=FILMS), item(14, 1, "突发"), WINDOW[0] + timedelta(hours=13), "zhao", "x"
    )

    assert hours(day)[3:] == [("晚上", 13.5, 14), ("突发", 14, 15), ("晚上", 15, 24)]


def test_what_began_the_day_before_goes_on_and_the_next_day_makes_room() -> None:
    late = film(-2, 2.5, "昨夜")
    today = evolve(approved(), items=(film(0.5, 5.5, "上午"), *FILMS[1:]))
    now = WINDOW[0] - timedelta(hours=1)
    news = item(0.25, 0.5, "突发")

    day = approval.broken_in(today, news, now, "zhao", "x", running=late)
    after = approval.run_into(today, WINDOW[0] + timedelta(hours=1), now, "zhao", "x")

    assert hours(day)[:3] == [("突发", 0.25, 0.75), ("昨夜", 0.75, 1), ("上午", 1, 6.5)]
    assert hours(after)[:3] == [("上午", 1, 6.5), ("下午", 6.5, 13), ("新闻", 13, 13.5)]
    assert hours(after)[-1] == ("夜", 23, 24)


@given(st.floats(1, 23.9), st.floats(0.01, 3), st.sampled_from([ITEMS, FILMS, ITEMS[:2] + FILMS[2:]]))
def test_a_break_leaves_neither_hole_nor_overlap_and_never_touches_the_past(
    hour: float, hours: float, items: tuple[Item, ...]
) -> None:
    items = tuple(sorted({one.start: one for one in items}.values(), key=lambda one: one.start))
    now = WINDOW[0] + timedelta(hours=hour) - timedelta(minutes=1)
    news = item(hour, hours, "突发")

    day = approval.broken_in(evolve(approved(), items=_closed(items)), news, now, "zhao", "x")

    assert all(a.stop == b.start for a, b in pairwise(day.items))
    assert (day.items[0].start, day.items[-1].stop) == (WINDOW[0], max(WINDOW[1], news.stop))
    assert len({x.uid for x in day.items}) == len(day.items)
    assert [x.start for x in day.items if x.uid == news.uid] == [news.start]
    assert [x for x in day.items if x.stop <= now] == [x for x in _closed(items) if x.stop <= now]


def _closed(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Items of which each ends where the next begins."""
    ends = [one.start for one in items[1:]] + [WINDOW[1]]
    return tuple(evolve(one, stop=end) for one, end in zip(items, ends, strict=True))


def test_two_editors_changes_are_merged_and_collisions_named() -> None:
    mine = (evolve(ITEMS[0], content=Content("早晨")), *ITEMS[1:4], evolve(ITEMS[4], content=Content("我的晚上")))
    theirs = (*ITEMS[:2], *ITEMS[3:4], evolve(ITEMS[4], content=Content("他的晚上")), item(20, 1, "加播"))

    merged, clash = approval.reconciled(ITEMS, mine, theirs)

    titles = {x.content.title for x in merged}
    assert {"早晨", "他的晚上", "加播"} <= titles
    assert "我的晚上" not in titles
    assert "垫播" not in titles
    assert clash == ("u晚上",)


def line(planned: Item, late_s: int = 0, short_s: int = 0, **rest: object) -> AsRun:
    start = planned.start + timedelta(seconds=late_s)
    return AsRun(
        "nhxw", start, start + planned.length - timedelta(seconds=short_s), planned.content.title, planned.uid, **rest
    )


def test_plan_and_log_are_compared_line_by_line() -> None:
    real = [
        line(ITEMS[0]),
        line(ITEMS[1], late_s=30),
        line(ITEMS[3], short_s=600),
        AsRun("nhxw", WINDOW[0] + timedelta(hours=14), WINDOW[1], "急"),
    ]

    rows = asrun.compare(ITEMS, real)

    assert [(x.planned.content.title if x.planned else x.real.title, x.outcome) for x in rows] == [
        ("上午", "aired"), ("下午", "late"), ("垫播", "missed"), ("新闻联播", "cut"),
        ("晚上", "missed"), ("急", "replaced"),
    ]  # fmt: skip
    assert rows[3].short == timedelta(minutes=10)


def test_a_corrected_line_does_not_stand() -> None:
    lines = [(1, line(ITEMS[0])), (2, line(ITEMS[0], late_s=5, corrects=1))]

    assert asrun.valid(lines) == (lines[1][1],)


def test_present_and_catch_up_follow_what_was_really_on() -> None:
    rows = tuple(Programme(x.uid, "nhxw", x.start, x.stop, x.content.title) for x in ITEMS)

    shown = asrun.as_shown(rows, [line(ITEMS[1], late_s=60)])

    assert shown[1].start == ITEMS[1].start + timedelta(seconds=60)
    assert all(a.stop <= b.start for a, b in pairwise(shown))
    assert isinstance(shown[0].start, datetime)
