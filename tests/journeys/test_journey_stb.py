"""The terminal box on the demonstration town, as an integrator uses it: what plays is seen, what keys do is told."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from middleware.services import box_events
from middleware.storage.secrets import Vault
from middleware.storage.store import Store
from tests.journeys.conftest import Town

ROOT = Path(__file__).resolve().parents[2]


class Stb:
    """The program, for one box of the town."""

    def __init__(self, town: Town, *options: str) -> None:
        self._words = [sys.executable, "-m", "tools.stb", "--portal", town.base, *options]

    def __call__(self, *words: str) -> list[str]:
        """The lines of a command that must go well."""
        done = subprocess.run(
            [*self._words, *words], capture_output=True, text=True, timeout=120, check=False, cwd=ROOT
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()


@pytest.fixture
def mag(town: Town) -> Stb:
    return Stb(town, "--mac", town.box(town.quiet)["mac"])


def test_a_channel_and_a_film_are_opened_by_signed_links_and_their_frames_decode(mag: Stb, town: Town) -> None:
    film = next(asset for asset in town.demo["assets"] if asset["title"] == "湖上新桥通车了")

    out = mag("play", "--film", str(film["id"]))

    assert any(line.startswith(f"{town.base}/l/…/") for line in out), out
    assert any(line.split()[:2] == ["video", "h264"] for line in map(str.strip, out)), out
    assert any(line.split()[:2] == ["audio", "aac"] for line in map(str.strip, out)), out


def test_the_line_up_is_that_of_the_town(mag: Stb, town: Town) -> None:
    out = mag("channels")

    names = [line.split(None, 1)[1].rpartition("  [")[0] for line in out if line.endswith("]")]
    assert names == [one["name"] for one in town.demo["channels"]]


@pytest.mark.parametrize("dialect", ["ctc-a", "ctc-b", "ctc-c"])
def test_a_telecom_box_of_the_demonstration_logs_in_and_reads_the_guide(town: Town, dialect: str) -> None:
    box = next(one for one in town.demo["boxes"] if one["iptv_user"])
    names = {"--user": "iptv_user", "--password": "iptv_password", "--mac": "mac", "--serial": "serial"}
    given = [word for option, name in names.items() if box[name] for word in (option, box[name])]
    stb = Stb(town, "--dialect", dialect, *given)
    channel = town.demo["channels"][0]["name"]

    out = stb("guide", channel)

    head = next(at for at, line in enumerate(out) if line.endswith(" programmes"))
    assert out[head] == f"1 {channel}: {len(out) - head - 1} programmes"
    assert len(out) - head > 10


def test_a_cable_box_opens_the_film_of_a_page(town: Town) -> None:
    box = next(one for one in town.demo["boxes"] if one["card_no"])
    film = next(asset for asset in town.demo["assets"] if asset["title"] == "湖上新桥通车了")
    stb = Stb(town, "--dialect", "cable", "--card", box["card_no"], "--mac", box["mac"])

    out = stb("play", "--film", str(film["id"]))

    assert any(line.split()[:2] == ["video", "h264"] for line in map(str.strip, out)), out


@pytest.mark.browser
def test_keys_are_pressed_on_our_pages_by_the_remote_of_a_mag_box(mag: Stb) -> None:
    out = mag("keys", "DOWN OK BACK")

    walk = [line.split()[-3] for line in out[3:]]
    assert [line.split()[0] for line in out[4:]] == ["DOWN", "OK", "BACK"]
    assert (walk[0], walk[3]) == ("home", "home")
    assert walk[2] != "home"


def test_a_message_of_the_operator_is_shown_and_confirmed_once(mag: Stb, town: Town) -> None:
    store = Store.open(f"sqlite:///{town.data}/nanhu.db", vault=Vault.load(town.data))
    address = town.box(town.quiet)["mac"]
    try:
        device = store.run_sync(lambda uow: next(one.id for one in uow.devices.all() if one.mac == address))
        box = store.run_sync(lambda uow: _queued(uow, device))
    finally:
        store.close()
    assert box == 1

    time.sleep(1)  # the server reads what other processes write twice a second
    first, again = mag("events"), mag("events")

    assert first[-1].endswith("confirmed")
    assert "明天上午停水" in first[-2]
    assert again[-1] == "nothing waits"


def _queued(uow: Any, device: int) -> int:
    done = box_events.queue(uow, datetime.now(UTC), "test", f"device:{device}", "send_msg", msg="明天上午停水")
    return len(done.devices)
