"""Times as text in a box's own zone (portal-ministra.md §7); epochs are UTC whatever the zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from epg.times import SHANGHAI

STAMP: Final = "%Y-%m-%d %H:%M:%S"
_FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)
"""Instants beyond these are a slip: boxes count seconds in 32 bits."""


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1024)
def zone(name: str, otherwise: str = "Asia/Shanghai") -> ZoneInfo:
    """The zone that a box names; the town's for a name that means none."""
    for each in (name, otherwise):
        if each in _known():
            return ZoneInfo(each)
    return SHANGHAI


def stamp(at: datetime, here: tzinfo) -> str:
    """Date and time in a zone, `2026-11-25 19:30:00`."""
    return f"{at.astimezone(here):{STAMP}}"


def clock(at: datetime, here: tzinfo) -> str:
    """Hours and minutes in a zone."""
    return f"{at.astimezone(here):%H:%M}"


def instant(told: str, here: tzinfo) -> datetime | None:
    """A text time of a box in its own zone; None for anything else, and for times far off."""
    for form in _FORMS:
        try:
            return bounded(datetime.strptime(told.strip(), form).replace(tzinfo=here))
        except (ValueError, OverflowError):
            continue
    return None


def epoch(seconds: int) -> datetime | None:
    """An instant from epoch seconds; None when it is far off."""
    if not _EARLIEST.timestamp() <= seconds <= _LATEST.timestamp():
        return None
    return datetime.fromtimestamp(seconds, UTC)


def bounded(at: datetime) -> datetime | None:
    """The instant in UTC; None when it is far off."""
    there = at.astimezone(UTC)
    return there if _EARLIEST <= there <= _LATEST else None


def day(told: str, here: tzinfo) -> date | None:
    """A date such as `2026-11-25`; None for anything else."""
    found = instant(told[:10], here)
    return None if found is None else found.astimezone(here).date()


def midnights(of: date, here: tzinfo) -> tuple[datetime, datetime]:
    """Beginning and end of a day of a zone, in UTC: 23 to 25 hours apart."""
    first, last = (datetime.combine(each, time(), here) for each in (of, of + timedelta(days=1)))
    return first.astimezone(UTC), last.astimezone(UTC)
