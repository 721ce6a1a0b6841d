"""Tiny films made once per session, and a reactor of each test's own."""

import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.epollreactor import EPollReactor
from twisted.python.failure import Failure

from vod.catalogue import Edition, Package
from vod.library import Library
from vod.packaging import Caption, Progress, Settings, ingest

T = TypeVar("T")
X264 = "-c:v libx264 -preset ultrafast"
PICTURE = "-f lavfi -i testsrc2=s={size}:r={rate}:d={seconds}"
SOUND = "-f lavfi -i sine=d={seconds}"

BOXED = "-pix_fmt yuv420p -sc_threshold 0 -keyint_min 25 -maxrate 600k -bufsize 600k -c:a aac -ac 2 -ar 48000"
"""What old boxes decode, but for the key frames."""

FILMS: dict[str, str] = {
    "plain.mp4": f"{PICTURE} {SOUND} {X264} -c:a aac".format(size="640x360", rate=25, seconds=3),
    "three_segments.ts": f"{PICTURE} {SOUND} {X264} -c:a aac -output_ts_offset 40".format(
        size="320x180", rate=25, seconds=14.3
    ),
    "silent.mp4": f"{PICTURE} {X264}".format(size="320x180", rate=25, seconds=3),
    "odd.mp4": f"{PICTURE} {SOUND} -c:v mpeg4 -q:v 5 -c:a aac".format(size="637x271", rate="30000/1001", seconds=3),
    "variable_rate.mkv": f"{PICTURE} {SOUND} -vf select='not(mod(n\\,7))+gt(n\\,50)' -vsync vfr {X264} -c:a aac".format(
        size="320x240", rate=25, seconds=4
    ),
    "mono_short_sound.mp4": f"{PICTURE} -f lavfi -i sine=d=1 -ac 1 {X264} -c:a aac".format(
        size="320x240", rate=25, seconds=3
    ),
    "surround_4_3.mkv": f"{PICTURE} {SOUND} -ac 6 {X264} -c:a ac3".format(size="320x240", rate=25, seconds=3),
    "interlaced_dvd.mpg": f"{PICTURE} -vf setsar=16/15,interlace -flags +ilme+ildct -c:v mpeg2video -q:v 5".format(
        size="720x576", rate=25, seconds=2
    ),
    "ten_bit.mp4": f"{PICTURE} {X264} -pix_fmt yuv420p10le".format(size="320x180", rate=25, seconds=3),
    "very_short.mp4": f"{PICTURE} {X264}".format(size="320x180", rate=25, seconds=0.2),
    "black.mp4": f"-f lavfi -i color=black:s=320x180:r=25:d=3 {X264}",
    "only_sound.mp4": f"{SOUND} -c:a aac".format(seconds=3),
    "faststart.mp4": f"{PICTURE} {SOUND} {X264} -c:a aac -movflags +faststart".format(
        size="320x180", rate=25, seconds=4
    ),
    "long.mp4": f"{PICTURE} {X264}".format(size="1280x720", rate=25, seconds=40),
    "huge.mp4": "-f lavfi -i color=s=8000x8000:r=1:d=1 -c:v mjpeg -pix_fmt yuvj420p",
    "streams.mkv": f"{PICTURE} {'-map 0:v ' * 40} {X264}".format(size="64x64", rate=5, seconds=1),
    "endless.mkv": f"{PICTURE} {X264} -f matroska -live 1".format(size="64x64", rate=25, seconds=9),
    "ready.mp4": f"{PICTURE} {SOUND} {X264} {BOXED} -g 50".format(size="640x360", rate=25, seconds=8),
    "long_groups.mp4": f"{PICTURE} {SOUND} {X264} {BOXED} -g 100".format(size="640x360", rate=25, seconds=6),
    "fifty.mp4": f"{PICTURE} {X264}".format(size="640x360", rate=50, seconds=2),
    "full_hd.mp4": f"{PICTURE} {X264}".format(size="1920x1080", rate=25, seconds=2),
    "bright.mp4": f"{PICTURE} {X264} -pix_fmt yuv420p10le".format(size="640x360", rate=25, seconds=2)
    + " -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc",
}


class Films:
    """Makes a named film on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            subprocess.run(["ffmpeg", "-v", "error", *FILMS[name].split(), str(path)], check=True)
        return path

    def made(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    return Films(tmp_path_factory.mktemp("films"))


@pytest.fixture
def react() -> Iterator[Callable[[Callable[[Any], Coroutine[Any, Any, T]]], T]]:
    """Run a coroutine to its end on a reactor of its own, which can start processes."""
    reactors: list[EPollReactor] = []

    def run(start: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
        reactor = EPollReactor()
        reactors.append(reactor)
        results: list[Any] = []

        def begin() -> None:
            Deferred.fromCoroutine(start(reactor)).addBoth(results.append).addBoth(lambda _: reactor.stop())

        reactor.callWhenRunning(begin)
        reactor.run()
        if isinstance(results[0], Failure):
            results[0].raiseException()
        return results[0]

    yield run
    for reactor in reactors:
        for reader in list(reactor._internalReaders):
            reactor.removeReader(reader)
            reader.connectionLost(None)
        reactor._poller.close()


@define
class Packager:
    """Packages films as the command line does, with the fast preset; films get the numbers 1, 2, …"""

    react: Callable[..., Any]
    library: Library
    seen: list[Progress] = field(factory=list)
    at: list[float] = field(factory=list)
    """When each of them was told (s)."""
    added: int = 0

    def __call__(
        self,
        source: Path,
        settings: Settings | None = None,
        poster: Path | None = None,
        captions: tuple[Caption, ...] = (),
    ) -> Package:
        async def register(package: Package) -> Package:
            self.library.publish(package.work, self.added + 1, 1)
            self.added += 1
            return package

        chosen = settings or Settings(preset="ultrafast")
        return self.react(
            lambda reactor: ingest(
                reactor,
                source,
                self.library,
                register,
                settings=chosen,
                poster=poster,
                captions=captions,
                progress=self.note,
            )
        )

    def note(self, step: Progress) -> None:
        self.seen.append(step)
        self.at.append(time.monotonic())

    def edition(self, source: Path) -> Edition:
        return self(source).edition


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "100%d 数据")
    library.prepare()
    return library


@pytest.fixture
def package(react: Callable[..., Any], library: Library) -> Packager:
    return Packager(react, library)


@pytest.fixture
def work(films: Films, package: Packager, library: Library, tmp_path: Path) -> Path:
    """The files of a film of three segments and two rungs, packaged once for all tests."""
    kept = films.folder / "packaged"
    if not kept.exists():
        package(films("three_segments.ts"))
        shutil.copytree(library.folder(1, 1), kept)
    return Path(shutil.copytree(kept, tmp_path / "work"))
