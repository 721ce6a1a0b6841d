"""A seeded town served by the real program, and televisions in headless Chromium."""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen
from playwright.sync_api import Browser

from tests.journeys.tv import TV

PROGRAM = str(Path(sys.executable).with_name("nanhu-tv"))
ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"


def run(data: Path, *words: str) -> str:
    """Run one command of the program on a data folder; its output."""
    done = subprocess.run(
        [PROGRAM, "--data", str(data), *words], capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demonstration town and one short film, made once for all test processes."""
    shared = tmp_path_factory.getbasetemp().parent / "nanhu-seeded"
    with (shared.parent / "nanhu-seeded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "demo.json").exists():
            shutil.rmtree(shared, ignore_errors=True)
            run(shared, "db", "upgrade")
            run(shared, "seed-demo", "--no-films")
            _film(shared)
    return shared


def _film(data: Path) -> None:
    clip = data / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=14", "-f", "lavfi", "-i", "sine=f=440:d=14"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-c:v", "libx264", "-preset", "ultrafast", str(clip)], check=True)
    config = data / "fast.toml"
    config.write_text('[video]\npreset = "ultrafast"\n', encoding="utf-8")
    run(data, "--config", str(config), "asset", "add", str(clip), "--title", "湖上新桥通车了", "--column", "style")
    clip.unlink()


@frozen
class Town:
    """A running server: its address, its data folder and what demo.json says."""

    base: str
    data: Path
    demo: dict[str, Any]

    def command(self, *words: str) -> str:
        return run(self.data, *words)

    @property
    def quiet(self) -> int:
        """A box of a village whose branch is not being called: no invitation lies over what it shows."""
        return next(at for at, box in enumerate(self.demo["boxes"]) if box["village"] != self.box(0)["village"])

    def box(self, at: int = 0) -> dict[str, Any]:
        box: dict[str, Any] = self.demo["boxes"][at]
        return box


@pytest.fixture(scope="module")
def town(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The program serving a copy of the seeded town, on a free port, until the module's tests are done."""
    data = tmp_path_factory.mktemp("town") / "data"
    shutil.copytree(seeded, data)
    port = free_port()
    log = (data / "server.log").open("w")
    server = subprocess.Popen(
        [PROGRAM, "--data", str(data), "serve", "--port", str(port), "--demonstration"], stdout=log, stderr=log
    )
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until_it_answers(base, server, data / "server.log")
        yield Town(base, data, json.loads((data / "demo.json").read_text(encoding="utf-8")))
    finally:
        server.terminate()
        assert server.wait(timeout=15) == 0
        log.close()


def wait_until_it_answers(base: str, server: subprocess.Popen[bytes], log: Path = Path(os.devnull)) -> None:
    """Return as soon as the server is well; fail with its log when it has ended."""
    for _ in range(200):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            if httpx.get(f"{base}/healthz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"no answer: {log.read_text(encoding='utf-8')}")


@pytest.fixture
def tv(chromium: Browser, town: Town, request: pytest.FixtureRequest) -> Iterator[Callable[..., TV]]:
    """Makes televisions: `tv("ipanel", 0)` has the first box, which is invited, `tv("ipanel")` one that is not."""
    contexts = []

    def make(family: str = "pc", box: int | None = None) -> TV:
        context = chromium.new_context(viewport={"width": 1280, "height": 720})
        contexts.append(context)
        television = TV(context.new_page(), town.base, family, ARTEFACTS / request.node.name.partition("[")[0])
        television.switch_on(town.box(town.quiet if box is None else box)["mac"])
        return television

    yield make
    for context in contexts:
        context.close()
