"""What every command starts from: the data folder, the settings, the clock, the store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import frozen

from middleware.commands.faults import Fault
from middleware.config import Config, load

if TYPE_CHECKING:
    from middleware.storage.secrets import Vault
    from middleware.storage.store import Store
    from middleware.storage.uow import SqlUnitOfWork

T = TypeVar("T")


@frozen
class Setup:
    """The options before the command. `reactor` gives the one reactor of the process, for those who need one."""

    data: Path
    config_file: Path | None
    reactor: Callable[[], Any]

    def config(self) -> Config:
        """The settings. Raises BadConfig."""
        return load(self.config_file, self.data)

    def now(self) -> datetime:
        return datetime.now(UTC)

    @contextmanager
    def store(self, reactor: Any = None) -> "Iterator[Store]":
        """The open store, closed afterwards. Raises StorageError."""
        from middleware.storage.store import Store  # half a second that check-port and check-config do without

        config = self.config()
        vault = keys_of(config)
        store = Store.open(config.database_url, vault=vault, reactor=reactor, threads=config.database.threads)
        try:
            yield store
        finally:
            store.close()

    def write(self, fn: "Callable[[SqlUnitOfWork], T]", name: str) -> T:
        """Run one writing transaction."""
        with self.store() as store:
            return store.run_sync(fn, name)

    def read(self, fn: "Callable[[SqlUnitOfWork], T]", name: str) -> T:
        """Run one reading transaction."""
        with self.store() as store:
            return store.run_sync(fn, name, write=False)


def keys_of(config: Config) -> "Vault":
    """The keys of a town that was set up. Raises Fault before that, KeyMissing when they are lost."""
    from middleware.storage.secrets import Vault

    check_set_up(config)
    return Vault.load(config.data)


def check_set_up(config: Config) -> None:
    """Raise Fault when the data folder holds no SQLite database yet, and none elsewhere is named."""
    if not config.database.url and not (config.data / "nanhu.db").exists():
        raise Fault(f"there is no database in {config.data} yet: run `nanhu-tv db upgrade`")


pass_setup = click.make_pass_decorator(Setup)
