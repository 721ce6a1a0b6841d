"""A film's page and its player."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_pages.boards import film
from portal_pages.facts import AssetFact, NextFact, Viewer
from portal_pages.states import Local, Open, Page, Rect
from portal_pages.views import Bar, Image, Rich, Text
from tests.pages.strategies import NOW, assert_sound, films, viewers

VIEWER = Viewer(now=NOW)
FRESH = AssetFact(
    5,
    "山路上的邮递员",
    "山路上的邮递员",
    "films",
    "/v/5-1/poster.jpg",
    92 * 60,
    NOW - timedelta(days=13),
    synopsis="一位老邮递员在山里走了三十年。",
    playlist="/v/5-1/master.m3u8",
)
BEGUN = attrs.evolve(FRESH, seen=0.57, resume_s=52 * 60 + 7)
SEEN = attrs.evolve(FRESH, seen=1.0, resume_s=92 * 60)


def buttons(page: Page) -> dict[str, object]:
    return {f.label: f.ok for f in page.focusables}


@given(viewers(), films())
def test_every_film_page_keeps_the_rules_of_the_page_graph(viewer: Viewer, asset: AssetFact) -> None:
    assert_sound(film.film_page(viewer, asset), viewer)


@given(viewers(), films(), st.booleans())
def test_every_player_keeps_the_rules_of_the_page_graph(viewer: Viewer, asset: AssetFact, again: bool) -> None:
    assert_sound(film.player_page(viewer, asset, again), viewer)


@pytest.mark.parametrize(
    ("asset", "offered"),
    [
        (FRESH, {"播放": Open("play-5")}),
        (BEGUN, {"接着看 52:07": Open("play-5"), "从头看": Open("play-5-0")}),
        (SEEN, {"再看一遍": Open("play-5-0")}),
    ],
    ids=["fresh", "begun", "seen"],
)
def test_a_film_offers_to_begin_to_go_on_or_to_begin_again(asset: AssetFact, offered: dict[str, Open]) -> None:
    assert buttons(film.film_page(VIEWER, asset)) == offered


def test_a_film_tells_title_length_when_it_came_and_what_it_is_about() -> None:
    page = film.film_page(VIEWER, FRESH)

    lines = [p.words for p in page.parts if isinstance(p, Text)]
    meta = ["".join(run.words for run in p.runs) for p in page.parts if isinstance(p, Rich)]
    assert lines == ["优秀影片", "山路上的邮递员", "一位老邮递员在山里走了三十年。"]
    assert "92 分钟11 月 12 日上架" in meta
    assert [p.url for p in page.parts if isinstance(p, Image)] == ["/v/5-1/poster.jpg"]


def test_the_green_key_goes_on_only_where_there_is_something_to_go_on_with() -> None:
    assert film.film_page(VIEWER, BEGUN).keys["GREEN"] == Open("play-5")
    assert "GREEN" not in film.film_page(VIEWER, FRESH).keys


def test_back_from_a_film_leads_to_its_poster_and_from_the_player_to_the_film() -> None:
    page = film.film_page(VIEWER, attrs.evolve(FRESH, back="today-p3"))

    assert (page.parent, page.parent_focus) == ("today-p3", "f5")
    assert film.player_page(VIEWER, FRESH).parent == page.id


def test_the_player_fills_the_screen_and_goes_on_where_the_household_stopped() -> None:
    on, again = film.player_page(VIEWER, BEGUN), film.player_page(VIEWER, BEGUN, again=True)

    assert on.video is not None
    assert again.video is not None
    assert on.video.rect == Rect(0, 0, 1280, 720)
    assert (on.video.resume_s, again.video.resume_s) == (3127, 0)
    assert (on.video.url, on.video.asset, on.video.live) == ("/v/5-1/master.m3u8", 5, False)
    assert (on.id, again.id) == ("play-5", "play-5-0")


def test_ok_pauses_and_the_arrows_move_in_the_film() -> None:
    page = film.player_page(VIEWER, BEGUN)

    assert page.focusables[0].ok == Local("play")
    acts = {key: page.keys[key] for key in ("LEFT", "RIGHT", "FF", "REW", "PAUSE", "STOP")}
    assert acts == {
        "LEFT": Local("seek:-10"),
        "RIGHT": Local("seek:10"),
        "FF": Local("seek:60"),
        "REW": Local("seek:-60"),
        "PAUSE": Local("play"),
        "STOP": Open("film-5", "play"),
    }


def test_digits_are_minutes_and_yellow_is_for_subtitles_where_the_player_has_them() -> None:
    subtitled = attrs.evolve(BEGUN, subtitled=True)
    able = attrs.evolve(VIEWER, subtitles=True)

    assert film.player_page(VIEWER, BEGUN).keys["D4"] == Local("jump:4")
    assert "YELLOW" not in film.player_page(VIEWER, subtitled).keys
    assert film.player_page(able, subtitled).keys["YELLOW"] == Local("subtitles")


def test_subtitles_are_turned_off_on_the_page_of_the_film_too() -> None:
    able = attrs.evolve(VIEWER, subtitles=True)
    off = attrs.evolve(able, silent=True)
    subtitled = attrs.evolve(FRESH, subtitled=True)
    on_page, off_page = film.film_page(able, subtitled), film.film_page(off, subtitled)
    player = film.player_page(off, subtitled)

    assert buttons(on_page) == {"播放": Open("play-5"), "字幕：开": Open("film-5-n", "subtitles")}
    assert buttons(off_page) == {"播放": Open("play-5-n"), "字幕：关": Open("film-5", "subtitles")}
    assert (player.id, player.parent) == ("play-5-n", "film-5-n")
    assert player.video is not None
    assert player.video.subtitles is False


def test_an_episode_has_a_layer_with_the_next_one() -> None:
    page = film.player_page(VIEWER, attrs.evolve(FRESH, following=NextFact(6, "山路上的邮递员第二集")))

    layer = next(layer for layer in page.layers if layer.id == "next")
    assert [f.ok for f in layer.focusables] == [Open("play-6"), Open("film-5")]
    assert layer.parent == "film-5"


def test_the_strip_has_the_named_parts_that_the_script_keeps_up_to_date() -> None:
    strip = film.player_page(VIEWER, BEGUN).focusables[0].detail

    named = {p.name: p for p in strip if isinstance(p, Text | Bar) and p.name}
    runs = {run.name: run.words for p in strip if isinstance(p, Rich) for run in p.runs if run.name}
    bar = named["v_bar"]
    assert isinstance(bar, Bar)
    assert round(bar.part, 2) == 0.57
    assert runs == {"v_at": "52:07", "v_len": "92:00"}
    assert "v_state" in named


@pytest.mark.parametrize(("seconds", "shown"), [(0, "00:00"), (59.9, "00:59"), (6240, "104:00"), (-1, "00:00")])
def test_places_in_a_film_are_minutes_and_seconds(seconds: float, shown: str) -> None:
    assert film.mm_ss(seconds) == shown
