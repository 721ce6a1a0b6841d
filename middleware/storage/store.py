"""The store: short transactions in threads of their own, on SQLite or PostgreSQL."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.domain.errors import NotFound
from middleware.storage import schema
from middleware.storage.batch import QUEUE, Batcher
from middleware.storage.engines import Engines, open_engines, parse_url
from middleware.storage.faults import translate
from middleware.storage.runner import Lane
from middleware.storage.secrets import Vault
from middleware.storage.uow import SqlUnitOfWork

T = TypeVar("T")
C = TypeVar("C")

SLOW_S = 0.25
"""A transaction that takes longer is named in the log: at a roll-call it would hold up everybody."""


class Store:
    """All that is kept. Made by `Store.open`; `close` ends its threads and connections."""

    _log = Logger()

    def __init__(self, engines: Engines, vault: Vault, reactor: Any, threads: int, queue: int) -> None:
        self._engines = engines
        self._vault = vault
        self._reactor = reactor
        self._hooks: list[Callable[[], object]] = []
        self._reading = Lane(reactor, threads, queue, "read")
        self._writing = Lane(reactor, 1 if engines.is_sqlite else threads, queue, "write")

    @classmethod
    def open(cls, url: str, *, vault: Vault, reactor: Any = None, threads: int = 4, queue: int = 5000) -> "Store":
        """Open a database of this program's schema.

        `url` is sqlite:///FILE or postgresql+psycopg://…; without `reactor` every `run` happens at once in the
        caller's thread (commands, tests). Raises SchemaMismatch, KeyMissing, Unreachable, ReadOnly, Damaged.
        """
        engines = open_engines(parse_url(url), threads)
        with ExitStack() as undo:
            undo.callback(engines.dispose)
            vault = schema.check(engines, vault)
            undo.pop_all()
        return cls(engines, vault, reactor, threads, queue)

    @property
    def vault(self) -> Vault:
        """The keys, for signing."""
        return self._vault

    def on_commit(self, hook: Callable[[], object]) -> None:
        """Call `hook` (on the reactor thread) after each commit of this process that wrote an event."""
        self._hooks.append(hook)

    def run(self, fn: Callable[[SqlUnitOfWork], T], name: str = "", *, write: bool = True) -> "Deferred[T]":
        """Run `fn(uow)` in one transaction in a database thread; fires after the commit.

        Fails with what `fn` raised (all is undone), with Busy when too many wait, or with another StorageError.
        """
        lane = self._writing if write else self._reading
        answer: Deferred[T] = Deferred()
        # Apart from the work: who leaves stops waiting, while the thread goes on and its events must be told.
        lane.run(lambda: self._transact(fn, name, write)).addCallback(self._announce).chainDeferred(answer)
        return answer

    def run_sync(self, fn: Callable[[SqlUnitOfWork], T], name: str = "", *, write: bool = True) -> T:
        """Do the same in the caller's thread: for commands and tests."""
        return self._announce(self._transact(fn, name, write))

    def batch(
        self, decide: Callable[[SqlUnitOfWork, Sequence[C]], Sequence[T]], name: str = "batch", *, limit: int = QUEUE
    ) -> Batcher[C, T]:
        """Make a group committer; see `Batcher`."""
        return Batcher(decide, lambda fn: self.run(fn, name), self._soon, limit)

    def close(self) -> None:
        """Finish what was begun, then end threads and connections."""
        self._reading.stop()
        self._writing.stop()
        self._engines.dispose()

    def _soon(self, call: Callable[[], None]) -> None:
        if self._reactor is None:
            call()
        else:
            self._reactor.callLater(0, call)

    def _transact(self, fn: Callable[[SqlUnitOfWork], T], name: str, write: bool) -> tuple[T, bool]:
        engine = self._engines.writing if write else self._engines.reading
        started = time.monotonic()
        try:
            with engine.begin() as connection:
                uow = SqlUnitOfWork(connection, self._vault)
                result = fn(uow)
        except DBAPIError as error:
            fault = translate(error)
            if fault is None:
                raise
            raise fault from error
        except OverflowError as error:
            raise NotFound from error  # an id beyond 64 bits, which SQLite's driver cannot even ask for
        if len(uow.vault.keys) > len(self._vault.keys):  # a rotation has added one: read its file once
            self._vault = uow.vault
        took = time.monotonic() - started
        if took > SLOW_S:
            self._log.warn("transaction {name} took {took:.0f} ms", name=name or "unnamed", took=took * 1000)
        return result, uow.outbox.written

    def _announce(self, done: tuple[T, bool]) -> T:
        result, events = done
        if events:
            for hook in self._hooks:
                hook()
        return result
