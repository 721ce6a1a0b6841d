"""Requests are decoded strictly, answers cannot be split."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleware.web.urlencoded import (
    Malformed,
    origin_form,
    parse_pairs,
    parse_raw_pairs,
    parse_raw_query,
    path_of,
    query_of,
)
from middleware.web.values import Request, Response, json_, redirect, set_cookie


def test_path_and_query_are_decoded() -> None:
    target = "/栏目/通知%20公告?%E6%9D%91=%E5%8D%97+%E6%B9%96&v=3".encode()

    assert path_of(target) == "/栏目/通知 公告"
    assert query_of(target) == {"村": "南 湖", "v": "3"}


def test_absolute_form_is_read_as_its_path() -> None:
    assert path_of(b"http://tv.example:80/p/home?f=1") == "/p/home"
    assert query_of(b"http://tv.example:80/p/home?f=1") == {"f": "1"}
    assert origin_form(b"HTTP://tv.example") == b"/"
    assert origin_form(b"http://tv.example?type=stb") == b"/?type=stb"


def decoded(target: bytes) -> tuple[str, Mapping[str, str]]:
    return path_of(target), query_of(target)


@pytest.mark.parametrize(
    "target",
    [b"/%", b"/%4", b"/%zz", b"/%ff", b"/a?x=%C3", b"/a%00b", b"/a%0d%0aX", b"*", b"home", b"ftp://x/", b"//%"],
)
def test_a_target_that_cannot_be_decoded_is_refused(target: bytes) -> None:
    with pytest.raises(Malformed):
        decoded(target)


def test_a_query_of_over_100_fields_is_refused() -> None:
    assert len(parse_pairs(b"&".join(b"f%d=1" % n for n in range(100)))) == 100
    with pytest.raises(Malformed) as caught:
        parse_pairs(b"&".join(b"f%d=1" % n for n in range(101)))

    assert caught.value.status == 413


def test_a_form_of_another_type_is_refused_with_415() -> None:
    with pytest.raises(Malformed) as caught:
        Request("POST", "/f", b"/f", headers={"content-type": "text/xml"}, body=b"a=1").form()

    assert caught.value.status == 415


def test_of_two_cookies_with_one_name_the_first_counts() -> None:
    request = Request("GET", "/", b"/", headers={"cookie": 'sid=abc; mode="large"; sid=def; broken'})

    assert request.cookies == {"sid": "abc", "mode": "large"}


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_answer_carries_a_header_with_a_line_break(name: str, value: str) -> None:
    try:
        response = Response(headers=((name, value),))
    except ValueError:
        return
    assert not set("".join(response.headers[0])) & set("\r\n\0")


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x=1", "a\nb", "a\0", "南湖"])
def test_a_line_break_in_a_header_a_type_or_a_cookie_is_an_error(value: str) -> None:
    with pytest.raises(ValueError, match="sent"):
        Response(headers=(("X-A", value),))
    with pytest.raises(ValueError, match="sent"):
        Response(content_type=value)
    with pytest.raises(ValueError, match="cookie"):
        set_cookie("sid", value)


def test_a_redirect_escapes_what_a_url_cannot_hold() -> None:
    assert redirect("/p/村?a=1\r\nX: y").headers == (("Location", "/p/%E6%9D%91?a=1%0D%0AX:%20y"),)


def test_json_is_compact_and_keeps_chinese() -> None:
    assert json_({"t": "点名", "n": 1}).body == '{"t":"点名","n":1}'.encode()


def test_a_cookie_is_kept_from_scripts_and_other_sites() -> None:
    assert set_cookie("sid", "abc-1", max_age=60) == (
        "Set-Cookie",
        "sid=abc-1; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",
    )


def test_a_raw_query_is_read_as_boxes_send_it() -> None:
    target = b"/load.php?ver=ImageDescription:%200.2;%20PORTAL&sn=1&type=stb&action=log&cmd=http://h/x?y=1&type=vod"

    fields = parse_raw_query(target)

    assert fields["ver"] == "ImageDescription: 0.2; PORTAL"
    assert fields["type"] == "stb"
    assert fields["cmd"] == "http://h/x?y=1"


def test_a_raw_query_is_never_refused() -> None:
    assert parse_raw_query(b"/x?a=%zz&b=%ff+1&&=&c") == {"a": "%zz", "b": "\ufffd 1", "": "", "c": ""}
    assert parse_raw_query(b"/x") == {}
    assert len(parse_raw_pairs(b"&".join(b"f%d=1" % n for n in range(500)))) == 100
