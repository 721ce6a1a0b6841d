"""Hard content in a real browser: whatever editors write, no word leaves its box under the font of a box."""

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal_pages import home
from portal_pages.boards import articles, film, guide, rollcall, rollcall_entry, shelf, today
from portal_pages.facts import Viewer
from portal_pages.states import Page
from tests.pages import strategies as make
from tests.pages.conftest import Screen
from tests.pages.test_pages_render import BOX_FONT, MEASURE, drawn

BUILDERS: dict[str, tuple[st.SearchStrategy[Any], Callable[[Viewer, Any], Page]]] = {
    "home": (make.homes(), home.home),
    "article": (make.articles(), articles.article_page),
    "shelf": (make.shelves(today.VIDEO_COLUMNS), shelf.shelf_page),
    "film": (make.films(), film.film_page),
    "guide": (make.guides(4), guide.guide_page),
    "pick": (make.rollcalls(), rollcall.pick_page),
    "entry": (make.rollcalls(), rollcall_entry.entry_page),
}


@pytest.mark.browser
@pytest.mark.parametrize("name", BUILDERS)
def test_hard_content_stays_in_its_boxes(screen: Screen, name: str) -> None:
    facts, build = BUILDERS[name]

    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    @given(make.viewers(), facts)
    def hold(viewer: Viewer, fact: Any) -> None:
        page = attrs.evolve(build(viewer, fact), id="hard", accepts_invitation=False)
        screen.show(page)
        screen.tab.add_style_tag(content=BOX_FONT)
        places = zip(screen.run(MEASURE), drawn(page), strict=True)

        assert [
            (line, box)
            for line, box in places
            if line["words"].strip() and (line["left"] < box[1] - 1 or line["right"] > box[2] + 1)
        ] == []

    hold()
