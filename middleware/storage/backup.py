"""A consistent copy of an SQLite database, taken while the server runs."""

import sqlite3
from contextlib import closing
from pathlib import Path

from middleware.domain.errors import Damaged, DiskFull, StorageError
from middleware.storage.engines import parse_url, sqlite_file
from middleware.storage.faults import folder_faults
from middleware.whole import sync

_STEP = 2048
"""Pages copied before writers may go on; 8 MiB."""


def db_backup(url: str, target: Path) -> Path:
    """Copy the database to `target`, whole or not at all; returns the target.

    Raises StorageError for PostgreSQL (pg_dump does that), for a target that exists, and for a damaged source.
    """
    source = sqlite_file(parse_url(url))
    if source is None:
        raise StorageError("a PostgreSQL database is copied by pg_dump")
    if not source.exists():
        raise StorageError(f"there is no database at {source} yet")
    if target.exists():
        raise StorageError(f"{target} exists already: choose another name")
    part = target.with_name(f".{target.name}.part")
    with folder_faults(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy(source, part)
            part.chmod(0o600)
            part.replace(target)
            sync(target.parent)
        finally:
            part.unlink(missing_ok=True)
    return target


def _copy(source: Path, part: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{_quoted(source)}?mode=ro", uri=True, timeout=10)) as old,
            closing(sqlite3.connect(part)) as new,
        ):
            old.backup(new, pages=_STEP)
            # A copy that leaves the WAL of its source behind must stand alone as one file.
            new.execute("PRAGMA journal_mode=DELETE").close()
            if new.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise Damaged(f"{source} is damaged: its copy does not pass SQLite's own check")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise DiskFull(f"no space left in {part.parent} for the copy") from error
        raise Damaged(f"{source} cannot be copied: {error}") from error
    sync(part)


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
