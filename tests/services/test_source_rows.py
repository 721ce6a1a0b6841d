"""Quarantined rows of a feed: released, corrected, ignored for good, and taken back."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from epg.xmltv import read, spooled
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import guide, source_reports, source_rows, sources
from middleware.services.plan_ports import GuideSource
from middleware.services.source_rows import Quarantined
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork

T = TypeVar("T")
TOWN = "nanhu.town"
NOW = datetime.fromisoformat("2026-11-24T06:00:00+08:00")
ROW = '<programme channel="{c}" start="{a}" stop="{b}"><title>{t}</title><desc>{d}</desc></programme>'
GOOD = (("0800", "0900", "早间"), ("0900", "1000", "电影"), ("1000", "1100", "戏曲"))
OVERLAPPING, UNREADABLE, NAMELESS = ("0930", "1030", "党课"), ("0961", "1000", "读报"), ("1100", "1200", " ")


def run(store: Store, work: Callable[[SqlUnitOfWork], T]) -> T:
    return store.run_sync(work)


@pytest.fixture(autouse=True)
def line_up(store: Store) -> int:
    def write(uow: SqlUnitOfWork) -> int:
        sources.put(uow, NOW, "test", GuideSource(0, "a"))
        return guide.add_channel(uow, Channel(0, TOWN, 1, "今日南湖")).id

    return run(store, write)


def stage(store: Store, *rows: tuple[str, str, str], told: str = TOWN) -> sources.Staged:
    lines = [ROW.format(c=told, a=f"20261124{a}00 +0800", b=f"20261124{b}00 +0800", t=t, d="简介") for a, b, t in rows]
    head = f'<channel id="{told}"><display-name>今日南湖</display-name></channel>'
    feed = spooled(f"<tv>{head}{''.join(lines)}</tv>".encode())
    return run(store, lambda uow: sources.stage(uow, NOW, "test", "a", feed))


def shown(store: Store, channel: int) -> list[str]:
    rows = run(store, lambda uow: uow.guide.between(NOW, NOW + timedelta(days=1), {channel}))
    local = [(one.programme, one.programme.start.astimezone(NOW.tzinfo)) for one in rows]
    return [f"{start:%H:%M}-{one.stop.astimezone(NOW.tzinfo):%H:%M} {one.title}" for one, start in local]


def waiting(store: Store) -> tuple[Quarantined, ...]:
    return run(store, lambda uow: source_rows.quarantined(uow, "a"))


def decide(store: Store, how: Callable[..., object], title: str, *rest: object, **more: object) -> None:
    """Decide of the row that tells a title."""
    key = key_of(store, title)
    run(store, lambda uow: how(uow, NOW, "wang", "a", key, *rest, **more))


def key_of(store: Store, title: str) -> str:
    return next(one.held.key for one in waiting(store) if one.held.title == title)


def test_a_released_row_is_shown_stays_over_the_same_feed_and_goes_when_it_is_told_no_more(
    store: Store, line_up: int
) -> None:
    stage(store, *GOOD, OVERLAPPING)
    before = shown(store, line_up)
    uids = run(store, lambda uow: uow.guide.between(NOW, NOW + timedelta(days=1), {line_up}))

    decide(store, source_rows.release, "党课")

    let_in = ["08:00-09:00 早间", "09:00-09:30 电影", "09:30-10:00 党课", "10:00-11:00 戏曲"]
    assert before == ["08:00-09:00 早间", "09:00-10:00 电影", "10:00-11:00 戏曲"]
    assert shown(store, line_up) == let_in
    again = stage(store, OVERLAPPING, *reversed(GOOD))
    assert (shown(store, line_up), again.added, again.changed, again.removed) == (let_in, 0, 0, 0)
    assert (again.report.kept, again.report.quarantined) == (4, 0)
    assert [one.action for one in again.report.findings if one.code == "overlap"] == ["released"]
    stage(store, *GOOD)
    assert shown(store, line_up) == before
    stage(store, *GOOD, OVERLAPPING)
    assert shown(store, line_up) == let_in
    decide(store, source_rows.take_back, "党课")
    assert run(store, lambda uow: uow.guide.between(NOW, NOW + timedelta(days=1), {line_up})) == uids
    noted = run(store, lambda uow: uow.audit.entries("source", "a"))
    assert [one.verb for one in noted if one.actor == "wang"] == ["take back row", "release row"]


def test_a_row_that_cannot_be_read_is_corrected_and_stays_so(store: Store, line_up: int) -> None:
    stage(store, *GOOD, UNREADABLE, NAMELESS)
    time, title = key_of(store, "读报"), key_of(store, "")
    at = NOW.replace(hour=12)

    assert [(one.held.title, one.fits) for one in waiting(store)] == [("读报", False), ("", False)]
    with pytest.raises(BadValue, match="24 小时"):
        run(store, lambda uow: source_rows.release(uow, NOW, "wang", "a", time))
    with pytest.raises(BadValue, match="24 小时"):
        run(store, lambda uow: source_rows.correct(uow, NOW, "wang", "a", time, at, at))
    run(store, lambda uow: source_rows.correct(uow, NOW, "wang", "a", time, at, at + timedelta(minutes=30)))
    run(store, lambda uow: source_rows.correct(uow, NOW, "wang", "a", title, title="午间"))

    wanted = ["08:00-09:00 早间", "09:00-10:00 电影", "10:00-11:00 戏曲", "11:00-12:00 午间", "12:00-12:30 读报"]
    assert shown(store, line_up) == wanted
    (row,) = run(store, lambda uow: uow.guide.between(at, at + timedelta(minutes=1), {line_up}))
    assert row.programme.desc == "简介"
    stage(store, *GOOD, UNREADABLE, NAMELESS)
    assert shown(store, line_up) == wanted
    run(store, lambda uow: source_rows.correct(uow, NOW, "wang", "a", title, title="午间新闻"))
    assert shown(store, line_up)[3] == "11:00-12:00 午间新闻"


def test_an_ignored_row_is_counted_and_no_longer_listed(store: Store, line_up: int) -> None:
    stage(store, *GOOD, UNREADABLE)

    decide(store, source_rows.ignore, "读报")
    again = stage(store, *GOOD, UNREADABLE)

    assert (again.report.quarantined, again.report.counts["time"]) == (1, 1)
    assert [one for one in again.report.findings if one.code == "time"] == []
    last = run(store, lambda uow: source_reports.last(uow, "a"))
    assert last is not None
    assert last.ruled == {"ignore": 1}
    assert [one.ruling and one.ruling.kind for one in waiting(store)] == ["ignore"]
    with pytest.raises(NotFound):
        run(store, lambda uow: source_rows.ignore(uow, NOW, "wang", "a", "no such"))
    run(store, lambda uow: sources.remove(uow, NOW, "wang", "a"))
    assert waiting(store) == ()


def test_rows_of_one_line_are_told_apart(store: Store, line_up: int) -> None:
    rows = (*GOOD, OVERLAPPING, ("1020", "1040", "天气"), ("1100", "1130", "新闻"), ("1110", "1150", "评书"))
    stage(store, *rows)
    decide(store, source_rows.release, "天气")
    decide(store, source_rows.ignore, "评书")

    report = stage(store, *rows).report

    listed = {one.raw.split(" / ")[0]: one.action for one in report.findings if one.code == "overlap"}
    assert listed == {"党课": "quarantined", "天气": "released"}
    assert (report.rows, report.kept, report.quarantined) == (7, 5, 2)
    assert "10:20-10:40 天气" in shown(store, line_up)


def test_a_channel_with_nothing_but_quarantined_rows_shows_the_one_that_is_let_in(store: Store, line_up: int) -> None:
    stage(store, UNREADABLE, told="t9")
    at = NOW.replace(hour=12)

    decide(store, source_rows.correct, "读报", at, at + timedelta(hours=1))

    assert shown(store, line_up) == ["12:00-13:00 读报"]


def test_the_key_of_a_row_is_the_same_wherever_it_stands_and_however_it_is_read() -> None:
    row = ROW.format(c="x", a="9:61", b="20261124100000", t="读报", d="")
    feeds = [f"<tv>{row}</tv>", f"<tv>\n\n<channel id='y'/>{row}{row}</tv>"]

    keys = {one.key for feed in feeds for each in (read, spooled) for one in each(feed.encode()).report.held}

    assert len(keys) == 1
