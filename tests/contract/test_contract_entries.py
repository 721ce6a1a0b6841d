"""What boxes are in the middle of, on both databases."""

import attrs

from middleware.domain.entries import Entry
from middleware.storage.store import Store
from tests.contract.small_town import MINUTE, NOW, WANG, open_roll, settle


def test_an_entry_comes_back_as_written_and_the_later_one_counts(store: Store) -> None:
    town = settle(store)
    rollcall, box = open_roll(store, town).id, town.boxes["01001"]
    first = Entry(rollcall, box, town.homes["01001"], NOW, NOW, "138")
    second = attrs.evolve(first, touched=NOW + MINUTE, digits="", member=town.members[WANG], way="pick", unknown=2)

    for entry in (first, second):
        store.run_sync(lambda uow, entry=entry: uow.entries.put(entry))
        assert store.run_sync(lambda uow: uow.entries.get(rollcall, box), write=False) == entry
    assert store.run_sync(lambda uow: uow.entries.get(rollcall, 4711), write=False) is None
    assert store.run_sync(lambda uow: uow.entries.of(rollcall, []), write=False) == {}


def test_tries_are_counted_without_touching_what_is_typed(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town).id
    one, two = town.boxes.values()
    typed = Entry(rollcall, one, None, NOW, NOW, "138")
    tries = [Entry(rollcall, box, None, NOW + MINUTE, NOW + MINUTE, unknown=3) for box in (one, two)]

    def write(uow):
        uow.entries.put(typed)
        uow.entries.tried(tries)
        uow.entries.tried([])
        return uow.entries.of(rollcall, [one, two])

    assert store.run_sync(write) == {one: attrs.evolve(typed, unknown=3), two: tries[1]}


def test_digits_go_when_they_have_served_or_grown_old(store: Store) -> None:
    town = settle(store)
    rollcall = open_roll(store, town).id
    one, two = town.boxes.values()

    def digits() -> list[str]:
        found = store.run_sync(lambda uow: uow.entries.of(rollcall, [one, two]), write=False)
        return [found[box].digits for box in (one, two)]

    for box, minute in ((one, 0), (two, 5)):
        at = NOW + minute * MINUTE
        store.run_sync(lambda uow, box=box, at=at: uow.entries.put(Entry(rollcall, box, None, at, at, "138")))
    assert store.run_sync(lambda uow: uow.entries.forget_digits(NOW + 3 * MINUTE)) == 1
    assert digits() == ["", "138"]
    store.run_sync(lambda uow: uow.entries.finish(rollcall, [two]))
    assert digits() == ["", ""]
    assert store.run_sync(lambda uow: uow.entries.forget_digits(NOW + 99 * MINUTE)) == 0
