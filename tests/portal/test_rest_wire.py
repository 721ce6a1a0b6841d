"""REST v1 on the wire, without a store: Basic, ids, fields, moments, the two shapes of an answer."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.domain.operators import ApiUser
from middleware.portal.rest.fields import Field, read_fields
from middleware.portal.rest.wire import (
    MOST_IDS,
    Credentials,
    Refused,
    credentials,
    done,
    moment_text,
    read_moment,
    refused,
    split_path,
    unauthorized,
)
from middleware.services.operators import may_call_from

MIDNIGHT = datetime(2026, 12, 30, 16, 0, tzinfo=UTC)
"""2026-12-31 in the town."""


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def refusal(fields: list[Field], **sent: str) -> str:
    with pytest.raises(Refused) as caught:
        read_fields(fields, sent)
    return str(caught.value)


def test_a_login_and_a_secret_are_read_and_the_secret_may_hold_colons() -> None:
    assert credentials(basic("boss:a:b")) == Credentials("boss", "a:b")
    assert "a:b" not in repr(credentials(basic("boss:a:b")))


@pytest.mark.parametrize(
    "header",
    [
        *("", "Basic", "Basic ???", "Bearer abc", basic("boss"), basic(":x"), basic("boss:")),
        *(basic("b" * 65 + ":x"), basic("boss:" + "x" * 129), "Basic " + base64.b64encode(b"\xff:\xff").decode()),
    ],
)
def test_anything_else_is_nobody(header: str) -> None:
    assert credentials(header) is None


@given(st.text(max_size=200))
def test_no_header_raises(header: str) -> None:
    assert credentials(header) is None or header.lower().startswith("basic ")


def test_a_path_is_a_resource_and_its_ids_each_once() -> None:
    assert split_path("stb") == ("stb", ())
    assert split_path("stb/") == ("stb", ())
    assert split_path("stb/00:1A:79:00:00:01, 1001,1001,/") == ("stb", ("00:1A:79:00:00:01", "1001"))


def test_ids_are_bounded_in_number_and_length() -> None:
    assert len(split_path("stb/" + ",".join(map(str, range(MOST_IDS))))[1]) == MOST_IDS
    for path in ("stb/" + ",".join(map(str, range(MOST_IDS + 1))), "stb/" + "9" * 65):
        with pytest.raises(Refused):
            split_path(path)


def test_done_and_not_done_have_the_shapes_that_billing_knows() -> None:
    assert done([1]) == b'{"status":"OK","results":[1]}'
    assert refused(Refused("STB not found")).body == b'{"status":"ERROR","error":"STB not found","results":null}'
    assert refused(Refused("STB not found")).status == 200


def test_a_stranger_gets_401_and_is_asked_for_basic() -> None:
    answer = refused(unauthorized())

    assert answer.status == 401
    assert answer.body == b'{"status":"ERROR","error":"401 Unauthorized request","results":null}'
    assert dict(answer.headers)["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("text", ["2026-12-31 00:00:00", "2026-12-31 00:00", "2026-12-31", " 2026-12-31 "])
def test_moments_are_read_on_the_clock_of_the_town(text: str) -> None:
    assert read_moment(text) == MIDNIGHT


def test_no_moment_is_an_empty_text_or_the_zero_of_mysql() -> None:
    assert [read_moment(text) for text in ("", "0000-00-00 00:00:00", "0000-00-00")] == [None] * 3
    assert moment_text(None) == ""


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_a_moment_written_is_read_back_to_the_second(at: datetime) -> None:
    assert read_moment(moment_text(at)) == at.replace(microsecond=0)


def test_fields_are_read_by_their_kinds_and_others_are_left_alone() -> None:
    fields = [
        Field("login", ""),
        Field("status", "", "flag"),
        Field("ttl", "", "number", most=100),
        Field("end_date", "", "moment"),
        Field("stb_mac", "", "macs"),
        Field("comment", ""),
    ]
    sent = {"login": " u1 ", "status": "1", "ttl": "60", "end_date": "2026-12-31", "stb_mac": "001a79000001,", "x": "y"}

    assert read_fields(fields, sent) == {
        "login": "u1",
        "status": True,
        "ttl": 60,
        "end_date": MIDNIGHT,
        "stb_mac": ("00:1A:79:00:00:01",),
    }


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        (Field("status", "", "flag"), "2", "status should be 1 or 0"),
        (Field("ttl", "", "number", most=9), "10", "ttl should be a whole number up to 9"),
        (Field("ttl", "", "number", most=9), "-1", "ttl should be a whole number up to 9"),
        (Field("ttl", "", "number", most=9), "²", "ttl should be a whole number up to 9"),
        (Field("end_date", "", "moment"), "31.12.2026", "end_date should be written as 2026-12-31 00:00:00"),
        (Field("mac", "", "mac"), "00:1A", "Not valid mac address"),
        (Field("msg", "", most=3), "four", "msg has more than 3 characters"),
        (Field("event", "", words=("reboot",)), "explode", "event should be one of reboot"),
        (Field("login", "", required=True), "", "login required"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named(field: Field, text: str, told: str) -> None:
    assert refusal([field], **{field.name: text}) == told


def test_a_login_may_be_bound_to_networks() -> None:
    bound = ApiUser(1, "boss", b"", addresses=("10.0.0.0/8", "2001:db8::/32"))

    assert [may_call_from(bound, one) for one in ("10.9.8.7", "2001:db8::1", "11.0.0.1", "", "::1")] == [True, True] + [
        False
    ] * 3
    assert may_call_from(ApiUser(1, "boss", b""), "11.0.0.1")
