"""With films in the store the channels play them, and the first household is in the middle of one."""

from datetime import timedelta
from pathlib import Path

from attrs import evolve

from middleware.demo import start
from middleware.demo.films import films, parts
from middleware.demo.guide import channels, film_of
from middleware.demo.population import FAMILY_HOME
from middleware.services import assets, ledger, ledger_pool
from middleware.storage.store import Store
from middleware.storage.uow import SqlUnitOfWork
from tests.demo.conftest import NOW
from vod.catalogue import Edition, Package, Rendition

EDITION = Edition(
    (540_000,) * 10,
    (Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 800_000, 700_000, 7200, (6,) * 10, ("a",) * 10),),
)


def _add(uow: SqlUnitOfWork) -> None:
    for film in reversed(films()):
        package = Package(Path("unused"), EDITION)
        assets.add_asset(uow, NOW - film.age, film.draft, package, lambda _asset, _rev: None)


def test_each_channel_plays_a_film_and_the_towns_own_the_newest(young_town: Store) -> None:
    young_town.run_sync(_add)

    young_town.run_sync(lambda uow: start.at_start(uow, NOW))

    found = young_town.run_sync(lambda uow: (uow.guide.channels(), uow.assets.listing("style")), write=False)
    channels, shelf = found
    assert [film.title for film in shelf] == ["湖上新桥通车了", "正月十五闹花灯"]
    assert channels[0].url == f"/v/{shelf[0].key}/master.m3u8"
    assert channels[0].still == f"/v/{shelf[0].key}/poster.jpg"
    assert len({channel.url for channel in channels}) == len(channels)


def test_the_first_household_is_offered_to_go_on_once(young_town: Store) -> None:
    home = young_town.run_sync(lambda uow: uow.registry.households_by_code([FAMILY_HOME])[FAMILY_HOME], write=False)
    begun = young_town.run_sync(lambda uow: assets.resume(uow, home.id), write=False)
    assert begun is not None
    assert begun[0].title == "大山里的一盏灯"

    young_town.run_sync(lambda uow: assets.note_progress(uow, NOW, home.id, begun[0].id, 59))
    young_town.run_sync(lambda uow: start.at_start(uow, NOW))

    assert young_town.run_sync(lambda uow: assets.resume(uow, home.id), write=False) is None


def test_demo_json_names_playlists_that_can_be_asked_for(young_town: Store) -> None:
    place = start.Place("http://tv.example", "南湖镇", {})

    told = young_town.run_sync(start.content(place, lambda path: path), write=False)

    assert len(told["assets"]) == 8
    assert all(one["playlist"].startswith("http://tv.example/v/") for one in told["assets"])
    assert told["channels"][0]["url"] in {one["playlist"] for one in told["assets"]}


def _add_parts(uow: SqlUnitOfWork) -> None:
    for part in parts():
        count, rest = divmod(part.exact_s or 60, 6)
        ticks = (540_000,) * count + ((rest * 90_000,) if rest else ())
        rendition = evolve(EDITION.renditions[0], segment_bytes=(6,) * len(ticks), sha256=("a",) * len(ticks))
        package = Package(Path("unused"), Edition(ticks, (rendition,)), channel=True)
        assets.add_asset(uow, NOW - part.age, part.draft, package, lambda _asset, _rev: None)


def test_with_what_fills_it_up_the_towns_own_channel_plays_out_by_its_plan(young_town: Store) -> None:
    name, at = channels()[0].id, int(NOW.timestamp() * 1000)
    young_town.run_sync(_add_parts)
    young_town.run_sync(lambda uow: start.at_start(uow, NOW))
    assert young_town.run_sync(ledger_pool.playing) == (name,)

    fence = young_town.run_sync(lambda uow: uow.ledger.lock(name, "server", at, at + 20_000))
    done = young_town.run_sync(lambda uow: ledger.publish(uow, NOW, name, fence))
    young_town.run_sync(lambda uow: start.at_start(uow, NOW))

    assert done.faults == ()
    town = young_town.run_sync(lambda uow: uow.guide.channels()[0])
    known = young_town.run_sync(lambda uow: ledger.effective(uow, name, at))
    soon = NOW + timedelta(minutes=1)
    (guide,) = young_town.run_sync(lambda uow: uow.guide.between(soon, soon + timedelta(seconds=1), {town.id}))
    assert town.url == f"/ch/{name}/master.m3u8"
    assert known.at(at + 60_000).row.programme_uid == guide.programme.uid


def test_programmes_have_the_film_that_there_is_of_them() -> None:
    assert [film_of(title) for title in ("优秀影片：大山里的一盏灯", "致富之窗：大棚草莓", "南湖夜话")] == [
        "lamp",
        "strawberry",
        "",
    ]
