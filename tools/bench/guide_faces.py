"""Other requests while every face of the guide is made anew, and how long that holds the reactor (epg.md §14, line 22).

    python -m tools.bench.guide_faces [--rounds 5] [--seconds 3] [--channels 100] [--days 8]

A server of its own holds a guide. ``idle`` is the p99 (ms) of a page that has nothing to do with the guide, asked for
by 8 connections all the time; ``cold`` is the same while another client changes a programme of every channel and day
and then asks for every face, again and again. ``held`` is the most CPU (ms) that the reactor's thread took between two
ticks meanwhile; ``rebuilt`` is how many times everything was made anew.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve

from epg.model import Programme
from tools.bench.side_by_side import Figures, Target, interleave, judge, report

TARGETS: Final = [
    Target("p99 of others in a rebuild", "cold", "idle", at_most=3.0, absolute=True),
    Target("CPU that holds the reactor", "held", at_most=20.0, unit="ms"),
    Target("rebuilds that were seen", "rebuilt", at_least=1.0),
]
FACES: Final = (
    "/epg.xml.gz?days=7",
    "/epg.xml?days=7&flavour=kodi",
    "/epg/v1/now",
    "/epg/v1/channels",
    "/epg/v1/search?q=nh",
    "/epg/channels.m3u",
    *(f"/epg/v1/guide?channel={number}" for number in range(1, 9)),
    *(f"/epg/diyp?ch={number}" for number in range(1, 9)),
)
TICK_S: Final = 0.005
_REQUEST: Final = "GET /other HTTP/1.1\r\nHost: tv.test\r\nAccept: */*\r\n\r\n"


def serve(channels: int, days: int) -> None:
    """Serve a guide of so many channels on a free port, print the port."""
    from twisted.internet import reactor
    from twisted.internet.task import LoopingCall
    from twisted.internet.threads import deferToThreadPool

    from middleware.garbage import EVERY, Garbage
    from middleware.headend.faces import Faces
    from middleware.services.ports import OutboxEvent
    from middleware.storage.schema import db_upgrade
    from middleware.storage.secrets import Vault
    from middleware.storage.store import Store
    from middleware.web.edge import make_site
    from middleware.web.routes import Routes
    from middleware.web.values import Request, Response, text

    real: Any = reactor
    held = Held()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/nanhu.db"
        db_upgrade(url, Path(folder))
        store = Store.open(url, vault=Vault.load(Path(folder)), reactor=real)
        store.run_sync(lambda uow: _fill(uow, channels, days))
        in_thread = lambda work: deferToThreadPool(real, real.getThreadPool(), work)  # noqa: E731
        faces = Faces(store, lambda: datetime.now(UTC), real.seconds, in_thread)
        turns = iter(range(1, 1_000_000))

        async def edit(_request: Request) -> Response:
            turn = next(turns)
            await store.run(lambda uow: _edit(uow, turn), "edit all")
            faces.tell(OutboxEvent(turn, "ContentChanged", {"noun": "programme"}))
            return text(str(turn))

        routes = Routes()
        faces.routes(routes)
        routes.exact("GET", "/other", lambda _request: Response(200, b"x" * 8000, "text/html"))
        routes.exact("GET", "/edit", edit)
        routes.exact("GET", "/held", lambda _request: text(str(held.taken())))
        real.addSystemEventTrigger("after", "shutdown", store.close)
        site = make_site(routes, real, error_page=lambda status: text("", status))
        port = real.listenTCP(0, site, interface="127.0.0.1")
        garbage = Garbage(lambda: datetime.now(UTC))  # as the whole program does
        garbage.begin()
        LoopingCall(garbage.collect).start(EVERY.total_seconds(), now=False)
        LoopingCall(held.tick).start(TICK_S)
        print(port.getHost().port, flush=True)
        real.run()


@define
class Held:
    """The most CPU, in ms, that a thread took between two ticks."""

    last: float = 0.0
    longest: float = 0.0

    def tick(self) -> None:
        now = time.thread_time()
        if self.last:
            self.longest = max(self.longest, (now - self.last) * 1000)
        self.last = now

    def taken(self) -> float:
        """The figure, which begins anew."""
        longest, self.longest = self.longest, 0.0
        return longest


def _fill(uow: Any, channels: int, days: int) -> None:
    from middleware.domain.channels import Channel
    from middleware.services import guide
    from middleware.services.ports import Airing

    for number in range(1, channels + 1):
        one = guide.add_channel(uow, Channel(0, f"c{number}.nanhu.cn", number, f"南湖{number}套"))
        rows = [Airing(0, one.id, "bench", row) for row in _programmes(one.xmltv_id, days)]
        uow.guide.write(rows, (), ())


def _programmes(channel: str, days: int) -> Iterator[Programme]:
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for n in range(days * 48):
        at, end = start + n * timedelta(minutes=30), start + (n + 1) * timedelta(minutes=30)
        yield Programme(f"{channel}-{n}", channel, at, end, f"南湖新闻{n % 40}", desc="党群众服务村民代表大会" * 8)


def _edit(uow: Any, turn: int) -> None:
    """Change the title of what is on at noon, on every day of every channel."""
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=2)
    for day in range(12):
        at = noon + timedelta(days=day)
        rows = uow.guide.between(at, at + timedelta(minutes=1))
        uow.guide.write((), [evolve(row, programme=evolve(row.programme, title=f"改动{turn}")) for row in rows], ())


@define
class Server:
    """The server in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int

    def get(self, path: str) -> bytes:
        """The body of an answer."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            body: bytes = answer.read()
            return body

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def started(channels: int, days: int) -> Server:
    """A server with its guide."""
    command = [sys.executable, "-m", "tools.bench.guide_faces", "--serve"]
    command += ["--channels", str(channels), "--days", str(days)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return Server(process, int(process.stdout.readline()))


def others(server: Server, seconds: float) -> float:
    """The p99, in ms, of pages asked for by 8 connections for so long."""
    command = [sys.executable, "-m", "tools.bench.http_load", str(server.port), "8", str(seconds)]
    done = subprocess.run(command, input=json.dumps([_REQUEST]), stdout=subprocess.PIPE, text=True, check=True)
    return float(json.loads(done.stdout)["p99_ms"])


def in_rebuild(server: Server, seconds: float, more: Figures) -> float:
    """The same while all faces are made anew again and again."""
    done = threading.Event()
    count = 0

    def rebuild() -> None:
        nonlocal count
        while not done.is_set():
            server.get("/edit")
            for path in FACES:
                server.get(path)
            count += 1

    thread = threading.Thread(target=rebuild)
    server.get("/held")
    thread.start()
    p99 = others(server, seconds)
    more.setdefault("held", []).append(float(server.get("/held")))
    done.set()
    thread.join()
    more.setdefault("rebuilt", []).append(float(count))
    return p99


def measured(server: Server, rounds: int, seconds: float) -> Figures:
    """Idle and in a rebuild, by turns."""
    more: Figures = {}
    for path in FACES:
        server.get(path)
    others(server, 0.3)
    variants = {"idle": lambda: others(server, seconds), "cold": lambda: in_rebuild(server, seconds, more)}
    return interleave(variants, rounds) | more


def main() -> int:
    """Measure and judge; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--days", type=int, default=8)
    options = parser.parse_args()
    if options.serve:
        serve(options.channels, options.days)
        return 0
    server = started(options.channels, options.days)
    try:
        figures = measured(server, options.rounds, options.seconds)
    finally:
        server.stop()
    for name, values in figures.items():
        print(f"{name:<10}", " ".join(f"{value:8.2f}" for value in values))
    return report(judge(figures, TARGETS))


if __name__ == "__main__":
    sys.exit(main())
