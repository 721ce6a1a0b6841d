"""Numbers that nobody has: called back, counted for a member, or turned down."""

import json

from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import request_review
from tests.admin.conftest import Browser, Town

JSON = "application/json"
NUMBER = "13999990001"


def hand_in(town: Town, rollcall: int, number: str = NUMBER, home: str = "H1", key: str = "r1") -> int:
    """A box hands a number to the cadre, through the use-case that the portal calls; the id of what waits."""
    household = town.ids[home]
    device = town.store.run_sync(lambda uow: uow.devices.of_households([household])[0])
    outcome = town.store.run_sync(
        lambda uow: request_review(uow, town.now, Box(device.id, household), rollcall, key, number)
    )
    assert outcome.code == "needs_review"
    return int(outcome.signin.id)  # type: ignore[union-attr]


def waiting(town: Town) -> tuple[Browser, int, int]:
    browser = town.browser("lake")
    rollcall = town.open(browser)
    return browser, rollcall, hand_in(town, rollcall)


def test_a_number_waits_masked_with_the_home_of_its_box(town: Town) -> None:
    browser, rollcall, _ = waiting(town)

    page = browser.get(f"/admin/rollcalls/{rollcall}").body

    assert [text in page for text in ("139****0001", "湖西村 1 号", NUMBER)] == [True, True, False]


def test_seeing_the_whole_number_is_audited(town: Town) -> None:
    browser, rollcall, review = waiting(town)

    told = browser.post("/admin/rollcalls/reviews/reveal", accept=JSON, rollcall=rollcall, signin=review)
    page = browser.post("/admin/rollcalls/reviews/reveal", rollcall=rollcall, signin=review)

    entries = town.store.run_sync(lambda uow: uow.audit.entries("signin", review))
    assert (json.loads(told.body), NUMBER in page.body) == ({"number": NUMBER}, True)
    assert [(entry.actor, entry.verb) for entry in entries] == [("lake", "reveal")] * 2


def test_the_members_of_the_household_are_offered_first_and_others_by_name(town: Town) -> None:
    browser, rollcall, review = waiting(town)

    home = browser.get(f"/admin/rollcalls/reviews/{rollcall}?signin={review}").body
    found = browser.post("/admin/rollcalls/reviews/search", rollcall=rollcall, signin=review, name="李明").body
    foreign = browser.post("/admin/rollcalls/reviews/search", rollcall=rollcall, signin=review, name="赵").body

    assert [name in home for name in ("王秀兰", "张福田", "李明")] == [True, True, False]
    assert "李明" in found
    assert "没有找到还没报到的“赵”" in foreign


def test_accepting_counts_the_chosen_member(town: Town) -> None:
    browser, rollcall, review = waiting(town)
    member = town.member("L-2").id

    answer = browser.post("/admin/rollcalls/reviews/accept", rollcall=rollcall, signin=review, member=member)
    page = browser.get(answer.headers["location"]).body

    standing = town.store.run_sync(lambda uow: uow.signins.standing(rollcall))
    assert ("已计入：张福田" in page, "待核实" in page) == (True, False)
    assert standing[member].state == "accepted"


def test_a_member_who_is_there_already_is_not_counted_twice(town: Town) -> None:
    browser, rollcall, review = waiting(town)
    town.press(rollcall, "L-2", key="k9")

    answer = browser.post(
        "/admin/rollcalls/reviews/accept", rollcall=rollcall, signin=review, member=town.member("L-2").id
    )

    assert (answer.status, "已经报到" in answer.body) == (422, True)


def test_rejecting_keeps_the_reason_and_empties_the_queue(town: Town) -> None:
    browser, rollcall, review = waiting(town)

    browser.post("/admin/rollcalls/reviews/reject", rollcall=rollcall, signin=review, reason="号码按错了")
    again = browser.post("/admin/rollcalls/reviews/reject", rollcall=rollcall, signin=review, reason="再来一次")

    kept = town.store.run_sync(lambda uow: uow.signins.get(review))
    assert (kept.state, kept.note) == ("rejected", "号码按错了")
    assert (again.status, "已经处理过" in again.body) == (409, True)


def test_the_review_of_another_village_is_nobody_elses_business(town: Town) -> None:
    office, lake = town.browser("office"), town.browser("lake")
    rollcall = town.open(office, "town")
    review, member = hand_in(town, rollcall, home="H3"), town.member("L-1").id

    seen = [browser.get(f"/admin/rollcalls/{rollcall}").body for browser in (office, lake)]
    forged = [
        lake.post(f"/admin/rollcalls/reviews/{act}", rollcall=rollcall, signin=review, member=member).status
        for act in ("reveal", "accept", "reject")
    ]

    assert ["139****0001" in page for page in seen] == [True, False]
    assert forged == [403, 403, 403]
