"""Boards, lists, articles and profiles, channels: what a viewer notices on them, and the rules of the page graph."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_pages import facts
from portal_pages.boards import affairs, appraise, articles, board, channels, live, pioneers, school, today
from portal_pages.facts import ArticleFact, ChannelsFact, ColumnFact, ItemFact, Viewer
from portal_pages.states import Open, Page, Submit
from portal_pages.views import Chip, Image, Rich, Text
from tests.pages.strategies import (
    MODES,
    NOW,
    assert_sound,
    channels_now,
    columns,
    items,
    viewers,
)
from tests.pages.strategies import articles as article_facts

VIEWER = Viewer(now=NOW)
BOARDS = (affairs.BOARD, live.BOARD, school.BOARD, today.BOARD, pioneers.BOARD, appraise.BOARD)
LISTED = tuple((each, key, title) for each in BOARDS for key, title in each.columns if key not in {"channels", "guide"})


def told(page: Page) -> list[str]:
    """Every line on the page outside its items."""
    lines = [part.words for part in page.parts if isinstance(part, Text)]
    return lines + ["".join(run.words for run in part.runs) for part in page.parts if isinstance(part, Rich)]


# --- lists ----------------------------------------------------------------------------------------------------


@given(viewers(), st.data())
def test_every_list_keeps_the_rules_of_the_page_graph(viewer: Viewer, data: st.DataObject) -> None:
    which, key, title = data.draw(st.sampled_from(LISTED))
    kind = "film" if which is today.BOARD else "article"
    seen = st.tuples(items(kind), st.booleans()).map(lambda drawn: attrs.evolve(drawn[0], seen=drawn[1]))
    column, number = data.draw(columns(key, title, lambda total: board.rows(viewer, total), seen))

    assert_sound(board.board_page(viewer, which, column, number), viewer)


@pytest.mark.parametrize("which", BOARDS, ids=lambda which: which.key)
def test_every_column_of_a_board_is_a_row_of_its_rail_and_a_number_key(which: board.Board) -> None:
    key, title = which.columns[0]
    page = board.board_page(VIEWER, which, ColumnFact(key, title))

    rail = [f.ok for f in page.focusables if f.zone == "rail"]
    assert rail == [page.keys[f"D{i}"] for i in range(1, len(which.columns) + 1)]
    assert len(set(map(str, rail))) == len(which.columns)


def test_the_first_column_is_the_board_itself_save_for_the_shelf() -> None:
    assert board.column_id(affairs.BOARD, "notices") == "affairs"
    assert board.column_id(affairs.BOARD, "finance", 2) == "affairs-finance-2"
    assert board.column_id(today.BOARD, "style") == "today-style"
    assert board.column_id(today.BOARD, "guide") == "guide"


def test_seven_rows_fill_a_page_and_eight_make_two_pages_of_six() -> None:
    assert [board.rows(VIEWER, total) for total in (0, 7, 8, 500)] == [7, 7, 6, 6]
    assert [board.rows(attrs.evolve(VIEWER, mode="large"), total) for total in (5, 6)] == [5, 4]


def test_an_empty_column_says_so_and_keeps_the_focus_on_its_rail() -> None:
    page = board.board_page(VIEWER, affairs.BOARD, ColumnFact("dues", "党费公示"))

    assert "这一栏还没有内容" in told(page)
    assert page.default_focus == "c-dues"


def test_a_film_seen_to_its_end_is_marked_in_words() -> None:
    rows = (ItemFact("film-1", "湖上新桥", "4 分钟", seen=True), ItemFact("film-2", "茶园", "9 分钟", fresh=True))
    page = today.column_page(VIEWER, ColumnFact("style", "南湖风采", rows, 2))

    chips = {f.id: [p.words for p in f.parts if isinstance(p, Chip)] for f in page.focusables if f.zone == "main"}
    assert chips == {"film-1": ["已看"], "film-2": ["新"]}


def test_back_from_a_video_column_leads_to_its_head_on_the_shelf() -> None:
    page = today.column_page(VIEWER, ColumnFact("films", "优秀影片"))

    assert (page.parent, page.parent_focus) == ("today", "h-films")
    assert page.hints[-1].words == "今日南湖"


# --- articles -------------------------------------------------------------------------------------------------


@given(viewers(), article_facts(), st.integers(1, 40))
def test_every_sheet_of_an_article_keeps_the_rules_of_the_page_graph(
    viewer: Viewer, article: ArticleFact, number: int
) -> None:
    assert_sound(articles.article_page(viewer, article, number), viewer)


def article(**more: object) -> ArticleFact:
    base = ArticleFact(
        12, "finance", "财务公示", "affairs-finance", "第三季度收支公布", "南湖村民委员会", NOW - timedelta(days=44)
    )
    return attrs.evolve(base, blocks=(facts.Paragraph("账目已经审核。" * 200),), **more)


def test_an_article_is_turned_with_arrows_and_page_keys_and_rests_on_the_next_page() -> None:
    first, second = (articles.article_page(VIEWER, article(), number) for number in (1, 2))

    assert (first.id, second.id) == ("article-12", "article-12-2")
    assert first.default_focus == "next"
    assert first.keys["DOWN"] == first.keys["PAGE_DOWN"] == Open("article-12-2")
    assert second.keys["UP"] == second.keys["PAGE_UP"] == Open("article-12")


def test_the_last_page_rests_on_the_page_before() -> None:
    last = articles.article_page(VIEWER, article(), 999)

    assert last.default_focus == "prev"
    assert "DOWN" not in last.keys


def test_source_and_dates_stand_on_the_first_page_in_plain_words() -> None:
    until = NOW + timedelta(days=5)
    first, second = (articles.article_page(VIEWER, article(until=until), number) for number in (1, 2))

    assert "南湖村民委员会10 月 12 日公布公示到 11 月 30 日" in told(first)
    assert not any("公布" in line and "南湖村民委员会" in line for line in told(second))


@pytest.mark.parametrize("mode", MODES)
def test_larger_type_is_asked_for_with_the_paragraph_in_sight(mode: facts.Mode) -> None:
    page = articles.article_page(attrs.evolve(VIEWER, mode=mode), article(), 2)

    other = "large" if mode == "standard" else "standard"
    assert page.keys["YELLOW"] == Submit("mode", other)
    assert page.form == {"back": "article-12-2", "block": "0"}


def test_back_from_an_article_leads_to_its_row_in_the_list() -> None:
    page = articles.article_page(VIEWER, article(), 2)
    rows = (ItemFact("article-12", "第三季度收支公布"),)
    listed = board.board_page(VIEWER, affairs.BOARD, ColumnFact("finance", "财务公示", rows, 1))

    assert page.parent == listed.id
    assert page.parent_focus in {f.id for f in listed.focusables}


def test_a_profile_shows_its_portrait_on_every_sheet() -> None:
    person = article(portrait=facts.Picture("/demo/pictures/zhou.jpg", 248, 310))

    for number in (1, 2):
        page = articles.article_page(VIEWER, person, number)

        assert page.id.startswith("profile-12")
        assert [p.url for p in page.parts if isinstance(p, Image)] == ["/demo/pictures/zhou.jpg"]


# --- channels -------------------------------------------------------------------------------------------------


@given(viewers(), st.data(), st.integers(1, 90))
def test_every_list_of_channels_keeps_the_rules_of_the_page_graph(
    viewer: Viewer, data: st.DataObject, number: int
) -> None:
    fact = data.draw(channels_now(board.PAGED_ROWS[viewer.mode]))

    assert_sound(channels.channels_page(viewer, fact, number), viewer)


def test_a_channel_tells_what_is_on_and_what_comes_next() -> None:
    town = facts.ChannelFact(3, 1, "今日南湖")
    news = facts.ProgrammeFact(1, 3, "南湖新闻联播", NOW, NOW + timedelta(minutes=4))
    lesson = facts.ProgrammeFact(2, 3, "党课开讲", NOW + timedelta(minutes=4), NOW + timedelta(minutes=34))
    silent = facts.ChannelNow(facts.ChannelFact(4, 2, "戏曲频道"))

    page = channels.channels_page(VIEWER, ChannelsFact((facts.ChannelNow(town, news, lesson), silent), 2))

    lines = {f.id: [p.words for p in f.parts if isinstance(p, Text)] for f in page.focusables}
    assert lines == {
        "ch3": ["1", "今日南湖", "南湖新闻联播", "19:30 党课开讲"],
        "ch4": ["2", "戏曲频道", "暂无节目单"],
    }
    assert page.focusables[0].ok == Open("tv-3")


def test_without_channels_there_is_a_way_back() -> None:
    page = channels.channels_page(VIEWER, ChannelsFact())

    assert [f.ok for f in page.focusables] == [Open("today")]
    assert "还没有频道" in told(page)
