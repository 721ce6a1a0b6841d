"""From a file to a verified package: probe, scan, encode, index, verify, poster, seal; in a server or a CLI.

One failure anywhere leaves nothing behind: all work happens in a job folder that is removed, and only `register` moves
its content into the library.
"""

from collections.abc import Awaitable, Callable
from math import ceil
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import field, frozen
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from vod import ffmpeg_args, posters
from vod.catalogue import Package
from vod.errors import PackagingFailed, Refused
from vod.index import index
from vod.jobs import State, move
from vod.ladder import FRAME_MS, SEGMENT_S, Rung, rungs_for
from vod.library import Library, seal
from vod.probe import MOST_BYTES, MOST_SECONDS, Source, admit, refusal
from vod.runner import Limits, ToolFailed, run

T = TypeVar("T")
SHORTEST_MS: Final = 2000
"""A last segment below this is a known cause of stalls (video.md §7.3); the film is padded until it is as long."""
TAIL_LOST_S: Final = 0.5
"""A film that ends this much, or 1 %, before its announced end has lost its tail; less is rounding by the container."""


@frozen
class Settings:
    """What may come in and how it is encoded. Production keeps `veryfast`: `ultrafast` writes another profile."""

    preset: str = "veryfast"
    most_seconds: float = MOST_SECONDS
    most_bytes: int = MOST_BYTES
    stall_s: float = 60.0


@frozen
class Progress:
    """`fraction` of the whole, 0 to 1."""

    state: State
    fraction: float


class Job:
    """The state of one run and its listener; a move that §3.1 does not know is a fault of the program."""

    def __init__(self, listener: Callable[[Progress], None]) -> None:
        self.state = State.UPLOADED
        self._listener = listener

    def enter(self, state: State, fraction: float) -> None:
        self.state = move(self.state, state)
        self._listener(Progress(state, fraction))

    def advance(self, fraction: float) -> None:
        self._listener(Progress(self.state, fraction))


async def ingest(
    reactor: Any,
    source: Path,
    library: Library,
    register: Callable[[Package], Awaitable[T]],
    *,
    settings: Settings | None = None,
    poster: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> T:
    """Package `source` and return what `register` makes of it. Refused or PackagingFailed leave nothing behind.

    `register` must publish the package's work folder and store its edition in one transaction.
    """
    job = Job(progress)
    with library.job() as folder:
        try:
            making = _Making(reactor, source, library, folder / "film", settings or Settings(), job)
            result = await register(await making.package(poster))
        except Refused:
            job.enter(State.REFUSED, 1.0)
            raise
        except (ToolFailed, OSError, PackagingFailed) as exc:
            job.enter(State.FAILED, 1.0)
            raise _failure(exc) from exc
    job.enter(State.READY, 1.0)
    return result


def _absolute(path: Path) -> Path:
    return path.absolute()


@frozen
class _Making:
    """One film on its way from `source` to a package in `work`."""

    reactor: Any
    source: Path = field(converter=_absolute)
    library: Library
    work: Path
    settings: Settings
    job: Job

    async def package(self, poster: Path | None) -> Package:
        self.job.enter(State.PROBING, 0.0)
        found = await self._probe()
        length_ms, damaged = await self._real_length(found)
        rungs = rungs_for(found.width, found.height)
        self.library.require_space(sum(rung.maxrate + 120 for rung in rungs) * 125 * length_ms // 1000)
        self.work.mkdir()
        if poster is not None:  # before the hour of encoding: what is no picture is refused at once
            await posters.from_picture(self.reactor, self.work, poster)
        self.job.enter(State.ENCODING, 0.02)
        await self._encode(found, length_ms, rungs)
        self.job.enter(State.INDEXING, 0.95)
        edition = await self._in_thread(index, self.work, rungs)
        self.job.enter(State.VERIFYING, 0.97)
        if poster is None:
            await posters.from_film(self.reactor, self.work, rungs[-1].height, len(edition.seg_ticks))
        await self._in_thread(seal, self.work)
        return Package(self.work, edition, damaged)

    async def _probe(self) -> Source:
        """Look at the file and decide whether it may come in; nothing it names is opened."""
        head = await self._in_thread(_head, self.source, self.settings.most_bytes)
        limits = Limits(seconds=20, cpu_s=20, file_size=1 << 20)
        try:
            report = await run(self.reactor, "ffprobe", ffmpeg_args.probe_args(self.source), limits=limits)
        except ToolFailed as exc:
            if exc.reason == "missing":
                raise
            raise refusal(exc.stderr, head) from exc
        return admit(report.stdout, most_seconds=self.settings.most_seconds)

    async def _real_length(self, found: Source) -> tuple[int, bool]:
        """Length to encode in ms, and whether the tail is lost: the packets tell, the container may lie."""
        reached = [0]
        args = ffmpeg_args.scan_args(self.source, found.picture, found.sound)
        most = self.settings.most_seconds
        limits = Limits(seconds=120 + most / 20, stall_s=self.settings.stall_s, file_size=1 << 20)
        try:
            await run(self.reactor, "ffmpeg", args, limits=limits, progress=reached.append)
        except ToolFailed as exc:
            if exc.reason != "exit":
                raise
            raise Refused("truncated", exc.stderr[-200:]) from exc
        return real_length(reached[-1] / 1_000_000, found.seconds, most)

    async def _encode(self, found: Source, length_ms: int, rungs: tuple[Rung, ...]) -> None:
        for rung in rungs:
            (self.work / str(rung.height)).mkdir()
        plan = ffmpeg_args.EncodePlan(
            source=self.source,
            picture=found.picture,
            sound=found.sound,
            square=found.square,
            length_ms=length_ms,
            limit_ms=int(self.settings.most_seconds * 1000),
            rungs=rungs,
            preset=self.settings.preset,
        )
        seconds = 4 * length_ms / 1000 + 120
        limits = Limits(seconds=seconds, stall_s=self.settings.stall_s, cpu_s=int(seconds * 8))

        def note(microseconds: int) -> None:
            self.job.advance(0.02 + 0.92 * min(1.0, microseconds / 1000 / length_ms))

        args = ffmpeg_args.encode_args(plan)
        try:
            await run(self.reactor, "ffmpeg", args, limits=limits, folder=self.work, progress=note)
        except ToolFailed as exc:
            # What ffmpeg says when not one picture could be decoded: the file's fault, not ours.
            if "Cannot determine format of input stream" in exc.stderr:
                raise Refused("truncated", exc.stderr[-200:]) from exc
            raise

    def _in_thread(self, function: Callable[..., T], *args: object) -> "Deferred[T]":
        return deferToThreadPool(self.reactor, self.reactor.getThreadPool(), function, *args)


def real_length(reached: float, claimed: float, most: float) -> tuple[int, bool]:
    """Length in ms and whether the tail is lost, from the seconds that packets reached and the container claims."""
    if reached <= 0:
        raise Refused("truncated", "no packets")
    if reached > most:
        raise Refused("too_long", f"{reached:.0f} s")
    damaged = reached < claimed - max(TAIL_LOST_S, claimed / 100)
    return padded_ms(ceil((reached if damaged else max(reached, claimed)) * 1000)), damaged


def padded_ms(length_ms: int) -> int:
    """Whole frames, and never a last segment shorter than 2 s."""
    whole = -(-length_ms // FRAME_MS) * FRAME_MS
    rest = whole % (SEGMENT_S * 1000)
    return whole + SHORTEST_MS - rest if 0 < rest < SHORTEST_MS else whole


def _head(source: Path, most_bytes: int) -> bytes:
    try:
        size = source.stat().st_size
        with source.open("rb") as file:
            head = file.read(64)
    except OSError as exc:
        raise Refused("not_media", exc.strerror or "unreadable") from exc
    if size > most_bytes:
        raise Refused("too_large", f"{size} bytes")
    return head


def _failure(exc: Exception) -> PackagingFailed:
    if isinstance(exc, PackagingFailed):
        return exc
    if isinstance(exc, OSError):
        return PackagingFailed("disk_full" if exc.errno in {28, 122} else "encode_failed", exc.strerror or "")
    if isinstance(exc, ToolFailed) and "No space left on device" in exc.stderr:
        return PackagingFailed("disk_full", exc.stderr[-200:])
    reason = exc.reason if isinstance(exc, ToolFailed) else ""
    code = {"missing": "tool_missing", "stalled": "stalled", "time_limit": "time_limit"}.get(reason, "encode_failed")
    return PackagingFailed(code, str(exc))
