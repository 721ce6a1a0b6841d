"""Deadlines are met on time, never twice at once, and a failing run does not stop the clock."""

from datetime import UTC, datetime, timedelta

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from middleware.clockwork import LONGEST_SLEEP, Clockwork

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Town:
    """Deadlines still to come, and when each run happened."""

    def __init__(self, *seconds: int) -> None:
        self.clock = Clock()
        self.deadlines = [NOON + timedelta(seconds=s) for s in seconds]
        self.runs: list[float] = []
        self.clockwork = Clockwork(self.clock, self.now, self.due)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.clock.seconds())

    async def due(self, now: datetime) -> datetime | None:
        self.runs.append(self.clock.seconds())
        return min((d for d in self.deadlines if d > now), default=None)


def test_it_wakes_at_each_deadline() -> None:
    town = Town(5, 12)
    town.clockwork.start()

    for _ in range(40):
        town.clock.advance(0.5)

    assert [run for run in town.runs if run < 20] == [0.0, 5.0, 12.0]


def test_without_deadlines_it_looks_again_after_the_longest_sleep() -> None:
    town = Town()
    town.clockwork.start()

    town.clock.advance(LONGEST_SLEEP)

    assert town.runs == [0.0, LONGEST_SLEEP]


def test_a_nudge_during_a_run_makes_one_more_run_after_it() -> None:
    town = Town()
    gate: Deferred[None] = Deferred()
    runs: list[int] = []

    async def slow(_now: datetime) -> datetime | None:
        runs.append(1)
        if len(runs) == 1:
            await gate
        return None

    clockwork = Clockwork(town.clock, town.now, slow)
    clockwork.start()
    clockwork.nudge()
    clockwork.nudge()

    assert len(runs) == 1
    gate.callback(None)
    town.clock.advance(0)
    assert len(runs) == 2


def test_a_failing_run_is_logged_and_the_clock_goes_on(lost_errors: list[str]) -> None:
    town = Town()

    async def broken(_now: datetime) -> datetime | None:
        town.runs.append(town.clock.seconds())
        raise RuntimeError("database away")

    Clockwork(town.clock, town.now, broken).start()
    town.clock.advance(LONGEST_SLEEP)

    assert town.runs == [0.0, LONGEST_SLEEP]
    assert len(lost_errors) == 2
    lost_errors.clear()


def test_after_stop_nothing_wakes() -> None:
    town = Town(5)
    town.clockwork.start()
    Deferred.fromCoroutine(town.clockwork.stop())

    town.clock.advance(60)

    assert town.runs == [0.0]
    assert town.clock.getDelayedCalls() == []
