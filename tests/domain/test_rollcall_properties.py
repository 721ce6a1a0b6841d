"""Stateful property test: duplicated, late and reordered posts of many boxes, against the rules in plain words."""

from datetime import UTC, datetime, timedelta

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from middleware.domain.rollcall import (
    Accepted,
    Already,
    Closed,
    Expected,
    NeedsReview,
    NotOnRoll,
    NotYours,
    Outcome,
    Press,
    Rollcall,
    Sheet,
    Signin,
    Unknown,
    decide_all,
)

OPENS = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MEMBERS, HOUSEHOLDS = range(1, 7), range(100, 103)
HOMES = {member: 100 + member % 3 for member in (*MEMBERS, 7)}
OFF_ROLL = 7
presses = st.builds(
    Press,
    rollcall=st.just(1),
    device=st.sampled_from([1, 2, 3]),
    household=st.sampled_from(HOUSEHOLDS),
    key=st.integers(0, 30).map(str),
    at=st.floats(0, 60).map(lambda minute: OPENS + minute * MINUTE),
    way=st.sampled_from(["pick", "number"]),
    member=st.sampled_from([*MEMBERS, OFF_ROLL, 99, None]),
)


class Evening(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.rollcall = Rollcall(
            1, "点名", "town", None, "镇党委", OPENS, OPENS + 10 * MINUTE, OPENS + 30 * MINUTE, "open"
        )
        self.begun: dict[int, datetime] = {}
        self.kept: list[Signin] = []
        self.sent: list[Press] = []
        self.answers: dict[str, Outcome] = {}
        self.unknown: dict[int, int] = {}

    def deliver(self, batch: list[Press]) -> list[Outcome]:
        sheet = Sheet(
            rollcall=self.rollcall,
            homes=HOMES,
            roll={member: Expected(member, 1, HOMES[member]) for member in MEMBERS},
            standing={signin.member: signin for signin in self.kept if signin.member is not None},
            answered=dict(self.answers),
            begun=self.begun,
            unknown=self.unknown,
        )
        outcomes = decide_all(sheet, batch)
        for press, outcome in zip(batch, outcomes, strict=True):
            self.note(press, outcome)
        return outcomes

    def note(self, press: Press, outcome: Outcome) -> None:
        known = self.answers.setdefault(press.box_key, outcome)
        assert type(known) is type(outcome)
        if isinstance(outcome, Accepted | NeedsReview) and outcome.first:
            assert known is outcome
            self.kept.append(outcome.signin)
        self.sent.append(press)

    @rule(batch=st.lists(presses, max_size=8))
    def boxes_press(self, batch: list[Press]) -> None:
        for press, outcome in zip(batch, self.deliver(batch), strict=True):
            if isinstance(outcome, Closed):
                assert press.at >= self.rollcall.closes or self.answers[press.box_key] == outcome
            if isinstance(outcome, NotYours):
                assert press.way == "pick" or self.answers[press.box_key] == outcome

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def posts_come_again_in_any_order(self, data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(self.sent), min_size=1, max_size=8))
        before = list(self.kept)
        outcomes = self.deliver(again)

        assert self.kept == before
        for press, outcome in zip(again, outcomes, strict=True):
            first = self.answers[press.box_key]
            same = attrs.evolve(first, first=False) if isinstance(first, Accepted | NeedsReview) else first
            assert outcome == same

    @rule(device=st.sampled_from([1, 2, 3]), minute=st.floats(0, 60))
    def a_form_is_opened(self, device: int, minute: float) -> None:
        self.begun.setdefault(device, OPENS + minute * MINUTE)

    @precondition(lambda self: self.rollcall.state == "open")
    @rule(minutes=st.integers(1, 20))
    def the_cadre_extends(self, minutes: int) -> None:
        self.rollcall = attrs.evolve(self.rollcall, closes=self.rollcall.closes + minutes * MINUTE)

    @rule(minute=st.floats(15, 60))
    def the_cadre_closes(self, minute: float) -> None:
        closes = min(self.rollcall.closes, OPENS + minute * MINUTE)
        self.rollcall = attrs.evolve(self.rollcall, state="closed", closes=closes)

    @invariant()
    def one_signin_per_member(self) -> None:
        members = [signin.member for signin in self.kept]

        assert len(members) == len(set(members))
        assert set(members) <= set(MEMBERS)

    @invariant()
    def every_signin_keeps_box_time_and_way_and_its_flags_follow_from_them(self) -> None:
        for signin in self.kept:
            assert signin.device in {1, 2, 3}
            assert signin.late == (signin.at >= self.rollcall.late_after)
            assert signin.elsewhere == (HOMES[signin.member or 0] != signin.household)
            assert signin.way == "number" or not signin.elsewhere

    @invariant()
    def what_counts_at_once_came_in_time(self) -> None:
        for signin in self.kept:
            if signin.state == "accepted":
                assert signin.at >= OPENS
            else:
                assert signin.device in self.begun

    @invariant()
    def five_unknown_numbers_end_the_guessing(self) -> None:
        for device in (1, 2, 3):
            told = [
                outcome.left
                for key, outcome in self.answers.items()
                if isinstance(outcome, Unknown) and key.startswith(f"1:{device}:")
            ]

            assert sorted(told, reverse=True)[:5] == [4, 3, 2, 1, 0][: len(told)]

    @invariant()
    def already_speaks_of_a_kept_signin(self) -> None:
        for outcome in self.answers.values():
            if isinstance(outcome, Already):
                assert outcome.signin in self.kept
            if isinstance(outcome, NotOnRoll):
                assert outcome.member == OFF_ROLL


TestEvening = Evening.TestCase
TestEvening.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
