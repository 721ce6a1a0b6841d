"""The digit field: every digit judged at its keystroke, and nothing typed is ever lost to a fault."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keymap.digits import (
    DELETING,
    LEFT_MARK,
    Field,
    FieldKind,
    append,
    clear,
    delete,
    message,
    ok_message,
    press,
    restore,
)
from keymap.keys import DIGITS, Key

KINDS = st.sampled_from(FieldKind)
KEYS = st.lists(st.sampled_from([*DIGITS, *DELETING, Key.UP, Key.GREEN]), max_size=30)


def typed(text: str, kind: FieldKind = FieldKind.PHONE) -> Field:
    field = Field(kind)
    for digit in text:
        field = append(field, digit)
    return field


def test_a_second_digit_2_is_told_at_that_keystroke_and_the_first_stays() -> None:
    field = typed("12")

    assert (field.value, field.wrong_at) == ("12", 2)
    assert message(field) == f"第 2 位不对，手机号是 13 到 19 开头。按 {LEFT_MARK} 删掉"
    assert append(field, "3") == field, "nothing follows a wrong digit"
    assert delete(field) == typed("1")


def test_progress_and_missing_digits_are_told() -> None:
    assert message(typed("1380633")) == "已输入 7 位，还差 4 位"
    assert ok_message(typed("1380633")) == "还差 4 位，请接着输入"
    assert ok_message(typed("13806336021")) == ""


def test_a_number_that_hardly_anybody_has_may_go_on_after_a_second_look() -> None:
    assert message(typed("14912345678")) == "这样开头的号码很少见，请核对，没错就按 确定"
    assert ok_message(typed("14912345678")) == ""
    assert message(typed("1491234567")) == "已输入 10 位，还差 1 位"
    assert typed("06330221234", FieldKind.LANDLINE).odd
    assert not typed("16101234567").odd


def test_landlines_of_the_area_are_taken_where_services_ask() -> None:
    assert typed("06338221234", FieldKind.LANDLINE).valid
    assert typed("0634", FieldKind.LANDLINE).wrong_at == 4


def test_a_channel_number_needs_one_digit_and_is_not_nought() -> None:
    assert typed("7", FieldKind.CHANNEL).valid
    assert not typed("000", FieldKind.CHANNEL).valid


@pytest.mark.parametrize("key", DELETING)
@pytest.mark.parametrize("count", range(12))
def test_three_ways_to_delete_are_one(key: Key, count: int) -> None:
    field = typed("13806336021"[:count])

    assert press(field, key) == delete(field)


@given(KINDS, KEYS)
def test_the_field_never_holds_more_than_it_may_and_a_wrong_digit_is_the_last(kind: FieldKind, keys: list[Key]) -> None:
    field = Field(kind)
    for key in keys:
        field = press(field, key)

        assert len(field.value) <= field.length
        assert field.wrong_at in (None, len(field.value))
        assert restore(kind, field.value) == field


@given(KINDS, st.text(max_size=40))
def test_whatever_was_stored_as_a_draft_keeps_the_rules(kind: FieldKind, stored: str) -> None:
    field = restore(kind, stored)

    assert field.value.isascii()
    assert field.wrong_at in (None, len(field.value))


def test_typing_takes_one_ascii_digit_and_nothing_else() -> None:
    for wrong in ("", "12", "a", "１", " "):
        with pytest.raises(ValueError, match="one digit"):
            append(Field(FieldKind.PHONE), wrong)
    assert clear(typed("138")) == Field(FieldKind.PHONE)
