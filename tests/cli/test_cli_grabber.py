"""The guide from a running server: its faces by HTTP, and the grabber that xmltv-util finds nothing to say about."""

import contextlib
import gzip
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from attrs import frozen

from epg import m3u, xmltv
from epg.model import Channel, Name, Programme
from epg.xmltv_out import write
from tests.cli.conftest import PROGRAM, Nanhu
from tests.cli.test_cli_serve import free_port

GRABBER = Path(__file__).resolve().parents[2] / "tools" / "tv_grab_cn_nanhu"
DTD = "/usr/share/xmltv/xmltv.dtd"
IDS = ("nhxw.nanhu.cn", "rz1.rizhao.cn")


@frozen
class Town:
    """A running server with a guide, and the settings of a grabber for it."""

    base: str
    config: Path

    def grab(self, *words: str, **more: object) -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, str(GRABBER), "--config-file", str(self.config), *words]
        return subprocess.run(command, capture_output=True, timeout=60, check=False, **more)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def town(small_town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("grabbed")
    subprocess.run(["cp", "-a", str(small_town), str(folder / "data")], check=True)
    nanhu = Nanhu(folder / "data")
    (folder / "feed.xml").write_bytes(_feed())
    nanhu.well("epg", "import", "seed", str(folder / "feed.xml"), "--new-channels")
    nanhu.well("channel", "set", "nhxw.nanhu.cn", "--url", "http://10.0.0.5/1.m3u8")
    base = f"http://127.0.0.1:{free_port()}"
    command = [PROGRAM, "--data", str(nanhu.data), "serve", "--port", base.rpartition(":")[2]]
    (folder / "grab.conf").write_text(f"# by hand\nserver={base}\n", encoding="utf-8")
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        until(lambda: httpx.get(f"{base}/healthz", timeout=5).status_code == 200)
        yield Town(base, folder / "grab.conf")
        process.terminate()


def until(done: Callable[[], bool]) -> None:
    """Wait up to twenty seconds until something is so."""
    for _ in range(400):
        with contextlib.suppress(httpx.TransportError):
            if done():
                return
        time.sleep(0.05)
    raise AssertionError("it never was")


def _feed() -> bytes:
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1, minutes=25)
    rows = [
        Programme(
            "", name, begin + n * timedelta(minutes=50), begin + (n + 1) * timedelta(minutes=50), f"节目{n} & <{n}>"
        )
        for name in IDS
        for n in range(6 * 28)
    ]
    return write([Channel(name, (Name(f"台{name[:3]}", "zh"),), n + 1) for n, name in enumerate(IDS)], rows, at=begin)


@pytest.mark.slow
def test_xmltv_util_finds_nothing_to_say_about_the_grabber(town: Town, tmp_path: Path) -> None:
    command = ["tv_validate_grabber", "--dtd-file", DTD, "--config-file", str(town.config), str(GRABBER)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "validated ok" in checked.stdout
    assert checked.stderr == ""


def test_the_grabber_prints_what_the_face_says_and_xmltv_util_takes_it(town: Town, tmp_path: Path) -> None:
    out = tmp_path / "guide.xml"
    printed = town.grab("--days", "3", "--offset", "1", "--quiet")
    written = town.grab("--days", "3", "--offset", "1", "--quiet", "--output", str(out))
    face = httpx.get(f"{town.base}/epg.xml?days=3&offset=1").content

    assert (printed.returncode, printed.stderr, printed.stdout) == (0, b"", face)
    assert (written.returncode, written.stderr, written.stdout, out.read_bytes()) == (0, b"", b"", face)
    assert [one.name for one in tmp_path.iterdir()] == ["guide.xml"]
    for command in (["tv_validate_file", "--dtd-file", DTD], ["tv_sort", "--by-channel", "--output", "/dev/null"]):
        checked = subprocess.run([*command, str(out)], capture_output=True, text=True, timeout=60, check=False)
        assert (checked.returncode, checked.stderr) == (0, ""), command


def test_the_grabber_says_what_it_is_and_fails_on_what_it_does_not_know(town: Town) -> None:
    assert town.grab("--capabilities").stdout.split() == [b"baseline", b"manualconfig"]
    assert town.grab("--description").stdout.startswith(b"China")
    assert town.grab("--version").stdout.startswith(b"tv_grab_cn_nanhu ")
    assert [town.grab(word).returncode for word in ("--nothing", "--quie", "--days=0", "--days=x")] == [2] * 4


def test_the_grabber_is_configured_by_answers_and_takes_the_channels_chosen(town: Town, tmp_path: Path) -> None:
    config = tmp_path / "new" / "grab.conf"
    answers = f"{town.base}\nno\nyes\nno\n".encode()
    command = [sys.executable, str(GRABBER), "--configure", "--config-file", str(config)]
    subprocess.run(command, input=answers, capture_output=True, timeout=60, check=True)
    mine = Town(town.base, config)

    assert config.read_text(encoding="utf-8").splitlines() == [
        f"server={town.base}", f"channel={IDS[0]}", f"channel!{IDS[1]}",
    ]  # fmt: skip
    assert [one.xmltv_id for one in xmltv.read(mine.grab("--days", "2").stdout).channels] == [IDS[0]]
    listed = xmltv.read(mine.grab("--list-channels").stdout).channels
    assert [one.xmltv_id for one in listed] == list(IDS)


@pytest.mark.parametrize("server", ["http://127.0.0.1:9", "ftp://x", "nonsense"])
def test_a_grabber_without_a_server_ends_with_one_line_and_leaves_an_old_file(tmp_path: Path, server: str) -> None:
    config, out = tmp_path / "grab.conf", tmp_path / "old.xml"
    config.write_text(f"server={server}\n", encoding="utf-8")
    out.write_bytes(b"old")
    ended = Town("", config).grab("--quiet", "--output", str(out))

    assert ended.returncode == 1
    assert ended.stderr.count(b"\n") == 1
    assert out.read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["grab.conf", "old.xml"]


def test_faces_by_http(town: Town) -> None:
    with httpx.Client(base_url=town.base) as client:
        now = client.get("/epg/v1/now").json()["now"]
        playlist = m3u.read(client.get("/epg/channels.m3u").content).playlist
        packed = client.get("/epg.xml.gz")
        again = client.get("/epg.xml.gz", headers={"If-None-Match": packed.headers["etag"]})
        day = client.get("/epg/diyp", params={"ch": "台nhx"}).json()

    assert [one["channel"]["id"] for one in now] == list(IDS)
    assert now[0]["present"]["stop"] == now[0]["following"]["start"]
    assert [(one.tvg_id, one.url) for one in playlist.entries] == [(IDS[0], "http://10.0.0.5/1.m3u8")]
    assert playlist.guides == (f"{town.base}/epg.xml.gz",)
    assert gzip.decompress(packed.content).startswith(b"<?xml")
    assert again.status_code == 304
    assert len(day["epg_data"]) > 25


def test_the_command_line_changes_what_a_running_server_tells(town: Town) -> None:
    nanhu = Nanhu(town.config.parent / "data")
    nanhu.well("channel", "set", IDS[1], "--name", "日照综合")

    until(lambda: httpx.get(f"{town.base}/epg/v1/channels").json()["channels"][1]["name"] == "日照综合")
