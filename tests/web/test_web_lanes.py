"""The cached lane and the parser give the same bytes, wherever the network cuts them."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from middleware.web.lane import judge
from middleware.web.routes import ReadyResponse
from middleware.web.values import Request, Response, text

HOME = ReadyResponse.of(b"<p>" + b"home " * 300)
LINES = [
    b"Host: 10.0.0.1",
    b"User-Agent: iPanel/3.0",
    b"Cookie: sid=1",
    b"Accept-Encoding: gzip, deflate",
    b"Accept-Encoding: gzip;q=0",
    b"accept-ENCODING:\t gzip \t",
    b"Connection: keep-alive",
    b"Connection: close",
    b"Connection: Keep-Alive, Close",
    b"Connection: keep-alive, Upgrade",
    b"Upgrade: websocket",
    b"Authorization: Basic eA==",
    b"Range: bytes=0-5",
    b"Content-Length: 0",
    b"Content-Length: 3",
    b"Transfer-Encoding: chunked",
    b"Expect: 100-continue",
    b"If-None-Match: *",
    b"If-None-Match: " + HOME.plain.etag,
    b'If-None-Match: "other"',
    b"If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    b" folded",
    b"no colon",
    b"Bad Name: x",
    b": x",
    b"X-Bin: \xff\x80",
    b"X-Nul: \x00",
    b"X-Cr: a\rb",
    b"X-Lf: a\nb",
    b"X-Long: " + b"y" * 5000,
]
FIRST = [
    b"GET /p/home HTTP/1.1",
    b"GET /p/home HTTP/1.0",
    b"HEAD /p/home HTTP/1.1",
    b"POST /p/home HTTP/1.1",
    b"GET /p/home?x HTTP/1.1",
    b"GET /p/echo?f=1 HTTP/1.1",
    b"GET  /p/home HTTP/1.1",
    b"GET /p/home  HTTP/1.1",
    b"get /p/home HTTP/1.1",
    b"",
]
REQUEST = st.builds(
    lambda first, lines, body: b"\r\n".join([first, *lines, b"", body]),
    st.sampled_from([FIRST[0]] * 6 + FIRST),
    st.lists(st.sampled_from([*LINES[:3], *LINES]), max_size=3),
    st.sampled_from([b"", b"", b"", b"abc", b"0\r\n\r\n"]),
)


def echo(request: Request) -> Response:
    return text(repr((request.target, sorted(request.headers.items()), request.body)))


def served(town: Any, pieces: list[bytes]) -> tuple[bytes, bool]:
    """What one connection answers to these pieces, and whether it then closes."""
    client = town.client()
    answer = b"".join(client.send(piece) for piece in pieces)
    return answer, client.wire.disconnecting or client.wire.half_closed


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150)
@given(st.lists(REQUEST, min_size=1, max_size=3), st.data())
def test_the_same_bytes_cut_anywhere_are_answered_alike(town_with: Any, requests: list[bytes], data: Any) -> None:
    town = town_with()
    town.routes.ready(b"/p/home", HOME)
    town.routes.prefix("GET", "/p/", echo)
    stream = b"".join(requests)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(stream) - 1), max_size=6))) if len(stream) > 1 else []
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    bytewise = [stream[n : n + 1] for n in range(len(stream))]

    assert served(town, requests) == served(town, pieces) == served(town, bytewise) == served(town, [stream])


def test_every_pair_of_headers_is_answered_alike_whole_and_cut(town: Any) -> None:
    town.routes.ready(b"/p/home", HOME)
    for pair in itertools.product(LINES, repeat=2):
        whole = b"\r\n".join([FIRST[0], *pair, b"", b""])
        assert served(town, [whole]) == served(town, [whole[:30], whole[30:]]), pair


@pytest.mark.parametrize(
    "lines", [[], LINES[:3], LINES[:4], [LINES[6]], LINES[17:18], LINES[20:21], [b"Accept: */*", b"DNT: 1"]]
)
def test_a_plain_get_goes_by_the_lane(town: Any, lines: list[bytes]) -> None:
    town.routes.ready(b"/p/home", HOME)

    assert town.site.lane.answer(b"\r\n".join([FIRST[0], *lines, b"", b""])) is not None


@pytest.mark.parametrize("line", [line for line in LINES[7:] if b"If-" not in line and len(line) < 99])
def test_what_could_change_the_answer_is_left_to_the_parser(line: bytes) -> None:
    assert judge(b"Host: x\r\n" + line + b"\r\n\r\n") is None


@pytest.mark.parametrize("first", FIRST[1:])
def test_only_the_exact_request_line_goes_by_the_lane(town: Any, first: bytes) -> None:
    town.routes.ready(b"/p/home", HOME)

    assert town.site.lane.answer(first + b"\r\n\r\n") is None


def test_two_requests_in_one_piece_are_both_answered(town: Any) -> None:
    town.routes.ready(b"/p/home", HOME)
    both = b"GET /p/home HTTP/1.1\r\n\r\n" * 2

    assert town.site.lane.answer(both) is None
    assert town.ask(both).count(HOME.plain.body) == 2


def test_the_memory_of_judged_headers_is_bounded(town: Any) -> None:
    town.routes.ready(b"/p/home", HOME)
    for number in range(10_000):
        assert town.site.lane.answer(b"GET /p/home HTTP/1.1\r\nCookie: sid=%d\r\n\r\n" % number)

    assert len(town.site.lane._judged) <= 4096


def test_both_lanes_are_counted(town: Any) -> None:
    town.routes.ready(b"/p/home", HOME)
    client = town.client()
    client.send(b"GET /p/home HTTP/1.1\r\n\r\n")
    client.send(b"GET /p/home HTTP/1.1\r\n")
    client.send(b"\r\nGET /p/home HTTP/1.1\r\nIf-None-Match: *\r\n\r\n")

    assert [(line.route, line.status, line.count) for line in town.site.meter.lines()] == [
        ("(ready)", 200, 2),
        ("(ready)", 304, 1),
    ]


@pytest.mark.parametrize("line", [LINES[0], LINES[6], LINES[11], LINES[12], b"Connection: Keep-Alive"])
def test_a_whole_get_of_a_route_is_read_in_one_go(town: Any, line: bytes) -> None:
    name, _, value = line.partition(b": ")

    read = town.site.lane.read(b"GET /p/echo?f=%zz HTTP/1.1\r\n" + line + b"\r\n\r\n")

    assert read == (b"/p/echo?f=%zz", {name.decode().lower(): value.decode()})


@pytest.mark.parametrize("line", [LINES[7], LINES[8], LINES[9], LINES[10], *LINES[13:17], *LINES[21:29]])
def test_what_could_change_the_connection_is_not_read_in_one_go(town: Any, line: bytes) -> None:
    assert town.site.lane.read(b"GET /p/echo HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n\r\n") is None


@pytest.mark.parametrize(
    "data",
    [
        b"GET /a HTTP/1.1\r\n\r\nGET",
        b"GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET /a b HTTP/1.1\r\n\r\n",
    ],
)
def test_only_one_whole_request_is_read_in_one_go(town: Any, data: bytes) -> None:
    assert town.site.lane.read(data) is None


def test_what_comes_while_a_request_read_in_one_go_is_answered_waits_its_turn(town: Any) -> None:
    waiting: list[Deferred[Response]] = []

    def slow(_request: Request) -> Deferred[Response]:
        waiting.append(Deferred())
        return waiting[-1]

    town.routes.exact("GET", "/slow", slow)
    client = town.client()
    one = b"GET /slow HTTP/1.1\r\nHost: tv\r\n\r\n"
    answers = [client.send(one), client.send(one), client.send(one[:20])]

    waiting[0].callback(text("first"))
    answers.append(client.answer())
    waiting[1].callback(text("second"))
    answers.append(client.answer())
    client.send(one[20:])
    waiting[2].callback(text("third"))
    answers.append(client.answer())

    assert answers[:3] == [b"", b"", b""]
    assert [answer.rpartition(b"\r\n")[2] for answer in answers[3:]] == [b"first", b"second", b"third"]


def test_a_client_that_leaves_cancels_what_was_read_in_one_go(town: Any) -> None:
    cancelled: list[bool] = []
    town.routes.exact("GET", "/slow", lambda _request: Deferred(lambda _waiting: cancelled.append(True)))
    client = town.client()
    client.send(b"GET /slow HTTP/1.1\r\nHost: tv\r\n\r\n")

    client.leave()

    assert cancelled == [True]
