"""Disk and server faults, provoked on real databases, as one line that says what to do."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from middleware.domain.errors import Busy, Damaged, DiskFull, ReadOnly, StorageError, Unreachable
from middleware.storage import engines
from middleware.storage.faults import folder_faults
from middleware.storage.schema import db_status, db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tools.postgres import Server


@pytest.fixture
def data(tmp_path: Path) -> Path:
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    return tmp_path


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    yield opened
    opened.close()


def fill(uow) -> None:
    for n in range(2000):
        uow.settings.put("x", str(n), "y" * 500)


def pragma(store: Store, word: str) -> None:
    """Change the writing connection, as a full or protected disk would."""
    with store._engines.writing.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA {word}")
        connection.rollback()


def test_a_full_disk_says_so_and_what_was_there_stays(store: Store) -> None:
    store.run_sync(lambda uow: uow.settings.put("x", "before", 1))
    pragma(store, "max_page_count=1")

    with pytest.raises(DiskFull, match="disk of the database is full: free some space"):
        store.run_sync(fill)
    pragma(store, "max_page_count=1000000")
    assert store.run_sync(lambda uow: dict(uow.settings.all("x")), write=False) == {"before": 1}
    store.run_sync(fill)


def test_a_database_that_cannot_be_written_says_so(store: Store) -> None:
    pragma(store, "query_only=ON")

    with pytest.raises(ReadOnly, match="read-only for this user"):
        store.run_sync(lambda uow: uow.settings.put("x", "y", 1))


def test_a_reading_transaction_cannot_write(store: Store) -> None:
    with pytest.raises(ReadOnly):
        store.run_sync(lambda uow: uow.settings.put("x", "y", 1), write=False)


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_opened(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines.os, "access", lambda *_args: False)

    with pytest.raises(ReadOnly, match=r"nanhu\.db cannot be written by this user"):
        Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="is not a folder"):
        db_status(f"sqlite:///{tmp_path}/nowhere/nanhu.db")


def test_a_letter_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "nanhu.db").write_text("Dear cadre, please find the roster attached. " * 200)

    with pytest.raises(Damaged, match="not an SQLite database"):
        db_status(f"sqlite:///{tmp_path}/nanhu.db")


def test_damaged_pages_say_to_restore_the_backup(data: Path) -> None:
    opened = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    opened.run_sync(fill)
    opened.close()
    file = data / "nanhu.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    body = bytearray(file.read_bytes())
    body[-40 * 4096 : -20 * 4096] = b"\xaa" * (20 * 4096)
    file.write_bytes(bytes(body))

    opened = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    with pytest.raises(Damaged, match="damaged: restore the last backup"):
        opened.run_sync(lambda uow: uow.settings.all("x"), write=False)
    opened.close()


def test_another_process_that_holds_the_database_is_waited_for_then_busy(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_BUSY_MS", 50)
    opened = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    other = sqlite3.connect(data / "nanhu.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Busy, match="another process holds the database"):
        opened.run_sync(lambda uow: uow.settings.put("x", "y", 1))
    assert opened.run_sync(lambda uow: uow.settings.get("x", "y"), write=False) is None
    other.execute("ROLLBACK")
    other.close()
    opened.run_sync(lambda uow: uow.settings.put("x", "y", 1))
    opened.close()


def test_our_own_fault_is_not_dressed_up_and_tells_no_row(store: Store) -> None:
    def twice(uow) -> None:
        for _ in range(2):
            uow.places.add_village("v01", "保密村")

    with pytest.raises(IntegrityError) as fault:
        store.run_sync(twice)
    assert "保密村" not in str(fault.value)


def test_sqlite_is_durable_checks_its_keys_and_reads_beside_a_writer(store: Store) -> None:
    with store._engines.writing.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert found == ["wal", 2, 1]


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://a/b", "sqlite://", "postgresql+psycopg://host", "postgresql://a/b", ""]
)
def test_addresses_of_other_kinds_are_refused(url: str) -> None:
    with pytest.raises(Unreachable, match=r"database\.url"):
        db_status(url)


def test_a_server_that_is_not_there_is_one_line() -> None:
    with pytest.raises(Unreachable, match="the database server does not answer: ") as refused:
        db_status("postgresql+psycopg://nanhu:geheim@127.0.0.1:1/nanhu")

    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.postgres
def test_a_database_or_user_that_the_server_does_not_know_is_named(postgres_server: Server) -> None:
    for url in (postgres_server.url("nowhere"), postgres_server.url("postgres").replace("nanhu@", "stranger@")):
        with pytest.raises(Unreachable):
            db_status(url)


@pytest.mark.postgres
def test_connections_that_the_server_ended_are_replaced(postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.create("restarted")
    db_upgrade(url, tmp_path)
    opened = Store.open(url, vault=Vault.load(tmp_path))
    killer = create_engine(postgres_server.url("postgres"), isolation_level="AUTOCOMMIT")

    def killed(uow) -> None:
        uow.settings.put("x", "y", 1)
        with killer.connect() as connection:
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'restarted'"
            connection.execute(text(ended))
        uow.settings.put("x", "z", 1)

    with pytest.raises(StorageError):
        opened.run_sync(killed)
    opened.run_sync(lambda uow: uow.settings.put("x", "after", 1))
    assert opened.run_sync(lambda uow: dict(uow.settings.all("x")), write=False) == {"after": 1}
    opened.close()
    killer.dispose()


@pytest.mark.postgres
def test_connections_that_ended_while_they_were_idle_are_replaced_without_a_fault(
    postgres_server: Server, tmp_path: Path
) -> None:
    url = postgres_server.create("idle")
    db_upgrade(url, tmp_path)
    opened = Store.open(url, vault=Vault.load(tmp_path))
    opened.run_sync(lambda uow: opened.run_sync(lambda other: other.settings.put("x", "y", 1)) or uow.settings.all("x"))
    killer = create_engine(postgres_server.url("postgres"), isolation_level="AUTOCOMMIT")
    with killer.connect() as connection:
        idle = "FROM pg_stat_activity WHERE datname = 'idle'"
        ended = connection.execute(text(f"SELECT count(pg_terminate_backend(pid, 5000)) {idle}")).scalar()
    opened.run_sync(lambda uow: uow.settings.put("x", "y", 2))

    assert ended == 2
    assert opened.run_sync(lambda uow: dict(uow.settings.all("x")), write=False) == {"y": 2}
    opened.close()
    killer.dispose()


@pytest.mark.postgres
def test_a_reading_transaction_cannot_write_on_postgresql_either(postgres_server: Server, tmp_path: Path) -> None:
    url = postgres_server.create("reading")
    db_upgrade(url, tmp_path)
    opened = Store.open(url, vault=Vault.load(tmp_path))

    with pytest.raises(ReadOnly):
        opened.run_sync(lambda uow: uow.settings.put("x", "y", 1), write=False)
    opened.close()


@pytest.mark.parametrize(("number", "kind"), [(28, DiskFull), (122, DiskFull), (13, ReadOnly), (30, ReadOnly)])
def test_errors_of_the_data_folder_are_told_apart(tmp_path: Path, number: int, kind: type[StorageError]) -> None:
    with pytest.raises(kind, match=str(tmp_path)), folder_faults(tmp_path):
        raise OSError(number, "as the system says")
    with pytest.raises(OSError, match="something else"), folder_faults(tmp_path):
        raise OSError(5, "something else")
