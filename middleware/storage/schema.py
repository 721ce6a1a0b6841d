"""The version of the tables: check it at start, bring it up to date on command, tell it."""

from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from attrs import frozen
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from middleware.domain.errors import SchemaMismatch
from middleware.storage.engines import Engines, open_engines, parse_url
from middleware.storage.faults import translate
from middleware.storage.secrets import Vault, store_key, stored_key

State = Literal["empty", "stale", "current", "newer"]


@frozen
class Status:
    """Where a database stands: `found` is its revision ("" when empty), `head` the one of this program."""

    url: str
    found: str
    head: str
    state: State


def db_status(url: str) -> Status:
    """Tell the schema of a database without changing it; the address is shown without its password."""
    engines = open_engines(parse_url(url), 1)
    try:
        found = _read(engines)
    finally:
        engines.dispose()
    return Status(parse_url(url).render_as_string(hide_password=True), found, head(), _state(found))


def db_upgrade(url: str, data: Path) -> Status:
    """Bring the tables up to date and give a new database its key; raises SchemaMismatch when it is newer."""
    engines = open_engines(parse_url(url), 1)
    try:
        if _state(_read(engines)) == "newer":
            raise SchemaMismatch(f"the database ({_read(engines)}) is newer than this program ({head()})")
        with engines.writing.begin() as connection:
            _migrate(connection, "head")
            _settle_key(connection, data)
    except DBAPIError as error:
        fault = translate(error)
        if fault is None:
            raise
        raise fault from error
    finally:
        engines.dispose()
    return db_status(url)


def check(engines: Engines, vault: Vault) -> Vault:
    """Refuse tables of another version, and a vault without the database's key; returns the vault with it current."""
    found = _read(engines)
    state = _state(found)
    if state == "newer":
        raise SchemaMismatch(f"the database ({found}) is newer than this program ({head()}): install the newer version")
    if state != "current":
        raise SchemaMismatch(
            f"the database ({found or 'empty'}) is older than this program ({head()}): run `nanhu-tv db upgrade`"
        )
    with engines.reading.begin() as connection:
        key = stored_key(connection)
    return vault.using(key) if key else vault


def head() -> str:
    """The newest revision this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _state(found: str) -> State:
    if not found:
        return "empty"
    known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    if found not in known:
        return "newer"
    return "current" if found == known[0] else "stale"


def _read(engines: Engines) -> str:
    try:
        with engines.reading.begin() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""
    except DBAPIError as error:
        fault = translate(error)
        if fault is None:
            raise
        raise fault from error


def _migrate(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _settle_key(connection: Connection, data: Path) -> None:
    key = stored_key(connection)
    if key:
        Vault.load(data).using(key)
    else:
        store_key(connection, Vault.create(data).current)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "middleware.storage:migrations")
    return config
