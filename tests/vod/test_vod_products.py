"""A telephone clip for the channel with all by-products, and what they hold, measured by ffmpeg on the files."""

import json
import re
import subprocess
from pathlib import Path

import m3u8
import pytest
from attrs import evolve

from tests.vod.checking import check
from vod import fragments, playlists
from vod.catalogue import Edition, Package, aired_captions
from vod.encrypting import Lock
from vod.errors import PackagingFailed
from vod.library import Library
from vod.packaging import Caption, Settings
from vod.playlists import FULL
from vod.probe import admit

CLIP = (
    "-f lavfi -i testsrc2=s=320x180:r=30000/1001:d=13.3 -vf geq=lum='40+14*floor(T)':cb=128:cr=128,format=yuv420p "
    "-c:v libx264 -preset ultrafast -metadata:s:v rotate=90"
)
"""29.97 pictures a second, turned, without sound; every second is brighter than the one before by 14."""
WORDS = "1\n00:00:03,000 --> 00:00:04,000\n南湖\n"
SIX = 540_000


def _run(*words: object, folder: Path | None = None) -> bytes:
    return subprocess.run([str(word) for word in words], check=True, capture_output=True, cwd=folder).stdout


def _lumas(data: bytes, width: int, height: int) -> list[float]:
    size = width * height
    return [sum(data[at : at + size]) / size for at in range(0, len(data), size)]


@pytest.fixture
def clip(films) -> Path:
    path = films.folder / "clip.mp4"
    if not path.exists():
        _run("ffmpeg", "-v", "error", *CLIP.split(), path)
    return path


@pytest.fixture
def captions(films) -> tuple[Caption, ...]:
    return (Caption(films.made("clip.srt", WORDS.encode("gb18030"))),)


@pytest.fixture
def made(clip: Path, captions: tuple[Caption, ...], package, library: Library) -> tuple[Package, Path]:
    settings = Settings(preset="ultrafast", channel=True, fragments=True)
    return package(clip, settings, captions=captions), library.folder(1, 1)


def test_a_silent_turned_clip_of_another_rate_is_ready_for_the_channel(made, library: Library) -> None:
    done, folder = made
    edition = done.edition

    assert done.channel
    assert edition.seg_ticks == (SIX, SIX, SIX)
    assert [each.rung for each in edition.renditions] == [360, 540, 720]
    assert library.damaged(1, 1, edition) == []
    _key_frames_are_one_picture_each(edition, folder)
    _sprites_show_their_seconds(edition, folder)
    _fragments_play(edition, folder)
    _subtitles_hang_on_the_first_picture(edition, folder)
    _lists_are_sound(edition)


def _key_frames_are_one_picture_each(edition: Edition, folder: Path) -> None:
    low = edition.renditions[0]
    assert [len(frames) for frames in low.iframes] == [3, 3, 3]
    for number, frames in enumerate(low.iframes):
        data = (folder / f"360/{number:05d}.ts").read_bytes()
        for offset, length, ticks in frames:
            alone = data[: frames[0][0]] + data[offset : offset + length]
            asked = ["-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "json", "-f", "mpegts"]
            told = subprocess.run(
                ["ffprobe", "-v", "error", *asked, "-select_streams", "v", "pipe:0"],
                input=alone, capture_output=True, check=True,
            )  # fmt: skip
            assert json.loads(told.stdout)["streams"][0]["nb_read_frames"] == "1"
            assert ticks == 2 * 90_000


def _sprites_show_their_seconds(edition: Edition, folder: Path) -> None:
    assert edition.sheets == 1
    cues = re.findall(
        r"^([\d:.]+) --> .*\n(.*)#xywh=(\d+),(\d+),160,90", (folder / "thumbs.vtt").read_text(), re.MULTILINE
    )
    assert [(start, name, x, y) for start, name, x, y in cues] == [
        ("00:00:00.000", "sprites/0.jpg", "0", "0"),
        ("00:00:10.000", "sprites/0.jpg", "160", "0"),
    ]
    for start, _, x, y in cues:
        # The upright picture stands between black bars: look at its middle.
        crop = f"crop=20:60:{int(x) + 70}:{int(y) + 15},format=gray"
        sheet = (folder / "sprites/0.jpg").read_bytes()
        words = ["ffmpeg", "-v", "error", "-f", "jpeg_pipe", "-i", "pipe:0", "-vf", crop, "-f", "rawvideo", "pipe:1"]
        told = subprocess.run(words, input=sheet, capture_output=True, check=True).stdout
        second = float(start.rpartition(":")[2])
        assert _lumas(told, 20, 60)[0] == pytest.approx((40 + 14 * second - 16) * 255 / 219, abs=14 * 2)


def _fragments_play(edition: Edition, folder: Path) -> None:
    assert [each.rung for each in edition.fmp4] == [360, 540, 720]
    whole = (folder / "f720/init.mp4").read_bytes()
    whole += b"".join((folder / f"f720/{number:05d}.m4s").read_bytes() for number in range(3))
    asked = ["-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "csv=p=0", "pipe:0"]
    told = subprocess.run(["ffprobe", "-v", "error", *asked], input=whole, capture_output=True, check=True)
    assert told.stderr == b""
    assert [line.split(",")[:2] for line in told.stdout.decode().split()] == [["h264", "450"], ["aac", "845"]]
    told = m3u8.loads(playlists.master(edition, evolve(FULL, container="fmp4")).decode()).playlists
    rates = {each.uri: each.stream_info.average_bandwidth for each in told}
    size = sum((folder / f"f720/{number:05d}.m4s").stat().st_size for number in range(3))
    assert rates["f720.m3u8"] == -(-size * 8 // 18)
    assert fragments.tracks(whole[: edition.fmp4[2].init_bytes]) == {1: "vide", 2: "soun"}


def _subtitles_hang_on_the_first_picture(edition: Edition, folder: Path) -> None:
    (track,) = edition.subtitles
    text = (folder / "sub-zh/00000.vtt").read_text(encoding="utf-8")
    assert (track.key, track.language, track.seg_ticks) == ("zh", "zh", (SIX, SIX, SIX))
    assert text.splitlines()[:2] == [
        "WEBVTT",
        f"X-TIMESTAMP-MAP=MPEGTS:{edition.renditions[0].first_pts},LOCAL:00:00:00.000",
    ]
    assert "00:00:03.000 --> 00:00:04.000\n南湖\n" in text
    # For the channel they are cut as the pictures.
    assert aired_captions(edition.subtitles, edition.seg_ticks) == "zh"
    assert "-->" not in (folder / "sub-zh/00001.vtt").read_text(encoding="utf-8")


def _lists_are_sound(edition: Edition) -> None:
    lists = [playlists.master(edition, FULL), playlists.subtitles(edition.subtitles[0], "1-1", FULL)]
    lists += [playlists.media(edition, "1-1", 720), playlists.iframes(edition, "1-1", 360) or b""]
    assert [finding for data in lists for finding in check(data) if finding.severity == "E"] == []


def test_encrypted_segments_open_with_their_key_and_nothing_else(films, package, library: Library) -> None:
    done = package(films("plain.mp4"), Settings(preset="ultrafast", encrypt=True, fragments=True))
    edition, folder = done.edition, library.folder(1, 1)
    lock = Lock(done.key, bytes.fromhex(edition.iv))

    assert (len(done.key), len(lock.iv), edition.fmp4) == (16, 16, ())
    assert [each.iframes for each in edition.renditions] == [(), ()]
    assert library.damaged(1, 1, edition) == []
    closed = (folder / "360/00000.ts").read_bytes()
    assert closed[::188].count(0x47) < len(closed) // 188 // 4
    assert lock.opened(closed)[::188].count(0x47) == len(lock.opened(closed)) // 188
    (folder / "key").write_bytes(done.key)
    text = playlists.media(edition, "1-1", 360).replace(b"../../s/1-1/", b"").replace(b"../../k/1-1", b"key")
    (folder / "film.m3u8").write_bytes(text)
    guards = ["-allowed_extensions", "ALL", "-protocol_whitelist", "file,crypto"]
    played = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", *guards, "-i", "film.m3u8", "-f", "null", "-"],
        cwd=folder, capture_output=True, check=True,
    )  # fmt: skip
    assert played.stderr == b""


def test_no_two_sounds_have_one_name() -> None:
    """原声 is what lists call the first one, whatever its file says."""
    titles = [None, "国语", "原声", "原声", "原声"]
    audio = [
        {"index": n, "codec_type": "audio", "codec_name": "aac", "tags": {"title": title}}
        for n, title in enumerate(titles)
        if title
    ]
    video = {"index": 0, "codec_type": "video", "codec_name": "h264", "width": 640, "height": 360}
    found = admit(json.dumps({"streams": [video, *audio], "format": {}}).encode())

    assert [voice.title for voice in found.voices] == ["原声 2", "原声 3", "原声 4"]


def test_three_sounds_become_one_in_the_segments_and_two_beside(films, package, library: Library) -> None:
    film = films.folder / "sounds.mkv"
    sines = [f"-f lavfi -i sine=f={pitch}:d=3" for pitch in (300, 600, 900)]
    names = "-metadata:s:a:0 language=chi -metadata:s:a:1 language=eng -metadata:s:a:2 language=eng"
    picture = "-f lavfi -i testsrc2=s=320x180:r=25:d=3"
    words = f"{picture} {' '.join(sines)} -map 0 -map 1 -map 2 -map 3 {names} -c:v libx264 -preset ultrafast -c:a aac"
    _run("ffmpeg", "-v", "error", "-y", *words.split(), film)

    edition = package(film, Settings(preset="ultrafast", exact_ms=2000)).edition

    assert [(each.key, each.language, each.title) for each in edition.sounds] == [
        ("en", "en", "英语"),
        ("en-2", "en", "英语 2"),
    ]
    assert library.damaged(1, 1, edition) == []
    for sound in edition.sounds:
        assert sound.codecs == "mp4a.40.2"
        assert sum(sound.seg_ticks) == pytest.approx(sum(edition.seg_ticks), abs=2 * 1920)
        assert len(sound.seg_ticks) == 1, "no segment of a single frame behind"
    asked = ["-f", "mpegts", "-i", library.folder(1, 1) / "sound-en-2/00000.ts", "-af", "highpass=800,astats"]
    loud = subprocess.run(["ffmpeg", *map(str, asked), "-f", "null", "-"], capture_output=True, check=True).stderr
    assert float(re.findall(rb"RMS level dB: (-?[\d.]+)", loud)[-1]) > -40, "it is the third sound, not a copy"


@pytest.mark.parametrize(
    ("broken", "instead", "detail"),
    [
        ("vod.products.boxes.samples", lambda _: {1: 49, 2: 90}, "17: "),
        ("vod.sprites.sheets", lambda _: 2, "no sprites/1.jpg"),
    ],
)
def test_one_fault_in_a_by_product_and_nothing_is_published(
    broken: str, instead: object, detail: str, films, package, library: Library, monkeypatch
) -> None:
    monkeypatch.setattr(broken, instead)

    with pytest.raises(PackagingFailed) as failed:
        package(films("very_short.mp4"), Settings(preset="ultrafast", fragments=True))

    assert failed.value.code == "verify_failed"
    assert failed.value.detail.startswith(detail)
    assert not library.folder(1, 1).exists()
