"""Neighbour tables: where each arrow leads from each focusable, computed from pixel rectangles.

The rule (tv-pages §1.4): in each direction the best candidate beyond the own edge, 8 px of tolerance;
cost = gap + 0.3 × offset of centres, + 1500 when the two do not overlap on the other axis; at 1500 or more there is
no neighbour.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

import attrs

from portal_pages.states import Focusable, Nav, Rect

Way = Literal["up", "down", "left", "right"]
WAYS: Final[tuple[Way, ...]] = ("up", "down", "left", "right")
Overrides = Mapping[str, Mapping[Way, str | None]]

TOLERANCE: Final = 8
OFFSET_WEIGHT: Final = 0.3
NO_OVERLAP: Final = 1500.0


def _turned(rect: Rect, way: Way) -> tuple[int, int, int, int]:
    """The rectangle as (near, far, low, high) seen in the direction of `way`, so one rule serves all four."""
    x2, y2 = rect.x + rect.w, rect.y + rect.h
    if way == "right":
        return rect.x, x2, rect.y, y2
    if way == "left":
        return -x2, -rect.x, rect.y, y2
    if way == "down":
        return rect.y, y2, rect.x, x2
    return -y2, -rect.y, rect.x, x2


def cost(own: Rect, other: Rect, way: Way) -> float | None:
    """What a move from `own` to `other` costs, or None when `other` does not lie beyond the edge."""
    _, own_far, own_low, own_high = _turned(own, way)
    near, _, low, high = _turned(other, way)
    gap = near - own_far
    if gap < -TOLERANCE:
        return None
    offset = abs((low + high) - (own_low + own_high)) / 2
    apart = high <= own_low or low >= own_high
    return gap + OFFSET_WEIGHT * offset + (NO_OVERLAP if apart else 0)


def nearest(own: Focusable, others: Iterable[Focusable], way: Way) -> str | None:
    """The id of the cheapest neighbour in one direction, the earlier one on a tie; None when there is none."""
    best, best_cost = None, NO_OVERLAP
    for other in others:
        price = cost(own.rect, other.rect, way)
        if other is not own and price is not None and price < best_cost:
            best, best_cost = other.id, price
    return best


def neighbours(
    focusables: Sequence[Focusable], overrides: Overrides | None = None, *, full: bool = False
) -> dict[str, Nav]:
    """The neighbour table of all enabled focusables; `full` counts those waiting for a full digit field as enabled.

    An override naming a focusable that is not enabled is left out, so wraps and jumps may be declared regardless.
    """
    live = [f for f in focusables if not f.disabled or (full and f.disabled == "until_full")]
    ids = {f.id for f in live}
    table = {f.id: Nav(**{way: nearest(f, live, way) for way in WAYS}) for f in live}
    for own, ways in (overrides or {}).items():
        if own in ids:
            wanted = {way: to for way, to in ways.items() if to is None or (to in ids and to != own)}
            table[own] = attrs.evolve(table[own], **wanted)
    return table


def wrap(ids: Sequence[str], first: Way = "up", last: Way = "down") -> dict[str, dict[Way, str | None]]:
    """Overrides that join the two ends of a list."""
    if len(ids) < 2:
        return {}
    return {ids[0]: {first: ids[-1]}, ids[-1]: {last: ids[0]}}


def merged(*overrides: Overrides) -> dict[str, dict[Way, str | None]]:
    """Several sets of overrides as one; the later wins."""
    out: dict[str, dict[Way, str | None]] = {}
    for each in overrides:
        for own, ways in each.items():
            out.setdefault(own, {}).update(ways)
    return out
