"""The library as editors keep it, on both databases: changed, found, timed, counted, replaced, thrown away and back."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from middleware.domain.errors import BadValue, NotFound
from middleware.services import asset_library as library
from middleware.services import asset_window, assets
from middleware.services.asset_library import Change
from middleware.services.assets import AssetDraft, Gone
from middleware.storage.store import Store
from tests.contract import channel_town
from vod.catalogue import Asset, Edition, Package, Rendition, Series
from vod.jobs import State

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
RUNG = Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 800_000, 700_000, 7200, (600_000, 300_000), ("a", "b"))
PACKAGE = Package(Path("unused"), Edition((540_000, 9_000_000), (RUNG,)))
LONGER = Package(Path("unused"), Edition((540_000, 540_000, 9_000_000), (evolve(RUNG, sha256=("c", "d")),)))


def add(store: Store, title: str, column: str = "style", now: datetime = NOW) -> Asset:
    draft = AssetDraft(column, title)
    return store.run_sync(lambda uow: assets.add_asset(uow, now, draft, PACKAGE, lambda *_: None))


def edit(store: Store, film: int, now: datetime = NOW, **change: Any) -> Asset:
    return store.run_sync(lambda uow: library.edit(uow, now, "editor", film, Change(**change)))


def found(store: Store, query: str, column: str = "") -> list[str]:
    return [one.film.title for one in store.run_sync(lambda uow: library.find(uow, query, column))]


def test_what_an_editor_says_is_kept_and_audited_and_what_he_leaves_out_stays(store: Store) -> None:
    film = add(store, "湖上新桥通车了")
    after = edit(store, film.id, title="新桥今天通车", keywords=("交通", "大桥 交通"), column="films")

    assert (after.title, after.short_title, after.keywords, after.column) == (
        "新桥今天通车",
        "新桥今天通车",
        "交通 大桥",
        "films",
    )
    assert after.synopsis == film.synopsis
    assert store.run_sync(lambda uow: uow.assets.get(film.id)) == after
    assert store.run_sync(lambda uow: uow.assets.listing("films")) == (after,)
    assert [one.verb for one in store.run_sync(lambda uow: uow.audit.entries("asset", film.id))] == ["edit"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"column": "finance"}, "bad_column"),
        ({"title": " "}, "bad_title"),
        ({"keywords": tuple(f"词{n}" for n in range(21))}, "bad_keywords"),
        ({"keywords": ("长" * 21,)}, "bad_keywords"),
        ({"window": (NOW, NOW)}, "bad_window"),
    ],
)
def test_a_bad_change_is_refused_and_changes_nothing(store: Store, change: dict[str, Any], code: str) -> None:
    film = add(store, "湖上新桥通车了")

    with pytest.raises(BadValue) as refused:
        edit(store, film.id, **change)
    assert refused.value.code == code
    assert store.run_sync(lambda uow: uow.assets.get(film.id)) == film


def test_films_are_found_by_title_keyword_and_initials_once_each(store: Store) -> None:
    bridge = add(store, "湖上新桥通车了")
    add(store, "正月十五闹花灯", "films")
    edit(store, bridge.id, keywords=("交通", "新桥"))

    assert found(store, "新桥") == found(store, "jt") == found(store, "hsxq") == ["湖上新桥通车了"]
    assert found(store, "", "films") == found(store, "hd", "films") == ["正月十五闹花灯"]
    assert found(store, "没有") == []
    assert len(found(store, "")) == 2


def test_a_film_is_on_its_shelf_between_two_instants_and_gone_before_and_after(store: Store) -> None:
    film = add(store, "湖上新桥通车了")
    edit(store, film.id, window=(NOW + DAY, NOW + 2 * DAY))
    told = []
    for at in (NOW, NOW + DAY - MINUTE, NOW + DAY, NOW + 2 * DAY - MINUTE, NOW + 2 * DAY):
        following = store.run_sync(lambda uow, at=at: asset_window.turn(uow, at))
        shown = len(store.run_sync(lambda uow: uow.assets.listing("style")))
        told.append((shown, None if following is None else (following - NOW) // DAY))

    assert told == [(0, 1), (0, 1), (1, 2), (1, 2), (0, None)]
    with pytest.raises(Gone):
        store.run_sync(lambda uow: assets.asset(uow, film.id))
    assert edit(store, film.id, window=(None, None)).shown
    assert store.run_sync(lambda uow: uow.assets.count("style")) == 1


def test_a_turn_of_shelves_tells_viewers_only_when_something_turned(store: Store) -> None:
    film = add(store, "湖上新桥通车了")
    edit(store, film.id, window=(NOW + DAY, None))
    events = [store.run_sync(lambda uow: uow.outbox.last())]
    for at in (NOW, NOW + DAY, NOW + DAY):
        store.run_sync(lambda uow, at=at: asset_window.turn(uow, at))
        events.append(store.run_sync(lambda uow: uow.outbox.last()))

    assert [after - before for before, after in pairwise(events)] == [0, 1, 0]


def test_new_files_take_the_place_of_the_old_which_stay_for_who_is_watching(store: Store) -> None:
    film = add(store, "湖上新桥通车了")
    published: list[tuple[int, int]] = []
    done = store.run_sync(
        lambda uow: library.replace(uow, NOW, "editor", film.id, LONGER, lambda *key: published.append(key))
    )
    editions = [store.run_sync(lambda uow, rev=rev: uow.assets.edition(film.id, rev)) for rev in (1, 2)]
    purged: list[tuple[int, int]] = []
    for at in (NOW + DAY - MINUTE, NOW + DAY):
        store.run_sync(lambda uow, at=at: assets.purge_due(uow, at, lambda *key: purged.append((at, *key))))

    assert (done.rev, done.duration_ms, published) == (2, 112_000, [(film.id, 2)])
    assert [len(one.seg_ticks) for one in editions] == [2, 3]
    assert purged == [(NOW + DAY, film.id, 1)]
    assert store.run_sync(lambda uow: [uow.assets.edition(film.id, rev) is None for rev in (1, 2)]) == [True, False]


def test_files_that_cannot_be_moved_leave_the_film_as_it_was(store: Store) -> None:
    film = add(store, "湖上新桥通车了")

    def full(_asset_id: int, _rev: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        store.run_sync(lambda uow: library.replace(uow, NOW, "editor", film.id, LONGER, full))
    assert store.run_sync(lambda uow: uow.assets.get(film.id)) == film


def test_what_was_thrown_away_comes_back_until_it_is_purged(store: Store) -> None:
    film = add(store, "湖上新桥通车了")
    store.run_sync(lambda uow: assets.withdraw(uow, NOW, film.id))
    thrown = store.run_sync(library.trash)
    back = store.run_sync(lambda uow: library.restore(uow, NOW, "editor", film.id))
    with pytest.raises(BadValue, match="没有删除"):
        store.run_sync(lambda uow: library.restore(uow, NOW, "editor", film.id))
    store.run_sync(lambda uow: assets.withdraw(uow, NOW, film.id))
    store.run_sync(lambda uow: assets.purge_due(uow, NOW + 7 * DAY, lambda *_: None, kept=7 * DAY))

    assert [one.state for one in thrown] == [State.WITHDRAWN]
    assert (back, store.run_sync(library.trash)) == (film, ())
    with pytest.raises(NotFound):
        store.run_sync(lambda uow: library.restore(uow, NOW, "editor", film.id))


def test_views_are_households_that_watched_and_skipping_or_watching_twice_adds_nothing(store: Store) -> None:
    film = add(store, "湖上新桥通车了")
    homes = store.run_sync(_two_households)

    def watch(home: int, *places: float) -> None:
        for at, seconds in enumerate(places):
            note = partial(assets.note_progress, now=NOW + timedelta(seconds=10 * at), seconds=seconds)
            store.run_sync(partial(note, household_id=home, asset_id=film.id))

    watch(homes[0], *range(10, 110, 10), 5, *range(10, 110, 10))
    watch(homes[1], 10, 100, 5, 104)
    counted = store.run_sync(lambda uow: uow.assets.views([film.id]))[film.id]

    assert counted == library.Views(1, 106 + 10)


def test_where_a_film_is_used_is_told_by_series_plan_filler_and_air(store: Store) -> None:
    films = channel_town.settle(store)
    channel_town.approve(store, channel_town.item("bridge", 2, 10, films["bridge"]))
    channel_town.publish(store)
    made = store.run_sync(lambda uow: assets.add_series(uow, Series(0, "films", "乡村故事")))
    store.run_sync(lambda uow: assets.place_in_series(uow, films["short"], made.id, 1, 2))
    told = {name: store.run_sync(lambda uow, name=name: library.uses(uow, NOW, films[name])) for name in films}

    assert told["short"][0] == f"series {made.id} 乡村故事, episode 1.2"
    assert "fillers of nanhu.town" in told["filler"]
    with pytest.raises(BadValue, match=r"nanhu\.town 第 \d+ 行") as refused:
        store.run_sync(lambda uow: library.throw_away(uow, NOW, "editor", films["bridge"]))
    free = store.run_sync(lambda uow: library.throw_away(uow, NOW, "editor", films["advert"]))

    assert (refused.value.code, free.state) == ("in_use", State.WITHDRAWN)
    assert "plan of nanhu.town, 2026-11-24 19:02" in told["bridge"]
    assert "on air on nanhu.town, 2026-11-24 19:02:00" in told["bridge"]


def _two_households(uow: Any) -> tuple[int, int]:
    from middleware.domain.registry import HouseholdDraft

    village = uow.places.add_village("v01", "南湖一村")
    uow.registry.add_households([HouseholdDraft(code, village.id, "") for code in ("h1", "h2")])
    known = uow.registry.households_by_code({"h1", "h2"})
    return known["h1"].id, known["h2"].id
