"""Feeds into the guide and the guide out of it, on both databases: nothing half-applied, ids that stay."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from epg import xmltv
from epg.model import Programme
from middleware.demo.guide import guide_xmltv
from middleware.domain.channels import Channel
from middleware.domain.errors import BadValue, NotFound
from middleware.services import guide
from middleware.services.guide import BadGuide, Imported
from middleware.services.ports import Airing
from middleware.storage.store import Store
from tests.epg.feeds import CHANNEL, feed, row

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
"""19:00 in the town, on the day of the rows."""
LONG = timedelta(days=365)
NEWS = Channel(0, "a.example.cn", 1, "南湖新闻", "/v/9-1/master.m3u8")
EVENING = (row("1800", "1900", "少儿"), row("1900", "1930", "新闻联播"), row("1930", "2030", "电视剧"))


def take(store: Store, *rows: str, source: str = "demo", **options) -> Imported:
    parsed = guide.read_file(feed(*rows))
    return store.run_sync(lambda uow: guide.import_guide(uow, NOW, source, parsed, **options))


def stored(store: Store) -> tuple[Airing, ...]:
    return store.run_sync(lambda uow: uow.guide.between(NOW - LONG, NOW + LONG))


def times(store: Store) -> list[str]:
    zone = guide.Source().zone
    return [
        f"{one.programme.start.astimezone(zone):%H%M}-{one.programme.stop.astimezone(zone):%H%M} {one.programme.title}"
        for one in stored(store)
    ]


@pytest.fixture
def news(store: Store) -> Channel:
    return store.run_sync(lambda uow: guide.add_channel(uow, NEWS))


def test_a_feed_fills_the_channels_of_the_line_up(store: Store, news: Channel) -> None:
    done = take(store, *EVENING)

    assert (done.added, done.changed, done.removed, done.unchanged) == (3, 0, 0, 0)
    assert times(store) == ["1800-1900 少儿", "1900-1930 新闻联播", "1930-2030 电视剧"]
    assert {(one.channel, one.source, len(one.programme.uid)) for one in stored(store)} == {(news.id, "demo", 20)}


def test_the_same_feed_again_in_any_order_changes_nothing(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    before = stored(store)
    done = take(store, *random.Random(7).sample(EVENING, 3))

    assert (done.added, done.changed, done.removed, done.unchanged) == (0, 0, 0, 3)
    assert stored(store) == before


def test_edited_and_moved_programmes_keep_their_rows(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    ids = {one.programme.title: (one.id, one.programme.uid) for one in stored(store)}
    later = row("1800", "1900", "少儿", inside="<desc>重播</desc>"), row("1900", "1940", "新闻联播")
    done = take(store, *later, row("1940", "2030", "电视剧"), source="other")

    assert (done.added, done.changed, done.removed) == (0, 3, 0)
    assert {one.programme.title: (one.id, one.programme.uid) for one in stored(store)} == ids
    assert {one.source for one in stored(store)} == {"other"}


def test_a_feed_replaces_only_the_time_it_covers(store: Store, news: Channel) -> None:
    take(store, *EVENING, row("2030", "2100", "戏曲"))
    done = take(store, row("1850", "1930", "特别节目"), row("1930", "2000", "电视剧"))

    assert (done.added, done.changed, done.removed) == (1, 2, 1)
    assert times(store) == ["1800-1850 少儿", "1850-1930 特别节目", "1930-2000 电视剧", "2030-2100 戏曲"]


def test_a_last_programme_without_an_end_hides_nothing_behind_it(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    done = take(store, row("1800", "1900", "少儿"), row("1900", "", "新闻联播"))

    assert done.removed == 0
    assert times(store) == ["1800-1900 少儿", "1900-1930 新闻联播", "1930-2030 电视剧"]
    assert [one.programme.open for one in stored(store)] == [False, True, False]
    assert take(store, row("1800", "1900", "少儿"), row("1900", "", "新闻联播")).unchanged == 2


def test_a_programme_whose_place_and_uid_were_left_gets_one_of_its_own(store: Store, news: Channel) -> None:
    take(store, row("1800", "1810", "广告"))
    take(store, row("1820", "1830", "广告"))
    take(store, row("1800", "1810", "广告"), row("1820", "1830", "广告"))

    assert times(store) == ["1800-1810 广告", "1820-1830 广告"]
    assert len({one.programme.uid for one in stored(store)}) == 2


def test_unknown_channels_are_left_out_and_listed(store: Store, news: Channel) -> None:
    strange = row("1800", "1900", "远方", channel="far.example.cn")
    done = take(store, *EVENING, strange, strange.replace("1800", "1700").replace("1900", "1800"))

    assert (done.report.kept, done.report.unmatched, done.added) == (3, 2, 3)
    assert done.report.findings[-1].channel == "far.example.cn"
    assert done.report.rows == done.report.kept + done.report.unmatched


def test_unknown_channels_are_created_on_demand_with_a_free_number(store: Store, news: Channel) -> None:
    named = CHANNEL.replace("a.example.cn", "CCTV1").replace("</channel>", "<display-name>1</display-name></channel>")
    parsed = guide.read_file(
        feed(named, row("1800", "1900", "甲", channel="CCTV1"), row("1800", "1900", "乙", channel="b.c"))
    )
    done = store.run_sync(lambda uow: guide.import_guide(uow, NOW, "prov", parsed, create_channels=True))

    assert done.created == ("CCTV1.prov", "b.c")
    assert [(one.xmltv_id, one.number, one.name) for one in store.run_sync(guide.channels)] == [
        ("a.example.cn", 1, "南湖新闻"),
        ("CCTV1.prov", 2, "南湖一套"),
        ("b.c", 3, "b.c"),
    ]
    again = store.run_sync(lambda uow: guide.import_guide(uow, NOW, "prov", parsed))
    assert (again.created, again.unchanged, again.report.unmatched) == ((), 2, 0)


def test_a_dry_run_tells_the_same_and_writes_nothing(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    before = stored(store)
    rows = (*EVENING[:2], row("1930", "2000", "歌会"), row("1800", "1900", "新", channel="new.example.cn"))
    dry = take(store, *rows, create_channels=True, dry_run=True)

    assert (stored(store), len(store.run_sync(guide.channels))) == (before, 1)
    assert evolve(take(store, *rows, create_channels=True), dry_run=True) == dry


def test_a_refused_file_leaves_yesterdays_guide(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    before = stored(store)

    with pytest.raises(BadGuide) as caught:
        take(store, *EVENING[:1], row("1900", "2000", "A & B"))
    assert (caught.value.code, caught.value.report.counts) == ("guide_refused", {"refused": 1})
    assert "第 6 行" in caught.value.message_zh
    assert stored(store) == before


def test_a_failure_in_the_middle_leaves_yesterdays_guide(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    before = stored(store)
    parsed = guide.read_file(feed(row("1800", "2000", "晚会"), row("1800", "2000", "晚会", channel="b.example.cn")))

    def interrupted(uow) -> None:
        guide.import_guide(uow, NOW, "demo", parsed, create_channels=True)
        raise OSError("the machine was switched off")

    with pytest.raises(OSError, match="switched off"):
        store.run_sync(interrupted)
    assert stored(store) == before
    assert len(store.run_sync(guide.channels)) == 1


def test_an_import_is_written_into_the_log_and_told(store: Store, news: Channel) -> None:
    store.run_sync(lambda uow: uow.outbox.dispatched([event.seq for event in uow.outbox.waiting()]))
    take(store, *EVENING, actor="li")
    take(store, *EVENING)

    entries = store.run_sync(lambda uow: uow.audit.entries("guide", "demo"))
    assert [(one.actor, one.detail["added"]) for one in entries] == [("command line", 0), ("li", 3)]
    assert [one.body for one in store.run_sync(lambda uow: uow.outbox.waiting())] == [{"noun": "programme"}]


def test_now_and_next_are_told_for_every_channel(store: Store, news: Channel) -> None:
    empty = store.run_sync(lambda uow: guide.add_channel(uow, Channel(0, "b.example.cn", 2, "空频道")))
    take(store, *EVENING)

    def titles(minutes: int) -> list[tuple[str | None, str | None]]:
        found = store.run_sync(lambda uow: guide.now_next(uow, NOW + timedelta(minutes=minutes)))
        assert [one.channel for one in found] == [news, empty]
        return [tuple(one and one.programme.title for one in (row.present, row.following)) for row in found]

    assert titles(0) == [("新闻联播", "电视剧"), (None, None)]
    assert titles(30) == [("电视剧", None), (None, None)]
    assert titles(-200) == [(None, "少儿"), (None, None)]
    assert store.run_sync(lambda uow: [one.channel for one in guide.now_next(uow, NOW, {empty.id})]) == [empty]


def test_parts_of_one_slot_are_shown_as_one_programme(store: Store, news: Channel) -> None:
    take(store, *[row("1900", "1930", title, more=f' clumpidx="{n}/2"') for n, title in enumerate(["新闻", "天气"])])
    shown = store.run_sync(lambda uow: guide.grid(uow, NOW, NOW + timedelta(hours=2)))

    assert [one.programme.title for one in shown.rows[0].airings] == ["新闻／天气"]
    assert store.run_sync(lambda uow: guide.now_next(uow, NOW)[0].present.programme.title) == "新闻／天气"


def test_the_grid_shows_a_page_of_channels_and_a_window_of_time(store: Store) -> None:
    parsed = guide.read_file(guide_xmltv(NOW))
    store.run_sync(lambda uow: guide.import_guide(uow, NOW, "demo", parsed, create_channels=True))
    page = store.run_sync(lambda uow: guide.grid(uow, NOW, NOW + timedelta(hours=2), offset=2, limit=3))

    assert (page.total, [one.channel.number for one in page.rows]) == (6, [3, 4, 5])
    for line in page.rows:
        assert line.airings[0].programme.start <= NOW < line.airings[0].programme.stop
        assert line.airings[-1].programme.stop >= page.stop > line.airings[-1].programme.start
        assert {one.channel for one in line.airings} == {line.channel.id}
    assert store.run_sync(lambda uow: guide.grid(uow, NOW, NOW + timedelta(hours=2), offset=9)).rows == ()


def test_one_programme_is_found_by_its_row(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    (first, *_) = stored(store)

    assert store.run_sync(lambda uow: guide.programme(uow, first.id)) == first
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: guide.programme(uow, first.id + 1000))


def test_the_export_imports_unchanged(store: Store, news: Channel) -> None:
    take(store, *EVENING, row("2030", "", "未完"))
    document = store.run_sync(lambda uow: guide.export(uow, NOW, NOW - LONG, NOW + LONG))
    parsed = guide.read_file(document)
    done = store.run_sync(lambda uow: guide.import_guide(uow, NOW, "demo", parsed))

    assert (done.unchanged, done.added, done.changed, done.removed) == (3, 0, 0, 0)
    assert store.run_sync(lambda uow: guide.export(uow, NOW, NOW - LONG, NOW + LONG)) == document
    assert [one.number for one in parsed.channels] == [1]


def test_the_export_of_a_day_holds_what_starts_in_it(store: Store, news: Channel) -> None:
    take(store, *EVENING)
    parsed = xmltv.read(store.run_sync(lambda uow: guide.export(uow, NOW, NOW, NOW + timedelta(minutes=30))))

    assert [one.title for one in parsed.programmes] == ["新闻联播"]


def test_a_channel_is_added_once_and_written_over_by_its_id(store: Store, news: Channel) -> None:
    renamed = store.run_sync(lambda uow: guide.add_channel(uow, evolve(NEWS, name="南湖综合")))

    assert store.run_sync(guide.channels) == (renamed,)
    assert renamed == evolve(news, name="南湖综合")
    for wrong, code in ((evolve(NEWS, xmltv_id="b.c"), "channel_number"), (evolve(NEWS, xmltv_id="nodot"), "xmltv_id")):
        with pytest.raises(BadValue) as caught:
            store.run_sync(lambda uow, wrong=wrong: guide.add_channel(uow, wrong))
        assert caught.value.code == code


def test_a_long_guide_is_planned_and_written_in_pieces(store: Store, news: Channel) -> None:
    start = NOW - timedelta(days=3)
    rows = tuple(
        Programme(
            "", "a.example.cn", start + n * timedelta(minutes=5), start + (n + 1) * timedelta(minutes=5), f"第{n}期"
        )
        for n in range(1500)
    )
    parsed = evolve(guide.read_file(feed(row("1800", "1900"))), programmes=rows)
    store.run_sync(lambda uow: guide.import_guide(uow, NOW, "demo", parsed))
    done = store.run_sync(
        lambda uow: guide.import_guide(uow, NOW, "demo", evolve(parsed, programmes=(rows[0], rows[-1])))
    )

    assert (done.removed, done.unchanged, len(stored(store))) == (1498, 2, 2)
