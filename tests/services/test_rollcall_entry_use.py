"""At the box before the confirmation: who is offered, drafts, whose number it is, and what is never shown."""

import pytest

from middleware.domain.errors import BadValue
from middleware.domain.rollcall import Accepted, Already, BadNumber, Closed, NoRollcall, NotOnRoll, NotYours, Unknown
from middleware.services import rollcall_entry as entry
from middleware.services.rollcall_entry import Box, Found
from middleware.storage.store import Store
from tests.contract.small_town import LIU, NUMBER, PHONES, WANG, ZHANG, ZHAO, SmallTown
from tests.services.evening import at, box, opened, pressed


def look(store: Store, town: SmallTown, rollcall: int, text: str, home: str = "01001", minute: float = 3):
    return store.run_sync(lambda uow: entry.look_up(uow, at(minute), box(town, home), rollcall, text))


def choices(store: Store, town: SmallTown, rollcall: int, home: str | None = "01001"):
    household = town.homes[home] if home else None
    return store.run_sync(lambda uow: entry.choices(uow, household, rollcall), write=False)


def pending(store: Store, town: SmallTown, rollcall: int, minute: float = 4, home: str = "01001"):
    return store.run_sync(lambda uow: entry.pending(uow, at(minute), box(town, home), rollcall), write=False)


def test_a_home_picks_among_its_own_members(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    found = choices(store, town, rollcall)

    assert [(one.name, one.masked_phone, one.on_roll, one.signed_in) for one in found.people] == [
        (WANG, "138****6021", True, False),
        (ZHANG, "138****6022", True, False),
    ]
    assert (found.people[0].branch, found.people[0].group_no, found.last) == ("南湖村党支部", 3, None)
    pressed(store, town, rollcall, WANG)
    assert [one.signed_in for one in choices(store, town, rollcall).people] == [True, False]


def test_a_site_or_unknown_roll_call_offers_nobody(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    assert choices(store, town, rollcall, None).people == ()
    assert choices(store, town, 4711) == NoRollcall()


def test_the_last_number_used_here_is_offered_and_a_guest_stays_masked(store: Store, town: SmallTown) -> None:
    first = opened(store, minutes=15).id
    pressed(store, town, first, number=PHONES[ZHAO])
    second = opened(store, scope="branch", place_id=town.branches["b02"]).id

    last = choices(store, town, second).last
    assert (last.name, last.masked_phone) == ("赵*玲", "138****6024")
    found = store.run_sync(lambda uow: entry.use_last(uow, at(4), box(town), second))
    assert isinstance(found, Found)
    assert (found.name, found.number, found.own) == ("赵*玲", "", False)
    outcome = pressed(store, town, second, minute=5, key="last")
    assert isinstance(outcome, Accepted)
    assert (outcome.signin.member, outcome.signin.way, outcome.signin.elsewhere) == (town.members[ZHAO], "number", True)


def test_a_box_where_nobody_typed_has_no_last_number(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    assert store.run_sync(lambda uow: entry.use_last(uow, at(4), box(town), rollcall)) == NotYours()


def test_a_typed_number_shows_the_name_whole_at_home_and_masked_elsewhere(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    own, guest = look(store, town, rollcall, PHONES[WANG]), look(store, town, rollcall, PHONES[WANG], "01002")

    assert (own.name, own.number, own.masked_phone, own.own) == (WANG, PHONES[WANG], "138****6021", True)
    assert (guest.name, guest.own) == ("王*兰", False)
    assert pending(store, town, rollcall) == own


def test_the_held_number_signs_in_without_being_sent_again(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    look(store, town, rollcall, PHONES[WANG])
    outcome = pressed(store, town, rollcall, minute=4)

    assert isinstance(outcome, Accepted)
    assert (outcome.signin.member, outcome.signin.way) == (town.members[WANG], "number")
    assert isinstance(pending(store, town, rollcall), Already)


def test_what_was_held_ten_minutes_ago_is_not_confirmed(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    look(store, town, rollcall, PHONES[WANG])

    assert pending(store, town, rollcall, 14) is None
    assert pressed(store, town, rollcall, minute=14) == NotYours()


def test_what_one_home_typed_is_not_another_homes(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    look(store, town, rollcall, PHONES[WANG])
    moved = Box(town.boxes["01001"], town.homes["02001"])

    assert store.run_sync(lambda uow: entry.pending(uow, at(4), moved, rollcall), write=False) is None
    assert store.run_sync(lambda uow: entry.draft(uow, at(4), moved, rollcall), write=False) == ""


def test_five_unknown_numbers_and_nothing_more_is_looked_up(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    told = [look(store, town, rollcall, NUMBER) for _ in range(6)]

    assert told == [Unknown(4), Unknown(3), Unknown(2), Unknown(1), Unknown(0), Unknown(0)]
    assert look(store, town, rollcall, PHONES[WANG]) == Unknown(0)
    assert pending(store, town, rollcall) == Unknown(0)
    assert isinstance(look(store, town, rollcall, PHONES[WANG], "01002"), Found)


def test_a_picked_member_is_held_and_a_forged_one_is_not(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id

    def choose(name: str):
        return store.run_sync(lambda uow: entry.choose(uow, at(3), box(town), rollcall, town.members[name]))

    assert choose(LIU) == NotYours()
    assert pending(store, town, rollcall) is None
    assert choose(ZHANG).name == ZHANG
    outcome = pressed(store, town, rollcall)
    assert (outcome.signin.member, outcome.signin.way) == (town.members[ZHANG], "pick")


def test_a_lookup_tells_who_is_in_already_or_not_on_the_roll(store: Store, town: SmallTown) -> None:
    rollcall = opened(store, scope="branch", place_id=town.branches["b01"]).id
    pressed(store, town, rollcall, WANG)

    assert isinstance(look(store, town, rollcall, PHONES[WANG]), Already)
    assert look(store, town, rollcall, PHONES[ZHAO]) == NotOnRoll(town.members[ZHAO])
    assert isinstance(look(store, town, rollcall, "1380633"), BadNumber)
    assert look(store, town, 4711, PHONES[WANG]) == NoRollcall()
    assert look(store, town, rollcall, PHONES[LIU], "01002", 31) == Closed(at(30))


def test_a_draft_is_kept_ten_minutes_for_its_box(store: Store, town: SmallTown) -> None:
    rollcall = opened(store).id
    store.run_sync(lambda uow: entry.save_draft(uow, at(3), box(town), rollcall, "1380633"))

    def kept(minute: float, home: str = "01001") -> str:
        return store.run_sync(lambda uow: entry.draft(uow, at(minute), box(town, home), rollcall), write=False)

    assert (kept(4), kept(12.9), kept(13.1), kept(4, "01002")) == ("1380633", "1380633", "", "")


@pytest.mark.parametrize("digits", ["138063360211", "138x", "１３８", "-1"])
def test_a_draft_is_digits_only(store: Store, town: SmallTown, digits: str) -> None:
    rollcall = opened(store).id
    with pytest.raises(BadValue) as refused:
        store.run_sync(lambda uow: entry.save_draft(uow, at(3), box(town), rollcall, digits))

    assert refused.value.code == "draft"
