"""Use-cases run over a real SQLite store: one template, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.contract.small_town import SmallTown, settle


@pytest.fixture(scope="session")
def empty_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an up-to-date empty database and its key."""
    data = tmp_path_factory.mktemp("town")
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    return data


@pytest.fixture
def data(empty_town: Path, tmp_path: Path) -> Path:
    """A copy of that folder for one test."""
    shutil.copytree(empty_town, tmp_path / "town")
    return tmp_path / "town"


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    yield opened
    opened.close()


@pytest.fixture
def town(store: Store) -> SmallTown:
    return settle(store)
