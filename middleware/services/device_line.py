"""What one line of a sheet of boxes says, read cell by cell; every fault names its cell in Chinese and English."""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import field, frozen

from middleware.domain.devices import State, parse_identities, parse_mac
from middleware.domain.errors import BadValue
from middleware.services.sheet_lines import NOTHING, Columns, Fault, Line, Reading, Refused, fault

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "mac": ("MAC 地址", "MAC", "物理地址", "mac address"),
    "serial": ("序列号", "机顶盒序列号", "设备号", "STBID", "SN", "serial", "serial number"),
    "card_no": ("智能卡号", "卡号", "智能卡", "CAID", "card", "card_no", "card number"),
    "iptv_user": ("IPTV 账号", "业务账号", "宽带账号", "UserID", "iptv_user", "iptv user"),
    "iptv_password": ("IPTV 密码", "业务密码", "iptv_password", "iptv password"),
    "household": ("户号", "家庭编号", "户编号", "household", "household code"),
    "account": ("客户编号", "账户号", "客户号", "account", "account number"),
    "group": ("分组", "设备分组", "组", "group"),
    "family": ("遥控器", "遥控器型号", "键表", "family", "remote"),
    "state": ("状态", "设备状态", "state"),
    "note": ("备注", "说明", "note"),
}
"""Every column with the names it goes by, the one of exports first."""

NAMES: Final = ("mac", "serial", "card_no", "iptv_user")
"""The columns that a box is known by."""

HEAD: Final = tuple(names[0] for names in COLUMNS.values())
BOXES: Final = Columns(COLUMNS, frozenset(NAMES), HEAD, fewest=1)

STATES: Final[Mapping[State, str]] = {
    "pending": "待认领",
    "active": "使用中",
    "blocked": "已停用",
    "retired": "已报废",
}
_READ_STATES: Final[Mapping[str, State]] = {
    **{title: state for state, title in STATES.items()},
    **{state: state for state in STATES},
    "启用": "active",
    "停用": "blocked",
    "报废": "retired",
}
GROUP_LIMIT: Final = 32
NOTE_LIMIT: Final = 200
_PASSWORD: Final = re.compile(r"[!-~]{1,64}")
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)


@frozen
class Known:
    """What cells may name: households by code, accounts by number, titles of key families by name."""

    homes: Mapping[str, int]
    accounts: Mapping[str, int]
    families: Mapping[str, str]


@frozen
class Row:
    """A box as a line has it; None = the line does not say, "" and 0 = there is to be none."""

    line: Line
    names: Mapping[str, str]
    """The names that were read, by field; "" for one to be emptied."""
    password: str | None = field(repr=False)
    household: int | None
    account: int | None
    group: str | None
    family: str | None
    state: State | None
    note: str | None


def read_row(line: Line, known: Known) -> tuple[Row, list[Fault]]:
    """Read one line, and what is wrong with it."""
    reading = Reading(line)
    said = {name: reading.take(name, _mac if name == "mac" else _name(name)) for name in NAMES}
    row = Row(
        line,
        {name: value for name, value in said.items() if value is not None},
        reading.take("iptv_password", _password),
        reading.take("household", _found(known.homes, "户号", "household")),
        reading.take("account", _found(known.accounts, "客户编号", "account")),
        reading.take("group", _limited(GROUP_LIMIT)),
        reading.take("family", _family(known.families)),
        reading.take("state", _state),
        reading.take("note", _limited(NOTE_LIMIT)),
    )
    if not any(row.names.values()) and not reading.faults:
        reading.faults.append(
            fault(line, "mac", "这一行没有 MAC、序列号、卡号或账号", "no MAC, serial, card number or IPTV user")
        )
    return row, reading.faults


def _mac(text: str) -> str:
    if text == NOTHING:
        return ""
    try:
        return parse_mac(text)
    except BadValue as error:
        raise Refused(error.message_zh, "a MAC address has 12 hexadecimal digits") from None


def _name(column: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if _SCIENTIFIC.fullmatch(text):
            raise Refused(
                "号码被写成了科学计数法，请把这一列设为文本再填",
                "a number in scientific notation; format the column as text",
            )
        try:
            return "" if text == NOTHING else str(getattr(parse_identities(**{column: text}), column))
        except BadValue as error:
            raise Refused(error.message_zh, "letters, digits and @ . _ - only, 64 at most") from None

    return read


def _password(text: str) -> str:
    if not _PASSWORD.fullmatch(text):
        raise Refused(
            "密码只能用英文字母、数字和符号，不超过 64 位", "ASCII letters, digits and signs only, 64 at most"
        )
    return text


def _found(known: Mapping[str, int], word: str, english: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if text == NOTHING:
            return 0
        if (found := known.get(text)) is not None:
            return found
        near = _near(text, known)
        raise Refused(
            f"没有这个{word}：{text[:20]}" + (f"，是不是 {near}？" if near else ""),
            f"there is no {english} {text[:20]}" + (f"; is it {near}?" if near else ""),
        )

    return read


def _near(text: str, known: Mapping[str, object]) -> str:
    """The nearest word known; among very many it is not looked for, which would take seconds a cell."""
    return next(iter(difflib.get_close_matches(text, known, n=1, cutoff=0.6)), "") if len(known) <= 2000 else ""


def _family(families: Mapping[str, str]) -> Callable[[str], str]:
    names = {**{title: name for name, title in families.items()}, **{name: name for name in families}}

    def read(text: str) -> str:
        if text == NOTHING:
            return ""
        if (found := names.get(text)) is not None:
            return found
        near = _near(text, names)
        raise Refused(
            f"没有这种遥控器：{text[:20]}" + (f"，是不是 {near}？" if near else ""),
            f"there is no key family {text[:20]}" + (f"; is it {names[near]}?" if near else ""),
        )

    return read


def _state(text: str) -> State:
    found = _READ_STATES.get(text.lower())
    if found is None:
        words = "、".join(STATES.values())
        raise Refused(f"状态只能填{words}", f"a state is one of {', '.join(STATES)}")
    return found


def _limited(limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > limit:
            raise Refused(f"不超过 {limit} 个字", f"{limit} characters at most")
        return "" if text == NOTHING else text

    return read
