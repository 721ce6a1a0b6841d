"""Overlaps, gaps, now and next, windows and days of a channel's programmes."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epg import schedule
from epg.model import Programme
from epg.schedule import NowNext

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def on(first: int, last: int, title: str = "新闻", clump: str = "") -> Programme:
    """A programme from one minute after noon to another."""
    return Programme("", "a.b", NOON + first * MINUTE, NOON + last * MINUTE, title, clump=clump)


def test_a_programme_needs_aware_instants_a_length_and_a_title() -> None:
    with pytest.raises(ValueError, match="aware"):
        Programme("", "a.b", datetime(2026, 1, 1), datetime(2026, 1, 2, tzinfo=UTC), "题")
    with pytest.raises(ValueError, match="ends after"):
        on(5, 5)
    with pytest.raises(ValueError, match="title"):
        on(5, 6, "")


def test_overlaps_name_each_later_programme_once() -> None:
    long, inside, later, apart = on(0, 60, "长"), on(10, 20, "里"), on(50, 70, "后"), on(70, 80, "开")

    assert list(schedule.overlaps([apart, later, inside, long])) == [(long, inside), (long, later)]
    assert list(schedule.overlaps([on(0, 10, clump="0/2"), on(0, 10, clump="1/2")])) == []


def test_gaps_are_the_holes_between_and_at_the_edges() -> None:
    rows = [on(30, 40), on(10, 20), on(12, 14)]
    edges = NOON, NOON + 60 * MINUTE

    assert list(schedule.gaps(rows)) == [(NOON + 20 * MINUTE, NOON + 30 * MINUTE)]
    assert list(schedule.gaps(rows, 10 * MINUTE)) == []
    assert list(schedule.gaps(rows, window=edges)) == [
        (NOON, NOON + 10 * MINUTE),
        (NOON + 20 * MINUTE, NOON + 30 * MINUTE),
        (NOON + 40 * MINUTE, NOON + 60 * MINUTE),
    ]
    assert list(schedule.gaps([], window=edges)) == [edges]


def test_now_and_next_at_the_edges_of_half_open_intervals() -> None:
    first, second, third = rows = [on(0, 10), on(10, 20), on(30, 40)]

    assert schedule.now_next(rows, NOON - MINUTE) == NowNext(None, first)
    assert schedule.now_next(rows, NOON) == NowNext(first, second)
    assert schedule.now_next(rows, NOON + 10 * MINUTE) == NowNext(second, third)
    assert schedule.now_next(rows, NOON + 20 * MINUTE) == NowNext(None, third)
    assert schedule.now_next(rows, NOON + 40 * MINUTE) == NowNext(None, None)
    assert schedule.now_next([], NOON) == NowNext(None, None)


def test_a_window_holds_what_touches_it() -> None:
    rows = [on(0, 10), on(10, 20), on(20, 30)]

    assert schedule.window(rows, NOON + 10 * MINUTE, NOON + 20 * MINUTE) == [rows[1]]
    assert schedule.window(rows, NOON + 9 * MINUTE, NOON + 21 * MINUTE) == rows


def test_parts_of_a_slot_are_shown_as_one() -> None:
    assert schedule.joined(on(0, 10, "新闻", "0/2"), on(0, 10, "天气", "1/2")).title == "新闻／天气"


def test_programmes_are_grouped_by_channel_in_order() -> None:
    late, early = on(10, 20), on(0, 10)

    assert schedule.by_channel([late, early]) == {"a.b": [early, late]}


def test_the_broadcast_day_begins_when_the_station_says() -> None:
    five = datetime(2026, 11, 25, 21, 0, tzinfo=UTC)  # 05:00 on the 26th in Shanghai

    assert schedule.day_of(five) == date(2026, 11, 26)
    assert schedule.day_of(five, day_start=time(6)) == date(2026, 11, 25)
    assert schedule.day_bounds(date(2026, 11, 25), day_start=time(6)) == (
        datetime(2026, 11, 24, 22, tzinfo=UTC),
        datetime(2026, 11, 25, 22, tzinfo=UTC),
    )


@given(st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.timezones()), st.timezones())
def test_every_instant_lies_in_its_day(at: datetime, zone) -> None:
    first, last = schedule.day_bounds(schedule.day_of(at, zone), zone)

    # Where clocks are set back over midnight an hour belongs to both days by its date.
    assert first - timedelta(days=1) <= at.astimezone(UTC) < last + timedelta(days=1)
    assert timedelta(hours=22) <= last - first <= timedelta(hours=48)


def test_days_of_a_zone_with_summer_time_have_23_and_25_hours() -> None:
    def length(day: date) -> timedelta:
        first, last = schedule.day_bounds(day, ZoneInfo("Europe/Berlin"))
        return last - first

    assert [length(date(2026, 3, 29)), length(date(2026, 10, 25))] == [timedelta(hours=23), timedelta(hours=25)]


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=30))
def test_overlaps_and_gaps_agree_with_the_minutes_themselves(times: list[tuple[int, int]]) -> None:
    rows = [on(start, start + length) for start, length in times]
    covered = {minute for start, length in times for minute in range(start, start + length)}
    gaps = [(a, b) for a, b in schedule.gaps(rows)]
    holes = {NOON + minute * MINUTE for minute in range(min(covered, default=0), max(covered, default=0))}
    holes -= {NOON + minute * MINUTE for minute in covered}

    assert holes == {a + n * MINUTE for a, b in gaps for n in range((b - a) // MINUTE)}
    assert bool(list(schedule.overlaps(rows))) == (len(covered) < sum(length for _, length in times))


class Counted(datetime):
    """An instant that counts how often it is compared."""

    times = 0

    def __lt__(self, other: datetime) -> bool:
        Counted.times += 1
        return super().__lt__(other)

    def __gt__(self, other: datetime) -> bool:
        Counted.times += 1
        return super().__gt__(other)


def test_ten_thousand_items_are_swept_in_n_log_n() -> None:
    def comparisons(count: int) -> int:
        starts = [Counted(2026, 11, 25, tzinfo=UTC) + n * MINUTE for n in range(count)]
        rows = [Programme("", "a.b", at, at + 3 * MINUTE, "题") for at in starts]
        random.Random(1).shuffle(rows)
        Counted.times = 0
        assert len(list(schedule.overlaps(rows))) == count - 1
        assert list(schedule.gaps(rows)) == []
        return Counted.times

    assert comparisons(10_000) < 15 * comparisons(1_000)  # n log n: 13 times, n squared: 100 times
