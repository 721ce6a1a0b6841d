"""Remotes that no table knows: their codes are counted, and a viewer can teach the keys without one that works."""

import re
from collections.abc import Callable

from keymap.teach import ASKED
from tests.portal.portal_town import TV, Answer, PortalTown

UP, DOWN, LEFT, RIGHT, OK, BACK, ONE = 701, 702, 703, 704, 705, 706, 721
BASIC = [UP, DOWN, LEFT, RIGHT, OK, BACK]


def presses(page: Answer) -> str:
    found = re.search(r'name="?presses"? value="([^"]*)"', page.body)
    assert found, page.body
    return found.group(1)


def teach(tv: TV, codes: list[object]) -> Answer:
    page = tv.get("/teach")
    for code in codes:
        page = tv.post("/teach", {"presses": presses(page), "code": str(code)})
    return page


def learnt() -> list[object]:
    skipped: list[object] = ["w"] * (len(ASKED) - len(BASIC) - 1)
    return [*BASIC, ONE, *skipped, UP, DOWN, LEFT, RIGHT, OK]


def test_a_remote_is_taught_press_by_press_and_works_on_the_next_page(portal_town: PortalTown, tv: TV) -> None:
    first = tv.get("/teach")
    saved = teach(tv, learnt())
    home = tv.page("home")

    assert "请按" in first.body
    assert "学好了" in saved.body
    assert f'{UP}:"U"' in saved.body
    assert f'{UP}:"U"' in home.body
    assert f'{ONE + 8}:"9"' in home.body
    assert "38:" in home.body


def test_what_was_taught_survives_a_restart_and_stays_with_its_box(portal_town: PortalTown, tv: TV) -> None:
    teach(tv, learnt())
    portal_town.start()

    assert f'{UP}:"U"' in portal_town.tv().page("home").body
    assert f'{UP}:"U"' not in portal_town.tv("01002").page("home").body


def test_nothing_is_kept_before_the_viewer_has_proven_the_keys(portal_town: PortalTown, tv: TV) -> None:
    teach(tv, learnt()[:-1])

    assert portal_town.store.run_sync(lambda uow: uow.devices.taught(1), write=False) == {}


def test_forged_presses_begin_anew(tv: TV) -> None:
    for fields in (
        {"presses": "1 2 x", "code": "3"},
        {"presses": "", "code": "<b>"},
        {"presses": "1 " * 300, "code": "1"},
    ):
        answer = tv.post("/teach", fields)
        assert answer.status == 200
        assert "请按" in answer.body
    assert tv.post("/teach", {"presses": "1 " * 900, "code": "1"}).status == 400
    assert tv.post("/teach", {"presses": "", "code": "1"}, Origin="http://evil.test").status == 403


def test_settings_lead_to_the_teach_in(tv: TV) -> None:
    assert tv.page("teach").to == "/teach"


def test_unknown_codes_are_counted_and_known_ones_are_not(portal_town: PortalTown, tv: TV) -> None:
    for path in (
        *("profile=pc&code=999&hook=keydown", "profile=pc&code=999&hook=keydown", "profile=pc&code=13&hook=keydown"),
        *("profile=nothing&code=999&hook=keydown", "profile=pc&code=x&hook=keydown", "profile=pc&code=99&hook=evil"),
    ):
        assert tv.get(f"/k?{path}").status == 204
    ranked = portal_town.portal.unknown.tally.ranked()

    assert [(seen.profile, seen.code, count) for seen, count in ranked] == [("pc", 999, 2)]


def test_reports_of_one_sender_are_slowed(portal_town: PortalTown, tv: TV) -> None:
    for code in range(1000, 1100):
        tv.get(f"/k?profile=pc&code={code}&hook=keydown")

    assert len(portal_town.portal.unknown.tally.counts) <= 20


def test_three_unknown_codes_from_a_box_of_no_known_family_lead_to_the_teach_in_once(
    portal_town_with: Callable[..., PortalTown],
) -> None:
    town = portal_town_with()
    tv, other = town.tv("01001"), town.tv("01002")
    tv.page("home")
    for code in (901, 902, 903):
        tv.get(f"/k?profile=pc&code={code}&hook=keydown")
    led = tv.page("tv")

    assert (led.status, led.to) == (302, "/teach")
    assert tv.page("tv").status == 200
    assert other.page("tv").status == 200
