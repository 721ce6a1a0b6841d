"""The invitation outbox on both databases."""

import attrs

from middleware.domain.invitations import AGAIN_AFTER, Invitation, event_id
from middleware.domain.rollcall import Signin
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, WANG, ZHANG, SmallTown, open_roll, settle


def of(store: Store, rollcall: int, home: int) -> Invitation:
    return store.run_sync(lambda uow: uow.invitations.get(rollcall, home), write=False)


def test_a_household_is_invited_once_per_roll_call(store: Store) -> None:
    town = settle(store)
    rollcall, home = open_roll(store, town), town.homes["01001"]

    assert of(store, rollcall.id, home) == Invitation(rollcall.id, home, "queued", event_id(NOW), 1, NOW)
    assert store.run_sync(lambda uow: uow.invitations.add(rollcall.id, [home], NOW + MINUTE)) == 0
    assert store.run_sync(lambda uow: uow.invitations.add(rollcall.id, [], NOW)) == 0
    found = store.run_sync(lambda uow: uow.invitations.of_rollcall(rollcall.id), write=False)
    assert [one.household for one in found] == sorted(town.homes.values())


def test_event_ids_rise_per_household_even_when_the_clock_was_set_back(store: Store) -> None:
    town = settle(store)
    first, second = open_roll(store, town), open_roll(store, town)
    home = town.homes["01001"]

    assert of(store, second.id, home).event > of(store, first.id, home).event
    events = [one.event for one in store.run_sync(lambda uow: uow.invitations.of_household(home), write=False)]
    assert events == sorted(set(events))


def test_changes_are_written_and_over_ones_are_not_offered(store: Store) -> None:
    town = settle(store)
    rollcall, home = open_roll(store, town).id, town.homes["01001"]
    changed = attrs.evolve(of(store, rollcall, home), state="dismissed", attempts=2, event=7, changed=NOW + MINUTE)
    store.run_sync(lambda uow: uow.invitations.save([changed]))
    store.run_sync(lambda uow: uow.invitations.save([]))

    assert of(store, rollcall, home) == changed
    store.run_sync(lambda uow: uow.invitations.save([attrs.evolve(changed, state="expired")]))
    assert store.run_sync(lambda uow: uow.invitations.of_household(home), write=False) == ()


def test_what_was_put_off_can_be_renewed_once(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town).id
    one, two, _ = town.homes.values()
    once = attrs.evolve(of(store, rollcall, one), state="dismissed", changed=NOW + MINUTE)
    twice = attrs.evolve(of(store, rollcall, two), state="dismissed", attempts=2, changed=NOW)
    assert store.run_sync(lambda uow: uow.invitations.next_renewal(), write=False) is None
    store.run_sync(lambda uow: uow.invitations.save([once, twice]))

    assert store.run_sync(lambda uow: uow.invitations.next_renewal(), write=False) == NOW + MINUTE + AGAIN_AFTER
    assert store.run_sync(lambda uow: uow.invitations.dismissed(NOW + MINUTE), write=False) == (once,)
    assert store.run_sync(lambda uow: uow.invitations.dismissed(NOW), write=False) == ()


def ended(store: Store, town: SmallTown, rollcall: int) -> tuple[int, ...]:
    return store.run_sync(lambda uow: uow.invitations.end_complete(rollcall, town.homes.values(), NOW + MINUTE))


def test_a_home_of_whom_nobody_is_missing_is_left_alone(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town).id
    home = town.homes["01001"]

    def sign(name: str) -> None:
        new = Signin(rollcall, town.members[name], NOW, "pick", key=name)
        store.run_sync(lambda uow: uow.signins.add([new], NOW))

    assert ended(store, town, rollcall) == ()
    sign(WANG)
    assert ended(store, town, rollcall) == ()
    sign(ZHANG)
    assert ended(store, town, rollcall) == (home,)
    assert ended(store, town, rollcall) == ()
    assert of(store, rollcall, home).state == "expired"


def test_who_has_leave_is_not_missing(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town).id
    for name in (WANG, ZHANG):
        store.run_sync(lambda uow, name=name: uow.rollcalls.set_leave(rollcall, town.members[name], "外出"))

    assert ended(store, town, rollcall) == (town.homes["01001"],)
    assert store.run_sync(lambda uow: uow.invitations.end_complete(rollcall, [], NOW)) == ()


def test_a_closing_ends_all(store: Store) -> None:
    town = settle(store)
    rollcall, other = open_roll(store, town).id, open_roll(store, town).id
    store.run_sync(lambda uow: uow.invitations.end_all(rollcall, NOW))

    states = [
        {
            one.state
            for one in store.run_sync(lambda uow, number=number: uow.invitations.of_rollcall(number), write=False)
        }
        for number in (rollcall, other)
    ]
    assert states == [{"expired"}, {"queued"}]
