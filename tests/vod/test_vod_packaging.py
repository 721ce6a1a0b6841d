"""Any real film becomes at least two aligned rungs; what is none is refused by a stable code and leaves nothing."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import m3u8
import pytest

from tests.vod.checking import check, check_variants
from vod import playlists
from vod.catalogue import TICKS_PER_S, Edition
from vod.errors import PackagingFailed, Refused
from vod.jobs import State
from vod.lengths import padded_ms, real_length
from vod.library import Library
from vod.packaging import Settings

VARIANTS = {
    "plain.mp4": (3.0, (240, 360)),
    "three_segments.ts": (14.3, (240, 360)),
    "silent.mp4": (3.0, (240, 360)),
    "odd.mp4": (3.0, (240, 360)),
    "variable_rate.mkv": (4.0, (240, 360)),
    "mono_short_sound.mp4": (3.0, (240, 360)),
    "surround_4_3.mkv": (3.0, (240, 360)),
    "interlaced_dvd.mpg": (2.0, (360, 540)),
    "ten_bit.mp4": (3.0, (240, 360)),
    "very_short.mp4": (2.0, (240, 360)),
}


def _playable(edition: Edition, folder: Path) -> None:
    """Write the lists beside the segments; the rung's folder then is a complete film for a player."""
    for rendition in edition.renditions:
        text = playlists.media(edition, "1-1", rendition.rung).replace(b"../../s/1-1/", b"")
        (folder / f"{rendition.rung}.m3u8").write_bytes(text)


def _packets(playlist: Path, stream: str) -> list[dict[str, str]]:
    asked = ["-select_streams", stream, "-show_packets", "-show_entries", "packet=pts,flags", "-of", "json"]
    found = subprocess.run(["ffprobe", "-v", "error", *asked, str(playlist)], check=True, capture_output=True)
    return json.loads(found.stdout)["packets"]


@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_of_film_is_packaged(name, films, package, library: Library) -> None:
    seconds, rungs = VARIANTS[name]

    edition = package.edition(films(name))

    assert tuple(rendition.rung for rendition in edition.renditions) == rungs
    assert edition.duration_ms / 1000 == pytest.approx(seconds, abs=0.35)
    assert edition.seg_ticks[:-1] == (6 * TICKS_PER_S,) * (len(edition.seg_ticks) - 1)
    assert library.damaged(1, 1, edition) == []
    _playable(edition, library.folder(1, 1))
    lowest = library.folder(1, 1) / f"{rungs[0]}.m3u8"
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", "-i", str(lowest), "-f", "null", "-"], capture_output=True, check=True
    )
    assert decoded.stderr == b""
    assert len(_packets(lowest, "a")) / (48_000 / 1024) == pytest.approx(edition.duration_ms / 1000, abs=0.1)


def test_rungs_are_cut_at_the_same_frames_while_progress_rises_to_the_whole(films, package, library: Library) -> None:
    edition = package.edition(films("three_segments.ts"))
    _playable(edition, library.folder(1, 1))

    keys = [
        [packet["pts"] for packet in _packets(library.folder(1, 1) / f"{rung}.m3u8", "v") if "K" in packet["flags"]]
        for rung in (240, 360)
    ]

    assert keys[0] == keys[1]
    assert len(keys[0]) == 8
    assert {after - before for before, after in zip(keys[0], keys[0][1:], strict=False)} == {2 * TICKS_PER_S}
    assert _loudness(library.folder(1, 1) / "360.m3u8") == pytest.approx(-23, abs=2)
    fractions = [step.fraction for step in package.seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert package.seen[-1].state is State.READY
    told = {round(step.fraction, 2) for step in package.seen}
    assert {0.0, 0.02, 0.93, 0.97, 0.99, 1.0} <= told, "each stage tells how far it is"
    assert len({step.fraction for step in package.seen if step.state is State.INDEXING}) > 4
    # On a machine with nothing else to do it is told every half second.
    assert max(after - before for before, after in pairwise(package.at)) < 5


def _loudness(playlist: Path) -> float:
    """Integrated loudness in LUFS (ITU-R BS.1770)."""
    words = ["ffmpeg", "-nostdin", "-i", playlist, "-vn", "-af", "ebur128", "-f", "null", "-"]
    told = subprocess.run(words, capture_output=True, check=True).stderr.decode()
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])


def test_lists_state_what_the_files_hold(films, package, library: Library) -> None:
    edition = package(films("three_segments.ts"), Settings(preset="veryfast")).edition
    lists = {str(rung): playlists.media(edition, "1-1", rung) for rung in (240, 360)}
    master = m3u8.loads(playlists.master(edition).decode())

    assert check(playlists.master(edition)) == []
    assert [finding for data in lists.values() for finding in check(data)] == []
    assert check_variants(lists) == []
    for entry, rung in zip(master.playlists, (360, 240), strict=True):
        paths = sorted((library.folder(1, 1) / str(rung)).iterdir())
        sizes = [path.stat().st_size for path in paths]
        told = m3u8.loads(lists[str(rung)].decode())
        assert [segment.uri.rpartition("/")[2] for segment in told.segments] == [path.name for path in paths]
        rates = [size * 8 / segment.duration for size, segment in zip(sizes, told.segments, strict=True)]
        stream = entry.stream_info
        assert stream.bandwidth >= max(rates[:2])
        assert stream.average_bandwidth == pytest.approx(sum(sizes) * 8 / (edition.duration_ms / 1000), rel=0.001)
        assert stream.resolution == {240: (426, 240), 360: (640, 360)}[rung]
        assert stream.codecs == {240: "avc1.4d4015,mp4a.40.2", 360: "avc1.4d401e,mp4a.40.2"}[rung]


def test_a_turned_telephone_film_stands_upright(films, package, library: Library) -> None:
    turned = films.folder / "turned.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", films("plain.mp4"), "-c", "copy", "-metadata:s:v", "rotate=90", turned],
        check=True,
    )

    edition = package.edition(turned)

    assert [rendition.rung for rendition in edition.renditions] == [360, 540]
    crop = subprocess.run(
        ["ffmpeg", "-i", library.folder(1, 1) / "540/00000.ts", "-vf", "cropdetect=24:2:0", "-f", "null", "-"],
        capture_output=True,
        check=True,
    ).stderr.decode()
    width, height = (int(n) for n in re.findall(r"crop=(\d+):(\d+)", crop)[-1])
    assert (height, width) == (540, pytest.approx(304, abs=4))


def test_a_film_that_breaks_off_is_packaged_to_its_last_frame(films, package) -> None:
    whole = films("faststart.mp4").read_bytes()

    done = package(films.made("cut.mp4", whole[: len(whole) * 6 // 10]))

    assert done.damaged_tail
    assert 2000 <= done.edition.duration_ms < 3000


def test_a_name_like_an_option_is_only_a_name(films, package) -> None:
    assert package.edition(films.made("-y", films("silent.mp4").read_bytes())).duration_ms == 3000


def _zeroed(data: bytes) -> bytes:
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    return data[:start] + bytes(end - start) + data[end:]


REFUSED = {
    "text": ("not_media", lambda _: "这是一份通知，不是视频。".encode() * 50),
    "empty": ("not_media", lambda _: b""),
    "noise": ("not_media", lambda _: bytes(range(7, 251)) * 40),
    "hls list": ("not_media", lambda _: b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n#EXT-X-ENDLIST\n"),
    "no index": ("truncated", lambda films: films("plain.mp4").read_bytes()[:50_000]),
    "no pictures": ("truncated", lambda films: _zeroed(films("plain.mp4").read_bytes())),
    "only sound": ("no_video", lambda films: films("only_sound.mp4").read_bytes()),
    "many streams": ("too_many_streams", lambda films: films("streams.mkv").read_bytes()),
    "huge picture": ("too_large", lambda films: films("huge.mp4").read_bytes()),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_film_is_refused_by_code(kind, films, package, library: Library) -> None:
    code, content = REFUSED[kind]

    with pytest.raises(Refused) as refused:
        package(films.made("refused.mp4", content(films)))

    assert refused.value.code == code
    assert re.fullmatch(r"[\u4e00-\u9fff\uff00-\uffef\u3001\u3002 0-9A-Z.]+", refused.value.message_zh)
    assert package.seen[-1].state is State.REFUSED
    assert _left(library) == []


def _left(library: Library) -> list[str]:
    """What lies in the library besides the empty segment of subtitles, which belongs to no film."""
    films = [path for path in library._media.glob("*/*") if path.name != "empty.vtt"]
    return sorted(str(path) for path in [*library._work.iterdir(), *films])


def test_an_encrypted_film_is_refused(films, package) -> None:
    key = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "0" * 32, "-encryption_kid", "1" * 32]
    locked = films.folder / "locked.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", films("plain.mp4"), "-c", "copy", *key, locked], check=True)

    with pytest.raises(Refused, match="encrypted"):
        package(locked)


def test_a_script_dressed_as_a_film_opens_no_other_file(films, package, tmp_path: Path) -> None:
    """The decoy is a named pipe: whoever opened it would let the test open it for writing without waiting."""
    decoy = tmp_path / "decoy.mp4"
    os.mkfifo(decoy)

    for script in (f"ffconcat version 1.0\nfile {decoy}\n", f"#EXTM3U\n#EXTINF:1,\n{decoy}\n#EXT-X-ENDLIST\n"):
        with pytest.raises(Refused, match="not_media"):
            package(films.made("script.mp4", script.encode()))
        with pytest.raises(OSError, match="No such device"):
            os.open(decoy, os.O_WRONLY | os.O_NONBLOCK)


def test_no_script_opens_a_connection(films, package) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/1.ts"
        for script in (f"ffconcat version 1.0\nfile {address}\n", f"#EXTM3U\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"):
            with pytest.raises(Refused, match="not_media"):
                package(films.made("script.mp4", script.encode()))
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_film_that_does_not_end_is_refused_and_the_next_one_packaged(films, package, tmp_path: Path) -> None:
    pipe = tmp_path / "endless.mp4"
    os.mkfifo(pipe)

    for endless in (films("endless.mkv"), pipe, Path("/dev/zero")):
        with pytest.raises(Refused, match=r"too_long|not_media"):
            package(endless, Settings(preset="ultrafast", most_seconds=4))

    assert package.edition(films("fifty.mp4")).duration_ms == 2000


def test_fifty_pictures_a_second_are_kept_where_they_are_wished(films, package) -> None:
    edition = package(films("fifty.mp4"), Settings(preset="ultrafast", fps=50)).edition

    assert {each.frame_rate for each in edition.renditions} == {50_000}
    assert edition.seg_ticks == (2 * TICKS_PER_S,)


def test_full_hd_is_made_where_it_is_wished(films, package) -> None:
    edition = package(films("full_hd.mp4"), Settings(preset="ultrafast", top=1080)).edition

    assert [(each.rung, each.width) for each in edition.renditions] == [
        (360, 640),
        (540, 960),
        (720, 1280),
        (1080, 1920),
    ]


def test_high_dynamic_range_becomes_that_of_ordinary_sets(films, package, library: Library) -> None:
    package(films("bright.mp4"))

    asked = ["-show_entries", "stream=pix_fmt,color_transfer,color_primaries", "-select_streams", "v", "-of", "csv=p=0"]
    segment = library.folder(1, 1) / "360/00000.ts"
    told = subprocess.run(["ffprobe", "-v", "error", *asked, segment], capture_output=True, check=True)
    assert set(told.stdout.decode().split()) == {"yuv420p,bt709,bt709"}


def test_limits_of_length_and_size_are_settings(films, package) -> None:
    with pytest.raises(Refused, match="too_long"):
        package(films("plain.mp4"), Settings(most_seconds=2))
    with pytest.raises(Refused, match="too_large"):
        package(films("plain.mp4"), Settings(most_bytes=1000))


def test_a_full_disk_is_told_and_leaves_nothing(films, package, library: Library, monkeypatch) -> None:
    monkeypatch.setattr("vod.library.SPARE_BYTES", 1 << 60)

    with pytest.raises(PackagingFailed) as failed:
        package(films("plain.mp4"))

    assert (failed.value.code, failed.value.message_zh[:6]) == ("disk_full", "磁盘空间不足")
    assert _left(library) == []


def test_a_disk_that_fills_while_ffmpeg_writes_is_told_as_such(films, package, library: Library, monkeypatch) -> None:
    monkeypatch.setattr("vod.sprites.sheets", lambda _: 2)  # stands for the segment that ffmpeg wrote half of
    monkeypatch.setattr("vod.library.NEARLY_FULL_BYTES", 1 << 60)

    with pytest.raises(PackagingFailed, match="disk_full"):
        package(films("very_short.mp4"))

    assert _left(library) == []


def test_without_ffmpeg_the_operator_is_told(films, package, monkeypatch) -> None:
    source = films("plain.mp4")
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(PackagingFailed, match="tool_missing"):
        package(source)


def test_a_killed_program_leaves_no_film_and_no_encoder(films, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from twisted.internet import task\n"
        "from twisted.internet.defer import Deferred\n"
        "from vod.library import Library; from vod.packaging import ingest\n"
        "library = Library(Path(sys.argv[2]))\n"
        "tell = lambda step: print(step.fraction, flush=True)\n"
        "make = lambda reactor: ingest(reactor, Path(sys.argv[1]), library, None, progress=tell)\n"
        "task.react(lambda reactor: Deferred.fromCoroutine(make(reactor)))\n"
    )
    library = Library(tmp_path)
    library.prepare()
    command = [sys.executable, "-c", script, str(films("long.mp4")), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        next(line for line in running.stdout if float(line) > 0.05)
        encoders = _encoders(tmp_path)
        running.send_signal(signal.SIGKILL)

    assert len(encoders) == 1
    deadline = time.monotonic() + 5
    while _encoders(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _encoders(tmp_path) == []
    assert [each for each in _left(library) if "/media/" in each] == []
    assert list(library._work.iterdir()) != []
    library.prepare()
    assert _left(library) == []


def _encoders(root: Path) -> list[int]:
    """Processes whose working folder lies below `root`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(root) and (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    ("ms", "padded"), [(200, 2000), (2000, 2000), (6000, 6000), (6040, 8000), (13_301, 14_000), (14_301, 14_320)]
)
def test_no_last_segment_is_shorter_than_two_seconds(ms: int, padded: int) -> None:
    assert padded_ms(ms) == padded


def test_packets_decide_where_a_film_ends() -> None:
    assert real_length(60.0, 60.02, 100) == (60_020, False)
    assert real_length(30.0, 60.0, 100) == (30_000, True)
    assert real_length(30.0, 0.0, 100) == (30_000, False)
    with pytest.raises(Refused, match="truncated"):
        real_length(0, 60, 100)
    with pytest.raises(Refused, match="too_long"):
        real_length(101, 60, 100)
