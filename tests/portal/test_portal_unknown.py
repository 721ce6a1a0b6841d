"""Unknown key codes reach the log for integrators: at their 1st, 10th, 100th time, without telling whose they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.logger import formatEvent, globalLogPublisher

from tests.portal.portal_town import MACS, TV, PortalTown


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What is logged of keys."""
    seen: list[str] = []

    def watch(event: dict[str, Any]) -> None:
        words = formatEvent(event)
        if "key code" in words:
            seen.append(words)

    globalLogPublisher.addObserver(watch)
    yield seen
    globalLogPublisher.removeObserver(watch)


def test_a_code_is_logged_when_it_is_new_and_again_at_ten(portal_town: PortalTown, tv: TV, lines: list[str]) -> None:
    for _ in range(12):
        tv.get("/k?profile=ipanel&code=640&hook=irkeypress")
        portal_town.clock.advance(2)

    assert lines == [
        "unknown key code 640 by irkeypress in family ipanel: 1 times",
        "unknown key code 640 by irkeypress in family ipanel: 10 times",
    ]
    assert MACS["01001"] not in "".join(lines)


def test_a_known_code_and_nonsense_are_not_logged(tv: TV, lines: list[str]) -> None:
    for query in ("profile=ipanel&code=340&hook=irkeypress", "profile=%0aipanel&code=1&hook=keydown", "code=640"):
        tv.get(f"/k?{query}")

    assert lines == []
