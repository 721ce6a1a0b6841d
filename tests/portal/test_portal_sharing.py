"""Several clients wait for one piece of work: a leaver, a fault and a change meanwhile do not hurt the others."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from keymap.families import shipped
from middleware.domain.errors import Busy
from middleware.portal import session
from middleware.portal.kept import Drawn, KeptPages
from middleware.portal.profiles import Profiles
from middleware.portal.seats import Seats
from middleware.web.values import Request

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
KEY = b"k" * 32
ASKED = Request("GET", "/", b"/", headers={"cookie": f"box={session.issue(KEY, 7, NOW)}"})


class HeldStore:
    """Answers each reading when the test says so."""

    def __init__(self) -> None:
        self.held: list[Deferred[Any]] = []

    def run(self, _fn: Callable[..., Any], _name: str = "", *, write: bool = True) -> "Deferred[Any]":
        assert not write
        self.held.append(Deferred())
        return self.held[-1]


def asked(awaitable: Any) -> tuple["Deferred[Any]", list[Any]]:
    """A client's waiting, and what it is told."""

    async def wait() -> Any:
        return await awaitable

    told: list[Any] = []
    waiting: Deferred[Any] = Deferred.fromCoroutine(wait())
    waiting.addBoth(told.append)
    return waiting, told


@pytest.fixture
def held() -> HeldStore:
    return HeldStore()


@pytest.fixture
def seats(held: HeldStore) -> Seats:
    profiles = Profiles(shipped(), hold_s=25, slot_s=60, plays=False)
    return Seats(held, KEY, lambda: NOW, NOW.timestamp, profiles, demonstration=False)  # type: ignore[arg-type]


def test_a_page_is_given_to_those_who_stay_when_who_asked_first_has_left() -> None:
    kept, drawing = KeptPages(NOW.timestamp), Deferred()  # type: ignore[var-annotated]
    drawn = Drawn(page=None)  # type: ignore[arg-type]
    first, _ = asked(kept.make("home", lambda: drawing, 0.0))
    _, told = asked(kept.make("home", lambda: drawing, 0.0))
    first.cancel()
    drawing.callback(drawn)

    assert told == [drawn]
    assert kept.made == 1


def test_a_box_is_known_although_its_first_request_was_broken_off(seats: Seats, held: HeldStore) -> None:
    first, _ = asked(seats.of(ASKED))
    _, told = asked(seats.of(ASKED))
    first.cancel()
    held.held[0].callback(None)

    assert told == [None]
    assert len(held.held) == 1


def test_a_box_is_no_stranger_because_the_database_was_busy(seats: Seats, held: HeldStore) -> None:
    told = [asked(seats.of(ASKED))[1] for _ in range(2)]
    held.held[0].errback(Busy("full"))

    assert [bool(one[0].check(Busy)) for one in told] == [True, True]
