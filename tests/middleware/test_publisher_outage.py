"""A database that is gone for a while is told once, and once when it is back."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher

from middleware.domain.errors import Unreachable
from middleware.publisher import EVERY_S, Publisher
from middleware.services.ports import OutboxEvent


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []

    def watch(event: dict[str, Any]) -> None:
        if event.get("log_namespace", "").startswith("middleware.publisher"):
            lines.append(event["log_format"].format(**event))
            assert "log_failure" not in event, "an outage is no fault of the program"

    globalLogPublisher.addObserver(watch)
    yield lines
    globalLogPublisher.removeObserver(watch)


def test_an_outage_is_one_line_and_its_end_another(logged: list[str]) -> None:
    clock, gone = Clock(), [True]

    async def read(_cursor: int) -> Sequence[OutboxEvent]:
        if gone[0]:
            raise Unreachable("the database server does not answer")
        return ()

    publisher = Publisher(clock, read, lambda _event: None)
    publisher.start(0)
    clock.pump([EVERY_S] * 20)
    gone[0] = False
    clock.pump([EVERY_S] * 20)

    assert logged == ["events cannot be read: the database server does not answer", "events are read again"]
