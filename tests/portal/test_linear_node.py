"""A node's copy of the ledger: it grows at notices and by the clock, outlives the database, and knows a wrong clock."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from middleware.domain.errors import StorageError
from middleware.portal.linear import EVERY_S, Air, ClockOff, Copy, _Read
from middleware.services.ports import OutboxEvent
from tests.portal.core_town import done
from tests.portal.portal_town import EDITION
from vod.linear import Effective, Film, Pool, Row, fold

NOW = 1_790_000_000
FILM = Film(1, 1, (540_000,) * 2)
ROW = Row(1, (NOW - 120) * 1000, "filler", 1, 1, 0, 2, 0, 0, True, "", 1, (NOW - 120) * 1000)


def effective() -> Effective:
    return fold([ROW], [], {(1, 1): FILM}, {1: Pool(1, (FILM,), FILM)}, channel="a")


@define
class Ledger:
    """Storage that answers at once with what it is told to."""

    answer: Callable[[], "Deferred[_Read]"]
    asked: int = field(default=0)

    def run(self, _fn: Any, _name: str = "", *, write: bool = True) -> "Deferred[Any]":
        self.asked += 1
        return self.answer()


def air(answer: Callable[[], "Deferred[_Read]"]) -> tuple[Air, Ledger, Clock]:
    clock, ledger = Clock(), Ledger(answer)
    clock.advance(NOW)
    made = Air(ledger, clock.seconds, clock)  # type: ignore[arg-type]
    done(made.start())
    return made, ledger, clock


def there(clock_ms: int | None = None) -> "Deferred[_Read]":
    return succeed(_Read({"a": Copy(effective(), EDITION)}, clock_ms))


def test_it_reads_again_every_five_seconds_and_at_once_when_told() -> None:
    node, ledger, clock = air(there)
    clock.pump([EVERY_S] * 3)
    by_clock = ledger.asked
    node.tell(OutboxEvent(1, "LedgerGrown", {"channel": "a"}))
    node.stop()
    clock.pump([EVERY_S] * 3)

    assert (by_clock, ledger.asked) == (4, 5)
    assert node.names == ("a",)


def test_without_a_database_lists_go_on_and_it_says_so(lost_errors: list[str]) -> None:
    answers = [there()]
    node, _, clock = air(lambda: answers.pop() if answers else fail(StorageError("gone")))
    before = node.fault
    clock.pump([EVERY_S] * 5)

    assert (before, node.fault) == ("", "stale")
    assert node.edge_ms() == (NOW + 24) * 1000
    node.stop()


@pytest.mark.parametrize(("off_ms", "agrees"), [(0, True), (400, True), (-400, True), (600, False), (-2000, False)])
def test_a_clock_that_differs_from_the_databases_silences_the_node(off_ms: int, agrees: bool) -> None:
    node, _, _ = air(lambda: there(NOW * 1000 + off_ms))
    node.stop()

    assert node.fault == ("" if agrees else "clock")
    if not agrees:
        with pytest.raises(ClockOff):
            node.edge_ms()


def test_it_answers_again_when_the_clocks_agree() -> None:
    told = [NOW * 1000 + 2000]
    node, _, clock = air(lambda: there(told[0]))
    before = node.fault
    told[0] = int((NOW + EVERY_S) * 1000)
    clock.advance(EVERY_S)
    node.stop()

    assert (before, node.fault) == ("clock", "")
