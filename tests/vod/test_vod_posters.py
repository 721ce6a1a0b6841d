"""The poster is bright, has the shelf's size, and foreign pictures are written anew."""

import subprocess
from pathlib import Path

import pytest

from vod.errors import Refused
from vod.jobs import State
from vod.library import Library
from vod.posters import DARKEST, SAMPLE, Choice, candidates, choose, sampled

FRAME = SAMPLE[0] * SAMPLE[1]
PICTURE = ("-f", "jpeg_pipe", "-i", "pipe:0")
"""By stdin: the folder of these tests has a % in its name, which ffmpeg's picture reader takes for a pattern."""


def _flat(luma: int) -> bytes:
    return bytes([luma]) * FRAME


def _mean_luma(path: Path) -> float:
    grey = subprocess.run(
        ["ffmpeg", "-v", "error", *PICTURE, "-f", "rawvideo", "-pix_fmt", "gray", "-"],
        input=path.read_bytes(),
        capture_output=True,
        check=True,
    ).stdout
    return sum(grey) / len(grey)


def _size(path: Path) -> str:
    asked = ["-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0"]
    command = ["ffprobe", "-v", "error", *asked, *PICTURE]
    done = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_contrast_wins_and_black_never_does() -> None:
    busy = bytes([20, 220]) * (FRAME // 2)

    assert choose(_flat(0) + _flat(120) + busy + busy) == Choice(2, dark=False)
    assert choose(_flat(0) + _flat(9) + _flat(3)) == Choice(1, dark=True)


@pytest.mark.parametrize(("count", "expected"), [(1, (0,)), (2, (0,)), (3, (0, 1)), (50, tuple(range(5, 44)))])
def test_samples_keep_clear_of_both_ends(count: int, expected: tuple[int, ...]) -> None:
    assert sampled(count)[: len(expected)] == expected


def test_of_a_long_film_no_more_than_sixty_key_frames_are_looked_at() -> None:
    picks = sampled(3600)

    assert (len(picks), picks[0], picks[-1]) == (60, 360, 3239)


def test_candidates_are_the_best_of_each_third_the_best_of_all_first() -> None:
    busy, busier = bytes([60, 180]) * (FRAME // 2), bytes([20, 220]) * (FRAME // 2)
    film = [_flat(100)] * 10 + [_flat(90), busy, _flat(90)] * 9 + [_flat(90), busier, _flat(90)] + [_flat(0)] * 60

    chosen = candidates(b"".join(film))

    assert next(choice.number for choice in chosen) == 38
    assert len({choice.number for choice in chosen}) == 3
    assert [choice.dark for choice in chosen] == [False, False, True]


@pytest.mark.parametrize("name", ["plain.mp4", "black.mp4"])
def test_a_film_gets_two_pictures_that_are_not_black(name: str, films, package, library: Library) -> None:
    package(films(name))

    poster, shelf = library.folder(1, 1) / "poster.jpg", library.folder(1, 1) / "shelf.jpg"
    assert (_size(poster), _size(shelf)) == ("mjpeg,640,360", "mjpeg,258,145")
    assert _mean_luma(poster) > DARKEST
    assert shelf.stat().st_size <= 15 * 1024


def test_an_editors_picture_is_written_anew_without_its_metadata(films, package, library: Library) -> None:
    picture = films.folder / "poster.png"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=red:s=500x500", "-frames:v", "1", picture], check=True
    )
    picture.write_bytes(picture.read_bytes() + b"secret place of the photograph")

    package(films("silent.mp4"), poster=picture)

    assert _size(library.folder(1, 1) / "poster.jpg") == "mjpeg,640,360"
    assert b"secret" not in (library.folder(1, 1) / "poster.jpg").read_bytes()


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"\xff\xd8\xff and no more of it"])
def test_what_is_no_picture_is_refused_as_poster(content: bytes, films, package, library: Library) -> None:
    with pytest.raises(Refused, match="not_media"):
        package(films("silent.mp4"), poster=films.made("poster.jpg", content))

    assert not library.folder(1, 1).exists()
    assert State.ENCODING not in [seen.state for seen in package.seen], "refused before the encoding"
