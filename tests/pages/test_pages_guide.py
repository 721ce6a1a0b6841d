"""The programme guide: two hours of six channels, days above, the focused programme below; one programme in full."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keymap.families import shipped
from keymap.page import page_script, system_script
from middleware.portal.render import render
from portal_pages.boards import guide, guide_cells, programme
from portal_pages.facts import ChannelFact, GuideFact, GuideRow, ProgrammeFact, ProgrammePageFact, Viewer
from portal_pages.script import Box
from portal_pages.states import Focusable, Open, Page, Rect
from portal_pages.views import Panel, Text
from tests.pages.strategies import CHANNELS, MOMENTS, NOW, TITLES, TOWN, assert_sound, guides, viewers, words

VIEWER = Viewer(now=NOW)
START = datetime(2026, 11, 25, 19, tzinfo=TOWN)
LIMIT = 12 * 1024
DAYS = tuple(date(2026, 11, 24) + timedelta(days=n) for n in range(6))


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


@given(viewers(), CHANNELS, TITLES, MOMENTS, st.integers(1, 3000), words(0, 300))
def test_every_programme_keeps_the_rules_of_the_page_graph(
    viewer: Viewer, channel: ChannelFact, name: str, start: datetime, minutes: int, about: str
) -> None:
    one = ProgrammeFact(7, channel.id, name, start, start + timedelta(minutes=minutes), about)

    assert_sound(programme.programme_page(viewer, ProgrammePageFact(one, channel)), viewer)


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
    assert list(tabs) == ["昨天", "今天", "明天", "周五", "周六", "周日"]
    assert page.keys["RED"] == attrs.evolve(tabs["昨天"], carry=True)
    assert page.keys["GREEN"] == attrs.evolve(tabs["明天"], carry=True)


def test_at_the_ends_of_what_is_known_the_keys_end_too() -> None:
    first = page_of(row(1, 120), start=datetime(2026, 11, 24, 0, tzinfo=TOWN))
    last = page_of(row(1, 120), start=datetime(2026, 11, 29, 22, tzinfo=TOWN))

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
    assert page.default_focus == next(f.id for f in page.focusables if f.label == "今天")


def test_the_guide_opens_at_the_present_half_hour() -> None:
    assert guide.window_start(NOW) == START
    assert guide.guide_id(START + timedelta(hours=7), 2) == "guide-20261126-0200-2"
    assert page_of(row(1, 120), current=True).id == "guide"


# --- a programme ----------------------------------------------------------------------------------------------


def told(page: Page) -> list[str]:
    return [part.words for part in page.parts if isinstance(part, Text)]


@pytest.mark.parametrize(
    ("begins", "state", "back"),
    [
        (-6, "正在播出", "guide"),
        (94, "还没开始，可以先看这个频道", "guide-20261125-2100-1"),
        (-60, "已经播完，收看的是这个频道现在的节目", "guide-20261125-1700-1"),
    ],
    ids=["running", "to come", "over"],
)
def test_a_programme_says_whether_it_is_on_and_back_leads_to_its_window(begins: int, state: str, back: str) -> None:
    start = NOW + timedelta(minutes=begins)
    one = ProgrammeFact(7, 3, "党课开讲", start, start + timedelta(minutes=30), "镇党校王老师讲村集体经济。")

    page = programme.programme_page(VIEWER, ProgrammePageFact(one, ChannelFact(3, 1, "今日南湖")))

    assert state in told(page)
    assert page.default_focus == ("guide" if begins == -60 else "watch")
    assert (page.parent, page.parent_focus) == (back, guide_cells.cell_id(3, start))
    assert {f.label: f.ok for f in page.focusables} == {
        "收看": Open("tv-3"),
        "回到节目单": Open(back, guide_cells.cell_id(3, start)),
    }
