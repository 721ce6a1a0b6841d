"""Times of DVB tables: modified Julian date and BCD, in UTC (EN 300 468 annex C)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

MJD_ZERO: Final = datetime(1858, 11, 17, tzinfo=UTC)
DAY: Final = timedelta(days=1)
UNDEFINED: Final = b"\xff" * 5
_BCD: Final = bytes(tens << 4 | ones for tens in range(10) for ones in range(10))
_BCD_VALUE: Final = {code: value for value, code in enumerate(_BCD)}


def instant(at: datetime) -> bytes:
    """Five bytes: the day modulo 65,536 (the 16 bits end on 2038-04-22) and hhmmss in BCD."""
    at = at.astimezone(UTC)
    return _day(at.date().toordinal()) + bytes((_BCD[at.hour], _BCD[at.minute], _BCD[at.second]))


@lru_cache(maxsize=256)
def _day(ordinal: int) -> bytes:
    return ((ordinal - MJD_ZERO.date().toordinal()) % 65_536).to_bytes(2, "big")


@lru_cache(maxsize=4096)
def duration(seconds: int) -> bytes:
    """Three bytes hhmmss in BCD; at most 99:59:59."""
    seconds = min(seconds, 359_999)
    return bytes((_BCD[seconds // 3600], _BCD[seconds // 60 % 60], _BCD[seconds % 60]))


def read_instant(data: bytes, near: datetime) -> datetime | None:
    """The instant of five bytes, the candidate nearest to `near`; None when undefined. ValueError for bad BCD."""
    if data[:5] == UNDEFINED:
        return None
    day = int.from_bytes(data[:2], "big")
    today = (near.astimezone(UTC) - MJD_ZERO) // DAY
    day += round((today - day) / 65_536) * 65_536
    return MJD_ZERO + DAY * day + timedelta(seconds=read_duration(data[2:5]))


def read_duration(data: bytes) -> int:
    """Seconds of three bytes in BCD; ValueError when they are none."""
    try:
        hours, minutes, seconds = (_BCD_VALUE[code] for code in data[:3])
    except KeyError as error:
        raise ValueError("not BCD") from error
    if minutes > 59 or seconds > 59:
        raise ValueError("minutes and seconds are below 60")
    return hours * 3600 + minutes * 60 + seconds
