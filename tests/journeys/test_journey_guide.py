"""An evening with the guide: found by number keys, noted, and told of when it begins; what a new box shows first."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from epg import xmltv_out
from epg.model import Channel, Name, Programme
from tests.journeys.conftest import Town
from tests.journeys.tv import TV

pytestmark = pytest.mark.browser
CHANNEL = "nanhu-live.nanhu.test"
DESC = "镇里今天的大事小情：茶园管护、路灯维修、党员点名、便民服务，一条一条说给您听。" * 8
BEGINS_S = 25


@pytest.fixture
def news(town: Town) -> datetime:
    """南湖新闻 begins within half a minute on a channel of its own, and is on again tomorrow."""
    now = datetime.now(UTC).replace(microsecond=0)
    start = now + timedelta(seconds=BEGINS_S)
    rows = [
        Programme("", CHANNEL, at, at + timedelta(minutes=30), "南湖新闻", desc=DESC, categories=("新闻",), rating="12")
        for at in (start, start + timedelta(days=1))
    ]
    feed = town.data / "news.xml"
    feed.write_bytes(xmltv_out.write([Channel(CHANNEL, (Name("南湖直播", "zh"),), 88)], rows, at=now))
    town.command("epg", "import", "news", str(feed), "--new-channels")
    return start


def test_found_by_6499_noted_and_told_of_once_when_it_begins(town: Town, tv: Callable[..., TV], news: datetime) -> None:
    set_ = tv("pc")
    set_.go("4", to="today") if set_.state == "home" else None
    set_.seek("UP", "channels") if set_.focus != "channels" else None
    set_.seek("RIGHT", "search")
    set_.go("OK", to="search")
    set_.shot("search-empty")
    set_.type("6499")
    set_.wait(lambda: set_.state == "search-6499", "the search for 6499")
    set_.settle()
    set_.shot("search-found")
    assert "南湖新闻" in set_.text
    set_.seek("DOWN", set_.page.locator(".row", has_text="南湖新闻").first.get_attribute("id") or "")
    set_.go("OK", to="programme-")
    set_.shot("programme")
    set_.go("OK", to="programme-")
    set_.wait(lambda: "到时候会提醒您" in set_.text, "the reminder noted")
    set_.shot("programme-noted")
    set_.go("BACK", to="search-6499")
    set_.go("BACK", to="today")

    set_.wait(lambda: set_.focus == "nt_ok", "the reminder", seconds=BEGINS_S + 10)
    late = (datetime.now(UTC) - news).total_seconds()
    set_.shot("reminder")
    assert "南湖新闻" in set_.page.inner_text("#L_note")
    set_.go("OK", to="tv-")
    set_.page.wait_for_timeout(7000)

    assert set_.page.locator("#L_note").count() == 0
    assert late < 7  # a page asks again after 5 s; a poll that is held is answered at once
    assert [line for line in set_.requests if line == "POST /heard"] == ["POST /heard"]


def test_yellow_on_the_guide_notes_a_programme_and_the_list_takes_it_away(tv: Callable[..., TV]) -> None:
    set_ = tv("ipanel")
    set_.page.goto(f"{set_.base}/p/guide")
    set_.settle()
    set_.go("GREEN", to="guide-")
    cell = set_.focus
    set_.go("YELLOW", to="guide-")
    set_.wait(lambda: "o=set" in set_.page.url, "the guide with the sign")
    set_.settle()
    set_.shot("guide-noted")
    noted = set_.focus, "已设提醒" in set_.text
    set_.page.goto(f"{set_.base}/p/reminders")
    set_.settle()
    set_.shot("reminders")
    set_.press("RIGHT")
    set_.go("OK", to="reminders")
    set_.wait(lambda: "还没有提醒" in set_.text, "an empty list")

    assert noted == (cell, True)


def test_a_box_that_nobody_admitted_shows_the_number_to_tell(town: Town, tv: Callable[..., TV]) -> None:
    set_ = tv("pc")
    set_.page.context.clear_cookies()
    set_.switch_on("00:1A:79:AB:CD:01")
    set_.wait(lambda: set_.state != "", "a page")
    set_.shot("pending-first")
    if set_.state != "code":
        set_.go("GREEN", to="code")
    set_.shot("pending-code")

    assert re.search(r"\d+-\d", set_.text)
