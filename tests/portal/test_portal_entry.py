"""How boxes come in: known ones get a token, new ones are registered, each gets the keys of its family."""

import re
from collections.abc import Callable

import pytest

from middleware.domain.devices import Device
from middleware.services import devices
from tests.portal.portal_town import MACS, NOW, TV, Answer, PortalTown

IPANEL = "Mozilla/4.0 (compatible; iPanel 3.0)"


def box(town: PortalTown, mac: str) -> Device | None:
    found = [one for one in town.store.run_sync(lambda uow: uow.devices.all(), write=False) if one.mac == mac]
    return found[0] if found else None


def family(page: Answer) -> str:
    found = re.search(r'fm:"([a-z-]+)"', page.body)
    assert found
    return found.group(1)


def test_a_known_box_gets_a_token_and_goes_home(portal_town: PortalTown) -> None:
    tv = TV(portal_town.site)
    answer = tv.get(f"/portal?mac={MACS['01001'].replace(':', '-').lower()}&asked=1")

    assert (answer.status, answer.leads) == (302, "/p/home")
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]
    assert tv.page("home").status == 200


def test_a_box_that_has_nothing_new_to_say_writes_nothing(portal_town: PortalTown) -> None:
    portal_town.tv()
    portal_town.transactions.clear()
    portal_town.tv()

    assert [name for name, write in portal_town.transactions if write] == []


def test_an_unknown_box_is_registered_and_may_look_around(portal_town: PortalTown) -> None:
    tv = TV(portal_town.site)
    answer = tv.get("/portal?mac=AA:BB:CC:00:11:22&serial=NH-7&asked=1")
    found = box(portal_town, "AA:BB:CC:00:11:22")

    assert answer.status == 302
    assert found is not None
    assert (found.state, found.household_id, found.serial, found.family) == ("pending", None, "NH-7", "pc")
    assert [tv.page(page).status for page in ("home", "affairs", "rc-1", "today")] == [200] * 4


def test_names_told_later_are_added_and_contradictions_are_not(portal_town: PortalTown) -> None:
    tv = TV(portal_town.site)
    tv.get(f"/portal?mac={MACS['01001']}&serial=NH-1&asked=1")
    tv.get(f"/portal?mac={MACS['01001']}&serial=NH-2&card=C-9&asked=1")
    tv.get(f"/portal?mac={MACS['01002']}&card=C-9&asked=1")
    first, second = box(portal_town, MACS["01001"]), box(portal_town, MACS["01002"])

    assert first is not None
    assert (first.serial, first.card_no) == ("NH-1", "C-9")
    assert second is not None
    assert second.card_no == ""


@pytest.mark.parametrize("query", ["?mac=zz", "?serial=%00", "?serial=a%20b", "?mac=" + "1" * 500])
def test_a_box_without_a_sound_name_is_told_what_to_do(portal_town: PortalTown, query: str) -> None:
    answer = TV(portal_town.site).get(f"/portal{query}")

    assert answer.status == 400
    assert "不认识这台机顶盒" in answer.body


@pytest.mark.parametrize("state", ["blocked", "retired"])
def test_a_blocked_box_does_not_come_in(portal_town: PortalTown, state: str) -> None:
    portal_town.write(lambda uow: devices.set_state(uow, NOW, "op", portal_town.ids.boxes["01001"], state))  # type: ignore[arg-type]
    answer = TV(portal_town.site).get(f"/portal?mac={MACS['01001']}&asked=1")

    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert "这台机顶盒停用了" in answer.body


def test_the_family_is_seen_from_the_headers_and_kept(portal_town_with: Callable[..., PortalTown]) -> None:
    town = portal_town_with()
    tv = TV(town.site)
    answer = tv.get(f"/portal?mac={MACS['01001']}", User_Agent=IPANEL)
    found = box(town, MACS["01001"])

    assert answer.leads == "/p/home"
    assert found is not None
    assert found.family == "ipanel"
    assert family(tv.page("home")) == "ipanel"


def test_a_box_that_shows_nothing_is_asked_by_a_page_and_comes_back(
    portal_town_with: Callable[..., PortalTown],
) -> None:
    town = portal_town_with()
    tv = TV(town.site)
    asking = tv.get(f"/portal?mac={MACS['01001']}&caid=%22%3E%3Cscript%3E")
    plain = tv.get(f"/portal?mac={MACS['01001']}")
    back = tv.get(f"/portal?mac={MACS['01001']}&asked=1&app=EIS%20iPanel&vendor=&obj=")

    assert asking.status == 400
    assert f"q={{mac:'{MACS['01001']}'}}" in plain.body
    assert "navigator" in plain.body
    assert back.leads == "/p/home"
    assert family(tv.page("home")) == "ipanel"
    assert tv.get(f"/portal?mac={MACS['01001']}").leads == "/p/home"


def test_telecom_boxes_are_known_by_their_objects(portal_town_with: Callable[..., PortalTown]) -> None:
    tv = TV(portal_town_with().site)
    tv.get(f"/portal?mac={MACS['01001']}&asked=1&app=&vendor=&obj=Authentication.Utility")

    assert family(tv.page("home")) == "ctc"


@pytest.mark.parametrize("name", ["00:1A:79:00:00:01", "001a79*"])
def test_the_operators_word_beats_all(portal_town_with: Callable[..., PortalTown], name: str) -> None:
    tv = TV(portal_town_with(overrides={name: "dvn"}).site)
    tv.get(f"/portal?mac={MACS['01001']}", User_Agent=IPANEL)

    assert family(tv.page("home")) == "dvn"


def test_only_the_demonstration_lets_a_query_choose_the_family(portal_town_with: Callable[..., PortalTown]) -> None:
    open_, closed = portal_town_with(demonstration=True), portal_town_with()
    shown = []
    for town in (open_, closed):
        tv = TV(town.site)
        tv.get(f"/portal?mac={MACS['01001']}&family=inspur&asked=1")
        tv.cookies["family"] = "inspur"
        shown.append(family(tv.page("home")))

    assert shown == ["inspur", "pc"]


def test_two_remotes_of_one_box_do_not_mix_on_the_training_page(portal_town: PortalTown) -> None:
    first, second = portal_town.tv(family="ipanel"), portal_town.tv(family="mag")

    assert [family(tv.page("home")) for tv in (first, second, first)] == ["ipanel", "mag", "ipanel"]


def test_registering_without_end_is_slowed(portal_town: PortalTown) -> None:
    tv = TV(portal_town.site)
    answers = [tv.get(f"/portal?serial=S{n}&asked=1").status for n in range(80)]
    known = TV(portal_town.site).get(f"/portal?mac={MACS['01001']}&asked=1")

    assert answers[:50] == [302] * 50
    assert answers[-1] == 429
    assert known.status == 302
    assert len(portal_town.store.run_sync(lambda uow: uow.devices.all(), write=False)) < 70


def test_a_token_is_read_again_after_its_time(portal_town: PortalTown) -> None:
    tv = portal_town.tv()
    tv.page("home")
    portal_town.clock.advance(11 * 60)
    portal_town.transactions.clear()
    answer = tv.page("home")
    portal_town.clock.advance(31 * 86_400)

    assert answer.status == 200
    assert ("seat", False) in portal_town.transactions
    assert tv.page("home").status == 403
