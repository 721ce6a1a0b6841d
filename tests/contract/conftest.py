"""Every test that takes `store` runs on SQLite and on a real PostgreSQL; the server is started once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen
from sqlalchemy import Engine, create_engine, text

from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.tables import metadata
from tools.postgres import Server


@frozen
class Database:
    """An up-to-date empty database and the data folder with its key."""

    url: str
    data: Path


@pytest.fixture(scope="session")
def town_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder with the key that all databases of this session are sealed with."""
    data = tmp_path_factory.mktemp("data")
    Vault.create(data)
    return data


@pytest.fixture(scope="session")
def sqlite_template(town_data: Path) -> Path:
    db_upgrade(f"sqlite:///{town_data}/template.db", town_data)
    return town_data / "template.db"


@pytest.fixture(scope="session")
def postgres_engine(postgres_server: Server, town_data: Path) -> Iterator[Engine]:
    db_upgrade(postgres_server.create("contract"), town_data)
    engine = create_engine(postgres_server.url("contract"))
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, town_data: Path) -> Database:
    """An empty database on each of the two; ids do not begin at 1 on PostgreSQL, tests must not count on them."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "nanhu.db")
        return Database(f"sqlite:///{tmp_path}/nanhu.db", town_data)
    engine: Engine = request.getfixturevalue("postgres_engine")
    empty(engine)
    return Database(engine.url.render_as_string(hide_password=False), town_data)


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """A store that works at once in the caller's thread: `store.run_sync(fn)`, `store.run(fn)` fires immediately."""
    opened = Store.open(database.url, vault=Vault.load(database.data))
    yield opened
    opened.close()


def empty(engine: Engine) -> None:
    """Delete every row but the key of the database."""
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            kept = " WHERE scope <> 'system'" if table.name == "settings" else ""
            connection.execute(text(f'DELETE FROM "{table.name}"{kept}'))
