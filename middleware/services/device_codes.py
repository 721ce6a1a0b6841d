"""The number that a viewer reads to the operator over the phone: short, and a slip of one digit is noticed."""

import re
from typing import Final

from middleware.domain.devices import Device
from middleware.domain.errors import BadValue
from middleware.services.device_rows import device_of
from middleware.services.ports import UnitOfWork

_FIRST: Final = 10_000
_CODE: Final = re.compile(r"[1-9][0-9]{5,11}")


def code_of(device: Device) -> str:
    """Return `10042-7` for the box with id 42: its number and the check digit of ISO/IEC 7812-1 (Luhn)."""
    number = str(_FIRST + device.id)
    return f"{number}-{_check_digit(number)}"


def by_code(uow: UnitOfWork, code: str) -> Device:
    """Find the box of a code; blanks and strokes do not count. Raises BadValue(code), NotFound."""
    digits = re.sub(r"[\s\-－]", "", code[:32])
    if not _CODE.fullmatch(digits) or _check_digit(digits[:-1]) != digits[-1]:
        raise BadValue("code", "编号不对，请再核对一遍")
    return device_of(uow, int(digits[:-1]) - _FIRST)


def _check_digit(number: str) -> str:
    digits = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(number))]
    return str(-sum(digit - 9 if digit > 9 else digit for digit in digits) % 10)
