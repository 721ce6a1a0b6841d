"""The queue at work: how many films at once, what is written down, and what cancel, faults and a stop leave."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.task import Clock
from twisted.logger import LogLevel, formatEvent, globalLogPublisher

from middleware.headend import ingesting
from middleware.headend.incoming import STILL_S, Incoming, mark_of
from middleware.headend.ingest_desk import Budgeted, progress_told
from middleware.headend.ingesting import LOOK_S, Ingesting, Packing
from middleware.services import jobs as use
from middleware.services.job_ports import IngestJob
from middleware.services.ports import OutboxEvent
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.middleware.test_playout import Direct
from vod.catalogue import NO_WORDS, Edition, Package, Rendition
from vod.errors import PackagingFailed, Refused
from vod.jobs import State
from vod.library import Library
from vod.packaging import Progress, Settings
from vod.subtitles import EMPTY

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


RUNG = Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 900_000, 700_000, 7200, (1,), ("",))
EDITION = Edition((540_000,), (RUNG,))


class Desk:
    """The queue with a packager that waits for the test's word."""

    def __init__(self, data: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data = data
        self.store = store
        self.clock = Clock()
        self.library = Library(data)
        self.library.prepare()
        self.waiting: dict[str, Deferred[Any]] = {}
        self.listeners: dict[str, Callable[[Progress], None]] = {}
        self.cancelled: list[str] = []
        monkeypatch.setattr(ingesting, "ingest", self._ingest)
        self.told = 0
        self.queue = self.made()

    def made(self, incoming: Incoming | None = None, *, keep: bool = True) -> Ingesting:
        packing = Packing("here", Settings(), workers=2, keep_sources=keep)
        return Ingesting(
            Direct(self.store), self.library, lambda: NOW, self.clock, _at_once, packing, self.data / "work", incoming
        )

    async def _ingest(self, _reactor: Any, source: Path, library: Library, register: Any, **options: Any) -> Any:
        self.listeners[source.stem] = options["progress"]
        options["progress"](Progress(State.PROBING, 0.0))
        self.waiting[source.stem] = Deferred()
        with library.job() as folder:
            try:
                await self.waiting[source.stem]
                (folder / "film").mkdir()
                made = await register(Package(folder / "film", EDITION))
            except CancelledError:
                self.cancelled.append(source.stem)
                raise
            finally:
                del self.waiting[source.stem]
        options["progress"](Progress(State.READY, 1.0))
        return made

    def lay(self, *names: str, **more: Any) -> list[IngestJob]:
        """Queue films, whose files are there."""
        made = []
        for name in names:
            path = self.data / f"{name}.mp4"
            path.write_bytes(b"film")
            draft = IngestJob(0, "here", str(path), mark_of(path) or "", "films", name, NOW, NOW)
            made.append(self.store.run_sync(lambda uow, draft=draft: use.enqueue(uow, NOW, evolve(draft, **more))))
        return made

    def tell(self) -> None:
        """Pass on what the outbox has, as the publisher does."""
        for event in self.store.run_sync(lambda uow: uow.outbox.after(self.told)):
            self.told = event.seq
            self.queue.tell(event)

    def turn(self) -> None:
        self.clock.advance(LOOK_S)

    def job(self, job: IngestJob) -> IngestJob:
        found = self.store.run_sync(lambda uow: uow.jobs.get(job.id))
        assert found is not None
        return found


def _at_once(work: Callable[[], Any]) -> "Deferred[Any]":
    return succeed(work())


def done(coroutine: Any) -> None:
    results: list[Any] = []
    Deferred.fromCoroutine(coroutine).addBoth(results.append)
    assert results == [None]


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made_once: Callable[[str, Callable[[Path], None]], Path]
) -> Iterator[Desk]:
    empty = made_once("empty-data", lambda folder: db_upgrade(f"sqlite:///{folder}/nanhu.db", folder))
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    store = Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path))
    desk = Desk(tmp_path, store, monkeypatch)
    yield desk
    done(desk.queue.stop())
    store.close()


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What the queue tells an operator in the log, from warnings on."""
    lines: list[str] = []

    def watch(event: dict[str, Any]) -> None:
        ours = event["log_namespace"].startswith(ingesting.__name__)
        if ours and event["log_level"] in (LogLevel.warn, LogLevel.error, LogLevel.critical):
            lines.append(formatEvent(event))

    globalLogPublisher.addObserver(watch)
    yield lines
    globalLogPublisher.removeObserver(watch)


def test_as_many_films_as_there_are_workers_are_packaged_at_once(desk: Desk) -> None:
    first, _, third = desk.lay("a", "b", "c")
    done(desk.queue.start())
    assert set(desk.waiting) == {"a", "b"}
    desk.waiting["a"].callback(None)
    desk.turn()

    assert set(desk.waiting) == {"b", "c"}
    assert (desk.job(first).state, desk.job(third).state) == (State.READY, State.PROBING)
    assert desk.library.folder(desk.job(first).asset_id or 0, 1).is_dir()


def test_states_are_written_down_and_progress_is_told_beside_them(desk: Desk) -> None:
    (job,) = desk.lay("a")
    done(desk.queue.start())
    for state in (State.ENCODING, State.INDEXING):
        desk.listeners["a"](Progress(state, 0.3))
        assert desk.job(job).state is state
    desk.listeners["a"](Progress(State.INDEXING, 0.7))
    desk.turn()

    assert progress_told(desk.data / "work") == {job.id: Progress(State.INDEXING, 0.7)}
    assert desk.queue.progress == {job.id: Progress(State.INDEXING, 0.7)}
    desk.waiting["a"].callback(None)
    desk.turn()
    assert progress_told(desk.data / "work") == {}


def test_a_cancelled_film_ends_at_once_and_leaves_nothing(desk: Desk) -> None:
    (job,) = desk.lay("a")
    done(desk.queue.start())
    desk.store.run_sync(lambda uow: use.cancel(uow, NOW, "operator", job.id))
    desk.tell()

    assert (desk.cancelled, desk.queue.progress) == (["a"], {})
    assert (desk.job(job).state, desk.job(job).code) == (State.FAILED, "cancelled")
    assert [path for path in (desk.data / "work").iterdir() if path.name != "progress.json"] == []


def test_a_film_that_was_cancelled_unheard_is_not_registered(desk: Desk) -> None:
    (job,) = desk.lay("a")
    done(desk.queue.start())
    desk.store.run_sync(lambda uow: use.cancel(uow, NOW, "operator", job.id))
    desk.waiting["a"].callback(None)

    assert desk.job(job).code == "cancelled"
    assert desk.store.run_sync(lambda uow: uow.assets.all()) == ()
    assert [path.name for path in (desk.data / "media" / "pub").iterdir()] == [NO_WORDS]


def test_a_fault_of_one_film_leaves_the_other_alone(desk: Desk) -> None:
    stalled, refused, fine = desk.lay("a", "b", "c")
    done(desk.queue.start())
    desk.waiting["a"].errback(PackagingFailed("stalled"))
    desk.waiting["b"].errback(Refused("no_video"))
    desk.turn()
    assert (desk.job(stalled).tries, desk.job(refused).state) == (2, State.REFUSED)
    desk.waiting["c"].callback(None)
    desk.waiting["a"].callback(None)

    assert [desk.job(job).state for job in (stalled, fine)] == [State.READY, State.READY]


def test_an_unknown_fault_ends_the_job_and_not_the_queue(desk: Desk, lost_errors: list[str]) -> None:
    job, _ = desk.lay("a", "b")
    done(desk.queue.start())
    desk.waiting["a"].errback(RuntimeError("never seen"))

    assert (desk.job(job).state, desk.job(job).detail) == (State.FAILED, "RuntimeError")
    assert set(desk.waiting) == {"b"}
    lost_errors.clear()


def test_a_stop_lets_films_wait_for_the_next_start(desk: Desk) -> None:
    (job,) = desk.lay("a")
    done(desk.queue.start())
    desk.listeners["a"](Progress(State.ENCODING, 0.5))
    done(desk.queue.stop())
    assert (desk.job(job).state, desk.job(job).tries, desk.cancelled) == (State.QUEUED, 0, ["a"])

    desk.queue = desk.made()
    done(desk.queue.start())
    desk.waiting["a"].callback(None)
    assert desk.job(job).state is State.READY


def test_a_start_goes_on_with_what_a_crash_interrupted(desk: Desk) -> None:
    (job,) = desk.lay("a")
    desk.store.run_sync(lambda uow: use.claim(uow, NOW, "here", 1))
    done(desk.queue.start())

    assert (set(desk.waiting), desk.job(job).tries) == ({"a"}, 2)


def test_a_film_laid_into_the_folder_is_taken_once_and_removed_if_that_is_wished(desk: Desk) -> None:
    incoming = Incoming(desk.data / "incoming", ("films",), desk.clock.seconds)
    desk.queue = desk.made(incoming, keep=False)
    done(desk.queue.start())
    path = desk.data / "incoming" / "films" / "红船.mp4"
    path.write_bytes(b"film")
    for beside in (path.with_suffix(".srt"), path.with_suffix(".jpg")):
        beside.write_bytes(b"beside")
    desk.turn()
    desk.clock.advance(STILL_S)
    desk.turn()
    assert set(desk.waiting) == {"红船"}
    desk.turn()
    assert len(desk.store.run_sync(lambda uow: uow.jobs.newest(9))) == 1
    desk.waiting["红船"].callback(None)

    assert list(path.parent.iterdir()) == []
    (film,) = desk.store.run_sync(lambda uow: uow.assets.all())
    assert (film.title, film.column) == ("红船", "films")


def test_what_a_crash_left_of_a_source_is_removed_unless_it_is_another_file_now(desk: Desk) -> None:
    gone, other = desk.lay("a", "b", discard=True)
    desk.store.run_sync(lambda uow: use.claim(uow, NOW, "here", 2))
    for job in (gone, other):
        desk.store.run_sync(lambda uow, job=job: use.finished(uow, NOW, job.id, job.id))
    (desk.data / "b.mp4").write_bytes(b"another film")
    done(desk.queue.start())

    assert [(desk.data / f"{name}.mp4").exists() for name in "ab"] == [False, True]


def test_a_library_keeps_to_its_budget(tmp_path: Path) -> None:
    library = Budgeted(tmp_path, (3 << 20) + len(EMPTY))
    library.prepare()
    (tmp_path / "media" / "pub" / "1-1").mkdir()
    (tmp_path / "media" / "pub" / "1-1" / "0.ts").write_bytes(bytes(2 << 20))
    library.require_space(1 << 20)

    with pytest.raises(PackagingFailed, match="2 of 3 MiB used"):
        library.require_space((1 << 20) + 1)
    Budgeted(tmp_path, 0).require_space(1 << 21)


def test_other_events_and_those_of_unknown_jobs_do_nothing(desk: Desk) -> None:
    desk.queue.tell(OutboxEvent(1, "ContentChanged", {"noun": "asset"}))
    desk.queue.tell(OutboxEvent(2, "JobsMoved", {"job": 99, "state": "failed"}))

    assert desk.waiting == {}


def test_a_queue_that_cannot_be_read_is_looked_at_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from middleware.domain.errors import Unreachable

    def away(*_arguments: Any) -> Any:
        raise Unreachable("gone")

    done(desk.queue.start())
    desk.lay("a")
    with monkeypatch.context() as broken:
        broken.setattr(use, "claim", away)
        desk.turn()
    assert desk.waiting == {}
    desk.turn()

    assert set(desk.waiting) == {"a"}
    assert NOW + timedelta(0) == desk.job(desk.lay("z")[0]).created_at


def test_a_late_word_of_an_earlier_try_does_not_end_the_next(desk: Desk) -> None:
    (job,) = desk.lay("a")
    done(desk.queue.start())
    desk.waiting["a"].errback(PackagingFailed("stalled"))
    desk.turn()
    assert (desk.job(job).tries, set(desk.waiting)) == (2, {"a"})
    desk.tell()
    assert desk.cancelled == []
    desk.waiting["a"].callback(None)

    assert desk.job(job).state is State.READY


def test_a_film_that_is_cancelled_and_tried_again_at_once_is_packaged_once(desk: Desk) -> None:
    (job,) = desk.lay("a")
    done(desk.queue.start())
    for act in (use.cancel, use.retry):
        desk.store.run_sync(lambda uow, act=act: act(uow, NOW, "editor", job.id))
    desk.turn()
    assert (desk.cancelled, set(desk.waiting)) == (["a"], {"a"})
    desk.tell()
    desk.waiting["a"].callback(None)

    assert (desk.job(job).state, desk.cancelled) == (State.READY, ["a"])
    assert len(desk.store.run_sync(lambda uow: uow.assets.all())) == 1


def test_a_source_that_may_not_be_removed_is_told_and_keeps_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    def forbidden(_job: IngestJob) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ingesting, "discard", forbidden)
    job, other = desk.lay("a", "b", discard=True)
    done(desk.queue.start())
    desk.waiting["a"].callback(None)
    assert (desk.job(job).state, set(desk.waiting)) == (State.READY, {"b"})
    done(desk.queue.stop())
    desk.queue = desk.made(Incoming(desk.data / "a.mp4" / "incoming", ("films",), desk.clock.seconds))
    done(desk.queue.start())

    assert set(desk.waiting) == {"b"}, "neither does a watch folder that cannot be made"
    assert [line.partition(":")[0] for line in told] == [
        "what job 1 was made of stays",
        "what job 1 was made of stays",
        "films cannot be laid into the watch folder",
    ]
    assert desk.job(other).tries == 1


def test_a_full_disk_is_told_once_and_the_queue_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    desk.lay("a")
    with monkeypatch.context() as broken:
        broken.setattr(ingesting, "tell_progress", full)
        done(desk.queue.start())
        desk.turn()
        desk.turn()
    desk.turn()

    assert set(desk.waiting) == {"a"}
    assert told == ["the queue of films waits: [Errno 28] No space left on device"]


def test_a_stop_without_a_database_ends_every_run(desk: Desk, monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    from middleware.domain.errors import Unreachable

    def away(*_: Any) -> None:
        raise Unreachable("gone")

    desk.lay("a", "b")
    done(desk.queue.start())
    monkeypatch.setattr(use, "released", away)
    done(desk.queue.stop())

    assert (desk.cancelled, len(told)) == (["a", "b"], 2)
