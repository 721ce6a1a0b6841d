"""A channel of tiny films on a port of its own: our lists, our segments, a ledger in memory that tests may add to.

The programme is encrypted and has subtitles, ident and filler have neither.
"""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from attrs import evolve

from vod import playlists, subtitles
from vod.catalogue import NO_WORDS, Edition
from vod.encrypting import Lock
from vod.ffmpeg_args import EncodePlan, encode_args
from vod.index import index
from vod.ladder import Rung
from vod.linear import Draft, Effective, Film, Pool, Row, edge, fold, next_row
from vod.playlists import FULL

RUNGS = (Rung(360, 128, 150, 200, 400, "3.0", "3.0"), Rung(540, 192, 250, 300, 600, "3.0", "3.0"))
LENGTHS = {1: 6, 2: 3, 3: 12}
"""Seconds of each film: slate and filler, an ident, a programme."""


def film(folder: Path, asset: int, seconds: int) -> Edition:
    """Package pictures that move and a tone as the product does, in two small rungs."""
    source, work = folder / f"{asset}.mp4", folder / "s" / f"{asset}-1"
    look = ["testsrc2", "smptebars", "testsrc"][asset % 3]
    given = ["-f", "lavfi", "-i", f"{look}=s=192x108:r=25", "-f", "lavfi", "-i", f"sine=f={200 * asset}"]
    made = ["-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(source)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *given, *made], check=True)
    work.mkdir(parents=True)
    plan = EncodePlan(source, 0, 1, False, seconds * 1000, seconds * 1000, RUNGS, "ultrafast")
    subprocess.run(["ffmpeg", "-y", *encode_args(plan)], cwd=work, check=True, capture_output=True)
    return index(work, RUNGS)


class Air:
    """The channel since two minutes ago. `programmes` follow each other without end from now on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.editions = {asset: film(folder, asset, seconds) for asset, seconds in LENGTHS.items()}
        self.films = {(asset, 1): Film(asset, 1, each.seg_ticks) for asset, each in self.editions.items()}
        self.films[3, 1] = evolve(self.films[3, 1], iv=self.encrypted(3), captions=self.subtitled(3))
        pool = Pool(0, (self.films[1, 1],), self.films[1, 1])
        self.effective: Effective = fold([], [], self.films, {0: pool}, channel="town")
        self.server: ThreadingHTTPServer | None = None
        self.port = 0
        self.open()

    def encrypted(self, asset: int) -> str:
        """Encrypt a film's segments as packaging does, its key beside them; the IV that lists tell."""
        lock = Lock(os.urandom(16), os.urandom(16))
        for path in (self.folder / "s" / f"{asset}-1").glob("*/*.ts"):
            path.write_bytes(lock.closed(path.read_bytes()))
        (self.folder / "k").mkdir()
        (self.folder / "k" / f"{asset}-1").write_bytes(lock.key)
        return lock.iv.hex()

    def subtitled(self, asset: int) -> str:
        """Each second of a film is its own subtitle."""
        edition, folder = self.editions[asset], self.folder / "s" / f"{asset}-1" / "sub-zh"
        cues = [subtitles.Cue(at * 1000, at * 1000 + 1000, str(at)) for at in range(LENGTHS[asset])]
        folder.mkdir()
        for number, text in enumerate(subtitles.segments(cues, edition.seg_ticks, edition.renditions[0].first_pts)):
            (folder / f"{number:05d}.vtt").write_text(text, encoding="utf-8")
        (self.folder / "s" / NO_WORDS).write_bytes(subtitles.EMPTY)
        return "zh"

    def open(self) -> None:
        """Programmes of 12 s, each cut in its middle by an insert of 3 s, until half a minute from now."""
        begun = self.now() // 1000 * 1000 - 120_000
        self.append(1, 0, 1, start=begun)
        for _ in range(9):
            start = self.append(3, 0, 2, stamp=begun - 60_000).start_ms
            self.append(2, 0, 1, start=start + 6_000, stamp=begun - 60_000)
            self.append(3, 1, 2, stamp=begun - 60_000)

    def now(self) -> int:
        return round(time.time() * 1000)

    def append(self, asset: int, first: int, stop: int, start: int | None = None, stamp: int | None = None) -> Row:
        draft = Draft("asset", asset, 1, first, stop, f"p{asset}", start_ms=start)
        row = next_row(self.effective, draft, self.now() if stamp is None else stamp)
        self.effective = self.effective.grown([row])
        return row

    def text(self, path: str) -> bytes | None:
        """What the product answers below `/ch/town/`: the live list, a slice, shifted live."""
        name, asked = path.rpartition("/")[0], path.rpartition("/")[2].removesuffix(".m3u8")
        rung = None if asked == "sub-zh" else int(asked) if asked.isdigit() else 0
        if asked == "master":
            return playlists.channel_master(self.editions[3], FULL)
        deep = evolve(FULL, root="../" * (2 + len([part for part in name.split("/") if part])))
        kind, _, bounds = name.rpartition("/")
        at = edge(self.now())
        if not bounds:
            found = self.effective.window(at)
        elif kind == "shift":
            start, made = map(int, bounds.split("-"))
            then = (start + 18 - made) * 1000 + self.now() // 1000 * 1000
            found = self.effective.shifted(start * 1000, min(at, then))
        else:
            start, stop = map(int, bounds.split("-"))
            return playlists.cut(self.effective.slice(start * 1000, stop * 1000, at), rung, deep)
        return None if found is None else playlists.linear(found, rung, deep)

    def start(self) -> None:
        air = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                found = air.answer(self.path)
                self.send_response(200 if found else 404)
                self.send_header("Content-Length", str(len(found or b"")))
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                if self.command == "GET":
                    with contextlib.suppress(OSError):
                        self.wfile.write(found or b"")

            def do_HEAD(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Answer)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(self, path: str) -> bytes | None:
        if path.startswith("/ch/town/"):
            return self.text(path.removeprefix("/ch/town/"))
        file = self.folder / path.lstrip("/")
        return file.read_bytes() if file.is_file() and ".." not in path else None

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def address(self, name: str = "master.m3u8") -> str:
        return f"http://127.0.0.1:{self.port}/ch/town/{name}"


@contextlib.contextmanager
def on_air(folder: Path) -> Iterator[Air]:
    air = Air(folder)
    air.start()
    try:
        yield air
    finally:
        air.stop()
