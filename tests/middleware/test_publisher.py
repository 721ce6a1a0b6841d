"""Events leave in order, once each, whoever wrote them, and no fault holds up those behind it."""

from collections.abc import Sequence

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from middleware.publisher import EVERY_S, Publisher
from middleware.services.ports import OutboxEvent


@define
class Outbox:
    """Events with numbers from 1; reading may be held back or fail."""

    events: list[OutboxEvent] = field(factory=list)
    reads: int = 0
    broken: bool = False
    held: "Deferred[None] | None" = None

    def write(self, *kinds: str) -> None:
        self.events += [OutboxEvent(len(self.events) + 1 + n, kind, {}) for n, kind in enumerate(kinds)]

    async def read(self, cursor: int) -> Sequence[OutboxEvent]:
        self.reads += 1
        if self.held is not None:
            await self.held
        if self.broken:
            raise OSError("no disk")
        return [event for event in self.events if event.seq > cursor][:2]


@define
class Told:
    kinds: list[str] = field(factory=list)

    def __call__(self, event: OutboxEvent) -> None:
        if event.kind == "bad":
            raise ValueError(event.kind)
        self.kinds.append(event.kind)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def publisher(clock: Clock, outbox: Outbox, told: Told) -> Publisher:
    return Publisher(clock, outbox.read, told)


def test_what_another_process_wrote_is_told_within_half_a_second(
    publisher: Publisher, clock: Clock, outbox: Outbox, told: Told
) -> None:
    publisher.start(0)
    outbox.write("a", "b", "c")

    clock.advance(EVERY_S)
    clock.advance(EVERY_S)

    assert told.kinds == ["a", "b", "c"]
    assert publisher.cursor == 3


def test_a_commit_of_this_process_is_told_at_once(publisher: Publisher, outbox: Outbox, told: Told) -> None:
    publisher.start(0)
    outbox.write("a")

    publisher.nudge()

    assert told.kinds == ["a"]


def test_what_stood_before_the_start_is_not_told(publisher: Publisher, outbox: Outbox, told: Told) -> None:
    outbox.write("old", "new")
    publisher.start(1)

    publisher.nudge()

    assert told.kinds == ["new"]


def test_a_commit_during_a_read_leads_to_another_read(publisher: Publisher, outbox: Outbox, told: Told) -> None:
    outbox.held = held = Deferred()
    publisher.start(0)
    publisher.nudge()
    publisher.nudge()
    outbox.write("a")
    outbox.held = None

    held.callback(None)

    assert told.kinds == ["a"]
    assert outbox.reads == 2


def test_an_event_that_cannot_be_told_holds_up_nobody(
    publisher: Publisher, outbox: Outbox, told: Told, lost_errors: list[str]
) -> None:
    publisher.start(0)
    outbox.write("a", "bad", "c")

    publisher.nudge()

    assert told.kinds == ["a", "c"]
    assert len(lost_errors) == 1
    lost_errors.clear()


def test_a_failed_read_is_tried_again(
    publisher: Publisher, clock: Clock, outbox: Outbox, told: Told, lost_errors: list[str]
) -> None:
    publisher.start(0)
    outbox.write("a")
    outbox.broken = True
    publisher.nudge()
    outbox.broken = False

    clock.advance(EVERY_S)

    assert told.kinds == ["a"]
    assert len(lost_errors) == 1
    lost_errors.clear()


def test_a_stop_waits_for_the_read_under_way_and_reads_no_more(
    publisher: Publisher, clock: Clock, outbox: Outbox, told: Told
) -> None:
    outbox.held = held = Deferred()
    publisher.start(0)
    publisher.nudge()
    stopping = Deferred.fromCoroutine(publisher.stop())
    assert not stopping.called

    held.callback(None)
    outbox.write("late")
    publisher.nudge()
    clock.advance(10)

    assert stopping.called
    assert outbox.reads == 1
    assert clock.getDelayedCalls() == []
