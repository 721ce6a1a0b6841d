"""Requests find their endpoint, and are told what exists when they do not."""

from typing import Any

import pytest

from middleware.web.routes import ReadyResponse, Routes
from middleware.web.urlencoded import parse_raw_query
from middleware.web.values import Request, Response, text


def echo(request: Request) -> Response:
    return text(f"{request.method} {request.rest}")


def test_exact_wins_over_prefix_and_the_longest_prefix_wins(town: Any, parse: Any) -> None:
    town.routes.exact("GET", "/p/home", lambda _r: text("exact"))
    town.routes.prefix("GET", "/p/", lambda r: text("short " + r.rest))
    town.routes.prefix("GET", "/p/rc/", lambda r: text("long " + r.rest))

    def body(path: bytes) -> bytes:
        return bytes(parse(town.ask(b"GET " + path + b" HTTP/1.1\r\n\r\n"))[2])

    assert body(b"/p/home") == b"exact"
    assert body(b"/p/home2") == b"short home2"
    assert body(b"/p/rc/7/done") == b"long 7/done"
    assert body(b"/p/rc") == b"short rc"


def test_head_is_get_without_body(town: Any, parse: Any) -> None:
    town.routes.exact("GET", "/a", lambda _r: text("abc"))
    status, headers, body = parse(town.ask(b"HEAD /a HTTP/1.1\r\n\r\n"))

    assert (status, headers["content-length"], body) == (200, "3", b"")


def test_an_unknown_path_gets_the_apps_page(town: Any, parse: Any) -> None:
    status, _, body = parse(town.ask(b"GET /nowhere HTTP/1.1\r\n\r\n"))

    assert (status, body) == (404, b"page for 404")


def test_a_wrong_method_is_told_the_right_ones(town: Any, parse: Any) -> None:
    town.routes.exact("GET", "/a", echo)
    town.routes.exact("POST", "/a", echo)
    status, headers, body = parse(town.ask(b"DELETE /a HTTP/1.1\r\n\r\n"))

    assert (status, headers["allow"], body) == (405, "GET, HEAD, POST", b"page for 405")


def test_a_route_cannot_be_taken_twice() -> None:
    routes = Routes()
    routes.exact("GET", "/a", echo)
    with pytest.raises(ValueError, match="taken"):
        routes.exact("GET", "/a", echo)
    with pytest.raises(ValueError, match="end in /"):
        routes.prefix("GET", "/b", echo)


def test_a_ready_answer_is_replaced_between_two_requests(town: Any, parse: Any) -> None:
    client = town.client()
    town.routes.ready(b"/p/home", ReadyResponse.of(b"old"))
    before = parse(client.send(b"GET /p/home HTTP/1.1\r\n\r\n"))
    town.routes.swap({b"/p/home": ReadyResponse.of(b"new")})
    after = parse(client.send(b"GET /p/home HTTP/1.1\r\n\r\n"))
    town.routes.swap({}, retire=[b"/p/home"])
    gone = parse(client.send(b"GET /p/home HTTP/1.1\r\n\r\n"))

    assert (before[2], after[2], gone[0]) == (b"old", b"new", 404)
    assert before[1]["etag"] != after[1]["etag"]
    assert town.routes.revision == 3


def test_gzip_goes_only_to_those_who_take_it(town: Any, parse: Any) -> None:
    town.routes.ready(b"/r", ReadyResponse.of(b"x" * 2000))

    def encoding(accept: bytes) -> str:
        answer = parse(town.ask(b"GET /r HTTP/1.1\r\nAccept-Encoding: " + accept + b"\r\n\r\n"))
        assert answer[1]["vary"] == "Accept-Encoding"
        return str(answer[1].get("content-encoding", "plain"))

    assert [encoding(a) for a in (b"gzip", b"br, GZIP;q=0.5", b"gzip;q=0", b"gzip; q=0.0", b"identity", b"")] == [
        "gzip", "gzip", "plain", "plain", "plain", "plain"
    ]  # fmt: skip


def test_a_client_that_has_the_bytes_is_told_so(town: Any, parse: Any) -> None:
    town.routes.ready(b"/r", ReadyResponse.of(b"x" * 2000, cache_control="public, max-age=60"))
    tag = parse(town.ask(b"GET /r HTTP/1.1\r\n\r\n"))[1]["etag"].encode()

    def status(known: bytes) -> int:
        return int(parse(town.ask(b"GET /r HTTP/1.1\r\nIf-None-Match: " + known + b"\r\n\r\n"))[0])

    assert [status(k) for k in (tag, b"W/" + tag, b'"a", ' + tag, b"*", b'"a"')] == [304, 304, 304, 304, 200]
    _, headers, body = parse(town.ask(b"GET /r HTTP/1.1\r\nIf-None-Match: *\r\n\r\n"))
    assert (headers["etag"].encode(), headers["cache-control"], body) == (tag, "public, max-age=60", b"")
    assert "content-length" not in headers


def test_a_target_with_scheme_and_host_finds_its_route_and_the_ready_answers(town: Any, parse: Any) -> None:
    town.routes.exact("GET", "/a", lambda request: text(f"{request.path} {request.query['x']}"))
    town.routes.ready(b"/ready", ReadyResponse.of(b"prepared"))

    routed = parse(town.ask(b"GET http://tv.test:8080/a?x=1 HTTP/1.0\r\n\r\n"))
    ready = parse(town.ask(b"GET http://tv.test:8080/ready HTTP/1.1\r\nHost: tv.test\r\n\r\n"))

    assert (routed[0], routed[2]) == (200, b"/a 1")
    assert (ready[0], ready[2]) == (200, b"prepared")


def test_a_raw_route_is_given_what_no_browser_would_send(town: Any, parse: Any) -> None:
    def told(request: Request) -> Response:
        return text(f"{dict(request.query)} {parse_raw_query(request.target)} {request.body!r}")

    town.routes.exact("POST", "/raw", told, raw=True)
    town.routes.exact("POST", "/strict", told)
    sent = b"POST /%s?v=%%zz HTTP/1.1\r\nHost: tv\r\nContent-Length: 3\r\nContent-Type: ;odd\r\n\r\na=b"

    raw, strict = (parse(town.ask(sent % path)) for path in (b"raw", b"strict"))

    assert (raw[0], raw[2]) == (200, b"{} {'v': '%zz'} b'a=b'")
    assert strict[0] == 400
