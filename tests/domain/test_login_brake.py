"""The brake on guessing passwords: five tries, then pauses that grow, without locking others out."""

from datetime import UTC, datetime, timedelta

import pytest

from middleware.domain.brake import FREE, LONGEST_PAUSE, MOST, Brake, pause_left, succeeded, tried

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def failing(times: int, login: str = "admin", address: str = "10.0.0.1") -> Brake:
    brake = Brake()
    for _ in range(times):
        brake = tried(brake, login, address, NOW)
    return brake


@pytest.mark.parametrize(("times", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (30, 900), (1000, 900)])
def test_five_failures_are_free_then_the_pause_doubles_to_a_quarter_hour(times: int, seconds: int) -> None:
    assert pause_left(failing(times), "admin", "10.0.0.1", NOW) == seconds * SECOND


def test_a_pause_ends_and_failures_are_forgotten_after_an_hour() -> None:
    brake = failing(5)

    assert pause_left(brake, "admin", "10.0.0.1", NOW + 29 * SECOND) == SECOND
    assert pause_left(brake, "admin", "10.0.0.1", NOW + 31 * SECOND) == timedelta(0)
    later = tried(brake, "admin", "10.0.0.1", NOW + timedelta(hours=2))
    assert pause_left(later, "admin", "10.0.0.1", NOW + timedelta(hours=2)) == timedelta(0)


def test_nobody_locks_out_another_address_or_account_by_failing_a_little() -> None:
    brake = failing(5)

    assert pause_left(brake, "admin", "10.0.0.2", NOW) == timedelta(0)
    assert pause_left(brake, "editor", "10.0.0.1", NOW) == timedelta(0)


def test_one_address_that_tries_many_accounts_is_slowed() -> None:
    brake = Brake()
    for n in range(FREE["address"]):
        brake = tried(brake, f"v{n:02d}-1", "10.0.0.1", NOW)

    assert pause_left(brake, "editor", "10.0.0.1", NOW) > timedelta(0)
    assert pause_left(brake, "editor", "10.0.0.2", NOW) == timedelta(0)


def test_one_account_tried_from_many_addresses_is_slowed() -> None:
    brake = Brake()
    for n in range(FREE["login"]):
        brake = tried(brake, "admin", f"10.0.0.{n}", NOW)

    assert timedelta(0) < pause_left(brake, "admin", "10.0.1.1", NOW) <= LONGEST_PAUSE


def test_a_success_clears_the_pair_and_gives_its_attempt_back() -> None:
    brake = succeeded(failing(4), "admin", "10.0.0.1")

    assert ("pair", "admin", "10.0.0.1") not in brake.failures
    assert brake.failures["address", "", "10.0.0.1"].count == 3


def test_guessing_cannot_fill_the_memory() -> None:
    brake = Brake({("pair", str(n), ""): tried(Brake(), "a", "b", NOW).failures["pair", "a", "b"] for n in range(MOST)})

    assert len(tried(brake, "admin", "10.0.0.1", NOW + SECOND).failures) == MOST
