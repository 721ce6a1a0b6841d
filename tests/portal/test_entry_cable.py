"""Cable entry: what a card number in an address opens, for whom it was bound, and what everybody else gets."""

from collections.abc import Callable

import attrs
import pytest

from middleware.domain.devices import Device, Identities
from middleware.portal.rules import Rules
from tests.portal.portal_town import MACS, TV, PortalTown

CARD = "8600123456789"
MAC = "00-1A-79-AA-00-01"


def enter(town: PortalTown, query: str, client: str = "10.3.7.20") -> TV:
    tv = TV(town.site, client=client)
    tv.get(f"/portal/enter?{query}")
    tv.page("home")
    return tv


def device(town: PortalTown, **names: str) -> Device | None:
    found = town.store.run_sync(lambda uow: uow.devices.matching(Identities(**names)), write=False)
    return found[0] if found else None


def clones(town: PortalTown, device_id: int) -> list[tuple[str, str, str]]:
    found = town.store.run_sync(lambda uow: uow.box_logs.clones(device_id), write=False)
    return [(one.what, one.first, one.second) for one in found]


def with_card(town: PortalTown, **changes: object) -> Device:
    """The box of the first household, entered by the operator with its card."""
    box = town.store.run_sync(lambda uow: uow.devices.get(town.ids.boxes["01001"]), write=False)
    assert box is not None
    known = attrs.evolve(box, **{"card_no": CARD, **changes})
    town.write(lambda uow: uow.devices.save(known))
    return known


@pytest.mark.parametrize("name", ["CAID", "caid", "card", "Card"])
def test_a_card_is_bound_to_mac_and_address_range_at_its_first_use(portal_town: PortalTown, name: str) -> None:
    box = with_card(portal_town, mac="")
    tv = enter(portal_town, f"{name}={CARD}&mac={MAC}&ServiceGroup=12.7&poid=4711")
    bound = device(portal_town, card_no=CARD)
    place = portal_town.store.run_sync(lambda uow: uow.settings.all(f"device:{box.id}"), write=False)

    assert bound is not None
    assert (bound.id, bound.mac, bound.network) == (box.id, MAC.replace("-", ":"), "10.3.7.0/24")
    assert place == {"service_group": "12", "poid": "4711"}
    assert tv.page("home").status == 200


@pytest.mark.parametrize(
    "names", [f"CAID={CARD}&mac=00-1A-79-BB-00-09", f"CAID={CARD}&mac={MAC}&uid=U7", f"CAID={CARD}"]
)
def test_another_box_with_the_card_sees_what_is_public_and_leaves_a_line(portal_town: PortalTown, names: str) -> None:
    box = with_card(portal_town, mac=MACS["01001"], network="10.3.7.0/24")
    tv = enter(portal_town, names, "10.3.7.99")
    enter(portal_town, names, "10.3.7.99")
    seen = portal_town.portal.seats.at_hand(request_of(tv))

    assert seen is not None
    assert (seen.device != box.id, seen.household, seen.waiting) == (True, None, True)
    assert [what for what, _, _ in clones(portal_town, box.id)] == ["card"]
    assert "还没登记" in tv.page("home").body
    assert tv.page("affairs").status == 200


def test_a_card_alone_from_another_range_is_not_let_in(portal_town: PortalTown) -> None:
    box = with_card(portal_town, mac="")
    enter(portal_town, f"CAID={CARD}")
    same = enter(portal_town, f"CAID={CARD}", "10.3.7.200")
    other = enter(portal_town, f"CAID={CARD}", "10.9.9.9")
    seats = [portal_town.portal.seats.at_hand(request_of(tv)) for tv in (same, other)]

    assert [seat.device for seat in seats if seat] == [box.id, 0]
    assert clones(portal_town, box.id) == [("card", "10.3.7.0/24", "10.9.9.0/24")]


def test_a_box_that_moved_is_let_in_with_a_line_and_unconfirmed(portal_town: PortalTown) -> None:
    box = with_card(portal_town, network="10.3.7.0/24", confirmed=True)
    enter(portal_town, f"CAID={CARD}&mac={MACS['01001']}", "10.4.4.4")
    moved = device(portal_town, card_no=CARD)

    assert moved is not None
    assert (moved.id, moved.network, moved.confirmed) == (box.id, "10.4.4.0/24", False)
    assert clones(portal_town, box.id) == [("address", "10.3.7.0/24", "10.4.4.0/24")]


def test_a_strict_operator_does_not_let_it_in(portal_town_with: Callable[..., PortalTown]) -> None:
    town = portal_town_with(rules=Rules(binding="strict"))
    box = with_card(town, network="10.3.7.0/24")
    tv = enter(town, f"CAID={CARD}", "10.4.4.4")
    seat = town.portal.seats.at_hand(request_of(tv))

    assert seat is not None
    assert seat.device == 0
    assert clones(town, box.id) == [("card", MACS["01001"], "10.4.4.0/24")]


def test_a_box_without_any_name_gets_the_entry_page_and_then_the_public_boards(portal_town: PortalTown) -> None:
    tv = TV(portal_town.site)
    asking = tv.get("/portal")
    tv.get("/portal/enter?app=&vendor=&obj=&mac=nonsense")
    shown = [tv.page(page).status for page in ("home", "affairs", "today", "guide", "code")]
    rollcall = portal_town.open_rollcall().id

    assert (asking.status, "/portal/enter" in asking.body) == (200, True)
    assert shown == [200] * 5
    assert tv.page(f"rc-{rollcall}").to == "/p/code"
    assert tv.post(f"/p/rc-{rollcall}-look", {"number": "13806336021"}).to == "/p/code"
    assert portal_town.store.run_sync(lambda uow: len(uow.devices.all()), write=False) == len(MACS)


def test_the_household_number_of_the_operator_names_a_box(portal_town: PortalTown) -> None:
    box = with_card(portal_town, mac="", card_no="", iptv_user="N0633001")
    tv = enter(portal_town, "UID=N0633001")
    seat = portal_town.portal.seats.at_hand(request_of(tv))

    assert seat is not None
    assert (seat.device, seat.household) == (box.id, portal_town.ids.homes["01001"])


def test_names_are_shown_in_part_until_somebody_vouches_for_the_card(portal_town: PortalTown) -> None:
    box = with_card(portal_town)
    rollcall = portal_town.open_rollcall().id
    tv = enter(portal_town, f"CAID={CARD}&mac={MACS['01001']}")
    before = tv.page(f"rc-{rollcall}").body
    known = device(portal_town, card_no=CARD)
    assert known is not None
    portal_town.write(lambda uow: uow.devices.save(attrs.evolve(known, confirmed=True)))
    portal_town.portal.seats.forget(box.id)
    after = tv.page(f"rc-{rollcall}").body

    assert ("王秀兰" in before, "王*兰" in before) == (False, True)
    assert "王秀兰" in after


def test_the_model_that_a_box_tells_is_kept(portal_town: PortalTown) -> None:
    enter(portal_town, f"mac={MACS['01001']}&model=MAG250&obj=gSTB")
    known = device(portal_town, mac=MACS["01001"])

    assert known is not None
    assert known.model == "MAG250"


def test_no_more_than_its_share_of_boxes_may_register_from_one_address_in_an_hour(portal_town: PortalTown) -> None:
    answers = []
    for number in range(60):
        answers.append(TV(portal_town.site).get(f"/portal/enter?mac=00:1A:79:EE:01:{number:02X}").status)
        portal_town.clock.advance(1)
    portal_town.clock.advance(3600)
    later = TV(portal_town.site).get("/portal/enter?mac=00:1A:79:EE:02:00").status

    assert (answers.count(302), answers[-1], later) == (50, 429, 302)


def test_tries_with_anothers_card_do_not_use_up_the_share(portal_town: PortalTown) -> None:
    with_card(portal_town, network="10.3.7.0/24")
    for _ in range(55):
        TV(portal_town.site).get(f"/portal/enter?CAID={CARD}")
        portal_town.clock.advance(1)

    assert TV(portal_town.site).get("/portal/enter?mac=00:1A:79:EE:02:00").status == 302


def request_of(tv: TV):  # type: ignore[no-untyped-def]
    from middleware.web.values import Request

    cookie = "; ".join(f"{name}={value}" for name, value in tv.cookies.items())
    return Request("GET", "/p/home", b"/p/home", headers={"cookie": cookie})
