"""Who has a week of a channel's schedule open just now, on whatever node of the server."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from middleware.services.ports import UnitOfWork

AWAY: Final = timedelta(seconds=60)
"""Whoever was not heard of for so long has closed the page; pages call every 15 seconds."""
_SCOPE: Final = "presence"
_MOST: Final = 50


def seen(uow: UnitOfWork, now: datetime, who: str, channel: str, first: date) -> tuple[str, ...]:
    """Note that somebody looks at the week from `first` on; the logins of the others who do, by name."""
    key = f"{channel} {first.isoformat()}"
    known: Mapping[str, Any] = uow.settings.get(_SCOPE, key, {})
    since = int((now - AWAY).timestamp())
    there = {login: at for login, at in known.items() if at >= since}
    newest = sorted({**there, who: int(now.timestamp())}.items(), key=lambda pair: -pair[1])[:_MOST]
    uow.settings.put(_SCOPE, key, dict(newest))
    _tidy(uow, since)
    return tuple(sorted(login for login, _ in newest if login != who))


def _tidy(uow: UnitOfWork, since: int) -> None:
    """Forget weeks that nobody has open any more."""
    for key, known in uow.settings.all(_SCOPE).items():
        if all(at < since for at in known.values()):
            uow.settings.remove(_SCOPE, key)
