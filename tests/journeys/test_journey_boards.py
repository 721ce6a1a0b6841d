"""From home to every board, into an article and back, by the remote alone and in the codes of four families."""

from collections.abc import Callable

import pytest

from tests.journeys.tv import TV, some_arrows

BOARDS = ("affairs", "live", "school", "today", "pioneers", "appraise")
ARTICLES = ("article-", "profile-")
FAMILIES = ("pc", "ipanel", "ctc", "mag")

Switch = Callable[..., TV]


def _to_an_item(tv: TV) -> None:
    """Move to the first row of the list that is an article; at the shelf the first focus is a film already."""
    if tv.state == "today":
        return
    if tv.focus.startswith("c-"):
        tv.press("RIGHT")
    for _ in range(7):
        if tv.focus.startswith("a"):
            return
        tv.press("DOWN")
    raise AssertionError(f"no article on {tv.state}: {tv.text}")


@pytest.mark.browser
@pytest.mark.parametrize("family", FAMILIES)
def test_every_board_is_reached_by_arrows_an_item_read_and_home_found_again(tv: Switch, family: str) -> None:
    remote = tv(family)

    for at, board in enumerate(BOARDS):
        assert remote.state == "home"
        remote.seek("LEFT", "window")
        remote.press("RIGHT")
        remote.seek("DOWN", board)
        remote.go("OK", to=board)
        remote.shot(f"{at + 1}-{board}")
        _to_an_item(remote)
        chosen = remote.focus
        remote.go("OK", to="film-" if board == "today" else "")
        assert remote.state.startswith(("film-", *ARTICLES))
        remote.shot(f"{at + 1}-{board}-item")
        remote.go("BACK", to=board)
        assert remote.focus == chosen, "BACK leads to the list with the item focused"
        remote.go("BACK", to="home")
        assert remote.focus == board, "BACK leads home with the board focused"


@pytest.mark.browser
def test_digits_open_the_boards_and_back_always_leads_home(tv: Switch) -> None:
    remote = tv("pc")

    for digit, board in enumerate(BOARDS, start=1):
        remote.go(str(digit), to=board)
        remote.go("BACK", to="home")


@pytest.mark.browser
def test_arrows_cause_no_request(tv: Switch) -> None:
    remote = tv("pc")
    remote.go("1", to="affairs")
    remote.requests.clear()

    remote.press(*some_arrows(seed=7, count=50))

    asked = [r for r in remote.requests if "/poll" not in r and "/invite" not in r]
    assert asked == []
    assert remote.state == "affairs"


@pytest.mark.browser
def test_pages_of_an_article_turn_and_larger_type_keeps_the_place(tv: Switch) -> None:
    remote = tv("pc")
    remote.go("1", to="affairs")
    remote.go("3", to="affairs-finance")
    _to_an_item(remote)
    remote.go("OK", to="article-")
    first = remote.state

    remote.go("DOWN", to=f"{first}-2")
    remote.shot("article-2")
    words = remote.page.inner_text("body")
    remote.go("UP", to=first)
    remote.seek("RIGHT", "size")
    remote.press("OK")
    remote.wait(lambda: "字还原" in remote.text, "larger type")

    assert words != remote.page.inner_text("body")
    assert remote.state.startswith(first)
    remote.shot("article-large")
    assert remote.focus == "size", "who changed the type may change it back with the same key"
    remote.press("OK")
    remote.wait(lambda: "字放大" in remote.text, "type as before")
