"""Dates, times and lengths as editors type them: text in, plain values out."""

import re
from datetime import date, timedelta
from typing import Final
from unicodedata import normalize

DAY_S: Final = 86_400
LATEST_S: Final = 30 * 3600
"""30:00 is six in the morning of the next day: no broadcast day goes on longer."""
WEEKDAYS: Final = "一二三四五六日"
_EPOCH: Final = date(1899, 12, 30)
"""Day 0 of Excel's serial dates; those of 1904 come as dates, since the file says which it has."""

_CLOCK: Final = re.compile(r"(\d{1,2})\s*[:.点時时]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})\s*秒?)?\s*分?")
_HOUR: Final = re.compile(r"(\d{1,2})\s*[点時时]\s*(整|半)?")
_DIGITS: Final = re.compile(r"(\d{1,2})(\d{2})")
_SERIAL: Final = re.compile(r"[01]?\.\d+|[01]")
_DATE: Final = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:\s.*)?")
_PACKED_DATE: Final = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_SERIAL_DATE: Final = re.compile(r"[34]\d{4}(?:\.0+)?|[56]\d{4}(?:\.0+)?")
_WEEKDAY: Final = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])")
_LENGTH: Final = re.compile(
    r"(?:(\d{1,2})\s*(?:小时|时|h)\s*)?(?:(\d{1,4})\s*(?:分钟|分|min|m|')?)?\s*(?:(\d{1,2})\s*(?:秒|s|''))?",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """Full-width digits, colons and blanks as the usual ones."""
    return normalize("NFKC", text).strip()


def clock(text: str) -> int | None:
    """Seconds since 00:00 of the broadcast date, up to 30:00; None when it is no time.

    `8:05`, `08：05`, `0805`, `8点05分`, `8点半`, `06:00:00`, a fraction of a day as Excel keeps it.
    """
    text = plain(text)
    if _SERIAL.fullmatch(text):
        return _bounded(0, 0, round(float(text) * DAY_S / 60) * 60)
    date_and_time = re.fullmatch(r"\d{4}-\d{2}-\d{2} (.+)", text)  # a cell that has both
    found = _CLOCK.fullmatch(date_and_time[1] if date_and_time else text)
    if found:
        return _bounded(int(found[1]), int(found[2]), int(found[3] or 0))
    hour = _HOUR.fullmatch(text)
    if hour:
        return _bounded(int(hour[1]), 30 if hour[2] == "半" else 0, 0)
    digits = _DIGITS.fullmatch(text)
    return _bounded(int(digits[1]), int(digits[2]), 0) if digits else None


def _bounded(hours: int, minutes: int, seconds: int) -> int | None:
    found = hours * 3600 + minutes * 60 + seconds
    return found if minutes < 60 and (seconds < 60 or hours == minutes == 0) and 0 <= found <= LATEST_S else None


def day(text: str, near: date) -> date | None:
    """A date; without a year the one nearest to `near`; a weekday is that of the week of `near`. None for neither."""
    text = plain(text)
    if _SERIAL_DATE.fullmatch(text):
        return _EPOCH + timedelta(days=int(float(text)))
    packed = _PACKED_DATE.fullmatch(text)
    if packed:
        return _date(int(packed[1]), int(packed[2]), int(packed[3]))
    found = _DATE.fullmatch(re.sub(r"[(（].*?[)）]|" + _WEEKDAY.pattern, "", text).strip())
    if found:
        return _date(int(found[1]), int(found[2]), int(found[3])) if found[1] else _nearest(found[2], found[3], near)
    named = _WEEKDAY.fullmatch(text)
    if named:
        return near - timedelta(days=near.weekday()) + timedelta(days=WEEKDAYS.index(named[1].replace("天", "日")))
    return None


def _nearest(month: str, number: str, near: date) -> date | None:
    every = [_date(year, int(month), int(number)) for year in (near.year - 1, near.year, near.year + 1)]
    return min((one for one in every if one), key=lambda one: abs(one - near), default=None)


def _date(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def length(text: str) -> int | None:
    """Seconds of a length: `45`, `45分钟`, `1小时30分`, `1:30:00`, `0:45`; a bare number is minutes. None for none."""
    text = plain(text)
    colons = re.fullmatch(r"(\d{1,2}):(\d{2}):(\d{2})", text)
    if colons:
        seconds = int(colons[1]) * 3600 + int(colons[2]) * 60 + int(colons[3])
    elif short := re.fullmatch(r"(\d{1,2}):(\d{2})", text):
        seconds = int(short[1]) * 3600 + int(short[2]) * 60
    else:
        found = _LENGTH.fullmatch(re.sub(r"\.0+$", "", text))
        if not text or found is None:
            return None
        seconds = int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + int(found[3] or 0)
    return seconds if 0 < seconds <= DAY_S else None
