"""What becomes of an endpoint's result, its error, and a client that leaves."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from middleware.web.values import Parked, Request, Response, json_, text


def test_the_answer_carries_security_headers_and_the_date(town: Any, parse: Any) -> None:
    town.routes.exact("GET", "/a", lambda _r: text("abc"))
    town.wait(1)
    _, headers, _ = parse(town.ask(b"GET /a HTTP/1.1\r\n\r\n"))

    assert headers == {
        "server": "nanhu-tv",
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "referrer-policy": "same-origin",
        "content-type": "text/plain; charset=utf-8",
        "date": "Thu, 01 Jan 1970 00:00:01 GMT",
        "content-length": "3",
        "cache-control": "no-store",
    }


def test_an_endpoint_sees_the_whole_request(town: Any) -> None:
    seen: list[Request] = []
    town.routes.prefix("POST", "/s/", lambda r: seen.append(r) or json_(dict(r.form())))
    answer = town.ask(
        b"POST /s/x%2Fy?v=1 HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nCookie: sid=7\r\nContent-Length: 14\r\n\r\na=%E6%9D%91&b="
    )

    assert answer.endswith('{"a":"村","b":""}'.encode())
    assert (seen[0].path, seen[0].rest, seen[0].target) == ("/s/x/y", "x/y", b"/s/x%2Fy?v=1")
    assert (seen[0].headers["x-a"], seen[0].cookies, seen[0].client) == ("1, 2", {"sid": "7"}, "192.168.1.1")


def test_a_coroutine_and_a_deferred_are_awaited(town: Any, parse: Any) -> None:
    later: Deferred[Response] = Deferred()

    async def slow(_request: Request) -> Response:
        return await later

    town.routes.exact("GET", "/slow", slow)
    client = town.client()
    assert client.send(b"GET /slow HTTP/1.1\r\n\r\nGET /slow HTTP/1.1\r\n\r\n") == b""
    later.callback(text("done"))

    first, second = client.answer().split(b"HTTP/1.1 200 OK")[1:]
    assert first.endswith(b"done")
    assert second.endswith(b"done")


def test_work_is_cancelled_when_the_client_leaves(town: Any) -> None:
    cancelled: list[Deferred[Response]] = []

    def endpoint(_request: Request) -> Deferred[Response]:
        return Deferred(cancelled.append)

    town.routes.exact("GET", "/slow", endpoint)
    client = town.client()
    client.send(b"GET /slow HTTP/1.1\r\n\r\n")
    client.leave()

    assert len(cancelled) == 1
    assert town.site.meter.connections == 0


def test_an_answer_after_the_client_left_goes_nowhere(town: Any) -> None:
    later: Deferred[Response] = Deferred(lambda _d: None)  # cannot be cancelled, like a commit under way
    town.routes.exact("GET", "/slow", lambda _r: later)
    client = town.client()
    client.send(b"GET /slow HTTP/1.1\r\n\r\n")
    client.leave(cleanly=False)

    assert client.answer() == b""


@pytest.mark.parametrize("late", [False, True])
def test_a_fault_is_logged_and_answered_with_the_apps_page(
    town: Any, parse: Any, lost_errors: list[Any], late: bool
) -> None:
    async def broken_later(_request: Request) -> Response:
        raise RuntimeError("fault")

    def broken(_request: Request) -> Response:
        raise RuntimeError("fault")

    town.routes.exact("GET", "/broken", broken_later if late else broken)
    client = town.client()
    status, _, body = parse(client.send(b"GET /broken?phone=13806336021 HTTP/1.1\r\n\r\n"))

    assert (status, body) == (500, b"page for 500")
    assert "RuntimeError" in str(lost_errors)
    assert "13806336021" not in str(lost_errors)
    lost_errors.clear()
    assert parse(client.send(b"GET /nowhere HTTP/1.1\r\n\r\n"))[0] == 404


def test_an_error_that_was_meant_becomes_its_answer(town: Any, parse: Any) -> None:
    def unknown(_request: Request) -> Response:
        raise LookupError

    town.routes.exact("GET", "/unknown", unknown)
    status, _, body = parse(town.ask(b"GET /unknown HTTP/1.1\r\n\r\n"))

    assert (status, body) == (409, b"not on the roll")


def test_a_malformed_form_is_answered_in_plain_text(town: Any, parse: Any) -> None:
    town.routes.exact("POST", "/f", lambda r: json_(dict(r.form())))
    status, headers, body = parse(town.ask(b"POST /f HTTP/1.1\r\nContent-Length: 4\r\n\r\na=%f"))

    assert (status, headers["content-type"], body) == (400, "text/plain; charset=utf-8", b"broken percent escape\n")


def test_a_parked_request_is_answered_when_something_happens(town: Any, parse: Any) -> None:
    waiting: list[Any] = []
    town.routes.exact("GET", "/events", lambda _r: Parked(waiting.append))
    client = town.client()
    assert client.send(b"GET /events HTTP/1.1\r\n\r\n") == b""
    assert town.site.meter.parked == 1
    waiting[0].answer(b'[{"n":1}]')
    waiting[0].answer(b"twice")

    status, headers, body = parse(client.answer())
    assert (status, headers["content-type"], body) == (200, "application/json", b'[{"n":1}]')
    assert town.site.meter.parked == 0
    assert client.send(b"GET /events HTTP/1.1\r\n\r\n") == b""
    assert len(waiting) == 2


def test_a_waiter_that_leaves_says_so_once(town: Any) -> None:
    waiting: list[Any] = []
    gone: list[str] = []
    town.routes.exact("GET", "/events", lambda _r: Parked(waiting.append))
    client = town.client()
    client.send(b"GET /events HTTP/1.1\r\n\r\n")
    waiting[0].on_gone(lambda: gone.append("told"))
    client.leave()
    waiting[0].answer(b"[]")
    waiting[0].on_gone(lambda: gone.append("late"))

    assert gone == ["told", "late"]
    assert town.site.meter.parked == 0


def test_a_request_sent_while_waiting_is_answered_after(town: Any) -> None:
    waiting: list[Any] = []
    town.routes.exact("GET", "/events", lambda _r: Parked(waiting.append))
    town.routes.exact("GET", "/a", lambda _r: text("abc"))
    client = town.client()
    assert client.send(b"GET /events HTTP/1.1\r\n\r\n") == b""
    assert client.send(b"GET /a HTTP/1.1\r\n\r\n") == b""
    waiting[0].answer(b"[]")

    first, second = client.answer().split(b"HTTP/1.1 200 OK")[1:]
    assert first.endswith(b"[]")
    assert second.endswith(b"abc")
