"""Search by few keys, and the guide as JSON in our form and in those of Chinese players."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epg import json_out, search
from epg.json_out import Replay, Shown
from epg.model import Programme

CHANNEL = Shown("nhxw.nanhu.cn", "南湖新闻", 1, "http://h/logo.png", 7)
NOW = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)


def programme(start: datetime, minutes: int, title: str) -> Programme:
    return Programme(
        f"u{title}",
        CHANNEL.xmltv_id,
        start,
        start + timedelta(minutes=minutes),
        title,
        desc="简介",
        categories=("新闻",),
    )


EVENING = programme(NOW, 30, "新闻联播")
NIGHT = programme(datetime(2026, 11, 25, 15, 30, tzinfo=UTC), 90, "夜间")
INDEX = search.index([(title, title) for title in ("南湖新闻", "今日南湖", "CCTV-5+ 体育", "重播：长江", "女花小屋")])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("南湖", ("南湖新闻", "今日南湖")),
        ("nhxw", ("南湖新闻", "女花小屋")),
        ("6499", ("南湖新闻", "女花小屋")),
        ("NH", ("南湖新闻", "女花小屋", "今日南湖")),
        ("ＣＣＴＶ5", ("CCTV-5+ 体育",)),
        ("cbcj", ("重播：长江",)),
        ("", ()),
        ("没有", ()),
        ("！", ()),
    ],
)
def test_titles_are_found_by_words_initials_and_keypad_digits(query: str, expected: tuple[str, ...]) -> None:
    assert INDEX.find(query) == expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_title_is_found_by_itself_and_nothing_breaks(title: str, query: str) -> None:
    index = search.index([(title, "it"), ("别的", "other")])

    index.find(query)
    if search.folded(title) and len(search.folded(title)) <= search.LONGEST:
        assert "it" in index.find(title)


def test_own_form_has_epochs_and_iso_times_of_shanghai() -> None:
    told = json.loads(json_out.packed(json_out.programme(EVENING, Replay("ready", "http://h/r"))))

    assert (told["start"], told["start_iso"], told["stop_iso"]) == (
        1795606200, "2026-11-25T19:30:00+08:00", "2026-11-25T20:00:00+08:00",
    )  # fmt: skip
    assert told["catchup"] == {"state": "ready", "link": "http://h/r"}


def test_diyp_shows_what_runs_over_midnight_on_both_days_cut_at_midnight() -> None:
    both = [EVENING, NIGHT]

    first = json_out.diyp(CHANNEL, date(2026, 11, 25), both)
    second = json_out.diyp(CHANNEL, date(2026, 11, 26), both)

    assert [(row["start"], row["end"], row["title"]) for row in first["epg_data"]] == [
        ("19:30", "20:00", "新闻联播"),
        ("23:30", "00:00", "夜间"),
    ]
    assert [(row["start"], row["end"]) for row in second["epg_data"]] == [("00:00", "01:00")]
    assert (first["channel_name"], first["date"]) == ("南湖新闻", "2026-11-25")


def test_super_live_tells_what_is_on() -> None:
    told = json_out.super_live(CHANNEL, [EVENING, NIGHT], NOW)["南湖新闻"]

    assert (told["isLive"], told["liveSt"]) == ("新闻联播", 1795606200)
    assert told["program"][0] == {
        "st": 1795606200, "et": 1795608000, "t": "新闻联播", "eventId": "u新闻联播",
        "eventType": "新闻", "showTime": "19:30", "duration": 1800,
    }  # fmt: skip
    assert json_out.super_live(CHANNEL, [NIGHT], NOW)["南湖新闻"]["isLive"] == ""
