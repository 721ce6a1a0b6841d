"""Moments in plain words, in the town's own time: 今天, 昨天 16:20, 10 月 12 日."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
_WEEK: Final = "一二三四五六日"
_DAYS_OF_A_WEEK: Final = 7
_NEAR: Final = {0: "今天", -1: "昨天", 1: "明天"}


def local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE)


def day(moment: datetime, now: datetime) -> str:
    """今天, 昨天, 明天, else month and day, with the year when it is another one."""
    there, here = local(moment), local(now)
    near = _NEAR.get((there.date() - here.date()).days)
    if near:
        return near
    date = f"{there.month} 月 {there.day} 日"
    return date if there.year == here.year else f"{there.year} 年 {date}"


def short_day(moment: datetime, now: datetime) -> str:
    """As `day`, without spaces: for the end of a list row, where room is for the title."""
    return day(moment, now).replace(" ", "")


def clock(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def soon(moment: datetime, now: datetime) -> str:
    """Day and time of the coming week, such as 明天 06:30 or 周五 19:00; at the end of a row."""
    there, apart = local(moment), (local(moment).date() - local(now).date()).days
    near = f"周{_WEEK[there.weekday()]}" if 1 < apart < _DAYS_OF_A_WEEK else short_day(moment, now)
    return f"{near} {clock(moment)}"


def when(moment: datetime, now: datetime) -> str:
    """Day and time, such as 昨天 16:20."""
    return f"{day(moment, now)} {clock(moment)}"
