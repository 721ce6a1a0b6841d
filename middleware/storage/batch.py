"""Group commit: the commands of one reactor turn are written in one transaction and acknowledged after its commit."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from attrs import frozen
from twisted.internet import defer
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from middleware.domain.errors import Busy, StorageError
from middleware.storage.uow import SqlUnitOfWork

C = TypeVar("C")
R = TypeVar("R")
O = TypeVar("O")  # noqa: E741 - outcome, beside C for command

BATCH = 1000
"""Most commands in one transaction: beyond it latency grows and throughput does not."""
QUEUE = 20_000
"""Most commands waiting: four seconds of the slowest disk that was measured."""


@frozen
class _Failed:
    error: Exception


class Batcher(Generic[C, O]):
    """Takes commands one by one, decides and writes them together.

    `decide(uow, commands)` gives one outcome per command, in order, and sees a command twice when its batch failed:
    then each is redone alone behind a savepoint, so that no command can fail its neighbours.
    """

    def __init__(
        self,
        decide: Callable[[SqlUnitOfWork, Sequence[C]], Sequence[O]],
        transact: Callable[[Callable[[SqlUnitOfWork], list[O | _Failed]]], "Deferred[list[O | _Failed]]"],
        soon: Callable[[Callable[[], None]], object],
        limit: int = QUEUE,
    ) -> None:
        self._decide = decide
        self._transact = transact
        self._soon = soon
        self._limit = limit
        self._queue: deque[tuple[C, Deferred[O]]] = deque()
        self._flushing = False

    def submit(self, command: C) -> Deferred[O]:
        """Queue a command; fires with its outcome once that is durable, fails with Busy when the queue is full."""
        if len(self._queue) >= self._limit:
            return defer.fail(Busy(f"{self._limit} commands wait to be written"))
        answer: Deferred[O] = Deferred()
        self._queue.append((command, answer))
        if not self._flushing:
            self._flushing = True
            self._soon(self._flush)
        return answer

    def _flush(self) -> None:
        taken = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
        commands = [command for command, _ in taken]
        answers = [answer for _, answer in taken]
        writing = self._transact(lambda uow: list(self._checked(uow, commands)))
        writing.addErrback(self._redo, commands)
        # First the next batch, then the answers: the database would wait while hundreds of them are given.
        writing.addBoth(self._next)
        writing.addCallbacks(_answer, _refuse, callbackArgs=(answers,), errbackArgs=(answers,))

    def _checked(self, uow: SqlUnitOfWork, commands: Sequence[C]) -> Sequence[O]:
        outcomes = self._decide(uow, commands)
        if len(outcomes) != len(commands):
            raise ValueError(f"{len(commands)} commands were decided with {len(outcomes)} outcomes")
        return outcomes

    def _redo(self, failure: Failure, commands: Sequence[C]) -> "Deferred[list[O | _Failed]] | Failure":
        # With the disk full or the server gone each of them would only wait and fail again.
        if isinstance(failure.value, StorageError) or len(commands) == 1:
            return failure
        return self._transact(lambda uow: [self._alone(uow, command) for command in commands])

    def _alone(self, uow: SqlUnitOfWork, command: C) -> "O | _Failed":
        try:
            with uow.savepoint():
                return self._checked(uow, [command])[0]
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 - one command's fault is its own outcome, whatever it is
            return _Failed(error)

    def _next(self, result: R) -> R:
        self._flushing = bool(self._queue)
        if self._flushing:
            self._flush()
        return result


def _answer(outcomes: "list[O | _Failed]", answers: "Sequence[Deferred[O]]") -> None:
    for outcome, answer in zip(outcomes, answers, strict=True):
        if isinstance(outcome, _Failed):
            answer.errback(outcome.error)
        else:
            answer.callback(outcome)


def _refuse(failure: Failure, answers: "Sequence[Deferred[O]]") -> None:
    for answer in answers:
        answer.errback(failure.value)
