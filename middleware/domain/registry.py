"""People and households of the town, and how personal data is shown."""

import re
import unicodedata
from typing import Literal

from attrs import frozen

from middleware.domain.errors import BadPhone

Role = Literal["admin", "office", "cadre", "operator", "editor"]

PHONE_DIGITS = 11
AREA = "0633"
"""Of Rizhao, in front of seven digits."""
SERVICES = frozenset({"110", "112", "114", "119", "120", "122", "10000", "10010", "10086", "12315", "12345", "12380"})
"""Numbers that call nobody back; those of ten digits begin with 400 and 800."""
_PUNCTUATION = re.compile(r"[\s\-–—()（）·.]+")


@frozen
class Household:
    """A home with a television; `code` is the operator's household number (户号)."""

    id: int
    code: str
    village_id: int
    address: str = ""


@frozen
class Member:
    """A party member. The phone number is not here: storage keeps it sealed."""

    id: int
    code: str
    name: str
    branch_id: int
    group_no: int = 0
    """Party group (党小组) inside the branch, 0 when the branch has none."""
    household_id: int | None = None
    role: str = ""
    """Office held in the branch, such as 支部书记."""
    active: bool = True


@frozen
class HouseholdDraft:
    """A household that has no id yet."""

    code: str
    village_id: int
    address: str = ""


@frozen
class MemberDraft:
    """A member as a roster gives him: no id yet, and with his number, which only storage keeps."""

    code: str
    name: str
    branch_id: int
    group_no: int = 0
    household_id: int | None = None
    role: str = ""
    active: bool = True
    phone: str = ""


@frozen
class Staff:
    """One who may log in to the back office, bound to what he answers for."""

    id: int
    login: str
    name: str
    role: Role
    office_id: int | None = None
    branch_id: int | None = None
    village_id: int | None = None
    active: bool = True
    stamp: str = ""
    """Changes with the password: a session that carries another one has ended. Given by storage."""


def mask_phone(phone: str) -> str:
    """Show a number as 138****6021."""
    return f"{phone[:3]}****{phone[-4:]}"


def mask_name(name: str) -> str:
    """Show 王秀兰 as 王*兰 and 王兰 as 王*."""
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def parse_phone(text: str) -> str:
    """Read a mainland mobile number as people type it: spaces, hyphens, full-width digits, +86 before it.

    Returns 11 digits. Raises BadPhone with code phone_empty, phone_digits, phone_foreign, phone_short, phone_long or
    phone_prefix.
    """
    digits = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text[:64]))
    digits = _without_country(digits)
    if not digits:
        raise BadPhone("phone_empty", "没有填手机号")
    if not (digits.isascii() and digits.isdigit()):
        raise BadPhone("phone_digits", "手机号只能有数字")
    _check_length(digits)
    if digits[0] != "1" or digits[1] not in "3456789":
        raise BadPhone("phone_prefix", "手机号应以 13 至 19 开头")
    return digits


def parse_line(text: str) -> str:
    """Read a number at which somebody is called back: a mobile one, or a landline with or without its area code.

    Returns 11 digits, of which the first tells them apart: 1 mobile, 0 landline; seven digits are a number of Rizhao.
    Raises BadPhone as `parse_phone` does, phone_service for numbers that call nobody back, phone_landline.
    """
    digits = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text[:64]))
    if digits in SERVICES or re.fullmatch(r"[48]00[0-9]{7}", digits, re.ASCII):
        raise BadPhone("phone_service", "这是服务号码，不能用来回电")
    if re.fullmatch(r"[2-9][0-9]{6}", digits, re.ASCII):
        return AREA + digits
    if digits.startswith("0") and not digits.startswith("00"):
        if not re.fullmatch(r"0[1-9][0-9]{9}", digits, re.ASCII):
            raise BadPhone("phone_landline", "固定电话连区号是 11 位")
        return digits
    return parse_phone(text)


def _without_country(digits: str) -> str:
    if digits.startswith("+") and not digits.startswith("+86"):
        raise BadPhone("phone_foreign", "只能用中国大陆的 11 位手机号")
    for prefix in ("+86", "0086", "86", "17951"):
        if digits.startswith(prefix) and len(digits) == PHONE_DIGITS + len(prefix):
            return digits[len(prefix) :]
    return digits


def _check_length(digits: str) -> None:
    off = len(digits) - PHONE_DIGITS
    if off < 0:
        raise BadPhone("phone_short", f"手机号少{_count(-off)}位")
    if off > 0:
        raise BadPhone("phone_long", f"手机号多{_count(off)}位")


def _count(number: int) -> str:
    return "一两三四五六七八九十"[number - 1] if number <= 10 else str(number)
