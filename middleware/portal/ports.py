"""What the portal asks of storage: transactions off the reactor thread, and group commits."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred

from middleware.services.ports import UnitOfWork

T = TypeVar("T")
C = TypeVar("C")
C_contra = TypeVar("C_contra", contravariant=True)
T_co = TypeVar("T_co", covariant=True)


class Submits(Protocol[C_contra, T_co]):
    """A group committer: the command's outcome comes after the commit."""

    def submit(self, command: C_contra, /) -> "Deferred[Any]": ...


class Storage(Protocol):
    """The part of the store that pages and forms use."""

    def run(self, fn: Callable[[UnitOfWork], T], name: str = "", *, write: bool = True) -> "Deferred[T]": ...

    def batch(
        self, decide: Callable[[UnitOfWork, Sequence[C]], Sequence[T]], name: str = "batch", *, limit: int = 20_000
    ) -> Any: ...
