"""A PostgreSQL of our own in a temporary folder, from Debian's binaries: for tests and benchmarks."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from attrs import frozen

_BINARIES = "/usr/lib/postgresql"


class PostgresMissing(RuntimeError):
    """Debian's package postgresql is not installed."""


@frozen
class Server:
    """A running server on 127.0.0.1; its only user is trusted and may do all."""

    port: int
    folder: Path

    def url(self, database: str) -> str:
        """Address of a database as `database.url` takes it."""
        return f"postgresql+psycopg://nanhu@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its address."""
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE template0'.encode())
        return self.url(database)

    def answers(self) -> bool:
        """Say whether it takes connections."""
        try:
            psycopg.connect(self._dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=nanhu dbname={database}"


@contextmanager
def running() -> Iterator[Server]:
    """Start a server with fsync on, as in production, and stop it at the end."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="nanhu-postgres-"))
    prefix = _unprivileged(folder)
    try:
        _run([*prefix, str(binaries / "initdb"), "-D", str(folder / "data"), *_INITDB], folder)
        server = Server(_free_port(), folder)
        process = _start(prefix, binaries, server)
        try:
            _await(server, process)
            yield server
        finally:
            process.send_signal(3)  # SIGQUIT: at once, without a last checkpoint of data that goes anyway
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_INITDB = ["-U", "nanhu", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]


def _binaries() -> Path:
    found = sorted(Path(_BINARIES).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise PostgresMissing("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent


def _unprivileged(folder: Path) -> list[str]:
    """Begin a command line that ends with its parent and, since PostgreSQL refuses root, runs as another user."""
    command = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() != 0:
        return command
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [*command, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _start(prefix: list[str], binaries: Path, server: Server) -> subprocess.Popen[bytes]:
    settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(server.folder), "fsync": "on"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [*prefix, str(binaries / "postgres"), "-D", str(server.folder / "data"), "-p", str(server.port), *options]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=server.folder)


def _await(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((server.folder / "log").read_text(errors="replace"))
        time.sleep(0.1)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
