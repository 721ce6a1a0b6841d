"""Durable sign-ins per second against raw batched inserts on the same database (scale.md G4, G5).

    python -m tools.bench.signins [--rounds 5] [--seconds 60] [--only sqlite|postgres]

Every variant is interleaved within a round and judged by ratios of that round. ``raw`` writes the same rows straight
through the driver, a thousand per transaction, as durable; ``core`` is our whole decision without HTTP; ``sign-in`` is
POST to durable answer; ``no store`` the same form without a store; ``one each`` a transaction per press. Then the
presses of G5 arrive at 250 and 2,500 a second; afterwards the roll is compared with what is stored.
"""

import argparse
import select
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from attrs import frozen

from middleware.domain.registry import HouseholdDraft, MemberDraft
from middleware.services.rollcall import Opening, close, open_rollcall
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tools.bench.http_load import Connection, complete, connect
from tools.bench.side_by_side import Target, interleave, judge, report
from tools.postgres import running

MANY, FEW, EVERYBODY = 3000, 300, 15_000
CONNECTIONS, BATCH = 256, 1000
COLUMNS = (
    "rollcall_id", "member_id", "at", "way", "state", "late", "elsewhere", "device_id", "household_id", "key", "staff",
    "note", "changed",
)  # fmt: skip
POSTGRES_TYPES = (
    "bigint", "bigint", "bigint", "text", "text", "bool", "bool", "bigint", "bigint", "text", "text", "text", "bigint",
)  # fmt: skip


@frozen
class Bench:
    """One database with a town in it, and the server before it. `branches` holds the ids of the many and the few."""

    name: str
    url: str
    store: Store
    port: int
    branches: dict[int, int]

    @contextmanager
    def roll(self, size: int) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Open a roll-call of so many, give it with (member, household) of each, and close it."""
        place = {"scope": "branch", "place_id": self.branches[size]} if size in self.branches else {"scope": "town"}
        now = datetime.now(UTC)
        opening = Opening("bench", minutes=60, **place)  # type: ignore[arg-type]
        rollcall = self.store.run_sync(lambda uow: open_rollcall(uow, now, None, opening)).id
        lines = self.store.run_sync(lambda uow: uow.rollcalls.roll(rollcall), write=False).values()
        yield rollcall, [(line.member, line.household or 0) for line in lines]
        self.store.run_sync(lambda uow: close(uow, datetime.now(UTC), None, rollcall))

    def posted(self, path: str, size: int) -> float:
        """Presses per second through an endpoint."""
        with self.roll(size) as (rollcall, people):
            started = time.perf_counter()
            post(self.port, [form(path, rollcall, *one) for one in people])
            return size / (time.perf_counter() - started)

    def core(self) -> float:
        """Sign-ins per second inside the server."""
        with self.roll(MANY) as (rollcall, _):
            (answer,) = post(self.port, [encoded("/core", f"rollcall={rollcall}")], expect=b"")[1]
            return MANY / float(answer)

    def raw(self) -> float:
        """The same rows per second straight through the driver."""
        with self.roll(MANY) as (rollcall, people):
            at = int(time.time() * 1000)
            rows = [
                (rollcall, m, at, "pick", "accepted", False, False, h, h, f"{rollcall}:{m}", "", "", at)
                for m, h in people
            ]
            return MANY / (raw_sqlite if self.name == "sqlite" else raw_postgres)(self.url, rows)


def raw_sqlite(url: str, rows: Sequence[tuple[object, ...]]) -> float:
    """Seconds that SQLite needs for the rows."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
    connection.execute("PRAGMA synchronous=FULL")
    marks = ",".join("?" * len(COLUMNS))
    started = time.perf_counter()
    for start in range(0, len(rows), BATCH):
        connection.execute("BEGIN IMMEDIATE")
        batch = rows[start : start + BATCH]
        connection.executemany(
            f"INSERT INTO signins ({','.join(COLUMNS)}) VALUES ({marks}) ON CONFLICT DO NOTHING", batch
        )
        connection.execute("COMMIT")
    took = time.perf_counter() - started
    connection.close()
    return took


def raw_postgres(url: str, rows: Sequence[tuple[object, ...]]) -> float:
    """Seconds that PostgreSQL needs for the rows, by arrays: the fastest way we know from Python."""
    arrays = ",".join(f"%s::{kind}[]" for kind in POSTGRES_TYPES)
    statement = f"INSERT INTO signins ({','.join(COLUMNS)}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        started = time.perf_counter()
        for start in range(0, len(rows), BATCH):
            columns = [list(column) for column in zip(*rows[start : start + BATCH], strict=True)]
            connection.execute(statement.encode(), columns)
        return time.perf_counter() - started


def form(path: str, rollcall: int, member: int, household: int) -> bytes:
    """The request of one press."""
    return encoded(path, f"rollcall={rollcall}&device={household}&household={household}&member={member}&key=k{member}")


def encoded(path: str, body: str) -> bytes:
    """A POST as a box sends it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 10.0.0.1\r\nUser-Agent: Mozilla/5.0 (iPanel 3.0)\r\nConnection: keep-alive\r\n"
    )
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def post(
    port: int, requests: Sequence[bytes], rate: float | None = None, expect: bytes = b"accepted"
) -> tuple[list[float], list[bytes]]:
    """Send each request once, at a rate or as answers come; sorted latencies in ms from when each was due, bodies."""
    poller = select.epoll()
    peers = {peer.socket.fileno(): peer for peer in connect(port, min(CONNECTIONS, len(requests)))}
    for descriptor in peers:
        poller.register(descriptor, select.EPOLLIN)
    free, waiting = deque(peers.values()), deque(requests)
    latencies: list[float] = []
    bodies: list[bytes] = []
    start, sent = time.perf_counter(), 0
    while len(latencies) < len(requests):
        due = start + sent / rate if rate else time.perf_counter()
        while free and waiting and due <= time.perf_counter():
            peer = free.popleft()
            peer.sent_at = due
            peer.socket.send(waiting.popleft())
            sent += 1
            due = start + sent / rate if rate else due
        pause = max(0.0, due - time.perf_counter()) if rate and waiting and free else 5.0
        for descriptor, _ in poller.poll(pause):
            if (body := answered(peers[descriptor], expect)) is not None:
                latencies.append((time.perf_counter() - peers[descriptor].sent_at) * 1000)
                bodies.append(body)
                free.append(peers[descriptor])
    for peer in peers.values():
        peer.socket.close()
    poller.close()
    return sorted(latencies), bodies


def answered(peer: Connection, expect: bytes) -> bytes | None:
    """The body of a whole answer, None while it is not whole. Raises ValueError for one that is not expected."""
    peer.received += peer.socket.recv(65536)
    if not complete(peer.received):
        return None
    head, _, body = bytes(peer.received).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or not body.startswith(expect):
        raise ValueError(head[:200] + body[:200])
    peer.received.clear()
    return body


def settle(store: Store) -> dict[int, int]:
    """Write a town of 15,000 members in 7,500 households; the ids of the branches of 3,000 and of 300."""

    def write(uow):  # type: ignore[no-untyped-def]
        village = uow.places.add_village("v01", "bench")
        sizes = (MANY, FEW, EVERYBODY - MANY - FEW)
        branches = {size: uow.places.add_branch(f"b{size}", f"branch of {size}", village.id).id for size in sizes}
        uow.registry.add_households([HouseholdDraft(f"{n:05d}", village.id) for n in range(EVERYBODY // 2)])
        homes = [home.id for home in uow.registry.households()]
        order = [branches[size] for size in sizes for _ in range(size)]
        people = [
            MemberDraft(f"m{n:05d}", "bench", branch, household_id=homes[n // 2]) for n, branch in enumerate(order)
        ]
        uow.registry.add_members(people)
        return {size: branches[size] for size in (MANY, FEW)}

    return store.run_sync(write)


@contextmanager
def served(name: str, url: str, data: Path) -> Iterator[Bench]:
    """A migrated and settled database with the server before it."""
    db_upgrade(url, data)
    store = Store.open(url, vault=Vault.load(data))
    branches = settle(store)
    command = [sys.executable, "-m", "tools.bench.signins_server", url, str(data)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        yield Bench(name, url, store, int(server.stdout.readline()), branches)
    finally:
        server.terminate()
        server.wait()
        store.close()


def variants(bench: Bench) -> dict[str, Callable[[], float]]:
    """Everything that is interleaved, by name."""
    return {
        f"{bench.name} raw": bench.raw,
        f"{bench.name} core": bench.core,
        f"{bench.name} sign-in": lambda: bench.posted("/sign", MANY),
        f"{bench.name} no store": lambda: bench.posted("/nothing", MANY),
        f"{bench.name} one each": lambda: bench.posted("/single", FEW),
    }


def paced(bench: Bench, rate: int, count: int) -> dict[str, list[float]]:
    """Sign in so many at a rate: the latency at 99 % in ms, how many acknowledged ones are not stored once."""
    with bench.roll(EVERYBODY) as (rollcall, people):
        stall(bench.port)
        latencies, _ = post(bench.port, [form("/sign", rollcall, *one) for one in people[:count]], rate)
        longest = stall(bench.port)
        stored = bench.store.run_sync(lambda uow: [line.signin for line in uow.rollcalls.lines(rollcall)], write=False)
    keys = [signin.key for signin in stored if signin]
    p99 = latencies[int(len(latencies) * 0.99)]
    wrong = abs(count - len(keys)) + len(keys) - len(set(keys))
    print(f"{bench.name} {count} at {rate}/s: p50 {latencies[count // 2]:.1f} ms, p99 {p99:.1f} ms, stored {len(keys)}")
    name = f"{bench.name} {rate}/s"
    return {name: [p99], f"{name} lost or doubled": [float(wrong)], f"{name} stall": [longest]}


def stall(port: int) -> float:
    """For how many ms the reactor was longest held up since this was last asked."""
    _, (body,) = post(port, [encoded("/stall", "")], expect=b"")
    return float(body)


def targets(name: str) -> list[Target]:
    """What scale.md asks of one database, and the ratio to raw inserts, for which it gives no figure."""
    one, slow, fast = f"{name} sign-in", f"{name} 250/s", f"{name} 2500/s"
    return [
        Target("G4 ÷ same endpoint", one, f"{name} no store", at_least=0.4),
        Target("G4 ÷ one transaction each", one, f"{name} one each", at_least=3.0),
        Target("core ÷ raw inserts", f"{name} core", f"{name} raw", at_least=0.2, goal=True),
        Target("sign-in ÷ raw inserts", one, f"{name} raw", at_least=0.1, goal=True),
        Target("G5 lost or doubled", f"{slow} lost or doubled", at_most=0),
        Target("G5 lost or doubled, burst", f"{fast} lost or doubled", at_most=0),
        Target("G5 p99", slow, at_most=50, unit="ms", absolute=True),
        Target("G5 p99, burst", fast, at_most=100, unit="ms", absolute=True),
        Target("G9 longest stall", f"{slow} stall", at_most=50, unit="ms", absolute=True),
        Target("G9 longest stall, burst", f"{fast} stall", at_most=50, unit="ms", absolute=True),
    ]


def main() -> int:
    """Measure, print, and return 1 when a judged target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=60, help="how long presses arrive at 250 a second")
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    with ExitStack() as stack:
        benches = []
        for name in (options.only,) if options.only else ("sqlite", "postgres"):
            data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = f"sqlite:///{data}/bench.db" if name == "sqlite" else stack.enter_context(running()).create("bench")
            benches.append(stack.enter_context(served(name, url, data)))
        everything = {name: run for bench in benches for name, run in variants(bench).items()}
        for run in everything.values():
            run()  # warm up
        figures = interleave(everything, options.rounds)
        for name, rates in figures.items():
            print(f"{name:<20}", " ".join(f"{rate:8.0f}" for rate in rates), "per second")
        for bench in benches:
            figures |= paced(bench, 250, min(EVERYBODY, 250 * options.seconds))
            figures |= paced(bench, 2500, EVERYBODY)
    return report(judge(figures, [target for bench in benches for target in targets(bench.name)]))


if __name__ == "__main__":
    sys.exit(main())
