"""Plans that somebody has looked at and may apply: kept for a while, each for its own reader, few at once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from attrs import frozen

P = TypeVar("P")

SHELF_LIFE: Final = timedelta(minutes=15)
_PLANS: Final = 8
"""Plans kept at once; each holds a whole sheet in memory."""


@frozen
class Waiting(Generic[P]):
    """A plan, for whom it is kept, and until when."""

    staff: int
    until: datetime
    plan: P


class Shelf(Generic[P]):
    """Keeps plans under unguessable names made by `secret`."""

    def __init__(self, secret: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._secret = secret
        self._now = now
        self._waiting: dict[str, Waiting[P]] = {}

    def keep(self, staff: int, plan: P) -> str:
        """Keep a plan for somebody; the name to ask for it by."""
        token, now = self._secret(), self._now()
        fresh = {name: one for name, one in self._waiting.items() if one.until > now}
        self._waiting = dict([*fresh.items(), (token, Waiting(staff, now + SHELF_LIFE, plan))][-_PLANS:])
        return token

    def take(self, staff: int, token: str) -> P | None:
        """Give out a plan once; None when it is gone, too old or somebody else's."""
        kept = self._waiting.pop(token, None)
        return kept.plan if kept is not None and kept.staff == staff and kept.until >= self._now() else None
