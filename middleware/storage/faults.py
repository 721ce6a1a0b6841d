"""Failures of database and disk as one line that says what to do."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from middleware.domain.errors import (
    BadValue,
    Busy,
    Damaged,
    DiskFull,
    DomainError,
    NotFound,
    ReadOnly,
    StorageError,
    Unreachable,
)

# Primary result codes of https://www.sqlite.org/rescode.html; extended codes carry them in the low byte.
_SQLITE = {
    sqlite3.SQLITE_FULL: (DiskFull, "the disk of the database is full: free some space and try again"),
    sqlite3.SQLITE_READONLY: (ReadOnly, "the database or its folder is read-only for this user"),
    sqlite3.SQLITE_CANTOPEN: (ReadOnly, "the database cannot be opened: is its folder there and writable?"),
    sqlite3.SQLITE_PERM: (ReadOnly, "the database may not be opened by this user"),
    sqlite3.SQLITE_BUSY: (Busy, "another process holds the database"),
    sqlite3.SQLITE_LOCKED: (Busy, "another connection holds the database"),
    sqlite3.SQLITE_CORRUPT: (Damaged, "the database file is damaged: restore the last backup"),
    sqlite3.SQLITE_NOTADB: (Damaged, "the file is not an SQLite database"),
    sqlite3.SQLITE_IOERR: (StorageError, "the disk failed while the database was read or written"),
}

# Classes and codes of PostgreSQL appendix A.
_POSTGRES = {
    "53100": (DiskFull, "the disk of the database server is full"),
    "53300": (Busy, "the database server has no connection left"),
    "25006": (ReadOnly, "the database server takes no writes (is it a standby?)"),
    "40001": (Busy, "the database asked to try again"),
    "40P01": (Busy, "two transactions waited for each other"),
    "55P03": (Busy, "another process holds a lock"),
    "57014": (Busy, "a statement took too long"),
    "42501": (ReadOnly, "the database user lacks a right"),
    "28000": (Unreachable, "the database server refuses this user"),
    "28P01": (Unreachable, "the database server refuses this password"),
    "3D000": (Unreachable, "the database server has no database of this name"),
}


def translate(error: DBAPIError) -> DomainError | None:
    """The domain error of a driver's error, or None when it is our own fault (a broken constraint, wrong SQL)."""
    origin = error.orig
    if isinstance(origin, sqlite3.Error):
        return _of_sqlite(origin)
    state = getattr(origin, "sqlstate", None)
    if state == "22003":
        return NotFound()  # an id beyond 64 bits
    if type(origin).__name__ == "DataError":
        return BadValue("unstorable", "输入的内容不能保存", _first_line(origin))  # such as a NUL in a text
    if state in _POSTGRES:
        kind, line = _POSTGRES[state]
        return kind(line)
    lost = error.connection_invalidated or (state is None and type(origin).__name__ == "OperationalError")
    if lost or str(state or "").startswith(("08", "57P")):
        return Unreachable(f"the database server does not answer: {_first_line(origin)}")
    return None


def _of_sqlite(origin: sqlite3.Error) -> StorageError | None:
    found = _SQLITE.get(getattr(origin, "sqlite_errorcode", 0) & 0xFF)
    return None if found is None else found[0](found[1])


def _first_line(origin: BaseException | None) -> str:
    return (str(origin).strip().splitlines() or ["no reason given"])[0]


@contextmanager
def folder_faults(folder: Path) -> Iterator[None]:
    """Turn the errors of writing files into `folder` into domain errors."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(f"no space left in {folder}: free some space and try again") from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            raise ReadOnly(
                f"{folder} cannot be written by this user: choose another data folder or change its rights"
            ) from error
        raise
