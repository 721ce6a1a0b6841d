"""Database threads: answers come back to the reactor's thread, too many waiting calls are refused, none is lost."""

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred

from middleware.domain.errors import Busy
from middleware.domain.events import ContentChanged
from middleware.storage.runner import Lane
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store


class Loop:
    """What the threads need of a reactor: calls handed over to the one thread that runs `until`."""

    def __init__(self) -> None:
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()

    def callFromThread(self, call: Callable[..., None], *args: Any) -> None:  # noqa: N802 - Twisted's name
        self._calls.put(lambda: call(*args))

    def callLater(self, _delay: float, call: Callable[[], None]) -> None:  # noqa: N802 - Twisted's name
        self._calls.put(call)

    def until(self, done: Callable[[], bool]) -> None:
        while not done():
            self._calls.get(timeout=10)()


def answers(*told: "Deferred[Any]") -> list[Any]:
    """Collect results and errors as they come."""
    seen: list[Any] = []
    for one in told:
        one.addCallbacks(seen.append, lambda failure: seen.append(failure.value))
    return seen


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def lane(loop: Loop) -> Iterator[Lane]:
    made = Lane(loop, 2, 4, "test")
    yield made
    made.stop()


def test_a_call_runs_in_another_thread_and_answers_in_this_one(loop: Loop, lane: Lane) -> None:
    told = lane.run(threading.get_ident)
    seen = answers(told.addCallback(lambda worker: (worker, threading.get_ident())))
    loop.until(lambda: bool(seen))

    worker, here = seen[0]
    assert worker != here == threading.get_ident()


def test_too_many_waiting_calls_are_refused_and_room_is_made_again(loop: Loop, lane: Lane) -> None:
    gate = threading.Event()
    seen = answers(*[lane.run(lambda n=n: gate.wait(10) and n) for n in range(4)])
    refused = answers(lane.run(lambda: 5))
    assert isinstance(refused[0], Busy)

    gate.set()
    loop.until(lambda: len(seen) == 4)
    assert sorted(seen) == [0, 1, 2, 3]
    later = answers(lane.run(lambda: 6))
    loop.until(lambda: bool(later))
    assert later == [6]


def test_an_error_comes_back_as_itself(loop: Loop, lane: Lane) -> None:
    def fail() -> None:
        raise ValueError("from the thread")

    seen = answers(lane.run(fail))
    loop.until(lambda: bool(seen))
    assert str(seen[0]) == "from the thread"


def test_stopping_finishes_what_was_begun(loop: Loop) -> None:
    lane, done = Lane(loop, 1, 10, "test"), []
    seen = answers(*[lane.run(lambda n=n: done.append(n)) for n in range(5)])
    lane.stop()

    assert done == [0, 1, 2, 3, 4]
    loop.until(lambda: len(seen) == 5)


def test_many_writers_and_readers_over_threads_lose_nothing(loop: Loop, tmp_path: Path) -> None:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    store = Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path), reactor=loop, threads=3)
    batcher = store.batch(lambda uow, keys: [uow.settings.put("batch", key, 1) or key for key in keys])
    told = [batcher.submit(f"b{n}") for n in range(50)]
    told += [store.run(lambda uow, n=n: uow.settings.put("single", f"s{n}", n)) for n in range(50)]
    told += [store.run(lambda uow: len(uow.settings.all("single")), write=False) for _ in range(50)]
    seen = answers(*told)
    loop.until(lambda: len(seen) == 150)

    assert not [one for one in seen if isinstance(one, Exception)]
    sizes = store.run_sync(lambda uow: (len(uow.settings.all("batch")), len(uow.settings.all("single"))), write=False)
    assert sizes == (50, 50)
    store.close()


def test_a_call_that_nobody_waits_for_any_more_still_takes_its_place_until_it_has_run(
    loop: Loop, tmp_path: Path
) -> None:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    store = Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path), reactor=loop, queue=1)
    gate, ran = threading.Event(), threading.Event()

    def slow(_uow: Any) -> None:
        gate.wait(10)
        ran.set()

    given_up = store.run(slow)
    seen = answers(given_up)
    given_up.cancel()
    seen += answers(store.run(lambda _uow: "one too many"))
    gate.set()
    loop.until(ran.is_set)
    store.close()

    assert [type(one) for one in seen] == [CancelledError, Busy]


def test_what_was_written_is_told_although_nobody_waits_for_the_answer(loop: Loop, tmp_path: Path) -> None:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    store = Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path), reactor=loop)
    told: list[str] = []
    store.on_commit(lambda: told.append("event"))
    given_up = store.run(lambda uow: uow.outbox.add(ContentChanged("article")))
    answers(given_up)
    given_up.cancel()
    loop.until(lambda: bool(told))
    store.close()

    assert told == ["event"]
