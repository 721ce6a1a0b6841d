"""Which invitations each household is to be shown now, in memory: read once per event, not once per television."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import define, field

from middleware.domain.invitations import Payload

_WITHDRAWN_KEPT: Final = 8
"""Withdrawn events per household that a box between two polls may still have to hear of."""


@define
class _Home:
    """`live` by roll-call; `withdrawn` as (stamp, event), the newest last."""

    live: dict[int, Payload] = field(factory=dict)
    withdrawn: list[tuple[int, int]] = field(factory=list)


@define
class Invited:
    """The table. Stamps count its changes, so that a box is told of a withdrawal once."""

    stamp: int = 0
    _homes: dict[int, _Home] = field(factory=dict)

    def due(self, household: int, since: int, now: datetime, page: str) -> Payload | None:
        """The oldest invitation behind the cursor that still stands, and whose roll-call is not on the screen."""
        home = self._homes.get(household)
        if home is None:
            return None
        standing = (one for one in home.live.values() if one.event > since and one.closes > now)
        live = (one for one in standing if not f"{page}-".startswith(f"{one.target}-"))
        return min(live, key=lambda one: one.event, default=None)

    def withdrawn(self, household: int, after: int) -> tuple[int, ...]:
        """Events of this household withdrawn after a stamp."""
        home = self._homes.get(household)
        return tuple(event for stamp, event in home.withdrawn if stamp > after) if home else ()

    def put(self, payloads: Mapping[int, Payload]) -> list[int]:
        """Take over the invitations of one roll-call by household; returns the households to which this is news."""
        news = []
        for household, payload in payloads.items():
            home = self._homes.setdefault(household, _Home())
            before = home.live.get(payload.rollcall)
            home.live[payload.rollcall] = payload
            if before is None or before.event != payload.event:
                news.append(household)
        return news

    def replace(self, rollcall: int, payloads: Mapping[int, Payload]) -> tuple[list[int], list[int]]:
        """Make the table of one roll-call equal to what was read; returns the households invited and withdrawn."""
        gone = [one for one, home in self._homes.items() if rollcall in home.live and one not in payloads]
        return self.put(payloads), self.withdraw(rollcall, gone)

    def withdraw(self, rollcall: int, households: Iterable[int] | None = None) -> list[int]:
        """Take back the invitation of these households, of all when None; returns those that had one."""
        wanted = [*self._homes] if households is None else households
        return [one for one in wanted if self._withdraw(rollcall, one)]

    def settle(self, household: int, event: int) -> None:
        """A box of this household has accepted or put off the event: its other boxes are not asked any more."""
        home = self._homes.get(household)
        if home is not None:
            home.live = {key: one for key, one in home.live.items() if one.event != event}

    def rollcalls(self) -> set[int]:
        """The roll-calls that somebody is invited to."""
        return {rollcall for home in self._homes.values() for rollcall in home.live}

    def _withdraw(self, rollcall: int, household: int) -> bool:
        home = self._homes.get(household)
        payload = home.live.pop(rollcall, None) if home else None
        if home is None or payload is None:
            return False
        self.stamp += 1
        home.withdrawn = [*home.withdrawn, (self.stamp, payload.event)][-_WITHDRAWN_KEPT:]
        return True
