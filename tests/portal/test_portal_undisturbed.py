"""The invitation to another roll-call never lies over a page of this one, and waits for the next page."""

import json
from typing import Any

import pytest

from middleware.services import rollcall
from middleware.services.rollcall import Opening
from tests.portal.portal_town import NOBODY, PHONES, TV, WANG, PortalTown

LAYER = "id=L_invite"


def poll(tv: TV, page: str) -> dict[str, Any]:
    answer = tv.ask("GET", f"/poll?since=0&p={page}")
    return json.loads(answer.body) if answer else {}


@pytest.fixture
def called(portal_town: PortalTown, tv: TV) -> tuple[int, int]:
    """A roll-call of the branch that is being answered, and one of the town that opens meanwhile."""
    branch = portal_town.write(lambda uow: uow.places.branches()[0].id)
    first = portal_town.write(
        lambda uow: rollcall.open_rollcall(uow, portal_town.now(), None, Opening("支部点名", "branch", branch))
    )
    portal_town.clock.advance(1)
    return first.id, portal_town.open_rollcall().id


@pytest.mark.parametrize("page", ["", "-number", "-confirm", "-result"])
def test_no_page_of_a_rollcall_can_be_covered(
    portal_town: PortalTown, tv: TV, called: tuple[int, int], page: str
) -> None:
    tv.page(f"rc-{called[0]}-number")
    number = NOBODY if page == "-result" else PHONES[WANG]
    tv.post(f"/p/rc-{called[0]}-look", {"number": number})
    shown = tv.page(f"rc-{called[0]}{page}")

    assert shown.status == 200
    assert LAYER not in shown.body


def test_the_invitation_is_shown_on_the_next_page(portal_town: PortalTown, tv: TV, called: tuple[int, int]) -> None:
    first, other = called
    tv.page(f"rc-{first}-number")
    poll(tv, f"rc-{first}-number")  # the page is told, shows nothing and reports nothing
    portal_town.clock.advance(5)
    tv.post(f"/p/rc-{first}-look", {"number": PHONES[WANG]})
    tv.page(f"rc-{first}-confirm")
    after = tv.page("affairs")
    told = [poll(tv, "affairs")["invite"]["rollcall"]]
    tv.post("/invite", {"event": str(poll(tv, "affairs")["invite"]["event"]), "state": "dismissed"})
    told.append(poll(tv, "affairs")["invite"]["rollcall"])

    assert LAYER in after.body
    assert sorted(told) == [first, other]
