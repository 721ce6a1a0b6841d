"""Invitations on every rung of the push ladder, and what a viewer sees while the server is gone."""

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import PROGRAM, Town, free_port, wait_until_it_answers
from tests.journeys.tv import TV

Switch = Callable[..., TV]


@pytest.fixture
def serve() -> Iterator[Callable[[str, int], subprocess.Popen[bytes]]]:
    """Starts servers that do not outlive the test."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(data: str, port: int) -> subprocess.Popen[bytes]:
        command = [PROGRAM, "--data", data, "serve", "--port", str(port), "--demonstration"]
        log = Path(data).with_name(f"server-{len(servers)}.log")
        with log.open("w") as out:
            servers.append(subprocess.Popen(command, stdout=out, stderr=out))
        wait_until_it_answers(f"http://127.0.0.1:{port}", servers[-1], log)
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
        server.wait()


@pytest.mark.browser
def test_without_the_server_ok_says_so_within_eight_seconds_and_works_again_afterwards(
    tv: Switch,
    town: Town,
    serve: Callable[[str, int], subprocess.Popen[bytes]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data, port = tmp_path_factory.mktemp("gone") / "data", free_port()
    subprocess.run(["cp", "-r", str(town.data), str(data)], check=True)
    server = serve(str(data), port)
    remote = tv("pc", 0)
    remote.base = f"http://127.0.0.1:{port}"
    remote.switch_on(town.box(0)["mac"])
    server.send_signal(signal.SIGKILL)
    server.wait()

    remote.press("1")
    remote.wait(lambda: "网络不通" in remote.text, "the words 网络不通", seconds=9)
    assert remote.state == "home"
    remote.shot("offline")
    server = serve(str(data), port)
    remote.page.wait_for_timeout(500)
    remote.go("1", to="affairs")

    server.terminate()
    assert server.wait(timeout=15) == 0


@pytest.mark.browser
def test_an_invitation_is_on_the_screen_two_seconds_after_another_process_opened_the_rollcall(
    tv: Switch, town: Town
) -> None:
    branches = list(dict.fromkeys(m["branch"] for m in town.demo["members"]))
    homes = {m["household"] for m in town.demo["members"] if m["branch"] == branches[7]}
    at = next(i for i, box in enumerate(town.demo["boxes"]) if box["household"] in homes)
    remote = tv("pc", at)
    remote.page.wait_for_timeout(1500)

    told = town.command("rollcall", "open", "支部点名", "--branch", branches[7])
    opened = time.monotonic()
    remote.wait(lambda: remote.page.is_visible("#iv_ok"), "the overlay", seconds=6)
    late = time.monotonic() - opened
    remote.shot("overlay")
    remote.press("BACK")
    assert not remote.page.is_visible("#iv_ok"), "稍后再说 leaves the page as it was"

    assert re.search(r"\d+", told)
    assert late < 2.0
