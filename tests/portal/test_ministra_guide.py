"""The guide over HTTP: what is in it, in whose time, and how it is kept."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import attrs
import pytest

from epg.model import Programme
from middleware.domain.events import ContentChanged
from middleware.services.ports import Airing
from tests.portal.ministra_box import CANONICAL, Box, stocked
from tests.portal.portal_town import NOW, PortalTown

Make = Callable[..., PortalTown]


@pytest.fixture
def stock(portal_town_with: Make) -> tuple[PortalTown, dict[str, int]]:
    return stocked(portal_town_with)


@pytest.fixture
def town(stock: tuple[PortalTown, dict[str, int]]) -> PortalTown:
    return stock[0]


@pytest.fixture
def first(stock: tuple[PortalTown, dict[str, int]]) -> int:
    return stock[1]["first"]


@pytest.fixture
def box(town: PortalTown) -> Box:
    return Box(town).boot()


def fill(town: PortalTown, channel: int, start: datetime, hours: int, minutes: int = 60) -> None:
    """Programmes in a row in the place of what the channel had."""

    def write(uow: Any) -> None:
        old = [one.id for one in uow.guide.between(start - timedelta(days=9), start + timedelta(days=99), {channel})]
        starts = [start + timedelta(minutes=minutes * n) for n in range(hours * 60 // minutes)]
        told = [
            Programme(f"n{at}", "c", at, at + timedelta(minutes=minutes), f"节目{n}") for n, at in enumerate(starts)
        ]
        uow.guide.write([Airing(0, channel, "t", one) for one in told], [], old)
        uow.outbox.add(ContentChanged("programme"))

    town.write(write)


def events(box: Box, channel: int, period: object = 5) -> list[Any]:
    found: list[Any] = box.js("itv", "get_epg_info", period=period)["data"].get(str(channel), [])
    return found


def test_bulk_holds_a_day_back_what_is_on_and_what_follows(town: PortalTown, box: Box, first: int) -> None:
    fill(town, first, NOW - timedelta(days=3), 24 * 12)
    now = int(NOW.timestamp())

    for period in (3, 5, 168, 9999, "abc", "", -1):
        rows = events(box, first, period)
        hours = period if isinstance(period, int) else 5
        assert any(row["start_timestamp"] <= now < row["stop_timestamp"] for row in rows)
        assert now - 86_400 - 1200 < rows[0]["stop_timestamp"] <= now - 86_400 + 7200
        assert rows[-1]["stop_timestamp"] >= now + min(max(hours, 1), 168) * 3600 + 7200
        assert all(one["stop_timestamp"] <= two["start_timestamp"] for one, two in pairwise(rows))


def test_bulk_goes_with_the_time_and_with_the_guide(town: PortalTown, box: Box, first: int) -> None:
    fill(town, first, NOW - timedelta(days=2), 24 * 4)
    before = [row["id"] for row in events(box, first)]
    town.clock.advance(7200)
    later = [row["id"] for row in events(box, first)]
    fill(town, first, NOW, 3)

    assert before[2:] == later[:-2]
    assert [row["name"] for row in events(box, first)] == ["节目0", "节目1", "节目2"]


def test_bulk_is_the_same_in_gzip(box: Box) -> None:
    target = f"{CANONICAL}?type=itv&action=get_epg_info&period=5"
    packed = box.raw(target, Accept_Encoding="gzip", **box.head)

    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.raw) < len(packed.body) / 4
    assert packed.body == box.raw(target, **box.head).raw


def test_boxes_in_other_zones_have_equal_epochs_and_their_own_texts(town: PortalTown, box: Box, first: int) -> None:
    found = {
        zone: events(attrs.evolve(box, zone=zone), first)
        for zone in ("Asia/Shanghai", "Europe/Berlin", "Mars/Olympus", "", "America/New_York")
    }
    epochs = {zone: [(row["start_timestamp"], row["stop_timestamp"]) for row in rows] for zone, rows in found.items()}
    texts = {zone: rows[0]["time"] for zone, rows in found.items()}

    assert len({tuple(one) for one in epochs.values()}) == 1
    assert texts == {
        "Asia/Shanghai": "2026-11-24 16:00:00", "Europe/Berlin": "2026-11-24 09:00:00",
        "Mars/Olympus": "2026-11-24 16:00:00", "": "2026-11-24 16:00:00", "America/New_York": "2026-11-24 03:00:00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (datetime(2026, 10, 25, 1, tzinfo=UTC), ["02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), ["01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]),
    ],
)
def test_over_the_change_of_the_clock_texts_jump_and_epochs_do_not(
    town: PortalTown, first: int, change: datetime, expected: list[str]
) -> None:
    town.clock.advance(max(0.0, change.timestamp() - 43_200 - town.clock.seconds()))
    town.clock.rightNow = change.timestamp() - 3600
    fill(town, first, change - timedelta(hours=1), 3, minutes=30)
    box = Box(town, zone="Europe/Berlin").boot()
    rows = events(box, first)

    assert [row["t_time"] for row in rows] == expected
    start = int((change - timedelta(hours=1)).timestamp())
    assert [row["start_timestamp"] for row in rows] == [start + 1800 * n for n in range(6)]
    assert {row["duration"] for row in rows} == {1800}
    day = box.js("epg", "get_simple_data_table", ch_id=first, date=f"{change:%Y-%m-%d}", p=1)
    assert [row["t_time"] for row in day["data"]] == expected


def test_a_day_is_the_boxs_own_with_what_is_not_over(town: PortalTown, first: int) -> None:
    fill(town, first, NOW - timedelta(hours=12), 48)
    box = Box(town, zone="Europe/Berlin").boot()
    pages = [box.js("epg", "get_simple_data_table", ch_id=first, date="2026-11-24", p=p) for p in (0, 1, 2, 3)]

    # The day begins at 23:00 UTC, half an hour before the first programme.
    assert [len(one["data"]) for one in pages] == [10, 10, 10, 4]
    assert {(one["total_items"], one["max_page_items"]) for one in pages} == {(24, 10)}
    assert (pages[0]["cur_page"], pages[0]["selected_item"]) == (2, 3)
    here = pages[0]["data"][2]
    assert (here["open"], pages[0]["data"][1]["open"]) == (1, 0)
    assert here["start_timestamp"] <= NOW.timestamp() < here["stop_timestamp"]


def test_a_day_of_no_channel_is_an_empty_list(box: Box) -> None:
    asked: list[dict[str, object]] = [{"ch_id": "all", "date": "2026-11-24"}, {"ch_id": 777}, {}]
    told = [box.js("epg", "get_simple_data_table", **fields) for fields in asked]

    assert told == [{"total_items": 0, "max_page_items": 10, "selected_item": 0, "cur_page": 0, "data": []}] * 3


def test_short_begins_with_what_is_on(box: Box, first: int) -> None:
    rows = box.js("itv", "get_short_epg", ch_id=first)

    assert [row["t_time"] for row in rows] == ["19:00", "20:00", "21:00", "22:00", "23:00"]
    assert len(box.js("itv", "get_short_epg", ch_id=first, size=2)) == 2
    assert box.js("itv", "get_short_epg", ch_id="x") == []


def test_a_table_shows_channels_beside_each_other_in_its_window(town: PortalTown, box: Box, first: int) -> None:
    told = box.js(
        "epg", "get_data_table", **{"from": "2026-11-24 19:30:00", "to": "2026-11-24 21:00:00", "p": 0, "ch_id": first}
    )
    cells = [(row["t_time"], row["larr"], row["rarr"], row["display_duration"]) for row in told["data"][0]["epg"]]

    assert [*told] == [
        "total_items", "max_page_items", "cur_page", "selected_item", "time_marks", "from_ts", "to_ts", "data",
    ]  # fmt: skip
    assert (told["max_page_items"], told["cur_page"], told["selected_item"], told["total_items"]) == (10, 1, 1, 2)
    assert told["time_marks"] == ["19:30", "20:00", "20:30", "21:00"]
    assert told["to_ts"] - told["from_ts"] == 5400
    assert cells == [("19:00", 1, 0, 1800), ("20:00", 0, 0, 3600)]
    box.js("itv", "set_fav", fav_ch=first)
    assert box.js("epg", "get_data_table", fav=1)["total_items"] == 1
    by_ts = box.js("epg", "get_data_table", from_ts=told["from_ts"] * 1000, to_ts=told["to_ts"] * 1000, p=1)
    assert by_ts["data"][0]["epg"] == told["data"][0]["epg"]


def test_lists_of_channels_say_what_is_on(box: Box) -> None:
    rows = box.js("itv", "get_ordered_list", p=1)["data"]

    assert [row["cur_playing"] for row in rows] == ["19:00 南湖播报"] * 2
    there = attrs.evolve(box, zone="Europe/Berlin").js("itv", "get_ordered_list", p=1)["data"]
    assert there[0]["cur_playing"] == "12:00 南湖播报"


def test_weeks_are_said_in_the_language_of_the_box(box: Box) -> None:
    assert box.js("epg", "get_week")[0]["f_human"] == "11月16日 周一"
    assert attrs.evolve(box, lang="en").js("epg", "get_week")[0]["f_human"] == "Mon 16 Nov"


def test_a_guide_too_large_for_clients_is_cut_in_time(
    town: PortalTown, box: Box, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(town, first, NOW - timedelta(days=1), 24 * 9)
    whole = box.get("itv", "get_epg_info", period=168)
    monkeypatch.setattr("middleware.portal.ministra.programmes.LARGEST", len(whole.body) // 2)
    town.write(lambda uow: uow.outbox.add(ContentChanged("programme")))
    cut = box.get("itv", "get_epg_info", period=168)

    assert len(cut.body) < len(whole.body) * 0.6
    rows = json.loads(cut.body)["js"]["data"][str(first)]
    assert rows[-1]["stop_timestamp"] > NOW.timestamp() + 48 * 3600
