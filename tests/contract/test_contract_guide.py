"""Channels and programmes on both databases: rows keep their ids while feeds change them."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from sqlalchemy.exc import IntegrityError

from epg.model import Credit, Programme, new_uid
from middleware.domain.channels import Channel
from middleware.services.ports import Airing
from middleware.storage.store import Store

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEWS = Channel(0, "nhxw.nanhu.rizhao.cn", 1, "南湖新闻", "/v/1-1/master.m3u8", "/demo/pictures/lake.jpg", 2)
FARM = Channel(0, "nhnk.nanhu.rizhao.cn", 2, "南湖农科", position=1)


def programme(channel: Channel, hour: int, title: str, **more) -> Programme:
    start = NOON + hour * HOUR
    return Programme(new_uid(channel.xmltv_id, start, title), channel.xmltv_id, start, start + HOUR, title, **more)


RICH = programme(
    NEWS,
    0,
    "午间新闻",
    sub_title="第 3 集",
    desc="今天\n两条。",
    lang="",
    categories=("新闻", "地方"),
    keywords=("南湖",),
    credits=(Credit("presenter", "李明"), Credit("guest", "王芳")),
    date="2026",
    icon="http://epg.example.cn/a.png",
    episode="0.2/60.",
    onscreen="第3集",
    rating="普",
    rating_system="CN",
    marks=("previously-shown", "new"),
    clump="0/2",
    open=True,
)


def line_up(store: Store) -> tuple[Channel, Channel]:
    return store.run_sync(lambda uow: (uow.guide.add_channel(NEWS), uow.guide.add_channel(FARM)))


def put(store: Store, *airings: Airing) -> tuple[Airing, ...]:
    store.run_sync(lambda uow: uow.guide.write(airings, (), ()))
    return store.run_sync(lambda uow: uow.guide.between(NOON - 24 * HOUR, NOON + 24 * HOUR))


def test_channels_come_in_the_order_of_the_line_up(store: Store) -> None:
    news, farm = line_up(store)
    renamed = evolve(news, name="南湖综合", position=0)
    store.run_sync(lambda uow: uow.guide.save_channel(renamed))

    assert (news, farm) == (evolve(NEWS, id=news.id), evolve(FARM, id=farm.id))
    assert store.run_sync(lambda uow: uow.guide.channels()) == (renamed, farm)
    assert store.run_sync(lambda uow: uow.guide.channel(farm.id)) == farm
    assert store.run_sync(lambda uow: uow.guide.channel(farm.id + 1000)) is None


def test_a_programme_comes_back_with_every_field(store: Store) -> None:
    news, _ = line_up(store)
    (stored,) = put(store, Airing(0, news.id, "feed", RICH))

    assert stored == Airing(stored.id, news.id, "feed", RICH)
    assert store.run_sync(lambda uow: uow.guide.airing(stored.id)) == stored
    assert store.run_sync(lambda uow: uow.guide.airing(stored.id + 1000)) is None
    assert store.run_sync(lambda uow: uow.guide.named(stored.programme.uid)) == stored
    assert store.run_sync(lambda uow: uow.guide.named("nobody's")) is None
    assert store.run_sync(lambda uow: uow.guide.taken({RICH.uid, "other"})) == {RICH.uid}


def test_a_window_holds_what_is_on_the_air_in_it(store: Store) -> None:
    news, farm = line_up(store)
    first, second = programme(NEWS, 0, "午间新闻"), programme(NEWS, 1, "天气")
    early = programme(FARM, 0, "果园")
    put(store, *(Airing(0, news.id, "feed", row) for row in (second, first)), Airing(0, farm.id, "feed", early))

    def titles(start: datetime, stop: datetime, ids: set[int] | None = None) -> list[str]:
        found = store.run_sync(lambda uow: uow.guide.between(start, stop, ids))
        return [airing.programme.title for airing in found]

    assert titles(NOON, NOON + 2 * HOUR) == ["果园", "午间新闻", "天气"]
    assert titles(NOON + HOUR / 2, NOON + HOUR) == ["果园", "午间新闻"]
    assert titles(NOON + HOUR, NOON + 3 * HOUR) == ["天气"]
    assert titles(NOON, NOON + HOUR, {news.id}) == ["午间新闻"]
    assert titles(NOON, NOON + HOUR, set()) == []


def test_the_longest_programme_is_on_the_air_to_its_end(store: Store) -> None:
    news, _ = line_up(store)
    long = evolve(programme(NEWS, 0, "停播"), stop=NOON + 24 * HOUR)
    put(store, Airing(0, news.id, "feed", long))
    last = NOON + 24 * HOUR - timedelta(milliseconds=1)

    found = store.run_sync(lambda uow: uow.guide.between(last, last + HOUR))
    assert [airing.programme for airing in found] == [long]
    assert store.run_sync(lambda uow: uow.guide.between(NOON + 24 * HOUR, NOON + 25 * HOUR)) == ()


def test_the_following_programme_is_found_however_far(store: Store) -> None:
    news, farm = line_up(store)
    far, later = programme(NEWS, 500, "春晚"), programme(NEWS, 501, "重播")
    put(store, *(Airing(0, news.id, "feed", row) for row in (later, far)))
    put(store, Airing(0, farm.id, "feed", programme(FARM, 0, "果园")))

    found = store.run_sync(lambda uow: uow.guide.following(NOON))

    assert [airing.programme for airing in found] == [far]
    assert store.run_sync(lambda uow: uow.guide.following(NOON, {farm.id})) == ()


def test_a_changed_row_keeps_its_id_and_a_removed_one_is_gone(store: Store) -> None:
    news, _ = line_up(store)
    kept, gone = put(store, *(Airing(0, news.id, "a", programme(NEWS, n, "新闻")) for n in range(2)))
    moved = evolve(kept, source="b", programme=evolve(kept.programme, start=NOON - HOUR, desc="提前一小时"))
    store.run_sync(lambda uow: uow.guide.write((), [moved], {gone.id}))

    assert store.run_sync(lambda uow: uow.guide.between(NOON - HOUR, NOON + 9 * HOUR)) == (moved,)


def test_a_failed_write_leaves_everything_as_it_was(store: Store) -> None:
    news, _ = line_up(store)
    before = put(store, Airing(0, news.id, "a", programme(NEWS, 0, "新闻")))

    def doubled(uow) -> None:
        uow.guide.write((), (), {before[0].id})
        uow.guide.write([Airing(0, news.id, "b", RICH), Airing(0, news.id, "b", RICH)], (), ())

    with pytest.raises(IntegrityError):
        store.run_sync(doubled)

    assert store.run_sync(lambda uow: uow.guide.between(NOON - HOUR, NOON + 9 * HOUR)) == before
