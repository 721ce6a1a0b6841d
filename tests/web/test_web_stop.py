"""The server stops in order; the port tells when it cannot be had; what is logged tells no more than counts."""

import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import globalLogPublisher

from middleware.web.edge import make_site
from middleware.web.listening import CannotListen, PortBusy, listen
from middleware.web.routes import ReadyResponse, Routes
from middleware.web.values import Parked, Response, text


def test_an_idle_connection_is_closed_at_once(town: Any) -> None:
    client = town.client()
    done = town.site.stop(10)
    assert client.wire.disconnecting
    assert not done.called
    client.leave()

    assert done.called
    assert town.site.buildProtocol(None) is None


def test_waiters_are_told_that_nothing_happened(town: Any, parse: Any) -> None:
    gone: list[bool] = []
    town.routes.exact("GET", "/events", lambda _r: Parked(lambda w: w.on_gone(lambda: gone.append(True)), b"[]"))
    client = town.client()
    client.send(b"GET /events HTTP/1.1\r\n\r\n")
    town.site.stop(10)
    status, headers, body = parse(client.answer())

    assert (status, headers["connection"], body) == (200, "close", b"[]")
    assert client.wire.disconnecting
    assert gone == [True]


def test_a_request_in_flight_is_finished_then_closed(town: Any, parse: Any) -> None:
    later: Deferred[Response] = Deferred()
    town.routes.exact("GET", "/slow", lambda _r: later)
    client = town.client()
    client.send(b"GET /slow HTTP/1.1\r\n\r\n")
    done = town.site.stop(10)
    assert not client.wire.disconnecting
    later.callback(text("done"))

    assert parse(client.answer())[::2] == (200, b"done")
    assert client.wire.disconnecting
    client.leave()
    assert done.called


def test_a_request_half_sent_is_still_answered(town: Any, parse: Any) -> None:
    town.routes.ready(b"/p/home", ReadyResponse.of(b"home"))
    client = town.client()
    client.send(b"GET /p/home HTTP/1.1\r\n")
    town.site.stop(10)
    status, headers, body = parse(client.send(b"\r\n"))

    assert (status, headers["connection"], body) == (200, "close", b"home")


def test_what_takes_too_long_is_cut(town: Any) -> None:
    town.routes.exact("GET", "/slow", lambda _r: Deferred())
    client = town.client()
    client.send(b"GET /slow HTTP/1.1\r\n\r\n")
    town.site.stop(10)
    town.wait(9)
    assert not client.wire.aborted
    town.wait(1)

    assert client.wire.aborted


def test_a_busy_port_is_named() -> None:
    reactor: Any = MemoryReactorClock()
    taken = OSError(98, "Address already in use")

    def refuse(port: int, *_args: Any, interface: str = "", **_kwargs: Any) -> None:
        raise CannotListenError(interface, port, taken)

    reactor.listenTCP = refuse
    site = make_site(Routes(), reactor, error_page=lambda status: text("", status))
    with pytest.raises(PortBusy, match=r"127\.0\.0\.1:8080: the port is in use") as caught:
        listen(reactor, site, "127.0.0.1", 8080)
    assert (caught.value.host, caught.value.port) == ("127.0.0.1", 8080)

    taken.errno = 13
    with pytest.raises(CannotListen, match="cannot listen") as other:
        listen(reactor, site, "127.0.0.1", 80)
    assert not isinstance(other.value, PortBusy)


def test_of_several_ports_all_are_opened_or_none() -> None:
    reactor: Any = MemoryReactorClock()
    closed: list[int] = []

    def open_port(port: int, *_args: Any, interface: str = "", **_kwargs: Any) -> Any:
        if port == 33200:
            raise CannotListenError(interface, port, OSError(98, "Address already in use"))
        return SimpleNamespace(stopListening=lambda: closed.append(port), getHost=lambda: SimpleNamespace(port=port))

    reactor.listenTCP = open_port
    site = make_site(Routes(), reactor, error_page=lambda status: text("", status))

    listener = listen(reactor, site, "127.0.0.1", 8080, [8082, 8080])
    listener.stop(1)
    assert (listener.port, closed) == (8080, [8080, 8082])
    with pytest.raises(PortBusy, match=r"127\.0\.0\.1:33200: the port is in use"):
        listen(reactor, site, "127.0.0.1", 8080, [8082, 33200])
    assert sorted(closed[2:]) == [8080, 8082]


def test_a_minute_is_logged_in_one_line_of_counts(town: Any) -> None:
    town.routes.prefix("GET", "/p/", lambda _r: text("page"))
    events: list[dict[str, Any]] = []
    globalLogPublisher.addObserver(events.append)
    try:
        for _ in range(3):
            town.ask(b"GET /p/rc-7?phone=13806336021 HTTP/1.1\r\n\r\n")
        town.wait(120)
    finally:
        globalLogPublisher.removeObserver(events.append)

    told = [event["log_format"].format(**event) for event in events if "requests" in event["log_format"]]
    assert told == ["requests: GET /p/* 200: 3; connections 3, parked 0, turned away 0, timed out 0"]
    assert "13806336021" not in str(events)


def test_times_are_counted_in_buckets(town: Any) -> None:
    later: Deferred[Response] = Deferred()
    town.routes.exact("GET", "/slow", lambda _r: later)
    town.ask(b"GET /slow HTTP/1.1\r\n\r\n")
    town.wait(2)
    later.callback(text("done"))
    line = next(line for line in town.site.meter.lines() if line.route == "GET /slow")

    assert (line.status, line.count, line.seconds) == (200, 1, 2.0)
    assert line.buckets == (0, 0, 0, 0, 0, 0, 0, 0, 1, 0)


def test_a_real_port_serves_and_stops(tmp_path: Any) -> None:
    script = tmp_path / "serve.py"
    script.write_text(
        "from twisted.internet import reactor\n"
        "from middleware.web.edge import make_site\n"
        "from middleware.web.listening import PortBusy, listen\n"
        "from middleware.web.routes import Routes\n"
        "from middleware.web.values import text\n"
        "routes = Routes()\n"
        "site = make_site(routes, reactor, error_page=lambda s: text('', s))\n"
        "listener = listen(reactor, site, '127.0.0.1', 0)\n"
        "routes.exact('GET', '/stop', lambda r: (reactor.callLater(0, stop), text('bye'))[1])\n"
        "def stop():\n"
        "    listener.stop(5).addCallback(lambda _: reactor.stop())\n"
        "try:\n"
        "    listen(reactor, site, '127.0.0.1', listener.port)\n"
        "except PortBusy as busy:\n"
        "    print(listener.port, busy, flush=True)\n"
        "reactor.run()\n"
    )
    paths = {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=paths) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        port = int(line.split()[0])
        assert line.strip() == f"{port} cannot listen on 127.0.0.1:{port}: the port is in use"
        with socket.create_connection(("127.0.0.1", port), 10) as client:
            client.sendall(b"GET /stop HTTP/1.1\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        assert answer.endswith(b"bye")
        assert server.wait(10) == 0
