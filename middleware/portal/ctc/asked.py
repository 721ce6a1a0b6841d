"""What boxes send, read leniently: forms of any content type, fields in the query or the body, `undefined` values."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

from epg.times import SHANGHAI
from middleware.portal.ctc.settings import Settings
from middleware.web.urlencoded import parse_raw_pairs, parse_raw_query
from middleware.web.values import Request

_AUTHORITY: Final = re.compile(r"([A-Za-z0-9.\-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::([0-9]{1,5}))?")
_NOTHING: Final = frozenset({"", "undefined", "null", "NULL"})
_USER: Final = re.compile(r"[0-9A-Za-z@._\-]{1,40}")
_LONGEST: Final = 1024
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
_MILLISECONDS: Final = re.compile(r"[0-9]{12,14}")
_DATE: Final = {"%Y%m%d": 8, "%Y.%m.%d": 10}
"""Forms of dates, and how long each is: strptime would take shorter ones."""


def query(request: Request) -> Mapping[str, str]:
    """The fields of the query, odd bytes and broken escapes among them; of two of one name the first counts."""
    return parse_raw_query(request.target)


def fields(request: Request) -> Mapping[str, str]:
    """Query and body together, the body's word counting; at most 100 fields of each are read."""
    given = query(request)
    return {**given, **parse_raw_pairs(request.body)} if request.body else given


def told(given: Mapping[str, str], *names: str) -> str:
    """The first of these fields that says something; scripts write `undefined` for what they do not know."""
    for name in names:
        value = given.get(name, "").strip()
        if value not in _NOTHING:
            return value if len(value) <= _LONGEST else ""
    return ""


def user_of(given: Mapping[str, str]) -> str:
    """The UserID, as far as it can be one; empty for anything else."""
    user = told(given, "UserID", "userid", "userId", "UserId")
    return user if _USER.fullmatch(user) else ""


def _authority(request: Request) -> tuple[str, str] | None:
    """Host and port that the box asked, if it told any that can be one."""
    found = _AUTHORITY.fullmatch(request.headers.get("host", ""))
    return (found[1], found[2] or "80") if found else None


def epg(request: Request, settings: Settings, port: int = 0) -> str:
    """Where the pages of the dialects are, `http://host:port`, from the settings or as the box asked.

    `port` is the dialect's own, 0 for none. Empty, so that addresses become relative, when nobody tells a host.
    """
    asked = _authority(request)
    configured = _AUTHORITY.fullmatch(settings.epg_host)
    host = configured[1] if configured else asked[0] if asked else ""
    told_port = (configured[2] if configured else "") or (asked[1] if asked else "80")
    return f"http://{host}:{port or settings.epg_port or told_port}" if host else ""


def home(request: Request, settings: Settings) -> str:
    """Where our own pages are, as the box reaches them; empty, for relative addresses, when it tells no host."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    asked = _authority(request)
    return f"http://{asked[0]}:{asked[1]}" if asked else ""


def host_of(base: str) -> str:
    """The host of `http://host:port`, without brackets."""
    return base.removeprefix("http://").rpartition(":")[0].strip("[]")


def number(text: str, low: int, high: int, default: int) -> int:
    """A whole number within bounds; what is none is the default."""
    return min(high, max(low, int(text))) if _NUMBER.fullmatch(text) else default


def day(text: str, form: str) -> date | None:
    """A date as one skin writes it; None for anything else."""
    try:
        return datetime.strptime(text, form).replace(tzinfo=SHANGHAI).date() if len(text) == _DATE[form] else None
    except ValueError:
        return None


def instant(text: str) -> datetime | None:
    """An instant told in milliseconds since 1970; None for anything else."""
    return datetime.fromtimestamp(int(text) / 1000, UTC) if _MILLISECONDS.fullmatch(text) else None
