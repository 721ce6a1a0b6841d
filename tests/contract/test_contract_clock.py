"""The database's own clock: told by a server that several nodes share, and not by a file of one machine."""

import time

from middleware.storage.store import Store


def test_the_clock_that_nodes_share_is_the_databases(store: Store) -> None:
    before = time.time()
    told = store.run_sync(lambda uow: uow.ledger.clock_ms(), write=False)

    assert told is None or before - 5 <= told / 1000 <= time.time() + 5
