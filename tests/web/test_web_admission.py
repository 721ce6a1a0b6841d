"""Long bodies are read only from whom their route admits; the others are told before they have sent them."""

from typing import Any

import pytest

from middleware.web.routes import MAX_BODY
from middleware.web.values import Request, Response, text


@pytest.fixture
def upload(town: Any) -> Any:
    def taken(request: Request) -> Response:
        return text(str(len(request.body)))

    town.routes.exact("POST", "/up", taken, max_body=10 * MAX_BODY, admit=lambda headers: headers.get("cookie") == "me")
    return town


def post(length: int, cookie: str, body: bytes = b"") -> bytes:
    return f"POST /up HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nContent-Length: {length}\r\n\r\n".encode() + body


def test_a_stranger_is_refused_before_he_sends_it(upload: Any, parse: Any) -> None:
    client = upload.client()

    assert parse(client.send(post(MAX_BODY + 1, "you")))[0] == 403
    assert client.wire.half_closed


def test_a_stranger_cannot_hide_the_length(upload: Any, parse: Any) -> None:
    chunked = b"POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert parse(upload.client().send(chunked))[0] == 403


def test_a_short_form_of_a_stranger_reaches_the_endpoint_which_says_why_not(upload: Any, parse: Any) -> None:
    assert parse(upload.client().send(post(3, "you", b"abc")))[2] == b"3"


def test_who_is_admitted_may_send_all_that_the_route_takes(upload: Any, parse: Any) -> None:
    size = 10 * MAX_BODY
    answer = upload.client().send(post(size, "me", b"x" * size))

    assert parse(answer)[2] == str(size).encode()
    assert parse(upload.client().send(post(size + 1, "me")))[0] == 413
