"""Sign-ins on both databases: never doubled, whoever writes at the same time; answers, reviews, last numbers."""

import threading

import attrs
import pytest

from middleware.domain.rollcall import (
    Accepted,
    Already,
    Closed,
    NeedsReview,
    NotOnRoll,
    NotOpen,
    NotYours,
    Signin,
    Unknown,
)
from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, sign_in_batch
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.contract.conftest import Database
from tests.contract.small_town import LIU, MINUTE, NOW, NUMBER, WANG, ZHANG, ZHAO, SmallTown, open_roll, settle


@pytest.fixture
def town(store: Store) -> SmallTown:
    return settle(store)


@pytest.fixture
def rollcall(store: Store, town: SmallTown) -> int:
    return open_roll(store, town).id


def signin(rollcall: int, member: int | None, key: str | None, **fields: object) -> Signin:
    return attrs.evolve(Signin(rollcall, member, NOW, "pick", key=key), **fields)


def standing(store: Store, rollcall: int) -> dict[int, Signin]:
    return dict(store.run_sync(lambda uow: uow.signins.standing(rollcall), write=False))


def test_sign_ins_come_back_as_written(store: Store, town: SmallTown, rollcall: int) -> None:
    new = signin(
        rollcall, town.members[WANG], "k", late=True, elsewhere=True, device=7, household=8, staff="s", note="n"
    )
    assert store.run_sync(lambda uow: uow.signins.add([new], NOW)) == 1

    (stored,) = standing(store, rollcall).values()
    assert attrs.evolve(stored, id=0) == new
    assert store.run_sync(lambda uow: uow.signins.get(stored.id), write=False) == stored
    assert store.run_sync(lambda uow: uow.signins.get(4711), write=False) is None
    assert store.run_sync(lambda uow: uow.signins.standing(rollcall, [4711]), write=False) == {}


def test_one_sign_in_per_member_and_per_key(store: Store, town: SmallTown, rollcall: int) -> None:
    wang, zhang = town.members[WANG], town.members[ZHANG]

    def add(*new: Signin) -> int:
        return store.run_sync(lambda uow: uow.signins.add(new, NOW))

    assert add(signin(rollcall, wang, "a")) == 1
    assert add(signin(rollcall, wang, "b")) == 0
    assert add(signin(rollcall, zhang, "a")) == 0
    assert add(signin(rollcall, wang, "c"), signin(rollcall, zhang, "d"), signin(rollcall, zhang, "e")) == 1
    assert {one.key for one in standing(store, rollcall).values()} == {"a", "d"}
    assert add() == 0


def test_texts_of_any_kind_come_back_as_written_and_are_found(store: Store, town: SmallTown, rollcall: int) -> None:
    keys = ['"', "\\", "a,b", "{}", "NULL", "'", '\\"%s:x', "a b"]
    names = [WANG, ZHANG, LIU, ZHAO]
    for at in range(0, len(keys), len(names)):
        mine = open_roll(store, town).id
        new = [
            signin(mine, town.members[name], key, note=f"报到 {key}\n{key}", staff="")
            for name, key in zip(names, keys[at:], strict=False)
        ]
        assert store.run_sync(lambda uow, new=new: uow.signins.add(new, NOW)) == len(new)
        assert {one.key: one.note for one in standing(store, mine).values()} == {one.key: one.note for one in new}

    assert store.run_sync(lambda uow: uow.signins.answers(keys), write=False).keys() == set(keys)


def test_what_is_known_of_presses_is_read_at_once(store: Store, town: SmallTown, rollcall: int) -> None:
    wang, zhang, liu = (town.members[name] for name in (WANG, ZHANG, LIU))
    other = open_roll(store, town).id
    come = [signin(rollcall, wang, "a"), signin(other, wang, "b"), signin(rollcall, liu, "c")]
    store.run_sync(lambda uow: uow.signins.add(come, NOW))
    store.run_sync(lambda uow: uow.signins.keep_answers(rollcall, {"d": NotOnRoll(wang), "e": Unknown(3)}))
    present, told = store.run_sync(
        lambda uow: uow.signins.known(rollcall, [wang, zhang], ["b", "d", "e", "f"]), write=False
    )

    assert {member: one.key for member, one in present.items()} == {wang: "a"}
    assert {key: one.code for key, one in told.items()} == {"b": "accepted", "d": "not_on_roll", "e": "unknown"}
    assert told["d"] == NotOnRoll(wang)
    assert told["e"] == Unknown(3)


def test_marks_without_a_key_do_not_collide(store: Store, town: SmallTown, rollcall: int) -> None:
    def mark(uow):
        for name in (WANG, ZHANG):
            uow.signins.save(signin(rollcall, town.members[name], None, way="cadre"), NOW)

    store.run_sync(mark)
    assert len(standing(store, rollcall)) == 2


def test_a_batch_of_a_thousand_is_counted_exactly(store: Store, town: SmallTown, rollcall: int) -> None:
    def fill(uow):
        from middleware.domain.registry import MemberDraft

        uow.registry.add_members([MemberDraft(f"x{n:04d}", "某某", town.branches["b01"]) for n in range(1000)])
        return [one.id for one in uow.registry.members() if one.code.startswith("x")]

    ids = store.run_sync(fill)
    new = [signin(rollcall, member, f"k{member}") for member in ids]

    assert store.run_sync(lambda uow: uow.signins.add(new[:300], NOW)) == 300
    assert store.run_sync(lambda uow: uow.signins.add(new, NOW)) == 700
    assert len(standing(store, rollcall)) == 1000


def test_two_processes_that_sign_in_the_same_people_at_once_double_nobody(
    store: Store, database: Database, town: SmallTown, rollcall: int
) -> None:
    other = Store.open(database.url, vault=Vault.load(database.data))
    here, there = (Box(town.boxes[home], town.homes["01001"]) for home in ("01001", "01002"))
    names = [name for _ in range(10) for name in (WANG, ZHANG)]
    commands = [SignIn(rollcall, here, f"k{at}", NOW, town.members[name]) for at, name in enumerate(names)]
    told: dict[str, list[object]] = {"first": [], "second": []}
    start = threading.Barrier(2)

    def press(who: str, through: Store, mine: list[SignIn]) -> None:
        start.wait()
        for command in mine:
            told[who] += through.run_sync(lambda uow, command=command: sign_in_batch(uow, [command]))

    theirs = [attrs.evolve(one, box=there) for one in commands]
    threads = [
        threading.Thread(target=press, args=("first", store, commands)),
        threading.Thread(target=press, args=("second", other, theirs)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()

    outcomes = told["first"] + told["second"]
    assert len(outcomes) == 40
    assert sum(isinstance(one, Accepted) for one in outcomes) == 2
    assert sum(isinstance(one, Already) for one in outcomes) == 38
    assert len(standing(store, rollcall)) == 2


def test_a_sign_in_and_a_closing_at_once_leave_nobody_out_of_the_record(
    store: Store, database: Database, town: SmallTown, rollcall: int
) -> None:
    from middleware.services.rollcall import close

    other = Store.open(database.url, vault=Vault.load(database.data))
    start = threading.Barrier(2)
    box = Box(town.boxes["01001"], town.homes["01001"])
    outcomes: list[object] = []

    def press() -> None:
        start.wait()
        command = SignIn(rollcall, box, "k", NOW + MINUTE, town.members[WANG])
        outcomes.extend(other.run_sync(lambda uow: sign_in_batch(uow, [command])))

    thread = threading.Thread(target=press)
    thread.start()
    start.wait()
    store.run_sync(lambda uow: close(uow, NOW + 2 * MINUTE, None, rollcall))
    thread.join()
    other.close()

    records = store.run_sync(lambda uow: uow.rollcalls.attendance(rollcall), write=False)
    status = next(one.status for one in records if one.member == town.members[WANG])
    assert (type(outcomes[0]), status) in {(Accepted, "present"), (Closed, "absent")}


def test_a_number_is_reviewed_once_per_roll_call(store: Store, town: SmallTown, rollcall: int) -> None:
    def review(key: str, number: str, when: int = rollcall) -> Signin:
        new = signin(when, None, key, way="review", state="needs_review")
        return store.run_sync(lambda uow: uow.signins.add_review(new, number, NOW))

    first = review("a", NUMBER)
    assert review("b", NUMBER) == first
    second = review("c", "13906330002")
    other = review("d", NUMBER, open_roll(store, town).id)
    assert len({first.id, second.id, other.id}) == 3
    assert store.run_sync(lambda uow: uow.signins.reviews(rollcall), write=False) == (first, second)
    numbers = store.run_sync(lambda uow: uow.signins.numbers([first.id, second.id]), write=False)
    assert numbers == {first.id: NUMBER, second.id: "13906330002"}
    with pytest.raises(LookupError):
        review("a", "13906330003")


def test_answers_are_kept_as_given(store: Store, town: SmallTown, rollcall: int) -> None:
    given = {
        "a": NotOnRoll(town.members[ZHAO]),
        "b": Unknown(3),
        "c": Closed(NOW),
        "d": NotOpen(NOW + MINUTE),
        "e": NotYours(),
    }
    store.run_sync(lambda uow: uow.signins.keep_answers(rollcall, given))
    store.run_sync(lambda uow: uow.signins.keep_answers(rollcall, {"a": NotYours()}))
    store.run_sync(lambda uow: uow.signins.keep_answers(rollcall, {}))
    store.run_sync(lambda uow: uow.signins.add([signin(rollcall, town.members[WANG], "f")], NOW))
    store.run_sync(lambda uow: uow.signins.add([signin(rollcall, town.members[LIU], "g", state="needs_review")], NOW))

    found = dict(store.run_sync(lambda uow: uow.signins.answers([*"abcdefgh"]), write=False))
    accepted, review = found.pop("f"), found.pop("g")
    assert found == given
    assert isinstance(accepted, Accepted)
    assert isinstance(review, NeedsReview)


def test_the_last_number_of_a_household(store: Store, town: SmallTown, rollcall: int) -> None:
    home = town.homes["01001"]

    def last() -> int | None:
        return store.run_sync(lambda uow: uow.signins.last_number(home), write=False)

    assert last() is None
    rows = [
        signin(rollcall, town.members[WANG], "a", way="number", household=home),
        signin(rollcall, town.members[LIU], "b", way="number", household=home, at=NOW + MINUTE),
        signin(rollcall, town.members[ZHANG], "c", way="pick", household=home, at=NOW + 2 * MINUTE),
        signin(
            rollcall, town.members[ZHAO], "d", way="number", household=home, at=NOW + 3 * MINUTE, state="needs_review"
        ),
    ]
    store.run_sync(lambda uow: uow.signins.add(rows, NOW))
    assert last() == town.members[LIU]


def test_the_revision_moves_with_every_change(store: Store, town: SmallTown, rollcall: int) -> None:
    seen = []

    def note() -> None:
        seen.append(store.run_sync(lambda uow: uow.signins.revision(rollcall), write=False))

    note()
    store.run_sync(lambda uow: uow.signins.add([signin(rollcall, town.members[WANG], "a")], NOW))
    note()
    (one,) = standing(store, rollcall).values()
    store.run_sync(lambda uow: uow.signins.save(attrs.evolve(one, state="rejected", member=None), NOW + MINUTE))
    note()
    store.run_sync(lambda uow: uow.rollcalls.set_leave(rollcall, town.members[ZHANG], "外出"))
    note()
    assert len(set(seen)) == 4
