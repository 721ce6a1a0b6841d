"""Unknown key codes reach the log for integrators: at their 1st, 10th, 100th time, without telling whose they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.logger import formatEvent, globalLogPublisher

from middleware.services import key_changes
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


def test_what_the_operator_changes_is_on_the_next_page_and_gone_when_undone(portal_town: PortalTown, tv: TV) -> None:
    now = portal_town.now()

    def codes(tv: TV = tv) -> tuple[bool, bool]:
        body = tv.page("home").body
        return '641:"B"' in body, '642:"B"' in body

    before = codes()
    made = portal_town.write(lambda uow: key_changes.add(uow, now, "op", "pc", (("641", "BACK"),)))
    portal_town.write(lambda uow: key_changes.add(uow, now, "op", "pc", (("642", "BACK"),), "hotel"))
    portal_town.write(lambda uow: key_changes.add(uow, now, "op", "gone", (("643", "BACK"),)))
    after = codes()
    portal_town.portal.stop()
    portal_town.start()
    other = portal_town.tv()
    restarted = codes(other)
    portal_town.write(lambda uow: key_changes.undo(uow, now, "op", made.id))

    assert (before, after, restarted, codes(other)) == ((False, False), (True, False), (True, False), (False, False))
