"""Polls that are held: found by household, let go at their deadline, gone when their client leaves."""

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from attrs import define

from middleware.web.values import Waiter

PER_BOX: Final = 4
"""Polls that one box may have parked; with one more the oldest is answered."""


@define(eq=False)
class Held:
    """A parked poll, for as long as `open`."""

    waiter: Waiter
    device: int
    household: int | None
    since: int
    page: str
    deadline: float
    shown: int = 0
    """The operator's message that the page shows, 0 for none."""
    open: bool = True

    @property
    def home(self) -> int:
        """Where it is found: under its household, or under its box when it has none."""
        return self.household if self.household is not None else -self.device


class HeldPolls:
    """The table of held polls; `answered(device)` is called for each that is let go."""

    def __init__(self, seconds: Callable[[], float], hold_s: float, answered: Callable[[int], None]) -> None:
        self._seconds = seconds
        self._hold_s = hold_s
        self._answered = answered
        self._by_home: dict[int, list[Held]] = {}
        self._by_deadline: deque[Held] = deque()

    def __len__(self) -> int:
        return sum(map(len, self._by_home.values()))

    def park(self, device: int, household: int | None, since: int, page: str, shown: int, waiter: Waiter) -> None:
        """Hold a poll."""
        held = Held(waiter, device, household, since, page, self._seconds() + self._hold_s, shown)
        # Guests, who told no name, are all of them box 0: their connections are the edge's to count.
        mine = [one for one in self._by_home.get(held.home, ()) if one.device == device] if device else []
        if len(mine) >= PER_BOX:
            self.let_go(mine[0], nothing(mine[0].since))
        self._by_home.setdefault(held.home, []).append(held)
        self._by_deadline.append(held)
        waiter.on_gone(partial(self._forget, held))

    def let_go(self, held: Held, body: bytes) -> None:
        """Answer a held poll."""
        self._forget(held)
        self._answered(held.device)
        held.waiter.answer(body)

    def sweep(self) -> None:
        """Let go of those whose time is over."""
        now, polls = self._seconds(), self._by_deadline
        while polls and (polls[0].deadline <= now or not polls[0].open):
            held = polls.popleft()
            if held.open:
                self.let_go(held, nothing(held.since))

    def of(self, households: Iterable[int]) -> list[Held]:
        """The polls of these households."""
        return [held for home in households for held in self._by_home.get(home, ())]

    def on(self, page: str) -> list[Held]:
        """The polls of boxes that show this page."""
        return [held for mates in self._by_home.values() for held in mates if held.page == page]

    def _forget(self, held: Held) -> None:
        if not held.open:
            return
        held.open = False
        mates = self._by_home[held.home]
        mates.remove(held)
        if not mates:
            del self._by_home[held.home]


def nothing(since: int) -> bytes:
    """The answer to a poll when there is nothing new."""
    return b'{"since":%d}' % since
