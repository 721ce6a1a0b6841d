"""Stateful property test over a real SQLite store: presses, repeats, marks, closings and restarts in any order."""

import atexit
import itertools
import shutil
import tempfile
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import attrs
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from middleware.domain.attendance import tally
from middleware.domain.errors import BadValue, DomainError
from middleware.domain.rollcall import Accepted, Already, Closed, NeedsReview, NotYours, Outcome, Unknown
from middleware.services import rollcall as life
from middleware.services import rollcall_entry as entry
from middleware.services.rollcall import Opening
from middleware.services.rollcall_board import records
from middleware.services.rollcall_cadre import accept_review, mark, reject_review
from middleware.services.rollcall_entry import Box
from middleware.services.rollcall_signin import SignIn, request_review, sign_in_batch
from middleware.storage.schema import db_upgrade
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.contract.small_town import AWAY, LIU, MINUTE, NOW, NUMBER, PHONES, WANG, ZHANG, ZHAO, SmallTown, settle

PEOPLE = (WANG, ZHANG, LIU, ZHAO, AWAY)
HOMES = ("01001", "01002")
EVENINGS = itertools.count()
minutes = st.integers(0, 40)


@cache
def shared() -> tuple[Path, SmallTown]:
    """One database for all examples; each of them is another evening in it."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # what is asked here is not durability
    data = Path(tempfile.mkdtemp(prefix="nanhu-evenings-", dir=memory))
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    db_upgrade(f"sqlite:///{data}/nanhu.db", data)
    store = reopened(data)
    town = settle(store)
    store.close()
    return data, town


def reopened(data: Path) -> Store:
    return Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))


@st.composite
def presses(draw: st.DrawFn) -> dict[str, object]:
    """What a box sends: a pick, a number, or nothing but its entry; at some minute, with one of few keys."""
    how = draw(st.sampled_from(["pick", "number", "entry"]))
    return {
        "home": draw(st.sampled_from(HOMES)),
        "key": f"k{draw(st.integers(0, 12))}",
        "minute": draw(minutes),
        "name": draw(st.sampled_from(PEOPLE)) if how == "pick" else None,
        "number": draw(st.sampled_from([*PHONES.values(), NUMBER, "1380633"])) if how == "number" else "",
    }


class Evening(RuleBasedStateMachine):
    @initialize()
    def opens(self) -> None:
        self.data, self.town = shared()
        self.store = reopened(self.data)
        self.start = NOW + next(EVENINGS) * timedelta(days=1)
        opening = Opening("主题党日", "town", minutes=30)
        self.rollcall = self.write(lambda uow: life.open_rollcall(uow, self.start, None, opening)).id
        self.sent: list[SignIn] = []
        self.answers: dict[tuple[int, str], Outcome] = {}
        self.present: set[int] = set()

    def at(self, minute: float) -> datetime:
        return self.start + minute * MINUTE

    def write(self, act):
        return self.store.run_sync(act)

    def read(self, ask):
        return self.store.run_sync(ask, write=False)

    def box(self, home: str) -> Box:
        return Box(self.town.boxes[home], self.town.homes[home])

    def deliver(self, commands: list[SignIn]) -> None:
        outcomes = self.write(lambda uow: sign_in_batch(uow, commands))
        assert len(outcomes) == len(commands)
        for command, outcome in zip(commands, outcomes, strict=True):
            self.note(command, outcome)

    def note(self, command: SignIn, outcome: Outcome) -> None:
        if outcome.code == "bad_number":
            return
        self.sent.append(command)
        first = self.answers.setdefault((command.box.device, command.key), outcome)
        if isinstance(first, Already):  # nothing was written for this press, so what it does later is its answer
            first = self.answers[command.box.device, command.key] = outcome
        else:
            assert type(outcome) in {type(first), NeedsReview}
        if isinstance(outcome, Accepted) and outcome.first:
            assert first is outcome
            self.present.add(outcome.signin.member or 0)

    @rule(batch=st.lists(presses(), min_size=1, max_size=5))
    def boxes_press(self, batch: list[dict]) -> None:
        self.deliver(
            [
                SignIn(
                    self.rollcall,
                    self.box(one["home"]),
                    one["key"],
                    self.at(one["minute"]),
                    self.town.members[one["name"]] if one["name"] else None,
                    one["number"],
                )
                for one in batch
            ]
        )

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def posts_come_again(self, data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=5))
        later = [attrs.evolve(one, at=one.at + data.draw(minutes) * MINUTE) for one in again]
        kept = {key: one for key, one in self.answers.items() if not isinstance(one, Already)}
        before = self.read(lambda uow: uow.signins.standing(self.rollcall))
        self.deliver([one for one in later if (one.box.device, one.key) in kept])

        assert self.read(lambda uow: uow.signins.standing(self.rollcall)) == before

    @rule(home=st.sampled_from(HOMES), number=st.sampled_from([*PHONES.values(), NUMBER, "138"]), minute=minutes)
    def somebody_types(self, home: str, number: str, minute: int) -> None:
        found = self.write(lambda uow: entry.look_up(uow, self.at(minute), self.box(home), self.rollcall, number))
        if number == NUMBER:
            assert isinstance(found, Unknown | Closed)

    @rule(home=st.sampled_from(HOMES), name=st.sampled_from(PEOPLE), minute=minutes)
    def somebody_picks(self, home: str, name: str, minute: int) -> None:
        member = self.town.members[name]
        found = self.write(lambda uow: entry.choose(uow, self.at(minute), self.box(home), self.rollcall, member))
        lives_here = name in ({WANG, ZHANG} if home == "01001" else {LIU})
        assert isinstance(found, NotYours | Closed) or lives_here

    @rule(home=st.sampled_from(HOMES), key=st.integers(20, 25), minute=minutes)
    def a_number_goes_to_the_cadre(self, home: str, key: int, minute: int) -> None:
        def hand_over(uow):
            return request_review(uow, self.at(minute), self.box(home), self.rollcall, f"r{key}", NUMBER)

        assert isinstance(self.write(hand_over), NeedsReview | Closed)
        assert (
            len([one for one in self.read(lambda uow: uow.signins.reviews(self.rollcall)) if one.way == "review"]) <= 1
        )

    @precondition(lambda self: self.read(lambda uow: uow.signins.reviews(self.rollcall)))
    @rule(name=st.sampled_from(PEOPLE), accept=st.booleans(), minute=minutes)
    def the_cadre_decides(self, name: str, accept: bool, minute: int) -> None:
        waiting = self.read(lambda uow: uow.signins.reviews(self.rollcall))[0]
        member = waiting.member or self.town.members[name]
        try:
            if accept:
                self.write(lambda uow: accept_review(uow, self.at(minute), None, waiting.id, member))
                self.present.add(member)
            else:
                self.write(lambda uow: reject_review(uow, self.at(minute), None, waiting.id, "查无此人"))
        except DomainError as refused:
            if refused.code != "already":
                raise

    @rule(name=st.sampled_from(PEOPLE), to=st.sampled_from(["present", "late", "leave", "absent"]), minute=minutes)
    def the_cadre_marks(self, name: str, to, minute: int) -> None:
        member = self.town.members[name]
        self.write(lambda uow: mark(uow, self.at(minute), None, self.rollcall, member, to, "核对过"))
        if to in {"present", "late"}:
            self.present.add(member)
        else:
            self.present.discard(member)

    @rule(more=st.integers(1, 10), minute=st.integers(0, 29))
    def it_is_extended(self, more: int, minute: int) -> None:
        try:
            self.write(lambda uow: life.extend(uow, self.at(minute), None, self.rollcall, more))
        except BadValue as refused:
            if refused.code != "closed":
                raise

    @rule(minute=st.integers(15, 60))
    def the_clock_turns(self, minute: int) -> None:
        self.write(lambda uow: life.run_due(uow, self.at(minute)))

    @rule(minute=st.integers(5, 30))
    def it_is_closed(self, minute: int) -> None:
        self.write(lambda uow: life.close(uow, self.at(minute), None, self.rollcall))

    @rule()
    def the_server_restarts(self) -> None:
        self.store.close()
        self.store = reopened(self.data)

    @invariant()
    def who_is_in_stays_in_and_the_figures_follow(self) -> None:
        lines = self.read(lambda uow: uow.rollcalls.lines(self.rollcall))
        here = {line.expected.member for line in lines if line.status in {"present", "late"}}
        assert here == self.present
        assert tally(records(lines)).expected == len(PEOPLE)

    @invariant()
    def a_closed_one_has_everybodys_record_as_the_roll_says(self) -> None:
        rollcall = self.read(lambda uow: uow.rollcalls.get(self.rollcall))
        kept = self.read(lambda uow: uow.rollcalls.attendance(self.rollcall))
        if rollcall.state != "closed":
            assert kept == ()
            return
        lines = self.read(lambda uow: uow.rollcalls.lines(self.rollcall))
        assert {one.member: one.status for one in kept if one.status in {"present", "late"}} == {
            line.expected.member: line.status for line in lines if line.status in {"present", "late"}
        }
        assert len(kept) == len(PEOPLE)

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        told = self.read(lambda uow: (uow.audit.entries("rollcall", self.rollcall), uow.outbox.after(0)))
        assert not any(number in repr(told) for number in (*PHONES.values(), NUMBER))
        self.write(lambda uow: life.close(uow, self.at(60), None, self.rollcall))
        self.write(lambda uow: [uow.outbox.dispatched([one.seq for one in uow.outbox.waiting()]), uow.outbox.prune(0)])
        self.store.close()


TestEvening = Evening.TestCase
TestEvening.settings = settings(
    max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
