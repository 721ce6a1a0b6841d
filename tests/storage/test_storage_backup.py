"""Copies of a live SQLite database: whole, alone, and never half-written."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from middleware.domain.errors import Damaged, StorageError
from middleware.storage.backup import db_backup


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "50% data#" / "nanhu.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (n INTEGER)")
        database.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(1000)])
        database.commit()
    return path


def _count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM t").fetchone()[0])


def test_what_was_committed_is_in_the_copy_and_what_is_under_way_is_not(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "nanhu.db"
    with closing(sqlite3.connect(source, isolation_level=None)) as writer:
        writer.execute("INSERT INTO t VALUES (1000)")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM t")

        db_backup(f"sqlite:///{source}", target)

    assert _count(target) == 1001
    assert [path.name for path in target.parent.iterdir()] == ["nanhu.db"], "no WAL, no half file"
    assert target.stat().st_mode & 0o777 == 0o600


def test_an_older_copy_is_never_written_over(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "nanhu.db"
    target.write_text("kept")

    with pytest.raises(StorageError, match="exists already"):
        db_backup(f"sqlite:///{source}", target)

    assert target.read_text() == "kept"


def test_a_damaged_source_leaves_no_copy(tmp_path: Path) -> None:
    source = tmp_path / "nanhu.db"
    source.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 20)

    with pytest.raises(Damaged):
        db_backup(f"sqlite:///{source}", tmp_path / "copy.db")

    assert [path.name for path in tmp_path.iterdir()] == ["nanhu.db"]


def test_what_cannot_be_copied_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="pg_dump"):
        db_backup("postgresql+psycopg://nanhu@db/nanhu", tmp_path / "copy.db")
    with pytest.raises(StorageError, match="no database"):
        db_backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy.db")
