"""A damaged film is found by its hashes, leaves the shelf and is told; sound films stay."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from attrs import define
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from middleware.domain.errors import StorageError, Unreachable
from middleware.headend.library_check import Damage, LibraryCheck
from middleware.services import asset_checks
from middleware.services.assets import AssetDraft, add_asset
from middleware.storage.store import Store
from vod.catalogue import Asset, Edition, Package, Rendition
from vod.jobs import State
from vod.library import Library

NIGHT = datetime(2026, 11, 24, 19, 30, tzinfo=UTC)
"""Half past three in the town."""


@define
class AtOnce:
    """The store, whose transactions have ended when `run` returns."""

    store: Store

    def run(self, fn, name: str = "", *, write: bool = True) -> "Deferred[object]":
        return succeed(self.store.run_sync(fn, name, write=write))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "town")
    library.prepare()
    return library


def _add(store: Store, library: Library, title: str, klass: str = "pub") -> Asset:
    digest = hashlib.sha256(b"segment").hexdigest()
    rung = Rendition(360, 640, 360, 25_000, "avc1.4d401e,mp4a.40.2", 9, 9, 7200, (7, 7), (digest, digest))
    with library.job() as folder:
        (folder / "film/360").mkdir(parents=True)
        for number in range(2):
            (folder / f"film/360/0000{number}.ts").write_bytes(b"segment")
        package = Package(folder / "film", Edition((540_000, 540_000), (rung,)))
        draft = AssetDraft("films", title, klass=klass)
        return store.run_sync(
            lambda uow: add_asset(
                uow, NIGHT, draft, package, lambda *key: library.publish(package.work, *key, klass=klass)
            )
        )


def _check(store: Store, library: Library, now: datetime = NIGHT) -> LibraryCheck:
    return LibraryCheck(AtOnce(store), library, lambda: now, lambda work: succeed(work()))


def _done(running) -> tuple[Damage, ...]:
    results: list[tuple[Damage, ...] | Failure] = []
    Deferred.fromCoroutine(running).addBoth(results.append)
    (found,) = results
    if isinstance(found, Failure):
        found.raiseException()
    return found


def test_what_is_damaged_or_lost_is_withdrawn_and_what_is_sound_stays(store: Store, library: Library) -> None:
    sound, damaged, lost = (_add(store, library, title) for title in ("好片", "坏片", "丢片"))
    ours = _add(store, library, "干部学习片", "cadre")
    (library.folder(damaged.id, 1) / "360/00001.ts").write_bytes(b"segmenu")
    library.purge(lost.id, 1)

    told = _done(_check(store, library).all())

    assert told == (
        Damage(damaged.id, "坏片", ("360/00001.ts",)),
        Damage(lost.id, "丢片", ("360/00000.ts", "360/00001.ts")),
    )
    states = store.run_sync(lambda uow: {each.id: each.state for each in uow.assets.all()})
    assert {number for number, state in states.items() if state is State.WITHDRAWN} == {damaged.id, lost.id}
    assert {states[sound.id], states[ours.id]} == {State.READY}
    assert _done(_check(store, library).all()) == ()


def test_it_runs_once_a_night_and_not_by_day(store: Store, library: Library) -> None:
    film = _add(store, library, "坏片")
    (library.folder(film.id, 1) / "360/00000.ts").unlink()
    times = [NIGHT - timedelta(hours=12), NIGHT, NIGHT + timedelta(minutes=10)]
    check = LibraryCheck(AtOnce(store), library, lambda: times[0], lambda work: succeed(work()))

    told = []
    while times:
        told.append([each.film for each in _done(check.nightly())])
        del times[0]

    assert told == [[], [film.id], []]


def test_a_night_that_broke_off_is_begun_again(store: Store, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    film = _add(store, library, "坏片")
    (library.folder(film.id, 1) / "360/00000.ts").unlink()
    check = _check(store, library)

    def away(_uow: object) -> tuple[int, ...]:
        raise Unreachable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(asset_checks, "ready", away)
        assert _done(check.nightly()) == ()

    assert [each.film for each in _done(check.nightly())] == [film.id]


def test_films_on_a_disk_that_is_not_mounted_stay_on_the_shelf(store: Store, library: Library) -> None:
    films = [_add(store, library, title) for title in ("一", "二")]
    for film in films:
        library.purge(film.id, 1)

    with pytest.raises(StorageError, match="mounted"):
        _done(_check(store, library).all())
    states = store.run_sync(lambda uow: {each.state for each in uow.assets.all()})
    assert states == {State.READY}


def test_a_film_that_cannot_be_read_just_now_stays_and_the_next_is_looked_at(
    store: Store, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, bad = (_add(store, library, title) for title in ("忙", "坏"))
    (library.folder(bad.id, 1) / "360/00000.ts").unlink()
    real = Library.damaged

    def looked(self: Library, asset: int, *rest: object) -> list[Path]:
        if asset == busy.id:
            raise OSError(24, "Too many open files")
        return real(self, asset, *rest)

    monkeypatch.setattr(Library, "damaged", looked)
    check = _check(store, library)

    assert [each.film for each in _done(check.all())] == [bad.id]
    assert check.unread == (busy.key,)
