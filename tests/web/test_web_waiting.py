"""Endpoints that are coroutines: those that wait for nothing are answered at once, the others when they have waited."""

from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, succeed

from middleware.web.values import Request, Response, text

GET = b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"


class Steps:
    """An endpoint that waits for each of its Deferreds and tells what it was given or what was thrown into it."""

    def __init__(self, *waits: "Deferred[str]") -> None:
        self.waits = waits
        self.seen: list[str] = []

    async def __call__(self, _request: Request) -> Response:
        try:
            for wait in self.waits:
                self.seen.append(await wait)
        except BaseException as error:
            self.seen.append(type(error).__name__)
            raise
        finally:
            self.seen.append("end")
        return text(" ".join(self.seen))


def served(town: Any, *waits: "Deferred[str]") -> tuple[Any, Steps]:
    steps = Steps(*waits)
    town.routes.exact("GET", "/x", lambda request: steps(request))
    return town.client(), steps


def test_what_waits_for_nothing_is_answered_at_once(town: Any) -> None:
    client, _ = served(town)

    assert client.send(GET).endswith(b"end")


def test_what_has_come_already_is_not_waited_for(town: Any) -> None:
    client, _ = served(town, succeed("a"), succeed("b"))

    assert client.send(GET).endswith(b"a b end")


def test_each_wait_brings_its_own_result(town: Any) -> None:
    first, second = Deferred[str](), Deferred[str]()
    client, steps = served(town, succeed("a"), first, second)

    assert client.send(GET) == b""
    first.callback("b")
    assert (client.answer(), steps.seen) == (b"", ["a", "b"])
    second.callback("c")

    assert client.answer().endswith(b"a b c end")


@pytest.mark.parametrize(("error", "status"), [(LookupError("who"), b"409"), (ValueError("oh"), b"500")])
def test_a_fault_at_any_wait_is_thrown_into_the_endpoint_and_answered(
    town: Any, lost_errors: list[str], error: Exception, status: bytes
) -> None:
    first, second = Deferred[str](), Deferred[str]()
    client, steps = served(town, first, second)

    client.send(GET)
    first.callback("a")
    second.errback(error)

    assert client.answer().startswith(b"HTTP/1.1 " + status)
    assert steps.seen == ["a", type(error).__name__, "end"]
    lost_errors.clear()


def test_a_fault_before_any_wait_is_answered(town: Any, lost_errors: list[str]) -> None:
    async def broken(_request: Request) -> Response:
        raise LookupError("who")

    town.routes.exact("GET", "/y", broken)

    assert town.ask(GET.replace(b"/x", b"/y")).startswith(b"HTTP/1.1 409")
    assert lost_errors == []


def test_work_that_waits_is_cancelled_when_its_client_leaves(town: Any) -> None:
    stopped: list[str] = []
    first, second = Deferred[str](), Deferred[str](lambda _it: stopped.append("second"))
    client, steps = served(town, first, second)

    client.send(GET)
    first.callback("a")
    client.leave()

    assert stopped == ["second"]
    assert steps.seen == ["a", CancelledError.__name__, "end"]


def test_an_endpoint_may_go_on_after_a_fault(town: Any) -> None:
    first, second = Deferred[str](), Deferred[str]()

    async def stubborn(_request: Request) -> Response:
        try:
            await first
        except ValueError:
            return text(await second)
        return text("no fault")

    town.routes.exact("GET", "/z", stubborn)
    client = town.client()

    client.send(GET.replace(b"/x", b"/z"))
    first.errback(ValueError("oh"))
    second.callback("went on")

    assert client.answer().endswith(b"went on")
