"""Takes the sources of planned relays: one encoder each, its segments on the channel 12 s behind (video.md §7.4).

Only the server that holds a channel's lock does it. Whatever fails here, the channel goes on: what is not captured in
time is not on air on any server, and the slate stands in.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import define, evolve, field, frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from middleware.domain.errors import DomainError, StorageError
from middleware.headend.ports import Storage
from middleware.headend.reel import Reel
from middleware.services import ledger
from middleware.services import relays as use
from middleware.services.ports import UnitOfWork
from middleware.services.relays import Due
from vod import ffmpeg_args, posters, probe
from vod.catalogue import Asset
from vod.errors import Refused
from vod.ladder import CHANNEL, Rung
from vod.ledger import BadRow, Row
from vod.library import Library
from vod.relaying import BEFORE_MS, Ready, following, opens, too_late
from vod.runner import Finished, Limits, ToolFailed, run

T = TypeVar("T")
LOOK_S: Final = 10.0
STEP_S: Final = 0.5
AGAIN_S: Final = 2.0
"""Before a source that broke off is taken again."""
SILENT_S: Final = 20.0
"""An encoder that has written nothing for so long is ended: sources of HLS come in gulps of 6 to 10 s."""
LONGER_S: Final = 6 * 3600.0
"""By how much a programme may run over its planned time: a tool's limit cannot be moved once it runs."""
KEPT: Final = 64
"""Segments in mind."""


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
        return ledger.ms(self.now())


@define
class Taking:
    """A relay whose source is being taken under a fencing number, as the plan has it by now."""

    relay: Due
    fence: int

    def follow(self, planned: Due | None, now_ms: int) -> None:
        """Go by what the plan says now; a relay that it has no more is over, and what follows it is on its way."""
        gone = evolve(self.relay, stop_ms=min(self.relay.stop_ms, now_ms))
        self.relay = gone if planned is None else planned

    def end(self, now_ms: int) -> None:
        """Take it no longer."""
        self.relay = evolve(self.relay, stop_ms=min(self.relay.stop_ms, now_ms - BEFORE_MS))


class Relays:
    """Follows the plans of own channels, which `channels` names, and takes each relay when its time has come."""

    _log = Logger()

    def __init__(self, means: Means, channels: Callable[[], Iterable[str]]) -> None:
        self._means = means
        self._channels = channels
        self._taking: dict[str, Taking] = {}
        self._tasks: dict[str, Deferred[None]] = {}
        self._trouble = ""
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
        for task in list(self._tasks.values()):
            task.cancel()

    async def _look(self) -> None:
        try:
            for channel in [name for name in self._channels() if self._means.fence(name)]:
                due = partial(use.due, now=self._means.now(), channel=channel)
                self._follow_plan(channel, await self._means.storage.run(due, "relays", write=False))
        except Exception as error:  # noqa: BLE001 a look that failed must not be the last; it is told, the next one tries
            self._note(error)
        else:
            self._trouble = ""

    def _note(self, error: Exception) -> None:
        """Log the first failure in a row."""
        if not self._trouble and isinstance(error, StorageError):
            self._log.error("planned relays cannot be read: {why}", why=str(error))
        elif not self._trouble:
            self._log.failure("planned relays could not be looked at")
        self._trouble = str(error) or type(error).__name__

    def _follow_plan(self, channel: str, due: Sequence[Due]) -> None:
        planned, fence = {relay.uid: relay for relay in due}, self._means.fence(channel)
        for uid, taking in self._taking.items():
            if taking.relay.channel == channel and taking.fence == fence:
                taking.follow(planned.get(uid), self._means.now_ms())
            elif taking.relay.channel == channel:
                taking.end(self._means.now_ms())  # another server had the channel meanwhile, and took it itself
        for relay in due if fence else ():
            if relay.uid not in self._taking:
                self._begin(Taking(relay, fence))

    def _begin(self, taking: Taking) -> None:
        uid = taking.relay.uid
        self._taking[uid] = taking
        task = self._tasks[uid] = Deferred.fromCoroutine(self._take(taking))
        task.addErrback(self._failed, taking)
        task.addBoth(self._over, uid)

    def _over(self, _result: object, uid: str) -> None:
        self._taking.pop(uid, None)
        self._tasks.pop(uid, None)

    def _failed(self, failure: Failure, taking: Taking) -> None:
        relay, fault = taking.relay, failure.value
        if isinstance(fault, OSError | StorageError):
            why = str(fault)
            self._log.error("relay {title} of {channel}: {why}", title=relay.title, channel=relay.channel, why=why)
        elif not isinstance(fault, CancelledError):
            self._log.failure("relay {title} of {channel} failed", failure, title=relay.title, channel=relay.channel)

    async def _take(self, taking: Taking) -> None:
        means, relay = self._means, taking.relay
        asset = await means.storage.run(
            lambda uow: use.recording(uow, means.now(), relay, taking.fence), "recording of a relay"
        )
        self._log.info("relay {title}: source {source} is taken", title=relay.title, source=relay.source.name)
        reel = Reel(means.library.folder(asset.id, asset.rev), means.rungs)
        await means.in_thread(reel.prepare)
        await self._follow(Source(means, taking, reel), Air(means, taking, asset, reel))
        edition = await means.in_thread(reel.edition)
        await means.storage.run(lambda uow: use.finish(uow, means.now(), asset, edition), "end of a relay")

    async def _follow(self, source: "Source", air: "Air") -> None:
        """Encode and put on air until the programme is over. Raises what ended the encoding before its time."""
        encoding = Deferred.fromCoroutine(source.encode())
        encoding.addErrback(_cancelled)
        try:
            while source.left_s > 0 and not encoding.called:
                await air.step()
                await deferLater(self._means.reactor, STEP_S)
        finally:
            encoding.cancel()
        await encoding


@define
class Source:
    """The encoders of one relay, one after the other. `trouble` is why the last one broke off."""

    means: Means
    taking: Taking
    reel: Reel
    trouble: str = ""

    _log = Logger()

    @property
    def left_s(self) -> float:
        """Seconds for which the source is still wanted."""
        return (self.taking.relay.stop_ms + BEFORE_MS - self.means.now_ms()) / 1000

    async def encode(self) -> None:
        """Take the source again whenever it breaks off, for as long as the programme lasts."""
        while self.left_s > 0:
            try:
                await self._once()
            except (ToolFailed, Refused, OSError) as fault:
                self._broke(str(fault)[-200:])
            await deferLater(self.means.reactor, AGAIN_S)

    def _broke(self, why: str) -> None:
        """Log a source that broke off, and whatever new keeps it away; it is tried every few seconds."""
        if why != self.trouble:
            relay = self.taking.relay
            source = relay.source.name
            self._log.warn("relay {title}: source {source} is away: {why}", title=relay.title, source=source, why=why)
        self.trouble = why

    def _heard(self, _microseconds: int) -> None:
        """Pictures come."""
        if self.trouble:
            relay = self.taking.relay
            self._log.info("relay {title}: source {source} is back", title=relay.title, source=relay.source.name)
        self.trouble = ""

    async def _once(self) -> None:
        reactor, address = self.means.reactor, self.taking.relay.source.address
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
        seconds = max(10.0, self.left_s) + LONGER_S
        limits = Limits(seconds=seconds, stall_s=SILENT_S, cpu_s=int(seconds * 8) + 60)
        args = ffmpeg_args.relay_args(address, plan, await self.means.in_thread(self.reel.begin))
        await self.means.run(
            reactor, "ffmpeg", args, limits=limits, folder=self.reel.folder, online=True, progress=self._heard
        )


@define
class Air:
    """One relay's way onto the channel: `row` while one is open, `told` the next segment that the ledger lacks."""

    means: Means
    taking: Taking
    asset: Asset
    reel: Reel
    row: Row | None = None
    told: int = 0
    ready: list[Ready] = field(factory=list)
    newest_ms: int = 0
    trouble: str = ""

    _log = Logger()

    @property
    def relay(self) -> Due:
        return self.taking.relay

    async def step(self) -> None:
        """Note what became whole, and put on air what a row waits for. What comes too late is left out by all alike."""
        for number, sizes in await self.means.in_thread(self.reel.new):
            if not await self._is_black(number):
                self.ready = [*self.ready[-KEPT:], Ready(number, self.means.now_ms(), sizes)]
        if self.means.fence(self.relay.channel) == self.taking.fence:
            try:
                await self._on_air(self.taking.fence)
                self.trouble = ""
            except (StorageError, DomainError, BadRow) as fault:  # the next step tries again
                self._waits(str(fault))

    def _waits(self, why: str) -> None:
        """Log what is new: with the database gone it comes twice a second."""
        if why != self.trouble:
            self._log.warn("relay {title} waits: {why}", title=self.relay.title, why=why)
        self.trouble = why

    async def _stamped(self, work: Callable[[UnitOfWork, int], T], name: str) -> T:
        """Do it in a transaction with its stamp (epoch ms), which is given up when that would not be true.

        A clock that was set back would let count what other servers have passed over by then.
        """

        def transact(uow: UnitOfWork) -> T:
            began = self.means.now()
            if ledger.ms(began) < self.newest_ms - ledger.SLIP_MS:
                raise DomainError("clock", "服务器的时钟慢了，请先对时", "the clock was set back")
            made = work(uow, ledger.ms(began))
            ledger.in_time(began, self.means.now())
            return made

        made = await self.means.storage.run(transact, name)
        self.newest_ms = max(self.newest_ms, self.means.now_ms())
        return made

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
            row = await self._stamped(
                lambda uow, ms: use.open_row(uow, ms, fence, self.relay, self.asset, last), "row of a relay"
            )
            self.row, self.told = row, row.seg_from
        await self._tell(fence)

    async def _tell(self, fence: int) -> None:
        row, more = self.row, following(self.ready, self.told)
        if row is None or not more:
            return
        channel = self.relay.channel
        await self._stamped(
            lambda uow, ms: uow.ledger.capture(channel, use.captured(row.seq, more, ms), fence), "segments of a relay"
        )
        self.told += len(more)


def _cancelled(failure: Failure) -> None:
    if not isinstance(failure.value, CancelledError):
        failure.raiseException()
