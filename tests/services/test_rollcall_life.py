"""Roll-calls open, extend and close by people or by the clock, and end in each member's record."""

import pytest

from middleware.domain.attendance import Attendance, Tally
from middleware.domain.errors import BadValue, DomainError, Forbidden, NotFound
from middleware.domain.registry import Staff
from middleware.domain.rollcall import Accepted, Rollcall
from middleware.services import invitations
from middleware.services import rollcall as life
from middleware.services.rollcall import Opening
from middleware.storage.store import Store
from tests.contract.small_town import AWAY, LIU, PHONES, WANG, ZHANG, ZHAO, SmallTown
from tests.services.evening import at, cadre, kinds, opened, pressed


def run_due(store: Store, minute: float):
    return store.run_sync(lambda uow: life.run_due(uow, at(minute)))


def reread(store: Store, rollcall: Rollcall) -> Rollcall:
    return store.run_sync(lambda uow: uow.rollcalls.get(rollcall.id), write=False)


def attendance(store: Store, rollcall: Rollcall) -> list[tuple[int, str]]:
    found = store.run_sync(lambda uow: uow.rollcalls.attendance(rollcall.id), write=False)
    return sorted((one.member, one.status) for one in found)


def live(store: Store, rollcall: Rollcall) -> set[int]:
    return set(store.run_sync(lambda uow: invitations.invited(uow, at(1), rollcall.id), write=False))


def test_opening_draws_up_the_roll_invites_the_homes_and_tells(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)

    assert rollcall == reread(store, rollcall)
    assert (rollcall.state, rollcall.caller) == ("open", "镇党委")
    assert (rollcall.late_after, rollcall.closes) == (at(10), at(30))
    roll = store.run_sync(lambda uow: uow.rollcalls.roll(rollcall.id), write=False)
    assert roll.keys() == set(town.members.values())
    assert live(store, rollcall) == set(town.homes.values())
    (event,) = store.run_sync(lambda uow: uow.outbox.after(0), write=False)
    assert (event.kind, event.body["households"]) == ("RollcallOpened", 3)


@pytest.mark.parametrize(
    ("scope", "place", "names"), [("branch", "b02", {ZHAO}), ("village", "v01", {WANG, ZHANG, LIU, AWAY})]
)
def test_a_branch_or_village_calls_its_own(
    store: Store, town: SmallTown, scope: str, place: str, names: set[str]
) -> None:
    place_id = (town.branches if scope == "branch" else town.villages)[place]
    rollcall = opened(store, scope=scope, place_id=place_id)

    roll = store.run_sync(lambda uow: uow.rollcalls.roll(rollcall.id), write=False)
    assert roll.keys() == {town.members[name] for name in names}
    assert rollcall.caller == {"b02": "石桥村党支部", "v01": "南湖村"}[place]


def test_later_moves_do_not_change_an_old_roll(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)

    def move(uow):
        from middleware.domain.registry import MemberDraft

        draft = MemberDraft("m1", WANG, town.branches["b02"], household_id=town.homes["02001"], phone=PHONES[WANG])
        uow.registry.update_members({town.members[WANG]: draft})
        return uow.rollcalls.roll(rollcall.id)[town.members[WANG]]

    line = store.run_sync(move)
    assert (line.branch, line.household) == (town.branches["b01"], town.homes["01001"])


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"minutes": 14}, "window"),
        ({"minutes": 24 * 60 + 1}, "window"),
        ({"late_minutes": 31}, "late"),
        ({"late_minutes": -1}, "late"),
        ({"title": "  "}, "title"),
        ({"title": "长" * 41}, "title"),
        ({"scope": "branch", "place_id": 4711}, "no_place"),
        ({"scope": "village"}, "no_place"),
    ],
)
def test_what_makes_no_sense_is_refused_by_code(store: Store, town: SmallTown, fields: dict, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        opened(store, **fields)

    assert refused.value.code == code
    assert store.run_sync(lambda uow: uow.rollcalls.listing(), write=False) == ()


def test_a_place_has_one_roll_call_at_a_time(store: Store, town: SmallTown) -> None:
    opened(store)
    with pytest.raises(DomainError) as refused:
        opened(store)

    assert refused.value.code == "already_open"
    opened(store, scope="branch", place_id=town.branches["b01"])


def test_nobody_is_called_where_nobody_is_registered(store: Store, town: SmallTown) -> None:
    branch = store.run_sync(lambda uow: uow.places.add_branch("b09", "空支部"))
    with pytest.raises(DomainError) as refused:
        opened(store, scope="branch", place_id=branch.id)

    assert refused.value.code == "empty_roll"
    assert kinds(store) == []


def test_a_cadre_calls_his_own_branch_only(store: Store, town: SmallTown) -> None:
    opened(store, by=cadre(town), scope="branch", place_id=town.branches["b01"])
    for fields in (
        {},
        {"scope": "branch", "place_id": town.branches["b02"]},
        {"scope": "village", "place_id": town.villages["v02"]},
    ):
        with pytest.raises(Forbidden):
            opened(store, by=cadre(town), **fields)
    with pytest.raises(Forbidden):
        opened(store, by=Staff(3, "editor", "编辑", "editor"))


def test_a_cadre_neither_sees_others_nor_ends_what_the_town_called(store: Store, town: SmallTown) -> None:
    everyone = opened(store)
    other = opened(store, scope="branch", place_id=town.branches["b02"])

    with pytest.raises(NotFound):
        store.run_sync(lambda uow: life.close(uow, at(5), cadre(town), other.id))
    with pytest.raises(Forbidden):
        store.run_sync(lambda uow: life.close(uow, at(5), cadre(town), everyone.id))
    with pytest.raises(Forbidden):
        store.run_sync(lambda uow: life.extend(uow, at(5), cadre(town), everyone.id, 10))


def test_extending_moves_the_closing_and_tells(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)
    store.run_sync(lambda uow: life.extend(uow, at(20), None, rollcall.id, 15))

    assert reread(store, rollcall).closes == at(45)
    assert kinds(store)[-1] == "RollcallExtended"
    assert isinstance(pressed(store, town, rollcall.id, WANG, minute=40), Accepted)
    with pytest.raises(BadValue):
        store.run_sync(lambda uow: life.extend(uow, at(45), None, rollcall.id, 15))


def test_closing_writes_every_members_record_and_withdraws_what_is_left(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)
    pressed(store, town, rollcall.id, WANG, minute=3)
    pressed(store, town, rollcall.id, LIU, home="01002", minute=12)
    closing = store.run_sync(lambda uow: life.close(uow, at(20), None, rollcall.id))

    assert closing.total == Tally(5, 1, 1, 0, 3)
    assert closing.branches == {town.branches["b01"]: Tally(4, 1, 1, 0, 2), town.branches["b02"]: Tally(1, 0, 0, 0, 1)}
    wang = store.run_sync(lambda uow: uow.rollcalls.attendance_of(town.members[WANG]), write=False)
    assert wang == (Attendance(rollcall.id, town.members[WANG], town.branches["b01"], "present", at(3)),)
    assert live(store, rollcall) == set()
    assert kinds(store)[-1] == "RollcallClosed"
    assert reread(store, rollcall).closes == at(20)


def test_closing_twice_changes_nothing(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)
    first = store.run_sync(lambda uow: life.close(uow, at(20), None, rollcall.id))
    told = kinds(store)

    assert store.run_sync(lambda uow: life.close(uow, at(25), None, rollcall.id)) == first
    assert kinds(store) == told


def test_the_clock_opens_and_closes_what_was_planned(store: Store, town: SmallTown) -> None:
    opening = Opening("主题党日", "town", minutes=30, opens=at(60))
    rollcall = store.run_sync(lambda uow: life.schedule(uow, at(0), None, opening))

    assert run_due(store, 10) == at(60)
    assert reread(store, rollcall).state == "scheduled"
    assert run_due(store, 60) == at(90)
    assert reread(store, rollcall).state == "open"
    pressed(store, town, rollcall.id, WANG, minute=62)
    assert run_due(store, 91) is None
    assert (reread(store, rollcall).state, reread(store, rollcall).closes) == ("closed", at(90))
    assert (town.members[WANG], "present") in attendance(store, rollcall)
    assert run_due(store, 92) is None
    assert kinds(store) == ["RollcallOpened", "AttendanceMoved", "RollcallClosed"]


def test_a_window_that_passed_while_the_server_was_off_is_closed_not_opened(store: Store, town: SmallTown) -> None:
    opening = Opening("主题党日", "town", minutes=30, opens=at(60))
    rollcall = store.run_sync(lambda uow: life.schedule(uow, at(0), None, opening))
    run_due(store, 600)

    assert reread(store, rollcall).state == "closed"
    assert "RollcallOpened" not in kinds(store)


def test_a_planned_one_can_be_called_off(store: Store, town: SmallTown) -> None:
    opening = Opening("主题党日", "town", minutes=30, opens=at(60))
    rollcall = store.run_sync(lambda uow: life.schedule(uow, at(0), None, opening))
    closing = store.run_sync(lambda uow: life.close(uow, at(5), None, rollcall.id))

    assert (closing.rollcall.state, closing.total) == ("closed", Tally())
    run_due(store, 61)
    assert reread(store, rollcall).state == "closed"


@pytest.mark.parametrize("minute", [-1, 93 * 24 * 60, None])
def test_plans_lie_in_the_next_quarter(store: Store, town: SmallTown, minute: int | None) -> None:
    opening = Opening("主题党日", "town", opens=None if minute is None else at(minute))
    with pytest.raises(BadValue) as refused:
        store.run_sync(lambda uow: life.schedule(uow, at(0), None, opening))

    assert refused.value.code == "opens"


def test_an_invitation_put_off_comes_again_once(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)
    home = town.homes["01001"]

    def dismiss(minute: float) -> bool:
        def act(uow):
            due = invitations.invited(uow, at(minute), rollcall.id)[home]
            return invitations.report(uow, at(minute), home, due.event, "dismissed")

        return store.run_sync(act)

    def shown(minute: float) -> bool:
        return home in store.run_sync(lambda uow: invitations.invited(uow, at(minute), rollcall.id), write=False)

    assert dismiss(2)
    assert not shown(3)
    assert run_due(store, 3) == at(7)
    assert run_due(store, 7) == at(30)
    assert (shown(7), kinds(store)[-1]) == (True, "InvitationsRenewed")
    assert dismiss(8)
    assert run_due(store, 20) == at(30)
    assert not shown(20)
    assert rollcall.id == reread(store, rollcall).id


def test_nobody_is_asked_again_in_the_last_two_minutes(store: Store, town: SmallTown) -> None:
    rollcall = opened(store, minutes=15)
    home = town.homes["01001"]

    def dismiss(uow):
        due = invitations.invited(uow, at(9), rollcall.id)[home]
        return invitations.report(uow, at(9), home, due.event, "dismissed")

    store.run_sync(dismiss)
    run_due(store, 14)
    assert kinds(store) == ["RollcallOpened"]


def test_an_invitation_tells_neither_name_nor_number(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)
    told = store.run_sync(lambda uow: invitations.invited(uow, at(1), rollcall.id), write=False)[town.homes["01001"]]

    assert (told.title, told.target, told.closes) == ("镇党委正在点名", f"rc-{rollcall.id}", rollcall.closes)
    assert not any(word in repr(told) for word in (*town.members, *PHONES.values()))


def test_a_home_sees_how_many_of_it_are_missing(store: Store, town: SmallTown) -> None:
    rollcall = opened(store)
    pressed(store, town, rollcall.id, WANG)

    def badge(home: str, minute: float):
        return store.run_sync(lambda uow: invitations.open_for(uow, at(minute), town.homes[home]), write=False)

    assert [(one.expected, one.missing) for one in badge("01001", 5)] == [(2, 1)]
    assert badge("01001", 30) == ()


def test_what_the_clock_and_people_did_is_audited(store: Store, town: SmallTown) -> None:
    rollcall = opened(store, by=Staff(2, "zuzhi", "组织办", "office"))
    store.run_sync(lambda uow: life.extend(uow, at(5), None, rollcall.id, 5))
    run_due(store, 36)

    lines = store.run_sync(lambda uow: uow.audit.entries("rollcall", rollcall.id), write=False)
    assert [(one.actor, one.verb) for one in reversed(lines)] == [
        ("zuzhi", "open"),
        ("zuzhi", "begin"),
        ("cli", "extend"),
        ("clock", "close"),
    ]
    assert lines[0].detail == {"expected": 5, "present": 0, "late": 0, "leave": 0, "absent": 5}
    assert lines[0].at == at(36)
    assert lines[1].detail == {"minutes": 5}
