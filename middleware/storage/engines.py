"""Connections as we want them: durable SQLite with one writer, or PostgreSQL."""

import os
import select
import sqlite3
from pathlib import Path
from typing import Any

from attrs import frozen
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from middleware.domain.errors import ReadOnly, Unreachable

_BUSY_MS = 10_000
"""How long a statement waits for another process (a command line beside the server) before it gives up."""


@frozen
class Engines:
    """Where transactions begin: `reading` never writes, `writing` takes the write lock at once."""

    reading: Engine
    writing: Engine

    @property
    def is_sqlite(self) -> bool:
        """SQLite allows one writer at a time, so it gets one writer thread."""
        return self.writing.dialect.name == "sqlite"

    def dispose(self) -> None:
        """Close every connection."""
        self.reading.dispose()
        self.writing.dispose()


def parse_url(url: str) -> URL:
    """Check a database address: sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME."""
    try:
        found = make_url(url)
    except ArgumentError:
        raise Unreachable("database.url is not an address such as sqlite:////var/lib/nanhu/nanhu.db") from None
    if found.drivername not in {"sqlite", "postgresql+psycopg"} or not found.database:
        raise Unreachable("database.url must begin with sqlite:/// or postgresql+psycopg:// and name a database")
    return found


def sqlite_file(url: URL) -> Path | None:
    """The file of an SQLite address, None for PostgreSQL."""
    return Path(url.database or "") if url.drivername == "sqlite" else None


def open_engines(url: URL, threads: int) -> Engines:
    """Make the engines; nothing is connected yet."""
    return _sqlite(url, threads) if url.drivername == "sqlite" else _postgres(url, threads)


def _sqlite(url: URL, threads: int) -> Engines:
    file = sqlite_file(url)
    if file is not None and not file.parent.is_dir():
        raise ReadOnly(f"{file.parent} is not a folder: make it, or choose another data folder")
    if file is not None and not os.access(file if file.exists() else file.parent, os.W_OK):
        raise ReadOnly(f"{file} cannot be written by this user: choose another data folder or change its rights")
    return Engines(_sqlite_engine(url, threads, writes=False), _sqlite_engine(url, 1, writes=True))


def _sqlite_engine(url: URL, size: int, *, writes: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,  # an error in the log must not tell whose row it was
        connect_args={"check_same_thread": False},
    )

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions: the event below does
        # First how long to wait: to change the journal mode may have to.
        wanted = [
            f"busy_timeout={_BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
        ]
        if not writes:
            wanted.append("query_only=ON")
        for pragma in wanted:
            connection.execute(f"PRAGMA {pragma}").close()

    def begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def _postgres(url: URL, threads: int) -> Engines:
    try:
        engine = create_engine(
            url,
            pool_size=2 * threads,  # as many as read and write threads together, so no thread waits for a connection
            max_overflow=1,
            hide_parameters=True,
            connect_args={
                "connect_timeout": 5,
                # Plans kept from when a table was empty read it whole: sign-ins took ten times as long.
                "prepare_threshold": None,
                "application_name": "nanhu-tv",
                "options": "-c timezone=UTC -c random_page_cost=1.1 -c lock_timeout=10s -c statement_timeout=60s",
            },
        )
    except ModuleNotFoundError:
        raise Unreachable("the PostgreSQL driver is not installed: pip install 'nanhu-tv[postgres]'") from None
    event.listen(engine, "checkout", _still_there)
    return Engines(engine.execution_options(postgresql_readonly=True), engine)


def _still_there(connection: Any, _record: object, _proxy: object) -> None:
    """Have a connection that the server has left replaced, without a question to it.

    To an idle client it says nothing, so that what can be read is its farewell or the end of the stream.
    """
    poller = select.poll()  # select takes no descriptor beyond 1,023, and boxes hold thousands
    if not connection.closed:
        poller.register(connection.fileno(), select.POLLIN)
    if connection.closed or poller.poll(0):
        raise DisconnectionError
