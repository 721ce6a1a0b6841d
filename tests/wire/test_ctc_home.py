"""The way from the dialects to our pages, over the whole portal: at once by the ticket, later by the home key."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from keymap.families import shipped
from middleware.portal.portal import Portal, Settings
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from tests.wire.ctc_site import KEY, Box, CtcTown
from vod.library import Library


@pytest.fixture
def box(ctc_town_with: Callable[..., CtcTown], tmp_path: Path) -> Box:
    """A box before the whole portal, of whose core the town's clock is the clock."""
    town = ctc_town_with()
    library = Library(tmp_path / "films")
    library.prepare()
    portal = Portal(
        town.store, library, shipped(), KEY, town.now, town.clock, town.clock.seconds, Settings(stream_key=b"s" * 32)
    )  # type: ignore[arg-type]
    routes = Routes()
    portal.routes(routes)
    town.store.on_commit(town.dispatch)
    town.site = make_site(routes, town.clock, error_page=portal.error_page, map_error=portal.map_error)
    box = town.box()
    box.enter()
    return box


def path_of_home(box: Box) -> str:
    page = box.get("/EPG/jsp/getchannellistHWCTC.jsp").text
    found = re.search(r"'EPGDomain','http://10\.1\.1\.1:33200(/portal\?[^']+)'", page)
    assert found is not None
    return found[1]


def shown(box: Box, home: str) -> str:
    """The page at the end of the way from an address; the box has no cookie of ours yet."""
    box.cookies.pop("box", None)
    answer = box.get(home)
    for _ in range(3):
        if answer.status != 302:
            break
        answer = box.get(answer.header("Location"))
    assert answer.status == 200
    return answer.text


def test_the_ticket_opens_our_pages_at_once(box: Box) -> None:
    assert 'fm:"ctc"' in shown(box, path_of_home(box))


def test_the_home_key_opens_them_days_later(box: Box) -> None:
    home = path_of_home(box)
    shown(box, home)
    for _ in range(2):
        box.site._reactor.advance(86_400)  # type: ignore[attr-defined]
        assert 'fm:"ctc"' in shown(box, home)


def test_a_stale_ticket_alone_opens_nothing(box: Box) -> None:
    ticket = path_of_home(box).partition("&ticket=")[2]
    box.site._reactor.advance(121)  # type: ignore[attr-defined]

    assert box.get(f"/portal?ticket={ticket}", Cookie="").status == 403
