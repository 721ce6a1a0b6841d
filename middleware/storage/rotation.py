"""Rotation of the key that phone numbers are sealed with: in small steps, while the server runs, resumable at any one.

1. The new key goes into the key file, then its id into the database: from here a second run goes on with it.
2. Batch by batch sealed values are sealed anew. Every value names its key, so both kinds are readable meanwhile.
3. One transaction seals what is left, computes the digests and makes the new key the database's own.

A crash before 3 leaves the old key in force and nothing unreadable; the next run completes the work. Every process
must see the same key file. Old backups need the old key, so it stays in the file unless it is forgotten on purpose.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from sqlalchemy import Column, Connection, Table, bindparam, func, literal, select, update
from sqlalchemy.exc import DBAPIError

from middleware.domain.errors import Busy
from middleware.storage.audit import SqlAudit
from middleware.storage.box_tables import accounts
from middleware.storage.engines import Engines, open_engines, parse_url
from middleware.storage.faults import folder_faults, translate
from middleware.storage.schema import check
from middleware.storage.secrets import (
    KEY_ID_BYTES,
    Vault,
    next_key,
    store_key,
    store_next_key,
    stored_key,
)
from middleware.storage.tables import devices, editions, members, rollcall_entries, signins

T = TypeVar("T")
Progress = Callable[[int, int], None]

BATCH = 200
"""Values per transaction: a few milliseconds, so that nobody waits who signs in meanwhile."""

_LOCK_FILE = ".key-rotation.lock"
_TRIES = 5


@frozen
class Sealed:
    """A column of sealed values, and the digest beside it where numbers are looked up."""

    value: Column[Any]
    digest: Column[Any] | None = None

    @property
    def table(self) -> Table:
        return self.value.table


SEALED = (
    Sealed(members.c.phone_sealed, members.c.phone_digest),
    Sealed(signins.c.number_sealed, signins.c.number_digest),
    Sealed(rollcall_entries.c.digits),
    Sealed(devices.c.iptv_password),
    Sealed(accounts.c.password_sealed),
    Sealed(accounts.c.phone_sealed),
    Sealed(editions.c.key_sealed),
)
"""Everything that is sealed; a test looks for columns that are missing here."""


@frozen
class Rotated:
    """What a rotation did: ids of the keys, and how many values this run sealed anew."""

    old: str
    new: str
    values: int


def rotate_key(
    url: str, data: Path, progress: Progress = lambda _done, _total: None, *, forget: bool = False
) -> Rotated:
    """Seal everything with a new key, or complete a rotation that was cut off; `progress(done, total)` after each step.

    With `forget` every older key leaves the key file at the end. Raises StorageError; Busy when another rotation runs.
    """
    with _alone(data), ExitStack() as closing:
        engines = open_engines(parse_url(url), 1)
        closing.callback(engines.dispose)
        vault = check(engines, Vault.load(data))
        old, vault = vault.current, _begin(engines, vault)
        done = _batches(engines, vault, progress)
        done += _retried(lambda: _transact(engines, lambda connection: _finish(connection, vault, old)))
        if forget:
            vault.only(vault.current)
        return Rotated(old, vault.current, done)


def _begin(engines: Engines, vault: Vault) -> Vault:
    """Return the vault with the new key current, once file and database both know of it."""
    begun = _transact(engines, next_key)
    grown = vault.using(begun) if begun else vault.with_new_key()
    _transact(engines, lambda connection: store_next_key(connection, grown.current))
    return grown


def _batches(engines: Engines, vault: Vault, progress: Progress) -> int:
    waiting = [_transact(engines, partial(_waiting, sealed=one, vault=vault)) for one in SEALED]
    done = 0
    for one, count in zip(SEALED, waiting, strict=True):
        # No more than there were at first: what is written meanwhile must not keep this from ending.
        for _ in range(-(-count // BATCH)):
            done += _retried(partial(_transact, engines, partial(_batch, sealed=one, vault=vault)))
            progress(min(done, sum(waiting)), sum(waiting))
    return done


def _finish(connection: Connection, vault: Vault, old: str) -> int:
    if stored_key(connection, lock=True, alone=True) == vault.current:
        return 0
    left = sum(_rest(connection, one, vault) for one in SEALED)
    for one in SEALED:
        _digest(connection, one, vault)
    store_key(connection, vault.current)
    store_next_key(connection, "")
    SqlAudit(connection).add(datetime.now(UTC), "cli", "rotate", "key", vault.current, {"old": old})
    return left


def _rest(connection: Connection, sealed: Sealed, vault: Vault) -> int:
    done = 0
    while step := _batch(connection, sealed, vault, wait=True):
        done += step
    return done


def _batch(connection: Connection, sealed: Sealed, vault: Vault, *, wait: bool = False) -> int:
    """Seal up to BATCH values anew and return how many; rows that others hold are left for later unless it waits."""
    keys = list(sealed.table.primary_key)
    query = select(*keys, sealed.value.label("sealed")).where(_older(sealed, vault)).order_by(*keys).limit(BATCH)
    rows = list(connection.execute(query.with_for_update(skip_locked=not wait)).mappings())
    if rows:
        same = [key == bindparam(f"k_{key.name}") for key in keys]
        write = update(sealed.table).where(*same).values({sealed.value: bindparam("fresh")})
        connection.execute(write, [_params(row, keys) | {"fresh": _anew(vault, row["sealed"])} for row in rows])
    return len(rows)


def _digest(connection: Connection, sealed: Sealed, vault: Vault) -> None:
    if sealed.digest is None:
        return
    keys = list(sealed.table.primary_key)
    rows = list(
        connection.execute(select(*keys, sealed.value.label("sealed")).where(sealed.value.is_not(None))).mappings()
    )
    same = [key == bindparam(f"k_{key.name}") for key in keys]
    write = update(sealed.table).where(*same).values({sealed.digest: bindparam("fresh")})
    if rows:
        fresh = [_params(row, keys) | {"fresh": vault.digest(vault.open(bytes(row["sealed"])))} for row in rows]
        connection.execute(write, fresh)


def _params(row: Any, keys: list[Column[Any]]) -> dict[str, Any]:
    return {f"k_{key.name}": row[key.name] for key in keys}


def _anew(vault: Vault, sealed: bytes) -> bytes:
    return vault.seal(vault.open(bytes(sealed)))


def _older(sealed: Sealed, vault: Vault) -> Any:
    name = literal(bytes.fromhex(vault.current), sealed.value.type)
    return sealed.value.is_not(None) & (func.substr(sealed.value, 1, KEY_ID_BYTES) != name)


def _waiting(connection: Connection, sealed: Sealed, vault: Vault) -> int:
    return int(connection.execute(select(func.count()).where(_older(sealed, vault))).scalar_one())


def _transact(engines: Engines, fn: Callable[[Connection], T]) -> T:
    try:
        with engines.writing.begin() as connection:
            return fn(connection)
    except DBAPIError as error:
        fault = translate(error)
        if fault is None:
            raise
        raise fault from error


def _retried(call: Callable[[], T]) -> T:
    for pause in range(1, _TRIES):
        try:
            return call()
        except Busy:
            time.sleep(pause / 4)
    return call()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    # Two rotations at once would write the key file over each other and lose a key that is in use.
    with folder_faults(data), (data / _LOCK_FILE).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("another rotation of the key is running") from None
        yield
