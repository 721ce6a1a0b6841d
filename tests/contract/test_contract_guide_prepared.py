"""An import worked out beforehand: the same result under a short lock, and made anew when the guide has changed."""

from datetime import UTC, datetime

import pytest
from attrs import evolve

from middleware.domain.channels import Channel
from middleware.services import guide
from middleware.services.guide import Imported, Prepared
from middleware.storage.store import Store
from tests.epg.feeds import feed, row

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)
NEWS = Channel(0, "a.example.cn", 1, "南湖新闻")
EVENING = guide.read_file(feed(row("1800", "1900", "少儿"), row("1900", "1930", "新闻联播")))
OTHER = guide.read_file(feed(row("1800", "1900", "少儿"), row("1900", "2000", "歌会")))


def prepare(store: Store, *, create: bool = False) -> Prepared:
    return store.run_sync(lambda uow: guide.prepare(uow, "demo", EVENING, create_channels=create), write=False)


def take(store: Store, prepared: Prepared | None = None, *, create: bool = False) -> Imported:
    return store.run_sync(
        lambda uow: guide.import_guide(uow, NOW, "demo", EVENING, create_channels=create, prepared=prepared)
    )


def titles(store: Store) -> list[str]:
    found = store.run_sync(lambda uow: guide.grid(uow, NOW.replace(hour=9), NOW.replace(hour=13)), write=False)
    return [f"{line.channel.xmltv_id} {one.programme.title}" for line in found.rows for one in line.airings]


@pytest.fixture
def news(store: Store) -> Channel:
    return store.run_sync(lambda uow: guide.add_channel(uow, NEWS))


def test_it_is_put_in_place_as_it_was_worked_out(store: Store, news: Channel) -> None:
    done = take(store, prepare(store))

    assert (done.added, done.changed, done.removed) == (2, 0, 0)
    assert titles(store) == ["a.example.cn 少儿", "a.example.cn 新闻联播"]


def test_rows_of_a_new_channel_find_their_channel(store: Store) -> None:
    done = take(store, prepare(store, create=True), create=True)

    assert done.created == ("a.example.cn",)
    assert titles(store) == ["a.example.cn 少儿", "a.example.cn 新闻联播"]


def test_another_import_meanwhile_is_not_written_over_blindly(store: Store, news: Channel) -> None:
    prepared = prepare(store)
    store.run_sync(lambda uow: guide.import_guide(uow, NOW, "demo", OTHER))
    done = take(store, prepared)

    assert (done.added, done.removed, done.unchanged) == (1, 1, 1)
    assert titles(store) == ["a.example.cn 少儿", "a.example.cn 新闻联播"]


def test_a_channel_made_meanwhile_is_not_made_twice(store: Store) -> None:
    prepared = prepare(store, create=True)
    store.run_sync(lambda uow: guide.add_channel(uow, evolve(NEWS, number=7)))
    done = take(store, prepared, create=True)

    assert done.created == ()
    assert done.added == 2
    assert [one.number for one in store.run_sync(guide.channels)] == [7]
