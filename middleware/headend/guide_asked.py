"""What clients ask faces for, read from the query; whatever cannot be is Malformed (400)."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from attrs import frozen

from epg.times import SHANGHAI
from middleware.web.urlencoded import Malformed
from middleware.web.values import Request

LONGEST: Final = timedelta(days=14)
MOST_DAYS, MOST_OFFSET = 31, 60
MOST_CHANNELS: Final = 500
_AUTHORITY: Final = re.compile(r"(?:[A-Za-z0-9.\-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?")
_WHOLE: Final = re.compile(r"[+\-]?[0-9]{1,3}")


@frozen
class Range:
    """Days from `first` on, of some channels (none = all), strictly by the DTD or as Kodi likes it."""

    first: date
    days: int
    channels: tuple[str, ...] = ()
    kodi: bool = False


def base(request: Request, public_url: str) -> str:
    """Where we are, `http://host:port`, from the settings or as the client asked; empty when nobody tells."""
    if public_url:
        return public_url.rstrip("/")
    host = request.headers.get("host", "")
    return f"http://{host}" if _AUTHORITY.fullmatch(host) else ""


def range_of(query: Mapping[str, str], today: date) -> Range:
    """`?days=&offset=&channel=&flavour=`: from yesterday for sixteen days without."""
    days = _number(query, "days", 16)
    offset = _number(query, "offset", -1)
    flavour = query.get("flavour", "strict")
    channels = tuple(dict.fromkeys(one.strip() for one in query.get("channel", "").split(",") if one.strip()))
    if not 1 <= days <= MOST_DAYS or abs(offset) > MOST_OFFSET or len(channels) > MOST_CHANNELS:
        raise Malformed(f"days from 1 to {MOST_DAYS}, offset to {MOST_OFFSET} days", 400)
    if flavour not in {"strict", "kodi"}:
        raise Malformed("flavour is strict or kodi", 400)
    return Range(today + timedelta(days=offset), days, channels, flavour == "kodi")


def _number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    text = query.get(name, "")
    if text and not _WHOLE.fullmatch(text):
        raise Malformed(f"{name} is a number of days", 400)
    return int(text) if text else otherwise


def window(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """`?from=&to=` as epoch seconds, dates or ISO times (of the town without an offset): today without."""
    midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    start = instant(query["from"]) if query.get("from") else midnight.astimezone(UTC)
    stop = instant(query["to"]) if query.get("to") else start + timedelta(days=1)
    if not start < stop <= start + LONGEST:
        raise Malformed(f"to lies after from, by {LONGEST.days} days at most", 400)
    return start, stop


def instant(text: str) -> datetime:
    """An instant in UTC."""
    try:
        if text.isascii() and text.isdigit():
            found = datetime.fromtimestamp(int(text[:12]), UTC)
        else:
            found = datetime.fromisoformat(text[:40].replace(" ", "+") if "T" in text else text[:40])
            found = found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("a time is epoch seconds, 2026-11-25 or 2026-11-25T19:00:00+08:00", 400) from error
    if not 1970 < found.year < 2100:
        raise Malformed("a time is between 1971 and 2099", 400)
    return found.astimezone(UTC)


def day(text: str, today: date) -> date:
    """`?date=` as 2026-11-25 or 20261125, today without."""
    if not text:
        return today
    try:
        found = date.fromisoformat(text[:10])
    except ValueError as error:
        raise Malformed("a date is 2026-11-25", 400) from error
    if abs((found - today).days) > MOST_OFFSET:
        raise Malformed(f"a date is within {MOST_OFFSET} days of today", 400)
    return found
