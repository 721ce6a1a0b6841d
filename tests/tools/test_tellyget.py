"""PyPI's `tellyget` 1.0.0, unmodified and in an environment of its own, against the real program.

It is GPLv3 software: it runs as a process, nothing of it is imported or copied. It brings an interface up by `ifup`,
sleeps ten seconds, and then walks dialect A to write a playlist and an XMLTV file.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from attrs import frozen

from tools.trial_town import NAMES, SHANGHAI, Served, TelecomBox, Trial, build, programmes, serving

ROOT = Path(__file__).resolve().parents[2]
CLIENT = ROOT / ".venv-tellyget" / "bin" / "tellyget"
HOST = "127.0.1.9"
RELAY = "http://127.0.0.1:4022/udp/"
WRONG = "27182818"
"""Differs from the right password in more than the bits that DES ignores."""


@frozen
class Run:
    code: int
    said: str
    playlist: Path
    xmltv: Path


@pytest.fixture(scope="module")
def client() -> Path:
    """Installed by the same lines that tools/test runs; nothing to do when it is there."""
    script = f". {ROOT}/tools/setup.sh; tellyget"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return CLIENT


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return build(tmp_path_factory.mktemp("tellyget") / "data")


@pytest.fixture(scope="module")
def served(trial: Trial) -> Iterator[Served]:
    with serving(trial.data, host=HOST) as found:
        yield found


@pytest.fixture(scope="module")
def runs(client: Path, trial: Trial, served: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """The right and the wrong key at the same time: each sleeps for ten seconds."""
    folder = tmp_path_factory.mktemp("runs")
    keys = {"right": trial.telecoms[0].password, "wrong": WRONG}
    with ThreadPoolExecutor(2) as together:
        begun = {
            name: together.submit(_run, client, served, trial.telecoms[0 if name == "right" else 1], key, folder / name)
            for name, key in keys.items()
        }
        return {name: run.result() for name, run in begun.items()}


def _run(client: Path, served: Served, box: TelecomBox, key: str, folder: Path) -> Run:
    quiet = folder / "bin" / "ifup"
    quiet.parent.mkdir(parents=True)
    quiet.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    quiet.chmod(0o755)
    config = folder / "tellyget.ini"
    config.write_text(_config(served, box, key, folder), encoding="utf-8")
    env = os.environ | {"PATH": f"{quiet.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    done = subprocess.run([client, config], capture_output=True, text=True, env=env, timeout=90, check=False)
    return Run(done.returncode, done.stdout + done.stderr, folder / "out" / "tv.m3u", folder / "out" / "tv.xml")


def _config(served: Served, box: TelecomBox, key: str, folder: Path) -> str:
    return f"""[auth]
auth_url = {served.base}/EDS/jsp/AuthenticationURL
user_id = {box.user}
encryption_key = {key}
net_user_id =
user_group_id =
user_field =
vip =

[device]
iptv_logical_interface = IPTV
iptv_interface = lo
stb_id = {box.serial}
stb_mac = {box.mac}
stb_type = EC6108V9
stb_version = V100
software_version = V100R003
is_smart_stb = 0
support_hd = 1
conn_type = dhcp
template_name = default
area_id =
lang = 1
product_package_id =
desktop_id =
stb_maker =

[guide]
channel_url_prefix = {RELAY}
playlist_path = {folder}/out/tv.m3u
xmltv_path = {folder}/out/tv.xml
channel_filters = ["^\\\\d+$"]
remove_sd_candidate_channels = false
remove_empty_programme_channels = false
programme_name_cleanup = false
"""


def shown(name: str) -> str:
    """A name as a record of dialect A may hold it: its parser cuts at commas, quotes and equals signs."""
    return name.translate({ord(","): "，", ord('"'): "＂", ord("="): "＝"})


def test_it_ends_well_with_the_right_key_and_with_1_for_a_wrong_one(runs: dict[str, Run]) -> None:
    assert (runs["right"].code, runs["wrong"].code) == (0, 1), runs["right"].said + runs["wrong"].said
    assert not runs["wrong"].playlist.exists()
    assert not runs["wrong"].xmltv.exists()


def test_the_playlist_holds_every_channel_with_its_name_and_address(runs: dict[str, Run]) -> None:
    text = runs["right"].playlist.read_text(encoding="utf-8")
    entries = re.findall(r"#EXTINF:[^\n]*,([^\n]+)\n(?:#[^\n]*\n)*(http[^\n]+)", text)

    assert [name.strip() for name, _ in entries] == [shown(name).replace("'", "’") for name in NAMES]
    assert [url.strip() for _, url in entries] == [f"{RELAY}239.76.0.{at}:5140" for at in range(1, len(NAMES) + 1)]


def _when(text: str) -> datetime:
    return datetime.strptime(text if " " in text else f"{text} +0800", "%Y%m%d%H%M%S %z")


def test_the_xmltv_file_holds_every_programme_of_today_at_its_time(runs: dict[str, Run]) -> None:
    root = ET.parse(runs["right"].xmltv).getroot()
    ids = [one.get("id", "") for one in root.iterfind("channel")]
    today = datetime.now(UTC).astimezone(SHANGHAI).date()

    assert len(ids) == len(set(ids)) == len(NAMES)
    for at, channel in enumerate(ids, 1):
        told = [row for row in map(_row, root.iterfind(f"programme[@channel='{channel}']")) if row[0].date() == today]
        stored = [
            (one.start, one.stop, one.title.replace(";", "；"))
            for one in programmes(f"ch{at}.nanhu.tv", datetime.now(UTC))
            if one.start.astimezone(SHANGHAI).date() == today
        ]
        assert told == stored, channel


def _row(element: Any) -> tuple[datetime, datetime, str]:
    start, stop = (_when(element.get(name)).astimezone(SHANGHAI) for name in ("start", "stop"))
    return start, stop, element.findtext("title")


def test_a_programme_over_midnight_ends_on_the_next_day(runs: dict[str, Run]) -> None:
    rows = [_row(one) for one in ET.parse(runs["right"].xmltv).getroot().iterfind("programme")]
    late = [row for row in rows if row[2].startswith("乡村大舞台")]

    assert late
    assert {row[1] - row[0] for row in late} == {timedelta(hours=3, minutes=30)}
