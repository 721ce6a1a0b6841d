"""A small closed-loop HTTP client for the benches: raw sockets on epoll, one request at a time per connection.

Run as a program in a process of its own: ``python -m tools.bench.http_load PORT CONNECTIONS SECONDS < requests``
where standard input is one JSON list of requests (latin-1 text), taken in turn. Prints one JSON object.
"""

import json
import select
import socket
import sys
import time
from collections.abc import Sequence

from attrs import define, field


@define
class Connection:
    """One keep-alive connection and what it still has to read."""

    socket: socket.socket
    turn: int
    sent_at: float = 0.0
    received: bytearray = field(factory=bytearray)


def connect(port: int, count: int, host: str = "127.0.0.1") -> list[Connection]:
    """Open ``count`` connections."""
    connections = []
    for number in range(count):
        peer = socket.create_connection((host, port), 10)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.setblocking(False)
        connections.append(Connection(peer, number))
    return connections


def complete(received: bytearray) -> bool:
    """Whether a whole answer with a Content-Length has arrived."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = received.lower().find(b"content-length:", 0, end)
    if at < 0:
        return True
    length = int(received[at + 15 : received.find(b"\r\n", at)])
    return len(received) >= end + 4 + length


def drive(connections: Sequence[Connection], requests: Sequence[bytes], seconds: float) -> list[float]:
    """Keep every connection busy for so long; the latency of each answer, in seconds. Raises on an error status."""
    poller = select.epoll()
    by_descriptor = {connection.socket.fileno(): connection for connection in connections}
    latencies: list[float] = []
    for descriptor, connection in by_descriptor.items():
        poller.register(descriptor, select.EPOLLIN)
        _send(connection, requests)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for descriptor, _ in poller.poll(0.5):
            _read(by_descriptor[descriptor], requests, latencies)
    return latencies


def _send(connection: Connection, requests: Sequence[bytes]) -> None:
    connection.sent_at = time.perf_counter()
    connection.socket.send(requests[connection.turn % len(requests)])
    connection.turn += 1


def _read(connection: Connection, requests: Sequence[bytes], latencies: list[float]) -> None:
    piece = connection.socket.recv(262144)
    if not piece:
        raise ConnectionError("the server closed a connection")
    connection.received += piece
    if complete(connection.received):
        if not connection.received.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3")):
            raise ValueError(bytes(connection.received[:200]))
        latencies.append(time.perf_counter() - connection.sent_at)
        connection.received.clear()
        _send(connection, requests)


def main() -> None:
    """Drive and print how many answers came, and their latencies at 50 and 99 %."""
    port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    requests = [text.encode("latin-1") for text in json.load(sys.stdin)]
    latencies = sorted(drive(connect(port, count), requests, seconds))
    p50, p99 = (latencies[int(len(latencies) * part)] for part in (0.5, 0.99))
    print(json.dumps({"answers": len(latencies), "p50_ms": p50 * 1e3, "p99_ms": p99 * 1e3}))


if __name__ == "__main__":
    main()
