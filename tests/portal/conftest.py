"""One empty database and one with a small town in it are made once, and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.portal.portal_town import TV, Ids, PortalTown, settled
from tests.portal.rest_town import RestTown


@pytest.fixture(scope="session")
def portal_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("portal")
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    return data


@pytest.fixture(scope="session")
def portal_settled(portal_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ids]:
    """A data folder with the small town in it, and what is where."""
    data = tmp_path_factory.mktemp("settled") / "data"
    shutil.copytree(portal_data, data)
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    ids = settled(store, data)
    store.close()
    return data, ids


@pytest.fixture
def portal_town_with(portal_settled: tuple[Path, Ids], tmp_path: Path) -> Iterator[Callable[..., PortalTown]]:
    stores: list[Store] = []
    towns: list[PortalTown] = []
    template, ids = portal_settled

    def make(**settings: Any) -> PortalTown:
        shutil.copytree(template, tmp_path / f"town{len(stores)}")
        data = tmp_path / f"town{len(stores)}"
        stores.append(Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data)))
        towns.append(PortalTown(stores[-1], data, ids, **settings))
        return towns[-1]

    yield make
    for town in towns:
        town.portal.stop()
    for store in stores:
        store.close()


@pytest.fixture
def portal_town(portal_town_with: Callable[..., PortalTown]) -> PortalTown:
    return portal_town_with(demonstration=True)


@pytest.fixture
def tv(portal_town: PortalTown) -> TV:
    """The set of the household of 王秀兰 and 张福田."""
    return portal_town.tv()


@pytest.fixture
def rest(portal_data: Path, tmp_path: Path) -> Iterator[RestTown]:
    """The REST interface over a small town."""
    shutil.copytree(portal_data, tmp_path / "rest")
    store = Store.open(f"sqlite:///{tmp_path}/rest/nanhu.db", vault=Vault.load(tmp_path / "rest"))
    yield RestTown.over(store)
    store.close()
