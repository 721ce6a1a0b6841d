"""What is asked of Kodi: announcements are passed over, and without Kodi the words say what to install."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tools.kodi import answered

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("cut", [1, 40, 1000])
def test_the_answer_is_found_between_announcements(cut: int) -> None:
    parts = [{"method": "PVR.OnChange"}, {"id": 1, "result": {"channels": ["南湖新闻"]}}, {"method": "Other"}]
    said = "".join(json.dumps(one, ensure_ascii=False) for one in parts).encode()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for at in range(0, len(said), cut):
            theirs.sendall(said[at : at + cut])
        theirs.shutdown(socket.SHUT_WR)

        assert answered(ours) == {"channels": ["南湖新闻"]}


def test_without_kodi_it_says_what_to_install(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tools.kodi", "http://127.0.0.1:1"]
    done = subprocess.run(words, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "apt-get install kodi kodi-pvr-iptvsimple xvfb" in done.stderr
