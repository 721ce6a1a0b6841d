"""After the page of success has gone by itself, 党教园地 still tells that one has signed in."""

from tests.portal.portal_town import WANG, ZHANG, PortalTown
from tests.portal.test_portal_rollcall import pick, sign


def test_the_row_of_a_rollcall_says_who_of_the_home_has_come(portal_town: PortalTown) -> None:
    opened = portal_town.open_rollcall()
    tv, other = portal_town.tv(), portal_town.tv("01002")
    notes = []
    for name in (WANG, ZHANG):
        notes.append(tv.page("school").body)
        tv.follow(sign(tv, opened.id, pick(tv, opened.id, portal_town.ids.members[name])))
        portal_town.clock.advance(60)
    notes.append(tv.page("school").body)

    assert ["1 人已报到" in body for body in notes] == [False, True, False]
    assert ["已报到" in body for body in notes] == [False, True, True]
    assert "还剩" in notes[0]
    assert "已报到" not in other.page("school").body, "what another home did is not told"


def test_it_is_seen_at_once_when_the_last_has_come(portal_town: PortalTown) -> None:
    opened = portal_town.open_rollcall()
    tv = portal_town.tv("01002")
    tv.page("school")
    tv.follow(sign(tv, opened.id, pick(tv, opened.id, portal_town.ids.members["刘建国"])))

    assert "已报到" in tv.page("school").body
