"""How the back office says things: roles, states and marks in Chinese, instants in the town's time."""

from datetime import datetime
from typing import Final

from middleware.domain.box_events import BoxEvent
from middleware.domain.box_logs import Viewing
from middleware.domain.places import TOWN_ZONE
from middleware.domain.rollcall import Rollcall, Signin
from middleware.services.device_line import STATES as STATES_OF_BOXES
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
BOXES: Final = dict(STATES_OF_BOXES)
TONES: Final = {"active": "good", "pending": "late", "blocked": "wait", "retired": ""}
"""The colour of a box's state."""
MODES: Final = {"standard": "标准", "large": "特大字"}
EVENTS: Final = {
    "send_msg": "消息",
    "send_msg_with_video": "带视频的消息",
    "play_channel": "切到频道",
    "play_radio_channel": "切到广播",
    "cut_off": "停用画面",
    "cut_on": "恢复收看",
    "update_channels": "更新频道表",
    "update_subscription": "更新套餐",
    "update_epg": "更新节目单",
    "update_modules": "更新模块",
    "reboot": "重启机顶盒",
    "reload_portal": "重新载入页面",
    "update_image": "升级机顶盒软件",
    "show_menu": "回到主菜单",
    "mount_all_storages": "挂载存储",
}
DONE_TO_BOX: Final = {
    "register": "第一次开机登记",
    "bind": "认领",
    "unbind": "解绑",
    "active": "启用",
    "blocked": "停用",
    "retired": "报废",
    "pending": "改为待认领",
    "family": "选遥控器",
    "group": "改分组",
    "note": "改备注",
    "reset_pin": "重置设备码",
    "confirm": "核实智能卡",
    "services": "开关附加业务",
    "tie": "归到客户",
    "import": "批量导入",
}
"""What was done to a box, by the verb of the audit log."""
DIFFERENCES: Final = {
    "address": "同时从两个地址来",
    "serial": "序列号不同",
    "mac": "MAC 不同",
    "pin": "设备码不同",
    "card": "卡号或账号从别处来",
}
WATCHED: Final = {"play": "开始看", "stop": "看完", "claim": "报障", "error": "播放出错"}
KINDS_OF_CONTENT: Final = {"channel": "频道", "film": "影片", "archive": "回看"}
DOING: Final = {
    0: "待机页面",
    1: "直播",
    2: "点播",
    5: "广播",
    10: "本地媒体",
    11: "回看",
    14: "时移",
}
BOARDS: Final = {
    "affairs": "党务公开",
    "live": "党群直播",
    "school": "党教园地",
    "today": "今日南湖",
    "pioneers": "时代先锋",
    "appraise": "党风评议",
}
SCOPES: Final = {"town": "全镇", "village": "村", "group": "分组", "tariff": "资费", "device": "机顶盒"}

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


def became(event: BoxEvent, now: datetime) -> str:
    """What became of something sent to a box."""
    if event.confirmed is not None:
        return f"{moment(event.confirmed, now)} 已确认"
    if event.sent is not None:
        return f"{moment(event.sent, now)} 已送到" + ("，还没确认" if event.message and now < event.expires else "")
    return "等着送到" if now < event.expires else "已过期，没有送到"


def content(line: Viewing) -> str:
    """What a line of a viewing report is about, such as 频道 101."""
    kind, _, number = line.content.partition(":")
    return f"{KINDS_OF_CONTENT.get(kind, kind)} {number}".strip()
