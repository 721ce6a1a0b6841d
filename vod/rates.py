"""Bit rates of a rung, from the sizes of its segments and their lengths in 90 kHz ticks."""

from collections.abc import Sequence

from vod.catalogue import TICKS_PER_S
from vod.ladder import SEGMENT_S

LONGEST_RUN, SHORTEST_RUN = 3 * SEGMENT_S * TICKS_PER_S // 2, SEGMENT_S * TICKS_PER_S // 2


def peak(sizes: Sequence[int], ticks: Sequence[int]) -> int:
    """Highest bit rate of any run of segments that lasts 0.5 to 1.5 targets; of the whole if none does."""
    rates = [rate for start in range(len(sizes)) for rate in _run_rates(sizes[start:], ticks[start:])]
    return max(rates, default=average(sizes, ticks))


def average(sizes: Sequence[int], ticks: Sequence[int]) -> int:
    return -(-sum(sizes) * 8 * TICKS_PER_S // sum(ticks))


def _run_rates(sizes: Sequence[int], ticks: Sequence[int]) -> list[int]:
    rates, length, size = [], 0, 0
    for more, longer in zip(sizes, ticks, strict=True):
        length, size = length + longer, size + more
        if length > LONGEST_RUN:
            break
        if length >= SHORTEST_RUN:
            rates.append(-(-size * 8 * TICKS_PER_S // length))
    return rates
