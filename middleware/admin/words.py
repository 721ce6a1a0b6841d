"""How the back office says things: roles, states and marks in Chinese, instants in the town's time."""

from datetime import datetime
from typing import Final

from middleware.domain.places import TOWN_ZONE
from middleware.domain.rollcall import Rollcall, Signin
from middleware.services.rollcall_sheet import WAY_WORDS

ROLES: Final = {
    "admin": "管理员",
    "office": "镇办公室",
    "cadre": "村干部",
    "operator": "广电运维",
    "editor": "栏目编辑",
}
STATUSES: Final = {"present": "已到", "late": "迟到", "leave": "请假", "absent": "未到"}
STATES: Final = {"scheduled": "未开始", "open": "进行中", "closed": "已结束"}
BOXES: Final = {"pending": "待认领", "active": "使用中", "blocked": "已停用", "retired": "已报废"}
MODES: Final = {"standard": "标准", "large": "特大字"}

_WEEKDAYS: Final = "一二三四五六日"


def local(at: datetime) -> datetime:
    """The instant on the town's clock."""
    return at.astimezone(TOWN_ZONE)


def clock(at: datetime) -> str:
    """Hours and minutes, such as 19:30."""
    return f"{local(at):%H:%M}"


def clock_s(at: datetime) -> str:
    """Hours, minutes and seconds, such as 19:30:05."""
    return f"{local(at):%H:%M:%S}"


def day(at: datetime, now: datetime) -> str:
    """The day in few words: 今天, 昨天, 明天, 11 月 22 日 周六, with the year when it is another."""
    then, today = local(at).date(), local(now).date()
    near = {0: "今天", -1: "昨天", 1: "明天"}.get((then - today).days)
    if near:
        return near
    year = "" if then.year == today.year else f"{then.year} 年 "
    return f"{year}{then.month} 月 {then.day} 日 周{_WEEKDAYS[then.weekday()]}"


def moment(at: datetime, now: datetime) -> str:
    """Day and time, such as 昨天 19:30."""
    return f"{day(at, now)} {clock(at)}"


def percent(rate: float) -> str:
    """A share of 0 to 1 as 93%, one decimal when it is not whole."""
    return f"{rate * 100:.1f}".removesuffix(".0") + "%"


def span(minutes: int) -> str:
    """A length of time, such as 45 分钟 or 1 小时 30 分钟."""
    hours, rest = divmod(max(0, minutes), 60)
    parts = [f"{hours} 小时" if hours else "", f"{rest} 分钟" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def left(rollcall: Rollcall, now: datetime) -> str:
    """How long the roll-call stays open, minutes rounded up."""
    return span(-(-int((rollcall.closes - now).total_seconds()) // 60))


def way(signin: Signin) -> str:
    """How somebody signed in."""
    return WAY_WORDS[signin.way]
