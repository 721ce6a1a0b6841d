"""Villages, branches and offices on both databases."""

from middleware.domain.places import Branch, Office, Village
from middleware.storage.store import Store


def test_places_come_back_as_written_by_code(store: Store) -> None:
    def write(uow):
        second = uow.places.add_village("v02", "刘家村")
        first = uow.places.add_village("v01", "南湖一村", centre=True)
        branch = uow.places.add_branch("b01", "南湖一村党支部", first.id)
        town = uow.places.add_branch("b02", "镇机关党支部")
        office = uow.places.add_office("o01", "组织办公室", "0633-8666001")
        return first, second, branch, town, office

    first, second, branch, town, office = store.run_sync(write)

    assert (first, second) == (Village(first.id, "v01", "南湖一村", True), Village(second.id, "v02", "刘家村"))
    assert store.run_sync(lambda uow: uow.places.villages(), write=False) == (first, second)
    assert store.run_sync(lambda uow: uow.places.village(second.id), write=False) == second
    assert store.run_sync(lambda uow: uow.places.branches(), write=False) == (branch, town)
    assert store.run_sync(lambda uow: uow.places.branches(first.id), write=False) == (branch,)
    assert branch == Branch(branch.id, "b01", "南湖一村党支部", first.id)
    assert store.run_sync(lambda uow: uow.places.branch(town.id), write=False) == town
    assert store.run_sync(lambda uow: uow.places.offices(), write=False) == (office,)
    assert office == Office(office.id, "o01", "组织办公室", "0633-8666001")
    assert store.run_sync(lambda uow: uow.places.office(office.id), write=False) == office


def test_a_place_that_is_not_there_is_none(store: Store) -> None:
    found = store.run_sync(lambda uow: (uow.places.village(999999), uow.places.branch(999999)), write=False)

    assert found == (None, None)
