"""Dates in the words of the demonstration's texts, counted from today so that the town never looks abandoned.

`{d-3}` 11 月 21 日 · `{D-3}` with the year · `{w+2}` with the weekday · `{m-1}` month · `{y}` year
`{Q-1}` last full quarter with its year · `{q-1}` without · `{qa-1}` and `{qz-1}` its first and last month
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

_MARK = re.compile(r"\{([a-zA-Z]+)([+-]\d+)?\}")
_WEEKDAYS = "一二三四五六日"
_NUMERALS = "一二三四"


def dated(text: str, today: date) -> str:
    """Return `text` with every mark replaced. Raises KeyError for a mark that does not exist."""
    return _MARK.sub(lambda found: _WORDS[found[1]](today, int(found[2] or 0)), text)


def _day(today: date, offset: int) -> str:
    that = today + timedelta(days=offset)
    return f"{that.month} 月 {that.day} 日"


def _full_day(today: date, offset: int) -> str:
    return f"{(today + timedelta(days=offset)).year} 年 {_day(today, offset)}"


def _weekday(today: date, offset: int) -> str:
    that = today + timedelta(days=offset)
    return f"{_day(today, offset)}（星期{_WEEKDAYS[that.weekday()]}）"


def _month(today: date, offset: int) -> str:
    return f"{(today.month - 1 + offset) % 12 + 1} 月"


def _year(today: date, offset: int) -> str:
    return f"{today.year + offset}"


def _quarter(today: date, offset: int) -> tuple[int, int]:
    """Return year and number from 0 of the quarter `offset` away from the running one."""
    return divmod(today.year * 4 + (today.month - 1) // 3 + offset, 4)


def _quarter_name(today: date, offset: int) -> str:
    return f"第{_NUMERALS[_quarter(today, offset)[1]]}季度"


def _full_quarter(today: date, offset: int) -> str:
    return f"{_quarter(today, offset)[0]} 年{_quarter_name(today, offset)}"


_WORDS: dict[str, Callable[[date, int], str]] = {
    "d": _day,
    "D": _full_day,
    "w": _weekday,
    "m": _month,
    "y": _year,
    "q": _quarter_name,
    "Q": _full_quarter,
    "qa": lambda today, offset: f"{_quarter(today, offset)[1] * 3 + 1} 月",
    "qz": lambda today, offset: f"{_quarter(today, offset)[1] * 3 + 3} 月",
}
