"""Films drawn from still pictures: the right size and length, a moving picture, and a caption on it."""

import subprocess
from pathlib import Path

import pytest

from vod import ffmpeg_args
from vod.ffmpeg_args import Scene, enlarged_args, slideshow_args
from vod.ladder import LADDER

LENGTH = 3.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(ffmpeg_args, "SCENE_S", 2.0)
    monkeypatch.setattr(ffmpeg_args, "FADE_S", 1.0)
    for name in ("one", "two"):
        _ffmpeg(tmp_path, "-f", "lavfi", "-i", "testsrc2=s=258x145", "-frames:v", "1", f"{name}.jpg")
        (tmp_path / f"{name}.txt").write_text("南湖新桥：100% 通车", encoding="utf-8")
    _ffmpeg(tmp_path, "-f", "lavfi", "-i", "sine=d=2.9", "tune.wav")
    return tmp_path


def _ffmpeg(folder: Path, *args: str) -> bytes:
    command = ["ffmpeg", "-v", "error", "-y", *args]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


def _frame(folder: Path, at: float, part: str = "crop=960:300:0:0") -> bytes:
    shown = ["-ss", str(at), "-i", "film.mp4", "-frames:v", "1", "-vf", f"{part},format=gray", "-f", "rawvideo", "-"]
    return _ffmpeg(folder, *shown)


def _difference(one: bytes, other: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def test_a_film_is_drawn_from_two_pictures(folder: Path) -> None:
    scenes = tuple(
        Scene(folder / f"{name}.jpg", 4, f"{name}.txt", move) for name, move in (("one", "right"), ("two", "up"))
    )

    _ffmpeg(folder, *slideshow_args(scenes, LADDER[2], "tune.wav", "film.mp4"))

    asked = ["-show_entries", "stream=codec_name,width,height:format=duration", "-of", "csv=p=0", "film.mp4"]
    told = subprocess.run(["ffprobe", "-v", "error", *asked], cwd=folder, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["h264,960,540", "aac", f"{LENGTH:.6f}"]
    assert _difference(_frame(folder, 0.2), _frame(folder, 0.8)) > 2, "the view wanders"


def test_a_caption_comes_after_a_second(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffmpeg_args, "SCENE_S", 4.0)
    place = "crop=400:60:40:440"
    frames = []
    for caption in ("南湖新桥：100% 通车", " "):
        (folder / "one.txt").write_text(caption, encoding="utf-8")
        scene = (Scene(folder / "one.jpg", 4, "one.txt", "down"),)
        _ffmpeg(folder, *slideshow_args(scene, LADDER[2], "tune.wav", "film.mp4"))
        frames.append([_frame(folder, at, place) for at in (0.4, 2.0)])

    before, shown = (_difference(*pair) for pair in zip(*frames, strict=True))

    assert before < 1
    assert shown > 5


def test_a_small_drawing_is_redrawn_large(folder: Path) -> None:
    _ffmpeg(folder, *enlarged_args(folder / "one.jpg", 4, "poster.png"))

    asked = ["-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", "poster.png"]
    told = subprocess.run(["ffprobe", "-v", "error", *asked], cwd=folder, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "png,1280,720"
