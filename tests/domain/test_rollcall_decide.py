"""What becomes of a press: windows, late, elsewhere, unknown, not on the roll, after the closing, repeated."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from middleware.domain.errors import BadValue
from middleware.domain.rollcall import (
    Accepted,
    Already,
    BadNumber,
    Closed,
    Expected,
    NeedsReview,
    NotOnRoll,
    NotOpen,
    NotYours,
    Press,
    Rollcall,
    Sheet,
    Unknown,
    decide,
    decide_all,
    extended,
    good_key,
    good_title,
    good_window,
    read_number,
)

OPENS = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROLLCALL = Rollcall(7, "党员点名", "branch", 1, "南湖村党支部", OPENS, OPENS + 10 * MINUTE, OPENS + 30 * MINUTE, "open")
WANG, ZHANG, GUEST, STRANGER = 11, 12, 13, 14


def sheet(rollcall: Rollcall = ROLLCALL, **known: object) -> Sheet:
    roll = {
        WANG: Expected(WANG, 1, 100),
        ZHANG: Expected(ZHANG, 1, 100),
        GUEST: Expected(GUEST, 1, 200),
    }
    homes = {WANG: 100, ZHANG: 100, GUEST: 200, STRANGER: 100}
    empty: dict[str, object] = {"standing": {}, "answered": {}, "begun": {}, "unknown": {}}
    return Sheet(rollcall=rollcall, homes=homes, roll=roll, **{**empty, **known})  # type: ignore[arg-type]


def press(member: int | None, minute: float, way: str = "pick", key: str = "rc:1", device: int = 5) -> Press:
    return Press(7, device, 100, key, OPENS + minute * MINUTE, way, member)  # type: ignore[arg-type]


def test_a_member_of_the_household_is_present() -> None:
    outcome = decide(sheet(), press(WANG, 3))

    assert isinstance(outcome, Accepted)
    assert outcome.first
    assert (outcome.signin.member, outcome.signin.late, outcome.signin.elsewhere) == (WANG, False, False)
    assert (outcome.signin.device, outcome.signin.way, outcome.signin.at) == (5, "pick", OPENS + 3 * MINUTE)


@pytest.mark.parametrize(("minute", "late"), [(0, False), (9.999, False), (10, True), (29.999, True)])
def test_late_begins_at_late_after(minute: float, late: bool) -> None:
    outcome = decide(sheet(), press(WANG, minute))

    assert isinstance(outcome, Accepted)
    assert outcome.signin.late is late


def test_a_number_typed_on_another_box_is_accepted_and_flagged() -> None:
    outcome = decide(sheet(), press(GUEST, 3, way="number"))

    assert isinstance(outcome, Accepted)
    assert outcome.signin.elsewhere


@pytest.mark.parametrize("member", [GUEST, 999, None])
def test_nobody_of_another_household_can_be_picked(member: int | None) -> None:
    assert decide(sheet(), press(member, 3)) == NotYours()


def test_a_known_member_who_is_not_on_the_roll_is_told() -> None:
    assert decide(sheet(), press(STRANGER, 3)) == NotOnRoll(STRANGER)


def test_unknown_numbers_are_counted_and_the_sixth_is_not_looked_up() -> None:
    presses = [press(None, 3, "number", f"rc:{n}") for n in range(5)] + [press(WANG, 4, "number", "rc:9")]

    outcomes = decide_all(sheet(), presses)

    assert outcomes == [Unknown(4), Unknown(3), Unknown(2), Unknown(1), Unknown(0), Unknown(0)]


def test_before_the_opening_and_after_the_closing_nothing_counts() -> None:
    scheduled = attrs.evolve(ROLLCALL, state="scheduled")

    assert decide(sheet(scheduled), press(WANG, 3)) == NotOpen(OPENS)
    assert decide(sheet(), press(WANG, 30)) == Closed(ROLLCALL.closes)
    assert decide(sheet(), press(None, 30, "number")) == Closed(ROLLCALL.closes)
    assert decide(sheet(), press(STRANGER, 30)) == Closed(ROLLCALL.closes)


def test_the_clock_closes_even_when_the_closing_was_not_carried_out_yet() -> None:
    assert decide(sheet(), press(WANG, 31)) == Closed(ROLLCALL.closes)


@pytest.mark.parametrize(
    ("begun", "minute", "kept"), [(29, 31, True), (29, 40, True), (29, 40.1, False), (30, 31, False)]
)
def test_who_was_typing_at_the_closing_may_finish_and_is_reviewed(begun: float, minute: float, kept: bool) -> None:
    outcome = decide(sheet(begun={5: OPENS + begun * MINUTE}), press(WANG, minute))

    assert isinstance(outcome, NeedsReview if kept else Closed)
    if isinstance(outcome, NeedsReview):
        assert (outcome.signin.state, outcome.signin.late) == ("needs_review", True)


def test_a_second_press_by_anyone_is_told_already() -> None:
    first, second = decide_all(sheet(), [press(WANG, 3), press(WANG, 4, "number", "rc:2", device=6)])

    assert isinstance(first, Accepted)
    assert second == Already(first.signin)


def test_after_the_closing_a_member_who_came_is_told_so() -> None:
    first = decide(sheet(), press(WANG, 3))
    assert isinstance(first, Accepted)

    assert decide(sheet(standing={WANG: first.signin}), press(WANG, 50, key="rc:2")) == Already(first.signin)


def test_the_same_press_again_gets_the_same_answer_and_nothing_new() -> None:
    known = sheet()
    first, again = decide_all(known, [press(WANG, 3), press(WANG, 8)])

    assert isinstance(first, Accepted)
    assert again == Accepted(first.signin, first=False)


def test_a_refusal_sent_again_stays_that_refusal_even_when_the_facts_have_changed() -> None:
    known = sheet(answered={"7:5:rc:1": NotOpen(OPENS)})

    assert decide(known, press(WANG, 3)) == NotOpen(OPENS)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", "phone_empty", "没有填手机号"),
        ("1380633602", "phone_short", "少一位"),
        ("138063360211", "phone_long", "多一位"),
        ("22806336021", "phone_prefix", "13 至 19"),
        ("+1 2025550123", "phone_foreign", "中国大陆"),
        ("1380633602x", "phone_digits", "只能有数字"),
    ],
)
def test_a_wrong_number_is_named_in_plain_chinese(text: str, kind: str, words: str) -> None:
    found = read_number(text)

    assert isinstance(found, BadNumber)
    assert found.kind == kind
    assert words in found.message_zh


def test_a_number_is_read_as_people_write_it() -> None:
    assert read_number("+86 138-0633-6021") == "13806336021"


@pytest.mark.parametrize(
    ("minutes", "late"), [(14, 0), (0, 0), (-(10**12), 0), (24 * 60 + 1, 10), (10**12, 10), (30, 31), (30, -1)]
)
def test_windows_that_give_too_little_time_or_make_no_sense_are_refused(minutes: int, late: int) -> None:
    with pytest.raises(BadValue):
        good_window(OPENS, minutes, late)


def test_a_window_is_opens_late_closes() -> None:
    assert good_window(OPENS, 15, 5) == (OPENS + 5 * MINUTE, OPENS + 15 * MINUTE)


def test_extending_moves_the_closing_and_only_while_it_is_open() -> None:
    assert extended(ROLLCALL, 15, OPENS + 20 * MINUTE).closes == OPENS + 45 * MINUTE
    for minutes, at in [(0, 20), (-5, 20), (-(10**12), 20), (24 * 60, 20), (10**12, 20), (15, 30)]:
        with pytest.raises(BadValue):
            extended(ROLLCALL, minutes, OPENS + at * MINUTE)


def test_titles_and_keys_are_bounded() -> None:
    assert good_title("  十一月  主题党日 ") == "十一月 主题党日"
    assert [good_key(key) for key in ("rc:1", "", "k" * 65, "键", "a\nb")] == [True, False, False, False, False]
    for title in ("", "   ", "长" * 41):
        with pytest.raises(BadValue):
            good_title(title)
