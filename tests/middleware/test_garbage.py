"""The collector sets aside what lives long, and looks at it again in the quiet hour."""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from middleware.garbage import LONG_S, Garbage

DAY = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 20, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()  # guides that tests before made set aside what they kept
    yield
    gc.unfreeze()


class Trial:
    """A collector whose collections take as long as the test says."""

    def __init__(self, *times: datetime) -> None:
        self.at = list(times)
        self.garbage = Garbage(lambda: self.at[0])

    def collect(self, took: float) -> int:
        """Collect once; how much is set aside afterwards."""
        clock = iter((0.0, took))
        self.garbage._seconds = lambda: next(clock)
        self.garbage.collect()
        return gc.get_freeze_count()


def test_what_survives_a_long_collection_is_set_aside() -> None:
    trial = Trial(DAY)

    assert trial.collect(LONG_S / 2) == 0
    assert trial.collect(LONG_S * 2) > 1000


def test_nothing_is_looked_for_while_long_work_has_switched_the_collector_off() -> None:
    trial = Trial(DAY)
    gc.disable()
    try:
        assert trial.collect(LONG_S * 2) == 0
    finally:
        gc.enable()


def test_in_the_quiet_hour_everything_is_looked_at_once() -> None:
    trial = Trial(DAY)
    trial.collect(LONG_S * 2)
    trial.at[0] = NIGHT.replace(day=26)

    assert trial.collect(LONG_S / 2) == 0, "taken back"
    assert trial.collect(LONG_S * 2) > 1000
    assert trial.collect(LONG_S / 2) > 1000, "not again in the same night"


def test_cycles_that_were_made_since_are_found() -> None:
    trial = Trial(DAY)
    trial.collect(LONG_S * 2)
    gone: list[int] = []

    class Knot:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            gone.append(1)

    Knot()
    trial.collect(LONG_S / 2)

    assert gone == [1]


def test_what_is_alive_at_the_start_is_set_aside() -> None:
    Garbage(lambda: DAY).begin()

    assert gc.get_freeze_count() > 1000
