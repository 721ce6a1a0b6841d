"""The database of the small town is made once and copied for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from middleware.storage.store import Store
from tests.wire.ctc_site import CtcTown, make_store, open_store


@pytest.fixture(scope="session")
def ctc_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("ctc")
    make_store(data)
    return data


@pytest.fixture
def ctc_town_with(ctc_data: Path, tmp_path: Path) -> Iterator[Callable[..., CtcTown]]:
    stores: list[Store] = []

    def make(**settings: Any) -> CtcTown:
        stores.append(open_store(ctc_data, tmp_path / f"ctc{len(stores)}"))
        return CtcTown(stores[-1], **settings)

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def ctc_town(ctc_town_with: Callable[..., CtcTown]) -> CtcTown:
    return ctc_town_with()
