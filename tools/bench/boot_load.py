"""The boxes of boot_storm: calls as one box made them, and a process that makes them for thousands.

Standard input tells port, calls, boxes and the tokens known of them; standard output gets what was measured, as JSON.
"""

import json
import re
import select
import socket
import sys
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs, urlsplit

from attrs import define, frozen

from tools.stb.line import Line
from tools.stb.ministra import Ministra
from tools.stb.values import Answer, Ask, Box
from tools.trial_town import Served

AT_ONCE: Final = 64


@frozen
class Call:
    """One recorded call of a boot: its action, its request with TOKEN and MAC to be filled in, and its answer."""

    action: str
    request: bytes
    answer: bytes


def record(served: Served, address: str) -> list[Call]:
    """Boot one box and keep every call."""
    seen: list[tuple[Ask, Answer]] = []
    line = Line(saw=lambda ask, answer, _seconds: seen.append((ask, answer)))
    box = Ministra(Box(served.base, "ministra", mac=address), lambda _name, _learned: None)
    line.run(box.boot())
    line.run(box.poll())
    line.close()
    return [_call(ask, answer, box.token, address) for ask, answer in seen]


def _call(ask: Ask, answer: Answer, token: str, address: str) -> Call:
    parts = urlsplit(ask.url)
    head = "".join(f"{name}: {value}\r\n" for name, value in ask.headers)
    text = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: 10.0.0.1\r\n{head}\r\n"
    text = text.replace("action=handshake&token=&", "action=handshake&token=TOKEN&")
    text = text.replace(token, "TOKEN").replace(address.replace(":", "%3A"), "MAC")
    return Call(parse_qs(parts.query)["action"][0], text.encode(), answer.body)


def for_box(call: Call, address: str, token: str) -> bytes:
    """The call as this box makes it."""
    return call.request.replace(b"TOKEN", token.encode()).replace(b"MAC", address.replace(":", "%3A").encode())


@define
class Seat:
    """One connection of the load, with the box that boots on it."""

    peer: socket.socket
    box: str = ""
    token: str = ""
    step: int = 0
    sent: float = 0.0
    read: bytes = b""


@define
class Storm:
    """Boots boxes from one address, so many at once, each with all calls in their order; latencies in seconds."""

    port: int
    calls: Sequence[Call]
    boxes: Sequence[str]
    tokens: dict[str, str]
    latencies: list[float]
    refused: int = 0

    def run(self) -> None:
        """Until every box has booted."""
        poller, seats, waiting = select.epoll(), dict[int, Seat](), list(reversed(self.boxes))
        for _ in range(min(AT_ONCE, len(waiting))):
            peer = socket.create_connection(("127.0.0.1", self.port), 20)
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            seat = seats[peer.fileno()] = Seat(peer, waiting.pop())
            poller.register(peer.fileno(), select.EPOLLIN)
            self._send(seat)
        busy = len(seats)
        while busy:
            for descriptor, _ in poller.poll(5):
                busy -= self._heard(seats[descriptor], waiting)
        for seat in seats.values():
            seat.peer.close()
        poller.close()

    def _send(self, seat: Seat) -> None:
        call = self.calls[seat.step]
        token = seat.token or self.tokens.get(seat.box, "")
        seat.sent = time.perf_counter()
        seat.peer.sendall(for_box(call, seat.box, token))

    def _heard(self, seat: Seat, waiting: list[str]) -> int:
        """Take what came; 1 when this connection has nothing more to do."""
        piece = seat.peer.recv(1 << 18)
        if not piece:
            raise ConnectionError(f"{self.calls[seat.step].action}: the server closed a connection")
        seat.read += piece
        body = whole(seat.read)
        if body is None:
            return 0
        self.latencies.append(time.perf_counter() - seat.sent)
        self.refused += not seat.read.startswith(b"HTTP/1.1 200") or not body.startswith((b"{", b"\x1f\x8b"))
        if self.calls[seat.step].action == "handshake":
            found = re.search(rb'"token" ?: ?"([0-9A-F]+)"', body)
            seat.token = found[1].decode() if found else ""
            self.tokens[seat.box] = seat.token
        seat.step, seat.read = seat.step + 1, b""
        if seat.step == len(self.calls):
            if not waiting:
                return 1
            seat.box, seat.token, seat.step = waiting.pop(), "", 0
        self._send(seat)
        return 0


def whole(read: bytes) -> bytes | None:
    """The body once all of it is there."""
    head, found, body = read.partition(b"\r\n\r\n")
    if not found:
        return None
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    wanted = int(length[1]) if length else 0
    return body if len(body) >= wanted else None


def percentile(seconds: Sequence[float], part: float) -> float:
    """Milliseconds."""
    return sorted(seconds)[int(len(seconds) * part)] * 1000 if seconds else 0.0


def main() -> None:
    """Drive what standard input asks for."""
    asked = json.load(sys.stdin)
    calls = [Call(action, request.encode(), b"") for action, request, _ in asked["calls"]]
    storm = Storm(asked["port"], calls, asked["boxes"], asked["tokens"], [])
    storm.run()
    found = {
        "answers": len(storm.latencies), "refused": storm.refused, "tokens": storm.tokens,
        "p50": percentile(storm.latencies, 0.5), "p99": percentile(storm.latencies, 0.99),
    }  # fmt: skip
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
