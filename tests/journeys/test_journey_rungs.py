"""The two lower rungs of the push ladder on real screens: boxes that ask now and then, and boxes that only reload."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import PROGRAM, Town, free_port, wait_until_it_answers
from tests.journeys.tv import TV

Switch = Callable[..., TV]
INTERVAL_S = 30
"""Seconds between short polls here, and between reloads everywhere."""


@pytest.fixture
def town(seeded: Path, tmp_path: Path) -> Iterator[Town]:
    """A server of its own, with shorter slots."""
    data, port = tmp_path / "data", free_port()
    shutil.copytree(seeded, data)
    config = data / "slots.toml"
    config.write_text(f"[portal]\nslot_s = {INTERVAL_S}\n", encoding="utf-8")
    command = [PROGRAM, "--data", str(data), "--config", str(config), "serve", "--port", str(port), "--demonstration"]
    with (data / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    wait_until_it_answers(f"http://127.0.0.1:{port}", server, data / "server.log")
    yield Town(f"http://127.0.0.1:{port}", data, json.loads((data / "demo.json").read_text(encoding="utf-8")))
    server.terminate()
    assert server.wait(timeout=15) == 0


def _house_of_two_sets(town: Town) -> tuple[str, int, int]:
    """A branch that nobody has called yet, and the boxes of two of its homes."""
    boxes = {box["household"]: at for at, box in enumerate(town.demo["boxes"])}
    homes: dict[str, list[int]] = {}
    for member in town.demo["members"]:
        at = boxes.get(member["household"])
        if at is not None and at not in homes.setdefault(member["branch"], []):
            homes[member["branch"]].append(at)
    branch = next(name for name, found in list(homes.items())[9:] if len(found) >= 2)
    return branch, homes[branch][0], homes[branch][1]


@pytest.mark.browser
def test_boxes_without_long_requests_are_invited_within_one_interval(tv: Switch, town: Town) -> None:
    branch, first, second = _house_of_two_sets(town)
    slotted, plain = tv("dvn", first), tv("enrich", second)
    for remote in (slotted, plain):
        remote.page.goto(f"{town.base}/p/affairs")
        remote.settle()
    slotted.requests.clear()
    plain.requests.clear()

    told = town.command("rollcall", "open", "支部点名", "--branch", branch)
    opened = time.monotonic()
    rollcall = re.search(r"Opened roll-call (\d+)", told)
    assert rollcall
    left = INTERVAL_S + 3
    plain.wait(lambda: plain.state == f"rc-{rollcall[1]}", "the roll-call on a page that reloads", seconds=left)
    left = INTERVAL_S + 3 - (time.monotonic() - opened)
    slotted.wait(lambda: slotted.page.is_visible("#iv_ok"), "the overlay after a short poll", seconds=max(left, 0.1))
    slotted.shot("short-poll")
    plain.shot("reloaded")

    assert len([line for line in slotted.requests if "/poll" in line]) <= 2, "one question per interval"
    assert [line for line in plain.requests if "/poll" in line] == []
    plain.page.goto(f"{town.base}/p/affairs")
    plain.settle()
    assert plain.state == "affairs", "who has seen it is not led there again"
