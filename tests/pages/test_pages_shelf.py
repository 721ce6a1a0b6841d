"""The video shelf: four columns side by side, what is new, what was begun, and every film in reach of the arrows."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_pages.boards import shelf, shelf_turns, today
from portal_pages.facts import AssetFact, ShelfColumn, ShelfFact, Viewer
from portal_pages.states import Open, Page, Rect
from portal_pages.views import Bar, Chip, Image, Text
from tests.pages.strategies import NOW, assert_sound, shelves, viewers

VIEWER = Viewer(now=NOW)
LARGE = Viewer(now=NOW, mode="large")


def film(number: int, days: float = 30, **more: object) -> AssetFact:
    """A film of ten minutes, added `days` ago."""
    base = AssetFact(number, f"第{number}部片子", f"片子{number}", "style", f"/v/{number}-1/poster.jpg", 600, NOW)
    return attrs.evolve(base, added=NOW - timedelta(days=days), **more)


def columns(*counts: int, page: int = 1) -> tuple[ShelfColumn, ...]:
    """The four columns with so many films each; `page` is the shelf page whose films they hold."""
    return tuple(
        ShelfColumn(
            key,
            title,
            tuple(film(100 * place + n) for n in range((page - 1) * 2, min(page * 2, count))),
            count,
        )
        for place, ((key, title), count) in enumerate(zip(today.VIDEO_COLUMNS, counts, strict=True))
    )


def words(page: Page, fid: str) -> list[str]:
    """What is written on one item."""
    item = next(f for f in page.focusables if f.id == fid)
    return [part.words for part in item.parts if isinstance(part, Text | Chip)]


@given(viewers(), shelves(today.VIDEO_COLUMNS), st.integers(1, 300))
def test_every_shelf_keeps_the_rules_of_the_page_graph(viewer: Viewer, fact: ShelfFact, number: int) -> None:
    assert_sound(shelf.shelf_page(viewer, fact, number), viewer)


def test_four_columns_stand_side_by_side_with_their_heads_above() -> None:
    page = shelf.shelf_page(VIEWER, ShelfFact(columns(2, 2, 2, 2)))

    places = {f.id: f.rect for f in page.focusables}
    assert places["h-style"] == Rect(64, 100, 270, 52)
    assert [places[f"h-{key}"].x for key, _ in today.VIDEO_COLUMNS] == [64, 358, 652, 946]
    assert (places["f0"], places["f1"]) == (Rect(64, 160, 270, 200), Rect(64, 370, 270, 200))
    pictures = [part for f in page.focusables if f.look == "poster" for part in f.parts if isinstance(part, Image)]
    assert {(picture.w, picture.h) for picture in pictures} == {(258, 145)}


def test_a_week_old_film_is_no_longer_new() -> None:
    fact = ShelfFact((ShelfColumn("style", "南湖风采", (film(1, 6.9), film(2, 7)), 2), *columns(0, 0, 0, 0)[1:]))

    page = shelf.shelf_page(VIEWER, fact)

    assert words(page, "f1") == ["新", "10 分钟", "片子1"]
    assert words(page, "f2") == ["10 分钟", "片子2"]


def test_a_gold_bar_shows_how_much_was_seen() -> None:
    fact = ShelfFact((ShelfColumn("style", "南湖风采", (film(1, seen=0.5), film(2)), 2), *columns(0, 0, 0, 0)[1:]))

    page = shelf.shelf_page(VIEWER, fact)

    bars = {f.id: [part.part for part in f.parts if isinstance(part, Bar)] for f in page.focusables}
    assert (bars["f1"], bars["f2"]) == ([0.5], [])


@pytest.mark.parametrize(("seconds", "told"), [(1, "1 分钟"), (89, "1 分钟"), (91, "2 分钟"), (5520, "92 分钟")])
def test_lengths_are_whole_minutes(seconds: float, told: str) -> None:
    assert today.minutes(seconds) == told


def test_the_focus_begins_on_the_newest_poster_unless_another_was_left() -> None:
    newest = film(7, 1)
    cols = (*columns(2, 2, 2, 0)[:3], ShelfColumn("window", "致富之窗", (newest,), 1))

    assert shelf.shelf_page(VIEWER, ShelfFact(cols)).default_focus == "f7"
    assert shelf.shelf_page(attrs.evolve(VIEWER, focus="f101"), ShelfFact(cols)).default_focus == "f101"


def test_the_green_key_and_the_strip_go_on_where_the_household_stopped() -> None:
    begun = film(3, seen=0.5, resume_s=300)
    page = shelf.shelf_page(VIEWER, ShelfFact(columns(2, 2, 2, 2), begun))

    strip = next(f for f in page.focusables if f.id == "resume")
    assert strip.rect == Rect(64, 580, 858, 60)
    assert page.keys["GREEN"] == strip.ok == Open("play-3")
    assert words(page, "resume") == ["接着看", "片子3", "还剩 5 分钟", "绿键"]


def test_without_a_begun_film_neither_strip_nor_green_key_are_there() -> None:
    page = shelf.shelf_page(VIEWER, ShelfFact(columns(2, 2, 2, 2)))

    assert "resume" not in {f.id for f in page.focusables}
    assert "GREEN" not in page.keys


def test_every_film_of_every_column_is_met_by_turning_pages() -> None:
    counts = (5, 2, 0, 3)
    for viewer in (VIEWER, LARGE):
        pages = shelf_turns.turn(viewer, counts, 1).pages
        turns = [shelf_turns.turn(viewer, counts, number) for number in range(1, pages + 1)]
        met = {(c, t.first + row) for t in turns for c in t.columns for row in range(shelf_turns.ROWS)}

        assert {(c, n) for c, count in enumerate(counts) for n in range(count)} <= met


def test_a_film_is_found_on_the_page_that_it_is_said_to_stand_on() -> None:
    counts = (9, 9, 9, 9)
    for viewer in (VIEWER, LARGE):
        for number in range(1, shelf_turns.turn(viewer, counts, 1).pages + 1):
            turn = shelf_turns.turn(viewer, counts, number)
            at_home = [
                (c, turn.first + row)
                for c in turn.columns
                for row in range(shelf_turns.ROWS)
                if shelf_turns.page_of(viewer, c, turn.first + row) == shelf_turns.page_id(number)
            ]

            assert at_home
            assert all(c in turn.columns for c, _ in at_home)


def test_the_page_tile_keeps_the_focus_while_pages_are_turned() -> None:
    first = shelf.shelf_page(VIEWER, ShelfFact(columns(5, 5, 5, 5)), 1)
    middle = shelf.shelf_page(attrs.evolve(VIEWER, focus="next"), ShelfFact(columns(5, 5, 5, 5, page=2)), 2)
    last = shelf.shelf_page(attrs.evolve(VIEWER, focus="prev"), ShelfFact(columns(5, 5, 5, 5, page=3)), 3)

    ok = {f.id: f.ok for page in (first, middle, last) for f in page.focusables if f.id in {"next", "prev"}}
    assert (first.keys["PAGE_DOWN"], middle.keys["PAGE_UP"]) == (Open("today-p2"), Open("today"))
    assert middle.default_focus == "next"
    assert last.default_focus == "prev"
    assert ok == {"next": Open("today-p3", "prev"), "prev": Open("today-p2", "prev")}


def test_channels_guide_and_search_are_entered_by_arrows_and_the_guide_by_its_key() -> None:
    page = shelf.shelf_page(VIEWER, ShelfFact(columns(2, 2, 2, 2)))

    entered = {f.id: f.ok for f in page.focusables if f.look == "strip"}
    assert entered == {"channels": Open("today-channels"), "guide": Open("guide"), "search": Open("search")}
    assert page.nav["h-stones"].up == "channels"
    assert page.nav["h-films"].up == "guide"
    assert page.keys["EPG"] == Open("guide")


def test_an_empty_shelf_says_so_in_each_column() -> None:
    page = shelf.shelf_page(VIEWER, ShelfFact(columns(0, 0, 0, 0)))

    said = [part.words for part in page.parts if isinstance(part, Text)]
    assert said.count("还没有片子") == 4
    assert page.default_focus == "h-style"


def test_large_type_shows_three_columns_and_the_fourth_on_the_next_page() -> None:
    first = shelf.shelf_page(LARGE, ShelfFact(columns(2, 2, 2, 2)), 1)
    second = shelf.shelf_page(LARGE, ShelfFact(columns(2, 2, 2, 2)), 2)

    heads = [[f.id for f in page.focusables if f.id.startswith("h-")] for page in (first, second)]
    assert heads == [["h-style", "h-stones", "h-films"], ["h-stones", "h-films", "h-window"]]


def test_a_column_lists_length_and_what_was_seen() -> None:
    seen, begun, plain = film(1, seen=1.0), film(2, seen=0.5, resume_s=300), film(3)

    rows = [today.film_item(VIEWER, each) for each in (seen, begun, plain)]

    assert [(row.target, row.note, row.seen) for row in rows] == [
        ("film-1", "10 分钟", True),
        ("film-2", "还剩 5 分钟", False),
        ("film-3", "10 分钟", False),
    ]
