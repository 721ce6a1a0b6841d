"""Where boxes are and what they do, in memory; written once a minute, and never a row for each call."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from attrs import define

from middleware.domain.box_logs import Clone, Presence

LEAST_S: Final = 150.0
"""A box that has called within this is on, however often it is to call (portal-ministra.md §6)."""
ALTERNATES_S: Final = 600.0
"""A box that comes back within this to the address before its last one is two boxes."""
SAID_S: Final = 3600.0
"""The same sign of a clone is written once in so long."""
WRITTEN_S: Final = 100.0
"""A box that goes on as it did is written once in so long: after each of its polls, of a page after every third."""
_KEPT: Final = 40_000
_ADDRESS: Final = 45
"""Characters of the longest IPv6 address."""


@define
class _Seen:
    at: float
    address: str
    doing: int
    before: str = ""
    moved: float = 0.0
    said: float = 0.0
    written: float = 0.0
    changed: bool = True


class Presences:
    """Boxes by id; `watchdog_s` is how often they call, `seconds` epoch seconds, `cloned` takes signs of clones."""

    def __init__(self, seconds: Callable[[], float], watchdog_s: int, cloned: Callable[[Clone], object]) -> None:
        self._seconds = seconds
        self._within = max(1.5 * watchdog_s, LEAST_S)
        self._cloned = cloned
        self._boxes: OrderedDict[int, _Seen] = OrderedDict()

    def __len__(self) -> int:
        return len(self._boxes)

    def seen(self, device: int, client: str, doing: int = 0) -> None:
        """A box has called from an address; `doing` is what its player does (Ministra's cur_play_type)."""
        now, client = self._seconds(), client[:_ADDRESS]
        box = self._boxes.get(device)
        if box is None:
            self._boxes[device] = _Seen(now, client, doing)
            if len(self._boxes) > _KEPT:
                self._boxes.popitem(last=False)
            return
        if client != box.address:
            self._moved(device, box, client, now)
        box.changed = box.changed or doing != box.doing
        box.at, box.doing = now, doing
        self._boxes.move_to_end(device)

    def online(self, device: int) -> bool:
        """Whether a box is on."""
        box = self._boxes.get(device)
        return box is not None and self._seconds() - box.at <= self._within

    def count(self) -> int:
        """How many boxes are on."""
        oldest = self._seconds() - self._within
        total = 0
        for box in reversed(self._boxes.values()):
            if box.at < oldest:
                break
            total += 1
        return total

    def last(self, device: int) -> Presence | None:
        """When and where a box called last, since the start of this process."""
        box = self._boxes.get(device)
        return _row(device, box) if box else None

    def to_write(self) -> list[Presence]:
        """What is to be written now: boxes that do something else than before, and once in a while all that are on."""
        return [*self._due(self._seconds())]

    def _due(self, now: float) -> Iterator[Presence]:
        for device, box in self._boxes.items():
            if box.at > box.written and (box.changed or now - box.written >= WRITTEN_S):
                box.written, box.changed = now, False
                yield _row(device, box)

    def _moved(self, device: int, box: _Seen, client: str, now: float) -> None:
        """Another address: after a new lease that is for good; two that take turns are two boxes."""
        if client == box.before and now - box.moved <= ALTERNATES_S and now - box.said >= SAID_S:
            box.said = now
            self._cloned(Clone(datetime.fromtimestamp(now, UTC), device, "address", box.address, client))
        box.before, box.address, box.moved, box.changed = box.address, client, now, True


def _row(device: int, box: _Seen) -> Presence:
    return Presence(device, datetime.fromtimestamp(box.at, UTC), box.address, box.doing)
