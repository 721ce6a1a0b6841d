"""The key is rotated while the server runs; cut off anywhere, nothing is lost and the next run completes it."""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, create_engine, select

from middleware.domain.entries import Entry
from middleware.domain.errors import Busy, KeyMissing
from middleware.domain.registry import MemberDraft
from middleware.domain.rollcall import Signin
from middleware.storage import rotation
from middleware.storage.rotation import SEALED, rotate_key
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import KEY_FILE, Vault
from middleware.storage.store import Store
from middleware.storage.tables import members, metadata
from tests.contract.conftest import Database, empty
from tests.contract.small_town import NOW, NUMBER, PHONES, SmallTown, open_roll, settle
from tools.postgres import Server

NOT_SEALED = {"phone_digest", "number_digest", "digest", "body"}


class Cut(Exception):
    """The power went."""


@pytest.fixture(scope="session")
def rotating_postgres(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One PostgreSQL database for all these tests, with a key of its own: others must not see theirs change."""
    data = tmp_path_factory.mktemp("rotating")
    url = postgres_server.create("rotating")
    db_upgrade(url, data)
    return Database(url, data)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "postgres":
        shared: Database = request.getfixturevalue("rotating_postgres")
        engine = create_engine(shared.url)
        empty(engine)
        engine.dispose()
        return shared
    db_upgrade(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)
    return Database(f"sqlite:///{tmp_path}/nanhu.db", tmp_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        engines = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
        metafunc.parametrize("database", engines, indirect=True)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    opened = Store.open(database.url, vault=Vault.load(database.data))
    yield opened
    opened.close()


@pytest.fixture
def town(store: Store) -> SmallTown:
    found = settle(store)
    rollcall = open_roll(store, found)

    def write(uow):
        uow.signins.add_review(Signin(rollcall.id, None, NOW, "review", "needs_review", key="k"), NUMBER, NOW)
        for box in found.boxes.values():
            uow.entries.put(Entry(rollcall.id, box, None, NOW, NOW, "138"))
            uow.devices.set_iptv_password(box, "secret")

    store.run_sync(write)
    return found


def check_all_is_readable(store: Store, town: SmallTown) -> None:
    def read(uow):
        rollcall = uow.rollcalls.listing()[0].id
        (review,) = uow.signins.reviews(rollcall)
        return (
            {phone: one.name for phone, one in uow.registry.by_phones(PHONES.values()).items()},
            uow.registry.phones(town.members.values()),
            uow.signins.numbers([review.id]),
            {uow.entries.get(rollcall, box).digits for box in town.boxes.values()},
            {uow.devices.iptv_password(box) for box in town.boxes.values()},
        )

    owners, phones, numbers, digits, passwords = store.run_sync(read, write=False)
    assert owners == {phone: name for name, phone in PHONES.items()}
    assert phones == {town.members[name]: phone for name, phone in PHONES.items()}
    assert list(numbers.values()) == [NUMBER]
    assert (digits, passwords) == ({"138"}, {"secret"})


def keys_in_use(database: Database) -> set[str]:
    engine = create_engine(database.url)
    with engine.begin() as connection:
        values = [connection.execute(select(one.value).where(one.value.is_not(None))).scalars() for one in SEALED]
        found = {bytes(value)[:4].hex() for column in values for value in column}
    engine.dispose()
    return found


def test_everything_is_sealed_anew_and_an_open_store_goes_on(store: Store, database: Database, town: SmallTown) -> None:
    steps: list[tuple[int, int]] = []
    done = rotate_key(database.url, database.data, lambda *step: steps.append(step))

    assert keys_in_use(database) == {done.new}
    assert done.new != done.old
    assert (done.values, steps[-1]) == (9, (9, 9))
    check_all_is_readable(store, town)
    fresh = Store.open(database.url, vault=Vault.load(database.data))
    check_all_is_readable(fresh, town)
    fresh.close()


def test_what_an_open_store_writes_afterwards_is_sealed_with_the_new_key(
    store: Store, database: Database, town: SmallTown
) -> None:
    new = rotate_key(database.url, database.data).new
    draft = MemberDraft("m9", "李四", town.branches["b01"], phone="13806336029")
    store.run_sync(lambda uow: uow.registry.add_members([draft]))

    assert keys_in_use(database) == {new}
    assert store.run_sync(lambda uow: uow.registry.by_phone("13806336029"), write=False).name == "李四"
    assert set(store.vault.keys) == set(Vault.load(database.data).keys)


@pytest.mark.parametrize("step", range(5))
def test_cut_off_at_any_step_nothing_is_lost_and_the_next_run_completes(
    store: Store, database: Database, town: SmallTown, step: int
) -> None:
    keys = len(Vault.load(database.data).keys)
    before = store.vault.current
    steps = iter(range(100))

    def cut(_done: int, _total: int) -> None:
        if next(steps) == step:
            raise Cut

    with pytest.raises(Cut):
        rotate_key(database.url, database.data, cut)
    check_all_is_readable(store, town)
    reopened = Store.open(database.url, vault=Vault.load(database.data))
    assert reopened.vault.current == before
    check_all_is_readable(reopened, town)
    reopened.close()

    done = rotate_key(database.url, database.data)
    assert (done.old, keys_in_use(database)) == (before, {done.new})
    assert len(Vault.load(database.data).keys) == keys + 1
    check_all_is_readable(store, town)


@pytest.mark.parametrize("name", ["store_next_key", "_digest", "store_key"])
def test_cut_off_inside_a_transaction_nothing_is_lost(
    store: Store, database: Database, town: SmallTown, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_args: object) -> None:
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(rotation, name, cut)
        with pytest.raises(Cut):
            rotate_key(database.url, database.data)
    check_all_is_readable(store, town)

    done = rotate_key(database.url, database.data)
    assert keys_in_use(database) == {done.new}
    check_all_is_readable(store, town)


def test_numbers_written_while_it_runs_are_found_afterwards(store: Store, database: Database, town: SmallTown) -> None:
    fresh = iter(range(100))

    def written_meanwhile(_done: int, _total: int) -> None:
        n = next(fresh)
        draft = MemberDraft(f"n{n}", f"新{'甲乙丙丁戊己庚辛壬癸'[n]}", town.branches["b01"], phone=f"1380633700{n}")
        store.run_sync(lambda uow: uow.registry.add_members([draft]))

    done = rotate_key(database.url, database.data, written_meanwhile)
    count = next(fresh)

    assert count == 5
    assert keys_in_use(database) == {done.new}
    numbers = [f"1380633700{n}" for n in range(count)]
    assert len(store.run_sync(lambda uow: uow.registry.by_phones(numbers), write=False)) == count
    check_all_is_readable(store, town)


def test_forgotten_keys_leave_the_file(store: Store, database: Database, town: SmallTown, tmp_path: Path) -> None:
    (old := tmp_path / "old").mkdir()
    shutil.copy(database.data / KEY_FILE, old)
    done = rotate_key(database.url, database.data, forget=True)

    assert list(Vault.load(database.data).keys) == [done.new]
    fresh = Store.open(database.url, vault=Vault.load(database.data))
    check_all_is_readable(fresh, town)
    fresh.close()
    with pytest.raises(KeyMissing):
        Store.open(database.url, vault=Vault.load(old))


def test_only_one_rotation_runs_at_a_time(database: Database) -> None:
    with (database.data / ".key-rotation.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="another rotation"):
            rotate_key(database.url, database.data)


def test_a_rotation_is_audited(store: Store, database: Database) -> None:
    done = rotate_key(database.url, database.data)
    (line,) = store.run_sync(lambda uow: uow.audit.entries("key"), write=False)

    assert (line.actor, line.verb, line.noun_id, dict(line.detail)) == ("cli", "rotate", done.new, {"old": done.old})


def test_every_sealed_column_is_rotated() -> None:
    binary = {
        column
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name not in NOT_SEALED
    }

    assert binary == {one.value for one in SEALED}
    assert {one.digest for one in SEALED if one.digest is not None} == {members.c.phone_digest, SEALED[1].digest}
