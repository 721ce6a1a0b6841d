"""The version of the tables: fresh, stale, newer; head is what tables.py says; a copy opens like its original."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect, text

from middleware.cli import main as cli
from middleware.domain.channels import Channel
from middleware.domain.devices import Device
from middleware.domain.errors import Damaged, SchemaMismatch, StorageError
from middleware.storage import migrations, schema
from middleware.storage.backup import db_backup
from middleware.storage.schema import db_status, db_upgrade, head
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.tables import metadata
from tests.contract.conftest import Database
from tests.contract.small_town import PHONES, WANG, settle
from tools.postgres import Server

OURS = head()
COMING = f"{int(OURS) + 1:04}"
NEXT = f'''"""Another table."""

import sqlalchemy as sa
from alembic import op

revision = "{COMING}"
down_revision = "{OURS}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_table("pigeons", sa.Column("id", sa.Integer, primary_key=True))
'''


LANDED = {
    "villages": {"id": 1, "code": "v01", "name": "南湖村", "centre": False},
    "households": {"id": 1, "code": "01001", "village_id": 1, "address": "1 号"},
    "devices": {
        "id": 1,
        "serial": "NH01001",
        "household_id": 1,
        "family": "gb",
        "state": "active",
        "mode": "large",
        "taught": "{}",
        "created_at": 0,
    },
    "channels": {"id": 1, "xmltv_id": "nanhu.tv", "number": 1, "name": "南湖频道", "url": "http://x/1.m3u8"},
    "assets": {
        "id": 1,
        "rev": 1,
        "state": "ready",
        "column": "films",
        "title": "莲乡十二时",
        "short_title": "莲乡",
        "synopsis": "",
        "damaged_tail": False,
        "duration_ms": 1,
        "seg_ticks": "[90]",
        "added_at": 0,
        "changed_at": 0,
    },
}
"""Rows as version 0001 wrote them; what refers to others comes after them."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database without tables."""
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path}/bare.db", tmp_path)
    server: Server = request.getfixturevalue("postgres_server")
    return Database(server.create(f"bare-{abs(hash(tmp_path))}"), tmp_path)


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The program as its next release will be: with one migration more."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrations.__file__).parent, folder)
    (folder / "versions" / f"v{COMING}.py").write_text(NEXT, encoding="utf-8")

    def config() -> Config:
        made = Config()
        made.set_main_option("script_location", str(folder))
        return made

    with monkeypatch.context() as patch:
        patch.setattr(schema, "_config", config)
        yield patch


def opened(database: Database) -> Store:
    return Store.open(database.url, vault=Vault.create(database.data))


def test_a_fresh_database_is_empty_and_refused_with_the_command_to_run(bare: Database) -> None:
    assert (db_status(bare.url).state, db_status(bare.url).found) == ("empty", "")

    with pytest.raises(SchemaMismatch, match=r"\(empty\) is older than this program .* run `nanhu-tv db upgrade`"):
        opened(bare)


def test_an_upgrade_makes_the_tables_and_the_key_and_doing_it_again_changes_nothing(bare: Database) -> None:
    first = db_upgrade(bare.url, bare.data)
    key = (bare.data / "secret.key").read_text()

    assert (first.state, first.found) == ("current", head())
    assert db_upgrade(bare.url, bare.data) == first
    assert (bare.data / "secret.key").read_text() == key
    opened(bare).close()


def test_head_is_what_the_tables_say(database: Database) -> None:
    engine = create_engine(database.url)
    found = set(inspect(engine).get_table_names())
    engine.dispose()

    assert _differences(database.url) == []
    assert found - {"alembic_version"} == set(metadata.tables)


def _differences(url: str) -> list[object]:
    engine = create_engine(url)
    # Alembic takes SQLite's '' for another default than ours; PostgreSQL judges the defaults.
    options = {"compare_type": True, "compare_server_default": engine.dialect.name == "postgresql"}
    with engine.begin() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    return list(differences)


@pytest.fixture
def landed(bare: Database) -> Database:
    """A database as the first landed version (0001) left it, with a box, a channel and a film in it."""
    engine = create_engine(bare.url)
    config = Config()
    config.set_main_option("script_location", "middleware.storage:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, row in LANDED.items():
            names = ", ".join(f'"{name}"' for name in row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)
    engine.dispose()
    return bare


def test_a_database_of_the_first_version_is_brought_up_with_all_its_rows(landed: Database) -> None:
    assert (db_status(landed.url).found, db_upgrade(landed.url, landed.data).state) == ("0001", "current")

    store = opened(landed)
    box, channel, film = store.run_sync(
        lambda uow: (uow.devices.get(1), uow.guide.channel(1), uow.assets.get(1)), write=False
    )
    index = store.run_sync(lambda uow: uow.assets.edition(1, 1), write=False)
    store.close()
    assert box == Device(1, serial="NH01001", household_id=1, family="gb", state="active", mode="large")
    assert channel == Channel(1, "nanhu.tv", 1, "南湖频道", "http://x/1.m3u8")
    assert (film.title, film.series_id, film.season, film.episode) == ("莲乡十二时", None, 0, 0)
    assert (film.klass, film.channel, index.seg_ticks, index.iv) == ("pub", False, (90,), "")


def test_a_database_of_the_first_version_comes_to_have_exactly_our_tables(landed: Database) -> None:
    db_upgrade(landed.url, landed.data)

    assert _differences(landed.url) == []


@pytest.fixture
def filled(bare: Database) -> Database:
    """A database of this version with the small town in it."""
    db_upgrade(bare.url, bare.data)
    store = opened(bare)
    settle(store)
    store.close()
    return bare


def test_stale_tables_are_refused_and_an_upgrade_keeps_what_they_hold(
    filled: Database, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("next_version")
    assert (db_status(filled.url).state, head()) == ("stale", COMING)
    with pytest.raises(
        SchemaMismatch, match=rf"\({OURS}\) is older than this program \({COMING}\): run `nanhu-tv db upgrade`"
    ):
        opened(filled)

    assert db_upgrade(filled.url, filled.data).state == "current"
    store = opened(filled)
    assert store.run_sync(lambda uow: uow.registry.by_phone(PHONES[WANG]), write=False).name == WANG
    store.close()


def test_the_command_copies_sqlite_aside_before_it_upgrades(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    data = tmp_path / "data"
    CliRunner().invoke(cli, ["--data", str(data), "db", "upgrade"])
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    settle(store)
    store.close()
    later: pytest.MonkeyPatch = request.getfixturevalue("next_version")
    told = CliRunner().invoke(cli, ["--data", str(data), "db", "upgrade"])
    later.undo()

    (copy,) = (data / "backups").iterdir()
    assert told.exit_code == 0
    assert f"Copied the database to {copy}" in told.output
    assert db_status(f"sqlite:///{data}/nanhu.db").found == COMING
    old = Store.open(f"sqlite:///{copy}", vault=Vault.load(data))
    assert old.run_sync(lambda uow: uow.registry.by_phone(PHONES[WANG]), write=False).name == WANG
    old.close()


def test_newer_tables_are_refused_and_left_alone(filled: Database, request: pytest.FixtureRequest) -> None:
    later: pytest.MonkeyPatch = request.getfixturevalue("next_version")
    db_upgrade(filled.url, filled.data)
    later.undo()

    assert db_status(filled.url).state == "newer"
    with pytest.raises(SchemaMismatch, match=r"newer than this program.*install the newer version"):
        opened(filled)
    with pytest.raises(SchemaMismatch, match="newer than this program"):
        db_upgrade(filled.url, filled.data)
    assert db_status(filled.url).found == COMING


def test_an_upgrade_that_fails_leaves_the_tables_as_they_were(
    filled: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    request.getfixturevalue("next_version")
    broken = NEXT + '    op.execute("SELECT * FROM nowhere")\n'
    (tmp_path / "migrations" / "versions" / f"v{COMING}.py").write_text(broken, encoding="utf-8")
    with pytest.raises(Exception, match="nowhere"):
        db_upgrade(filled.url, filled.data)

    engine = create_engine(filled.url)
    assert "pigeons" not in inspect(engine).get_table_names()
    engine.dispose()
    assert db_status(filled.url).state == "stale"


def test_the_address_is_shown_without_its_password() -> None:
    with pytest.raises(StorageError) as refused:
        db_status("postgresql+psycopg://nanhu:geheim@127.0.0.1:1/nanhu")

    assert "geheim" not in str(refused.value)


def test_a_copy_taken_while_writing_opens_like_its_original(tmp_path: Path) -> None:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    store = Store.open(f"sqlite:///{tmp_path}/nanhu.db", vault=Vault.load(tmp_path))
    town = settle(store)
    copy = db_backup(f"sqlite:///{tmp_path}/nanhu.db", tmp_path / "backups" / "copy.db")
    store.run_sync(lambda uow: uow.places.add_village("v09", "后来村"))

    copied = Store.open(f"sqlite:///{copy}", vault=Vault.load(tmp_path))
    assert copied.run_sync(lambda uow: uow.registry.phone(town.members[WANG]), write=False) == PHONES[WANG]
    assert len(copied.run_sync(lambda uow: uow.places.villages(), write=False)) == 2
    copied.close()
    store.close()
    assert copy.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StorageError, match="exists already"):
        db_backup(f"sqlite:///{tmp_path}/nanhu.db", copy)


def test_no_copy_is_made_of_what_is_damaged_missing_or_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("this is a letter, not a database. " * 100)

    for url, error in (
        (f"sqlite:///{tmp_path}/text.db", Damaged),
        (f"sqlite:///{tmp_path}/none.db", StorageError),
        ("postgresql+psycopg://nanhu@127.0.0.1:1/nanhu", StorageError),
    ):
        with pytest.raises(error):
            db_backup(url, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["text.db"]
