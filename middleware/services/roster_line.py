"""What one line of a roster says of a home and a person, read cell by cell; every fault names its cell."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping

from attrs import frozen

from middleware.domain.errors import BadPhone
from middleware.domain.registry import parse_phone
from middleware.services.roster_sheet import COLUMNS
from middleware.services.sheet_lines import NOTHING, Fault, Line, Reading, Refused, fault

ADDRESS_LIMIT, NAME_LIMIT, ROLE_LIMIT, GROUP_LIMIT = 100, 32, 20, 99
_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff._/\-]{1,32}")
_NAME = re.compile(r"[^\W\d_]+([·.\s][^\W\d_]+)*")
_GROUP = re.compile(r"第?(\d{1,2}|[一二三四五六七八九十]{1,3})(党?小?组)?")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_HERE, _GONE = {"是", "在册", "正常"}, {"否", "不在册", "转出", "迁出", "去世", "出党", "除名"}
_TENS = str.maketrans("一二三四五六七八九", "123456789")


@frozen
class Home:
    """A household as a line has it; None = the line does not say."""

    line: Line
    code: str
    village: int | None
    address: str | None


@frozen
class Person:
    """A member as a line has him; None = the line does not say. `household` "" = lives nowhere in town."""

    line: Line
    code: str
    name: str | None
    branch: int | None
    household: str | None
    group: int | None
    role: str | None
    phone: str | None
    active: bool | None


@frozen
class Names:
    """Villages and branches by name and by code."""

    villages: Mapping[str, int]
    branches: Mapping[str, int]


def read_line(line: Line, names: Names) -> tuple[Home | None, Person | None, list[Fault]]:
    """Read one line: the home it names, the person it names, and what is wrong with it."""
    reading = Reading(line)
    household = reading.take("household", _code)
    home = _home(reading, household, names) if household else None
    person = _person(reading, household, names) if line["code"] or line["name"] else None
    if not (household or person or reading.faults):
        reading.faults.append(fault(line, "code", "这一行既没有户号也没有编号"))
    return home, person, reading.faults


def _home(reading: Reading, code: str, names: Names) -> Home:
    village = reading.take("village", lambda text: _place(text, names.villages, "村"))
    return Home(reading.line, code, village, reading.take("address", _limited(ADDRESS_LIMIT)))


def _person(reading: Reading, household: str | None, names: Names) -> Person | None:
    code = reading.take("code", _code)
    if code == "" or not reading.line["code"]:
        reading.faults.append(fault(reading.line, "code", "没有填编号"))
    person = Person(
        reading.line,
        code or "",
        reading.take("name", _name),
        reading.take("branch", lambda text: _place(text, names.branches, "支部")),
        household,
        reading.take("group", _group),
        reading.take("role", _limited(ROLE_LIMIT)),
        reading.take("phone", _phone),
        reading.take("active", _active),
    )
    return person if code else None


def _code(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    if plain == NOTHING:
        return ""
    if not _CODE.fullmatch(plain):
        raise Refused("只能用汉字、字母、数字和 . _ - /，不超过 32 位")
    return plain


def _name(text: str) -> str:
    name = " ".join(text.split())
    if len(name) > NAME_LIMIT or not _NAME.fullmatch(name):
        raise Refused(f"姓名只能有汉字和字母，不超过 {NAME_LIMIT} 个字")
    # 王 兰 is how two characters are spread to the width of three.
    return name if name.isascii() else name.replace(" ", "")


def _place(text: str, known: Mapping[str, int], what: str) -> int:
    if (found := known.get(text)) is not None:
        return found
    near = difflib.get_close_matches(text, known, n=1, cutoff=0.5)
    raise Refused(f"没有这个{what}：{text[:20]}" + (f"，是不是{near[0]}？" if near else ""))


def _limited(limit: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > limit:
            raise Refused(f"不超过 {limit} 个字")
        return "" if text == NOTHING else text

    return read


def _group(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    if plain in {NOTHING, "0"}:
        return 0
    match = _GROUP.fullmatch(plain)
    if match is None or not 0 < (number := _number(match.group(1))) <= GROUP_LIMIT:
        raise Refused(f"{COLUMNS['group'][0]}应是 1 到 {GROUP_LIMIT} 的数字")
    return number


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    digits = [int(part.translate(_TENS)) if part.translate(_TENS).isdigit() else 0 for part in (tens, ones)]
    return (max(1, digits[0]) * 10 if ten else 0) + digits[1]


def _phone(text: str) -> str:
    if text == NOTHING:
        return ""
    if _SCIENTIFIC.fullmatch(text):
        raise Refused("手机号被写成了科学计数法，请把这一列设为文本再填")
    try:
        return parse_phone(text)
    except BadPhone as error:
        raise Refused(error.message_zh) from None


def _active(text: str) -> bool:
    if text not in _HERE | _GONE:
        raise Refused("在册只能填是或否")
    return text in _HERE
