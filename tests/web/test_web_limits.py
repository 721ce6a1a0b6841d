"""Every input is bounded, and told so in plain text."""

from typing import Any

import pytest

from middleware.web.values import Parked, text


@pytest.fixture
def form(town: Any) -> Any:
    town.routes.exact("POST", "/f", lambda r: text(str(len(r.body))))
    town.routes.exact("POST", "/roster", lambda r: text(str(len(r.body))), max_body=200_000)
    return town


def post(path: bytes, length: int, body: bytes = b"") -> bytes:
    return b"POST %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (path, length, body)


def chunked(path: bytes, *chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"POST %s HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n" % (path, body)


def test_a_body_of_64_kb_is_taken(form: Any, parse: Any) -> None:
    assert parse(form.ask(post(b"/f", 65536, b"x" * 65536)))[2] == b"65536"
    assert parse(form.ask(chunked(b"/f", b"x" * 65000, b"y" * 536)))[2] == b"65536"


def test_a_connection_keeps_nothing_of_a_thousand_forms(form: Any) -> None:
    client = form.client()
    for _ in range(1000):
        assert client.send(post(b"/f", 3, b"a=1")).endswith(b"3")

    assert (client.channel.requests, client.channel._dataBuffer, client.channel._buffer) == ([], [], b"")


@pytest.mark.parametrize(
    "method", [post(b"/f", 65537), chunked(b"/f", b"x" * 65000, b"y" * 537), post(b"/none", 99999)]
)
def test_a_longer_body_is_refused(form: Any, parse: Any, method: bytes) -> None:
    client = form.client()
    status, headers, body = parse(client.send(method))

    assert (status, headers["connection"], body) == (413, "close", b"the request body is too large\n")
    assert client.wire.half_closed
    assert client.send(b"GET /f HTTP/1.1\r\n\r\n") == b""


def test_an_upload_route_takes_more(form: Any, parse: Any) -> None:
    assert parse(form.ask(post(b"/roster", 200_000, b"x" * 200_000)))[2] == b"200000"
    assert parse(form.ask(post(b"/roster", 200_001)))[0] == 413


def test_a_client_is_asked_to_continue_only_when_its_body_fits(form: Any, parse: Any) -> None:
    ask = b"POST /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"

    assert form.ask(ask % 10) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert parse(form.ask(ask % 70_000))[0] == 413


def test_a_target_of_8_kb_is_taken_and_a_longer_one_refused(form: Any, parse: Any) -> None:
    assert parse(form.ask(b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * 8191)))[0] == 404
    for length in (8192, 15_000, 17_000):
        client = form.client()
        status, headers, _ = parse(client.send(b"GET /%s HTTP/1.1\r\n\r\n" % (b"a" * length)))
        assert (length, status, headers["connection"]) == (length, 414, "close")


@pytest.mark.parametrize("block", [b"X: %s\r\n" % (b"a" * 4000) * 5, b"X: %s\r\n" % (b"a" * 17_000)])
def test_headers_over_16_kb_are_refused(form: Any, parse: Any, block: bytes) -> None:
    assert parse(form.ask(b"GET / HTTP/1.1\r\n" + block + b"\r\n"))[0] == 431


@pytest.mark.parametrize(
    "data",
    [
        b"GET\r\n\r\n",
        b"GET / HTTP/3.0\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nspace : x\r\n\r\n",
        b"POST /f HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /f HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /f HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        b"POST /f HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 120 + b"\r\n",
    ],
)
def test_what_is_not_http_is_refused_and_nothing_after_it_is_read(form: Any, parse: Any, data: bytes) -> None:
    client = form.client()
    status, headers, body = parse(client.send(data + b"GET /f HTTP/1.1\r\n\r\n"))

    assert (status, headers["connection"], body) == (400, "close", b"bad request\n")


def test_a_target_that_cannot_be_decoded_leaves_the_connection_open(form: Any, parse: Any) -> None:
    client = form.client()

    assert parse(client.send(b"GET /%ff HTTP/1.1\r\n\r\n"))[0] == 400
    assert parse(client.send(b"GET / HTTP/1.1\r\n\r\n"))[0] == 404


def test_a_connection_beyond_the_limit_is_turned_away(town_with: Any) -> None:
    town = town_with(connections=2)
    first = town.client()
    town.client()

    assert town.site.buildProtocol(None) is None
    assert town.site.meter.turned_away == 1
    first.leave()
    assert town.site.buildProtocol(None) is not None


def test_an_idle_connection_is_closed(town: Any) -> None:
    client = town.client()
    town.wait(75)
    assert not client.wire.disconnecting
    town.wait(1)
    assert client.wire.disconnecting
    town.wait(6)
    assert client.wire.aborted


def test_a_request_that_trickles_in_is_given_up(town: Any, parse: Any) -> None:
    client = town.client()
    for piece in b"GET / HTTP/1.1\r\nX: abcdefghij":
        assert client.send(bytes([piece])) == b""
        town.wait(1)
        if client.wire.half_closed:
            break

    assert parse(client.answer())[0] == 408
    assert town.site.meter.timed_out == 1


def test_a_long_upload_has_time_by_its_length(form: Any) -> None:
    client = form.client()
    client.send(post(b"/roster", 160_000, b"x"))
    form.wait(25)
    assert not client.wire.half_closed
    form.wait(10)
    assert client.wire.half_closed


def test_a_request_that_is_being_answered_has_no_deadline(town: Any) -> None:
    waiting: list[Any] = []
    town.routes.exact("GET", "/events", lambda _r: Parked(waiting.append))
    client = town.client()
    client.send(b"GET /events HTTP/1.1\r\n\r\n")
    town.wait(300)
    waiting[0].answer(b"[]")

    assert client.answer().endswith(b"[]")
    assert not client.wire.disconnecting
