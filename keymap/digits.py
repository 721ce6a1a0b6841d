"""The digit field as a pure reducer: a phone number, a landline number or a channel number typed on a remote.

Every digit is judged at its keystroke. A wrong digit stays visible and marked, and nothing can follow it until it is
deleted: the viewer sees what is wrong, and one press repairs it. So a wrong digit is always the last one.
"""

import re
from enum import StrEnum
from typing import Final

import attrs
from attrs import frozen

from keymap.keys import Key, digit_of


class FieldKind(StrEnum):
    """What the digits mean; PHONE and LANDLINE have eleven, a CHANNEL one to three."""

    PHONE = "phone"
    LANDLINE = "landline"
    CHANNEL = "channel"


GROUPS: dict[FieldKind, tuple[int, ...]] = {
    FieldKind.PHONE: (3, 4, 4),
    FieldKind.LANDLINE: (4, 7),
    FieldKind.CHANNEL: (3,),
}
"""How the boxes stand together; people remember numbers in these pieces."""

AREA_CODE = "0633"
"""Rizhao; a landline field may start with it, so that seven digits are left to type."""

LEFT_MARK = "{LEFT}"
"""Stands for the drawn triangle of the LEFT key in a message: many set-top fonts lack the character."""

ODD: Final = {
    FieldKind.PHONE: r"1(4[0-4689]\d|54\d|6(0\d|1[1-9]|[3489]\d)|7(4[1-9]|9\d)|94\d)\d{7}",
    FieldKind.LANDLINE: r"0633[019]\d{6}",
}
"""Whole numbers that may be right but hardly are: prefixes that no carrier has been given (1610 and 1740 have been),
and local numbers that no exchange of Rizhao begins with. Patterns for Python and ECMAScript alike."""

ODD_WORDS: Final = ("这样开头的号码很少见，", "请核对", "，没错就按 确定")

DELETING = (Key.DELETE, Key.LEFT, Key.RED)
"""Three equal ways to delete one digit; 删一位 on the screen is the fourth."""


@frozen
class Field:
    """A digit field with what has been typed. Make one with `restore`, or empty; change it with the functions below."""

    kind: FieldKind
    value: str = ""

    @property
    def length(self) -> int:
        """How many digits fit."""
        return sum(GROUPS[self.kind])

    @property
    def full(self) -> bool:
        """No digit fits any more."""
        return len(self.value) == self.length

    @property
    def missing(self) -> int:
        """How many digits are still to come; a channel number needs just one."""
        wanted = 1 if self.kind is FieldKind.CHANNEL else self.length
        return max(0, wanted - len(self.value))

    @property
    def wrong_at(self) -> int | None:
        """The position, from 1, of the first digit that cannot be; None if all can."""
        for index, digit in enumerate(self.value):
            if digit not in _allowed(self.kind, index):
                return index + 1
        if self.kind is FieldKind.CHANNEL and self.full and not int(self.value):
            return self.length
        return None

    @property
    def odd(self) -> bool:
        """Complete and possible, but a number that hardly anybody has: worth a second look, never refused."""
        return bool(re.fullmatch(ODD.get(self.kind, "(?!)"), self.value, re.ASCII))

    @property
    def valid(self) -> bool:
        """Complete and right: the viewer may go on."""
        if self.kind is FieldKind.CHANNEL:
            return bool(self.value) and int(self.value) > 0
        return self.full and self.wrong_at is None


def _allowed(kind: FieldKind, index: int) -> str:
    if kind is FieldKind.PHONE and index < 2:
        return ("1", "3456789")[index]
    if kind is FieldKind.LANDLINE and index < len(AREA_CODE):
        return AREA_CODE[index]
    return "0123456789"


def append(field: Field, digit: str) -> Field:
    """Type one digit. Ignored when the field is full, or while a wrong digit waits to be deleted.

    ValueError for anything but one ASCII digit.
    """
    if len(digit) != 1 or digit not in "0123456789":
        raise ValueError("not one digit")
    if field.full or field.wrong_at is not None:
        return field
    return attrs.evolve(field, value=field.value + digit)


def delete(field: Field) -> Field:
    """Take back the last digit; an empty field stays as it is."""
    return attrs.evolve(field, value=field.value[:-1])


def clear(field: Field) -> Field:
    """Take back all digits."""
    return attrs.evolve(field, value="")


def press(field: Field, key: Key) -> Field:
    """What a key does in the focused field: digits append; DELETE, LEFT and RED delete one; others do nothing."""
    if key in DELETING:
        return delete(field)
    digit = digit_of(key)
    return append(field, digit) if digit else field


def restore(kind: FieldKind, value: str) -> Field:
    """A field from a stored draft, typed in again digit by digit, so that whatever was stored keeps the rules."""
    field = Field(kind)
    for character in value[: field.length]:
        if character in "0123456789":
            field = append(field, character)
    return field


def message(field: Field) -> str:
    """The line under the boxes: what is wrong and how to repair it, else how far the viewer is."""
    at = field.wrong_at
    if at is not None:
        return f"第 {at} 位不对，{_rule(field.kind, at)}。按 {LEFT_MARK} 删掉"
    if field.kind is FieldKind.CHANNEL:
        return f"频道 {field.value}" if field.value else "请输入频道号"
    if field.odd:
        return "".join(ODD_WORDS)
    if field.full:
        return f"已输入 {field.length} 位，按 确定 下一步"
    return f"已输入 {len(field.value)} 位，还差 {field.missing} 位"


def _rule(kind: FieldKind, at: int) -> str:
    if kind is FieldKind.CHANNEL:
        return "没有 0 频道"
    if kind is FieldKind.LANDLINE:
        return f"固定电话是 {AREA_CODE} 开头"
    return "手机号是 1 开头" if at == 1 else "手机号是 13 到 19 开头"


def ok_message(field: Field) -> str:
    """What OK answers in the field: empty when the viewer may go on, else what is missing."""
    if field.valid:
        return ""
    if field.wrong_at is not None:
        return message(field)
    if field.kind is FieldKind.CHANNEL:
        return "请输入频道号"
    return f"还差 {field.missing} 位，请接着输入"
