"""The walk as a pure function: focus, dialogs, digits, waiting, invitations, and BACK that always leads home."""

import random
import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from keymap import digits
from keymap.keys import DIGITS, Key
from portal_pages.facts import InviteFact
from portal_pages.intents import Draft, Go, Missing, Play, Post, Reload, Report
from portal_pages.invitation import headline, with_invitation
from portal_pages.machine import Moment, State, start, step
from portal_pages.script import FIELD_PATTERN
from portal_pages.states import Open, Page, Submit
from tests.pages import sample
from tests.pages.strategies import NOW

INVITE = InviteFact(41, 1, "南湖村党支部正在点名", NOW)
KEYS = st.sampled_from([*Key][:40])
PAGES = {name: with_invitation(page) for name, page in sample.pages().items()}


def pressed(page: Page, *happened: Key | Moment | InviteFact) -> tuple[State, list[object]]:
    """The state after some inputs, and everything that was asked for."""
    state, asked = start(page), []
    for each in happened:
        done = step(state, each, page)
        state = done.state
        asked += done.intents
    return state, asked


def typed(digits_typed: str) -> list[Key]:
    return [DIGITS[int(d)] for d in digits_typed]


# --- targets ------------------------------------------------------------------------------------------------------


def test_a_press_while_a_page_opens_is_ignored_until_patience_ends() -> None:
    home = PAGES["home"]

    assert pressed(home, Key.OK, Key.OK, Key.D1)[1] == [Go(Open("tv"))]
    assert pressed(home, Key.OK, Moment.PATIENCE, Key.OK)[1] == [Go(Open("tv"))] * 2
    assert pressed(home, Key.OK, Moment.FAILED, Key.D1)[1] == [Go(Open("tv")), Go(Open("affairs"))]


def test_the_focus_moves_while_a_page_opens() -> None:
    assert pressed(PAGES["home"], Key.OK, Key.RIGHT)[0].focus == "school"


def test_back_leads_to_the_declared_parent_with_its_item() -> None:
    article = PAGES["article-1"]

    assert pressed(article, Key.BACK)[1] == [Go(Open("affairs-finance", "a1"))]


def test_an_edge_of_the_guide_opens_the_next_hours_with_the_focus_carried_along() -> None:
    guide = PAGES["guide"]
    carried = {key: target for key, target in guide.keys.items() if isinstance(target, Open) and target.carry}
    (state, asked) = pressed(guide, *[Key.RIGHT] * 12)

    assert carried
    assert isinstance(asked[0], Go)
    assert asked[0].target == Open(carried["RIGHT"].page, state.focus)  # type: ignore[union-attr]


def test_timers_act_like_keys_but_not_over_a_dialog_or_input() -> None:
    home = PAGES["home"]

    assert pressed(home, Moment.IDLE)[1] == [Go(Open("tv"))]
    assert pressed(home, INVITE, Moment.IDLE)[1] == [Report(41, "seen")]
    assert pressed(PAGES["rc-1-result"], Moment.LEAVE)[1] == [Go(Open("tv"))]
    assert pressed(PAGES["affairs"], Moment.IDLE, Moment.LEAVE)[1] == []


def test_keys_of_the_player_stay_in_the_page() -> None:
    assert pressed(PAGES["play-1"], Key.OK, Key.LEFT, Key.PLAY_PAUSE)[1] == [
        Play("play"),
        Play("seek:-10"),
        Play("play"),
    ]


def test_retry_fetches_the_page_again_and_only_once() -> None:
    gone = sample.aside()["error-busy"]

    assert pressed(gone, Key.OK, Key.OK)[1] == [Reload()]


# --- digits -------------------------------------------------------------------------------------------------------


def test_the_eleventh_digit_moves_the_focus_and_sends_nothing() -> None:
    state, asked = pressed(sample.entry(""), *typed("13806336021"))

    assert (state.typed, state.focus, asked) == ("13806336021", "next", [])
    assert pressed(sample.entry(""), *typed("13806336021"), Key.OK)[1] == [Post(Submit("rc-1-look"), "13806336021")]


def test_ok_says_how_many_digits_are_missing() -> None:
    assert pressed(sample.entry("1380633"), Key.OK)[1] == [Missing(4)]


def test_a_wrong_digit_stays_and_nothing_follows_it() -> None:
    assert pressed(sample.entry(""), *typed("12345"))[0].typed == "12"
    assert pressed(sample.entry(""), *typed("12345"), Key.DELETE, *typed("3"))[0].typed == "13"


def test_a_draft_is_sent_once_for_each_pause() -> None:
    asked = pressed(sample.entry("138"), Moment.PAUSE, *typed("06"), Moment.PAUSE, Moment.PAUSE)[1]

    assert asked == [Draft("/p/rc-1-draft", "13806")]


def test_back_asks_from_the_third_digit_on() -> None:
    asks, _ = pressed(sample.entry("138"), Key.BACK)
    stays, asked = pressed(sample.entry("138"), Key.BACK, Key.OK)
    leaves = pressed(sample.entry("138"), Key.BACK, Key.BACK)[1]

    assert asks.layer == "leave"
    assert (stays.layer, stays.typed, stays.focus, asked) == ("", "138", "field", [])
    assert leaves == [Go(Open("school"))]
    assert [type(each) for each in pressed(sample.entry("13"), Key.BACK)[1]] == [Go]


@given(st.text("0123456789", max_size=14), st.sampled_from(["phone", "landline"]))
def test_the_scripts_pattern_judges_digits_as_the_field_does(value: str, kind: str) -> None:
    field = digits.restore(digits.FieldKind(kind), value)
    pattern = re.compile(FIELD_PATTERN[kind].strip("/"), re.ASCII)
    wrong = next((n for n in range(1, len(field.value) + 1) if not pattern.fullmatch(field.value[:n])), None)

    assert wrong == field.wrong_at


# --- invitations --------------------------------------------------------------------------------------------------


def test_an_invitation_opens_over_the_page_and_later_leaves_it_as_it_was() -> None:
    affairs = PAGES["affairs"]
    shown, _ = pressed(affairs, Key.LEFT, INVITE)
    after, asked = pressed(affairs, Key.LEFT, INVITE, Key.BACK)

    assert (shown.layer, shown.focus) == ("invite", "iv_ok")
    assert (after.layer, after.focus) == ("", pressed(affairs, Key.LEFT)[0].focus)
    assert asked == [Report(41, "seen"), Report(41, "dismissed")]


def test_an_invitation_is_shown_once() -> None:
    state, asked = pressed(PAGES["affairs"], INVITE, Key.BACK, INVITE)

    assert state.layer == ""
    assert asked.count(Report(41, "seen")) == 1


def test_ok_accepts_and_goes_to_the_roll_call() -> None:
    assert pressed(PAGES["affairs"], INVITE, Key.OK)[1][1:] == [Report(41, "accepted"), Go(Open("rc-1"))]


@pytest.mark.parametrize("before", [typed("0"), [Key.BACK]])
def test_an_invitation_never_covers_input_or_a_question(before: list[Key]) -> None:
    page = attrs.evolve(sample.entry("138"), accepts_invitation=True)
    state, asked = pressed(with_invitation(page), *before, INVITE)

    assert state.layer in ("", "leave")
    assert state.pending == INVITE
    assert not any(isinstance(each, Report) for each in asked)


def test_a_withdrawn_invitation_closes_and_one_that_waits_is_forgotten() -> None:
    assert pressed(PAGES["affairs"], INVITE, Moment.WITHDRAWN)[0].layer == ""
    assert pressed(PAGES["affairs"], Key.OK, INVITE, Moment.WITHDRAWN)[0].pending is None


def test_the_headline_keeps_what_is_going_on() -> None:
    assert headline("南湖村党支部正在点名") == "南湖村党支部正在点名"
    assert headline("中国共产党南湖镇南湖村支部委员会正在点名") == "中国共产党南湖…正在点名"


# --- whatever is pressed ------------------------------------------------------------------------------------------


@given(
    st.sampled_from(sorted(PAGES)), st.lists(st.one_of(KEYS, st.sampled_from([*Moment]), st.just(INVITE)), max_size=40)
)
def test_the_focus_always_rests_on_one_enabled_item_of_what_is_shown(name: str, happened: list[Key]) -> None:
    page = PAGES[name]
    state = start(page)
    for each in happened:
        state = step(state, each, page).state
        shown = next((layer for layer in page.layers if layer.id == state.layer), page)
        full = page.field is not None and len(state.typed) == page.field.length
        item = next(f for f in shown.focusables if f.id == state.focus)

        assert not item.disabled or (item.disabled == "until_full" and full)


def answer_to(intent: object, now: str) -> str:
    """The page of the sample that comes next; where several may, the first."""
    if isinstance(intent, Go):
        return intent.target.page if intent.target.page in PAGES else now
    if isinstance(intent, Post):
        return next(iter(sample.FORMS[intent.target.form]))
    return now


@pytest.mark.parametrize("seed", range(20))
def test_back_reaches_home_in_four_presses_from_wherever_a_walk_ended(seed: int) -> None:
    dice = random.Random(seed)
    name, state = "home", start(PAGES["home"])
    keys = [*Key][:6] * 4 + list(DIGITS) + [Key.GREEN, Key.RED, Key.PAGE_DOWN, Key.PAGE_UP]

    def press(key: Key) -> None:
        nonlocal name, state
        done = step(state, key, PAGES[name])
        there = answer_to(done.intents[0], name) if done.intents else name
        state = start(PAGES[there]) if there != name else attrs.evolve(done.state, busy=False)
        name = there

    for _ in range(150):
        press(dice.choice(keys))
    presses = 0
    while name not in ("home", "tv") and presses < 5:
        press(Key.BACK)
        presses += 1

    assert name in ("home", "tv")
    assert presses <= 4


class FieldOfTheMachine(RuleBasedStateMachine):
    """Any keys on the number page: its digits are those of keymap.digits, and OK sends only a full number."""

    def __init__(self) -> None:
        super().__init__()
        self.page = sample.entry("")
        self.state = start(self.page)
        self.model = digits.Field(digits.FieldKind.PHONE)

    @rule(digit=st.sampled_from(DIGITS))
    def types(self, digit: Key) -> None:
        self.press(digit)

    @rule()
    def types_a_good_number(self) -> None:
        for key in typed("13806336021"[len(self.model.value) :]):
            self.press(key)

    @rule()
    def deletes(self) -> None:
        self.press(Key.DELETE)

    @rule(arrow=st.sampled_from([Key.UP, Key.DOWN, Key.RIGHT]))
    def moves(self, arrow: Key) -> None:
        self.state = step(self.state, arrow, self.page).state

    @rule()
    def confirms_on_the_field(self) -> None:
        if self.state.focus in ("field", "next"):
            done = step(self.state, Key.OK, self.page)
            assert isinstance(done.intents[0], Post if self.model.full else Missing)

    def press(self, key: Key) -> None:
        self.state = step(self.state, key, self.page).state
        self.model = digits.press(self.model, key)

    @invariant()
    def same_digits(self) -> None:
        assert self.state.typed == self.model.value
        assert self.state.focus != "next" or self.model.full


TestFieldOfTheMachine = FieldOfTheMachine.TestCase
