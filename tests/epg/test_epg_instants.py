"""Every zone there is, its folds and gaps: an instant that goes out as XMLTV or JSON comes in as the same instant."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given
from hypothesis import strategies as st

from epg import json_out, xmltv, xmltv_out
from epg.model import Channel, Name, Programme
from epg.times import Source

ZONES = sorted(name for name in available_timezones() if name != "localtime")
FIRST = datetime(1975, 1, 1, tzinfo=UTC)  # before it some offsets have seconds, which XMLTV cannot write


def changes(zone: ZoneInfo, year: int) -> list[datetime]:
    """Hours of a year in which the offset of a zone changes."""
    hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(8760)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[n] for n in range(1, 8760) if offsets[n] != offsets[n - 1]]


def same(zone: str, start: datetime, minutes: int) -> None:
    stop = start + timedelta(minutes=minutes)
    one = Programme("", "a.b", start, stop, "夏令时")
    document = xmltv_out.write([Channel("a.b", (Name("台"),))], [one], at=start, zone=ZoneInfo(zone))
    (found,) = xmltv.read(document, Source(zone=ZoneInfo("Asia/Tokyo"))).programmes
    told = json.loads(json_out.packed(json_out.programme(one)))

    assert (found.start, found.stop) == (start, stop)
    assert (told["start"], told["stop"]) == (int(start.timestamp()), int(stop.timestamp()))
    assert datetime.fromisoformat(told["start_iso"]) == start


@given(st.sampled_from(ZONES), st.integers(0, 60 * 366 * 86400), st.integers(1, 1440))
def test_any_instant_in_any_zone(zone: str, seconds: int, minutes: int) -> None:
    same(zone, FIRST + timedelta(seconds=seconds), minutes)


def test_the_hours_around_every_change_of_some_zones() -> None:
    for name in ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"):
        for change in changes(ZoneInfo(name), 2011):
            for minutes in range(-90, 91, 15):
                same(name, change + timedelta(minutes=minutes), 45)
