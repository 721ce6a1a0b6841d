"""Work that several clients wait for: one of them leaving must not end it for the others."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

T = TypeVar("T")


def apart(work: Coroutine[Any, Any, T]) -> Deferred[T]:
    """Begin `work`; cancelling what is returned ends the waiting, not the work."""
    answer: Deferred[T] = Deferred()
    Deferred.fromCoroutine(work).chainDeferred(answer)
    return answer
