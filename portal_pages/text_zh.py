"""Every viewer-facing word of the engine's own pages, in one place; boards keep theirs beside their columns."""

from typing import Final

SITE: Final = "南湖智慧党建"
OPENING: Final = "正在打开，请稍候"
NO_NETWORK: Final = "网络不通，按 OK 再试"
PLAYING, PAUSED, MUTED = "正在播放", "已暂停", "已静音"
"""What a film's strip and the label over a picture say."""
MINUTE: Final = "到#分"
"""The minute that the digits typed so far lead to."""
SUBTITLES_ON, SUBTITLES_OFF = "字幕开", "字幕关"
NO_FILM: Final = "现在放不了，按 OK 再试"
BUFFERING: Final = "正在缓冲"
NO_SIGNAL, NO_SIGNAL_OTHER = "暂无信号", "暂无信号，请换频道"
"""Over a window at home, and over the whole screen."""

BOARDS: Final = (
    ("affairs", "党务公开", "公"),
    ("live", "党群直播", "播"),
    ("school", "党教园地", "学"),
    ("today", "今日南湖", "湖"),
    ("pioneers", "时代先锋", "锋"),
    ("appraise", "党风评议", "评"),
)
"""Key, name and seal of the six boards in the order of the number keys."""

WEEKDAYS: Final = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")

INVITE_SEAL: Final = "点"
INVITE_OK: Final = "按 OK 报到"
INVITE_LATER: Final = "稍后再说"
INVITE_LINE: Final = "在家的党员请报到，还剩"
INVITE_TITLE: Final = "党支部正在点名"
INVITE_CALLS: Final = "正在点名"

HINT_CHOOSE: Final = "选择"
HINT_ENTER: Final = "进入"
HINT_DIRECT: Final = "直达"
HINT_OK: Final = "确定"
WATCH_TV: Final = "看电视"
GREEN_ROLLCALL: Final = "报到点名"
GREEN_CODE: Final = "看登记号"
NOT_ADMITTED, ADMISSION = "还没登记", "登记"
"""What leads to the number of a box that nobody has admitted; the short one in large type."""
LIVE: Final = "直播"
ON_AIR: Final = "正在播出："
PRESS_OK_FULL: Final = "按 OK 看全屏"
PRESS_OK_TV: Final = "按 OK 看电视"
NO_GUIDE: Final = "暂无节目单"
FULL_SCREEN: Final = "看全屏"
OTHER_CHANNEL: Final = "换频道"
SETTINGS: Final = "设置"
HOME: Final = "首页"
GREEN_AGAIN: Final = "绿键 从头看"
NO_NUMBER: Final = "没有 # 频道"
TO_HOME: Final = "回到首页"
PRESS_OK_HOME: Final = "按 OK 回到首页"
