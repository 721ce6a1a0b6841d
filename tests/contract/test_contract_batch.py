"""Group commit on both databases: together in one transaction, each with its own outcome, told after the commit."""

from collections.abc import Callable, Sequence

import pytest
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from middleware.domain.errors import Busy, ReadOnly
from middleware.storage.batch import BATCH, Batcher
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from tests.contract.conftest import Database


class Turns:
    """Runs what was put off, one reactor turn at a time."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def soon(self, call: Callable[[], None]) -> None:
        self.waiting.append(call)

    def run(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


class Desk:
    """Writes each command as a setting; 坏 breaks a rule of the database, 错 one of ours."""

    def __init__(self, store: Store, limit: int = 10_000) -> None:
        self.turns = Turns()
        self.batches: list[int] = []
        self.batcher: Batcher[str, str] = Batcher(self.decide, lambda fn: store.run(fn, "desk"), self.turns.soon, limit)

    def decide(self, uow: SqlUnitOfWork, commands: Sequence[str]) -> list[str]:
        self.batches.append(len(commands))
        for command in commands:
            if command == "错":
                raise ValueError("our own fault")
            uow.settings.put("desk", command, None if command == "坏" else 1)
        return [command.upper() for command in commands]

    def submit(self, *commands: str) -> list[Deferred[str]]:
        return [self.batcher.submit(command) for command in commands]


def outcome(told: Deferred[str]) -> object:
    """What a Deferred has fired with: its result or its error; a failed one counts as taken."""
    seen: list[object] = []

    def note(result: object) -> object:
        seen.append(result.value if isinstance(result, Failure) else result)
        return None if isinstance(result, Failure) else result

    told.addBoth(note)
    return seen[0] if seen else "nothing yet"


def written(store: Store) -> set[str]:
    return set(store.run_sync(lambda uow: uow.settings.all("desk"), write=False))


def test_the_commands_of_one_turn_share_a_transaction(store: Store) -> None:
    desk = Desk(store)
    told = desk.submit("a", "b", "c")
    assert [outcome(one) for one in told] == ["nothing yet"] * 3
    desk.turns.run()

    assert [outcome(one) for one in told] == ["A", "B", "C"]
    assert desk.batches == [3]
    assert written(store) == {"a", "b", "c"}


def test_the_next_batch_begins_before_the_answers_are_given(store: Store) -> None:
    desk = Desk(store)
    told = desk.submit(*(f"k{at}" for at in range(BATCH + 1)))
    seen: list[list[int]] = []
    told[0].addCallback(lambda _: seen.append([*desk.batches]))
    desk.turns.run()

    assert seen == [[BATCH, 1]]
    assert [outcome(one) for one in told[1:]] == [f"K{at}" for at in range(1, BATCH + 1)]


def test_nothing_is_told_before_it_is_durable(store: Store, database: Database) -> None:
    other = Store.open(database.url, vault=Vault.load(database.data))
    desk = Desk(store)
    seen: list[set[str]] = []
    for told in desk.submit("a", "b"):
        told.addCallback(lambda _outcome: seen.append(written(other)))
    desk.turns.run()
    other.close()

    assert seen == [{"a", "b"}, {"a", "b"}]


@pytest.mark.parametrize(("bad", "kind"), [("坏", "IntegrityError"), ("错", "ValueError")])
def test_one_bad_command_fails_alone(store: Store, bad: str, kind: str) -> None:
    desk = Desk(store)
    told = desk.submit("a", bad, "b", bad, "c")
    desk.turns.run()

    outcomes = [outcome(one) for one in told]
    assert [one for one in outcomes if isinstance(one, str)] == ["A", "B", "C"]
    assert [type(outcomes[at]).__name__ for at in (1, 3)] == [kind, kind]
    assert written(store) == {"a", "b", "c"}
    assert desk.batches == [5, 1, 1, 1, 1, 1]


def test_a_bad_command_by_itself_is_not_tried_twice(store: Store) -> None:
    desk = Desk(store)
    (told,) = desk.submit("错")
    desk.turns.run()

    assert isinstance(outcome(told), ValueError)
    assert desk.batches == [1]


def test_a_full_queue_refuses_and_forgets_nothing(store: Store) -> None:
    desk = Desk(store, limit=3)
    told = desk.submit(*"abcde")
    assert [type(outcome(one)) for one in told[3:]] == [Busy, Busy]
    desk.turns.run()

    assert [outcome(one) for one in told[:3]] == ["A", "B", "C"]
    assert written(store) == set("abc")
    (after,) = desk.submit("f")
    desk.turns.run()
    assert outcome(after) == "F"


def test_more_than_a_batch_goes_in_several_in_order(store: Store) -> None:
    desk = Desk(store)
    told = desk.submit(*[f"k{n}" for n in range(BATCH + 5)])
    desk.turns.run()

    assert desk.batches == [BATCH, 5]
    assert [outcome(one) for one in told] == [f"K{n}" for n in range(BATCH + 5)]


def test_a_store_that_cannot_write_refuses_all_without_trying_each(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(store)

    def full(_uow: object, commands: Sequence[str]) -> list[str]:
        desk.batches.append(len(commands))
        raise ReadOnly("the disk went read-only")

    desk.batcher._decide = full
    told = desk.submit("a", "b")
    desk.turns.run()
    assert [type(outcome(one)) for one in told] == [ReadOnly, ReadOnly]
    assert desk.batches == [2]


def test_outcomes_that_do_not_match_their_commands_are_a_fault_not_an_answer(store: Store) -> None:
    desk = Desk(store)
    desk.batcher._decide = lambda _uow, _commands: ["only one"]
    told = desk.submit("a", "b")
    desk.turns.run()

    assert [outcome(one) for one in told] == ["only one", "only one"]
    desk.batcher._decide = lambda _uow, _commands: []
    (alone,) = desk.submit("c")
    desk.turns.run()
    assert isinstance(outcome(alone), ValueError)


def test_commands_that_arrive_while_one_batch_is_written_go_with_the_next(store: Store) -> None:
    desk = Desk(store)
    later: list[Deferred[str]] = []
    (first,) = desk.submit("a")
    first.addCallback(lambda told: later.extend(desk.submit("b", "c")) or told)
    desk.turns.run()

    assert outcome(first) == "A"
    assert [outcome(one) for one in later] == ["B", "C"]
    assert desk.batches == [1, 2]


def test_without_a_reactor_a_store_answers_at_once(store: Store) -> None:
    batcher = store.batch(lambda _uow, commands: [str(one) for one in commands])

    assert outcome(batcher.submit(7)) == "7"
