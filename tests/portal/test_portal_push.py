"""Invitations reach every television on its rung of the ladder, in time and once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.task import Clock

from middleware.portal.pacing import EVERY_S, Pace
from middleware.services import rollcall
from tests.portal.portal_town import PHONES, TV, WANG, ZHANG, Answer, PortalTown
from tests.portal.test_portal_rollcall import look, pick, sign


def poll(tv: TV, since: int = 0, page: str = "affairs") -> dict[str, Any] | None:
    """What a poll was told at once; None when it is parked."""
    answer = tv.ask("GET", f"/poll?since={since}&p={page}")
    return told(answer) if answer else None


def told(answer: Answer | None) -> dict[str, Any]:
    assert answer is not None, "still parked"
    assert answer.status == 200
    body: dict[str, Any] = json.loads(answer.body)
    return body


def since_of(page: Answer) -> int:
    return int(page.body.partition('since:"')[2].partition('"')[0])


def confirm(tv: TV, event: int, state: str) -> None:
    assert tv.post("/invite", {"event": str(event), "state": state}).status == 204


def state(town: PortalTown, home: str = "01001", rollcall_id: int = 1) -> str:
    found = town.store.run_sync(lambda uow: uow.invitations.get(rollcall_id, town.ids.homes[home]), write=False)
    return str(found.state) if found else ""


def test_a_parked_television_is_told_as_soon_as_the_rollcall_opens(portal_town: PortalTown, tv: TV) -> None:
    assert poll(tv) is None
    opened = portal_town.open_rollcall()
    answer = told(tv.told())

    assert answer["invite"] == {
        "event": int(portal_town.now().timestamp() * 1000),
        "rollcall": opened.id,
        "title": "镇党委正在点名",
        "closes": int(opened.closes.timestamp()),
    }
    assert answer["since"] == answer["invite"]["event"]
    assert "reload" not in answer


def test_nobody_is_told_twice_on_one_page(portal_town: PortalTown, tv: TV) -> None:
    portal_town.open_rollcall()
    answer = poll(tv)

    assert answer is not None
    assert poll(tv, answer["since"]) is None
    portal_town.wait(26)
    assert told(tv.told()) == {"since": answer["since"]}


def test_an_offer_lost_with_its_page_is_made_again_and_a_seen_one_never(portal_town: PortalTown, tv: TV) -> None:
    portal_town.open_rollcall()
    first = poll(tv, since_of(tv.page("affairs")))
    second = poll(tv, since_of(tv.page("pioneers")))
    assert first is not None
    assert first == second
    confirm(tv, first["since"], "seen")

    assert since_of(tv.page("live")) == first["since"]
    assert poll(tv, 0) is None


def test_a_box_that_has_seen_it_is_not_asked_again_after_a_restart(portal_town: PortalTown, tv: TV) -> None:
    portal_town.open_rollcall()
    first = poll(tv)
    assert first is not None
    confirm(tv, first["since"], "seen")
    portal_town.start()
    again = TV(portal_town.site, tv.cookies)
    other = portal_town.tv("01002")

    assert since_of(again.page("affairs")) == first["since"]
    assert poll(again) is None
    late = poll(other)
    assert late is not None
    assert late["invite"]["rollcall"] == 1


def test_a_box_that_is_switched_on_later_is_invited(portal_town: PortalTown) -> None:
    portal_town.open_rollcall()
    portal_town.wait(120)
    answer = poll(portal_town.tv())

    assert answer is not None
    assert answer["invite"]["rollcall"] == 1


def test_a_long_poll_is_held_for_its_time_and_then_let_go(portal_town: PortalTown, tv: TV) -> None:
    assert poll(tv) is None
    portal_town.wait(24.5)
    assert tv.told() is None
    portal_town.wait(1)

    assert told(tv.told()) == {"since": 0}
    assert portal_town.portal.push.parked == 0


def test_a_slotted_box_is_answered_at_once_and_invited_within_its_interval(
    portal_town_with: Callable[..., PortalTown],
) -> None:
    town = portal_town_with(demonstration=True, slot_s=60)
    tv = town.tv(family="dvn")
    page = tv.page("affairs")
    assert poll(tv) == {"since": 0}
    town.open_rollcall()
    answer = poll(tv)

    assert f'ps:["short",60,"{town.ids.boxes["01001"]}"]' in page.body
    assert answer is not None
    assert answer["invite"]["rollcall"] == 1
    assert poll(tv, answer["since"]) == {"since": answer["since"]}


def test_a_box_without_requests_is_led_to_the_rollcall_by_its_next_refresh_once(
    portal_town: PortalTown,
) -> None:
    tv = portal_town.tv(family="enrich")
    waiting = tv.page("affairs")
    opened = portal_town.open_rollcall()
    led = tv.page("affairs")
    back = tv.page("affairs")

    assert "http-equiv=refresh content=30" in waiting.body
    assert (led.status, led.to) == (302, f"/p/rc-{opened.id}")
    assert back.status == 200


def test_a_page_of_the_rollcall_is_not_covered_by_its_own_invitation(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()

    assert poll(tv, page=f"rc-{opened.id}") is None
    assert poll(tv, page=f"rc-{opened.id}-number") is None
    assert poll(tv, page=f"rc-{opened.id}1") is not None


def test_home_is_fetched_anew_to_show_what_is_urgent(portal_town: PortalTown, tv: TV) -> None:
    assert poll(tv, page="home") is None
    portal_town.open_rollcall()

    assert told(tv.told())["reload"] == 1


def test_states_of_an_invitation_are_kept(portal_town: PortalTown, tv: TV) -> None:
    portal_town.open_rollcall()
    states = [state(portal_town)]
    answer = poll(tv)
    assert answer is not None
    portal_town.wait(1.5)
    states.append(state(portal_town))
    for what in ("seen", "dismissed", "seen"):
        confirm(tv, answer["since"], what)
        states.append(state(portal_town))

    assert states == ["queued", "offered", "seen", "dismissed", "dismissed"]
    assert state(portal_town, "01002") == "queued"


def test_opening_the_overlay_accepts_the_invitation(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    answer = poll(tv)
    assert answer is not None
    tv.get(f"/p/rc-{opened.id}?e={answer['since']}")

    assert state(portal_town) == "accepted"


def test_put_off_once_it_is_asked_again_once_and_home_wears_a_badge(portal_town: PortalTown, tv: TV) -> None:
    portal_town.open_rollcall(60)
    first = poll(tv)
    assert first is not None
    tv.page("home")
    confirm(tv, first["since"], "dismissed")
    badge = tv.page("home").body
    assert poll(tv, first["since"]) is None
    portal_town.wait(301)
    assert poll(tv, first["since"]) is None
    portal_town.write(lambda uow: rollcall.run_due(uow, portal_town.now()))
    portal_town.clock.advance(0)
    second = told(tv.told())
    confirm(tv, second["since"], "dismissed")
    portal_town.wait(600)
    portal_town.write(lambda uow: rollcall.run_due(uow, portal_town.now()))

    assert "点名还等您报到" in badge
    assert second["invite"]["event"] > first["invite"]["event"]
    assert poll(tv, second["since"]) is None


def test_the_other_set_of_the_household_is_told_when_all_have_come(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    other = portal_town.tv()
    shown = poll(other)
    assert shown is not None
    assert poll(other, shown["since"]) is None
    for name in (WANG, ZHANG):
        sign(tv, opened.id, pick(tv, opened.id, portal_town.ids.members[name]))
    portal_town.clock.advance(0)

    assert told(other.told())["withdrawn"] == [shown["invite"]["event"]]


def test_closing_withdraws_every_invitation(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    other = portal_town.tv("01002")
    events = []
    for each in (tv, other):
        answer = poll(each)
        assert answer is not None
        assert poll(each, answer["since"]) is None
        events.append(answer["invite"]["event"])
    portal_town.write(lambda uow: rollcall.close(uow, portal_town.now(), None, opened.id))
    portal_town.clock.advance(0)

    assert [told(each.told())["withdrawn"] for each in (tv, other)] == [[events[0]], [events[1]]]
    assert poll(portal_town.tv("02001")) is None


def test_a_box_between_two_polls_hears_of_the_withdrawal_at_its_next(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    answer = poll(tv)
    assert answer is not None
    portal_town.write(lambda uow: rollcall.close(uow, portal_town.now(), None, opened.id))
    again = poll(tv, answer["since"])

    assert again is not None
    assert again["withdrawn"] == [answer["invite"]["event"]]
    assert poll(tv, answer["since"]) is None


def test_after_the_closing_time_nobody_is_invited_even_if_it_is_carried_out_late(
    portal_town: PortalTown, tv: TV
) -> None:
    portal_town.open_rollcall(15)
    portal_town.clock.advance(15 * 60)

    assert poll(tv) is None


def test_a_guest_who_signs_in_elsewhere_withdraws_his_own_household(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    home = portal_town.tv("01002")
    shown = poll(home)
    assert shown is not None
    assert poll(home, shown["since"]) is None
    sign(tv, opened.id, look(tv, opened.id, PHONES["刘建国"]))
    portal_town.clock.advance(0)

    assert told(home.told())["withdrawn"] == [shown["invite"]["event"]]


def test_what_another_process_writes_is_noticed_within_a_minute(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    home = portal_town.ids.homes["01001"]
    portal_town.store.run_sync(lambda uow: uow.invitations.end_complete(opened.id, [home], portal_town.now()))
    portal_town.store.run_sync(lambda uow: uow.invitations.end_all(opened.id, portal_town.now()))
    portal_town.wait(61)

    assert poll(tv) is None


@pytest.mark.parametrize(
    "fields",
    [
        *({}, {"event": "1"}, {"event": "x", "state": "seen"}, {"event": "1", "state": "expired"}),
        *({"event": "-5", "state": "seen"}, {"event": "9" * 40, "state": "seen"}),
    ],
)
def test_a_malformed_report_is_refused(tv: TV, fields: dict[str, str]) -> None:
    assert tv.post("/invite", fields).status == 400


def test_a_report_on_an_event_of_another_household_changes_nothing(portal_town: PortalTown, tv: TV) -> None:
    portal_town.open_rollcall()
    portal_town.wait(1)
    event = portal_town.store.run_sync(lambda uow: uow.invitations.get(1, portal_town.ids.homes["02001"]), write=False)
    assert event is not None
    confirm(tv, event.event + 7, "accepted")

    assert [state(portal_town, home) for home in ("01001", "02001")] == ["queued", "queued"]


def test_one_box_cannot_park_without_end(portal_town: PortalTown, tv: TV) -> None:
    sets = [TV(portal_town.site, tv.cookies) for _ in range(6)]
    parked = [poll(each) for each in sets]

    assert parked == [None] * 6
    assert portal_town.portal.push.parked == 4
    assert told(sets[0].told()) == {"since": 0}


def test_a_client_that_leaves_is_forgotten(portal_town: PortalTown, tv: TV) -> None:
    assert poll(tv) is None
    channel = next(iter(portal_town.site._channels))
    for each in tuple(portal_town.site._channels):
        each.connectionLost(_gone())

    assert channel.waiter is None
    assert portal_town.portal.push.parked == 0


def _gone() -> Any:
    from twisted.internet.error import ConnectionDone
    from twisted.python.failure import Failure

    return Failure(ConnectionDone())


def test_slices_leave_the_loop_to_others_and_shrink_when_it_is_late() -> None:
    clock = Clock()
    done: list[float] = []
    pace = Pace(clock, clock.seconds)
    pace.add([lambda: done.append(clock.seconds())] * 1000)
    clock.advance(0)
    first = len(done)
    clock.advance(EVERY_S)
    second = len(done) - first
    clock.advance(0.2)
    late = len(done) - first - second
    for _ in range(40):
        clock.advance(EVERY_S)

    assert (first, second, late) == (100, 100, 50)
    assert len(done) == 1000


def test_fifteen_thousand_televisions_are_reached_in_two_seconds() -> None:
    clock = Clock()
    done: list[float] = []
    Pace(clock, clock.seconds).add([lambda: done.append(clock.seconds())] * 15_000)
    while len(done) < 15_000:
        clock.advance(EVERY_S)

    assert clock.seconds() <= timedelta(seconds=2).total_seconds()
