"""Which links are being played, in memory: a link that nobody asks for any more has ended."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

from attrs import define

K = TypeVar("K")
GAP_S: Final = 60.0
"""A player that has asked for nothing for so long has stopped."""
PAUSE_S: Final = 4 * 3600.0
"""A film may be halted for so long: its player has the whole list and asks for nothing meanwhile."""
_KEPT: Final = 50_000


@define
class _Play:
    device: int
    payer: str
    last: float
    over: bool = False


class Playing:
    """Links by token, the one played longest ago first."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._links: OrderedDict[str, _Play] = OrderedDict()
        self._of_payer: dict[str, set[str]] = {}
        self._of_device: dict[int, set[str]] = {}

    def goes_on(self, token: str, sort: str) -> bool:
        """Whether a link is being played."""
        play = self._links.get(token)
        gap = PAUSE_S if sort == "film" else GAP_S
        return play is not None and not play.over and self._seconds() - play.last <= gap

    def ended(self, token: str) -> bool:
        """Whether a link was ended before its time."""
        play = self._links.get(token)
        return play is not None and play.over

    def begin(self, token: str, device: int, payer: str, most: int) -> None:
        """A box opens a link; of more than `most` on it (0 = any number) those opened first end."""
        self._tidy()
        self._links[token] = _Play(device, payer, self._seconds())
        self._of_payer.setdefault(payer, set()).add(token)
        mine = self._of_device.setdefault(device, set())
        mine.add(token)
        others = sorted((one for one in mine - {token} if self._live(one)), key=lambda one: self._links[one].last)
        for old in others[: max(0, len(others) + 1 - most)] if most else ():
            self._links[old].over = True

    def played(self, token: str) -> None:
        """A player has asked for a part of it."""
        self._links[token].last = self._seconds()
        self._links.move_to_end(token)

    def boxes(self, payer: str) -> set[int]:
        """The boxes of an account that have played within the last minute."""
        return {self._links[token].device for token in self._of_payer.get(payer, ()) if self._live(token)}

    def count(self) -> int:
        """How many links were played within the last minute."""
        total, oldest = 0, self._seconds() - GAP_S
        for play in reversed(self._links.values()):
            if play.last < oldest:
                break
            total += not play.over
        return total

    def end_all(self, device: int) -> None:
        """Nothing on this box goes on."""
        for token in self._of_device.get(device, ()):
            self._links[token].over = True

    def _live(self, token: str) -> bool:
        play = self._links[token]
        return not play.over and self._seconds() - play.last <= GAP_S

    def _tidy(self) -> None:
        """Forget what cannot go on, oldest first."""
        oldest = self._seconds() - PAUSE_S
        while self._links:
            token, play = next(iter(self._links.items()))
            if play.last > oldest and len(self._links) < _KEPT:
                return
            self._drop(token, play)

    def _drop(self, token: str, play: _Play) -> None:
        del self._links[token]
        _without(self._of_payer, play.payer, token)
        _without(self._of_device, play.device, token)


def _without(table: dict[K, set[str]], key: K, token: str) -> None:
    held = table.get(key, set())
    held.discard(token)
    if not held:
        table.pop(key, None)
