"""The figures of past roll-calls and the pulse of the live page, on both databases."""

import attrs

from middleware.domain.attendance import Attendance, Tally
from middleware.domain.rollcall import Signin
from middleware.storage.store import Store
from tests.contract.small_town import LIU, MINUTE, NOW, WANG, ZHANG, ZHAO, open_roll, settle


def test_figures_are_counted_per_roll_call_and_only_of_the_branches_asked_for(store: Store) -> None:
    town = settle(store)
    first, second, empty = (open_roll(store, town).id for _ in range(3))
    of = [
        (first, WANG, "b01", "present"),
        (first, ZHANG, "b01", "late"),
        (first, LIU, "b01", "absent"),
        (first, ZHAO, "b02", "leave"),
        (second, ZHAO, "b02", "present"),
    ]
    records = [Attendance(call, town.members[who], town.branches[branch], how) for call, who, branch, how in of]
    store.run_sync(lambda uow: uow.rollcalls.write_attendance(records))

    whole = store.run_sync(lambda uow: uow.rollcalls.tallies([first, second, empty]), write=False)
    own = store.run_sync(lambda uow: uow.rollcalls.tallies([first, second], [town.branches["b01"]]), write=False)

    assert whole == {first: Tally(4, 1, 1, 1, 1), second: Tally(1, 1)}
    assert own == {first: Tally(3, 1, 1, 0, 1)}
    assert store.run_sync(lambda uow: uow.rollcalls.tallies([]), write=False) == {}


def test_the_revision_moves_even_when_the_clock_of_the_one_who_marks_stands_behind(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town).id
    pressed = Signin(rollcall, town.members[WANG], NOW, "pick", key="a")
    store.run_sync(lambda uow: uow.signins.add([pressed], NOW + MINUTE))
    (stored,) = store.run_sync(lambda uow: uow.signins.standing(rollcall), write=False).values()
    before = store.run_sync(lambda uow: uow.signins.revision(rollcall), write=False)

    seen = [before]
    for changed in (attrs.evolve(stored, late=True), attrs.evolve(stored, member=None, state="rejected")):
        store.run_sync(lambda uow, one=changed: uow.signins.save(one, NOW))
        seen.append(store.run_sync(lambda uow: uow.signins.revision(rollcall), write=False))

    assert len(set(seen)) == 3
