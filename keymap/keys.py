"""The one vocabulary of logical keys, of box events, and of the short tokens the page script knows them by."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Key(StrEnum):
    """What a viewer means by a press, whatever code the remote sends. Pages may rely on BASIC only."""

    UP = "UP"
    DOWN = "DOWN"
    LEFT = "LEFT"
    RIGHT = "RIGHT"
    OK = "OK"
    BACK = "BACK"
    EXIT = "EXIT"
    HOME = "HOME"
    MENU = "MENU"
    SETUP = "SETUP"
    D0 = "D0"
    D1 = "D1"
    D2 = "D2"
    D3 = "D3"
    D4 = "D4"
    D5 = "D5"
    D6 = "D6"
    D7 = "D7"
    D8 = "D8"
    D9 = "D9"
    STAR = "STAR"
    HASH = "HASH"
    DASH = "DASH"
    DELETE = "DELETE"
    RED = "RED"
    GREEN = "GREEN"
    YELLOW = "YELLOW"
    BLUE = "BLUE"
    GREY = "GREY"
    PAGE_UP = "PAGE_UP"
    PAGE_DOWN = "PAGE_DOWN"
    CH_UP = "CH_UP"
    CH_DOWN = "CH_DOWN"
    VOL_UP = "VOL_UP"
    VOL_DOWN = "VOL_DOWN"
    MUTE = "MUTE"
    PLAY = "PLAY"
    PAUSE = "PAUSE"
    PLAY_PAUSE = "PLAY_PAUSE"
    STOP = "STOP"
    FF = "FF"
    REW = "REW"
    PREV = "PREV"
    NEXT = "NEXT"
    TO_START = "TO_START"
    TO_END = "TO_END"
    INFO = "INFO"
    EPG = "EPG"
    TRACK = "TRACK"
    FAV = "FAV"
    MAIL = "MAIL"
    BOOKMARK = "BOOKMARK"
    HELP = "HELP"
    SEARCH = "SEARCH"
    LOCATE = "LOCATE"
    INTERACT = "INTERACT"
    LIST = "LIST"
    TV = "TV"
    LIVE = "LIVE"
    VOD = "VOD"
    REPLAY = "REPLAY"
    NEWS = "NEWS"
    APPS = "APPS"
    CAROUSEL = "CAROUSEL"
    POWER = "POWER"
    REC = "REC"
    EVENT = "EVENT"
    """Not a press: the box has something to tell (`Utility.getEvent()`)."""


class SystemEvent(StrEnum):
    """What a box reports by itself; never a press."""

    NOT_FOUND = "NOT_FOUND"
    DATA_OK = "DATA_OK"
    DATA_FAILED = "DATA_FAILED"
    MEDIA_PREPARED = "MEDIA_PREPARED"
    """The stream is ready: the page calls play now, not earlier."""
    CONNECT_FAILED = "CONNECT_FAILED"
    DVB_SEARCH_FAILED = "DVB_SEARCH_FAILED"
    PLAY_OK = "PLAY_OK"
    PLAY_FAILED = "PLAY_FAILED"
    PROGRAMME_LIST_OK = "PROGRAMME_LIST_OK"
    PROGRAMME_LIST_FAILED = "PROGRAMME_LIST_FAILED"
    PROGRAMME_BEGIN = "PROGRAMME_BEGIN"
    PROGRAMME_END = "PROGRAMME_END"
    RELEASE_OK = "RELEASE_OK"
    RELEASE_FAILED = "RELEASE_FAILED"
    TIME_SHIFT_FAILED = "TIME_SHIFT_FAILED"
    EPG_URL_READY = "EPG_URL_READY"
    CHANGE_OK = "CHANGE_OK"
    CHANGE_FAILED = "CHANGE_FAILED"
    BUFFERING_START = "BUFFERING_START"
    BUFFERING_STOP = "BUFFERING_STOP"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    USER_EXCEPTION = "USER_EXCEPTION"
    PARAMETER_OK = "PARAMETER_OK"
    PARAMETER_FAILED = "PARAMETER_FAILED"
    TUNE_START = "TUNE_START"
    TUNE_OK = "TUNE_OK"
    TUNE_FAILED = "TUNE_FAILED"
    SEARCH_DONE = "SEARCH_DONE"
    SEARCH_FAILED = "SEARCH_FAILED"
    SERVICE_READY = "SERVICE_READY"
    MODULE_CHANGED = "MODULE_CHANGED"
    TABLE_SEARCH_DONE = "TABLE_SEARCH_DONE"
    CAROUSEL_START = "CAROUSEL_START"
    CAROUSEL_DONE = "CAROUSEL_DONE"
    PREVIEW_COUNT_OVER = "PREVIEW_COUNT_OVER"
    PREVIEW_TIME_OVER = "PREVIEW_TIME_OVER"
    NO_SUCH_CHANNEL = "NO_SUCH_CHANNEL"


class Noop(StrEnum):
    """The action of a code that is known and swallowed (Kodi's convention)."""

    NOOP = "noop"


NOOP = Noop.NOOP
Action = Key | Noop

ARROWS = (Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT)
BASIC = (*ARROWS, Key.OK, Key.BACK)
DIGITS = (Key.D0, Key.D1, Key.D2, Key.D3, Key.D4, Key.D5, Key.D6, Key.D7, Key.D8, Key.D9)
COLOURS = (Key.RED, Key.GREEN, Key.YELLOW, Key.BLUE)
PAGES = (Key.PAGE_UP, Key.PAGE_DOWN)


def digit_of(key: Key) -> str | None:
    """The digit "0" to "9" of a number key, None for every other key."""
    return key.value[1] if key in DIGITS else None


TOKENS: Mapping[Action, str] = MappingProxyType(
    {
        Key.UP: "U",
        Key.DOWN: "D",
        Key.LEFT: "L",
        Key.RIGHT: "R",
        Key.OK: "O",
        Key.BACK: "B",
        **{key: key.value[1] for key in DIGITS},
        Key.RED: "r",
        Key.GREEN: "g",
        Key.YELLOW: "y",
        Key.BLUE: "b",
        Key.PAGE_UP: "P",
        Key.PAGE_DOWN: "N",
        Key.DELETE: "X",
        Key.MENU: "M",
        Key.EXIT: "E",
        Key.HOME: "H",
        Key.STAR: "S",
        Key.HASH: "A",
        Key.PLAY: "p",
        Key.PLAY_PAUSE: "p",
        Key.PAUSE: "a",
        Key.STOP: "s",
        Key.FF: "f",
        Key.REW: "w",
        Key.PREV: "v",
        Key.NEXT: "n",
        Key.INFO: "I",
        Key.EPG: "G",
        Key.CH_UP: "+",
        Key.CH_DOWN: "-",
        Key.TV: "T",
        Key.EVENT: "V",
        NOOP: "Z",
    }
)
"""What the page script calls each key. A key without a token (volume, mute, power, rarer keys) stays with the box."""

WORDS: Mapping[Key, str] = MappingProxyType(
    {
        Key.UP: "上",
        Key.DOWN: "下",
        Key.LEFT: "左",
        Key.RIGHT: "右",
        Key.OK: "确定",
        Key.BACK: "返回",
        Key.EXIT: "退出",
        Key.HOME: "主页",
        Key.MENU: "菜单",
        **{key: key.value[1] for key in DIGITS},
        Key.STAR: "*",
        Key.HASH: "#",
        Key.DELETE: "删除",
        Key.RED: "红",
        Key.GREEN: "绿",
        Key.YELLOW: "黄",
        Key.BLUE: "蓝",
        Key.PAGE_UP: "上一页",
        Key.PAGE_DOWN: "下一页",
        Key.CH_UP: "频道+",
        Key.CH_DOWN: "频道-",
        Key.PLAY: "播放",
        Key.PLAY_PAUSE: "播放/暂停",
        Key.PAUSE: "暂停",
        Key.STOP: "停止",
        Key.FF: "快进",
        Key.REW: "快退",
        Key.INFO: "信息",
        Key.EPG: "节目单",
        Key.TV: "电视",
    }
)
"""What is usually printed on a key; a family's `labels` say where its remote differs."""
