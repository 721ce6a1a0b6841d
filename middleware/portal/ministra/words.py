"""What viewers read that comes from the API itself, in Simplified Chinese; boxes in English get the English words."""

from collections.abc import Mapping
from typing import Final

ALL: Final = "全部"
OTHERS: Final = "其他"
CENSORED: Final = "家长锁"
CHANNEL: Final = "频道"
FILM: Final = "视频"
PROGRAMME: Final = "节目"
TODAY_DAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
BLOCKED: Final = "这台机顶盒已经停用"
EXPIRED: Final = "服务已经到期"
PENDING: Final = "这台机顶盒还没有登记"
WAITING_CODE: Final = "请把这个号码告诉工作人员"
UNKNOWN: Final = "这台机顶盒不在登记名单里"
MISMATCH: Final = "机顶盒的识别码和登记的不一样"
BAD_MAC: Final = "机顶盒报出的 MAC 地址无法识别"
CLOSED: Final = "系统正在维护，稍后会自动恢复"
BUSY: Final = "系统繁忙，请稍后再试"
LOGIN: Final = "请输入账号和密码"
CALL: Final = "服务电话"
NO_SALE: Final = "电视上不办理订购，请到镇广电站或拨打服务电话办理"
NO_PVR: Final = "本系统不提供录像，可以用时移和回看"
PAYMENT: Final = "收费和缴费事项请咨询镇广电站。"
AGREEMENT: Final = "为本镇家庭提供电视直播、回看、点播和党建服务。"
TERMS: Final = "请爱护设备，不要转借账号。家庭信息只用于本镇的电视服务。"
LANGUAGE: Final = "中文"
AUTOMATIC: Final = "自动"
MODULES: Final = (
    "tv", "epg", "epg.simple", "epg.reminder", "tv_archive", "time_shift", "vclub", "radio", "media_browser",
    "downloads_dialog", "account", "settings", "settings.parent", "settings.localization", "settings.playback",
    "settings.common", "logout",
)  # fmt: skip
"""Modules that are there."""
SWITCHED_OFF: Final = ("pvr", "pvr_local", "karaoke", "audioclub", "video_clips", "infoportal", "ivi", "youtube")
LOCALES: Final[Mapping[str, str]] = {"zh": "zh_CN.utf8", "en": "en_GB.utf8"}


def language(told: str) -> str:
    """`en` for boxes set to English, else `zh`; `told` is such as `en_GB.utf8` or `zh`."""
    return "en" if told.lower().startswith("en") else "zh"
