"""A roll-call on the television, from the invitation to the tick: whatever is typed, repeated or forged."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.logger import globalLogPublisher

from middleware.domain.errors import Busy
from middleware.portal.forms import Forms
from middleware.services import rollcall
from tests.portal.portal_town import LIU, NOBODY, NOW, PHONES, TV, WANG, ZHANG, Answer, PortalTown


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[str]]:
    """Everything that is logged, as text; no test may have put a number into it."""
    lines: list[str] = []

    def watch(event: dict[str, Any]) -> None:
        lines.append(repr(event))

    globalLogPublisher.addObserver(watch)
    yield lines
    globalLogPublisher.removeObserver(watch)
    numbers = [*PHONES.values(), NOBODY]
    assert [line for line in lines if any(number in line for number in numbers)] == []


def seq(page: Answer) -> str:
    found = re.search(r'name="?seq"? value="([0-9a-zA-Z]+)"', page.body)
    assert found, page.body
    return found.group(1)


def pick(tv: TV, rollcall_id: int, member: int) -> Answer:
    return tv.follow(tv.post(f"/p/rc-{rollcall_id}-pick", {"choice": str(member)}))


def look(tv: TV, rollcall_id: int, number: str) -> Answer:
    answer = tv.post(f"/p/rc-{rollcall_id}-look", {"choice": "", "number": number})
    assert number not in answer.to
    return tv.follow(answer)


def sign(tv: TV, rollcall_id: int, confirm: Answer) -> Answer:
    return tv.post(f"/p/rc-{rollcall_id}-sign", {"seq": seq(confirm), "choice": ""})


def present(town: PortalTown, rollcall_id: int) -> set[str]:
    names = {member: name for name, member in town.ids.members.items()}
    standing = town.store.run_sync(lambda uow: uow.signins.standing(rollcall_id), write=False)
    return {names[member] for member, one in standing.items() if one.state == "accepted"}


def test_a_member_of_the_household_is_picked_and_signed_in(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    who = tv.page(f"rc-{opened.id}")
    confirm = pick(tv, opened.id, portal_town.ids.members[WANG])
    answer = sign(tv, opened.id, confirm)
    done = tv.follow(answer)

    assert WANG in who.body
    assert ZHANG in who.body
    assert WANG in confirm.body
    assert answer.to.startswith(f"/p/rc-{opened.id}-result?s=")
    assert f"{WANG}，报到成功" in done.body
    assert present(portal_town, opened.id) == {WANG}


def test_a_typed_number_is_shown_to_who_typed_it_and_never_in_an_address(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    confirm = look(tv, opened.id, PHONES[LIU])
    done = tv.follow(sign(tv, opened.id, confirm))

    assert "138 0633 6023" in confirm.body
    assert LIU not in confirm.body + done.body
    assert "刘*国，报到成功" in done.body
    assert "您用的是别人家的电视" in done.body
    assert present(portal_town, opened.id) == {LIU}


def test_a_replayed_press_gives_the_same_page_and_changes_nothing(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    confirm = pick(tv, opened.id, portal_town.ids.members[WANG])
    first = sign(tv, opened.id, confirm)
    again = sign(tv, opened.id, confirm)
    portal_town.clock.advance(300)
    late = sign(tv, opened.id, confirm)
    pages = [tv.follow(answer).body for answer in (first, again, late)]

    assert first.to == again.to == late.to
    assert all(f"{WANG}，报到成功" in page for page in pages)
    assert portal_town.store.run_sync(lambda uow: len(uow.signins.standing(opened.id)), write=False) == 1


def test_a_second_confirmation_says_already(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    confirm = pick(tv, opened.id, portal_town.ids.members[WANG])
    tv.follow(sign(tv, opened.id, confirm))
    again = pick(tv, opened.id, portal_town.ids.members[WANG])
    fresh = tv.follow(tv.post(f"/p/rc-{opened.id}-sign", {"seq": "another1"}))

    assert "已经报到了" in again.body
    assert "已经报到了" in fresh.body


def test_the_last_number_of_the_household_is_one_press_away(portal_town: PortalTown, tv: TV) -> None:
    first = portal_town.open_rollcall()
    tv.follow(sign(tv, first.id, look(tv, first.id, PHONES[WANG])))
    portal_town.write(lambda uow: rollcall.close(uow, portal_town.now(), None, first.id))
    second = portal_town.open_rollcall()
    who = tv.page(f"rc-{second.id}")
    confirm = tv.follow(tv.post(f"/p/rc-{second.id}-last"))
    done = tv.follow(sign(tv, second.id, confirm))

    assert "138 **** 6021" in who.body
    assert PHONES[WANG] not in confirm.body
    assert "报到成功" in done.body


@pytest.mark.parametrize("typed", ["1", "23806336021", "1280633602a", "138063360211", "", "１３８０６３３"])
def test_a_wrong_number_stays_on_the_number_page_and_is_kept(portal_town: PortalTown, tv: TV, typed: str) -> None:
    opened = portal_town.open_rollcall()
    answer = tv.post(f"/p/rc-{opened.id}-look", {"number": typed})
    page = tv.follow(answer)

    assert answer.to == f"/p/rc-{opened.id}-number"
    assert page.status == 200
    assert 'class="d ' in page.body


def test_an_unknown_number_may_be_tried_five_times_then_only_the_cadre_helps(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    pages = [look(tv, opened.id, f"1390633000{n}") for n in range(5)]
    known = look(tv, opened.id, PHONES[WANG])
    reviewed = tv.follow(tv.post(f"/p/rc-{opened.id}-review", {"seq": seq(known)}))

    assert all("这个号码不在名册里" in page.body for page in pages)
    assert ["重新输入" in page.body for page in pages] == [True] * 4 + [False]
    assert "重新输入" not in known.body
    assert "已经交给村干部核实" in reviewed.body
    assert present(portal_town, opened.id) == set()
    assert portal_town.store.run_sync(lambda uow: len(uow.signins.reviews(opened.id)), write=False) == 1


def test_a_review_sent_twice_is_kept_once(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    page = look(tv, opened.id, NOBODY)
    first = tv.post(f"/p/rc-{opened.id}-review", {"seq": seq(page)})
    again = tv.post(f"/p/rc-{opened.id}-review", {"seq": seq(page)})

    assert first.to == again.to
    assert "已经交给村干部核实" in tv.follow(again).body
    assert portal_town.store.run_sync(lambda uow: len(uow.signins.reviews(opened.id)), write=False) == 1


def test_digits_of_a_set_switched_off_are_offered_again_on_the_same_box_only(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    tv.page(f"rc-{opened.id}-number")
    saved = tv.post(f"/p/rc-{opened.id}-draft", {"number": "1380633"})
    portal_town.start()
    again, other = portal_town.tv(), portal_town.tv("01002")
    mine, others = again.page(f"rc-{opened.id}-number").body, other.page(f"rc-{opened.id}-number").body
    portal_town.clock.advance(601)
    stale = again.page(f"rc-{opened.id}-number").body

    assert saved.status == 204
    assert ['value="1380633"' in page for page in (mine, others, stale)] == [True, False, False]


def test_forged_forms_are_answered_with_a_clear_page(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    stranger = portal_town.ids.members[LIU]
    others = pick(tv, opened.id, stranger)
    nonsense = tv.follow(tv.post(f"/p/rc-{opened.id}-pick", {"choice": "1 OR 1"}))
    missing = tv.follow(tv.post("/p/rc-99-pick", {"choice": str(stranger)}))
    key = tv.post(f"/p/rc-{opened.id}-sign", {"seq": "x\r\ny"})
    blind = tv.follow(tv.post(f"/p/rc-{opened.id}-sign", {"seq": "k1", "choice": str(stranger), "household": "2"}))
    nowhere = [tv.post(path).to for path in ("/p/rc-x-pick", "/p/rc-1-delete", "/p/home", "/p/article-1-pick")]

    assert "请选自己家里的人" in others.body
    assert "请选自己家里的人" in nonsense.body
    assert "没有这次点名" in missing.body
    assert key.to == f"/p/rc-{opened.id}"
    assert "请选自己家里的人" in blind.body
    assert nowhere == ["/p/error-404"] * 4
    assert present(portal_town, opened.id) == set()


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://tv.test.evil.test", "http://[", "javascript:x"])
def test_a_form_of_another_site_is_refused(portal_town: PortalTown, tv: TV, origin: str) -> None:
    opened = portal_town.open_rollcall()
    fields = {"choice": str(portal_town.ids.members[WANG])}

    assert tv.post(f"/p/rc-{opened.id}-pick", fields, Origin=origin).status == 403
    assert tv.post(f"/p/rc-{opened.id}-pick", fields, Referer=f"{origin}/page").status == 403
    assert tv.post(f"/p/rc-{opened.id}-pick", fields, Origin="http://tv.test").status == 302
    assert tv.post(f"/p/rc-{opened.id}-pick", fields, Referer="http://tv.test/p/rc-1").status == 302


def test_who_comes_too_early_or_too_late_is_told_so(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    portal_town.clock.advance(31 * 60)
    late = tv.page(f"rc-{opened.id}")
    pressed = pick(tv, opened.id, portal_town.ids.members[WANG])

    assert "点名已经结束" in late.body
    assert "点名已经结束" in pressed.body


def test_who_was_typing_at_closing_time_may_finish_and_is_reviewed(portal_town: PortalTown, tv: TV) -> None:
    opened = portal_town.open_rollcall()
    portal_town.clock.advance(29 * 60)
    confirm = look(tv, opened.id, PHONES[WANG])
    portal_town.clock.advance(3 * 60)
    done = tv.follow(sign(tv, opened.id, confirm))

    assert "已经交给村干部核实" in done.body


def test_when_the_store_is_busy_the_press_can_be_repeated_with_its_key(
    portal_town: PortalTown, tv: TV, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = portal_town.open_rollcall()
    confirm = pick(tv, opened.id, portal_town.ids.members[WANG])

    async def busy(*_: object) -> None:
        raise Busy("full")

    forms: Forms = portal_town.portal._forms
    kept = forms._forms["sign"]
    monkeypatch.setitem(forms._forms, "sign", busy)
    answer = sign(tv, opened.id, confirm)
    page = tv.follow(answer)
    monkeypatch.setitem(forms._forms, "sign", kept)
    done = tv.follow(sign(tv, opened.id, page))

    assert "现在人多" in page.body
    assert seq(page) == seq(confirm)
    assert "报到成功" in done.body


def test_a_form_that_is_too_long_is_refused(tv: TV) -> None:
    assert tv.post("/p/rc-1-look", {"number": "1" * 3000}).status == 413


def test_home_and_board_tell_of_the_open_rollcall(portal_town: PortalTown, tv: TV) -> None:
    before = tv.page("home").body, tv.page("school").body
    opened = portal_town.open_rollcall()
    home, school = tv.page("home").body, tv.page("school").body
    tv.follow(sign(tv, opened.id, pick(tv, opened.id, portal_town.ids.members[WANG])))
    half = tv.page("home").body
    tv.follow(sign(tv, opened.id, pick(tv, opened.id, portal_town.ids.members[ZHANG])))
    complete = tv.page("home").body

    assert ["镇党委正在点名" in page for page in (before[0], home, half, complete)] == [False, True, True, False]
    assert [f"rc-{opened.id}" in page for page in (before[1], school)] == [False, True]
    assert "还剩 30 分钟" in school


def test_a_town_without_the_member_says_not_on_the_roll(portal_town: PortalTown, tv: TV) -> None:
    opening = rollcall.Opening("支部会", "branch", portal_town.write(lambda uow: uow.places.branches()[1].id))
    opened = portal_town.write(lambda uow: rollcall.open_rollcall(uow, NOW, None, opening))
    page = look(tv, opened.id, PHONES[WANG])

    assert "这次点名没有您" in page.body
