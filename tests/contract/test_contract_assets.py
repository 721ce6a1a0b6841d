"""Films on both databases: added whole or not at all, withdrawn, purged, and resumed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import evolve

from middleware.domain.errors import BadValue
from middleware.services import assets
from middleware.services.assets import AssetDraft, Gone
from middleware.storage.store import Store
from vod.catalogue import Asset, Edition, Fragments, Package, Rendition, Track
from vod.jobs import State

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
LOW = Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 800_000, 700_000, 7200, (600_000, 300_000), ("a", "b"))
HIGH = Rendition(540, 960, 540, 25_000, "avc1.4d401f,mp4a.40.2", 1_800_000, 1_600_000, 7200, (9, 8), ("c", "d"))
EDITION = Edition((540_000, 9_000_000), (LOW, HIGH))
PACKAGE = Package(Path("unused"), EDITION)
DRAFT = AssetDraft("style", "湖上新桥通车了", "湖上新桥通车了", "连接两岸的新桥今天通车。", origin="demo/bridge")


@pytest.fixture
def published() -> list[tuple[int, int]]:
    return []


def _add(store: Store, published: list[tuple[int, int]], draft: AssetDraft = DRAFT, now: datetime = NOW) -> Asset:
    return store.run_sync(
        lambda uow: assets.add_asset(uow, now, draft, PACKAGE, lambda *key: published.append(key)), "assets.add"
    )


def test_a_film_comes_back_as_added_with_its_index(store: Store, published: list[tuple[int, int]]) -> None:
    added = _add(store, published)

    assert published == [(added.id, 1)]
    assert added.duration_ms == 106_000
    assert store.run_sync(lambda uow: assets.asset(uow, added.id)) == added
    assert store.run_sync(lambda uow: uow.assets.by_origin("demo/bridge")) == added
    assert store.run_sync(lambda uow: uow.assets.edition(added.id, 1)) == EDITION
    assert store.run_sync(lambda uow: uow.assets.edition(added.id, 2)) is None


RICH = Edition(
    (540_000, 270_000),
    (evolve(LOW, iframes=(((564, 9000, 180_000), (20_000, 700, 360_000)), ((564, 80, 270_000),))), HIGH),
    subtitles=(Track("zh", "zh", "中文", (810_000,), (90,), ("e",), default=True),),
    sounds=(Track("zh-2", "zh", "方言", (540_000, 270_000), (70, 35), ("f", "g"), "mp4a.40.2"),),
    sheets=1,
    iv="0" * 31 + "7",
    fmp4=(Fragments(360, 800, "h", (5, 4), ("i", "j")), Fragments(540, 800, "k", (7, 6), ("l", "m"))),
    others=(("sprites/0.jpg", "n"),),
)


def test_by_products_and_the_key_of_a_revision_come_back(store: Store, published: list[tuple[int, int]]) -> None:
    film = _add(store, published)
    key = bytes(range(16))

    store.run_sync(lambda uow: uow.assets.add_edition(film.id, 2, RICH, key))

    assert store.run_sync(lambda uow: uow.assets.edition(film.id, 1)) == EDITION
    assert store.run_sync(lambda uow: uow.assets.edition(film.id, 2)) == RICH
    products = [store.run_sync(lambda uow, rev=rev: uow.assets.by_products(film.id, rev)) for rev in (1, 2, 3)]
    assert products == [(0, False), (1, True), (0, False)]
    keys = store.run_sync(lambda uow: [uow.assets.key(film.id, rev) for rev in (1, 2, 3)])
    assert keys == [None, key, None]
    known = store.run_sync(lambda uow: uow.ledger.films([(film.id, 1), (film.id, 2), (film.id, 3)]))
    assert {key: one.fragments for key, one in known.items()} == {(film.id, 1): False, (film.id, 2): True}


def test_files_that_cannot_be_moved_leave_no_row(store: Store) -> None:
    def full(_asset_id: int, _rev: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        store.run_sync(lambda uow: assets.add_asset(uow, NOW, DRAFT, PACKAGE, full))

    assert store.run_sync(lambda uow: uow.assets.all()) == ()


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (AssetDraft("finance", "片子"), "bad_column"),
        (AssetDraft("style", " "), "bad_title"),
        (AssetDraft("style", "长" * 41), "bad_title"),
        (AssetDraft("style", "片子", "超过八个字的短片名"), "bad_short_title"),
        (AssetDraft("style", "片子", synopsis="长" * 301), "bad_synopsis"),
    ],
)
def test_a_bad_draft_is_refused_by_code(
    store: Store, published: list[tuple[int, int]], draft: AssetDraft, code: str
) -> None:
    with pytest.raises(BadValue) as refused:
        _add(store, published, draft)

    assert refused.value.code == code
    assert published == []


def test_one_source_is_added_once(store: Store, published: list[tuple[int, int]]) -> None:
    _add(store, published)

    with pytest.raises(BadValue, match="已经添加过"):
        _add(store, published)
    assert len(published) == 1


def test_a_shelf_shows_ready_films_newest_first(store: Store, published: list[tuple[int, int]]) -> None:
    old = _add(store, published)
    new = _add(store, published, AssetDraft("style", "正月十五闹花灯"), NOW + timedelta(minutes=1))
    _add(store, published, AssetDraft("stones", "江南古村换新颜"))
    gone = _add(store, published, AssetDraft("style", "旧片"), NOW + timedelta(minutes=2))
    store.run_sync(lambda uow: assets.withdraw(uow, NOW, gone.id))
    _add(store, published, AssetDraft("style", "只给干部看", klass="cadre"), NOW + timedelta(minutes=3))

    assert store.run_sync(lambda uow: uow.assets.listing("style")) == (new, old)
    assert store.run_sync(lambda uow: uow.assets.listing("style", offset=1)) == (old,)
    assert store.run_sync(lambda uow: uow.assets.count("style")) == 2
    assert store.run_sync(lambda uow: [uow.assets.before(each) for each in (new, old)]) == [0, 1]


def test_a_withdrawn_film_is_gone_and_purged_a_day_later(store: Store, published: list[tuple[int, int]]) -> None:
    film = _add(store, published)
    store.run_sync(lambda uow: assets.withdraw(uow, NOW, film.id))
    purged: list[tuple[int, int]] = []

    def purge(now: datetime) -> tuple[Asset, ...]:
        return store.run_sync(lambda uow: assets.purge_due(uow, now, lambda *key: purged.append(key)))

    with pytest.raises(Gone):
        store.run_sync(lambda uow: assets.asset(uow, film.id))
    assert purge(NOW + timedelta(hours=23)) == ()
    assert [old.id for old in purge(NOW + timedelta(hours=24))] == [film.id]
    assert purge(NOW + timedelta(hours=48)) == ()
    assert purged == [(film.id, 1)]
    assert store.run_sync(lambda uow: uow.assets.get(film.id).state) is State.PURGED
    assert {one.id: one.state for one in store.run_sync(lambda uow: uow.assets.some([film.id, 999])).values()} == {
        film.id: State.PURGED
    }
    assert _add(store, published).id != film.id


def test_a_household_goes_on_where_it_stopped(store: Store, published: list[tuple[int, int]]) -> None:
    film, other = _add(store, published), _add(store, published, AssetDraft("films", "大山里的一盏灯"))
    home, neighbour = store.run_sync(_two_households)

    def note(asset_id: int, seconds: float, minutes: int) -> None:
        at = NOW + timedelta(minutes=minutes)
        store.run_sync(lambda uow: assets.note_progress(uow, at, home, asset_id, seconds))

    note(film.id, 20.5, 0)
    note(film.id, 40.25, 1)
    note(other.id, 2.0, 2)

    resumed, watched = store.run_sync(lambda uow: assets.resume(uow, home))
    assert (resumed, watched.position_ms) == (film, 40_250)
    assert store.run_sync(lambda uow: assets.watched(uow, home, {film.id, other.id})).keys() == {film.id, other.id}
    assert store.run_sync(lambda uow: assets.resume(uow, neighbour)) is None
    note(film.id, 999_999.0, 3)
    assert store.run_sync(lambda uow: assets.resume(uow, home)) is None
    assert store.run_sync(lambda uow: assets.watched(uow, home, {film.id}))[film.id].position_ms == film.duration_ms


def _two_households(uow) -> tuple[int, int]:
    from middleware.domain.registry import HouseholdDraft

    village = uow.places.add_village("v01", "南湖一村")
    uow.registry.add_households([HouseholdDraft(code, village.id, "") for code in ("h1", "h2")])
    found = uow.registry.households_by_code({"h1", "h2"})
    return found["h1"].id, found["h2"].id
