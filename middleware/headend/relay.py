"""Takes the sources of planned relays: one encoder each, its segments on the channel 12 s behind (video.md §7.4).

Only the server that holds a channel's lock does it. Whatever fails here, the channel goes on: what is not captured in
time is not on air on any server, and the slate stands in.
"""

import os
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from attrs import define, field, frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from middleware.domain.errors import DomainError, StorageError
from middleware.services import relays as use
from middleware.services.ports import UnitOfWork
from middleware.services.relays import Due
from vod import ffmpeg_args, posters, probe
from vod.catalogue import Asset, Edition
from vod.errors import PackagingFailed, Refused
from vod.index import index
from vod.jobs import State
from vod.ladder import CHANNEL, FRAME_MS, Rung
from vod.ledger import SEGMENT_MS, BadRow, Row
from vod.library import Library
from vod.relaying import BEFORE_MS, Ready, following, opens, too_late
from vod.runner import Finished, Limits, ToolFailed, run
from vod.segments import BadSegment, measure

T = TypeVar("T")
_log = Logger()
LOOK_S: Final = 10.0
STEP_S: Final = 0.5
AGAIN_S: Final = 2.0
"""Before a source that broke off is taken again."""
SILENT_S: Final = 20.0
"""An encoder that has written nothing for so long is ended: sources of HLS come in gulps of 6 to 10 s."""
KEPT: Final = 64
"""Segments in mind."""
FRAMES: Final = SEGMENT_MS // FRAME_MS


class Storage(Protocol):
    """Transactions off the reactor thread."""

    def run(self, fn: Callable[[UnitOfWork], T], name: str = "", *, write: bool = True) -> "Deferred[T]": ...


@define
class Reel:
    """The segments of one recording on disk: whole ones are those that every rung has."""

    folder: Path
    rungs: tuple[Rung, ...]
    seen: int = -1

    @property
    def following(self) -> int:
        """The number that the next segment gets."""
        return self.seen + 1

    def prepare(self) -> bool:
        """Make the folders; whether there are segments of an earlier run."""
        for rung in self.rungs:
            (self.folder / str(rung.height)).mkdir(parents=True, exist_ok=True)
        self.seen = max((_number(path) for path in self.folder.glob("*/*.ts")), default=-1)
        return self.seen >= 0

    def new(self) -> list[tuple[int, tuple[int, ...]]]:
        """Numbers and sizes of the segments that became whole and are safe on disk; odd ones are passed over."""
        lowest = self.folder / str(self.rungs[0].height)
        fresh = sorted(number for number in map(_number, lowest.glob("*.ts")) if number > self.seen)
        out = []
        for number in fresh:
            paths = [self.folder / str(rung.height) / f"{number:05d}.ts" for rung in self.rungs]
            if not all(path.exists() for path in paths):
                break
            self.seen = number
            if all(_is_whole(path) for path in paths):
                out.append((number, tuple(_safe(path) for path in paths)))
        return out

    def edition(self) -> Edition | None:
        """The index row of one unbroken run; None when it breaks a rule of films."""
        for playlist in self.folder.rglob("*.m3u8"):
            playlist.unlink()
        try:
            return index(self.folder, self.rungs)
        except PackagingFailed as fault:
            _log.warn("the recording in {folder} is no film: {why}", folder=self.folder.name, why=str(fault))
            return None


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdigit() else -1


def _is_whole(path: Path) -> bool:
    try:
        return measure(path).frames == FRAMES
    except BadSegment:
        return False


def _safe(path: Path) -> int:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return os.fstat(file.fileno()).st_size


@frozen
class Means:
    """What the taking of a relay needs. `fence` gives our fencing number for a channel, 0 when another writes it."""

    storage: Storage
    library: Library
    reactor: Any
    now: Callable[[], datetime]
    fence: Callable[[str], int]
    in_thread: Callable[..., Any]
    preset: str = "veryfast"
    rungs: tuple[Rung, ...] = CHANNEL
    run: Callable[..., Awaitable[Finished]] = run

    def now_ms(self) -> int:
        return int(self.now().timestamp() * 1000)


class Relays:
    """Follows the plans of own channels, which `channels` names, and takes each relay when its time has come."""

    _log = Logger()

    def __init__(self, means: Means, channels: Callable[[], Iterable[str]]) -> None:
        self._means = means
        self._channels = channels
        self._taking: dict[str, Deferred[None]] = {}
        self._looking = LoopingCall(lambda: Deferred.fromCoroutine(self._look()))
        self._looking.clock = means.reactor

    @property
    def taking(self) -> tuple[str, ...]:
        """The uids of the programmes whose source is being taken."""
        return tuple(self._taking)

    def start(self) -> None:
        """Look at the plans from now on."""
        self._looking.start(LOOK_S, now=True)

    def stop(self) -> None:
        """End the encoders; recordings go on with the next start."""
        if self._looking.running:
            self._looking.stop()
        for task in list(self._taking.values()):
            task.cancel()

    async def _look(self) -> None:
        now = self._means.now()
        for channel in [name for name in self._channels() if self._means.fence(name)]:
            try:
                due = await self._means.storage.run(partial(use.due, now=now, channel=channel), "relays", write=False)
            except StorageError:
                return  # the next look tries again
            for relay in due:
                if relay.uid not in self._taking:
                    self._begin(relay)

    def _begin(self, relay: Due) -> None:
        task = Deferred.fromCoroutine(self._take(relay))
        self._taking[relay.uid] = task
        task.addErrback(self._failed, relay)
        task.addBoth(self._over, relay)

    def _over(self, _result: object, relay: Due) -> None:
        self._taking.pop(relay.uid, None)

    def _failed(self, failure: Failure, relay: Due) -> None:
        if not isinstance(failure.value, CancelledError):
            self._log.failure("relay {title} of {channel} failed", failure, title=relay.title, channel=relay.channel)

    async def _take(self, relay: Due) -> None:
        means = self._means
        asset = await means.storage.run(lambda uow: use.recording(uow, means.now(), relay), "recording of a relay")
        if asset.state is not State.ENCODING:
            return  # it was taken and is over
        self._log.info("relay {title}: source {source} is taken", title=relay.title, source=relay.source.name)
        reel = Reel(means.library.folder(asset.id, asset.rev), means.rungs)
        resumed = await means.in_thread(reel.prepare)
        air = Air(means, relay, asset, reel)
        runs = await self._follow(Source(means, relay, reel), air)
        edition = await means.in_thread(reel.edition) if runs == 1 and not resumed else None
        await means.storage.run(lambda uow: use.finish(uow, means.now(), asset, edition), "end of a relay")

    async def _follow(self, source: "Source", air: "Air") -> int:
        """Encode and put on air until the programme is over; how many encoders it took."""
        encoding = Deferred.fromCoroutine(source.encode())
        encoding.addErrback(_cancelled)
        try:
            while source.left_s > 0:
                await air.step()
                await deferLater(self._means.reactor, STEP_S)
        finally:
            encoding.cancel()
        return source.runs


@define
class Source:
    """The encoders of one relay, one after the other."""

    means: Means
    relay: Due
    reel: Reel
    runs: int = 0

    _log = Logger()

    @property
    def left_s(self) -> float:
        """Seconds for which the source is still wanted."""
        return (self.relay.stop_ms + BEFORE_MS - self.means.now_ms()) / 1000

    async def encode(self) -> None:
        """Take the source again whenever it breaks off, for as long as the programme lasts."""
        while self.left_s > 0:
            self.runs += 1
            try:
                await self._once()
            except (ToolFailed, Refused) as fault:
                self._log.warn(
                    "relay {title}: source {source} broke off: {why}",
                    title=self.relay.title, source=self.relay.source.name, why=self._unnamed(fault),
                )  # fmt: skip
            await deferLater(self.means.reactor, AGAIN_S)

    def _unnamed(self, fault: Exception) -> str:
        """What ffmpeg said, without the address: in it may stand the key of a stream."""
        return str(fault).replace(self.relay.source.address, self.relay.source.name)[-200:]

    async def _once(self) -> None:
        reactor, address = self.means.reactor, self.relay.source.address
        limits = Limits(seconds=30, cpu_s=20, file_size=1 << 20)
        report = await self.means.run(reactor, "ffprobe", ffmpeg_args.source_args(address), limits=limits, online=True)
        found = probe.admit(report.stdout)
        plan = ffmpeg_args.EncodePlan(
            source=Path(),
            picture=found.picture,
            sound=found.sound,
            square=found.square,
            length_ms=0,
            limit_ms=0,
            rungs=self.reel.rungs,
            preset=self.means.preset,
        )
        seconds = max(10.0, self.left_s)
        limits = Limits(seconds=seconds, stall_s=SILENT_S, cpu_s=int(seconds * 8) + 60)
        args = ffmpeg_args.relay_args(address, plan, self.reel.following)
        await self.means.run(
            reactor, "ffmpeg", args, limits=limits, folder=self.reel.folder, online=True, progress=_heard
        )


@define
class Air:
    """One relay's way onto the channel: `row` while one is open, `told` the next segment that the ledger lacks."""

    means: Means
    relay: Due
    asset: Asset
    reel: Reel
    row: Row | None = None
    told: int = 0
    ready: list[Ready] = field(factory=list)

    _log = Logger()

    async def step(self) -> None:
        """Note what became whole, and put on air what a row waits for. What comes too late is left out by all alike."""
        for number, sizes in await self.means.in_thread(self.reel.new):
            if not await self._is_black(number):
                self.ready = [*self.ready[-KEPT:], Ready(number, self.means.now_ms(), sizes)]
        fence = self.means.fence(self.relay.channel)
        if fence:
            try:
                await self._on_air(fence)
            except (StorageError, DomainError, BadRow) as fault:  # the next step tries again
                self._log.warn("relay {title} waits: {why}", title=self.relay.title, why=str(fault))

    async def _is_black(self, number: int) -> bool:
        """Whether nothing is to be seen in any key frame: a source that sends black is as good as lost."""
        segment = f"{self.reel.rungs[0].height}/{number:05d}.ts"
        args = ffmpeg_args.glimpse_args(segment, *posters.SAMPLE)
        try:
            looked = await self.means.run(
                self.means.reactor, "ffmpeg", args, limits=posters.LIMITS, folder=self.reel.folder
            )
        except ToolFailed:
            return True
        return posters.choose(looked.stdout).dark

    async def _on_air(self, fence: int) -> None:
        now_ms = self.means.now_ms()
        if self.row is not None and too_late(self.row, self.told, now_ms):
            self._log.warn("relay {title}: nothing more came, the slate stands in", title=self.relay.title)
            self.row = None
        if self.row is None and opens(self.ready, self.relay.start_ms, self.relay.stop_ms, now_ms):
            last = self.ready[-1]
            row = await self.means.storage.run(
                lambda uow: use.open_row(uow, now_ms, fence, self.relay, self.asset, last), "row of a relay"
            )
            self.row, self.told = row, row.seg_from
        await self._tell(fence)

    async def _tell(self, fence: int) -> None:
        row, more = self.row, following(self.ready, self.told)
        if row is None or not more:
            return
        channel, now_ms = self.relay.channel, self.means.now_ms
        await self.means.storage.run(
            lambda uow: uow.ledger.capture(channel, use.captured(row.seq, more, now_ms()), fence), "segments of a relay"
        )
        self.told += len(more)


def _cancelled(failure: Failure) -> None:
    if not isinstance(failure.value, CancelledError):
        failure.raiseException()


def _heard(_microseconds: int) -> None:
    """That ffmpeg goes on is all there is to know."""
