"""The programme guide: two hours of six channels, days above, the focused programme below; one programme in full."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keymap.families import shipped
from keymap.keys import Key
from keymap.page import page_script, system_script
from middleware.portal.render import render
from portal_pages.boards import guide, guide_cells, programme, reminders
from portal_pages.boards.catchup import catchup_page
from portal_pages.checks import check_page
from portal_pages.facts import (
    ChannelFact,
    GuideFact,
    GuideRow,
    Mode,
    ProgrammeFact,
    ProgrammePageFact,
    ReminderFact,
    RemindersFact,
    Viewer,
)
from portal_pages.intents import Post
from portal_pages.machine import start, step
from portal_pages.script import Box
from portal_pages.states import Focusable, Open, Page, Rect, Submit, Target
from portal_pages.views import Chip, Dot, Panel, Rich, Text
from tests.pages.strategies import NOW, TITLES, TOWN, assert_sound, guides, programme_pages, viewers

VIEWER = Viewer(now=NOW)
START = datetime(2026, 11, 25, 19, tzinfo=TOWN)
LIMIT = 12 * 1024
DAYS = tuple(date(2026, 11, 24) + timedelta(days=n) for n in range(9))


def row(channel: int, *lengths: int, begins: datetime = START, titles: str = "节目") -> GuideRow:
    """A channel with programmes of so many minutes one after another; a negative length is a gap."""
    found, at = [], begins
    for n, minutes in enumerate(lengths):
        end = at + timedelta(minutes=abs(minutes))
        if minutes > 0:
            found.append(ProgrammeFact(channel * 100 + n, channel, f"{titles}{n}", at, end, f"第{n}个节目的介绍"))
        at = end
    return GuideRow(ChannelFact(channel, channel, f"频道{channel}"), tuple(found))


def page_of(*rows: GuideRow, viewer: Viewer = VIEWER, **more: object) -> Page:
    return guide.guide_page(viewer, attrs.evolve(GuideFact(START, DAYS, rows), **more))


def cells_of(page: Page) -> list[Focusable]:
    return [f for f in page.focusables if f.look == "cell"]


def html_of(page: Page) -> bytes:
    ipanel = shipped()["ipanel"]
    box = Box(family="ipanel", codes=page_script(ipanel), events=system_script(ipanel))
    return render(page, box).fill(clock="19:26", date="11月25日 星期三", now=1795605960, since=123456)


def title(cell: Focusable) -> str:
    return next(part.words for part in cell.parts if isinstance(part, Text))


@given(viewers(), st.data())
def test_every_guide_keeps_the_rules_of_the_page_graph(viewer: Viewer, data: st.DataObject) -> None:
    assert_sound(guide.guide_page(viewer, data.draw(guides(guide.ROWS[viewer.mode]))), viewer)


@given(viewers(), programme_pages(), st.integers(1, 9))
def test_every_programme_keeps_the_rules_of_the_page_graph(
    viewer: Viewer, fact: ProgrammePageFact, number: int
) -> None:
    page = programme.programme_page(viewer, fact, number)

    assert_sound(page, viewer)
    assert len(html_of(page)) <= LIMIT


@given(guides())
def test_a_row_is_covered_from_edge_to_edge_without_overlap(fact: GuideFact) -> None:
    page = guide.guide_page(VIEWER, fact)

    rows: dict[int, list[Rect]] = {}
    for cell in cells_of(page):
        rows.setdefault(cell.rect.y, []).append(cell.rect)
    for places in rows.values():
        assert places[0].x == 288
        assert places[-1].x + places[-1].w == 1212
        assert all(left.x + left.w + 4 == right.x for left, right in pairwise(places))


def test_half_an_hour_is_232_pixels_and_rows_are_70_apart() -> None:
    page = page_of(row(1, 30, 30, 60), row(2, 120))

    places = [cell.rect for cell in cells_of(page)]
    assert places == [
        Rect(288, 144, 228, 66),
        Rect(520, 144, 228, 66),
        Rect(752, 144, 460, 66),
        Rect(288, 214, 924, 66),
    ]


def test_what_is_on_now_is_underlined_in_coral_and_the_line_of_now_lies_behind_the_cells() -> None:
    page = page_of(row(1, 30, 90))

    underlined = [cell.id for cell in cells_of(page) if any(isinstance(p, Panel) for p in cell.parts)]
    line = next(part for part in page.parts if isinstance(part, Panel) and part.look == "now")
    assert underlined == [guide_cells.cell_id(1, START)]
    assert line.x + 1 == 288 + round(26 * 928 / 120)


def test_a_gap_says_that_nothing_is_known_and_leads_to_the_channel() -> None:
    page = page_of(row(1, 60, -60))

    last = cells_of(page)[-1]
    assert title(last) == "暂无节目单"
    assert last.ok == Open("tv-1")


def test_a_narrow_cell_shows_two_characters() -> None:
    page = page_of(row(1, 30, 9, 81, titles="天气预报"))

    assert title(cells_of(page)[1]) == "天气"


def test_the_strip_tells_time_title_and_synopsis_of_each_programme() -> None:
    page = page_of(row(1, 30, 90, titles="党课开讲："))

    told = {cell.id: cell.caption for cell in cells_of(page)}
    assert told[guide_cells.cell_id(1, START)] == ("19:00 – 19:30", "党课开讲：0", "第0个节目的介绍")


def test_programmes_across_midnight_keep_their_times_and_their_name_in_the_next_window() -> None:
    late = datetime(2026, 11, 25, 23, tzinfo=TOWN)
    night = row(1, 30, 90, begins=late)

    before = page_of(night, start=late)
    after = page_of(night, start=late + timedelta(hours=2))

    assert cells_of(before)[-1].caption[0] == "23:30 – 01:00"
    assert cells_of(page_of(night, start=late + timedelta(hours=1)))[0].id == cells_of(before)[-1].id
    assert title(cells_of(after)[0]) == "暂无节目单"


def test_slivers_share_a_cell_that_names_the_longest_and_counts_them() -> None:
    page = page_of(row(1, 2, 3, 2, 113, titles="短片"))

    first = cells_of(page)[0]
    assert len(cells_of(page)) == 2
    assert (title(first), first.caption[1]) == ("短", "短片1等 3 个节目")


def test_a_crowded_guide_joins_programmes_and_leaves_out_synopses_until_an_old_box_can_hold_it() -> None:
    page = page_of(*(row(n, *[5] * 24, titles="少儿动画片") for n in range(1, 7)))

    assert len(cells_of(page)) < 6 * 24
    assert {cell.caption[2] for cell in cells_of(page)} == {""}
    assert len(html_of(page)) <= LIMIT


@settings(max_examples=25)
@given(viewers(), st.data())
def test_every_guide_fits_the_old_box_with_the_largest_key_table(viewer: Viewer, data: st.DataObject) -> None:
    page = guide.guide_page(viewer, data.draw(guides(guide.ROWS[viewer.mode])))

    assert len(html_of(page)) <= LIMIT


# --- moves ----------------------------------------------------------------------------------------------------


def test_beyond_the_edges_lie_two_hours_and_other_channels_with_the_focus_carried_along() -> None:
    page = page_of(row(1, 120), page=2, pages=3)

    assert {key: page.keys[key] for key in ("LEFT", "RIGHT", "UP", "DOWN")} == {
        "LEFT": Open("guide-20261125-1700-2", carry=True),
        "RIGHT": Open("guide-20261125-2100-2", carry=True),
        "UP": Open("guide-20261125-1900-1", carry=True),
        "DOWN": Open("guide-20261125-1900-3", carry=True),
    }


def test_red_and_green_are_the_day_before_and_after_and_so_are_the_tabs() -> None:
    page = page_of(row(1, 120))

    tabs = {f.label: f.ok for f in page.focusables if f.look == "tab"}
    assert list(tabs) == ["我的提醒", "昨天", "今天", "明天", "周五", "周六", "周日", "周一", "周二", "2日"]
    assert page.keys["RED"] == attrs.evolve(tabs["昨天"], carry=True)
    assert page.keys["GREEN"] == attrs.evolve(tabs["明天"], carry=True)


def test_at_the_ends_of_what_is_known_the_keys_end_too() -> None:
    first = page_of(row(1, 120), start=datetime(2026, 11, 24, 0, tzinfo=TOWN))
    last = page_of(row(1, 120), start=datetime(2026, 12, 2, 22, tzinfo=TOWN))

    assert {"LEFT", "RED"} & set(first.keys) == set()
    assert {"RIGHT", "GREEN"} & set(last.keys) == set()


def test_up_from_the_first_row_leads_to_the_day_that_is_shown() -> None:
    page = page_of(row(1, 30, 90), row(2, 120))

    today = next(f.id for f in page.focusables if f.label == "今天")
    assert {page.nav[cell.id].up for cell in cells_of(page)[:2]} == {today}
    assert page.nav[today].down == guide_cells.cell_id(1, START)


@pytest.mark.parametrize(
    ("channel", "begins", "lands"),
    [
        (2, START - timedelta(minutes=45), (2, START)),
        (2, START + timedelta(hours=2), (2, START + timedelta(minutes=60))),
        (2, START + timedelta(days=1, minutes=55), (2, START + timedelta(minutes=60))),
        (9, START + timedelta(minutes=61), (1, START + timedelta(minutes=30))),
    ],
    ids=["from earlier", "from later", "from another day", "from other channels"],
)
def test_the_focus_stays_on_its_channel_and_its_time_of_day(
    channel: int, begins: datetime, lands: tuple[int, datetime]
) -> None:
    asked = attrs.evolve(VIEWER, focus=guide_cells.cell_id(channel, begins))
    page = page_of(row(1, 30, 90), row(2, 60, 60), viewer=asked)

    assert page.default_focus == guide_cells.cell_id(*lands)


def test_without_a_wish_the_focus_is_on_what_is_on_now() -> None:
    page = page_of(row(1, 20, 100), row(2, 120))

    assert page.default_focus == guide_cells.cell_id(1, START + timedelta(minutes=20))


def test_without_channels_the_days_can_still_be_chosen() -> None:
    page = page_of()

    assert {f.look for f in page.focusables} == {"tab"}
    assert "YELLOW" not in page.keys
    assert page.default_focus == next(f.id for f in page.focusables if f.label == "今天")


def test_the_guide_opens_at_the_present_half_hour() -> None:
    assert guide.window_start(NOW) == START
    assert guide.guide_id(START + timedelta(hours=7), 2) == "guide-20261126-0200-2"
    assert page_of(row(1, 120), current=True).id == "guide"


# --- reminders ------------------------------------------------------------------------------------------------


def test_yellow_posts_the_cell_in_focus_with_the_cells_that_have_a_reminder() -> None:
    evening = row(1, 30, 30, 60)
    set_one = attrs.evolve(evening.programmes[1], reminded=True)
    page = page_of(attrs.evolve(evening, programmes=(evening.programmes[0], set_one, evening.programmes[2])))

    cell = next(c for c in cells_of(page) if c.id == guide_cells.cell_id(1, START + timedelta(minutes=30)))
    asked = step(attrs.evolve(start(page), focus=cell.id), Key.YELLOW, page).intents
    assert asked == (Post(Submit("guide-20261125-1900-1-bell", cell.id)),)
    assert page.form == {"marked": cell.id}
    assert cell.caption[2] == "已设提醒，到时候告诉您"
    assert any(isinstance(part, Dot | Chip) for part in cell.parts)
    assert check_page(page) == ()


def test_what_has_begun_needs_no_reminder_and_the_strip_says_why_none_was_set() -> None:
    running = page_of(row(1, 120))
    refused = page_of(row(1, 20, 100, titles="很长的节目名字" * 6), said="full")

    assert "YELLOW" not in running.keys
    assert "提醒太多了，先取消几个" in told(refused)
    assert check_page(refused) == ()


@given(viewers(), st.lists(TITLES, max_size=6), st.integers(1, 3))
def test_every_list_of_reminders_keeps_the_rules_of_the_page_graph(
    viewer: Viewer, titles: list[str], number: int
) -> None:
    listed = tuple(
        ReminderFact(f"m1s{n}", told, told, NOW + timedelta(hours=n), "programme-7-m") for n, told in enumerate(titles)
    )[: reminders.rows(viewer)]
    page = reminders.reminders_page(viewer, RemindersFact(listed, len(listed) + 9 if listed else 0), number)

    assert_sound(page, viewer)
    assert len(html_of(page)) <= LIMIT


def test_a_reminder_opens_its_programme_and_is_taken_away_by_the_button_beside_it() -> None:
    one = ReminderFact("m3s1795605960", "党课开讲", "今日南湖", NOW + timedelta(hours=2), "programme-7-m")
    page = reminders.reminders_page(VIEWER, RemindersFact((one,), 1))

    row_of, drop = page.focusables
    assert (row_of.ok, drop.ok) == (Open("programme-7-m"), Submit("reminders-off", "m3s1795605960"))
    assert (page.nav[row_of.id].right, page.parent, page.parent_focus) == (drop.id, "guide", "bell")


def test_without_reminders_the_page_says_how_to_set_one() -> None:
    page = reminders.reminders_page(VIEWER, RemindersFact())

    assert "还没有提醒" in told(page)
    assert page.focusables[0].ok == Open("guide", "bell")


# --- a programme ----------------------------------------------------------------------------------------------


def told(page: Page) -> list[str]:
    """Every line, and every stretch of one in several colours."""
    lines = [part.words for part in page.parts if isinstance(part, Text)]
    return lines + [run.words for part in page.parts if isinstance(part, Rich) for run in part.runs]


@pytest.mark.parametrize(
    ("begins", "state", "back", "offered"),
    [
        (-6, "正在播出", "guide", {"收看": Open("tv-3")}),
        (94, "还没开始", "guide-20261125-2100-1", {"提醒我": Submit("programme-7-remind", "programme-7")}),
        (-60, "已经播完", "guide-20261125-1700-1", {}),
    ],
    ids=["running", "to come", "over"],
)
def test_a_programme_says_whether_it_is_on_and_offers_what_fits_and_back_leads_to_its_window(
    begins: int, state: str, back: str, offered: dict[str, Target]
) -> None:
    start = NOW + timedelta(minutes=begins)
    one = ProgrammeFact(7, 3, "党课开讲", start, start + timedelta(minutes=30), "镇党校王老师讲村集体经济。")

    page = programme.programme_page(VIEWER, ProgrammePageFact(one, ChannelFact(3, 1, "今日南湖")))

    assert state in told(page)
    assert page.default_focus == page.focusables[0].id
    assert (page.parent, page.parent_focus) == (back, guide_cells.cell_id(3, start))
    assert {f.label: f.ok for f in page.focusables} == {
        **offered,
        "回到节目单": Open(back, guide_cells.cell_id(3, start)),
    }


@pytest.mark.parametrize(("begins", "words"), [(-6, "从头看"), (-60, "回看")], ids=["running", "over"])
def test_what_the_archive_keeps_can_be_seen_from_its_start(begins: int, words: str) -> None:
    page = programme.programme_page(VIEWER, evening(begins, kept=True))

    assert {f.label: f.ok for f in page.focusables}[words] == Open("catchup-7")


def test_a_reminder_that_is_set_can_be_taken_away() -> None:
    page = programme.programme_page(VIEWER, evening(94, reminded=True))

    assert "到时候会提醒您" in told(page)
    assert {f.label: f.ok for f in page.focusables}["取消提醒"] == Submit("programme-7-forget", "programme-7")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_a_long_synopsis_is_read_sheet_by_sheet_and_loses_nothing(mode: Mode) -> None:
    about = "".join(f"第{n}节讲茶园管护。" for n in range(60))
    fact = evening(-6, about)
    pages, at = [], 1
    while not pages or "next" in {f.id for f in pages[-1].focusables if not f.disabled}:
        pages.append(programme.programme_page(attrs.evolve(VIEWER, mode=mode), fact, at))
        at += 1

    body = {"standard": 30, "large": 38}[mode]
    lines = [p.words for page in pages for p in page.parts if isinstance(p, Text) and p.size == body]
    assert "".join(lines) == about
    assert pages[1].id == "programme-7-2"
    assert pages[0].keys["PAGE_DOWN"] == Open("programme-7-2", "next")


def test_what_a_search_found_leads_back_to_the_search() -> None:
    page = programme.programme_page(VIEWER, attrs.evolve(evening(94), query="6499"))

    assert (page.id, page.parent) == ("programme-7-q6499", "search-6499")
    assert page.focusables[0].ok == Submit("programme-7-remind", "programme-7-q6499")


def test_episode_and_rating_stand_beside_the_state() -> None:
    page = programme.programme_page(VIEWER, attrs.evolve(evening(-6), about=("第 3 集", "分级 12", "长" * 60)))

    assert {"正在播出", "第 3 集", "分级 12"} <= {*told(page)}
    assert "长" * 60 not in told(page)


def test_a_recording_is_a_film_that_leads_back_to_its_programme() -> None:
    page = catchup_page(VIEWER, evening(-6, kept=True), "/l/t/a/3/1-2/index.m3u8")

    assert (page.parent, page.keys["STOP"]) == ("programme-7", Open("programme-7", "again"))
    assert page.video is not None
    assert (page.video.url, page.video.asset, page.video.live) == ("/l/t/a/3/1-2/index.m3u8", 0, False)
    assert check_page(page) == ()


def evening(begins: int, about: str = "镇党校王老师讲村集体经济。", **more: Any) -> ProgrammePageFact:
    """A programme of half an hour that begins so many minutes from now."""
    start = NOW + timedelta(minutes=begins)
    one = ProgrammeFact(7, 3, "党课开讲", start, start + timedelta(minutes=30), about)
    return ProgrammePageFact(one, ChannelFact(3, 1, "今日南湖"), **more)
