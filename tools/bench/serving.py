"""Lists and segments as boxes ask for them: embedded, and with a real nginx in front (video.md §14).

    python -m tools.bench.serving [--rounds 5] [--seconds 1.5]

The real program plays out a channel on SQLite. Lists: requests per CPU-second of the program against a twisted.web
Resource that answers the same bytes; behind nginx, requests per second against a file of the same size. Segments of
0.66 MB: requests per second through nginx's check of signatures against a location without one, and from the program
itself against nginx.
"""

import argparse
import getpass
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from middleware.portal.core.signing import Signer, keys_of
from middleware.services import assets, ledger_pool
from middleware.services.assets import AssetDraft
from middleware.services.ledger_pool import Air
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from middleware.web.front import Front, front_config
from tools.bench.http_pages import measure, serve_bare
from tools.bench.side_by_side import Target, interleave, judge, report
from tools.trial_town import build, free_port, serving
from vod.catalogue import Edition, Package, Rendition
from vod.ladder import CHANNEL
from vod.library import Library

SEGMENT: Final = 660_000
SEGMENTS: Final = 20
OWN: Final = "ch1.nanhu.tv"
TARGETS: Final = [
    Target("live list, embedded", "list", "bare list", at_least=0.85),
    Target("list behind nginx", "nginx list", "nginx static", at_least=0.8),
    Target("signed segment through nginx", "nginx segment", "nginx sendfile", at_least=0.95),
    Target("segment, embedded", "segment", "nginx sendfile", at_least=1 / 6),
    Target("p99 of live lists at 1,000/s", "p99", at_most=10.0, unit="ms", absolute=True),
]
PLAIN: Final = """
    location = /list.m3u8 { root "@FOLDER@"; }
    location = /segment.ts { root "@FOLDER@"; sendfile on; tcp_nopush on; open_file_cache max=2000; }
    location / {"""


def furnish(data: Path) -> None:
    """A town whose first channel plays out two films and a slate; segments hold noise."""
    build(data)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    try:
        store.run_sync(lambda uow: _films(uow, data), "films")
    finally:
        store.close()


def _films(uow: SqlUnitOfWork, data: Path) -> None:
    """Two films and a slate, and idents of 2 to 5 s, without which no channel goes on the air."""
    whole = (540_000,) * SEGMENTS
    lengths = {"长片": whole, "短片": whole, "slate": whole} | {f"ident-{s}": (s * 90_000,) for s in (2, 3, 4, 5)}
    for title, ticks in lengths.items():
        _film(uow, data, title, ticks)
    ledger_pool.put_air(uow, datetime.now(UTC), "bench", OWN, Air(on=True))


def _film(uow: SqlUnitOfWork, data: Path, title: str, ticks: tuple[int, ...]) -> None:
    work, library, renditions = data / "work" / title, Library(data), []
    for rung in CHANNEL:
        (work / str(rung.height)).mkdir(parents=True)
        for number in range(len(ticks)):
            (work / str(rung.height) / f"{number:05d}.ts").write_bytes(secrets.token_bytes(SEGMENT))
        sizes, digests, codecs = (SEGMENT,) * len(ticks), ("a",) * len(ticks), "avc1.4d401f,mp4a.40.2"
        renditions.append(
            Rendition(rung.height, rung.width, rung.height, 25_000, codecs, 900_000, 880_000, 7200, sizes, digests)
        )
    package = Package(work, Edition(ticks, tuple(renditions)), channel=True)
    draft = AssetDraft("channel", title, origin=f"bench:{title}")
    assets.add_asset(uow, datetime.now(UTC), draft, package, lambda asset, rev: library.publish(work, asset, rev))


@contextmanager
def nginx(folder: Path, media: Path, upstream: int, keys: dict[str, str], plain: Path) -> Iterator[int]:
    """A real nginx with our configuration, and two plain files beside it; its port."""
    folder.mkdir()
    port, user = free_port(), getpass.getuser() if os.geteuid() == 0 else ""
    told = front_config(Front(f"127.0.0.1:{port}", f"127.0.0.1:{upstream}", media, keys, user))
    told = told.replace("\n    location / {", PLAIN.replace("@FOLDER@", str(plain)), 1)
    (folder / "nginx.conf").write_text(told, encoding="utf-8")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with subprocess.Popen([program, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]) as running:
        until(lambda: httpx.get(f"http://127.0.0.1:{port}/list.m3u8").status_code == 200)
        yield port
        running.terminate()


@contextmanager
def bare(body: Path) -> Iterator[tuple[Any, int]]:
    """A twisted.web Resource that answers this file; its process and port."""
    words = [sys.executable, "-m", "tools.bench.serving", "--serve", str(body)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server, int(server.stdout.readline())
        server.terminate()


def until(done: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for what is soon true; an error of the network is not yet."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if done():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def rate(port: int, request: str, seconds: float) -> float:
    """Requests per second by 16 connections."""
    return float(load(port, [request], 16, seconds)["answers"]) / seconds


def load(port: int, requests: list[str], connections: int, seconds: float) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.http_load", str(port), str(connections), str(seconds)],
        input=json.dumps(requests), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def paced(base: str, path: str, per_second: int, seconds: float) -> float:
    """p99 in ms of lists asked for at a steady pace."""
    latencies, began = [], time.perf_counter()
    with httpx.Client(base_url=base) as client:
        for number in range(int(per_second * seconds)):
            wait = began + number / per_second - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            asked = time.perf_counter()
            assert client.get(path).status_code == 200
            latencies.append((time.perf_counter() - asked) * 1000)
    return sorted(latencies)[int(len(latencies) * 0.99)]


def run(folder: Path, rounds: int, seconds: float) -> int:
    """Furnish, serve, measure, judge."""
    data = folder / "data"
    furnish(data)
    keys = dict(keys_of(Vault.load(data).signing_key, 0))
    signer = Signer(keys_of(Vault.load(data).signing_key, 0), time.time)
    listed, segment = signer.address(f"/ch/{OWN}/540.m3u8"), signer.address("/s/2-1/540/00003.ts")
    with serving(data) as town:
        until(lambda: httpx.get(town.base + listed).status_code == 200)
        (folder / "list.m3u8").write_bytes(httpx.get(town.base + listed).content)
        (folder / "segment.ts").write_bytes(httpx.get(town.base + segment).content)
        with (
            bare(folder / "list.m3u8") as (plain, plain_port),
            nginx(folder / "nginx", data / "media", town.port, keys, folder) as front,
        ):
            get = "GET {} HTTP/1.1\r\nHost: tv\r\nUser-Agent: Lavf\r\nAccept: */*\r\n\r\n".format
            process: Any = town.process
            variants: dict[str, Callable[[], float]] = {
                "bare list": lambda: measure(plain, plain_port, get("/p"), seconds),
                "list": lambda: measure(process, town.port, get(listed), seconds),
                "nginx static": lambda: rate(front, get("/list.m3u8"), seconds),
                "nginx list": lambda: rate(front, get(listed), seconds),
                "nginx sendfile": lambda: rate(front, get("/segment.ts"), seconds),
                "nginx segment": lambda: rate(front, get(segment), seconds),
                "segment": lambda: rate(town.port, get(segment), seconds),
            }
            for each in variants.values():
                each()
            figures = interleave(variants, rounds)
            figures["p99"] = [paced(town.base, listed, 1000, seconds)]
    for name, rates in figures.items():
        print(f"{name:<16}", " ".join(f"{one:9.1f}" for one in rates))
    return report(judge(figures, TARGETS))


def serve(body: Path) -> None:
    """Answer the file's bytes from a bare Resource on a free port, and print the port."""
    from twisted.internet import reactor

    real: Any = reactor
    port = real.listenTCP(0, serve_bare(body.read_bytes()), interface="127.0.0.1")
    print(port.getHost().port, flush=True)
    real.run()


def main() -> int:
    """1 when a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--serve", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return run(Path(folder), options.rounds, options.seconds)


if __name__ == "__main__":
    sys.exit(main())
