"""Threads of our own for the database: short calls, bounded queues, answers back on the reactor thread."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet import defer, threads
from twisted.internet.defer import Deferred
from twisted.python.threadpool import ThreadPool

from middleware.domain.errors import Busy

T = TypeVar("T")

TURN_S = 0.0005
"""How long the reactor may keep the interpreter from a thread that has its answer from the database, and the reverse.

Python's own 5 ms made each of a transaction's ten statements wait that long when many boxes asked at the same time.
"""


class Lane:
    """A pool of threads with a bounded queue; without a reactor each call runs at once, in the caller's thread."""

    def __init__(self, reactor: Any, size: int, limit: int, name: str) -> None:
        self._reactor = reactor
        self._limit = limit
        self._name = name
        self._waiting = 0
        self._pool = None if reactor is None else ThreadPool(minthreads=0, maxthreads=size, name=name)
        if self._pool is not None:
            sys.setswitchinterval(TURN_S)
            self._pool.start()

    def run(self, call: Callable[[], T]) -> Deferred[T]:
        """Run a call in a thread of the pool; fails with Busy when `limit` calls wait already."""
        if self._pool is None:
            return defer.execute(call)
        if self._waiting >= self._limit:
            return defer.fail(Busy(f"{self._waiting} calls wait for the {self._name} threads"))
        self._waiting += 1
        return threads.deferToThreadPool(self._reactor, self._pool, call).addBoth(self._done)

    def stop(self) -> None:
        """Finish what was begun and end the threads."""
        if self._pool is not None:
            self._pool.stop()

    def _done(self, result: T) -> T:
        self._waiting -= 1
        return result
