"""The queue of films at work: takes what waits, packages it, tells how far it is, and loses nothing at a stop."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve, field, frozen
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from middleware.domain.errors import DomainError, StorageError
from middleware.headend.incoming import Incoming, Laid
from middleware.headend.ingest_desk import captions, discard, tell_progress
from middleware.headend.ports import Storage
from middleware.services import jobs as use
from middleware.services.assets import CHANNEL, add_asset
from middleware.services.job_ports import IngestJob
from middleware.services.ports import OutboxEvent, UnitOfWork
from vod.catalogue import Asset, Package
from vod.errors import PackagingFailed, Refused, VodError
from vod.jobs import RUNNING, State
from vod.library import Library
from vod.packaging import Progress, Settings, ingest

LOOK_S: Final = 2.0


@frozen
class Packing:
    """How this server packages: `workers` films at once, for jobs of `node`; files of `incoming` go unless kept."""

    node: str
    settings: Settings
    workers: int
    keep_sources: bool


@define
class _Work:
    """One film at work: its progress, its states on their way into the database, and the run itself."""

    job: IngestJob
    progress: Progress
    written: "Deferred[Any]" = field(factory=lambda: succeed(None))
    running: "Deferred[Any] | None" = None


class Ingesting:
    """Works off the queue. `in_thread` runs what waits or works long; `folder` is where progress is told."""

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        library: Library,
        now: Callable[[], datetime],
        reactor: Any,
        in_thread: Callable[..., Any],
        packing: Packing,
        folder: Path,
        incoming: Incoming | None = None,
    ) -> None:
        self._storage = storage
        self._library = library
        self._now = now
        self._reactor = reactor
        self._in_thread = in_thread
        self._packing = packing
        self._folder = folder
        self._incoming = incoming
        self._works: dict[int, _Work] = {}
        self._owed: set[int] = set()
        self._looking_now: Deferred[None] | None = None
        self._again = False
        self._stopped = False
        self._trouble = ""
        self._looking = LoopingCall(self.nudge)
        self._looking.clock = reactor

    async def start(self) -> None:
        """Go on with what a crash interrupted, then look for work every two seconds. Raises StorageError."""
        node = self._packing.node
        for job in await self._storage.run(lambda uow: use.recover(uow, self._now(), node), "recover jobs"):
            self._log.info("job {job} was interrupted and is {state} now", job=job.id, state=job.state.value)
        for job in await self._storage.run(lambda uow: use.to_discard(uow, node), "sources to go", write=False):
            await self._discarded(job)
        try:
            if self._incoming is not None:
                await self._in_thread(self._incoming.prepare)
        except OSError as error:
            self._log.error("films cannot be laid into the watch folder: {why}", why=str(error))
        self._looking.start(LOOK_S, now=True)

    async def stop(self) -> None:
        """Begin no more, end what runs; it waits for the next start and this try does not count."""
        self._stopped = True
        if self._looking.running:
            self._looking.stop()
        if self._looking_now is not None:
            await self._looking_now
        works = list(self._works.values())
        for work in works:
            self._end(work)
        for work in works:
            await work.written
            try:
                await self._released(work.job.id)
            except StorageError as error:  # the next start recovers it
                self._log.warn("job {job} could not be put back: {why}", job=work.job.id, why=str(error))

    @property
    def progress(self) -> Mapping[int, Progress]:
        """How far each film is that is worked on, by job."""
        return {number: work.progress for number, work in self._works.items()}

    def tell(self, event: OutboxEvent) -> None:
        """A job was queued: look at once. One was cancelled: end its run."""
        if event.kind != "JobsMoved":
            return
        work = self._works.get(event.body["job"])
        if work is not None and State(event.body["state"]) not in RUNNING:
            asking = Deferred.fromCoroutine(self._end_unless_running(work))
            asking.addErrback(lambda failure: self._log.warn("job {job}: {why}", job=work.job.id, why=failure.value))
        if event.body["state"] == State.QUEUED:
            self.nudge()

    async def _end_unless_running(self, work: _Work) -> None:
        """End a run whose job runs no more. The event may be late: by now the job may have begun anew."""
        try:
            await self._storage.run(lambda uow: use.check_running(uow, work.job.id), "job at work", write=False)
        except use.Cancelled:
            self._end(work)

    def _end(self, work: _Work) -> None:
        if work.running is not None:
            work.running.cancel()

    def nudge(self) -> None:
        """Look for work, now or as soon as the look under way has ended."""
        if self._looking_now is not None:
            self._again = True
        elif not self._stopped:
            self._looking_now = Deferred.fromCoroutine(self._look())
            if self._looking_now.called:
                self._looking_now = None

    async def _look(self) -> None:
        try:
            for number in list(self._owed):
                await self._released(number)
            await self._take_in()
            await self._begin()
            await self._in_thread(lambda: tell_progress(self._folder, self.progress))
        except Exception as error:  # noqa: BLE001 a look that failed is told and comes again in two seconds
            self._troubled(error)
        else:
            if self._trouble:
                self._log.info("the queue of films goes on")
            self._trouble = ""
        self._looking_now = None
        if self._again and not self._stopped:
            self._again = False
            self._reactor.callLater(0, self.nudge)

    def _troubled(self, error: Exception) -> None:
        """Log what keeps the queue, once: with the database gone or the disk full it comes every two seconds."""
        why = str(error) or type(error).__name__
        if why != self._trouble and isinstance(error, StorageError | OSError):
            self._log.error("the queue of films waits: {why}", why=why)
        elif why != self._trouble:
            self._log.failure("the queue of films could not be looked at")
        self._trouble = why

    async def _take_in(self) -> None:
        """Queue what lies complete in the watch folder and is new."""
        if self._incoming is None:
            return
        for laid in await self._in_thread(self._incoming.complete):
            try:
                await self._storage.run(partial(self._queued, laid), "film laid in")
            except DomainError as fault:
                if isinstance(fault, StorageError):
                    raise
                self._log.warn("{film} is not taken: {why}", film=laid.source.name, why=str(fault))
            self._incoming.taken(laid)

    def _queued(self, laid: Laid, uow: UnitOfWork) -> None:
        node, now = self._packing.node, self._now()
        if not use.seen(uow, node, laid.mark):
            job = IngestJob(
                id=0,
                node=node,
                source=str(laid.source),
                mark=laid.mark,
                column=laid.column,
                title=laid.title,
                created_at=now,
                changed_at=now,
                poster=laid.poster,
                subtitles=laid.subtitles,
                discard=not self._packing.keep_sources,
            )
            use.enqueue(uow, now, job)

    async def _begin(self) -> None:
        free = self._packing.workers - len(self._works)
        if free <= 0 or self._stopped:
            return
        node = self._packing.node
        for job in await self._storage.run(lambda uow: use.claim(uow, self._now(), node, free), "claim jobs"):
            self._log.info("job {job} begins, try {number}", job=job.id, number=job.tries)
            if (before := self._works.get(job.id)) is not None:
                self._end(before)  # it was cancelled and tried again before we heard of it
            work = self._works[job.id] = _Work(job, Progress(State.PROBING, 0.0))
            work.running = Deferred.fromCoroutine(self._work(work))
            work.running.addBoth(partial(self._over, work))

    def _over(self, work: _Work, result: object) -> None:
        number = work.job.id
        if self._works.get(number) is work:
            del self._works[number]
        if isinstance(result, Failure) and not isinstance(result.value, CancelledError):
            self._owed.add(number)
            if isinstance(result.value, StorageError):
                self._log.error("job {job} waits again: {why}", job=number, why=str(result.value))
            else:
                self._log.failure("job {job} could not be told of", result, job=number)
        if not self._stopped:
            self._reactor.callLater(0, self.nudge)

    async def _work(self, work: _Work) -> None:
        """Package one film and write down how that ended. Fails with what storage says, and when it is cancelled."""
        job = work.job
        try:
            made = await self._packaged(work)
        except use.Cancelled:
            self._log.info("job {job} was cancelled", job=job.id)
        except (VodError, DomainError) as fault:
            await self._ended(work, _as_vod(fault))
        except CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 one film must not end the queue; it is logged and its job fails
            self._log.failure("job {job} failed in an unknown way", job=job.id)
            await self._ended(work, PackagingFailed("verify_failed", type(error).__name__))
        else:
            self._log.info("job {job} is film {film}", job=job.id, film=made.key)
            if job.discard:
                await self._discarded(job)

    async def _discarded(self, job: IngestJob) -> None:
        try:
            await self._in_thread(partial(discard, job))
        except OSError as error:
            self._log.warn("what job {job} was made of stays: {why}", job=job.id, why=str(error))

    async def _packaged(self, work: _Work) -> Asset:
        job = work.job
        poster = Path(job.poster) if job.poster else None

        async def register(package: Package) -> Asset:
            await work.written
            return await self._storage.run(lambda uow: self._registered(uow, job, package), "add film of job")

        return await ingest(
            self._reactor,
            Path(job.source),
            self._library,
            register,
            settings=evolve(self._packing.settings, channel=job.column == CHANNEL),
            poster=poster,
            captions=captions(job),
            progress=lambda progress: self._note(work, progress),
        )

    def _registered(self, uow: UnitOfWork, job: IngestJob, package: Package) -> Asset:
        """The film, its files and the end of its job: all or nothing. Raises Cancelled, BadValue."""
        use.check_running(uow, job.id)
        publish = lambda asset_id, rev: self._library.publish(package.work, asset_id, rev)  # noqa: E731 a closure of two
        made = add_asset(uow, self._now(), use.draft_of(job), package, publish)
        use.finished(uow, self._now(), job.id, made.id)
        return made

    def _note(self, work: _Work, progress: Progress) -> None:
        """Progress of a film; a new state goes into the database behind the one before."""
        entered = progress.state is not work.progress.state and progress.state in RUNNING
        work.progress = progress
        if entered:
            work.written.addCallback(lambda _: self._moved(work.job.id, progress.state))
            work.written.addErrback(self._not_moved, work)

    def _moved(self, job_id: int, state: State) -> "Deferred[None]":
        return self._storage.run(lambda uow: use.moved(uow, self._now(), job_id, state), "move job")

    def _not_moved(self, failure: Failure, work: _Work) -> None:
        if isinstance(failure.value, use.Cancelled):
            self._end(work)
        else:
            self._log.warn("job {job}: {why}", job=work.job.id, why=failure.getErrorMessage())

    async def _ended(self, work: _Work, fault: VodError) -> None:
        await work.written
        refused = isinstance(fault, Refused)
        self._log.warn("job {job}: {why}", job=work.job.id, why=str(fault))
        try:
            await self._storage.run(
                lambda uow: use.ended(uow, self._now(), work.job.id, fault, refused=refused), "job ended"
            )
        except use.Cancelled:
            self._log.info("job {job} was cancelled", job=work.job.id)

    async def _released(self, number: int) -> None:
        self._owed.add(number)
        await self._storage.run(lambda uow: use.released(uow, self._now(), number), "release job")
        self._owed.discard(number)


def _as_vod(fault: VodError | DomainError) -> VodError:
    """A film that could not be registered failed its last check; storage that is away is no fault of the film."""
    if isinstance(fault, VodError):
        return fault
    if isinstance(fault, StorageError):
        raise fault
    return PackagingFailed("verify_failed", str(fault))
