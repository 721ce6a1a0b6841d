"""A channel's day from template to guide: drafting, editing with undo, late saves, signing, publishing, sheets."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from attrs import evolve

from epg.filling import Filler, Pool
from epg.model import Programme
from epg.planning import Block, Content, DayTemplate, Item, OneOff, Pattern, Rules, begins
from epg.sheets import Cells, How
from epg.sheets import read as read_sheet
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import guide, plan, plan_sheet, plan_stand_in, relays
from middleware.services.plan_rules import rules_of, set_rules
from middleware.services.ports import Airing
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork

T = TypeVar("T")
CHANNEL = "nhxw.nanhu.cn"
DAY = date(2026, 11, 25)
NOW = datetime.fromisoformat("2026-11-24T10:00:00+08:00")
LATER = NOW + timedelta(minutes=1)
RULES = Rules(CHANNEL)
WINDOW = begins(DAY, RULES), begins(DAY + timedelta(days=1), RULES)


def run(store: Store, work: Callable[[SqlUnitOfWork], T]) -> T:
    return store.run_sync(work)


@pytest.fixture
def channel(store: Store) -> int:
    """Our own channel with a template for every weekday and a pool of fillers."""

    def write(uow: SqlUnitOfWork) -> int:
        made = guide.add_channel(uow, Channel(0, CHANNEL, 1, "南湖新闻"))
        guide.add_channel(uow, Channel(0, "rz.tv", 2, "日照综合"))
        blocks = (
            Block("morning", 0, 6 * 3600, Content("上午", live=True), "fixed"),
            Block("noon", 6 * 3600, 6 * 3600 + 1800, Content("下午", live=True)),
            Block("news", 13 * 3600, 1800, Content("新闻联播", genre="新闻", live=True), "fixed"),
            Block("night", 13 * 3600 + 1800, 10 * 3600 + 1800, Content("晚上", live=True)),
        )
        template = uow.plans.put_template(CHANNEL, DayTemplate(0, "日常", blocks))
        uow.plans.put_pattern(Pattern(0, CHANNEL, (template.id,) * 7, date(2026, 1, 1)))
        uow.plans.put_pool(CHANNEL, Pool((Filler(1, 600, "风光"), Filler(2, 60, "台标", cuttable=True))))
        return made.id

    return run(store, write)


def begun(store: Store) -> plan.DayView:
    run(store, lambda uow: plan.begin(uow, NOW, "wang", CHANNEL, DAY))
    found = run(store, lambda uow: plan.view(uow, CHANNEL, DAY))
    assert found is not None
    return found


def titles(items: tuple[Item, ...]) -> list[str]:
    return [one.content.title for one in items if one.origin != "filler"]


def renamed(items: tuple[Item, ...], block: str, title: str) -> tuple[Item, ...]:
    return tuple(evolve(one, content=evolve(one.content, title=title)) if one.block == block else one for one in items)


@pytest.mark.usefixtures("channel")
def test_a_day_is_drafted_from_its_template_its_changes_and_fillers(store: Store) -> None:
    one_off = OneOff("e1", CHANNEL, DAY, "replace", "noon", Content("专题", live=True))
    run(store, lambda uow: uow.plans.put_one_off(one_off))

    found = begun(store)

    assert titles(found.day.items) == ["上午", "专题", "新闻联播", "晚上"]
    assert found.findings == ()
    assert sum((one.length for one in found.day.items if one.origin == "filler"), timedelta(0)) == timedelta(minutes=30)
    with pytest.raises(BadValue, match="已经有节目单"):
        begun(store)


@pytest.mark.usefixtures("channel")
def test_edits_are_undone_and_done_again_also_after_a_new_start(store: Store, data: object) -> None:
    first = begun(store).day
    shorter = tuple(one for one in first.items if one.content.title != "晚上")
    second = run(store, lambda uow: plan.save(uow, LATER, "wang", first, shorter)).day
    third = run(store, lambda uow: plan.save(uow, LATER, "wang", second, shorter[:1])).day

    assert run(store, lambda uow: plan.undo(uow, LATER, "wang", CHANNEL, DAY)).items == second.items
    edit, undo = (
        one.detail for one in reversed(run(store, lambda uow: uow.audit.entries("plan", f"{CHANNEL} {DAY}"))[:2])
    )
    assert edit["removed"]["count"] == undo["added"]["count"] == len(second.items) - 1
    assert edit["removed"]["first"] == undo["added"]["first"]
    assert run(store, lambda uow: plan.undo(uow, LATER, "wang", CHANNEL, DAY)).items == first.items
    assert run(store, lambda uow: plan.redo(uow, LATER, "wang", CHANNEL, DAY)).items == second.items
    found = run(store, lambda uow: plan.view(uow, CHANNEL, DAY))
    assert found is not None
    assert (found.undo, found.redo) == (1, 1)
    assert run(store, lambda uow: plan.redo(uow, LATER, "wang", CHANNEL, DAY)).items == third.items
    with pytest.raises(BadValue, match="没有可以恢复"):
        run(store, lambda uow: plan.redo(uow, LATER, "wang", CHANNEL, DAY))


@pytest.mark.usefixtures("channel")
def test_a_late_save_keeps_both_changes_and_names_what_collides(store: Store) -> None:
    seen = begun(store).day
    mine = renamed(seen.items, "morning", "晨")
    theirs = renamed(seen.items, "night", "夜")
    both = renamed(mine, "night", "夜二")
    run(store, lambda uow: plan.save(uow, LATER, "li", seen, theirs))

    saved = run(store, lambda uow: plan.save(uow, LATER + timedelta(minutes=1), "wang", seen, both))

    assert titles(saved.day.items) == ["晨", "下午", "新闻联播", "夜"]
    assert len(saved.clash) == 1


@pytest.mark.usefixtures("channel")
def test_a_remedy_is_pressed_once_and_a_stale_press_is_told(store: Store) -> None:
    seen = begun(store).day
    longer = tuple(
        evolve(one, stop=one.stop + timedelta(hours=1)) if one.block == "morning" else one for one in seen.items
    )
    run(store, lambda uow: plan.save(uow, LATER, "wang", seen, longer))
    found = run(store, lambda uow: plan.view(uow, CHANNEL, DAY))
    assert found is not None
    assert [one.code for one in found.findings] == ["overlap"]

    mended = run(store, lambda uow: plan.mend(uow, LATER, "wang", CHANNEL, DAY, 0, "trim"))

    assert run(store, lambda uow: plan.findings(uow, mended)) == ()
    with pytest.raises(BadValue, match="已经变了"):
        run(store, lambda uow: plan.mend(uow, LATER, "wang", CHANNEL, DAY, 0, "trim"))


def approve(store: Store) -> None:
    run(store, lambda uow: plan.submit(uow, NOW, "wang", CHANNEL, DAY))
    run(store, lambda uow: plan.sign(uow, NOW, "li", CHANNEL, DAY))


def in_guide(store: Store, channel: int) -> list[tuple[str, str]]:
    rows = run(store, lambda uow: uow.guide.between(*WINDOW, {channel}))
    return [(one.programme.uid, one.programme.title) for one in rows]


def test_an_approved_day_is_in_the_guide_and_a_draft_is_not(store: Store, channel: int) -> None:
    day = begun(store).day
    run(store, lambda uow: plan.submit(uow, NOW, "wang", CHANNEL, DAY))
    assert in_guide(store, channel) == []
    with pytest.raises(BadValue, match="由别人审"):
        run(store, lambda uow: plan.sign(uow, NOW, "wang", CHANNEL, DAY))

    run(store, lambda uow: plan.sign(uow, NOW, "li", CHANNEL, DAY))

    assert [title for _, title in in_guide(store, channel)] == ["上午", "下午", "精彩节目", "新闻联播", "晚上"]
    uids = {one.block: one.uid for one in day.items if one.block}
    assert dict(in_guide(store, channel))[uids["news"]] == "新闻联播"
    assert run(store, lambda uow: plan.view(uow, CHANNEL, DAY)).undo == 0


def test_a_new_revision_changes_the_guide_only_when_it_is_approved_and_uids_stay(store: Store, channel: int) -> None:
    begun(store)
    approve(store)
    before = {title: uid for uid, title in in_guide(store, channel)}
    again = run(store, lambda uow: plan.reopen(uow, LATER, "wang", CHANNEL, DAY, "改晚间"))
    moved = renamed(again.items, "night", "晚会")
    run(store, lambda uow: plan.save(uow, LATER, "wang", again, moved))
    assert "晚会" not in [title for _, title in in_guide(store, channel)]

    approve(store)

    after = {title: uid for uid, title in in_guide(store, channel)}
    assert after["晚会"] == before["晚上"]
    assert after["新闻联播"] == before["新闻联播"]
    assert len(run(store, lambda uow: uow.plans.revisions(CHANNEL, DAY))) == 2


def test_breaking_news_is_in_the_guide_at_once(store: Store, channel: int) -> None:
    begun(store)
    approve(store)
    now = WINDOW[0] + timedelta(hours=8)
    news = Item("break", now + timedelta(minutes=5), now + timedelta(minutes=15), Content("台风警报", live=True))

    run(store, lambda uow: plan.break_in(uow, now, "zhao", CHANNEL, DAY, news, "台风"))

    lines = in_guide(store, channel)
    at = [title for _, title in lines].index("台风警报")
    assert lines[at - 1][1] == lines[at + 1][1]
    assert lines[at - 1][0] != lines[at + 1][0]
    rows = run(store, lambda uow: uow.guide.between(*WINDOW, {channel}))
    assert all(one.programme.stop == next_.programme.start for one, next_ in pairwise(rows))
    with pytest.raises(BadValue, match="最早"):
        run(store, lambda uow: plan.break_in(uow, now + timedelta(minutes=5), "zhao", CHANNEL, DAY, news, "晚"))


def test_breaking_news_over_the_edge_of_a_day_changes_both_and_a_waiting_draft_goes_on(
    store: Store, channel: int
) -> None:
    after, late = DAY + timedelta(days=1), WINDOW[1] - timedelta(minutes=10)
    for day in (DAY, after):
        run(store, lambda uow, day=day: plan.begin(uow, NOW, "wang", CHANNEL, day))
        run(store, lambda uow, day=day: plan.submit(uow, NOW, "wang", CHANNEL, day))
        run(store, lambda uow, day=day: plan.sign(uow, NOW, "li", CHANNEL, day))
    waiting = run(store, lambda uow: plan.reopen(uow, NOW, "wang", CHANNEL, after, "改晚间"))
    mine = [
        evolve(one, content=Content("晚会", live=True)) if one.content.title == "晚上" else one for one in waiting.items
    ]
    run(store, lambda uow: plan.save(uow, LATER, "wang", waiting, mine))
    news = Item("break", late, late + timedelta(minutes=30), Content("台风警报", live=True))

    run(store, lambda uow: plan.break_in(uow, late - timedelta(minutes=5), "zhao", CHANNEL, DAY, news, "台风"))

    rows = run(store, lambda uow: uow.guide.between(*WINDOW, {channel}))
    rows += run(store, lambda uow: uow.guide.between(WINDOW[1], WINDOW[1] + timedelta(days=1), {channel}))[1:]
    assert all(one.programme.stop == next_.programme.start for one, next_ in pairwise(rows))
    draft = run(store, lambda uow: uow.plans.newest(CHANNEL, after, after))[0]
    assert (draft.state, draft.revision, draft.items[0].start) == ("draft", 4, news.stop)
    assert "晚会" in [one.content.title for one in draft.items]
    with pytest.raises(BadValue, match="不在这一天"):
        run(store, lambda uow: plan.break_in(uow, NOW, "zhao", CHANNEL, after, news, "台风"))


@pytest.mark.usefixtures("channel")
def test_what_has_begun_stays_in_a_new_revision_and_what_is_to_come_may_change(store: Store) -> None:
    begun(store)
    approve(store)
    noon = WINDOW[0] + timedelta(hours=7)
    seen = run(store, lambda uow: plan.reopen(uow, noon, "wang", CHANNEL, DAY, "改"))

    def renamed(at: int, title: str) -> list[Item]:
        changed = evolve(seen.items[at], content=Content(title, live=True))
        return [*seen.items[:at], changed, *seen.items[at + 1 :]]

    for items in (renamed(0, "早"), renamed(1, "正在播"), list(seen.items[1:])):
        with pytest.raises(BadValue, match="past"):
            run(store, lambda uow, items=items: plan.save(uow, noon, "wang", seen, items))
    last = len(seen.items) - 1
    run(store, lambda uow: plan.save(uow, noon, "wang", seen, renamed(last, "晚会")))
    run(store, lambda uow: plan.submit(uow, noon, "wang", CHANNEL, DAY))
    with pytest.raises(BadValue, match="past"):
        run(store, lambda uow: plan.sign(uow, WINDOW[1] - timedelta(hours=1), "li", CHANNEL, DAY))
    assert run(store, lambda uow: plan.sign(uow, noon, "li", CHANNEL, DAY)).state == "approved"


@pytest.mark.usefixtures("channel")
def test_tomorrow_without_approval_is_told_after_the_cut_off(store: Store) -> None:
    evening = datetime.fromisoformat("2026-11-24T17:30:00+08:00")

    assert run(store, lambda uow: plan.unapproved(uow, NOW, [CHANNEL])) == ()
    assert run(store, lambda uow: plan.unapproved(uow, evening, [CHANNEL])) == ((CHANNEL, DAY),)
    begun(store)
    approve(store)
    assert run(store, lambda uow: plan.unapproved(uow, evening, [CHANNEL])) == ()


def filled_in(store: Store, now: datetime) -> int:
    return run(store, lambda uow: plan_stand_in.turn(uow, now))


def test_an_unapproved_tomorrow_is_named_filler_in_the_guide_until_it_is_approved(store: Store, channel: int) -> None:
    evening = datetime.fromisoformat("2026-11-24T17:30:00+08:00")

    assert (filled_in(store, NOW), in_guide(store, channel)) == (1, [])  # the rest of today
    assert filled_in(store, evening) == 1
    (line,) = run(store, lambda uow: uow.guide.between(*WINDOW, {channel}))
    assert (line.programme.title, line.programme.start, line.programme.stop) == ("精彩节目", *WINDOW)
    assert filled_in(store, evening + timedelta(minutes=30)) == 0
    begun(store)
    approve(store)
    assert [title for _, title in in_guide(store, channel)] == ["上午", "下午", "精彩节目", "新闻联播", "晚上"]
    assert line.programme.uid not in dict(in_guide(store, channel))
    assert filled_in(store, evening + timedelta(hours=1)) == 0


def test_filler_of_an_unapproved_day_leaves_what_sources_tell_and_other_channels(store: Store, channel: int) -> None:
    evening = datetime.fromisoformat("2026-11-24T17:30:00+08:00")
    noon = WINDOW[0] + timedelta(hours=6)
    film = Programme("u1", CHANNEL, noon, noon + timedelta(hours=2), "电影")
    run(store, lambda uow: uow.guide.write([Airing(0, channel, "feeds", film)], (), ()))

    lines = run(store, lambda uow: plan_stand_in.wanting(uow, evening))

    tomorrow = [(one.start, one.stop) for one in lines if one.start >= WINDOW[0]]
    assert tomorrow == [(WINDOW[0], noon), (noon + timedelta(hours=2), WINDOW[1])]
    assert {one.channel for one in lines} == {CHANNEL}
    run(store, lambda uow: set_rules(uow, NOW, "wang", Rules(CHANNEL, own=False)))
    assert run(store, lambda uow: plan_stand_in.wanting(uow, evening)) == ()


@pytest.mark.usefixtures("channel")
def test_a_day_is_copied_to_another_with_identities_of_its_own(store: Store) -> None:
    source = begun(store).day

    copy = run(store, lambda uow: plan.copy_day(uow, LATER, "wang", CHANNEL, DAY, DAY + timedelta(days=3)))

    assert titles(copy.items) == titles(source.items)
    assert {one.uid for one in copy.items}.isdisjoint({one.uid for one in source.items})
    assert copy.items[0].start == source.items[0].start + timedelta(days=3)
    with pytest.raises(NotFound):
        run(store, lambda uow: plan.copy_day(uow, LATER, "wang", "rz.tv", DAY, DAY))


ROWS = (
    ("频道", "日期", "时间", "节目", "时长", "备注"),
    ("南湖新闻", "11/25", "6:00", "早安南湖", "30", "直播"),
    ("", "", "6:30", "党课", "45", ""),
    ("不认识台", "11/25", "6:00", "甲", "30", ""),
)


@pytest.mark.usefixtures("channel")
def test_a_sheet_is_tried_first_then_taken_day_by_day_and_exported_unchanged(store: Store) -> None:
    how = How(DAY)
    sheet = read_sheet([Cells("表", ROWS)], how)
    dry = run(store, lambda uow: plan_sheet.take(uow, NOW, "wang", sheet, dry_run=True))
    assert run(store, lambda uow: plan.view(uow, CHANNEL, DAY)) is None

    taken = run(store, lambda uow: plan_sheet.take(uow, NOW, "wang", sheet))

    assert (len(dry.days[0].change.added), dry.unknown_channels) == (2, ("不认识台",))
    assert taken.days == dry.days
    assert titles(run(store, lambda uow: plan.view(uow, CHANNEL, DAY)).day.items) == ["早安南湖", "党课"]
    for kind in ("csv", "xlsx"):
        data = run(store, lambda uow, kind=kind: plan_sheet.export(uow, kind, [CHANNEL], DAY, DAY))
        again = plan_sheet.read_file(data, f"x.{kind}", how)
        same = run(store, lambda uow, again=again: plan_sheet.take(uow, NOW, "wang", again, dry_run=True))
        assert [bool(one.change) for one in same.days] == [False]


@pytest.mark.usefixtures("channel")
def test_a_sheet_does_not_touch_a_day_that_is_submitted(store: Store) -> None:
    begun(store)
    run(store, lambda uow: plan.submit(uow, NOW, "wang", CHANNEL, DAY))
    sheet = read_sheet([Cells("表", ROWS)], How(DAY))

    taken = run(store, lambda uow: plan_sheet.take(uow, NOW, "wang", sheet))

    assert taken.days[0].refused
    assert titles(run(store, lambda uow: plan.view(uow, CHANNEL, DAY)).day.items)[0] == "上午"


def test_rules_of_a_channel_are_kept(store: Store) -> None:
    rules = Rules(CHANNEL, own=False, day_start_s=0, gaps="leave", must_carry=(("新闻联播", 68_400, 70_200),))

    run(store, lambda uow: set_rules(uow, NOW, "wang", rules))

    assert run(store, lambda uow: rules_of(uow, CHANNEL)) == rules
    assert run(store, lambda uow: rules_of(uow, "other.tv")) == Rules("other.tv")


def seconds_of(start: int, length: int, title: str, **content: object) -> Item:
    at = WINDOW[0] + timedelta(seconds=start)
    return Item(f"u{start}", at, at + timedelta(seconds=length), Content(title, **content), "fixed")  # type: ignore[arg-type]


@pytest.mark.usefixtures("channel")
def test_an_untouched_export_changes_nothing_whatever_the_day_holds(store: Store) -> None:
    items = (
        seconds_of(0, 3600, "早间新闻", live=True, showing="first", genre="新闻", desc="要闻，两行\n第二行"),
        *(seconds_of(3600 + 15 * n, 15, "宣传片", sub_title=f"第 {n} 条") for n in range(40)),
        seconds_of(4200, 60_000, "=1+1", showing="repeat", asset=7),
        seconds_of(64_200, 26_000, "跨夜", live=True, relay="市台一套"),
    )
    run(
        store,
        lambda uow: relays.put_source(uow, NOW, "command line", relays.Source("市台一套", "udp://239.1.1.1:1234")),
    )
    seen = run(store, lambda uow: plan.begin_empty(uow, NOW, "wang", CHANNEL, DAY))
    run(store, lambda uow: plan.save(uow, NOW, "wang", seen, items))
    for kind in ("csv", "xlsx"):
        data = run(store, lambda uow, kind=kind: plan_sheet.export(uow, kind, [CHANNEL], DAY, DAY))

        how = run(store, lambda uow: plan_sheet.how_of(uow, DAY))
        sheet = plan_sheet.read_file(data, f"x.{kind}", how)
        same = run(store, lambda uow, sheet=sheet: plan_sheet.take(uow, NOW, "wang", sheet, dry_run=True))

        assert sheet.faults == ()
        assert [one.change.added + one.change.removed + one.change.changed for one in same.days] == [()]


@pytest.mark.usefixtures("channel")
def test_a_sheet_names_the_source_of_a_relay_and_without_the_column_it_stays(store: Store) -> None:
    run(store, lambda uow: relays.put_source(uow, NOW, "command line", relays.Source("市台", "udp://239.1.1.1:1234")))
    how = run(store, lambda uow: plan_sheet.how_of(uow, DAY, CHANNEL))
    head = ("日期", "时间", "结束", "节目", "信号源")

    def take(*rows: tuple[str, ...]) -> list[str]:
        sheet = read_sheet([Cells("表", rows)], how)
        run(store, lambda uow: plan_sheet.take(uow, NOW, "wang", sheet))
        found = run(store, lambda uow: plan.view(uow, CHANNEL, DAY))
        return [one.content.relay for one in found.day.items] if found else []

    assert take(head, ("11/25", "6:00", "7:00", "晚会", "市台"), ("", "7:00", "8:00", "电影", "")) == ["市台", ""]
    assert take(head[:4], ("11/25", "6:00", "7:00", "晚会"), ("", "7:00", "9:00", "电影")) == ["市台", ""]
    assert take(head, ("11/25", "6:00", "7:00", "晚会", ""), ("", "7:00", "9:00", "电影", "市台")) == ["", "市台"]


@pytest.mark.usefixtures("channel")
def test_a_day_of_fillers_of_fifteen_seconds_is_saved_and_sent(store: Store) -> None:
    items = tuple(seconds_of(15 * n, 15, f"宣传片 {n}", live=True) for n in range(5760))
    seen = run(store, lambda uow: plan.begin_empty(uow, NOW, "wang", CHANNEL, DAY))

    saved = run(store, lambda uow: plan.save(uow, NOW, "wang", seen, items))

    assert len(saved.day.items) == 5760
    assert run(store, lambda uow: plan.submit(uow, NOW, "wang", CHANNEL, DAY)).state == "submitted"
    one_more = tuple(seconds_of(14 * n, 14, f"宣传片 {n}", live=True) for n in range(6001))
    with pytest.raises(BadValue, match="plan_items"):
        run(store, lambda uow: plan.save(uow, NOW, "wang", saved.day, one_more))
