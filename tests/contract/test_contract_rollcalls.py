"""Roll-calls, rolls, attendance and deadlines on both databases."""

import attrs
import pytest

from middleware.domain.attendance import Attendance
from middleware.domain.errors import NotFound
from middleware.domain.rollcall import Expected, Rollcall, Signin
from middleware.storage.store import Store
from tests.contract.small_town import AWAY, LIU, MINUTE, NOW, WANG, ZHANG, ZHAO, open_roll, settle


def planned(minute: float, state: str = "scheduled", closes: float = 30) -> Rollcall:
    opens = NOW + minute * MINUTE
    return Rollcall(0, "主题党日", "town", None, "镇党委", opens, opens, opens + closes * MINUTE, state)  # type: ignore[arg-type]


def test_a_roll_call_comes_back_as_written_and_changed(store: Store) -> None:
    rollcall = store.run_sync(lambda uow: uow.rollcalls.add(planned(5)))
    assert store.run_sync(lambda uow: uow.rollcalls.get(rollcall.id), write=False) == rollcall

    changed = attrs.evolve(rollcall, state="closed", closes=NOW, title="改名")
    store.run_sync(lambda uow: uow.rollcalls.save(changed))
    assert store.run_sync(lambda uow: uow.rollcalls.hold([rollcall.id, 4711], alone=True)) == {rollcall.id: changed}
    assert store.run_sync(lambda uow: uow.rollcalls.get(4711), write=False) is None
    assert store.run_sync(lambda uow: uow.rollcalls.hold([])) == {}


def test_what_is_due_and_when_the_next_is(store: Store) -> None:
    def write(uow):
        return [
            uow.rollcalls.add(one).id
            for one in (planned(0), planned(5), planned(-60, "open"), planned(-20, "open"), planned(-90, "closed"))
        ]

    now, later, over, running, closed = store.run_sync(write)

    def due(minute: float) -> list[int]:
        return store.run_sync(lambda uow: [one.id for one in uow.rollcalls.due(NOW + minute * MINUTE)], write=False)

    assert due(0) == [now, over]
    assert due(10) == [now, later, over, running]
    assert store.run_sync(lambda uow: uow.rollcalls.next_deadline(), write=False) == NOW - 30 * MINUTE
    assert store.run_sync(lambda uow: [one.id for one in uow.rollcalls.listing(3)], write=False) == [
        later,
        now,
        running,
    ]
    assert closed not in due(1000)


def test_no_deadline_without_roll_calls(store: Store) -> None:
    assert store.run_sync(lambda uow: (uow.rollcalls.next_deadline(), uow.rollcalls.due(NOW)), write=False) == (
        None,
        (),
    )


def test_a_roll_is_drawn_up_once_and_read_by_member(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town)
    store.run_sync(
        lambda uow: uow.rollcalls.draw_up(rollcall.id, [Expected(town.members[WANG], town.branches["b02"], None)])
    )
    store.run_sync(lambda uow: uow.rollcalls.set_leave(rollcall.id, town.members[WANG], "住院"))

    wang = Expected(town.members[WANG], town.branches["b01"], town.homes["01001"], "住院")
    assert store.run_sync(lambda uow: uow.rollcalls.roll(rollcall.id, [wang.member, 4711]), write=False) == {
        wang.member: wang
    }
    assert store.run_sync(lambda uow: uow.rollcalls.roll(rollcall.id), write=False).keys() == set(town.members.values())
    assert store.run_sync(lambda uow: uow.rollcalls.roll(rollcall.id, []), write=False) == {}
    home = [town.homes["01001"]]
    together = store.run_sync(lambda uow: uow.rollcalls.roll(rollcall.id, [town.members[LIU]], home), write=False)
    assert together.keys() == {town.members[name] for name in (WANG, ZHANG, LIU)}
    homes = store.run_sync(lambda uow: uow.rollcalls.homes([wang.member, town.members[AWAY], 4711]), write=False)
    assert homes == {wang.member: town.homes["01001"], town.members[AWAY]: None}


def test_the_running_roll_calls_of_a_household(store: Store) -> None:
    town = settle(store)
    late, soon = open_roll(store, town, 60), open_roll(store, town, 30, off_roll=(ZHAO,))
    store.run_sync(lambda uow: uow.rollcalls.add(planned(0, "open")))

    def running(home: str) -> list[int]:
        return store.run_sync(lambda uow: [one.id for one in uow.rollcalls.running(town.homes[home])], write=False)

    assert running("01001") == [soon.id, late.id]
    assert running("02001") == [late.id]


def test_lines_join_name_roll_and_standing_sign_in(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town)
    came = Signin(
        rollcall.id, town.members[LIU], NOW, "pick", late=True, device=3, household=town.homes["01002"], key="k"
    )
    store.run_sync(lambda uow: uow.signins.add([came], NOW))
    store.run_sync(lambda uow: uow.rollcalls.set_leave(rollcall.id, town.members[ZHANG], "外出"))

    lines = store.run_sync(lambda uow: uow.rollcalls.lines(rollcall.id), write=False)
    assert [(line.name, line.status) for line in lines] == [
        (WANG, "absent"),
        (ZHANG, "leave"),
        (LIU, "late"),
        (AWAY, "absent"),
        (ZHAO, "absent"),
    ]
    assert attrs.evolve(lines[2].signin, id=0) == came
    some = store.run_sync(lambda uow: uow.rollcalls.lines(rollcall.id, {town.branches["b02"]}), write=False)
    assert [line.name for line in some] == [ZHAO]
    assert store.run_sync(lambda uow: uow.rollcalls.lines(rollcall.id, []), write=False) == ()


def test_attendance_is_written_over_and_read_by_roll_call_and_member(store: Store) -> None:
    town = settle(store)
    first, second = open_roll(store, town), open_roll(store, town)
    wang, branch = town.members[WANG], town.branches["b01"]
    absent = Attendance(first.id, wang, branch, "absent")
    present = Attendance(first.id, wang, branch, "present", NOW, "更正")
    other = Attendance(second.id, wang, branch, "leave", None, "住院")
    for records in ([absent], [present, other], []):
        store.run_sync(lambda uow, records=records: uow.rollcalls.write_attendance(records))

    assert store.run_sync(lambda uow: uow.rollcalls.attendance(first.id), write=False) == (present,)
    assert store.run_sync(lambda uow: uow.rollcalls.attendance_of(wang), write=False) == (other, present)
    assert store.run_sync(lambda uow: uow.rollcalls.attendance_of(town.members[ZHAO]), write=False) == ()


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**63])
def test_an_id_that_no_row_can_have_is_simply_not_there(store: Store, number: int) -> None:
    def asked() -> object:
        return store.run_sync(lambda uow: uow.rollcalls.hold([number]) or uow.rollcalls.get(number), write=False)

    try:
        found = asked()
    except NotFound:
        found = None
    assert found is None
