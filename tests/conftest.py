"""Fixtures for every test: an error lost in a Deferred fails the test that lost it."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from twisted.logger import LogLevel, globalLogPublisher

from tools.postgres import Server, running

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def lost_errors() -> Iterator[list[str]]:
    """Fail the test when a Deferred's error reached nobody, or something was logged as critical.

    A test that provokes such an error on purpose takes this fixture and clears the list.
    """
    seen: list[str] = []

    def watch(event: dict[str, Any]) -> None:
        if event.get("log_level") is LogLevel.critical:
            seen.append(str(event.get("log_failure") or event.get("log_format")))

    globalLogPublisher.addObserver(watch)
    yield seen
    gc.collect(1)
    globalLogPublisher.removeObserver(watch)
    assert not seen, f"lost errors: {seen}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One real PostgreSQL for all tests of a session."""
    with running() as server:
        yield server
