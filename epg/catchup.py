"""Addresses of what was on: placeholders of catch-up templates and archive servers, filled in (epg.md §9)."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from attrs import frozen

from epg.times import SHANGHAI

_PLACE: Final = re.compile(r"\$?\{([a-zA-Z_-]+)(?::([^{}]{1,40}))?\}")
_PARTS: Final = {"Y": "%Y", "m": "%m", "d": "%d", "H": "%H", "M": "%M", "S": "%S"}


@frozen
class Cut:
    """A stretch of a channel that is asked for at `now`; `catchup_id` names the programme where a provider wants it."""

    start: datetime
    stop: datetime
    now: datetime
    catchup_id: str = ""
    zone: tzinfo = SHANGHAI


def fill(template: str, cut: Cut) -> str:
    """The address for a cut; an unknown placeholder stays as it is, as players leave it."""

    def value(match: re.Match[str]) -> str:
        name, detail = match.group(1), match.group(2) or ""
        if not detail and name in _PARTS:
            return cut.start.astimezone(cut.zone).strftime(_PARTS[name])
        found = _VALUES.get(name)
        return found(cut, detail) if found else match.group()

    return _PLACE.sub(value, template)


def _instant(at: datetime, detail: str) -> str:
    """Epoch seconds, or a date and time in UTC by letters such as YmdHMS."""
    if not detail:
        return str(int(at.timestamp()))
    return "".join(at.astimezone(UTC).strftime(_PARTS[one]) if one in _PARTS else one for one in detail)


def _divided(seconds: float, detail: str) -> str:
    """Seconds, or in units of so many seconds."""
    unit = int(detail) if detail.isdigit() and len(detail) < 6 and int(detail) else 1
    return str(int(seconds) // unit)


_VALUES: Final[Mapping[str, Callable[[Cut, str], str]]] = {
    "utc": lambda cut, detail: _instant(cut.start, detail),
    "start": lambda cut, detail: _instant(cut.start, detail),
    "utcend": lambda cut, detail: _instant(cut.stop, detail),
    "end": lambda cut, detail: _instant(cut.stop, detail),
    "stop": lambda cut, detail: _instant(cut.stop, detail),
    "lutc": lambda cut, detail: _instant(cut.now, detail),
    "now": lambda cut, detail: _instant(cut.now, detail),
    "timestamp": lambda cut, detail: _instant(cut.now, detail),
    "duration": lambda cut, detail: _divided((cut.stop - cut.start).total_seconds(), detail),
    "offset": lambda cut, detail: _divided((cut.now - cut.start).total_seconds(), detail),
    "catchup-id": lambda cut, _detail: cut.catchup_id,
}
