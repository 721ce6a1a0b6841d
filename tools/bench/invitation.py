"""An invitation to thousands of waiting televisions: time from the commit to the last, and keys pressed meanwhile.

    python -m tools.bench.invitation [--boxes 5000] [--rounds 5]

The real program serves a town of its own (SQLite); each of its boxes holds a long-poll. This process opens the
roll-call in the database, as the command line does, so the figure holds the outbox and the paced fan-out too. `bare` is
the peer: a small Twisted protocol that holds as many connections and writes the same bytes to all in one loop.
Limits: tv-pages §20.26 (5,000 long-polls within 2 s), scale.md G6 (15,000 within 2.5 s, keys at p99 25 ms), G7
(4 KB for a waiting television with its session) and G9 (a reactor held up for over 50 ms shows in the longest wait).
"""

import argparse
import contextlib
import json
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
from attrs import frozen

from middleware.domain.devices import Device
from middleware.domain.registry import HouseholdDraft, MemberDraft
from middleware.portal import session
from middleware.services.rollcall import Opening, close, open_rollcall
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tools.bench.side_by_side import Target, judge, report

ANSWER = b"HTTP/1.1 200 \r\nContent-Type: application/json\r\nContent-Length: 140\r\n\r\n" + b"x" * 140
BARE = f"""
import gc
from twisted.internet import reactor
from twisted.internet.protocol import Factory, Protocol
held = set()
class Held(Protocol):
    def dataReceived(self, data):
        if data == b"GO":
            for each in held:
                each.transport.write({ANSWER!r})
        else:
            held.add(self)
    def connectionLost(self, reason):
        held.discard(self)
gc.freeze()
print(reactor.listenTCP(0, Factory.forProtocol(Held), backlog=2048, interface="127.0.0.1").getHost().port, flush=True)
reactor.run()
"""


WAVE = 100
"""Televisions that come in within a tenth of a second, while memory is measured: all at once would measure the rush."""


@frozen
class Town:
    """A database with one branch whose members live behind `tokens` of boxes, one each."""

    data: Path
    store: Store
    tokens: tuple[str, ...]


def build(data: Path, boxes: int) -> Town:
    """Write a village of `boxes` households with a box and a member each."""
    Vault.create(data)
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    now = datetime.now(UTC)

    def fill(uow) -> list[int]:  # type: ignore[no-untyped-def]
        village = uow.places.add_village("v1", "南湖村")
        branch = uow.places.add_branch("b1", "南湖村党支部", village.id)
        codes = [f"h{n:05d}" for n in range(boxes)]
        uow.registry.add_households([HouseholdDraft(code, village.id) for code in codes])
        homes = uow.registry.households_by_code(codes)
        uow.registry.add_members(
            [MemberDraft(f"m{n:05d}", "王秀兰", branch.id, household_id=homes[code].id) for n, code in enumerate(codes)]
        )
        return [
            uow.devices.add(Device(0, serial=f"s{code}", household_id=homes[code].id, state="active"), now).id
            for code in codes
        ]

    key = store.vault.signing_key("session")
    return Town(data, store, tuple(session.issue(key, device, now) for device in store.run_sync(fill)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(data: Path) -> Iterator[tuple[int, psutil.Process]]:
    """The real program on a free port."""
    program, port = str(Path(sys.executable).with_name("nanhu-tv")), free_port()
    log = (data / "server.log").open("w")
    server = subprocess.Popen([program, "--data", str(data), "serve", "--port", str(port)], stdout=log, stderr=log)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(20)
        log.close()


@contextlib.contextmanager
def bare() -> Iterator[int]:
    server = subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.wait()


def park(port: int, requests: list[bytes]) -> list[socket.socket]:
    """Open a connection per request and send it; sources are spread so that ports suffice."""
    found = []
    for at, request in enumerate(requests):
        peer = socket.create_connection(("127.0.0.1", port), 20, (f"127.0.1.{1 + at // 10_000}", 0))
        # Closed by a reset: thousands of ports left waiting would be missing in the next round.
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.sendall(request)
        peer.setblocking(False)
        found.append(peer)
    return found


def last_of(peers: list[socket.socket], started: float, limit: float = 30.0) -> float:
    """Seconds from `started` until every peer has read an answer."""
    poller, waiting = select.epoll(), {peer.fileno(): peer for peer in peers}
    for descriptor in waiting:
        poller.register(descriptor, select.EPOLLIN)
    while waiting and time.monotonic() - started < limit:
        for descriptor, _ in poller.poll(0.5):
            if not waiting[descriptor].recv(65536):
                raise ConnectionError("a parked connection was closed")
            poller.unregister(descriptor)
            del waiting[descriptor]
    if waiting:
        raise TimeoutError(f"{len(waiting)} televisions were not told within {limit} s")
    return time.monotonic() - started


def settle(peers: list[socket.socket], requests: list[bytes]) -> None:
    """Poll again for those told of the round before (its roll-call was closed), until all have waited a second."""
    poller, asking = (
        select.epoll(),
        {peer.fileno(): (peer, request) for peer, request in zip(peers, requests, strict=True)},
    )
    for descriptor in asking:
        poller.register(descriptor, select.EPOLLIN)
    while told := poller.poll(1.0):
        for descriptor, _ in told:
            peer, request = asking[descriptor]
            peer.recv(65536)
            peer.sendall(request)


class Presses(threading.Thread):
    """A viewer who opens pages all the while; the latency of each, in seconds."""

    def __init__(self, port: int, token: str) -> None:
        super().__init__()
        self.latencies: list[float] = []
        self.stopped = False
        self._peer = socket.create_connection(("127.0.0.1", port))
        self._request = f"GET /p/affairs HTTP/1.1\r\nHost: x\r\nCookie: {session.COOKIE}={token}\r\n\r\n".encode()

    def run(self) -> None:
        while not self.stopped:
            started = time.monotonic()
            self._peer.sendall(self._request)
            read = self._peer.recv(1 << 20)
            while b"</html>" not in read:
                read += self._peer.recv(1 << 20)
            self.latencies.append(time.monotonic() - started)
            time.sleep(0.005)


def polls(tokens: tuple[str, ...]) -> list[bytes]:
    since = int(time.time() * 1000)
    line = "GET /poll?since={} HTTP/1.1\r\nHost: x\r\nCookie: {}={}\r\n\r\n"
    return [line.format(since, session.COOKIE, token).encode() for token in tokens]


def a_round(town: Town, port: int, bare_port: int) -> dict[str, float]:
    """Park everybody on both servers, and tell them: first the bare peer, then the product."""
    peers = park(bare_port, [b"wait"] * len(town.tokens))
    with socket.create_connection(("127.0.0.1", bare_port)) as trigger:
        time.sleep(0.5)
        started = time.monotonic()
        trigger.sendall(b"GO")
        bare_s = last_of(peers, started)
    for peer in peers:
        peer.close()
    requests = polls(town.tokens)
    peers = park(port, requests)
    settle(peers, requests)
    presses = Presses(port, town.tokens[0])
    presses.start()
    time.sleep(1.0)
    now = datetime.now(UTC)
    presses.latencies.clear()
    opened = town.store.run_sync(lambda uow: open_rollcall(uow, now, None, Opening("支部点名", "branch", 1)))
    last_s = last_of(peers, time.monotonic())
    presses.stopped = True
    presses.join()
    town.store.run_sync(lambda uow: close(uow, datetime.now(UTC), None, opened.id))
    for peer in peers:
        peer.close()
    keys = sorted(presses.latencies)
    p99, longest = keys[int(len(keys) * 0.99)] * 1000, keys[-1] * 1000
    return {"bare": bare_s, "invitation": last_s, "key p99": p99, "longest wait": longest}


def memory(town: Town, port: int, process: psutil.Process) -> float:
    """Resident KB that one more waiting television costs, once the first fifth has warmed up threads and caches."""
    fifth = len(town.tokens) // 5
    peers = park(port, polls(town.tokens[:fifth]))
    time.sleep(1.5)
    before = process.memory_info().rss
    rest = polls(town.tokens[fifth:])
    for at in range(0, len(rest), WAVE):
        peers += park(port, rest[at : at + WAVE])
        time.sleep(0.1)
    time.sleep(1.5)
    grown = process.memory_info().rss - before
    for peer in peers:
        peer.close()
    time.sleep(1.0)
    return grown / 1024 / (len(town.tokens) - fifth)


def main() -> int:
    """Measure all side by side; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--boxes", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, bare() as bare_port:
        town = build(Path(folder), options.boxes)
        with serving(town.data) as (port, process):
            waiting_kb = memory(town, port, process)
            rounds = [a_round(town, port, bare_port) for _ in range(options.rounds)]
        town.store.close()
    figures = {name: [one[name] for one in rounds] for name in rounds[0]} | {"KB per TV": [waiting_kb]}
    limit = 2.0 if options.boxes <= 5000 else 2.5
    figures["limit"] = [limit] * options.rounds
    print(json.dumps({"boxes": options.boxes}))
    return report(
        judge(
            figures,
            [
                Target("last TV against the limit", "invitation", "limit", at_most=1.0),
                Target("last TV against a bare loop", "invitation", "bare", at_most=12.0),
                Target("G6 keys pressed meanwhile", "key p99", at_most=25.0, unit="ms", absolute=True),
                Target("G9 no key waits longer", "longest wait", at_most=50.0, unit="ms", absolute=True),
                Target("G7 memory of a waiting TV", "KB per TV", at_most=4.0, unit="KB"),
            ],
        )
    )


if __name__ == "__main__":
    sys.exit(main())
