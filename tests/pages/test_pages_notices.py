"""Notices say what happened and what to do; settings tell their state in words."""

from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import given

from portal_pages.facts import NoticeFact, NoticeKind, Viewer
from portal_pages.notices import notice_page
from portal_pages.settings import settings_page
from portal_pages.states import Local, Open, Page, Submit
from portal_pages.views import Chip, Text
from tests.pages import strategies as make

VIEWER = Viewer(datetime(2026, 11, 25, 11, 26, tzinfo=UTC))
KINDS: tuple[NoticeKind, ...] = NoticeKind.__args__  # type: ignore[attr-defined]


def lines(page: Page) -> list[str]:
    return [part.words for part in page.parts if isinstance(part, Text)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_has_a_title_two_sentences_and_two_ways_on(kind: NoticeKind) -> None:
    page = notice_page(VIEWER, NoticeFact(kind))

    assert len(lines(page)) == 4
    assert {f.id: f.ok for f in page.focusables} == {"retry": Local("retry"), "home": Open("home")}
    assert not any(word in "".join(lines(page)) for word in ("404", "500", "HTTP", "超时", "提交", "会话"))


def test_the_retry_may_open_another_page() -> None:
    page = notice_page(VIEWER, NoticeFact("busy", retry="rc-7"))

    assert page.focusables[0].ok == Open("rc-7")


def test_what_is_gone_offers_home_first_and_everything_else_the_retry() -> None:
    first = {kind: notice_page(VIEWER, NoticeFact(kind)).default_focus for kind in KINDS}

    assert [kind for kind, focus in first.items() if focus == "home"] == ["404", "channels"]


def test_an_unbound_box_shows_its_number_and_looks_again_by_itself() -> None:
    page = notice_page(VIEWER, NoticeFact("pending", serial="NH-0042"))

    assert "机顶盒号：NH-0042" in lines(page)
    assert page.timers.refresh > 0


@given(make.viewers(), make.NOTICES)
def test_notices_keep_the_rules(viewer: Viewer, fact: NoticeFact) -> None:
    make.assert_sound(notice_page(viewer, fact), viewer)


# --- settings ---


@pytest.mark.parametrize(("mode", "other", "state"), [("standard", "large", "没打开"), ("large", "standard", "已打开")])
def test_large_type_is_switched_by_one_row_that_tells_its_state(mode: make.Mode, other: str, state: str) -> None:
    page = settings_page(attrs.evolve(VIEWER, mode=mode))
    row = page.focusables[0]

    assert row.ok == Submit("mode", other)
    assert page.form["back"] == "settings"
    assert [part.words for part in row.parts if isinstance(part, Chip)] == [state]


def test_settings_lead_to_the_teach_in_and_home() -> None:
    assert [f.ok for f in settings_page(VIEWER).focusables[1:]] == [Open("teach"), Open("home")]


def test_the_preview_shows_both_sizes_side_by_side() -> None:
    sizes = {part.size for part in settings_page(VIEWER).parts if isinstance(part, Text) and "就是这么大" in part.words}

    assert sizes == {32, 40}


@given(make.viewers())
def test_settings_keep_the_rules(viewer: Viewer) -> None:
    make.assert_sound(settings_page(viewer), viewer)
