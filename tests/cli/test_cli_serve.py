"""The real process: it starts, answers, notices what the command line writes, stops, and comes back after a kill."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from attrs import define

from middleware.portal.core.signing import Signer, keys_of
from middleware.storage.secrets import Vault
from tests.cli.conftest import PROGRAM, Nanhu, one_line


@define
class Server:
    process: "subprocess.Popen[bytes]"
    base: str
    log: Path

    def get(self, path: str, **cookies: str) -> httpx.Response:
        return httpx.get(f"{self.base}{path}", cookies=cookies, timeout=5)

    def wait(self, done: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            try:
                if done():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def healthy(self) -> bool:
        return self.get("/healthz").status_code == 200


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def serve(nanhu: Nanhu) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(port: int = 0) -> Server:
        port = port or free_port()
        log = nanhu.data / f"server{len(servers)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [PROGRAM, "--data", str(nanhu.data), "serve", "--port", str(port)], stdout=out, stderr=out
            )
        server = Server(process, f"http://127.0.0.1:{port}", log)
        servers.append(server)
        server.wait(server.healthy)
        return server

    yield start
    for server in servers:
        server.process.kill()
        server.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_in_order(serve: Callable[..., Server], number: signal.Signals) -> None:
    server = serve()
    statuses = [
        server.get(path).status_code for path in ("/portal", "/admin", "/epg.xml", "/nothing", "/demo/pictures/tea.jpg")
    ]

    begun = time.monotonic()
    server.process.send_signal(number)

    assert server.process.wait(timeout=10) == 0
    assert time.monotonic() - begun < 5
    assert statuses == [200, 303, 200, 404, 404], "who says nothing is asked; pictures belong to the demonstration"
    log = server.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "stopping" in log


def test_a_waiting_television_does_not_hold_up_the_stop(serve: Callable[..., Server]) -> None:
    server = serve()
    with httpx.Client(base_url=server.base, follow_redirects=True, timeout=10) as box:
        box.get("/portal?mac=00:1A:79:00:00:01&asked=1")
        parked = socket.create_connection(("127.0.0.1", int(server.base.rpartition(":")[2])))
        cookies = "; ".join(f"{name}={value}" for name, value in box.cookies.items())
        parked.sendall(f"GET /poll?since=0&p=long HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n\r\n".encode())
        time.sleep(0.3)

        begun = time.monotonic()
        server.process.terminate()

        assert server.process.wait(timeout=10) == 0
        assert time.monotonic() - begun < 5
        parked.close()


def test_a_busy_port_is_one_line(serve: Callable[..., Server], nanhu: Nanhu) -> None:
    port = serve().base.rpartition(":")[2]

    done = nanhu.process("serve", "--port", port)

    assert done.returncode == 1
    assert "in use by another program" in one_line(done.stderr)


def test_after_a_kill_it_serves_again_and_what_was_written_is_there(serve: Callable[..., Server], nanhu: Nanhu) -> None:
    server = serve()
    nanhu.well("rollcall", "open", "党员大会")
    server.process.kill()
    server.process.wait()

    again = serve(int(server.base.rpartition(":")[2]))

    assert again.healthy()
    assert "党员大会" in nanhu.well("rollcall", "show", "1")


def test_what_the_command_line_opens_reaches_a_waiting_box_within_two_seconds(
    serve: Callable[..., Server], nanhu: Nanhu
) -> None:
    server = serve()
    with httpx.Client(base_url=server.base, follow_redirects=True, timeout=30) as box:
        box.get("/portal?mac=00:1A:79:00:00:01&asked=1")
        nanhu.well("device", "bind", "00:1A:79:00:00:01", "03001")
        time.sleep(1)  # the server reads what other processes write twice a second
        box.get("/portal?mac=00:1A:79:00:00:01&asked=1")
        with ThreadPoolExecutor(1) as waiting:
            poll = waiting.submit(box.get, "/poll?since=0&p=home")
            time.sleep(0.5)
            assert not poll.done(), "it is held until there is something to tell"

            nanhu.well("rollcall", "open", "党员大会")
            begun = time.monotonic()

            assert poll.result(timeout=5).json()["invite"]["title"] == "镇党委正在点名"
            assert time.monotonic() - begun < 2


def test_what_the_command_line_changes_of_a_box_reaches_the_running_server(
    serve: Callable[..., Server], nanhu: Nanhu
) -> None:
    server, mac = serve(), "00:1A:79:00:00:01"
    with httpx.Client(base_url=server.base, follow_redirects=True, timeout=30) as box:
        box.get(f"/portal?mac={mac}&asked=1")
        nanhu.well("device", "approve", nanhu.well("device", "list", "--pending").split()[-1])
        nanhu.well("account", "add", "A-1", "--household", "03001")
        nanhu.well("account", "tie", mac, "A-1")
        nanhu.well("account", "change", "A-1", "--off", "--block-text", "欠费停机，请到广电站")
        server.wait(lambda: "欠费停机，请到广电站" in box.get("/p/home").text)
        nanhu.well("account", "change", "A-1", "--on")
        server.wait(lambda: "欠费停机" not in box.get("/p/home").text)
        nanhu.well("device", "block", mac)
        server.wait(lambda: "服务已停用" in box.get("/p/home").text)


def test_a_second_server_on_the_same_folder_is_one_line_and_the_command_line_is_not_shut_out(
    serve: Callable[..., Server], nanhu: Nanhu
) -> None:
    server = serve()

    done = nanhu.process("serve", "--port", str(free_port()))

    assert done.returncode == 1
    assert "another server runs on" in one_line(done.stderr)
    assert server.healthy()
    assert "党员大会" in nanhu.well("rollcall", "open", "党员大会")


def test_a_film_that_waits_is_packaged_and_looked_at_from_outside(
    serve: Callable[..., Server], nanhu: Nanhu, tmp_path: Path
) -> None:
    """Queued at the command line, packaged by the server, and sound as `vod check` sees its pictures and sound."""
    film = tmp_path / "晨光.mp4"
    made = "-f lavfi -i testsrc2=s=320x180:r=25:d=8 -f lavfi -i sine=d=8 -c:v libx264 -preset ultrafast -c:a aac"
    subprocess.run(["ffmpeg", "-v", "error", *made.split(), str(film)], check=True)
    server = serve()
    nanhu.well("asset", "enqueue", str(film), "--column", "films")
    server.wait((nanhu.data / "media" / "pub" / "1-1").is_dir, 400)  # ffmpeg is nice: others go first
    server.wait(lambda: "ready, film 1" in nanhu.well("asset", "jobs"))

    assert (nanhu.data / "incoming" / "films").is_dir()
    signer = Signer(keys_of(Vault.load(nanhu.data).signing_key, 0), time.time)
    seen = nanhu("vod", "check", f"{server.base}{signer.address('/v/1-1/full/master.m3u8')}", "--bytes")

    # The preset of tests is less even than that of production: rule 30 may warn.
    assert (seen.exit_code, "0 errors" in seen.output) == (0, True), seen.output
