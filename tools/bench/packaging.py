"""Packaging of films in CPU and wall time, against the encoder alone and a bare `ffmpeg -c copy` (video.md §14).

    python -m tools.bench.packaging [--rounds 2] [--seconds 120] [--copied 600]

A moving picture of 720 lines is packaged as the product does it, with the preset of production. ``beside`` is the CPU
of all that is not encoding: probing, reading the packets, measuring and checking every segment, sprites, posters, the
work of this process; ``encode`` is that of the encoder in the same run. ``wall`` is how long the encoder took, and
``ideal`` its CPU divided by the cores.

A film that already is as boxes need it is packaged by copying. ``decide`` is the CPU until its segments are there:
probing, judging every packet, cutting; ``bare`` is `ffmpeg -c copy` into the same segments. ``whole`` is all of it,
with measuring, sprites and posters.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.epollreactor import EPollReactor

from tools.bench.side_by_side import Figures, Target, judge, report
from vod.catalogue import Package
from vod.ffmpeg_args import copy_args
from vod.jobs import State
from vod.library import Library
from vod.packaging import Progress, Settings, ingest

TARGETS = [
    Target("packaging beside encoding", "beside", "encode", at_most=0.03),
    Target("ladder, wall", "wall", "ideal", at_most=1.15, absolute=True),
    Target("copying, decided and cut", "decide", "bare", at_most=2),
    Target("copying, all by-products", "whole", "bare", at_most=20, goal=True),
]
PICTURE = "-f lavfi -i testsrc2=s=1280x720:r=25:d={seconds},noise=alls=6:allf=t -f lavfi -i sine=f=440:d={seconds}"
READY = "-c:v libx264 -preset ultrafast -profile:v main -g 50 -keyint_min 50 -sc_threshold 0 -pix_fmt yuv420p"
LOW = "-b:v 2000k -maxrate 2200k -bufsize 2200k -c:a aac -ac 2 -ar 48000"
RICH = "-c:v libx264 -preset ultrafast -crf 18 -c:a aac"


@define
class Stopwatch:
    """CPU seconds of this process and its tools, and the time, whenever a job enters a state."""

    at: dict[State, tuple[float, float, float]] = field(factory=dict)

    def __call__(self, step: Progress) -> None:
        self.at.setdefault(step.state, (cpu(RUSAGE_SELF), cpu(RUSAGE_CHILDREN), time.monotonic()))

    def between(self, first: State, last: State) -> tuple[float, float, float]:
        """CPU of this process, CPU of its tools, time."""
        own, tools, clock = (b - a for a, b in zip(self.at[first], self.at[last], strict=True))
        return own, tools, clock


def cpu(of: int) -> float:
    """CPU seconds so far."""
    used = getrusage(of)
    return used.ru_utime + used.ru_stime


def packaged(film: Path, root: Path) -> Stopwatch:
    """Package a film into a library of its own."""
    library, watch, reactor, ended = Library(root), Stopwatch(), EPollReactor(), list[Any]()
    library.prepare()

    async def register(package: Package) -> None:
        library.publish(package.work, 1, 1)

    def begin() -> None:
        running = Deferred.fromCoroutine(ingest(reactor, film, library, register, settings=Settings(), progress=watch))
        running.addBoth(ended.append).addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    if ended != [None]:
        ended[0].raiseException()
    return watch


def encoded(film: Path, root: Path, figures: Figures) -> None:
    """One round of the ladder."""
    watch = packaged(film, root)
    own, tools, wall = watch.between(State.ENCODING, State.INDEXING)
    all_own, all_tools, _ = watch.between(State.PROBING, State.READY)
    note(figures, encode=tools, beside=all_own + all_tools - tools, wall=wall, ideal=tools / (os.cpu_count() or 1))
    print(
        f"encoder {tools:.1f} CPU s, beside it {all_tools - tools:.2f} in tools, {all_own:.2f} here ({own:.2f} waiting)"
    )


def copied(film: Path, root: Path, figures: Figures) -> None:
    """One round of copying, after the same by ffmpeg alone."""
    bare = bare_copy(film, root / "bare")
    watch = packaged(film, root / "library")
    if State.COPYING not in watch.at:
        sys.exit("the film was not copied but encoded")
    own, tools, _ = watch.between(State.PROBING, State.INDEXING)
    whole = watch.between(State.PROBING, State.READY)
    note(figures, bare=bare, decide=own + tools, whole=whole[0] + whole[1])
    print(f"bare {bare:.2f} CPU s, decided and cut {own + tools:.2f}, whole {whole[0] + whole[1]:.2f}")


def bare_copy(film: Path, folder: Path) -> float:
    """CPU of the same segments by one command."""
    (folder / "720").mkdir(parents=True)
    before = cpu(RUSAGE_CHILDREN)
    subprocess.run(["ffmpeg", *copy_args(film, 0, 1, 720)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return cpu(RUSAGE_CHILDREN) - before


def note(figures: Figures, **values: float) -> None:
    """Add what a round gave."""
    for name, value in values.items():
        figures.setdefault(name, []).append(value)


def film_of(folder: Path, name: str, seconds: float, options: str) -> Path:
    """A film to package, made by ffmpeg."""
    path = folder / name
    words = [*PICTURE.format(seconds=seconds).split(), *options.split()]
    subprocess.run(["ffmpeg", "-v", "error", *words, str(path)], check=True)
    return path


def rounds_of(count: int, folder: Path, round_: Callable[[Path], None]) -> None:
    """Run a round so often, each in a folder of its own that is gone afterwards."""
    for _ in range(count):
        with tempfile.TemporaryDirectory(dir=folder) as root:
            round_(Path(root))


def main() -> int:
    """Package both films, print and judge."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=120, help="of the film that is encoded")
    parser.add_argument("--copied", type=float, default=600, help="seconds of the film that is copied")
    options = parser.parse_args()
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="packaging-") as name:
        folder = Path(name)
        ready = film_of(folder, "ready.mp4", options.copied, f"{READY} {LOW}")
        rounds_of(options.rounds, folder, lambda root: copied(ready, root, figures))
        rich = film_of(folder, "rich.mp4", options.seconds, RICH)
        rounds_of(options.rounds, folder, lambda root: encoded(rich, root, figures))
    return report(judge(figures, TARGETS))


if __name__ == "__main__":
    sys.exit(main())
