"""What is forgotten after a while, so that nothing of boxes grows without end."""

from datetime import datetime, timedelta
from typing import Final

from middleware.services.ports import UnitOfWork

TOKENS: Final = timedelta(days=90)
"""A box that was off for longer logs in again."""
EVENTS: Final = timedelta(days=30)
LOGS: Final = timedelta(days=90)


def prune(uow: UnitOfWork, now: datetime) -> int:
    """Delete tokens unused, events expired and log lines written too long ago; returns how many rows went."""
    return (
        uow.tokens.prune(now - TOKENS)
        + uow.box_events.prune(now - EVENTS)
        + uow.box_logs.prune(now - LOGS)
        + uow.reminders.prune(now - timedelta(days=1))
    )
