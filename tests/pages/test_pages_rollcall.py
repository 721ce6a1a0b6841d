"""Roll-call on television: who is offered, what the number page can do, whose name is shown, what is said after."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_pages import statics
from portal_pages.boards import school
from portal_pages.boards.board import board_page
from portal_pages.boards.rollcall import confirm_page, entry_page, pick_page, result_page
from portal_pages.checks import check_graph
from portal_pages.facts import (
    ChannelFact,
    ColumnFact,
    ConfirmFact,
    HomeFact,
    ItemFact,
    MemberFact,
    Mode,
    ResultFact,
    ResultKind,
    RollcallFact,
    Viewer,
)
from portal_pages.home import home
from portal_pages.settings import settings_page
from portal_pages.states import Focusable, Layer, Local, Open, Page, Submit
from portal_pages.teach import Progress, teach_page
from portal_pages.tv import tv_page
from portal_pages.views import DigitBox, Mark, Rich, Text
from tests.pages import strategies as make

NOW = datetime(2026, 11, 25, 11, 26, tzinfo=UTC)
VIEWER = Viewer(NOW)
FAMILY = tuple(
    MemberFact(i, name, "南湖村党支部", "第 3 党小组", "138****6021", signed_in=i == 1)
    for i, name in enumerate(["王秀兰", "李建国", "欧阳建军"], start=1)
)
OPEN = RollcallFact(7, "党员点名", "南湖村党支部", NOW, NOW, NOW + timedelta(minutes=12), "open", FAMILY)
GUESTS = attrs.evolve(OPEN, members=())
LAST = attrs.evolve(OPEN, last_number="138****6021", last_name="王*兰")
KINDS: tuple[ResultKind, ...] = ResultKind.__args__  # type: ignore[attr-defined]


def said(page: Page | Layer | Focusable) -> str:
    """All words of a page, a layer or one item, in the order they are drawn."""
    parts = list(page.parts)
    for f in () if isinstance(page, Focusable) else page.focusables:
        parts.extend(f.parts)
    lines = [p.words for p in parts if isinstance(p, Text)]
    lines += ["".join(run.words for run in p.runs) for p in parts if isinstance(p, Rich)]
    chips = [getattr(p, "words", "") for p in parts if type(p).__name__ == "Chip"]
    return "\n".join(lines + chips)


def item(page: Page, fid: str) -> Focusable:
    return next(f for f in page.focusables if f.id == fid)


# --- who are you ---


def test_the_household_is_offered_by_name_and_number_key() -> None:
    page = pick_page(VIEWER, OPEN)

    assert [f.label for f in page.focusables] == ["王秀兰", "李建国", "欧阳建军", "用手机号报到"]
    assert page.keys["D2"] == item(page, "m2").ok == Submit("rc-7-pick", "2")
    assert page.title == "党员点名"


def test_who_has_signed_in_is_marked_and_the_focus_is_on_the_next_one() -> None:
    page = pick_page(VIEWER, OPEN)

    assert "已报到" in said(item(page, "m1"))
    assert "已报到" not in said(item(page, "m2"))
    assert page.default_focus == "m2"


def test_never_more_than_six_people() -> None:
    many = attrs.evolve(OPEN, members=tuple(attrs.evolve(FAMILY[0], id=i) for i in range(1, 10)))

    assert [f.id for f in pick_page(VIEWER, many).focusables if f.id.startswith("m")] == [f"m{i}" for i in range(1, 7)]


def test_green_is_the_number_used_last_and_arrows_reach_it_too() -> None:
    for page in (pick_page(VIEWER, LAST), entry_page(VIEWER, LAST)):
        assert page.keys["GREEN"] == item(page, "last").ok == Submit("rc-7-last")
        assert "138 **** 6021" in said(item(page, "last"))
    assert "GREEN" not in pick_page(VIEWER, OPEN).keys


def test_a_household_without_members_types_at_once() -> None:
    assert pick_page(VIEWER, GUESTS) == entry_page(VIEWER, GUESTS)


# --- the number ---


def test_eleven_boxes_stand_in_groups_of_3_4_4() -> None:
    boxes = [p for p in item(entry_page(VIEWER, OPEN), "field").parts if isinstance(p, DigitBox)]
    gaps = [after.x - before.x - before.w for before, after in pairwise(boxes)]

    assert [box.index for box in boxes] == list(range(11))
    assert [i + 1 for i, gap in enumerate(gaps) if gap > min(gaps)] == [3, 7]


def test_a_draft_stands_in_the_boxes_again() -> None:
    page = entry_page(VIEWER, attrs.evolve(OPEN, draft="1380633"))

    assert page.field is not None
    assert (page.field.value, page.field.draft) == ("1380633", "/p/rc-7-draft")
    assert "已输入 7 位，还差 4 位" in said(page)


def test_what_was_stored_wrongly_is_marked_and_not_cleared() -> None:
    page = entry_page(VIEWER, attrs.evolve(OPEN, draft="12"))

    assert page.field is not None
    assert page.field.value == "12"
    assert "第 2 位不对，手机号是 13 到 19 开头" in said(page)


def test_a_full_field_opens_on_the_next_step() -> None:
    page = entry_page(VIEWER, attrs.evolve(OPEN, draft="13806336021"))

    assert page.default_focus == "next"
    assert item(page, "next").ok == Local("next:rc-7-look")


def test_left_deletes_as_the_button_does_and_right_enters_the_pad() -> None:
    page = entry_page(VIEWER, OPEN)

    assert page.keys["LEFT"] == item(page, "delete").ok == item(page, "kdel").ok == Local("delete")
    assert page.nav["field"].left is None
    assert page.nav["field"].right == "k1"
    assert page.nav["k1"].left == "field"


def test_the_pad_types_every_digit_and_has_its_own_hints() -> None:
    page = entry_page(VIEWER, OPEN)
    pad = [f for f in page.focusables if f.zone == "pad"]

    assert {f.ok for f in pad} >= {Local(f"digit:{n}") for n in range(10)}
    assert {hint.words for hint in page.hints if hint.zone == "pad"} == {"选数字", "输入"}


def test_back_with_digits_asks_first_and_staying_is_the_easy_answer() -> None:
    (layer,) = entry_page(VIEWER, OPEN).layers

    assert layer.id == "leave"
    assert layer.default_focus == "lv_stay"
    assert "放弃输入？" in said(layer)
    assert next(f.ok for f in layer.focusables if f.id == "lv_stay") == Local("close")
    assert next(f.ok for f in layer.focusables if f.id == "lv_go") == Open(layer.parent)


def test_the_number_page_says_what_the_number_is_for() -> None:
    modes: tuple[Mode, ...] = ("standard", "large")

    assert all("联系您" in said(entry_page(Viewer(NOW, mode=mode), OPEN)) for mode in modes)


# --- is it you ---


def test_the_number_is_shown_large_and_yes_has_the_focus() -> None:
    page = confirm_page(VIEWER, OPEN, ConfirmFact("王秀兰", "南湖村党支部", "第 3 党小组", "13806336021", own=True))
    number = next(p for p in page.parts if isinstance(p, Text) and p.words == "138 0633 6021")

    assert number.size == 92
    assert item(page, page.default_focus).label == "对，我来报到"
    assert item(page, "yes").ok == Submit("rc-7-sign")
    assert "王秀兰" in said(page)


@given(st.text("王李张秀兰建国军丽堃犇", min_size=2, max_size=4))
def test_a_stranger_never_sees_a_whole_name(name: str) -> None:
    shown = said(confirm_page(VIEWER, OPEN, ConfirmFact(name, "南湖村党支部", number="13806336021")))
    told = said(result_page(VIEWER, OPEN, ResultFact("accepted", name)))

    assert name not in shown + told
    assert name[0] + "*" in shown


def test_wrong_leads_back_to_where_one_came_from() -> None:
    typed = confirm_page(VIEWER, OPEN, ConfirmFact("王*兰", "南湖村党支部", number="13806336021"))
    picked = confirm_page(VIEWER, OPEN, ConfirmFact("王秀兰", "南湖村党支部", own=True))

    assert (typed.parent, item(typed, "no").ok) == ("rc-7-number", Open("rc-7-number"))
    assert (picked.parent, item(picked, "no").ok) == ("rc-7", Open("rc-7"))


def test_the_key_of_the_press_travels_with_the_form() -> None:
    page = confirm_page(VIEWER, attrs.evolve(OPEN, seq="k1"), ConfirmFact("王秀兰", "南湖村党支部", own=True))

    assert page.form == {"seq": "k1"}


# --- what became of it ---


def test_success_shows_a_tick_the_name_and_the_time_and_leaves_for_television() -> None:
    page = result_page(VIEWER, OPEN, ResultFact("accepted", "王秀兰", own=True, branch="南湖村党支部", at=NOW))

    assert any(isinstance(p, Mark) and p.shape == "tick" for p in page.parts)
    assert "王秀兰，报到成功" in said(page)
    assert "19:26 报到" in said(page)
    assert "3秒后回到电视" in said(page)
    assert (page.timers.leave, page.timers.leave_to) == (3, Open("tv"))
    assert page.script == "done.js"


def test_late_and_elsewhere_are_told() -> None:
    page = result_page(VIEWER, OPEN, ResultFact("accepted", "王*兰", at=NOW, late=True, elsewhere=True))

    assert "算迟到" in said(page)
    assert "别人家的电视" in said(page)


def test_the_tone_of_success_names_the_sound_as_it_is_served() -> None:
    script = statics.files()[statics.url("done.js")][0].decode()

    assert f"'{statics.url('tone.wav')}'" in script
    assert statics.files()[statics.url("tone.wav")][1] == "audio/wav"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "accepted"])
def test_no_other_result_disappears_by_itself(kind: ResultKind) -> None:
    assert result_page(VIEWER, OPEN, ResultFact(kind, tries=1)).timers.leave == 0


def test_an_unknown_number_may_be_typed_again_or_handed_to_the_cadre() -> None:
    page = result_page(VIEWER, OPEN, ResultFact("unknown", tries=2))

    assert "这个号码不在名册里" in said(page)
    assert [f.ok for f in page.focusables] == [Open("rc-7-number"), Submit("rc-7-review")]


def test_after_five_unknown_numbers_only_the_cadre_is_left() -> None:
    page = result_page(VIEWER, OPEN, ResultFact("unknown", tries=0))

    assert [f.ok for f in page.focusables] == [Submit("rc-7-review")]


@pytest.mark.parametrize("form", ["sign", "review"])
def test_the_retry_of_a_busy_moment_is_the_same_press(form: str) -> None:
    fact = attrs.evolve(ResultFact("busy"), again=form)
    page = result_page(VIEWER, attrs.evolve(OPEN, seq="k1"), fact)

    assert "现在人多\n请稍等几秒再按一次" in said(page)
    assert item(page, "retry").ok == Submit(f"rc-7-{form}")
    assert page.form == {"seq": "k1"}


def test_too_early_waits_and_opens_by_itself() -> None:
    page = result_page(VIEWER, attrs.evolve(OPEN, state="scheduled"), ResultFact("not_open"))

    assert page.timers.refresh > 0
    assert page.countdowns == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_says_what_to_do_in_plain_words(kind: ResultKind) -> None:
    told = said(result_page(VIEWER, OPEN, ResultFact(kind, "王秀兰", own=True, at=NOW, words="少了一位")))

    assert len(told.splitlines()) >= 4
    assert not any(stiff in told for stiff in ("提交", "确认操作", "会话", "超时", "错误码", "非法"))


# --- any content ---


@given(make.viewers(), make.rollcalls())
def test_the_pages_before_the_confirmation_keep_the_rules(viewer: Viewer, fact: RollcallFact) -> None:
    make.assert_sound(pick_page(viewer, fact), viewer)
    make.assert_sound(entry_page(viewer, fact), viewer)


@given(make.viewers(), make.rollcalls(), make.CONFIRMS, make.RESULTS)
def test_confirmation_and_result_keep_the_rules(
    viewer: Viewer, fact: RollcallFact, confirm: ConfirmFact, result: ResultFact
) -> None:
    make.assert_sound(confirm_page(viewer, fact, confirm), viewer)
    make.assert_sound(result_page(viewer, fact, result), viewer)


@pytest.mark.parametrize("rollcall", [OPEN, GUESTS, LAST])
@pytest.mark.parametrize("number", ["", "13806336021"])
def test_roll_call_settings_and_teach_in_hang_together_and_back_leads_home(rollcall: RollcallFact, number: str) -> None:
    listed = ColumnFact("rollcall", "在线点名", (ItemFact("rc-7", "党员点名", "还剩 12 分钟"),), 1)
    pages = [
        home(VIEWER, HomeFact(ChannelFact(1, 1, "今日南湖"), urgent="正在点名", urgent_target="rc-7")),
        tv_page(VIEWER, ChannelFact(1, 1, "今日南湖")),
        board_page(VIEWER, school.BOARD, listed),
        attrs.evolve(pick_page(VIEWER, rollcall), id="rc-7"),
        entry_page(VIEWER, rollcall),
        confirm_page(VIEWER, rollcall, ConfirmFact("王秀兰", "南湖村党支部", number=number, own=True)),
        result_page(VIEWER, rollcall, ResultFact("unknown", tries=1)),
        settings_page(VIEWER),
        teach_page(VIEWER, Progress()),
    ]
    found = check_graph(pages, FORMS, lambda page: page.split("-")[0] in make.BOARD_KEYS)

    assert [str(finding) for finding in found] == []


FORMS = {
    "rc-7-pick": ("rc-7-confirm", "rc-7-result"),
    "rc-7-last": ("rc-7-confirm", "rc-7-result"),
    "rc-7-look": ("rc-7-confirm", "rc-7-result"),
    "rc-7-sign": ("rc-7-result",),
    "rc-7-review": ("rc-7-result",),
    "mode": ("settings",),
}
"""The pages that each form may answer with."""
