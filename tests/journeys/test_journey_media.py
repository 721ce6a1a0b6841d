"""Pictures in motion: a film plays and its clock advances; the live window on home is alive."""

from collections.abc import Callable

import pytest

from tests.journeys.tv import TV

Switch = Callable[..., TV]
CLOCK = "document.querySelector('video').currentTime"


@pytest.mark.browser
def test_a_film_plays_and_its_clock_advances(tv: Switch) -> None:
    remote = tv("pc")
    remote.go("4", to="today")
    remote.go("OK", to="film-")
    remote.shot("film")
    remote.go("OK", to="play-")

    remote.wait(lambda: float(remote.page.evaluate(CLOCK)) > 1.5, "a picture that moves", seconds=20)
    remote.shot("playing")
    before = float(remote.page.evaluate(CLOCK))
    remote.press("OK")
    assert remote.page.evaluate("document.querySelector('video').paused")
    remote.press("OK")
    remote.wait(lambda: float(remote.page.evaluate(CLOCK)) > before, "going on after a pause")
    remote.go("BACK", to="film-")
    remote.go("BACK", to="today")
    remote.go("BACK", to="home")


@pytest.mark.browser
def test_the_guide_is_open_two_keys_from_home_and_turns_by_the_hour(tv: Switch) -> None:
    remote = tv("pc")
    remote.go("4", to="today")
    remote.page.goto(f"{remote.base}/p/guide")
    remote.settle()
    remote.shot("guide")

    assert "节目单" in remote.text
    chosen = remote.focus
    remote.press("DOWN")
    assert remote.focus != chosen
    remote.go("BACK", to="today")
