"""The life of a film by commands alone: packaged under a progress bar, listed, readable by m3u8, removed."""

import os
import pty
import re
import subprocess
from pathlib import Path

import m3u8

from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.cli.conftest import PROGRAM, Nanhu
from vod import playlists

ODD = "-f lavfi -i testsrc2=s=638x272:r=30000/1001:d=7 -c:v mpeg4 -q:v 5"
"""Odd-sized, of a broken rate, without sound; its last segment would be one second, so it is drawn out to two."""


def _on_a_terminal(*words: str) -> tuple[int, str]:
    """Run the program on a terminal; its exit code and what was shown."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([PROGRAM, *words], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the program's end of the terminal is closed
            break
        shown += piece
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


def test_a_silent_odd_film_is_packaged_listed_and_removed(nanhu: Nanhu, tmp_path: Path) -> None:
    film, config = tmp_path / "村里的视频.mp4", tmp_path / "fast.toml"
    subprocess.run(["ffmpeg", "-v", "error", *ODD.split(), str(film)], check=True)
    config.write_text('[video]\npreset = "ultrafast"\n', encoding="utf-8")
    words = ["--data", str(nanhu.data), "--config", str(config), "asset", "add", str(film)]
    subtitles = tmp_path / "字幕.srt"
    subtitles.write_text("1\n00:00:01,000 --> 00:00:02,000\n水来了\n", encoding="gb18030")

    code, shown = _on_a_terminal(*words, "--title", "修渠记", "--column", "style", "--subtitles", "zh", str(subtitles))

    assert code == 0, shown
    assert "Packaging  [" in shown
    assert "100%" in shown
    assert "None" not in shown
    assert "Added film 1: 修渠记 (style), 0:08, ready" in shown
    assert "修渠记 (style), 0:08, ready" in nanhu.well("asset", "list")
    assert [rung for rung, names in _lists(nanhu.data).items() if all(map(Path.is_file, names))] == [240, 360]
    shots = {"0.jpg", *(f"{name}{mark}.jpg" for name in ("poster", "shelf") for mark in ("", "-1", "-2", "-3"))}
    assert {path.name for path in nanhu.data.glob("media/**/*.jpg")} == shots
    assert "水来了" in (nanhu.data / "media/pub/1-1/sub-zh/00000.vtt").read_text(encoding="utf-8")
    assert "has no poster 7" in nanhu.process("asset", "poster", "1", "7").stderr
    assert "is revision 2 now" in nanhu.process("asset", "poster", "1", "2").stdout
    assert "is revision 3 now" in nanhu.process("asset", "poster", "1", str(_square(tmp_path))).stdout
    assert len({path.read_bytes() for path in nanhu.data.glob("media/pub/1-*/poster.jpg")}) == 3
    told = nanhu.process("asset", "address", "1").stdout
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/t/[0-9]+/[\w-]{22}/pub/v/1-3/master\.m3u8\n", told)
    assert "as they were packaged" in nanhu.process("asset", "verify").stdout
    (nanhu.data / "media/pub/1-3/360/00000.ts").write_bytes(b"")
    assert "1 films were damaged" in nanhu.process("asset", "verify").stderr
    assert "already" in nanhu.fault("asset", "remove", "1")
    assert "withdrawn" in nanhu.well("asset", "list")


def test_an_ident_for_the_channel_is_cut_to_its_second_and_options_are_judged(nanhu: Nanhu, tmp_path: Path) -> None:
    film, config = tmp_path / "ident.mp4", tmp_path / "fast.toml"
    subprocess.run(["ffmpeg", "-v", "error", *ODD.split(), str(film)], check=True)
    config.write_text('[video]\npreset = "ultrafast"\n', encoding="utf-8")
    add = ("asset", "add", str(film), "--title", "台标", "--column", "channel")

    assert "multiple of 6" in nanhu.fault(*add, "--seconds", "7")
    assert "each once" in nanhu.fault(*add, "--subtitles", "Chinese!", str(film))
    assert "small letters" in nanhu.fault(*add, "--class", "../x")
    assert "SRT, VTT or ASS" in nanhu.process(*add, "--subtitles", "zh", str(film)).stderr
    told = nanhu.process("--config", str(config), *add, "--seconds", "3", "--encrypt", "--class", "cadre").stdout

    assert "台标 (channel), 0:03, ready" in told
    assert sorted(path.parent.name for path in nanhu.data.glob("media/cadre/1-1/*/*.ts")) == ["360", "540", "720"]
    assert "as they were packaged" in nanhu.process("asset", "verify").stdout
    assert "Withdrew film 1" in nanhu.well("asset", "remove", "1")
    assert "withdrawn" in nanhu.well("asset", "list")
    assert "台标" in nanhu.well("asset", "trash")
    assert "is back" in nanhu.well("asset", "restore", "1")
    assert "was not thrown away" in nanhu.fault("asset", "restore", "1")
    edited = nanhu.well("asset", "edit", "1", "--column", "films", "--keywords", "开场 台标", "--from", "2099-01-02")
    assert "from 2099-01-02 00:00, not shown now" in edited
    assert "台标 (films), not shown, from 2099-01-02 00:00, viewed by 0, 0.0 h" in nanhu.well("asset", "find", "kc")
    assert "Nothing found" in nanhu.well("asset", "find", "xyz")
    assert "before it leaves" in nanhu.fault("asset", "edit", "1", "--until", "2098-12-31 08:00")
    assert "not shown" not in nanhu.well("asset", "edit", "1", "--always")
    assert "used nowhere" in nanhu.well("asset", "uses", "1")
    assert "revision 2" in nanhu.process("--config", str(config), "asset", "replace", "1", str(film)).stdout
    assert sorted(path.name for path in nanhu.data.glob("media/cadre/1-*")) == ["1-1", "1-2"]


def _square(folder: Path) -> Path:
    path = folder / "square.png"
    words = "-f lavfi -i color=red:s=500x500 -frames:v 1"
    subprocess.run(["ffmpeg", "-v", "error", *words.split(), str(path)], check=True)
    return path


def _lists(data: Path) -> dict[int, list[Path]]:
    """The segments that the playlists of film 1 name, by rung, as files of the data folder."""
    store = Store.open(f"sqlite:///{data}/nanhu.db", vault=Vault.load(data))
    edition = store.run_sync(lambda uow: uow.assets.edition(1, 1), write=False)
    assert edition is not None
    master = m3u8.loads(playlists.master(edition).decode())
    found = {}
    for rung in sorted(int(entry.uri.removesuffix(".m3u8")) for entry in master.playlists):
        text = playlists.media(edition, "1-1", rung).decode()
        names = [segment.uri.rpartition("/")[2] for segment in m3u8.loads(text).segments]
        found[rung] = [next(iter(data.glob(f"media/*/1-1/{rung}/{name}")), Path("missing")) for name in names]
    store.close()
    return found
