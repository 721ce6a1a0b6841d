"""Random days of a channel for property tests."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tools.bench.channel_story import Arrival, Step, stock
from vod.linear import Captured, Effective, Row, fold

PICKS = st.integers(0, 6)
STEPS = st.lists(
    st.one_of(
        st.builds(Step, st.just("items"), st.integers(1, 8), PICKS),
        st.builds(Step, st.just("wait"), st.integers(5, 240)),
        st.builds(Step, st.just("insert"), st.integers(0, 1), PICKS),
        st.builds(Step, st.just("relay"), st.integers(2, 10), PICKS, st.frozensets(st.integers(0, 9)), st.booleans()),
        st.builds(Step, st.just("late"), st.just(1), st.integers(0, 24)),
    ),
    min_size=1,
    max_size=7,
)


def rows(arrivals: Sequence[Arrival]) -> list[Row]:
    return [each.what for each in arrivals if isinstance(each.what, Row)]


def captured(arrivals: Sequence[Arrival]) -> list[Captured]:
    return [each.what for each in arrivals if isinstance(each.what, Captured)]


def whole(arrivals: Sequence[Arrival]) -> Effective:
    """All of a story, read at once."""
    films, pools = stock()
    return fold(rows(arrivals), captured(arrivals), films, pools, channel="town")
