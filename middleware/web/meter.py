"""Counts of requests by route, status and time taken: what is logged once a minute instead of a line per request."""

from bisect import bisect_left
from collections.abc import Callable

from attrs import define, field, frozen

# Upper bounds in seconds. 20 ms is the page budget, 50 ms the longest reactor stall we allow (scale.md G9).
BOUNDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@frozen
class Line:
    """What one route answered with one status since the start; ``buckets`` follow BOUNDS, the last one is the rest."""

    route: str
    status: int
    count: int
    seconds: float
    buckets: tuple[int, ...]


@define
class Tally:
    """The running counts behind one Line; ``hit`` is on the path of every request and does nothing else."""

    count: int = 0
    seconds: float = 0.0
    buckets: list[int] = field(factory=lambda: [0] * (len(BOUNDS) + 1))

    def hit(self, seconds: float) -> None:
        """Count one answer that took so long."""
        self.count += 1
        self.seconds += seconds
        self.buckets[bisect_left(BOUNDS, seconds)] += 1


@define
class Meter:
    """Tallies by route pattern and status, and the state of the connections. Holds no path, query or address."""

    connections: int = 0
    parked: int = 0
    accepted: int = 0
    turned_away: int = 0
    timed_out: int = 0
    _tallies: dict[tuple[str, int], Tally] = field(factory=dict)

    def tally(self, route: str, status: int) -> Tally:
        """The tally of a route and status, made at its first use; routes are patterns, so the number is bounded."""
        key = (route, status)
        found = self._tallies.get(key)
        if found is None:
            found = self._tallies[key] = Tally()
        return found

    def lines(self) -> tuple[Line, ...]:
        """All counts since the start, ordered by route and status."""
        rows = sorted(self._tallies.items())
        return tuple(Line(route, status, t.count, t.seconds, tuple(t.buckets)) for (route, status), t in rows)

    def summary(self) -> Callable[[], str]:
        """A function that tells in one line what happened since it was last called; empty when nothing did."""
        before: dict[tuple[str, int], int] = {}

        def tell() -> str:
            parts = []
            for key, tally in sorted(self._tallies.items()):
                new = tally.count - before.get(key, 0)
                before[key] = tally.count
                if new:
                    parts.append(f"{key[0]} {key[1]}: {new}")
            return "; ".join(parts)

        return tell
