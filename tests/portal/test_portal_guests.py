"""Boxes of no household: they may sign in guests, but a sender who makes boxes up cannot go through the numbers."""

from tests.portal.portal_town import NOBODY, PHONES, TV, WANG, PortalTown


def stranger(town: PortalTown, number: int) -> TV:
    tv = TV(town.site)
    assert tv.get(f"/portal?mac=00:1A:79:EE:00:{number:02X}&asked=1&family=pc").leads == "/p/code"
    return tv


def looked_up(tv: TV, rollcall: int, number: str) -> str:
    return tv.post(f"/p/rc-{rollcall}-look", {"number": number}).to.rpartition("-")[2]


def test_a_box_at_a_village_site_signs_in_guests(portal_town: PortalTown) -> None:
    rollcall = portal_town.open_rollcall().id

    assert looked_up(stranger(portal_town, 1), rollcall, PHONES[WANG]) == "confirm"


def test_made_up_boxes_share_one_bound_on_unknown_numbers(portal_town: PortalTown, tv: TV) -> None:
    rollcall = portal_town.open_rollcall().id
    for box in range(8):
        guesser = stranger(portal_town, box)
        for _ in range(5):
            looked_up(guesser, rollcall, NOBODY)
    last = stranger(portal_town, 9)
    told = looked_up(last, rollcall, PHONES[WANG])
    page = last.page(f"rc-{rollcall}-result").body

    assert told == "result"
    assert "请干部核实" in page
    assert WANG[0] + "*" not in page
    assert looked_up(tv, rollcall, PHONES[WANG]) == "confirm", "boxes of households go on"


def test_the_bound_on_unknown_numbers_is_lifted_with_time(portal_town: PortalTown) -> None:
    rollcall = portal_town.open_rollcall().id
    for box in range(8):
        guesser = stranger(portal_town, box)
        for _ in range(5):
            looked_up(guesser, rollcall, NOBODY)
    portal_town.clock.advance(60)

    assert looked_up(stranger(portal_town, 9), rollcall, PHONES[WANG]) == "confirm"
