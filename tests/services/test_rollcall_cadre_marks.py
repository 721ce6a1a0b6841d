"""What the cadre does by hand: marks, reviews, corrections; every one of them audited, nothing deleted."""

import pytest

from middleware.domain.errors import BadValue, DomainError, Forbidden, NotFound
from middleware.domain.rollcall import Already, Signin
from middleware.services import rollcall as life
from middleware.services.rollcall_cadre import Marked, accept_review, mark, reject_review, reveal_number
from middleware.services.rollcall_signin import request_review
from middleware.storage.store import Store
from tests.contract.small_town import LIU, NUMBER, PHONES, WANG, ZHANG, ZHAO, SmallTown
from tests.services.evening import at, box, cadre, kinds, opened, pressed


def marked(store: Store, town: SmallTown, rollcall: int, name: str, to: str, reason: str = "", **who: object) -> Marked:
    by, minute = who.get("by", cadre(town)), who.get("minute", 6)
    return store.run_sync(lambda uow: mark(uow, at(minute), by, rollcall, town.members[name], to, reason))  # type: ignore[arg-type]


def status(store: Store, town: SmallTown, rollcall: int, name: str) -> str:
    lines = store.run_sync(lambda uow: uow.rollcalls.lines(rollcall), write=False)
    return next(line.status for line in lines if line.name == name)


def review(store: Store, town: SmallTown, rollcall: int, number: str = NUMBER, home: str = "01001") -> Signin:
    outcome = store.run_sync(lambda uow: request_review(uow, at(4), box(town, home), rollcall, f"r{number}", number))
    return outcome.signin


def close(store: Store, rollcall: int):
    return store.run_sync(lambda uow: life.close(uow, at(30), None, rollcall))


def record(store: Store, town: SmallTown, rollcall: int, name: str):
    found = store.run_sync(lambda uow: uow.rollcalls.attendance(rollcall), write=False)
    return next((one.status, one.note) for one in found if one.member == town.members[name])


def audited(store: Store, rollcall: int) -> list[tuple[str, str, dict]]:
    lines = store.run_sync(lambda uow: uow.audit.entries("rollcall", rollcall), write=False)
    return [(one.actor, one.verb, dict(one.detail)) for one in reversed(lines) if one.actor == "v01-1"]


def test_a_mark_counts_and_can_be_taken_back(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    assert marked(store, town, rollcall, LIU, "present") == Marked(town.members[LIU], "absent", "present")
    assert status(store, town, rollcall, LIU) == "present"
    assert isinstance(pressed(store, town, rollcall, LIU, home="01002"), Already)
    assert marked(store, town, rollcall, LIU, "late").after == "late"
    assert marked(store, town, rollcall, LIU, "absent").before == "late"
    assert status(store, town, rollcall, LIU) == "absent"
    assert [detail["to"] for _, verb, detail in audited(store, rollcall) if verb == "mark"] == [
        "present",
        "late",
        "absent",
    ]


def test_leave_needs_a_reason_and_ends_with_the_sign_in(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    with pytest.raises(BadValue) as refused:
        marked(store, town, rollcall, WANG, "leave", " ")
    assert refused.value.code == "reason"

    marked(store, town, rollcall, WANG, "leave", "住院")
    assert status(store, town, rollcall, WANG) == "leave"
    pressed(store, town, rollcall, WANG)
    assert status(store, town, rollcall, WANG) == "present"
    close(store, rollcall)
    assert record(store, town, rollcall, WANG) == ("present", "")


def test_leave_is_written_with_its_reason_on_closing(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    marked(store, town, rollcall, WANG, "leave", "住院")
    total = close(store, rollcall).total

    assert record(store, town, rollcall, WANG) == ("leave", "住院")
    assert (total.expected, total.leave, total.absent) == (5, 1, 4)


def test_leave_for_the_rest_of_a_home_withdraws_its_invitation(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    pressed(store, town, rollcall, WANG)
    marked(store, town, rollcall, ZHANG, "leave", "外出")

    assert kinds(store)[-1] == "InvitationsWithdrawn"


def test_what_a_member_pressed_himself_is_struck_only_with_a_reason_and_stays_on_record(
    store: Store, town: SmallTown
) -> None:
    rollcall = opened(store).id
    pressed(store, town, rollcall, WANG)
    with pytest.raises(BadValue):
        marked(store, town, rollcall, WANG, "absent")
    signin = store.run_sync(lambda uow: uow.signins.standing(rollcall), write=False)[town.members[WANG]]
    marked(store, town, rollcall, WANG, "absent", "代按")

    struck = store.run_sync(lambda uow: uow.signins.get(signin.id), write=False)
    assert (struck.member, struck.state, struck.staff, struck.note) == (None, "rejected", "v01-1", "代按")
    assert (struck.device, struck.at, struck.way, struck.key) == (signin.device, signin.at, signin.way, signin.key)
    assert status(store, town, rollcall, WANG) == "absent"


def test_a_correction_after_the_closing_needs_a_reason_and_changes_the_record(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    close(store, rollcall)
    with pytest.raises(BadValue):
        marked(store, town, rollcall, WANG, "present", minute=60)
    marked(store, town, rollcall, WANG, "present", "现场签到", minute=60)

    assert record(store, town, rollcall, WANG)[0] == "present"
    total = store.run_sync(lambda uow: life.figures(uow, uow.rollcalls.get(rollcall)), write=False).total
    assert (total.present, total.absent) == (1, 4)
    assert audited(store, rollcall) == [
        ("v01-1", "correct", {"member": town.members[WANG], "from": "absent", "to": "present", "reason": "现场签到"})
    ]


def test_the_same_mark_again_changes_and_audits_nothing(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    for _ in range(3):
        marked(store, town, rollcall, WANG, "leave", "住院")

    assert len(audited(store, rollcall)) == 1


@pytest.mark.parametrize(("name", "error"), [(ZHAO, Forbidden), ("nobody", NotFound)])
def test_a_cadre_marks_his_own_members_only(store: Store, town: SmallTown, name: str, error: type) -> None:
    rollcall = opened(store).id
    known = SmallTown(town.villages, town.branches, town.homes, {**town.members, "nobody": 4711}, town.boxes)

    with pytest.raises(error):
        marked(store, known, rollcall, name, "present")


def test_a_mark_needs_a_status_that_exists_and_a_reason_that_fits(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    for to, reason, code in (("gone", "", "status"), ("leave", "长" * 101, "reason")):
        with pytest.raises(BadValue) as refused:
            marked(store, town, rollcall, WANG, to, reason)
        assert refused.value.code == code


def test_a_number_under_review_counts_once_the_cadre_says_whose_it_is(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    waiting = review(store, town, rollcall)
    assert status(store, town, rollcall, WANG) == "absent"
    accepted = store.run_sync(lambda uow: accept_review(uow, at(9), cadre(town), waiting.id, town.members[WANG]))

    assert (accepted.member, accepted.state, accepted.at) == (town.members[WANG], "accepted", at(4))
    assert status(store, town, rollcall, WANG) == "present"
    with pytest.raises(DomainError) as refused:
        store.run_sync(lambda uow: reject_review(uow, at(9), cadre(town), waiting.id))
    assert refused.value.code == "decided"


def test_a_review_is_not_counted_for_one_who_is_in_or_not_on_the_roll(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    pressed(store, town, rollcall, WANG)
    waiting = review(store, town, rollcall)

    for member, code in ((town.members[WANG], "already"), (None, "member"), (town.members[ZHAO], "member")):
        with pytest.raises(DomainError) as refused:
            store.run_sync(lambda uow, member=member: accept_review(uow, at(9), cadre(town), waiting.id, member))
        assert refused.value.code == code


def test_a_review_accepted_after_the_closing_corrects_the_record(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    waiting = review(store, town, rollcall)
    close(store, rollcall)
    store.run_sync(lambda uow: accept_review(uow, at(40), cadre(town), waiting.id, town.members[WANG]))

    assert record(store, town, rollcall, WANG)[0] == "present"
    assert audited(store, rollcall)[-1][1] == "correct"


def test_a_rejected_review_is_kept_as_rejected(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    waiting = review(store, town, rollcall)
    store.run_sync(lambda uow: reject_review(uow, at(9), cadre(town), waiting.id, "查无此人"))

    kept = store.run_sync(lambda uow: uow.signins.get(waiting.id), write=False)
    assert (kept.state, kept.staff, kept.note) == ("rejected", "v01-1", "查无此人")
    assert store.run_sync(lambda uow: uow.signins.reviews(rollcall), write=False) == ()


def test_to_reveal_a_number_is_audited_without_it(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    waiting = review(store, town, rollcall)

    assert store.run_sync(lambda uow: reveal_number(uow, at(9), cadre(town), waiting.id)) == NUMBER
    (line,) = store.run_sync(lambda uow: uow.audit.entries("signin", waiting.id), write=False)
    assert (line.actor, line.verb, dict(line.detail)) == ("v01-1", "reveal", {"rollcall": rollcall})


def test_a_cadre_neither_reveals_nor_decides_what_another_villages_box_sent(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    waiting = review(store, town, rollcall)

    for act in (
        lambda uow: reveal_number(uow, at(9), cadre(town, "v02"), waiting.id),
        lambda uow: accept_review(uow, at(9), cadre(town, "v02"), waiting.id, town.members[ZHAO]),
        lambda uow: reject_review(uow, at(9), cadre(town, "v02"), waiting.id),
    ):
        with pytest.raises(Forbidden):
            store.run_sync(act)
    for act in (reveal_number, reject_review):
        with pytest.raises(NotFound):
            store.run_sync(lambda uow, act=act: act(uow, at(9), None, 4711))


def test_no_number_reaches_the_audit_log_even_in_a_reason(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    marked(store, town, rollcall, WANG, "leave", f"请打 {PHONES[WANG]}")

    assert audited(store, rollcall)[0][2]["reason"] == "请打 138****6021"
