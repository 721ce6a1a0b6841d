"""The typing rules of the API as functions (portal-ministra.md §2), and line-ups, guides and films to try them on."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from epg.model import Credit, Programme
from middleware.domain.channels import FIRST_LINK, Channel, ChannelLink, Genre
from middleware.services.ports import Airing
from vod.catalogue import Asset, Series
from vod.jobs import State

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
IDS = {"id", "ch_id", "tv_genre_id", "video_id", "package_id", "series_id"}
FLAGS = {
    "lock", "open", "fav", "archive", "enable_tv_archive", "censored", "hd", "mark_memo", "mark_rec", "mark_archive",
    "use_http_tmp_link", "use_load_balancing", "wowza_tmp_link", "today", "yesterday", "week_and_more", "is_movie",
    "is_series", "is_season", "is_episode", "is_file", "larr", "rarr", "allow_pvr", "allow_local_pvr", "pvr",
}  # fmt: skip
COUNTS = {
    "duration", "start_timestamp", "stop_timestamp", "display_duration", "total_items", "max_page_items",
    "selected_item", "cur_page", "streamer_id", "link_id", "time", "position", "cur_series", "has_files", "from_ts",
    "to_ts", "fire_ts", "tv_archive_duration",
}  # fmt: skip
TEXT_TIMES = {"time", "time_to"}
"""Of programmes these are texts, of films a number of minutes."""
LIST_OBJECT = {"total_items", "max_page_items", "selected_item", "cur_page", "data"}


def faults(value: Any, where: str = "js") -> Iterator[str]:
    """What in a reply breaks a rule."""
    if value is None:
        yield f"{where} is null"
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _field(name, one, value, f"{where}.{name}")
            yield from faults(one, f"{where}.{name}")
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from faults(one, f"{where}[{at}]")


def _field(name: str, value: Any, row: dict[str, Any], where: str) -> Iterator[str]:
    if name in IDS and value not in {"", "*"} and not is_id(value):
        yield f"{where} is no id: {value!r}"
    if name in FLAGS and not (type(value) is int and value in {0, 1}):
        yield f"{where} is no flag: {value!r}"
    if name in COUNTS and type(value) is not int and not (name in TEXT_TIMES and isinstance(value, str)):
        yield f"{where} is no count: {value!r}"
    if name == "number" and "tv_genre_id" in row and not (isinstance(value, str) and value.isdigit()):
        yield f"{where} is no number: {value!r}"
    if name == "cmds" and not value:
        yield f"{where} is empty"


def is_id(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and value[0] != "0" and int(value) < 2**31


def told(js: bytes) -> Any:
    """A JSON value as a client reads it: strict UTF-8."""
    return json.loads(js.decode("utf-8"))


def doubles(values: Sequence[str]) -> list[str]:
    return sorted({one for one in values if values.count(one) > 1})


texts = st.one_of(
    st.sampled_from(
        ["", " ", "南湖新闻", "南湖新闻 ", "NEWS", "news", "null", "0", '"', "\\", "\x00", "\u2028", "a\nb"]
    ),
    st.text(max_size=30),
)
numbers = st.integers(-3, 40)
channel_ids = st.integers(1, FIRST_LINK - 1)


urls = st.sampled_from(["", "/ch/nanhu.town/master.m3u8", "/v/5-1/master.m3u8", "http://10.0.0.1/live.m3u8"])
archives = st.sampled_from(["", "/ch/nanhu.town/{start}-{stop}/master.m3u8", "http://10.0.0.1/{start}/{duration}.m3u8"])
LEADS = ("master.m3u8", "10.0.0.1", "nanhu.town/")
"""What no list may hold: where pictures really come from."""


@st.composite
def line_ups(draw: st.DrawFn) -> tuple[list[Channel], list[Genre], dict[int, tuple[ChannelLink, ...]]]:
    """Channels with any names, doubles among them, any genres, and further links."""
    genres = [
        Genre(one, draw(texts), draw(texts), draw(numbers), draw(st.booleans()))
        for one in draw(st.lists(st.integers(1, 40), max_size=5, unique=True))
    ]
    known = st.one_of(st.none(), st.integers(1, 40))
    channels = [
        Channel(
            one, "c.nanhu.cn", draw(numbers), draw(texts), genre_id=draw(known), hd=draw(st.booleans()),
            censored=draw(st.booleans()), archive_h=draw(st.sampled_from([0, 1, 72])), logo=draw(texts),
            url=draw(urls), archive_url=draw(archives),
        )
        for one in draw(st.lists(channel_ids, max_size=8, unique=True))
    ]  # fmt: skip
    links = {
        one.id: (ChannelLink(FIRST_LINK + 1 + at, one.id, "http://10.0.0.1/x", draw(numbers)),)
        for at, one in enumerate(channels)
        if draw(st.booleans())
    }
    return channels, genres, links


@st.composite
def guides(draw: st.DrawFn, channel: int = 7) -> list[Airing]:
    """Programmes of one channel in order without overlaps, as the core gives them."""
    at, found = NOW - timedelta(hours=30), []
    for number in range(draw(st.integers(0, 8))):
        at += timedelta(minutes=draw(st.integers(0, 600)))
        stop = at + timedelta(minutes=draw(st.integers(1, 300)))
        told = Programme(
            f"u{number}", "c", at, stop, draw(texts.filter(bool)), draw(texts), draw(st.text(max_size=900)),
            categories=tuple(draw(st.lists(texts, max_size=2))),
            credits=tuple(Credit("director", one) for one in draw(st.lists(texts, max_size=2))),
        )  # fmt: skip
        found.append(Airing(draw(st.integers(1, 2**40)), channel, "t", told))
        at = stop
    return found


@st.composite
def libraries(draw: st.DrawFn) -> tuple[list[Asset], list[Series]]:
    """Films and series with any titles; episodes of series that are there, and of some that are not."""
    columns = st.sampled_from(["style", "stones", "films", "window", "channel"])
    series = [
        Series(one, draw(columns), draw(texts), draw(texts), draw(st.sampled_from([0, 2024])))
        for one in draw(st.lists(st.integers(1, 9), max_size=3, unique=True))
    ]
    assets = [
        Asset(
            one, 1, draw(st.sampled_from([State.READY, State.READY, State.WITHDRAWN])), draw(columns), draw(texts), "",
            draw(texts), draw(st.integers(0, 10**8)), NOW - timedelta(hours=draw(st.integers(0, 900))),
            series_id=draw(st.one_of(st.none(), st.integers(1, 9))), season=draw(st.integers(0, 3)),
            episode=draw(st.integers(0, 12)),
        )
        for one in draw(st.lists(st.integers(1, 10**6), max_size=10, unique=True))
    ]  # fmt: skip
    return assets, series
