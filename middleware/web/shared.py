"""Work that several ask for at the same time: done once, and to its end whoever of them leaves meanwhile."""

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


class Shared(Generic[T]):
    """Work under way, by key.

    The one who asks first must not do it himself: when his set is switched off his request is cancelled, and with it
    would fail all who wait for the same.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[Deferred[T]]] = {}

    def get(self, key: Hashable, work: Callable[[], Coroutine[Any, Any, T]]) -> "Deferred[T]":
        """Begin the work unless it is under way; fires with its outcome, a failure included."""
        mine: Deferred[T] = Deferred()
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.append(mine)
            return mine
        waiting = self._waiting[key] = [mine]
        Deferred.fromCoroutine(work()).addBoth(self._tell, key, waiting)
        return mine

    def forget(self, key: Hashable) -> None:
        """Something has changed: who asks from now on is not served by what is under way."""
        self._waiting.pop(key, None)

    def _tell(self, outcome: T | Failure, key: Hashable, waiting: "list[Deferred[T]]") -> None:
        if self._waiting.get(key) is waiting:
            del self._waiting[key]
        for each in waiting:
            each.callback(outcome)
