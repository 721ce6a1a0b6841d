"""SIGKILL at random instants of two jobs: no partial film in the library, and the jobs go on at the next start."""

import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from middleware.headend.incoming import mark_of
from middleware.services import jobs as use
from middleware.services.job_ports import IngestJob
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from vod.jobs import State
from vod.library import Library

ROOT = Path(__file__).resolve().parents[2]
KILLS = 3
LONGEST_S = 2.0
"""About what two films of 4 s take here: kills fall before, in and behind the work."""
NOW = datetime.now(UTC)


class Worker:
    """The process that is killed."""

    def __init__(self, data: Path) -> None:
        command = [sys.executable, "-m", "tests.crash.ingesting", str(data)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, bufsize=0)
        assert self._process.stdout
        self._out = self._process.stdout
        assert self._out.readline() == b"ready\n"

    def end(self) -> None:
        """Wait until nothing waits any more."""
        assert self._out.readline() == b"idle\n"
        self.kill()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._out.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    return Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path))


def _lay(data: Path, store: Store, name: str) -> None:
    path = data / f"{name}.mp4"
    made = "-f lavfi -i testsrc2=s=320x180:r=25:d=4 -f lavfi -i sine=d=4 -c:v libx264 -preset ultrafast -c:a aac"
    subprocess.run(["ffmpeg", "-v", "error", *made.split(), str(path)], check=True)
    draft = IngestJob(0, "here", str(path), mark_of(path) or "", "films", name, NOW, NOW)
    store.run_sync(lambda uow: use.enqueue(uow, NOW, draft))


def _partial(data: Path, store: Store) -> list[str]:
    """What the library shows and should not: films with a file missing or cut, jobs that are ready without a film."""
    library = Library(data)
    films = store.run_sync(lambda uow: [(film, uow.assets.edition(film.id, film.rev)) for film in uow.assets.all()])
    wrong = [film.title for film, edition in films if edition is None or library.damaged(film.id, film.rev, edition)]
    ready = store.run_sync(lambda uow: uow.jobs.in_states("here", {State.READY}))
    return wrong + [job.title for job in ready if job.asset_id not in {film.id for film, _ in films}]


def test_kills_leave_no_partial_film_and_jobs_go_on(tmp_path: Path, store: Store) -> None:
    seed = int(time.time())
    chance = random.Random(seed)
    for name in ("a", "b"):
        _lay(tmp_path, store, name)
    for _ in range(KILLS):
        worker = Worker(tmp_path)
        time.sleep(chance.uniform(0, LONGEST_S))
        worker.kill()

        assert _partial(tmp_path, store) == [], f"seed {seed}"
    Worker(tmp_path).end()
    for job in store.run_sync(lambda uow: uow.jobs.in_states("here", {State.FAILED})):
        assert job.code == "crashed", "three kills of one job are the most that it is tried again after"
        store.run_sync(lambda uow, job=job: use.retry(uow, NOW, "operator", job.id))
    Worker(tmp_path).end()

    assert sorted(film.title for film in store.run_sync(lambda uow: uow.assets.all())) == ["a", "b"]
    assert _partial(tmp_path, store) == []
    shown = {f"{film.id}-{film.rev}" for film in store.run_sync(lambda uow: uow.assets.all())}
    assert {path.name for path in (tmp_path / "media" / "pub").iterdir()} - {"empty.vtt"} == shown
    Library(tmp_path).sweep()  # what is purged while a worker runs waits for the chore of the hour
    assert {path.name for path in (tmp_path / "work").iterdir()} <= {"progress.json", "progress.new"}
    store.close()
