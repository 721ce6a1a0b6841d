"""Clients that ask and do not read: their answers must not pile up in memory."""

from typing import Any

from middleware.web.routes import ReadyResponse
from middleware.web.values import text

FULL = 64 * 1024
"""What a transport takes before it asks to pause."""


def ask(town: Any, target: str, times: int) -> Any:
    """Send so many requests in one piece over a transport that is full after one answer; returns the client."""
    client = town.client()
    write = client.wire.write

    def fill(data: bytes) -> None:
        write(data)
        if len(client.wire.value()) > FULL:
            client.channel.pauseProducing()

    client.wire.write = fill
    client.channel.dataReceived(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * times)
    return client


def test_requests_sent_at_once_are_answered_as_far_as_the_client_reads(town: Any) -> None:
    town.routes.exact("GET", "/big", lambda _r: text("x" * FULL))
    client = ask(town, "/big", 500)
    told = [client.answer().count(b"HTTP/1.1 200")]
    for _ in range(3):
        client.channel.resumeProducing()
        told.append(client.answer().count(b"HTTP/1.1 200"))

    assert told == [1, 1, 1, 1]


def test_ready_answers_wait_for_the_reader_too(town: Any) -> None:
    town.routes.ready(b"/ready", ReadyResponse.of(b"x" * FULL, gzip=False))
    client = ask(town, "/ready", 500)

    assert client.answer().count(b"HTTP/1.1 200") == 1


def test_all_is_answered_in_order_when_the_client_reads_on(town: Any) -> None:
    numbers = iter(range(20))
    town.routes.exact("GET", "/big", lambda _r: text(f"<{next(numbers)}>" + "x" * FULL))
    client = ask(town, "/big", 20)
    read = client.answer()
    while len(read) < 20 * FULL:
        client.channel.resumeProducing()
        more = client.answer()
        assert more, "an answer never came"
        read += more
    client.channel.resumeProducing()
    after = client.send(b"GET /missing HTTP/1.1\r\n\r\n")

    assert [f"<{n}>".encode() in read for n in range(20)] == [True] * 20
    assert read.index(b"<3>") < read.index(b"<4>")
    assert after.startswith(b"HTTP/1.1 404")


def test_who_never_reads_is_cut(town: Any) -> None:
    town.routes.exact("GET", "/big", lambda _r: text("x" * FULL))
    client = ask(town, "/big", 2)
    town.wait(town.site.limits.idle + 2)

    assert client.wire.aborted


def test_a_client_that_reads_on_while_the_server_stops_is_let_go(town: Any) -> None:
    town.routes.exact("GET", "/big", lambda _r: text("x" * FULL))
    client = ask(town, "/big", 2)
    town.site.stop(5)
    client.channel.resumeProducing()

    assert client.answer().count(b"HTTP/1.1 200") == 1
    assert client.wire.disconnecting
