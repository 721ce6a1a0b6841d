"""What is done at every start of a demonstration: a roll-call is open, the guide reaches today, demo.json is true."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from middleware.demo import running, summary
from middleware.services.ports import UnitOfWork


@frozen
class Place:
    """Where this demonstration is served: its address without a last slash, the town's name, who knows what."""

    base: str
    town: str
    passwords: Mapping[str, str]


def refresh(place: Place, now: datetime) -> Callable[[UnitOfWork], dict[str, Any]]:
    """A transaction that brings the demonstration up to now and returns what demo.json says."""

    def run(uow: UnitOfWork) -> dict[str, Any]:
        rollcall = running.keep_open(uow, now)
        return summary.summary(uow, place.base, place.town, place.passwords, rollcall, {})

    return run
