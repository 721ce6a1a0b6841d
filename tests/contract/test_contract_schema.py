"""The version of the tables: fresh, stale, newer; head is what tables.py says; a copy opens like its original."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect

from middleware.cli import main as cli
from middleware.domain.errors import Damaged, SchemaMismatch, StorageError
from middleware.storage import migrations, schema
from middleware.storage.backup import db_backup
from middleware.storage.schema import db_status, db_upgrade, head
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.tables import metadata
from tests.contract.conftest import Database
from tests.contract.small_town import PHONES, WANG, settle
from tools import make_migration
from tools.postgres import Server

NEXT = '''"""Another table."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_table("pigeons", sa.Column("id", sa.Integer, primary_key=True))
'''


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
    (folder / "versions" / "v0002.py").write_text(NEXT, encoding="utf-8")

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
    # Alembic takes SQLite's '' for another default than ours; PostgreSQL judges the defaults.
    options = {"compare_type": True, "compare_server_default": engine.dialect.name == "postgresql"}
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, metadata)
        found = set(inspect(connection).get_table_names())
    engine.dispose()

    assert differences == []
    assert found - {"alembic_version"} == set(metadata.tables)


def test_the_migration_was_written_from_the_tables() -> None:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "format", "--stdin-filename", str(make_migration.TARGET), "-"]
    made = subprocess.run(command, input=make_migration.source(), capture_output=True, text=True, check=True).stdout

    assert made == make_migration.TARGET.read_text(encoding="utf-8")


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
    assert (db_status(filled.url).state, head()) == ("stale", "0002")
    with pytest.raises(
        SchemaMismatch, match=r"\(0001\) is older than this program \(0002\): run `nanhu-tv db upgrade`"
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
    assert db_status(f"sqlite:///{data}/nanhu.db").found == "0002"
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
    assert db_status(filled.url).found == "0002"


def test_an_upgrade_that_fails_leaves_the_tables_as_they_were(
    filled: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    request.getfixturevalue("next_version")
    broken = NEXT + '    op.execute("SELECT * FROM nowhere")\n'
    (tmp_path / "migrations" / "versions" / "v0002.py").write_text(broken, encoding="utf-8")
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
