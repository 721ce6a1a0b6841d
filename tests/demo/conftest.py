"""The demonstration seeded once for all test processes; each module works on a copy of its own."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from middleware.demo import history, seed, start
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)


def _opened(data: Path) -> Store:
    return Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))


def _without_past(data: Path) -> None:
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    store = _opened(data)
    store.run_sync(lambda uow: seed.seed_town(uow, NOW))
    store.run_sync(lambda uow: start.at_start(uow, NOW))
    store.close()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    data = tmp_path_factory.mktemp("demo")
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    store = _opened(data)
    store.run_sync(lambda uow: seed.seed_town(uow, NOW))
    for meeting in history.meetings():
        store.run_sync(lambda uow, meeting=meeting: history.hold(uow, NOW, meeting))
    store.run_sync(lambda uow: start.at_start(uow, NOW))
    yield store
    store.close()


@pytest.fixture(scope="module")
def young_town(
    made_once: Callable[[str, Callable[[Path], None]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """The town without its past, which takes longest."""
    data = tmp_path_factory.mktemp("young") / "data"
    shutil.copytree(made_once("young-town", _without_past), data)
    store = _opened(data)
    yield store
    store.close()
