"""`nanhu-tv relay …`: sources are kept by name, and tried on what they really send."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Nanhu
from tests.journeys.conftest import free_port


@pytest.fixture
def source() -> Iterator[str]:
    """A transport stream over HTTP, sent once to whoever comes."""
    address = f"http://127.0.0.1:{free_port()}/live.ts"
    words = "-v error -re -f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i anullsrc -t 20 -c:v libx264 -preset ultrafast"
    more = f"-g 10 -c:a aac -f mpegts -listen 1 {address}"
    with subprocess.Popen(
        [shutil.which("ffmpeg") or "ffmpeg", *words.split(), *more.split()], stderr=subprocess.DEVNULL
    ) as sending:
        yield address
        sending.kill()


def test_sources_are_added_listed_and_removed(nanhu: Nanhu) -> None:
    nanhu.well("relay", "add", "县台", "udp://239.1.1.1:5140")
    nanhu.well("relay", "add", "市台", "https://192.0.2.1/live.m3u8")

    assert nanhu.well("relay", "list") == "县台  udp://239.1.1.1:5140\n市台  https://192.0.2.1/live.m3u8\n"
    nanhu.well("relay", "remove", "县台")
    assert "县台" not in nanhu.well("relay", "list")
    assert nanhu.fault("relay", "try", "县台") == "there is no relay source 县台; see: nanhu-tv relay list"
    assert "http" in nanhu.fault("relay", "add", "盘", "file:///etc/passwd")


def test_a_source_is_tried(nanhu: Nanhu, source: str) -> None:
    nanhu.well("relay", "add", "live", source)
    nanhu.well("relay", "add", "none", f"http://127.0.0.1:{free_port()}/x.ts")

    told = nanhu.process("relay", "try", "live")
    silent = nanhu.process("relay", "try", "none")
    assert told.stdout.startswith("live: 320x180, with sound (h264, aac)"), told
    assert (silent.returncode, silent.stderr.count("\n")) == (1, 1)
    assert silent.stderr.startswith("nanhu-tv: relay source none sends nothing that can be shown")
