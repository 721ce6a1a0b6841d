"""From a file to a verified package: probe, copy or encode, index, verify, by-products, seal; in a server or a CLI.

One failure anywhere leaves nothing behind: all work happens in a job folder that is removed, and only `register` moves
its content into the library.
"""

import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from attrs import evolve, field, frozen
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool

from vod import copying, ffmpeg_args, posters, products, sprites, subtitles
from vod.catalogue import Edition, Package, Track
from vod.encrypting import KEY_BYTES, Lock
from vod.errors import PackagingFailed, Refused
from vod.index import index, sound_track
from vod.jobs import State, move
from vod.ladder import CHANNEL, FPS, GOP_S, SEGMENT_S, Rung, rungs_for
from vod.lengths import exact, padded_ms, real_length, whole_ms
from vod.library import Library, seal
from vod.probe import HIGHEST_LEVEL, MOST_BYTES, MOST_SECONDS, Source, admit, refusal
from vod.runner import Finished, Limits, ToolFailed, run

T = TypeVar("T")
MOST_SAMPLES: Final = 64 << 20
"""Bytes of small grey key frames: 6 hours have 24 MiB of them at one in 2 s."""
_FULL: Final = "No space left on device"


@frozen
class Settings:
    """What may come in and how it is packaged. Production keeps `veryfast`: `ultrafast` writes another profile.

    `top` is the highest rung, 720 or 1080, and `fps` 25 or 50. `copy` spares encoding what already is as boxes need it;
    `fragments` adds the second container; `encrypt` locks the segments, which then have no fragments.
    `channel`: all rungs, whole segments. `exact_ms` cuts or pads the film to just this length.
    """

    preset: str = "veryfast"
    most_seconds: float = MOST_SECONDS
    most_bytes: int = MOST_BYTES
    stall_s: float = 60.0
    top: int = 720
    fps: int = FPS
    copy: bool = True
    fragments: bool = False
    encrypt: bool = False
    channel: bool = False
    exact_ms: int = 0

    @classmethod
    def chosen(cls, by: "Chosen") -> "Settings":
        """As an installation is set up."""
        return cls(by.preset, top=by.top, fps=by.fps, copy=by.copy, fragments=by.fragments, encrypt=by.encrypt)

    def __attrs_post_init__(self) -> None:
        if self.exact_ms and not exact(self.exact_ms):
            raise ValueError("an exact length is 2, 3, 4 or 5 s or a multiple of 6 s")


class Chosen(Protocol):
    """What an operator decides of `Settings`."""

    @property
    def preset(self) -> str: ...

    @property
    def top(self) -> int: ...

    @property
    def fps(self) -> int: ...

    @property
    def copy(self) -> bool: ...

    @property
    def fragments(self) -> bool: ...

    @property
    def encrypt(self) -> bool: ...


@frozen
class Caption:
    """Subtitles that an editor gives: a file and the language and name of the track."""

    file: Path
    language: str = "zh"
    title: str = "中文字幕"


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
    captions: tuple[Caption, ...] = (),
    progress: Callable[[Progress], None] = lambda _: None,
) -> T:
    """Package `source` and return what `register` makes of it. Refused or PackagingFailed leave nothing behind.

    `register` must publish the package's work folder and store its edition in one transaction.
    """
    job = Job(progress)
    job.enter(State.PROBING, 0.0)
    try:
        async with _job_folder(reactor, library) as folder:
            making = _Making(reactor, source, library, folder / "film", settings or Settings(), job)
            result = await register(await making.package(poster, captions))
    except Refused:
        job.enter(State.REFUSED, 1.0)
        raise
    except (ToolFailed, OSError, PackagingFailed) as exc:
        job.enter(State.FAILED, 1.0)
        failure = _failure(exc)
        # ffmpeg writes what fits of a segment, and ends well: then it is the check that finds it cut short.
        if failure.code in {"verify_failed", "encode_failed"} and library.is_full():
            failure = PackagingFailed("disk_full", failure.detail)
        raise failure from exc
    job.enter(State.READY, 1.0)
    return result


@asynccontextmanager
async def _job_folder(reactor: Any, library: Library) -> AsyncIterator[Path]:
    """A job's folder, made and removed in a thread: the thousands of files of a long film take the disk a second."""
    job = library.job()
    folder: Path = await _in_thread(reactor, job.__enter__)
    try:
        yield folder
    finally:
        await _in_thread(reactor, job.__exit__, None, None, None)


def _in_thread(reactor: Any, function: Callable[..., T], *args: object) -> "Deferred[T]":
    return deferToThreadPool(reactor, reactor.getThreadPool(), function, *args)


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

    async def package(self, poster: Path | None, captions: tuple[Caption, ...]) -> Package:
        """All of it, sealed in the work folder. Raises Refused, PackagingFailed, ToolFailed, OSError."""
        texts = [(caption, await self._in_thread(_cues, caption.file)) for caption in captions]
        found = await self._probe()
        self.work.mkdir()
        if poster is not None:  # before the hour of encoding: what is no picture is refused at once
            await posters.from_picture(self.reactor, self.work, poster)
        edition, damaged = await self._copied(found) or await self._encoded(found)
        self.job.enter(State.VERIFYING, 0.93)
        edition = evolve(edition, subtitles=await self._in_thread(self._tracks, texts, edition))
        edition = await self._with_pictures(edition, poster is None)
        lock = Lock(os.urandom(KEY_BYTES), os.urandom(KEY_BYTES)) if self.settings.encrypt else None
        if lock:
            edition = await self._in_thread(products.encrypt, self.work, edition, lock)
        elif self.settings.fragments:
            edition = await self._with_fragments(edition)
        await self._in_thread(seal, self.work, partial(self._told, 0.97, 0.99))
        return Package(self.work, edition, damaged, self.settings.channel, lock.key if lock else b"")

    def _told(self, first: float, last: float, part: float) -> None:
        """Progress between two fractions of the whole, from a thread."""
        self.reactor.callFromThread(self.job.advance, first + (last - first) * min(1.0, part))

    def _tracks(self, texts: list[tuple[Caption, tuple[subtitles.Cue, ...]]], edition: Edition) -> tuple[Track, ...]:
        write = partial(products.write_track, self.work, in_step=self.settings.channel)
        return tuple(write(given, cues, edition) for given, cues in texts)

    async def _probe(self) -> Source:
        """Look at the file and decide whether it may come in; nothing it names is opened."""
        head = await self._in_thread(_head, self.source, self.settings.most_bytes)
        limits = Limits(seconds=20, cpu_s=20, file_size=1 << 20)
        try:
            report = await run(self.reactor, "ffprobe", ffmpeg_args.probe_args(self.source), limits=limits)
        except ToolFailed as exc:
            if exc.reason in {"missing", "time_limit"}:  # a slow disk or a busy machine is no fault of the film
                raise
            raise refusal(exc.stderr, head) from exc
        try:
            return admit(report.stdout, most_seconds=self.settings.most_seconds)
        except Refused as exc:
            # A picture too large for the decoder has no size in the report; what it said of it tells why.
            told = refusal(report.stderr, b"")
            raise (told if exc.code == "truncated" and told.code == "too_large" else exc) from None

    async def _copied(self, found: Source) -> tuple[Edition, bool] | None:
        """The film as it is, in the segments of one rung, or None where it must be encoded."""
        rung = self._rung_as_it_is(found)
        if rung is None or found.sound is None or await self._objects(found, rung):
            return None
        await self._require_space((rung,), found.seconds)
        self.job.enter(State.COPYING, 0.1)
        (self.work / str(rung.height)).mkdir()
        edition = await self._copy(found, found.sound, rung)
        if edition is None or copying.regrets(edition, rung, found.seconds):
            await self._in_thread(products.clear, self.work / str(rung.height))
            return None
        return edition, False

    async def _objects(self, found: Source, rung: Rung) -> bool:
        """Whether the packets of the first minutes speak against a copy, or cannot be told."""
        limits = Limits(seconds=60, cpu_s=60, file_size=1 << 20)
        args = ffmpeg_args.packets_args(self.source, found.picture, copying.HEAD_S)
        try:
            report = await run(self.reactor, "ffprobe", args, limits=limits)
        except ToolFailed as exc:
            if exc.reason == "missing":
                raise
            return True
        return bool(await self._in_thread(_objection, report.stdout, found, rung))

    async def _copy(self, found: Source, sound: int, rung: Rung) -> Edition | None:
        """Cut the streams as they are; None where ffmpeg cannot, or what came out breaks a rule."""
        args = ffmpeg_args.copy_args(self.source, found.picture, sound, rung.height)
        # What it is stays what it is: a level that is higher than needed is no reason to encode.
        as_it_is = evolve(rung, level=f"{HIGHEST_LEVEL // 10}.{HIGHEST_LEVEL % 10}", profile="high")
        try:
            await run(self.reactor, "ffmpeg", args, limits=limits_for(found.seconds), folder=self.work)
            self.job.enter(State.INDEXING, 0.6)
            return await self._in_thread(index, self.work, (as_it_is,), found.fps)
        except PackagingFailed:
            return None
        except ToolFailed as exc:
            if exc.reason != "exit" or _FULL in exc.stderr:
                raise
            return None

    @property
    def _limit_ms(self) -> int:
        return int(self.settings.most_seconds * 1000)

    def _rung_as_it_is(self, found: Source) -> Rung | None:
        otherwise = self.settings.channel or self.settings.exact_ms or found.voices or found.transfer
        if not self.settings.copy or otherwise or found.fps != self.settings.fps:
            return None
        rung = copying.rung_of(found.width, found.height)
        return rung if rung and rung.height <= self.settings.top else None

    async def _encoded(self, found: Source) -> tuple[Edition, bool]:
        length_ms, damaged = await self._real_length(found)
        rungs = self._rungs(found)
        await self._require_space(rungs, length_ms / 1000)
        self.job.enter(State.ENCODING, 0.02)
        await self._encode(found, length_ms, rungs)
        self.job.enter(State.INDEXING, 0.88)
        whole, done, of = self.settings.channel, count(1), len(rungs) * length_ms / (SEGMENT_S * 1000)
        step = lambda: self._told(0.88, 0.93, next(done) / of)  # noqa: E731 a closure of two
        edition = await self._in_thread(lambda: index(self.work, rungs, self.settings.fps, whole=whole, step=step))
        voices = (sound_track(self.work, each.key, each.language, each.title, edition) for each in found.voices)
        return evolve(edition, sounds=await self._in_thread(tuple, voices)), damaged

    async def _require_space(self, rungs: tuple[Rung, ...], seconds: float) -> None:
        """Room for the segments and the fragments beside them; in a thread, for a budget counts all files there are."""
        once = sum(rung.maxrate + 120 for rung in rungs) * 125 * int(seconds + 1)
        await self._in_thread(self.library.require_space, once * 2 if self.settings.fragments else once)

    def _rungs(self, found: Source) -> tuple[Rung, ...]:
        if self.settings.channel:
            return CHANNEL
        return rungs_for(found.width, found.height, top=self.settings.top, fps=self.settings.fps)

    async def _real_length(self, found: Source) -> tuple[int, bool]:
        """Length to encode in ms, and whether the tail is lost: the packets tell, the container may lie."""
        reached = [0]

        def note(microseconds: int) -> None:
            reached.append(microseconds)
            if found.seconds:
                self.job.advance(0.02 * min(1.0, microseconds / 1_000_000 / found.seconds))

        args = ffmpeg_args.scan_args(self.source, found.picture, found.sound, self._limit_ms)
        most = self.settings.most_seconds
        limits = Limits(seconds=120 + most / 20, stall_s=self.settings.stall_s, file_size=1 << 20)
        try:
            await run(self.reactor, "ffmpeg", args, limits=limits, progress=note)
        except ToolFailed as exc:
            if exc.reason != "exit":
                raise
            raise Refused("truncated", exc.stderr[-200:]) from exc
        length_ms, damaged = real_length(reached[-1] / 1_000_000, found.seconds, most)
        fitted = whole_ms if self.settings.channel else padded_ms
        return self.settings.exact_ms or fitted(length_ms, self.settings.fps), damaged

    async def _encode(self, found: Source, length_ms: int, rungs: tuple[Rung, ...]) -> None:
        for name in (*(str(rung.height) for rung in rungs), *(f"sound-{voice.key}" for voice in found.voices)):
            (self.work / name).mkdir()
        plan = ffmpeg_args.EncodePlan(
            source=self.source,
            picture=found.picture,
            sound=found.sound,
            square=found.square,
            length_ms=length_ms,
            limit_ms=self._limit_ms,
            rungs=rungs,
            preset=self.settings.preset,
            fps=self.settings.fps,
            transfer=found.transfer,
            voices=tuple((voice.key, voice.index) for voice in found.voices),
        )
        limits = evolve(limits_for(length_ms / 1000), stall_s=self.settings.stall_s)

        def note(microseconds: int) -> None:
            self.job.advance(0.02 + 0.86 * min(1.0, microseconds / 1000 / length_ms))

        args = ffmpeg_args.encode_args(plan)
        try:
            await run(self.reactor, "ffmpeg", args, limits=limits, folder=self.work, progress=note)
        except ToolFailed as exc:
            # What ffmpeg says when not one picture could be decoded: the file's fault, not ours.
            if "Cannot determine format of input stream" in exc.stderr:
                raise Refused("truncated", exc.stderr[-200:]) from exc
            raise

    async def _with_pictures(self, edition: Edition, wants_poster: bool) -> Edition:
        """Sprites with their list, and posters from key frames of the highest rung."""
        (self.work / "sprites").mkdir()
        shown = next((each for each in edition.renditions if each.rung >= 360), edition.renditions[-1])
        sheets = sprites.sheets(edition.duration_ms)
        size = posters.SAMPLE[0] * posters.SAMPLE[1] * edition.duration_ms / (GOP_S * 1000)

        def received(octets: int) -> None:
            self.job.advance(0.93 + 0.03 * min(1.0, octets / size))

        args = ffmpeg_args.sprites_args(shown.rung, sheets, posters.SAMPLE)
        done = await self._tool(args, edition, received)
        (self.work / "thumbs.vtt").write_text(sprites.thumbs(edition.duration_ms), encoding="utf-8")
        if wants_poster:
            await posters.from_film(self.reactor, self.work, done.stdout, products.key_frames(edition.renditions[-1]))
        names = [*(f"sprites/{number}.jpg" for number in range(sheets)), "thumbs.vtt"]
        return evolve(edition, sheets=sheets, others=await self._in_thread(products.digests, self.work, names))

    async def _with_fragments(self, edition: Edition) -> Edition:
        """The second container of every rung, made from the same encode."""
        for rendition in edition.renditions:
            (self.work / f"f{rendition.rung}").mkdir()
            await self._tool(ffmpeg_args.fragments_args(rendition.rung), edition)
        return evolve(edition, fmp4=await self._in_thread(products.fragments, self.work, edition))

    async def _tool(
        self, args: list[str], edition: Edition, received: Callable[[int], None] = lambda _: None
    ) -> Finished:
        limits = limits_for(edition.duration_ms / 1000)
        return await run(
            self.reactor, "ffmpeg", args, limits=limits, folder=self.work, stdout_most=MOST_SAMPLES, received=received
        )

    def _in_thread(self, function: Callable[..., T], *args: object) -> "Deferred[T]":
        return _in_thread(self.reactor, function, *args)


def limits_for(seconds: float) -> Limits:
    """What a tool may take for a film of this length (video.md §3.3)."""
    most = 4 * seconds + 120
    return Limits(seconds=most, cpu_s=int(most * 8))


def _cues(file: Path) -> tuple[subtitles.Cue, ...]:
    try:
        with file.open("rb") as given:
            return subtitles.read(given.read(subtitles.MOST_BYTES + 1))
    except OSError as exc:
        raise Refused("bad_subtitles", exc.strerror or "unreadable") from exc


def _objection(report: bytes, found: Source, rung: Rung) -> str:
    try:
        return copying.objection(copying.packets(report, found.time_base), rung, found.fps)
    except ValueError as exc:
        return str(exc)


def _head(source: Path, most_bytes: int) -> bytes:
    try:
        size = source.stat().st_size
        if not source.is_file():  # a pipe or a device might never end, or never begin
            raise Refused("not_media", "no regular file")
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
        full = exc.errno in {errno.ENOSPC, errno.EDQUOT}
        return PackagingFailed("disk_full" if full else "encode_failed", exc.strerror or "")
    if isinstance(exc, ToolFailed) and _FULL in exc.stderr:
        return PackagingFailed("disk_full", exc.stderr[-200:])
    reason = exc.reason if isinstance(exc, ToolFailed) else ""
    code = {"missing": "tool_missing", "stalled": "stalled", "time_limit": "time_limit"}.get(reason, "encode_failed")
    return PackagingFailed(code, str(exc))
