"""Work that several wait for: none of them is harmed when another leaves."""

from collections.abc import Callable

import pytest
from twisted.internet.defer import CancelledError, Deferred

from middleware.portal.kept import Drawn, KeptPages
from middleware.portal.render import RenderedPage
from middleware.portal.shared import Shared

DRAWN = Drawn(RenderedPage((b"page",), (), "1"))


class Work:
    """Work whose end the test decides; `begun` counts how often it was started."""

    def __init__(self) -> None:
        self.ends: list[Deferred[str]] = []

    @property
    def begun(self) -> int:
        return len(self.ends)

    async def __call__(self) -> str:
        end: Deferred[str] = Deferred()
        self.ends.append(end)
        return await end


def told(asked: "Deferred[str]") -> list[object]:
    """What a waiter hears, errors as themselves."""
    heard: list[object] = []
    asked.addCallbacks(heard.append, lambda failure: heard.append(failure.value))
    return heard


def test_who_asks_meanwhile_waits_for_the_same_work() -> None:
    shared, work = Shared[str](), Work()
    first, second = told(shared.get("a", work)), told(shared.get("a", work))
    work.ends[0].callback("done")

    assert (work.begun, first, second) == (1, ["done"], ["done"])


def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    shared, work = Shared[str](), Work()
    leaving = shared.get("a", work)
    gone, staying = told(leaving), told(shared.get("a", work))
    leaving.cancel()
    work.ends[0].callback("done")

    assert isinstance(gone[0], CancelledError)
    assert staying == ["done"]


def test_a_failure_reaches_all_and_the_next_one_begins_anew() -> None:
    shared, work = Shared[str](), Work()
    waiting = [told(shared.get("a", work)) for _ in range(2)]
    fault = ValueError("broken")
    work.ends[0].errback(fault)
    later = told(shared.get("a", work))
    work.ends[1].callback("done")

    assert waiting == [[fault], [fault]]
    assert (work.begun, later) == (2, ["done"])


def test_after_a_change_nobody_joins_what_is_under_way() -> None:
    shared, work = Shared[str](), Work()
    before = told(shared.get("a", work))
    shared.forget("a")
    after = told(shared.get("a", work))
    work.ends[0].callback("old")
    work.ends[1].callback("new")

    assert (before, after) == (["old"], ["new"])


@pytest.mark.parametrize("spoil", [KeptPages.stale, lambda kept: kept.stale_for(7)])
def test_a_page_spoiled_while_it_is_drawn_serves_its_askers_and_is_not_kept(spoil: Callable[[KeptPages], None]) -> None:
    kept, end = KeptPages(lambda: 0.0), Deferred[Drawn]()
    asked = kept.make("home", lambda: end, 60.0, household=7)
    spoil(kept)
    end.callback(DRAWN)

    assert asked.result is DRAWN
    assert kept.get("home") is None


def test_a_page_is_under_way_until_it_is_drawn_or_spoiled() -> None:
    kept, end = KeptPages(lambda: 0.0), Deferred[Drawn]()
    kept.make("home", lambda: end, 60.0)
    kept.make("live", lambda: Deferred(), 60.0)
    seen = [kept.under_way(each) for each in ("home", "live", "today")]
    end.callback(DRAWN)
    drawn = kept.under_way("home")
    kept.stale()

    assert (seen, drawn, kept.under_way("live")) == ([True, True, False], False, False)


def test_a_page_is_kept_though_the_one_who_asked_for_it_has_left() -> None:
    kept, end = KeptPages(lambda: 0.0), Deferred[Drawn]()
    leaving = kept.make("home", lambda: end, 60.0)
    leaving.addErrback(lambda failure: failure.trap(CancelledError))
    leaving.cancel()
    end.callback(DRAWN)

    assert kept.get("home") is DRAWN
