"""Events on both databases: written with their cause, and a cursor misses none of them."""

import threading
import time

import pytest

from middleware.domain.events import InvitationsRenewed, RollcallClosed, RollcallOpened
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.contract.conftest import Database
from tests.contract.small_town import NOW

WRITERS, EACH = 4, 15


def add(store: Store, *events) -> None:
    def write(uow):
        for event in events:
            uow.outbox.add(event)

    store.run_sync(write)


def test_events_come_back_as_kind_and_plain_body(store: Store) -> None:
    start = store.run_sync(lambda uow: uow.outbox.last(), write=False)
    add(store, RollcallOpened(7, NOW, 3), InvitationsRenewed(7, (1, 2)))
    first, second = store.run_sync(lambda uow: uow.outbox.after(start), write=False)

    assert (first.kind, first.body) == ("RollcallOpened", {"rollcall": 7, "closes": NOW.isoformat(), "households": 3})
    assert (second.kind, second.body) == ("InvitationsRenewed", {"rollcall": 7, "households": [1, 2]})
    assert store.run_sync(lambda uow: uow.outbox.last(), write=False) == second.seq > first.seq


def test_an_event_of_a_failed_transaction_is_never_told(store: Store) -> None:
    told: list[None] = []
    store.on_commit(lambda: told.append(None))

    def fail(uow):
        uow.outbox.add(RollcallClosed(1))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - its own
        store.run_sync(fail)
    assert store.run_sync(lambda uow: uow.outbox.waiting(), write=False) == ()
    assert told == []


def test_hooks_run_after_commits_that_wrote_an_event(store: Store) -> None:
    seen: list[int] = []
    store.on_commit(lambda: seen.append(len(store.run_sync(lambda uow: uow.outbox.waiting(), write=False))))
    store.run_sync(lambda uow: uow.settings.put("a", "b", 1))
    add(store, RollcallClosed(1))

    assert seen == [1]


def test_dispatched_events_are_no_longer_waiting_and_old_ones_go(store: Store) -> None:
    add(store, *[RollcallClosed(n) for n in range(5)])
    seqs = [one.seq for one in store.run_sync(lambda uow: uow.outbox.waiting(3), write=False)]
    store.run_sync(lambda uow: uow.outbox.dispatched(seqs))

    waiting = store.run_sync(lambda uow: uow.outbox.waiting(), write=False)
    assert [one.body["rollcall"] for one in waiting] == [3, 4]
    assert store.run_sync(lambda uow: uow.outbox.prune(4)) == 1
    assert store.run_sync(lambda uow: uow.outbox.prune(0)) == 2
    assert store.run_sync(lambda uow: uow.outbox.after(0), write=False) == waiting


def test_a_number_is_never_given_twice(store: Store) -> None:
    add(store, RollcallClosed(1))
    last = store.run_sync(lambda uow: uow.outbox.last(), write=False)
    store.run_sync(lambda uow: uow.outbox.dispatched([last]))
    store.run_sync(lambda uow: uow.outbox.prune(0))
    add(store, RollcallClosed(2))

    assert store.run_sync(lambda uow: uow.outbox.waiting(), write=False)[0].seq > last


def test_a_cursor_misses_nothing_while_several_processes_write(store: Store, database: Database) -> None:
    """Each writer lingers between writing its event and committing: numbers given out early must not be passed over."""

    def write(writer: int) -> None:
        own = Store.open(database.url, vault=Vault.load(database.data))
        for n in range(EACH):

            def slow(uow, n=n):
                uow.outbox.add(RollcallClosed(writer * 1000 + n))
                time.sleep(0.002 * ((writer + n) % 3))

            own.run_sync(slow)
        own.close()

    cursor = store.run_sync(lambda uow: uow.outbox.last(), write=False)
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    running = True
    while running:
        running = any(thread.is_alive() for thread in threads)
        fresh = store.run_sync(lambda uow, cursor=cursor: uow.outbox.after(cursor), write=False)
        seen += [one.body["rollcall"] for one in fresh]
        cursor = fresh[-1].seq if fresh else cursor
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(writer * 1000 + n for writer in range(WRITERS) for n in range(EACH))
