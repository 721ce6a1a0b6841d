"""Portals that are a function from a request to an answer, for the terminal box: in memory, or on a real socket."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tools.stb.values import Answer, Ask, Flow, strict

Portal = Callable[[Ask], Answer]


def walk(flow: Flow[Any], portal: Portal) -> Any:
    """Drive a flow against a portal."""
    steps = strict(flow)
    try:
        ask = next(steps)
        while True:
            ask = steps.send(portal(ask))
    except StopIteration as end:
        return end.value


def reply(ask: Ask, value: object) -> Answer:
    """A reply of the Stalker API."""
    return Answer(200, (("content-type", "application/json"),), json.dumps({"js": value, "text": ""}).encode(), ask.url)


def page(ask: Ask, text: str, *headers: tuple[str, str], status: int = 200, charset: str = "utf-8") -> Answer:
    """An HTML page."""
    kind = ("content-type", f"text/html; charset={charset}")
    return Answer(status, (kind, *headers), text.encode(charset), ask.url)


class Stalker:
    """A portal with one channel; what it was asked is kept. `statuses` are those of the profiles to come."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.asked: list[str] = []
        self.confirmed: list[str] = []

    def __call__(self, ask: Ask) -> Answer:
        query = {name: values[0] for name, values in parse_qs(urlsplit(ask.url).query, keep_blank_values=True).items()}
        self.asked.append(f"{query['type']}/{query['action']}")
        self.last, self.headers = query, dict(ask.headers)
        return reply(ask, self.answer(self.asked[-1], query))

    def answer(self, action: str, query: dict[str, str]) -> object:
        match action:
            case "stb/handshake":
                return {"token": "A" * 32, "random": "b" * 40, "not_valid": 0}
            case "stb/get_profile":
                status = self.statuses.pop(0) if self.statuses else 0
                said = {"block_msg": "<b>请致电</b>&nbsp;0633", "msg": "x"} if status == 1 else {}
                return {"status": status, "watchdog_timeout": 90, "timeslot": 71.5, **said}
            case "stb/do_auth":
                return query["password"] == "secret"
            case "itv/get_all_channels":
                row = {"id": "7", "number": "1", "name": "南湖新闻", "cmd": "ffmpeg http://localhost/ch/7_"}
                return {"total_items": 1, "data": [row]}
            case "itv/create_link":
                return {"cmd": "ffmpeg http://10.0.0.1:8080/l/tok/ch/7/index.m3u8", "error": ""}
            case "watchdog/get_events":
                return {"data": {} if self.confirmed else self.message}
            case "watchdog/confirm_event":
                self.confirmed.append(query["event_active_id"])
        return {}

    message = {"id": "3", "event": "send_msg", "msg": "<i>停水</i> 通知", "need_confirm": 1}  # noqa: RUF012 (never changed)


@contextlib.contextmanager
def on_a_socket(portal: Portal) -> Iterator[str]:
    """Its address while it is served."""

    class Served(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found = portal(Ask("GET", f"http://{self.headers['Host']}{self.path}", tuple(self.headers.items())))
            self.send_response(found.status)
            for name, value in (*found.headers, ("Content-Length", str(len(found.body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(found.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Served)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
