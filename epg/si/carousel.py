"""The carousel: which section goes out when, at a constant bit rate (epg.md §8.4).

Time is counted in packets of the constant rate, so the plan is exact and has no clock of its own. Sections of one
sub-table are at least 25 ms apart (TS 101 211 §4.1.4: from the last byte of one to the first of the next). Between
sub-tables what never waits goes first, then the earliest deadline; where the rate is short, later days wait, then first
days, others before actual, and never present/following or the time.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil
from typing import Final

from attrs import define, field, frozen

from epg.si.packets import NULL, PACKET, Packets
from epg.si.sections import SubTable

HOLD_OFF_S: Final = 0.025
_BITS: Final = PACKET * 8


@frozen
class Turn:
    """A sub-table on the carousel: its sections, whole, in order; how often all of them go out; and its rank.

    `rank` 0 is never made to wait; the higher, the sooner it is stretched when the rate is short. `fresh` writes the
    section at the moment it is sent, for the time tables.
    """

    key: SubTable
    pid: int
    sections: tuple[bytes, ...]
    cycle_s: float
    rank: int = 0
    fresh: Callable[[], bytes] | None = None

    @property
    def packets(self) -> int:
        """Packets of one cycle when each section begins its own."""
        return sum(ceil((len(one) + 1) / 184) for one in self.sections)

    @property
    def shortest_s(self) -> float:
        """The fastest cycle that the 25 ms allow."""
        return len(self.sections) * HOLD_OFF_S


@frozen
class Load:
    """What a set of turns needs: bit/s at the wished cycles, and the cycles that the rate allows, by rank."""

    wanted: float
    rate: int
    cycles: Mapping[int, float]
    stretched: Mapping[int, float]
    """By rank: how many times longer than wished a cycle takes; empty when all is as wished."""


_SPARE: Final = (0.95, 0.99)
"""A cycle is planned so much faster than it may take (what never waits, the rest): a long section may have begun."""
_STRETCH: Final = 64.0
"""Most that one rank is stretched before the next lower one is."""


def load(turns: Sequence[Turn], rate: int) -> Load:
    """The cycles that fit `rate` bit/s: ranks are stretched from the highest down, never rank 0."""
    need: dict[int, float] = {}
    for turn in turns:
        need[turn.rank] = need.get(turn.rank, 0.0) + turn.packets * _BITS / max(turn.cycle_s, turn.shortest_s)
    wanted, over = sum(need.values()), sum(need.values()) - rate * 0.98
    stretched: dict[int, float] = {}
    for rank in sorted(need, reverse=True):
        if over <= 0 or rank == 0:
            break
        left = max(need[rank] - over, need[rank] / _STRETCH)
        stretched[rank] = need[rank] / left
        over -= need[rank] - left
    cycles = {
        rank: max(max(turn.cycle_s, turn.shortest_s) for turn in turns if turn.rank == rank) * stretched.get(rank, 1.0)
        for rank in need
    }
    return Load(wanted, rate, cycles, stretched)


@define
class _Place:
    """Where a sub-table has got to: the next section, when it may go, and when it should be out."""

    turn: Turn
    interval: float
    at: int = 0
    due: float = 0.0
    free: float = 0.0


@define
class Carousel:
    """Gives packets one after the other, for ever; `replace` takes effect between two sections.

    `rate` in bit/s. Continuity counters live as long as the carousel.
    """

    rate: int
    dense: bool = False
    sent: int = field(default=0, init=False)
    """Packets given out."""
    _places: dict[SubTable, _Place] = field(factory=dict, init=False)
    _urgent: list[tuple[float, SubTable]] = field(factory=list, init=False)
    _queue: list[tuple[float, SubTable]] = field(factory=list, init=False)
    """What never waits, and the rest: heaps of when a sub-table may go next."""
    _packers: dict[int, Packets] = field(factory=dict, init=False)
    _waiting: list[bytes] = field(factory=list, init=False)
    _load: Load | None = field(default=None, init=False)

    @property
    def load(self) -> Load | None:
        """What the turns that are on need and get."""
        return self._load

    def replace(self, turns: Iterable[Turn]) -> None:
        """Put other sub-tables, or others' sections, on the carousel; those that stay keep their place and pace."""
        turns = [turn for turn in turns if turn.sections]
        self._load = load(turns, self.rate)
        now = self.seconds
        places: dict[SubTable, _Place] = {}
        for index, turn in enumerate(turns):
            stretch = self._load.stretched.get(turn.rank, 1.0)
            spare = _SPARE[turn.rank > 0]
            interval = max(turn.cycle_s * spare * stretch, turn.shortest_s) / len(turn.sections)
            old = self._places.get(turn.key)
            place = places[turn.key] = _Place(turn, interval)
            if old is None:  # new ones are spread, so that they do not all begin in one packet
                place.due = now if turn.rank == 0 else now + interval * (index % 97) / 97
            else:
                changed = old.turn.sections != turn.sections
                place.at = old.at % len(turn.sections)
                place.due, place.free = (now if changed and turn.rank == 0 else min(old.due, now + interval)), old.free
        self._places = places
        self._urgent, self._queue = [], []
        for place in places.values():
            heapq.heappush(self._heap(place), (place.due, place.turn.key))

    @property
    def seconds(self) -> float:
        """The time on the constant-rate clock."""
        return self.sent * _BITS / self.rate

    def packets(self, count: int) -> list[bytes]:
        """The next packets."""
        return [self._next() for _ in range(count)]

    def _next(self) -> bytes:
        if not self._waiting:
            self._fill()
        if not self._waiting and self.dense:  # nothing follows that a section's end could share a packet with
            self._waiting = [packet for packer in self._packers.values() for packet in packer.flush()]
        self.sent += 1
        return self._waiting.pop() if self._waiting else NULL

    def _fill(self) -> None:
        """Choose the section that goes next, if one is due."""
        now = self.seconds
        if not self._chosen(self._urgent, now):
            self._chosen(self._queue, now)

    def _chosen(self, heap: list[tuple[float, SubTable]], now: float) -> bool:
        held: list[tuple[float, SubTable]] = []
        found = False
        while heap and heap[0][0] <= now and not found:
            due, key = heapq.heappop(heap)
            place = self._places[key]
            if place.free > now:
                held.append((due, key))
            else:
                self._send(place, now)
                heapq.heappush(heap, (place.due, key))
                found = True
        for entry in held:
            heapq.heappush(heap, entry)
        return found

    def _heap(self, place: _Place) -> list[tuple[float, SubTable]]:
        return self._urgent if place.turn.rank == 0 else self._queue

    def _send(self, place: _Place, now: float) -> None:
        turn = place.turn
        packer = self._packers.setdefault(turn.pid, Packets(turn.pid, self.dense))
        section = turn.fresh() if turn.fresh else turn.sections[place.at]
        self._waiting = packer.of(section, more=True)[::-1]
        end = now + (len(self._waiting) + self.dense) * _BITS / self.rate
        place.at = (place.at + 1) % len(turn.sections)
        # An absolute plan: a section that went late does not move the ones after it, unless it is a whole turn behind.
        place.free = end + HOLD_OFF_S
        place.due = max(place.due + place.interval, now - place.interval)


def cycle(turns: Sequence[Turn], rate: int, seconds: float) -> Iterator[bytes]:
    """The packets of one stretch of the carousel, for a file that is played in a loop."""
    carousel = Carousel(rate)
    carousel.replace(turns)
    for _ in range(ceil(seconds * rate / _BITS)):
        yield carousel._next()  # noqa: SLF001 (the same module)
