"""What is forgotten of the guide after a while: old programmes, what sources told of them, rulings on such rows."""

from datetime import datetime, timedelta
from typing import Final

from middleware.services import source_reports
from middleware.services.ports import UnitOfWork
from middleware.services.source_overlay import IGNORE

MOST: Final = 20_000
"""Of each at once: the rows of a day of 500 channels, within a second."""


def prune(uow: UnitOfWork, now: datetime, kept: timedelta) -> int:
    """Delete what ended so long ago, and rulings to ignore rows that have not come since; returns how many went."""
    before = now - kept
    return uow.sources.prune(before, MOST) + uow.guide.prune(before, MOST) + _ignored(uow, before)


def _ignored(uow: UnitOfWork, before: datetime) -> int:
    gone = 0
    for source in uow.sources.all():
        old = [one for one in uow.sources.rulings(source.name).values() if one.kind == IGNORE and one.at < before]
        told = {one.key for one in source_reports.held(uow, source.name)} if old else set()
        for one in old:
            if one.row not in told:
                uow.sources.remove_ruling(source.name, one.row)
                gone += 1
    return gone
