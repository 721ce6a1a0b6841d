"""Attendance of a closed roll-call: every line once, figures that add up."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from middleware.domain.attendance import Attendance, Tally, attendance, by_branch, tally
from middleware.domain.rollcall import Expected, Signin

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROLL = [Expected(1, 10, 100), Expected(2, 10, 100), Expected(3, 20, None, "住院"), Expected(4, 20, 101, "外出务工")]


def signin(member: int, late: bool = False, state: str = "accepted") -> Signin:
    return Signin(7, member, AT, "pick", state, late)  # type: ignore[arg-type]


def test_each_member_gets_one_line() -> None:
    standing = {1: signin(1), 2: signin(2, late=True), 4: signin(4)}

    assert attendance(7, ROLL, standing) == (
        Attendance(7, 1, 10, "present", AT),
        Attendance(7, 2, 10, "late", AT),
        Attendance(7, 3, 20, "leave", None, "住院"),
        Attendance(7, 4, 20, "present", AT),
    )


def test_a_number_still_under_review_does_not_count() -> None:
    assert attendance(7, ROLL[:1], {1: signin(1, state="needs_review")}) == (Attendance(7, 1, 10, "absent"),)


def test_figures_per_branch() -> None:
    records = attendance(7, ROLL, {1: signin(1)})

    assert by_branch(records) == {10: Tally(2, 1, 0, 0, 1), 20: Tally(2, 0, 0, 2, 0)}
    assert tally(records).rate == 0.25
    assert tally(()).rate == 0.0


@given(
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(1, 5), st.sampled_from(["", "请假"])), unique_by=lambda one: one[0]
    ),
    st.dictionaries(st.integers(1, 50), st.booleans()),
)
def test_the_parts_add_up_to_the_roll(rows: list[tuple[int, int, str]], came: dict[int, bool]) -> None:
    roll = [Expected(member, branch, None, leave) for member, branch, leave in rows]
    records = attendance(7, roll, {member: signin(member, late) for member, late in came.items()})
    total = tally(records)

    assert total.expected == len(roll) == total.attended + total.leave + total.absent
    assert total.attended == sum(line.member in came for line in roll)
    assert sum(part.expected for part in by_branch(records).values()) == total.expected
