"""Films enter and leave the library by rename; crashes leave nothing; paths come from numbers."""

import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from vod.catalogue import Edition, Fragments, Rendition, Track
from vod.errors import PackagingFailed
from vod.library import Library, seal, take_candidate


def _film(folder: Path, content: bytes = b"segment") -> Path:
    (folder / "film/360").mkdir(parents=True)
    (folder / "film/360/00000.ts").write_bytes(content)
    (folder / "film/360/index.m3u8").write_text("#EXTM3U\n")
    return folder / "film"


def test_a_published_film_is_where_its_numbers_say(library: Library) -> None:
    with library.job() as folder:
        work = _film(folder)
        seal(work)
        library.publish(work, 5, 2)

    assert (library.folder(5, 2) / "360/00000.ts").read_bytes() == b"segment"
    assert sorted(path.name for path in library.folder(5, 2).rglob("*")) == ["00000.ts", "360"]
    assert list(library._work.iterdir()) == []


def test_what_a_rolled_back_transaction_left_is_replaced(library: Library) -> None:
    for content in (b"old", b"new"):
        with library.job() as folder:
            library.publish(_film(folder, content), 5, 1)

    assert (library.folder(5, 1) / "360/00000.ts").read_bytes() == b"new"


def test_a_purged_film_is_gone_and_purging_again_is_no_error(library: Library) -> None:
    with library.job() as folder:
        library.publish(_film(folder), 5, 1)

    library.purge(5, 1)
    library.purge(5, 1)

    assert not library.folder(5, 1).exists()
    library.sweep()
    assert list(library._work.iterdir()) == []


def test_purging_leaves_the_slow_part_to_the_sweep(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called inside transactions, which hold up everybody who writes."""
    with library.job() as folder:
        library.publish(_film(folder), 5, 1)

    def removed(*_: object, **__: object) -> None:
        raise AssertionError("the disk is at work")

    monkeypatch.setattr(shutil, "rmtree", removed)
    library.purge(5, 1)

    assert not library.folder(5, 1).exists()


def test_what_a_thread_wrote_behind_a_cancelled_job_is_swept_away(library: Library) -> None:
    with library.job() as living:
        left = library._work / "tmpleft"
        left.mkdir()
        (left / "00000.ts").write_bytes(b"half")
        library.sweep()

        assert (left.exists(), living.exists()) == (False, True)


def test_starting_clears_dead_jobs_and_spares_living_ones(library: Library) -> None:
    (library._work / "dead").mkdir()
    (library._work / "dead/00000.ts").write_bytes(b"half")
    (library._work / "dead.lock").touch()

    with library.job() as folder:
        library.prepare()

        assert folder.is_dir()
        assert sorted(path.name for path in library._work.iterdir()) == [folder.name, f"{folder.name}.lock"]


def test_the_empty_subtitles_are_there_once_and_stay(library: Library) -> None:
    library.prepare()
    first = library.no_words().stat()
    library.prepare()

    assert library.no_words().read_bytes().startswith(b"WEBVTT\n")
    assert library.no_words().stat().st_mtime_ns == first.st_mtime_ns


def test_damage_and_loss_are_found_by_hash(library: Library) -> None:
    digest = "b" * 64
    rendition = Rendition(360, 640, 360, 25_000, "", 1, 1, 0, (1, 1), (digest, digest))
    with library.job() as folder:
        library.publish(_film(folder), 5, 1)

    damaged = library.damaged(5, 1, Edition((1, 1), (rendition,)))

    assert damaged == [library.folder(5, 1) / "360/00000.ts", library.folder(5, 1) / "360/00001.ts"]


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EACCES, errno.ESTALE])
def test_what_keeps_us_from_reading_is_no_damage(
    library: Library, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    rendition = Rendition(360, 640, 360, 25_000, "", 1, 1, 0, (1,), ("b" * 64,))

    def refused(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(OSError, match=os.strerror(number)):
        library.damaged(5, 1, Edition((1,), (rendition,)))


def test_another_poster_is_another_revision_of_the_same_files(library: Library) -> None:
    with library.job() as folder:
        work = _film(folder)
        for name in ("poster", "shelf"):
            for mark in ("", "-1", "-2"):
                (work / f"{name}{mark}.jpg").write_text(f"{name}{mark}")
        seal(work)
        library.publish(work, 5, 1, "cadre")
    with library.job() as folder:
        library.twin(5, 1, "cadre", folder / "film")
        assert not take_candidate(folder / "film", 3)
        assert take_candidate(folder / "film", 2)
        library.publish(folder / "film", 5, 2, "cadre")

    old, new = library.folder(5, 1, "cadre"), library.folder(5, 2, "cadre")
    assert [(new / name).read_text() for name in ("poster.jpg", "shelf.jpg")] == ["poster-2", "shelf-2"]
    assert [(old / name).read_text() for name in ("poster.jpg", "shelf.jpg")] == ["poster", "shelf"]
    assert (old / "360/00000.ts").samefile(new / "360/00000.ts")
    library.purge(5, 1)
    assert (new / "360/00000.ts").read_bytes() == b"segment"


def test_a_class_of_media_is_no_path(library: Library) -> None:
    for klass in ("../pub", "", "A", "a" * 17):
        with pytest.raises(ValueError, match="class of media"):
            library.folder(5, 1, klass)


def test_every_kind_of_file_of_a_film_is_looked_at(library: Library) -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    rung = Rendition(360, 640, 360, 25_000, "", 1, 1, 0, (1,), (digest,))
    sound, text = (Track(key, key, key, (1,), (1,), (digest,)) for key in ("en", "zh"))
    edition = Edition(
        (1,),
        (rung,),
        (text,),
        (sound,),
        1,
        "",
        (Fragments(360, 1, digest, (1,), (digest,)),),
        (("thumbs.vtt", digest),),
    )
    names = ["360/00000.ts", "f360/00000.m4s", "f360/init.mp4", "sound-en/00000.ts", "sub-zh/00000.vtt", "thumbs.vtt"]
    with library.job() as folder:
        for name in names:
            (folder / "film" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "film" / name).write_bytes(b"x")
        library.publish(folder / "film", 5, 1)

    assert library.damaged(5, 1, edition) == []
    assert sorted(name for name, _ in edition.files()) == names
    for name in names:
        path = library.folder(5, 1) / name
        path.write_bytes(b"y")
        assert library.damaged(5, 1, edition) == [path]
        path.write_bytes(b"x")


def test_paths_are_made_from_numbers_only(library: Library) -> None:
    with pytest.raises(ValueError, match="format code"):
        library.folder("../../etc", 1)  # type: ignore[arg-type]


def test_too_little_space_is_refused_before_work_begins(library: Library) -> None:
    library.require_space(1)

    with pytest.raises(PackagingFailed, match="disk_full"):
        library.require_space(1 << 60)


def test_sealed_files_are_flushed_files_before_folders(library: Library, monkeypatch) -> None:
    flushed: list[str] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (flushed.append(_name(number)), real(number)))

    with library.job() as folder:
        seal(_film(folder))

    assert flushed == ["00000.ts", "360", "film"]


def _name(number: int) -> str:
    return Path(f"/proc/self/fd/{number}").readlink().name
