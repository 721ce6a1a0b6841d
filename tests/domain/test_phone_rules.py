"""Mobile numbers as people type them, judged by an oracle: Google's libphonenumber as PyPI has it."""

from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keymap.digits import FieldKind, restore
from middleware.domain.errors import BadPhone
from middleware.domain.registry import SERVICES, parse_line, parse_phone

DIGITS = "0123456789"
FULL_WIDTH = str.maketrans(DIGITS, "０１２３４５６７８９")
WAYS: tuple[Callable[[str], str], ...] = (
    lambda number: number,
    lambda number: f"+86 {number[:3]} {number[3:7]} {number[7:]}",
    lambda number: f"86{number}",
    lambda number: f"0086-{number[:3]}-{number[3:7]}-{number[7:]}",
    lambda number: f"17951{number}",
    lambda number: number.translate(FULL_WIDTH),
)
NUMBERS = st.from_regex(r"1[0-9]{10}", fullmatch=True, alphabet=DIGITS)
OURS = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True, alphabet=DIGITS)


def accepted(text: str) -> str:
    """What we make of it; empty when we refuse it."""
    try:
        return parse_phone(text)
    except BadPhone:
        return ""


def is_mobile(number: str) -> bool:
    """What the oracle says of a number of China."""
    parsed = phonenumbers.PhoneNumber(country_code=86, national_number=int(number))
    return (
        phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    )


@given(OURS, st.sampled_from(WAYS))
@example("17951000000", WAYS[0])
@example("13806336021", WAYS[4])
def test_a_number_is_the_same_however_it_is_typed(number: str, way: Callable[[str], str]) -> None:
    assert number == accepted(way(number))


@given(NUMBERS)
def test_we_take_what_the_oracle_takes_and_beyond_it_only_what_we_ask_to_look_at_again(number: str) -> None:
    ours, asked = bool(accepted(number)), restore(FieldKind.PHONE, number).odd

    assert is_mobile(number) == (ours and not asked)


@pytest.mark.parametrize("text", ["110", "10086", "12345", "4008001234", "06338282828", "+85251234567", "1380633602"])
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    assert not accepted(text)


# --- numbers to call back at ---------------------------------------------------------------------------------------


def called_back(text: str) -> str:
    """The line that we would call; empty when we refuse it."""
    try:
        return parse_line(text)
    except BadPhone:
        return ""


@given(OURS, st.sampled_from(WAYS))
def test_a_mobile_number_is_a_line_as_well(number: str, way: Callable[[str], str]) -> None:
    assert number == called_back(way(number))


@given(st.from_regex(r"[2-8][0-9]{6}", fullmatch=True, alphabet=DIGITS))
def test_seven_digits_are_a_line_of_rizhao_with_and_without_its_code(local: str) -> None:
    assert {called_back(local), called_back(f"0633-{local}"), called_back(f"（0633）{local}")} == {f"0633{local}"}
    assert called_back(f"0633{local}8") == "", "an eighth digit"


@given(st.from_regex(r"0[1-9][0-9]{8,10}", fullmatch=True, alphabet=DIGITS))
def test_every_landline_of_the_oracle_with_eleven_digits_is_taken(number: str) -> None:
    parsed = phonenumbers.PhoneNumber(country_code=86, national_number=int(number))
    fixed = phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE

    assert (called_back(number) == number) == (len(number) == 11)
    assert not fixed or len(number) != 11 or called_back(number) == number


@pytest.mark.parametrize("text", [*sorted(SERVICES), "4008001234", "800-820-8820"])
def test_who_calls_nobody_back_is_no_line(text: str) -> None:
    with pytest.raises(BadPhone) as told:
        parse_line(text)

    assert told.value.code == "phone_service"
