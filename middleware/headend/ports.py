"""What the head-end asks of others."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from twisted.internet.defer import Deferred

from middleware.services.ports import UnitOfWork

T = TypeVar("T")


class Storage(Protocol):
    """Transactions off the reactor thread."""

    def run(self, fn: Callable[[UnitOfWork], T], name: str = "", *, write: bool = True) -> "Deferred[T]": ...
