"""Which captured segment a relay begins with, when it opens, and when what follows may start."""

from hypothesis import given
from hypothesis import strategies as st

from vod.ledger import CAPTURE_MS, SEGMENT_MS, Row
from vod.relaying import BEHIND_MS, NOTICE_MS, Ready, first_segment, follower_ms, following, opens, too_late

START = 1_800_000_000_000
MINUTE = 60_000


def _row(start: int = START, first: int = 8) -> Row:
    return Row(5, start, "relay", 7, 1, first, first, 100, 3, True)


def _ready(*numbers: int, at: int = START) -> list[Ready]:
    return [Ready(k, at - (numbers[-1] - k) * SEGMENT_MS, (1, 2, 3)) for k in numbers]


@given(st.integers(0, 500), st.integers(-120_000, -31_000), st.integers(0, 3000))
def test_every_segment_is_there_in_time_when_the_source_keeps_its_pace(k: int, seen: int, late: int) -> None:
    first = first_segment(Ready(k, START + seen, ()), START)

    for number in range(first, first + 100):
        there = START + seen + (number - k) * SEGMENT_MS + late
        end = START + (number - first + 1) * SEGMENT_MS
        assert there <= end - CAPTURE_MS


@given(st.integers(0, 500), st.integers(-120_000, -31_000))
def test_no_more_time_is_given_away_than_a_segment(k: int, seen: int) -> None:
    first = first_segment(Ready(k, START + seen, ()), START)

    there = START + seen + (first + 1 - k) * SEGMENT_MS
    assert there > START + SEGMENT_MS - CAPTURE_MS - 4_000


@given(st.integers(0, 10_000_000))
def test_what_follows_starts_on_an_edge_with_the_programme_shown_whole(length: int) -> None:
    follower = follower_ms(START, START + length)

    assert (follower - START) % SEGMENT_MS == 0
    assert length + BEHIND_MS <= follower - START < length + BEHIND_MS + SEGMENT_MS


def test_a_relay_opens_when_its_source_has_been_steady_for_twelve_seconds_and_its_time_is_near() -> None:
    now, stop = START - NOTICE_MS - 5_000, START + 10 * MINUTE

    assert opens(_ready(3, 4, at=now), START, stop, now)
    assert not opens(_ready(4, at=now), START, stop, now), "only one segment yet"
    assert not opens(_ready(2, 4, at=now), START, stop, now), "a gap"
    assert not opens(_ready(3, 4, at=now - 20_000), START, stop, now), "nothing came for 20 s"
    assert not opens(_ready(3, 4, at=now - MINUTE), START, stop, now - MINUTE), "too early to know what comes first"
    assert not opens([], START, stop, now)


def test_a_source_that_comes_late_or_comes_back_is_shown_as_long_as_there_is_something_left() -> None:
    stop = START + 10 * MINUTE

    assert opens(_ready(9, 10, at=START + MINUTE), START, stop, START + MINUTE)
    assert not opens(_ready(9, 10, at=stop), START, stop, stop)


def test_a_segment_is_too_late_three_seconds_before_its_end() -> None:
    row = _row(first=8)

    assert not too_late(row, 8, START + SEGMENT_MS - CAPTURE_MS)
    assert too_late(row, 8, START + SEGMENT_MS - CAPTURE_MS + 1)
    assert not too_late(row, 9, START + 2 * SEGMENT_MS - CAPTURE_MS)


def test_what_follows_without_a_gap_is_told() -> None:
    assert [one.k for one in following(_ready(3, 4, 5, 7), 4)] == [4, 5]
    assert following(_ready(3, 4), 5) == []
