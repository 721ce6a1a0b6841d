"""A box's token is its own: forged, altered or stale ones open nothing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from middleware.portal.session import LIFETIME, Pass, issue, issue_guest, read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEY = b"k" * 32


@given(st.integers(1, 2**31), st.integers(0, int(LIFETIME.total_seconds())))
def test_a_token_names_its_box_until_it_is_stale(device: int, age: int) -> None:
    token = issue(KEY, device, NOW)

    assert read(KEY, token, NOW + timedelta(seconds=age)) == Pass(device, int(NOW.timestamp()))
    assert read(KEY, token, NOW + LIFETIME + timedelta(seconds=2)) is None
    assert read(b"x" * 32, token, NOW) is None


@given(st.integers(0, 60), st.characters(min_codepoint=33, max_codepoint=126))
def test_an_altered_token_opens_nothing(at: int, other: str) -> None:
    token = issue(KEY, 4711, NOW)
    at %= len(token)
    altered = token[:at] + other + token[at + 1 :]

    assert altered == token or read(KEY, altered, NOW) is None


@given(st.text(max_size=200))
def test_any_text_is_refused_without_a_fault(text: str) -> None:
    assert read(KEY, text, NOW) is None


def test_a_guests_token_names_no_box_and_keeps_its_key_family() -> None:
    token = issue_guest(KEY, "ctc-overseas", NOW)

    assert read(KEY, token, NOW) == Pass(0, int(NOW.timestamp()), "ctc-overseas")
