"""When a film counts as seen."""

import pytest

from middleware.domain.watching import finished


@pytest.mark.parametrize(
    ("length_s", "left_ms", "seen"),
    [(5.3, 400, True), (5.3, 2_000, False), (60, 2_900, True), (60, 4_000, False), (7200, 19_000, True)],
)
def test_a_film_is_seen_when_no_more_than_its_credits_or_a_clocks_difference_is_left(
    length_s: float, left_ms: int, seen: bool
) -> None:
    whole = round(length_s * 1000)

    assert finished(whole - left_ms, whole) == seen
