"""What the portal asks of storage: transactions off the reactor thread, and group commits."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred

from middleware.services.ports import UnitOfWork

T = TypeVar("T")
C = TypeVar("C")


class Storage(Protocol):
    """The part of the store that pages and forms use."""

    def run(self, fn: Callable[[UnitOfWork], T], name: str = "", *, write: bool = True) -> "Deferred[T]": ...

    def batch(
        self, decide: Callable[[UnitOfWork, Sequence[C]], Sequence[T]], name: str = "batch", *, limit: int = 20_000
    ) -> Any: ...


Work = Callable[[UnitOfWork], Any]


def together(uow: UnitOfWork, work: Sequence[Work]) -> list[Any]:
    """Do the small writings of many boxes in one transaction; made for `Storage.batch`."""
    return [each(uow) for each in work]
