"""A draft as televisions would show it: the guide's own page, names that have no room in it, nothing is published."""

import json
from datetime import date, datetime

import pytest
from attrs import evolve

from epg.planning import Rules, begins
from middleware.domain.channels import Channel
from middleware.portal import facts_guide
from middleware.portal.facts import Asker
from middleware.portal.render import render
from middleware.portal.seats import Seat
from middleware.services import guide, plan_publish
from middleware.services.ports import UnitOfWork
from portal_pages.boards.guide_cells import cell_id
from portal_pages.facts import Viewer
from portal_pages.script import Box
from tests.admin.conftest import Browser, Town

CHANNEL = "nhxw.nanhu.cn"
DAY = date(2025, 11, 24)
START = int(begins(DAY, Rules(CHANNEL)).timestamp())
LONG = "南湖镇党员冬季轮训第三期暨乡村振兴报告会全程录像"


@pytest.fixture
def channel(town: Town) -> int:
    made = town.do(lambda uow: guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻")))
    return made.id  # type: ignore[attr-defined,no-any-return]


def save(editor: Browser, channel: int, *items: tuple[str, int, int]) -> None:
    """Put items (title, minutes after the day's begin, minutes) into a draft."""
    rows = [
        {"uid": f"n{at}", "start": START + begin * 60, "stop": START + (begin + length) * 60, "title": title}
        for at, (title, begin, length) in enumerate(items)
    ]
    fields = {"channel": channel, "day": DAY, "stamp": "", "base": "[]", "items": json.dumps(rows)}
    assert editor.post("/admin/plan/save", accept="application/json", **fields).status == 200


def drawn(page: str) -> str:
    """What is seen of a page: its elements without the script, whose targets name rows."""
    return page[: page.index("<script>")]


def test_a_draft_is_shown_as_the_guides_own_page_as_it_will_be_when_it_is_approved(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    town.do(lambda uow: guide.add_channel(uow, Channel(0, "cctv1.cn", 2, "中央一套")))
    save(editor, channel, ("早安南湖", 0, 60), (LONG, 60, 30), ("短片", 90, 2), ("午后剧场", 92, 1348))
    at = f"channel={channel}&day={DAY}&at=07:10"

    page = editor.get(f"/admin/plan/tv/page?{at}")
    after = town.do(lambda uow: approved(uow, town.now))

    assert (page.status, "frame-ancestors 'self'" in page.headers["content-security-policy"]) == (200, True)
    assert [page.body.count(f"<p>{one}</p>") for one in ("早安南湖", "南湖镇党员…", "午后剧场")] == [1, 1, 1]
    assert after == drawn(page.body)
    large = drawn(editor.get(f"/admin/plan/tv/page?{at}&mode=large").body)
    assert ("<body class=lg>" in large, large == after) == (True, False)


def approved(uow: UnitOfWork, now: datetime) -> str:
    """The page that a box gets from the guide when the day has been published."""
    stored = uow.plans.newest(CHANNEL, DAY, DAY)[0]
    uow.plans.put_day(evolve(stored, state="approved"))
    plan_publish.publish(uow, now, CHANNEL, DAY)
    viewer = Viewer(now, focus=cell_id(1, begins(DAY, Rules(CHANNEL))))
    seat = Seat(0, None, None, "", Box(), "standard", True, "", False, 0.0, None)
    page = facts_guide.grid(uow, Asker(seat, viewer), begins(DAY, Rules(CHANNEL)), 1)
    return drawn(render(page, Box()).fill(clock="19:30", since=0, slot=0).decode())


def test_names_that_have_no_room_in_the_guide_are_listed_with_what_is_read_of_them(town: Town, channel: int) -> None:
    editor = town.browser("editor")
    save(editor, channel, ("早安南湖", 0, 60), (LONG, 60, 30), ("短片", 90, 2), ("午后剧场", 92, 1348))

    page = editor.get(f"/admin/plan/tv?channel={channel}&day={DAY}")

    assert [page.body.count(one) for one in (LONG, "<b>南湖镇党员…</b>", "短片", "早安南湖")] == [1, 1, 1, 0]
    assert ("frame-src 'self'" in page.headers["content-security-policy"], 'at=18:00"' in page.body) == (True, True)
    assert "还没有编排" in editor.get(f"/admin/plan/tv?channel={channel}&day=2025-11-25").body
    assert "名称都写得下" in editor.get(f"/admin/plan/tv?channel={channel}&day=2025-11-26&mode=large").body


def test_who_may_not_plan_sees_no_draft_and_strange_questions_are_refused(town: Town, channel: int) -> None:
    editor, other = town.browser("editor"), town.browser("lake")

    for asked in ("/admin/plan/tv", "/admin/plan/tv/page"):
        assert other.get(f"{asked}?channel={channel}&day={DAY}").status == 403
        assert editor.get(f"{asked}?channel=99").status == 404
        assert editor.get(f"{asked}?channel={channel}&day=x").status == 422
        assert editor.get(f"{asked}?channel={channel}&at=99:99").status == 422
