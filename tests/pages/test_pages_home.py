"""Home, full-screen television and the invitation: what is on the screen, and what every key does there."""

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given

from portal_pages import text_zh
from portal_pages.boards.over_video import FAILED
from portal_pages.checks import DIGITS, area, check_page
from portal_pages.facts import ChannelFact, HomeFact, Viewer
from portal_pages.findings import overlap
from portal_pages.home import home
from portal_pages.invitation import LAYER, invitation, with_invitation
from portal_pages.states import Local, Open, Page
from portal_pages.tv import tv_page
from portal_pages.views import Chip, Rich, Text
from tests.pages import strategies as make

NOW = datetime(2026, 11, 25, 11, 26, tzinfo=UTC)
VIEWER = Viewer(NOW)
APP = Viewer(NOW, home="boards")
CHANNEL = ChannelFact(5, 5, "今日南湖", "/live/5.m3u8")
FACT = HomeFact(CHANNEL, {"school": ("在线点名", "今晚 19:30 点名")}, "今晚 19:30 点名", "按绿键报到", "rc-7")


def target(page: Page, fid: str) -> object:
    return next(f.ok for f in page.focusables if f.id == fid)


def walked(page: Page, start: str, *ways: str) -> str:
    """Where the focus is after some arrows."""
    at = start
    for way in ways:
        at = getattr(page.nav[at], way) or at
    return at


# --- home ---


def test_the_visible_video_is_two_fifths_of_the_screen_and_has_the_focus() -> None:
    page = home(VIEWER, FACT)

    assert page.video is not None
    assert page.video.rect.w * page.video.rect.h >= 368_640
    assert page.default_focus == "window"
    assert target(page, "window") == Open("tv")


def test_back_and_twenty_quiet_seconds_lead_to_television() -> None:
    page = home(VIEWER, FACT)

    assert page.parent == "tv"
    assert (page.timers.idle, page.timers.idle_to) == (20, Open("tv"))


@pytest.mark.parametrize("viewer", [VIEWER, APP])
def test_1_to_6_open_the_six_boards_and_green_the_roll_call(viewer: Viewer) -> None:
    page = home(viewer, FACT)

    assert [page.keys[f"D{i}"] for i in range(1, 7)] == [Open(key) for key, _, _ in text_zh.BOARDS]
    assert page.keys["GREEN"] == Open("rc-7")
    assert "GREEN" not in home(viewer, HomeFact(CHANNEL)).keys


def test_right_from_the_window_leads_to_the_board_used_last() -> None:
    assert walked(home(VIEWER, attrs.evolve(FACT, last_board="today")), "window", "right") == "today"
    assert walked(home(VIEWER, FACT), "window", "right") == "affairs"


def test_rows_wrap_and_left_is_the_window() -> None:
    page = home(VIEWER, FACT)

    assert walked(page, "affairs", "up") == "appraise"
    assert walked(page, "appraise", "down") == "affairs"
    assert {walked(page, key, "left") for key in make.BOARD_KEYS} == {"window"}


@pytest.mark.parametrize(("viewer", "start"), [(VIEWER, "window"), (APP, "affairs"), (APP, "school")])
def test_settings_are_one_arrow_or_one_key_away(viewer: Viewer, start: str) -> None:
    page = home(viewer, FACT)

    assert walked(page, start, "up") == "settings"
    assert page.keys["MENU"] == target(page, "settings") == Open("settings")


def test_the_caption_tells_the_most_urgent_fact_and_then_the_focused_board() -> None:
    page = home(VIEWER, FACT)
    captions = {f.id: f.caption for f in page.focusables}

    assert captions["window"] == captions["settings"] == ("今晚 19:30 点名", "按绿键报到")
    assert captions["school"] == ("今晚 19:30 点名", "在线点名")


@pytest.mark.parametrize("viewer", [VIEWER, APP])
def test_a_dismissed_invitation_leaves_a_badge(viewer: Viewer) -> None:
    def chips(fact: HomeFact) -> list[str]:
        page = home(viewer, fact)
        drawn = [*page.parts, *(part for f in page.focusables for part in f.parts)]
        return [part.words for part in drawn if isinstance(part, Chip)]

    assert chips(attrs.evolve(FACT, badge="1 人还没报到")) == ["1 人还没报到"]
    assert chips(FACT) == []


def test_the_badge_covers_neither_the_seal_nor_the_name_of_its_tile_and_is_whole_in_large_type() -> None:
    for viewer in (APP, attrs.evolve(APP, mode="large")):
        school = next(
            f for f in home(viewer, attrs.evolve(FACT, badge="点名还等您报到")).focusables if f.id == "school"
        )
        chip = next(part for part in school.parts if isinstance(part, Chip))

        assert chip.words == "点名还等您报到"
        assert not [part for part in school.parts if part is not chip and overlap(area(part), area(chip))]


def test_a_box_without_a_video_plane_shows_a_still_and_says_ok() -> None:
    page = home(attrs.evolve(VIEWER, video=False), FACT)

    assert page.video is None
    assert any("按 OK 看电视" in run.words for part in page.parts if isinstance(part, Rich) for run in part.runs)


def test_the_tile_of_the_roll_calls_tells_of_one_that_waits() -> None:
    def told(fact: HomeFact) -> list[str]:
        tile = next(f for f in home(APP, fact).focusables if f.id == "school")
        return [part.words for part in tile.parts if isinstance(part, Text) and part.role == "accent"]

    lines = {"school": ("在线点名", "茶园越冬")}
    called = HomeFact(CHANNEL, lines, urgent="南湖村党支部正在点名", urgent_target="rc-1")
    planned, waiting = HomeFact(CHANNEL, lines, urgent="今晚 19:30 党员点名"), HomeFact(CHANNEL, lines, waiting=True)

    assert told(called) == ["南湖村党支部正在点名"]
    assert told(planned) == ["今晚 19:30 党员点名"]
    assert told(attrs.evolve(waiting, urgent="这台机顶盒还没有登记")) == told(HomeFact(CHANNEL, lines)) == []


def test_without_a_channel_home_is_the_six_boards() -> None:
    assert home(VIEWER, HomeFact(None)).focusables == home(APP, HomeFact(None)).focusables


@given(make.viewers(), make.homes())
def test_home_keeps_the_rules(viewer: Viewer, fact: HomeFact) -> None:
    make.assert_sound(home(viewer, fact), viewer)
    make.assert_sound(home(attrs.evolve(viewer, video=False), fact), viewer)


# --- full-screen television ---


def test_ok_and_back_lead_home_and_the_channel_keys_on() -> None:
    page = tv_page(VIEWER, CHANNEL, previous=3, following=7)

    assert (page.parent, target(page, page.default_focus)) == ("home", Open("home"))
    assert page.keys["UP"] == page.keys["CH_UP"] == Open("tv-7")
    assert page.keys["DOWN"] == page.keys["CH_DOWN"] == Open("tv-3")


def test_yellow_takes_the_subtitles_of_an_own_channel_away_where_the_player_shows_them() -> None:
    viewer, own = attrs.evolve(VIEWER, subtitles=True), attrs.evolve(CHANNEL, url="/ch/nanhu.town/master.m3u8")
    page = tv_page(viewer, own)

    assert page.keys["YELLOW"] == Local("subtitles")
    assert page.video is not None
    assert page.video.subtitles
    assert check_page(page) == ()
    assert "YELLOW" not in tv_page(viewer, CHANNEL).keys
    assert "YELLOW" not in tv_page(VIEWER, own).keys


def test_a_single_channel_changes_to_nothing() -> None:
    assert set(tv_page(VIEWER, CHANNEL, previous=5, following=5).keys) - {*DIGITS} == {"MENU"}


def test_the_whole_screen_is_the_picture_and_only_the_timed_label_lies_on_it() -> None:
    page = tv_page(VIEWER, CHANNEL)

    assert page.video is not None
    assert (page.video.rect.w, page.video.rect.h, page.video.url) == (1280, 720, "/live/5.m3u8")
    assert [getattr(part, "name", "") for part in page.parts] == ["v_label"]
    assert page.hints == ()


@given(make.viewers(), make.CHANNELS)
def test_television_keeps_the_rules(viewer: Viewer, channel: ChannelFact) -> None:
    make.assert_sound(tv_page(viewer, channel, 1, 2), viewer)
    make.assert_sound(tv_page(attrs.evolve(viewer, video=False), channel, 1, 2), viewer)


# --- the invitation ---


def test_the_invitation_lies_over_television_and_never_on_the_number_page() -> None:
    busy = attrs.evolve(tv_page(VIEWER, CHANNEL), accepts_invitation=False)

    assert [layer.id for layer in with_invitation(tv_page(VIEWER, CHANNEL)).layers] == [FAILED, LAYER]
    assert with_invitation(busy) == busy


def test_both_buttons_are_64_high_and_back_means_later() -> None:
    layer = invitation()

    assert [(f.label, f.rect.h) for f in layer.focusables] == [("按 OK 报到", 64), ("稍后再说", 64)]
    assert layer.default_focus == "iv_ok"
    assert layer.keys["BACK"] == next(f.ok for f in layer.focusables if f.id == "iv_later") == Local("dismiss")
    assert layer.keys["GREEN"] == layer.focusables[0].ok, "green signs in, as on home"


def test_the_script_can_fill_in_who_calls_and_the_time_left() -> None:
    parts = invitation().parts
    names = {part.name for part in parts if isinstance(part, Text)}
    names |= {run.name for part in parts if isinstance(part, Rich) for run in part.runs}

    assert names >= {"iv_title", "iv_left"}


def test_a_page_with_the_invitation_keeps_the_rules() -> None:
    assert check_page(with_invitation(tv_page(VIEWER, CHANNEL))) == ()
    assert check_page(with_invitation(home(VIEWER, FACT))) == ()
