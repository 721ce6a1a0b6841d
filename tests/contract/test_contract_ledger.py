"""The ledger on both databases: rows only ever added, by the one who holds the lock, each told once."""

import pytest
from attrs import evolve

from middleware.domain.errors import Fenced
from middleware.services.video_ports import Lock, PoolRefs, Use
from middleware.storage.store import Store
from vod.ledger import Captured, Row

CHANNEL = "nanhu.town"
FIRST = Row(1, 1_000_000, "filler", 7, 1, 0, 10, 0, 0, True, "", 1, 1_000_000)
SECOND = Row(2, 1_060_000, "asset", 8, 2, 0, 30, 10, 1, True, "abc", 1, 1_000_000)
RELAY = Row(3, 1_240_000, "relay", 0, 0, 0, 0, 40, 2, True, "news", 1, 1_000_000)
BEHIND = Row(4, 1_300_000, "asset", 8, 2, 3, 30, 50, 3, False, "abc", 1, 1_200_000)
POOL = PoolRefs(1, ((7, 1), (9, 3)), (5, 1), ((2_000, (1, 1)), (3_000, (2, 1))))


def _lock(store: Store, holder: str, now_ms: int = 0) -> int:
    return store.run_sync(lambda uow: uow.ledger.lock(CHANNEL, holder, now_ms, now_ms + 10_000))


def _append(store: Store, fence: int, *rows: Row) -> None:
    store.run_sync(lambda uow: uow.ledger.append(CHANNEL, rows, fence))


def test_rows_come_back_as_added_from_where_one_has_read(store: Store) -> None:
    fence = _lock(store, "a")
    _append(store, fence, FIRST, SECOND)
    _append(store, fence, RELAY, BEHIND)

    assert store.run_sync(lambda uow: uow.ledger.rows(CHANNEL)) == (FIRST, SECOND, RELAY, BEHIND)
    assert store.run_sync(lambda uow: uow.ledger.rows(CHANNEL, 2)) == (RELAY, BEHIND)
    assert store.run_sync(lambda uow: uow.ledger.rows("another")) == ()
    assert store.run_sync(lambda uow: uow.ledger.channels()) == (CHANNEL,)


def test_a_node_begins_at_the_newest_settled_row_before_what_it_shows(store: Store) -> None:
    _append(store, _lock(store, "a"), FIRST, SECOND, RELAY, BEHIND)
    begins = [
        store.run_sync(lambda uow, at=at: uow.ledger.begin(CHANNEL, at)) for at in (999_999, 1_060_000, 1_400_000)
    ]

    assert begins == [0, 2, 3]


def test_captured_segments_come_by_row_and_number(store: Store) -> None:
    fence = _lock(store, "a")
    segments = [Captured(3, k, 540_000, (400_000, 900_000), 1_250_000 + 6_000 * k) for k in range(3)]
    _append(store, fence, FIRST, SECOND, RELAY)
    store.run_sync(lambda uow: uow.ledger.capture(CHANNEL, segments[::-1], fence))

    assert store.run_sync(lambda uow: uow.ledger.captured(CHANNEL)) == tuple(segments)
    assert store.run_sync(lambda uow: uow.ledger.captured(CHANNEL, 3)) == ()


def test_pools_stand_as_written_and_a_revision_is_written_once(store: Store) -> None:
    fence = _lock(store, "a")
    store.run_sync(lambda uow: uow.ledger.put_pool(CHANNEL, POOL, fence))

    with pytest.raises(Exception, match=r"(?i)unique"):
        store.run_sync(lambda uow: uow.ledger.put_pool(CHANNEL, evolve(POOL, loop=()), fence))
    assert store.run_sync(lambda uow: uow.ledger.pools(CHANNEL)) == {1: POOL}


def test_one_holds_the_lock_until_it_runs_out_and_the_next_has_a_higher_number(store: Store) -> None:
    first = _lock(store, "a", 0)

    assert _lock(store, "b", 9_999) == 0
    assert _lock(store, "a", 5_000) == first
    assert _lock(store, "b", 15_000) == first + 1
    assert _lock(store, "a", 15_001) == 0
    assert store.run_sync(lambda uow: uow.ledger.held(CHANNEL)) == Lock("b", first + 1, 25_000)


def test_a_lock_let_go_is_free_at_once(store: Store) -> None:
    first = _lock(store, "a")
    store.run_sync(lambda uow: uow.ledger.unlock(CHANNEL, "a"))

    assert _lock(store, "b", 1) == first + 1


@pytest.mark.parametrize("what", ["rows", "segments", "pool"])
def test_nothing_is_added_under_an_old_number(store: Store, what: str) -> None:
    old = _lock(store, "a", 0)
    _lock(store, "b", 20_000)
    segment = Captured(1, 0, 540_000, (), 0)

    with pytest.raises(Fenced):
        store.run_sync(
            lambda uow: {
                "rows": lambda: uow.ledger.append(CHANNEL, [FIRST], old),
                "segments": lambda: uow.ledger.capture(CHANNEL, [segment], old),
                "pool": lambda: uow.ledger.put_pool(CHANNEL, POOL, old),
            }[what]()
        )
    assert store.run_sync(lambda uow: uow.ledger.rows(CHANNEL)) == ()


def test_nothing_is_added_to_a_channel_that_nobody_holds(store: Store) -> None:
    with pytest.raises(Fenced):
        _append(store, 1, FIRST)


def test_what_is_added_is_told_in_the_same_transaction(store: Store) -> None:
    last = store.run_sync(lambda uow: uow.outbox.last())
    _append(store, _lock(store, "a"), FIRST, SECOND)
    told = store.run_sync(lambda uow: uow.outbox.after(last))

    assert [(one.kind, one.body) for one in told] == [("LedgerGrown", {"channel": CHANNEL})]


def test_the_airings_of_a_film_are_found_by_when_they_begin(store: Store) -> None:
    _append(store, _lock(store, "a"), FIRST, SECOND, RELAY, BEHIND)

    assert store.run_sync(lambda uow: uow.ledger.uses(8, 1_100_000)) == (Use(CHANNEL, 4, 1_300_000, "abc"),)
    assert len(store.run_sync(lambda uow: uow.ledger.uses(8, 0))) == 2


def test_old_rows_go_but_not_the_one_to_fold_from(store: Store) -> None:
    fence = _lock(store, "a")
    _append(store, fence, FIRST, SECOND, evolve(RELAY, pool_rev=3), evolve(BEHIND, pool_rev=3))
    for revision in (1, 2, 3, 4):
        store.run_sync(lambda uow, n=revision: uow.ledger.put_pool(CHANNEL, evolve(POOL, revision=n), fence))

    assert store.run_sync(lambda uow: uow.ledger.prune(1_061_000)) == 1
    assert [row.seq for row in store.run_sync(lambda uow: uow.ledger.rows(CHANNEL))] == [2, 3, 4]
    assert set(store.run_sync(lambda uow: uow.ledger.pools(CHANNEL))) == {1, 3, 4}, "row 2 stands on 1, the next on 4"
    assert store.run_sync(lambda uow: uow.ledger.fills(9, 1_240_000)) == (CHANNEL,)
    assert store.run_sync(lambda uow: (uow.ledger.fills(8, 0), uow.ledger.fills(9, 1_300_001))) == ((), ())
