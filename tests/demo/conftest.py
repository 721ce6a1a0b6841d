"""The demonstration seeded once, in memory of one test process, for tests that only read it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from middleware.demo import history, seed, start
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)


def _seeded(data: Path, meetings: tuple[history.Meeting, ...]) -> Store:
    url = f"sqlite:///{data}/nanhu.db"
    db_upgrade(url, data)
    store = Store.open(url, vault=Vault.load(data))
    store.run_sync(lambda uow: seed.seed_town(uow, NOW))
    for meeting in meetings:
        store.run_sync(lambda uow, meeting=meeting: history.hold(uow, NOW, meeting))
    store.run_sync(lambda uow: start.at_start(uow, NOW))
    return store


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = _seeded(tmp_path_factory.mktemp("demo"), history.meetings())
    yield store
    store.close()


@pytest.fixture(scope="module")
def young_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The town without its past, which takes longest."""
    store = _seeded(tmp_path_factory.mktemp("young"), ())
    yield store
    store.close()
