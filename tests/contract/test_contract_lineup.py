"""Genres, further links of channels, series, and boxes found in many ways, on both databases."""

import attrs

from middleware.domain.accounts import Account
from middleware.domain.channels import CENSORED_GENRE, FIRST_LINK, Channel, ChannelLink, Genre
from middleware.domain.devices import Device
from middleware.storage.store import Store
from tests.contract.small_town import NOW, settle
from vod.catalogue import Asset, Edition, Rendition, Series
from vod.jobs import State


def test_the_censored_genre_has_the_number_ten_and_no_other_ever_gets_it(store: Store) -> None:
    made = [
        store.run_sync(lambda uow, at=at: uow.guide.put_genre(Genre(0, f"类{at}", f"g{at}", at))) for at in range(12)
    ]
    adult = store.run_sync(lambda uow: uow.guide.put_genre(Genre(0, "成人", "adult", 99, True)))
    after = store.run_sync(lambda uow: uow.guide.put_genre(Genre(0, "后来", "late", 100)))

    assert adult.id == CENSORED_GENRE
    assert [one.id for one in made] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13]
    assert store.run_sync(lambda uow: uow.guide.genres(), write=False) == (*made, adult, after)
    renamed = attrs.evolve(made[0], title="新闻", position=200)
    assert store.run_sync(lambda uow: uow.guide.put_genre(renamed)) == renamed
    assert store.run_sync(lambda uow: uow.guide.genres(), write=False)[-1] == renamed


def test_a_channel_keeps_all_that_boxes_are_told(store: Store) -> None:
    genre = store.run_sync(lambda uow: uow.guide.put_genre(Genre(0, "新闻")))
    wanted = Channel(
        0,
        "nanhu.tv",
        1,
        "南湖",
        "/v/1.m3u8",
        "",
        0,
        genre.id,
        True,
        False,
        72,
        "/a",
        "igmp://239.76.1.1:5140",
        "rtsp://x",
        "n.png",
    )
    channel = store.run_sync(lambda uow: uow.guide.add_channel(wanted))
    assert store.run_sync(lambda uow: uow.guide.channels(), write=False) == (attrs.evolve(wanted, id=channel.id),)

    changed = attrs.evolve(channel, genre_id=None, hd=False, censored=True, archive_h=0, logo="")
    store.run_sync(lambda uow: uow.guide.save_channel(changed))
    assert store.run_sync(lambda uow: uow.guide.channel(channel.id), write=False) == changed


def test_links_never_have_the_number_of_a_channel_and_none_twice(store: Store) -> None:
    channel = store.run_sync(lambda uow: uow.guide.add_channel(Channel(0, "nanhu.tv", 1, "南湖"))).id
    low = store.run_sync(lambda uow: uow.guide.add_link(channel, "http://b/1.m3u8"))
    high = store.run_sync(lambda uow: uow.guide.add_link(channel, "http://c/1.m3u8", 5))

    assert low == ChannelLink(low.id, channel, "http://b/1.m3u8", 0)
    assert FIRST_LINK < low.id < high.id < 2**31
    assert store.run_sync(lambda uow: uow.guide.links(), write=False) == (high, low)
    store.run_sync(lambda uow: (uow.guide.remove_link(high.id), uow.guide.remove_link(high.id)))
    assert store.run_sync(lambda uow: uow.guide.links(), write=False) == (low,)
    assert store.run_sync(lambda uow: uow.guide.add_link(channel, "http://d/1.m3u8")).id > high.id


def test_episodes_of_a_series_come_in_order_while_they_can_be_watched(store: Store) -> None:
    series = store.run_sync(lambda uow: uow.assets.add_series(Series(0, "style", "莲乡", "一镇四季", 2026)))
    edition = Edition((90_000,), (Rendition(1, 640, 360, 25_000, "avc1", 1, 1, 0, (1,), ("x",)),))
    films = [
        store.run_sync(
            lambda uow, at=at: uow.assets.add(
                Asset(0, 1, State.READY, "style", f"第 {at} 集", "集", "", 1000, NOW), edition
            )
        )
        for at in range(3)
    ]
    for film, place in zip(films, ((2, 1), (1, 2), (1, 1)), strict=True):
        store.run_sync(lambda uow, film=film, place=place: uow.assets.place_in_series(film.id, series.id, *place))

    found = store.run_sync(lambda uow: uow.assets.episodes(series.id), write=False)
    assert [(one.id, one.season, one.episode) for one in found] == [
        (films[2].id, 1, 1),
        (films[1].id, 1, 2),
        (films[0].id, 2, 1),
    ]
    assert store.run_sync(lambda uow: uow.assets.series(), write=False) == (series,)
    store.run_sync(lambda uow: uow.assets.place_in_series(films[2].id, None, 0, 0))
    store.run_sync(lambda uow: uow.assets.set_state(films[1].id, State.WITHDRAWN, NOW))
    assert [one.id for one in store.run_sync(lambda uow: uow.assets.episodes(series.id), write=False)] == [films[0].id]
    assert store.run_sync(lambda uow: uow.assets.get(films[2].id), write=False).series_id is None


def test_boxes_are_written_in_bulk_and_found_in_every_way(store: Store) -> None:
    town = settle(store)
    account = store.run_sync(lambda uow: uow.accounts.add(Account(0, "1"))).id
    wanted = Device(
        0,
        mac="00:1A:79:00:00:01",
        account_id=account,
        group="试点",
        model="MAG250",
        version="216",
        pin="P",
        pinning=False,
        scheme="des8",
        network="10.1.2.0/24",
        confirmed=True,
        services_on=False,
        entered=5,
        note="备注",
    )
    store.run_sync(
        lambda uow: (uow.devices.add_all([wanted, Device(0, serial="S2")], NOW), uow.devices.add_all([], NOW))
    )

    (box,) = store.run_sync(lambda uow: uow.devices.of_accounts([account]), write=False)
    assert attrs.evolve(box, id=0) == wanted
    assert store.run_sync(lambda uow: uow.devices.in_group("试点"), write=False) == (box,)
    assert store.run_sync(lambda uow: uow.devices.in_group(""), write=False) == ()
    first = store.run_sync(lambda uow: uow.devices.get(town.boxes["01001"]), write=False)
    assert set(store.run_sync(lambda uow: uow.devices.by_ids([box.id, first.id, 10**9]), write=False)) == {box, first}
    created = store.run_sync(lambda uow: (uow.devices.created(box.id), uow.devices.created(10**9)), write=False)
    assert created == (NOW, None)

    changed = [attrs.evolve(box, group="", pinning=True), attrs.evolve(first, group="试点")]
    store.run_sync(lambda uow: (uow.devices.save_all(changed), uow.devices.save_all([])))
    assert store.run_sync(lambda uow: uow.devices.in_group("试点"), write=False) == (changed[1],)
    assert store.run_sync(lambda uow: uow.devices.get(box.id), write=False) == changed[0]
