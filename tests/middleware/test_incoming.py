"""The watch folder takes what is complete, with what lies beside it, and nothing else."""

import os
from pathlib import Path

import pytest

from middleware.headend import incoming
from middleware.headend.incoming import STILL_S, Incoming, Laid, mark_of, node_of, opened


class Watched:
    """A watch folder and its clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 0.0
        self.incoming = Incoming(folder, ("films", "style"), lambda: self.now)
        self.incoming.prepare()

    def lay(self, name: str, content: bytes = b"film") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def after(self, seconds: float) -> list[str]:
        self.now += seconds
        return [laid.source.name for laid in self.incoming.complete()]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "incoming")


def test_a_file_is_complete_when_it_stands_still_for_ten_seconds(watched: Watched) -> None:
    path = watched.lay("films/红船.mp4")
    assert watched.after(0) == []
    assert watched.after(STILL_S - 1) == []
    with path.open("ab") as file:
        file.write(b"more")

    assert watched.after(2) == []
    assert watched.after(STILL_S) == ["红船.mp4"]


def test_a_film_that_was_taken_is_not_spoken_of_again_until_it_changes(watched: Watched) -> None:
    path = watched.lay("films/a.mp4")
    watched.after(0)
    watched.now += STILL_S
    watched.incoming.taken(*watched.incoming.complete())
    assert watched.after(60) == []
    path.write_bytes(b"another film")
    watched.after(0)

    assert watched.after(STILL_S) == ["a.mp4"]


def test_films_that_are_kept_do_not_stand_in_the_way_of_new_ones(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MOST", 2)
    for name in "abcd":
        watched.lay(f"films/{name}.mp4")
    seen: list[str] = []
    for _ in range(3):
        watched.after(0)
        watched.now += STILL_S
        for laid in watched.incoming.complete():
            watched.incoming.taken(laid)
            seen.append(laid.title)

    assert seen == ["a", "b", "c", "d"]


def test_a_file_that_somebody_has_open_is_not_complete(watched: Watched) -> None:
    path = watched.lay("films/a.mp4")
    watched.after(0)
    with path.open("rb"):
        assert opened([path]) == {path}
        assert watched.after(STILL_S) == []

    assert watched.after(0) == ["a.mp4"]


def test_subtitles_and_poster_beside_a_film_go_with_it(watched: Watched) -> None:
    film = watched.lay("style/南湖 晨光.MKV")
    names = (
        "南湖 晨光.srt",
        "南湖 晨光.en.vtt",
        "南湖 晨光.jpg",
        "南湖 晨光 2.srt",
        "other.srt",
        "南湖 晨光.director.srt",
    )
    beside = [str(watched.lay(f"style/{name}")) for name in names]
    watched.after(0)
    watched.now += STILL_S

    assert watched.incoming.complete() == [
        Laid(film, mark_of(film) or "", "style", "南湖 晨光", beside[2], (("en", beside[1]), ("zh", beside[0])))
    ]


def test_what_is_no_film_is_left_alone(watched: Watched) -> None:
    for name in ("films/.hidden.mp4", "films/a.mp4.part", "films/Thumbs.db", "films/a.srt", "a.mp4"):
        watched.lay(name)
    (watched.folder / "films/folder.mp4").mkdir()
    (watched.folder / "films/link.mp4").symlink_to("/etc/passwd")
    (watched.folder / "films" / os.fsdecode(b"\xc4\xcf.mp4")).write_bytes(b"film")
    watched.after(0)

    assert watched.after(STILL_S) == []


def test_a_long_name_is_cut_to_a_title_and_a_folder_that_is_gone_is_empty(watched: Watched) -> None:
    watched.lay(f"films/{'长' * 60}.mp4")
    watched.after(0)
    watched.now += STILL_S
    titles = [laid.title for laid in watched.incoming.complete()]
    for path in (watched.folder / "films").iterdir():
        path.unlink()
    (watched.folder / "films").rmdir()

    assert (titles, watched.after(0)) == (["长" * 40], [])


def test_a_data_folder_has_one_name(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    assert node_of(tmp_path) == node_of(tmp_path) != node_of(tmp_path / "other")


def test_a_name_that_a_power_cut_left_empty_is_given_anew_and_none_is_ever_half_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "node").touch()
    name = node_of(tmp_path)
    assert (len(name), node_of(tmp_path)) == (16, name)

    (tmp_path / "new").mkdir()
    monkeypatch.setattr(os, "fsync", _power_cut)
    with pytest.raises(InterruptedError):
        node_of(tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def _power_cut(_handle: int) -> None:
    raise InterruptedError
