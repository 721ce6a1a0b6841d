"""`nanhu-tv si`: a profile is kept with its figures, exported, sent to a socket, and read in again by another town."""

import json
import re
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from epg.model import Channel, Name, Programme
from epg.xmltv_out import write
from tests.cli.conftest import Nanhu
from tests.epg import section_parser as independent

PROFILE = """
name = "rizhao"
title = "日照有线"
onid = 8214
network_id = 12289
ts_id = 1
[[services]]
channel = "nhxw.nanhu.cn"
service_id = 101
ts_id = 1
name = "南湖新闻"
pmt_pid = 257
[[services]]
channel = "gone.tv"
service_id = 102
ts_id = 1
[output]
rate = 1000000
"""


@pytest.fixture
def guided(nanhu: Nanhu, tmp_path: Path) -> Nanhu:
    """A town with a profile and eight days on one channel."""
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    rows = [
        Programme(
            f"u{n}",
            "nhxw.nanhu.cn",
            begin + timedelta(hours=n),
            begin + timedelta(hours=n + 1),
            f"节目{n}",
            desc="简介" * 20,
        )
        for n in range(8 * 24)
    ]
    feed = tmp_path / "feed.xml"
    feed.write_bytes(write([Channel("nhxw.nanhu.cn", (Name("南湖新闻", "zh"),), 7)], rows, at=begin))
    nanhu.well("epg", "import", "seed", str(feed), "--new-channels")
    (tmp_path / "rizhao.toml").write_text(PROFILE, encoding="utf-8")
    return nanhu


def test_a_profile_tells_what_it_needs_before_it_is_kept(guided: Nanhu, tmp_path: Path) -> None:
    told = guided.well("si", "save", str(tmp_path / "rizhao.toml"), "--dry-run")
    assert guided.well("si", "list") == ""

    kept = guided.well("si", "save", str(tmp_path / "rizhao.toml"))

    assert "Mb/s of 1.00 Mb/s" in told
    assert "gone.tv is not in the line-up" in told
    assert "present/following, time: 30.0 s" in told
    assert "Network rizhao is kept and not sent" in kept
    assert "rizhao" in guided.well("si", "list")
    assert "192 events" in guided.well("si", "check", "rizhao") or "191 events" in guided.well("si", "check", "rizhao")


def test_faults_of_a_profile_are_one_line(guided: Nanhu, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(PROFILE.replace("service_id = 101", "service_id = 0"), encoding="utf-8")

    assert "services[0].service_id" in guided.fault("si", "save", str(bad))
    assert "no such network" in guided.fault("si", "check", "nowhere")


def test_one_whole_cycle_is_written_and_a_receiver_takes_it(guided: Nanhu, tmp_path: Path) -> None:
    guided.well("si", "save", str(tmp_path / "rizhao.toml"))
    stream, sections = tmp_path / "out.ts", tmp_path / "out.bin"

    guided.well("si", "export", str(stream), "--network", "rizhao")
    guided.well("si", "export", str(sections), "--network", "rizhao")

    found = independent.reassemble(stream.read_bytes())
    tables = {data[0] for _, data, _ in found}
    assert tables >= {0x00, 0x40, 0x42, 0x4E, 0x50, 0x51, 0x70, 0x73}
    titles = {
        one.title
        for _, data, _ in found
        if data[0] in {0x50, 0x51} and data[3:5] == b"\0\x65"
        for one in independent.events(independent.section(data)[5], datetime.now(UTC))
    }
    assert len(titles) > 150
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_programs", "-show_streams", "-show_format", "-of", "json", str(stream)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"service_name": "南湖新闻"' in probed.stdout
    told = json.loads(probed.stdout)
    assert told["format"]["format_name"] == "mpegts"
    assert [(one["codec_name"], one["id"]) for one in told["streams"]] == [("epg", "0x12")]
    assert sections.stat().st_size > 10_000
    assert "should end in" in guided.fault("si", "export", str(tmp_path / "x.xml"), "--network", "rizhao")


def test_the_carousel_is_sent_at_its_rate_and_read_in_by_another_town(guided: Nanhu, tmp_path: Path) -> None:
    """With cycles so short that four seconds hold all; `tools.bench carousel` looks through a minute of usual ones."""
    quick = PROFILE.replace("[output]", "[cycles]\npf = 0.5\nnear = 1.5\nlater = 1.5\n[output]")
    (tmp_path / "rizhao.toml").write_text(quick, encoding="utf-8")
    guided.well("si", "save", str(tmp_path / "rizhao.toml"))
    got: list[bytes] = []
    times: list[float] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        address = f"127.0.0.1:{listening.getsockname()[1]}"

        def listen() -> None:
            try:
                while True:
                    got.append(listening.recv(2048))
                    times.append(time.monotonic())
            except OSError:
                return

        thread = threading.Thread(target=listen)
        thread.start()
        told = guided.well("si", "play", "rizhao", "--address", address, "--seconds", "4")
        listening.close()
        thread.join()

    assert "0 refused" in told
    assert {len(one) for one in got} == {7 * 188}
    rate = (len(got) - 1) * 7 * 188 * 8 / (times[-1] - times[0])
    assert 0.97e6 < rate < 1.03e6
    stream = b"".join(got)
    assert {data[0] for _, data, _ in independent.reassemble(stream)} >= {0x4E, 0x50, 0x51}
    capture = tmp_path / "capture.ts"
    capture.write_bytes(stream)
    dry = guided.well("si", "import", "other", str(capture), "--network", "rizhao", "--dry-run")
    assert ", complete, 0 sections broken" in dry
    assert "0 added" in dry
    guided.well("epg", "source", "add", "upstream")
    merged = guided.well("si", "import", "upstream", str(capture), "--network", "rizhao")
    assert re.search(r"^[12] channels: ", merged, re.MULTILINE), merged
    assert "Nothing was written" in dry
    assert "no transport stream" in guided.fault("si", "import", "x", str(tmp_path / "feed.xml"), "--network", "rizhao")
