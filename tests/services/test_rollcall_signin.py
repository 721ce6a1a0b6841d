"""Sign-ins over a real store: windows, late, elsewhere, review, and the same press again and again."""

import random

import attrs
import pytest

from middleware.domain.errors import BadValue, Busy
from middleware.domain.rollcall import (
    Accepted,
    Already,
    BadNumber,
    Closed,
    NeedsReview,
    NoRollcall,
    NotOnRoll,
    NotOpen,
    NotYours,
    Signin,
    Unknown,
)
from middleware.services import rollcall as life
from middleware.services import rollcall_entry as entry
from middleware.services.rollcall import Opening
from middleware.services.rollcall_signin import SignIn, answer_to, request_review, sign_in_batch
from middleware.storage.signins import SqlSignins
from middleware.storage.store import Store
from tests.contract.small_town import LIU, NOW, NUMBER, PHONES, WANG, ZHANG, ZHAO, SmallTown
from tests.services.evening import at, box, kinds, opened, pressed


def stored(store: Store, rollcall: int) -> dict[int, Signin]:
    return dict(store.run_sync(lambda uow: uow.signins.standing(rollcall), write=False))


def begin(store: Store, town: SmallTown, rollcall: int, minute: float, home: str = "01001"):
    return store.run_sync(lambda uow: entry.begin(uow, at(minute), box(town, home), rollcall))


@pytest.mark.parametrize(("minute", "late"), [(0, False), (9.99, False), (10, True), (29.99, True)])
def test_who_picks_himself_in_time_is_in(store: Store, town: SmallTown, minute: float, late: bool) -> None:
    rollcall = opened(store).id
    outcome = pressed(store, town, rollcall, WANG, minute=minute)

    assert isinstance(outcome, Accepted)
    (signin,) = stored(store, rollcall).values()
    assert attrs.evolve(signin, id=0, at=outcome.signin.at) == outcome.signin
    assert (signin.way, signin.late, signin.elsewhere) == ("pick", late, False)
    assert (signin.device, signin.household) == (town.boxes["01001"], town.homes["01001"])


def test_a_typed_number_signs_in_from_any_box_and_is_flagged(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    own = pressed(store, town, rollcall, number=PHONES[WANG], key="a")
    guest = pressed(store, town, rollcall, number="+86 138-0633-6024", key="b")
    site = pressed(store, town, rollcall, number=PHONES[LIU], home=None, key="c")

    assert [outcome.signin.elsewhere for outcome in (own, guest, site)] == [False, True, True]  # type: ignore[union-attr]
    assert {one.way for one in stored(store, rollcall).values()} == {"number"}


def test_before_the_opening_and_after_the_closing_nothing_is_written(store: Store, town: SmallTown) -> None:
    planned = store.run_sync(lambda uow: life.schedule(uow, at(-60), None, Opening("早", "town", opens=at(0)))).id

    assert pressed(store, town, planned, WANG, minute=-1) == NotOpen(at(0))
    store.run_sync(lambda uow: life.run_due(uow, at(0)))
    assert pressed(store, town, planned, WANG, minute=30, key="k2") == Closed(at(30))
    assert pressed(store, town, planned, number=NUMBER, minute=30, key="k3") == Closed(at(30))
    assert stored(store, planned) == {}


def test_a_member_who_is_not_on_the_roll_is_told(store: Store, town: SmallTown) -> None:
    rollcall = opened(store, scope="branch", place_id=town.branches["b01"]).id

    assert pressed(store, town, rollcall, number=PHONES[ZHAO]) == NotOnRoll(town.members[ZHAO])
    assert stored(store, rollcall) == {}


def test_forged_ids_change_nothing(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    assert pressed(store, town, 4711, WANG) == NoRollcall()
    assert pressed(store, town, rollcall, ZHAO) == NotYours()
    assert pressed(store, town, rollcall, LIU, key="k2") == NotYours()
    command = SignIn(rollcall, box(town), "k3", at(3), member=999_999)
    assert store.run_sync(lambda uow: sign_in_batch(uow, [command])) == [NotYours()]
    assert stored(store, rollcall) == {}


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("138063360", "phone_short"),
        ("138063360211", "phone_long"),
        ("23806336021", "phone_prefix"),
        ("+12025550100", "phone_foreign"),
    ],
)
def test_a_wrong_number_is_named_and_counts_as_no_try(store: Store, town: SmallTown, number: str, kind: str) -> None:
    rollcall = opened(store).id
    outcomes = [pressed(store, town, rollcall, number=number, key=f"k{n}") for n in range(7)]

    assert {outcome.kind for outcome in outcomes if isinstance(outcome, BadNumber)} == {kind}
    assert isinstance(pressed(store, town, rollcall, number=PHONES[WANG], key="good"), Accepted)


def test_the_same_press_gets_the_same_answer_for_ever(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    first = pressed(store, town, rollcall, WANG)
    again = [pressed(store, town, rollcall, WANG, minute=minute) for minute in (3, 3.1, 8.5, 29, 31, 500)]

    assert isinstance(first, Accepted)
    assert {type(one) for one in again} == {Accepted}
    assert {one.first for one in again} == {False}  # type: ignore[union-attr]
    assert len(stored(store, rollcall)) == 1
    assert store.run_sync(lambda uow: answer_to(uow, rollcall, town.boxes["01001"], "k1"), write=False).signin.at == at(
        3
    )


@pytest.mark.parametrize("press", [{"number": NUMBER}, {"name": ZHAO}, {"name": WANG, "minute": 31}])
def test_a_refusal_replayed_after_five_minutes_is_the_same_refusal(store: Store, town: SmallTown, press: dict) -> None:
    rollcall = opened(store).id
    first = pressed(store, town, rollcall, **press)
    again = pressed(store, town, rollcall, **{**press, "minute": press.get("minute", 3) + 5})

    assert again == first
    assert store.run_sync(lambda uow: answer_to(uow, rollcall, town.boxes["01001"], "k1"), write=False) == first


def test_a_key_belongs_to_one_box_and_one_roll_call(store: Store, town: SmallTown) -> None:
    first, second = opened(store).id, opened(store, scope="branch", place_id=town.branches["b01"]).id

    assert isinstance(pressed(store, town, first, WANG), Accepted)
    assert isinstance(pressed(store, town, first, LIU, home="01002"), Accepted)
    assert isinstance(pressed(store, town, second, WANG), Accepted)
    assert len(stored(store, first)) + len(stored(store, second)) == 3


def test_others_who_press_for_one_who_is_in_are_told_already(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    first = pressed(store, town, rollcall, WANG)
    second = pressed(store, town, rollcall, number=PHONES[WANG], home="01002", key="k9", minute=4)

    assert isinstance(second, Already)
    assert second.signin.at == first.signin.at  # type: ignore[union-attr]


def test_a_batch_decides_each_press_knowing_the_ones_before(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    commands = [
        SignIn(rollcall, box(town), "a", at(3), town.members[WANG]),
        SignIn(rollcall, box(town, "01002"), "b", at(3), number=PHONES[WANG]),
        SignIn(rollcall, box(town), "c", at(3), number="12"),
        SignIn(4711, box(town), "d", at(3), town.members[WANG]),
        SignIn(rollcall, box(town), "a", at(3), town.members[WANG]),
        SignIn(rollcall, box(town), "e", at(3), town.members[ZHANG]),
    ]
    outcomes = store.run_sync(lambda uow: sign_in_batch(uow, commands))

    assert [type(one) for one in outcomes] == [Accepted, Already, BadNumber, NoRollcall, Accepted, Accepted]
    assert stored(store, rollcall).keys() == {town.members[WANG], town.members[ZHANG]}


def test_posts_in_any_order_and_number_leave_one_sign_in_each(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    posts = [
        SignIn(rollcall, box(town, home), f"{town.members[name]}-{key}", at(3), number=PHONES[name])
        for name in (WANG, ZHANG, LIU, ZHAO)
        for home in ("01001", "01002")
        for key in (1, 2)
    ] * 3
    random.Random(20251122).shuffle(posts)
    told: dict[tuple[int, str], set[str]] = {}
    for start in range(0, len(posts), 7):
        batch = posts[start : start + 7]
        for post, outcome in zip(
            batch, store.run_sync(lambda uow, batch=batch: sign_in_batch(uow, batch)), strict=True
        ):
            told.setdefault((post.box.device, post.key), set()).add(type(outcome).__name__)

    assert len(stored(store, rollcall)) == 4
    assert sum(kinds == {"Accepted"} for kinds in told.values()) == 4
    assert all(kinds in ({"Accepted"}, {"Already"}) for kinds in told.values())


def test_five_unknown_numbers_then_only_the_review_is_left(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    left = [pressed(store, town, rollcall, number=NUMBER, key=f"k{n}") for n in range(6)]

    assert left == [Unknown(4), Unknown(3), Unknown(2), Unknown(1), Unknown(0), Unknown(0)]
    assert pressed(store, town, rollcall, number=PHONES[WANG], key="k9") == Unknown(0)
    assert isinstance(pressed(store, town, rollcall, WANG, key="k10"), Accepted)
    assert isinstance(pressed(store, town, rollcall, number=PHONES[LIU], home="01002", key="k11"), Accepted)


def test_a_number_handed_to_the_cadre_is_kept_once(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    def review(key: str, home: str = "01001", number: str = NUMBER, minute: float = 4):
        return store.run_sync(lambda uow: request_review(uow, at(minute), box(town, home), rollcall, key, number))

    first, same, other = review("r1"), review("r1", minute=9), review("r2", "01002")
    assert isinstance(first, NeedsReview)
    assert first.first
    assert [one.first for one in (same, other)] == [False, False]
    assert same.signin.id == other.signin.id == first.signin.id
    (waiting,) = store.run_sync(lambda uow: uow.signins.reviews(rollcall), write=False)
    assert (waiting.member, waiting.state, waiting.way) == (None, "needs_review", "review")
    assert store.run_sync(lambda uow: uow.signins.numbers([waiting.id]), write=False) == {waiting.id: NUMBER}


def test_a_box_hands_over_a_dozen_numbers_at_most(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    def review(n: int):
        number = f"139063300{n:02d}"
        return store.run_sync(lambda uow: request_review(uow, at(4), box(town), rollcall, f"r{n}", number))

    for n in range(12):
        assert isinstance(review(n), NeedsReview)
    with pytest.raises(BadValue) as refused:
        review(12)
    assert refused.value.code == "too_many_reviews"


def test_the_number_in_the_boxs_entry_is_reviewed_when_none_is_sent(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    store.run_sync(lambda uow: entry.look_up(uow, at(3), box(town), rollcall, NUMBER))
    outcome = store.run_sync(lambda uow: request_review(uow, at(4), box(town), rollcall, "r1"))

    assert isinstance(outcome, NeedsReview)
    assert store.run_sync(lambda uow: uow.signins.numbers([outcome.signin.id]), write=False).popitem()[1] == NUMBER
    assert store.run_sync(lambda uow: entry.draft(uow, at(4), box(town), rollcall), write=False) == ""


def test_who_was_typing_at_the_closing_may_finish_within_ten_minutes(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    begin(store, town, rollcall, 29)
    store.run_sync(lambda uow: life.run_due(uow, at(30)))
    outcome = pressed(store, town, rollcall, WANG, minute=34)

    assert isinstance(outcome, NeedsReview)
    assert (outcome.signin.state, outcome.signin.late) == ("needs_review", True)
    assert isinstance(pressed(store, town, rollcall, LIU, home="01002", minute=34), Closed)
    assert isinstance(pressed(store, town, rollcall, ZHANG, minute=41, key="k2"), Closed)


def test_a_form_opened_after_the_closing_finishes_nothing(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    assert begin(store, town, rollcall, 31) == Closed(at(30))
    assert pressed(store, town, rollcall, WANG, minute=32) == Closed(at(30))


def test_the_last_of_a_home_withdraws_its_invitation(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    pressed(store, town, rollcall, WANG)
    pressed(store, town, rollcall, WANG)
    pressed(store, town, rollcall, WANG, key="k0")
    part = store.run_sync(lambda uow: uow.outbox.after(0), write=False)[-1]
    assert kinds(store) == ["RollcallOpened", "AttendanceMoved"]
    assert part.body["households"] == [town.homes["01001"]]
    pressed(store, town, rollcall, ZHANG, key="k2")

    event = store.run_sync(lambda uow: uow.outbox.after(0), write=False)[-1]
    assert kinds(store) == ["RollcallOpened", "AttendanceMoved", "InvitationsWithdrawn"]
    assert (event.kind, event.body["households"]) == ("InvitationsWithdrawn", [town.homes["01001"]])
    state = store.run_sync(lambda uow: uow.invitations.get(rollcall, town.homes["01001"]), write=False).state
    assert state == "expired"


def test_who_completes_a_home_from_a_neighbours_television_withdraws_its_invitation(
    store: Store, town: SmallTown
) -> None:
    rollcall = opened(store).id
    pressed(store, town, rollcall, WANG)
    outcome = pressed(store, town, rollcall, number=PHONES[ZHANG], home="01002")

    assert isinstance(outcome, Accepted)
    last = store.run_sync(lambda uow: uow.outbox.after(0), write=False)[-1]
    assert (last.kind, last.body["households"]) == ("InvitationsWithdrawn", [town.homes["01001"]])


@pytest.mark.parametrize("key", ["", "k" * 65, "键", "a\nb"])
def test_keys_that_no_page_of_ours_sends_are_refused(town: SmallTown, key: str) -> None:
    with pytest.raises(BadValue):
        SignIn(1, box(town), key, NOW, 1)


def test_a_batch_that_never_gets_its_rows_in_says_busy_and_acknowledges_nothing(
    store: Store, town: SmallTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    rollcall = opened(store).id
    monkeypatch.setattr(SqlSignins, "add", lambda *_args: 0)
    with pytest.raises(Busy):
        pressed(store, town, rollcall, WANG)
    monkeypatch.undo()

    assert stored(store, rollcall) == {}


def test_a_sign_in_shows_no_number_when_printed(town: SmallTown) -> None:
    assert PHONES[WANG] not in repr(SignIn(1, box(town), "k", NOW, number=PHONES[WANG]))


def test_no_number_reaches_audit_outbox_or_answers(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    pressed(store, town, rollcall, number=PHONES[WANG], key="a")
    pressed(store, town, rollcall, number=NUMBER, key="b")
    store.run_sync(lambda uow: request_review(uow, at(4), box(town), rollcall, "r1", NUMBER))
    store.run_sync(lambda uow: life.close(uow, at(20), None, rollcall))

    told = store.run_sync(
        lambda uow: (uow.audit.entries(), uow.outbox.after(0), uow.signins.reviews(rollcall)), write=False
    )
    assert not any(number in repr(told) for number in (*PHONES.values(), NUMBER))
