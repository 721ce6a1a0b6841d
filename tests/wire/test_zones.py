"""Boxes in other zones: text times are their own, epochs the same everywhere, also in the night of the change."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.wire.boxes_site import BASE, BoxesSite
from tools.stb.ministra import Ministra
from tools.stb.values import Box
from tools.trial_town import Trial, build

# British clocks go back on 2026-10-25 at 01:00 UTC, in the middle of the programme 7:30-12:00 of Shanghai.
NOW = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
FORM = "%Y-%m-%d %H:%M:%S"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("zones") / "data", now=NOW)


@pytest.fixture
def site(trial: Trial, tmp_path: Path) -> Iterator[BoxesSite]:
    found = BoxesSite(trial.copy(tmp_path / "data"), NOW)
    yield found
    found.stop()


def events(site: BoxesSite, zone: str, at: int = 0) -> list[dict[str, Any]]:
    """The events of the first channel as a box in a zone is told them."""
    box = Ministra(Box(BASE, "ministra", mac=site.trial.mags[at], zone=zone), lambda _name, _learned: None)
    site.run(box.login())
    channel = site.run(box.channels())[0]
    reply = site.run(box.call("itv", "get_epg_info", period=24))
    return list(reply["data"][channel.id])


@pytest.mark.parametrize("zone", ["Europe/London", "America/St_Johns", "Pacific/Chatham", "Asia/Shanghai", "UTC"])
def test_text_times_are_those_of_the_zone_and_epochs_are_utc(site: BoxesSite, zone: str) -> None:
    rows = events(site, zone)

    assert len(rows) >= 6
    for row in rows:
        start, stop = (
            datetime.fromtimestamp(row[name], ZoneInfo(zone)) for name in ("start_timestamp", "stop_timestamp")
        )
        assert (row["time"], row["time_to"]) == (start.strftime(FORM), stop.strftime(FORM))
        assert (row["t_time"], row["t_time_to"]) == (f"{start:%H:%M}", f"{stop:%H:%M}")
        assert row["duration"] == row["stop_timestamp"] - row["start_timestamp"]


def test_two_boxes_in_two_zones_have_equal_epochs_and_different_texts(site: BoxesSite) -> None:
    here, there = events(site, "Asia/Shanghai"), events(site, "America/New_York", at=1)

    assert [row["start_timestamp"] for row in here] == [row["start_timestamp"] for row in there]
    assert [row["name"] for row in here] == [row["name"] for row in there]
    assert not {row["time"] for row in here} & {row["time"] for row in there}


def test_a_programme_over_the_change_of_clocks_lasts_as_long_as_it_lasts(site: BoxesSite) -> None:
    rows = [row for row in events(site, "Europe/London") if row["time"] == "2026-10-25 00:30:00"]

    assert [(row["time_to"], row["duration"]) for row in rows] == [("2026-10-25 04:00:00", int(4.5 * 3600))]


@pytest.mark.parametrize("zone", ["", "No/Where", "../../etc/passwd", "Asia/", "x" * 5000, "%00", "上海"])
def test_a_zone_that_nobody_knows_is_shanghai(site: BoxesSite, zone: str) -> None:
    assert events(site, zone) == events(site, "Asia/Shanghai")
