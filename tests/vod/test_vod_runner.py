"""Tools end for certain: hung, flooding, deaf to TERM, cancelled."""

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred

from vod import runner
from vod.runner import Limits, ToolFailed

Tool = Callable[[str], str]


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    """Make a program from lines of Python."""

    def make(body: str) -> str:
        path = tmp_path / f"tool{len(list(tmp_path.iterdir()))}"
        path.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return make


def _run(react: Callable[..., Any], tool: str, *args: str, **changes: Any) -> Any:
    limits = Limits(**({"seconds": 20} | changes.pop("limits", {})))
    return react(lambda reactor: runner.run(reactor, tool, args, limits=limits, **changes))


def test_output_comes_back(react, tool: Tool, tmp_path: Path) -> None:
    name = tool("print(sys.argv[1], os.getcwd(), sorted(os.environ)); sys.stderr.write('warned')")

    done = _run(react, name, "a b", folder=tmp_path)

    first, _, environment = done.stdout.decode().partition(f" {tmp_path} ")
    assert first == "a b"
    assert set(eval(environment)) <= {"PATH", "LC_CTYPE"}
    assert done.stderr == "warned"


def test_what_a_tool_says_names_no_address_of_a_source(react, tool: Tool) -> None:
    said = "rtmp://u:secret@192.0.2.1/live/key1: refused\\nhttps://tv.test/a.m3u8?token=key2 'srt://0.0.0.0:9000?passphrase=key3'"
    name = tool(f"sys.stderr.write({said!r}.replace(chr(92) + 'n', chr(10))); sys.exit(1)")

    with pytest.raises(ToolFailed) as failed:
        _run(react, name, online=True)

    told = f"{failed.value} {failed.value.stderr}"
    assert [word for word in ("secret", "key1", "key2", "key3", "192.0.2.1") if word in told] == []
    assert "rtmp://… refused" in told


def test_progress_is_told_once_per_step_forward(react, tool: Tool) -> None:
    seen: list[int] = []
    lines = r"out_time_us=N/A\nout_time_us=40000\nout_time_us=40000\n"
    name = tool(
        f"for t in ('{lines}', 'out_time_us=80', '000\\nprogress=end\\n'):\n"
        " print(t, end='', flush=True); time.sleep(.1)"
    )

    _run(react, name, progress=seen.append)

    assert seen == [40_000, 80_000]


def test_a_bad_end_is_told_with_the_end_of_stderr_and_without_paths(react, tool: Tool) -> None:
    name = tool("sys.stderr.write('x' * 100000 + ' file:/srv/nanhu/secret/5.mp4: broken'); sys.exit(3)")

    with pytest.raises(ToolFailed) as failed:
        _run(react, name)

    assert (failed.value.reason, failed.value.status) == ("exit", 3)
    assert failed.value.stderr.endswith("x 5.mp4: broken")
    assert len(failed.value.stderr) <= runner.STDERR_KEPT


@pytest.mark.parametrize(
    ("reason", "body", "limits"),
    [
        ("stalled", "print('out_time_us=1', flush=True); time.sleep(60)", {"stall_s": 0.5}),
        ("stalled", "while True: print('out_time_us=1', flush=True); time.sleep(.1)", {"stall_s": 0.5}),
        ("time_limit", "time.sleep(60)", {"seconds": 0.5}),
    ],
)
def test_a_tool_that_hangs_is_ended(react, tool: Tool, reason: str, body: str, limits: dict[str, float]) -> None:
    began = time.monotonic()

    with pytest.raises(ToolFailed) as failed:
        _run(react, tool(body), limits=limits, progress=lambda _: None)

    assert failed.value.reason == reason
    assert time.monotonic() - began < 5


def test_a_tool_that_talks_without_end_is_ended(react, tool: Tool) -> None:
    with pytest.raises(ToolFailed, match="output_limit"):
        _run(react, tool("while True: print('x' * 65536)"))


def test_a_tool_deaf_to_term_is_killed_with_its_children(react, tool: Tool, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(runner, "GRACE_S", 0.3)
    note = tmp_path / "pids"
    body = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = os.fork()\nopen({str(note)!r}, 'a').write(f'{{os.getpid()}} ')\ntime.sleep(60)"
    )

    with pytest.raises(ToolFailed, match="time_limit"):
        _run(react, tool(body), limits={"seconds": 0.8})

    pids = [int(pid) for pid in note.read_text().split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 5
    while any(map(_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_alive, pids))


def _alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_cancelling_kills_and_waits(react, tool: Tool, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    name = tool(f"open({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")

    async def start_and_cancel(reactor: Any) -> None:
        running = Deferred.fromCoroutine(runner.run(reactor, name, (), limits=Limits(seconds=20)))
        reactor.callLater(0.7, running.cancel)
        await running

    with pytest.raises(CancelledError):
        react(start_and_cancel)
    assert not _alive(int(note.read_text()))


@pytest.fixture
def listening() -> Iterator[int]:
    """A port of this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


CONNECT = "import socket\nprint(socket.socket().connect_ex(('127.0.0.1', int(sys.argv[1]))))"


@pytest.mark.parametrize("options", runner._SECLUDED)
def test_a_tool_cannot_reach_what_listens_on_this_machine(
    react, tool: Tool, listening: int, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not runner._works(["unshare", *options, "true"]):
        pytest.skip(f"unshare {' '.join(options)} is not permitted here")
    name = tool(CONNECT)
    monkeypatch.setattr(runner, "seclusion", lambda: ["unshare", *options])
    secluded = _run(react, name, str(listening))
    monkeypatch.setattr(runner, "seclusion", list)
    open_to_all = _run(react, name, str(listening))

    assert int(secluded.stdout) == errno.ENETUNREACH
    assert int(open_to_all.stdout) == 0


def test_ffmpeg_itself_cannot_open_a_connection(react, listening: int) -> None:
    if not runner.seclusion():
        pytest.skip("unshare --net is not permitted here")
    with pytest.raises(ToolFailed) as failed:
        _run(react, "ffmpeg", "-v", "error", "-f", "mpegts", "-i", f"tcp://127.0.0.1:{listening}", "-f", "null", "-")

    assert "Network is unreachable" in failed.value.stderr


@pytest.mark.parametrize("options", [(), *runner._SECLUDED])
def test_a_tool_dies_with_us_behind_each_fence(tool: Tool, tmp_path: Path, options: tuple[str, ...]) -> None:
    if options and not runner._works(["unshare", *options, "true"]):
        pytest.skip(f"unshare {' '.join(options)} is not permitted here")
    note = tmp_path / "pid"
    name = tool(f"open({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", PARENT, name, *options]) as parent:
        pid = _awaited(note)
        parent.kill()
    deadline = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not _alive(pid)


PARENT = """
import sys
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from vod import runner

runner.seclusion = lambda: ["unshare", *sys.argv[2:]] if sys.argv[2:] else []
reactor.callWhenRunning(
    lambda: Deferred.fromCoroutine(runner.run(reactor, sys.argv[1], (), limits=runner.Limits(seconds=60)))
)
reactor.run()
"""


def _awaited(note: Path) -> int:
    deadline = time.monotonic() + 15
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return int(note.read_text())


def test_without_permission_tools_run_all_the_same_and_the_log_says_so(
    react, tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(runner, "_works", lambda _command: False)
    monkeypatch.setattr(runner._log, "warn", lambda words, **_: said.append(words))
    runner.seclusion.cache_clear()
    try:
        done = [_run(react, tool("print('done')")).stdout for _ in range(2)]
    finally:
        runner.seclusion.cache_clear()

    assert done == [b"done\n"] * 2
    assert len(said) == 1
    assert "with the network of this process" in said[0]


def test_a_missing_tool_is_told(react) -> None:
    with pytest.raises(ToolFailed, match="missing"):
        _run(react, "no-such-tool")


def test_limits_of_the_system_are_set(react, tool: Tool) -> None:
    body = (
        "import resource as r\n"
        "print([r.getrlimit(getattr(r, n))[0] for n in ('RLIMIT_AS','RLIMIT_CPU','RLIMIT_FSIZE','RLIMIT_NOFILE')],"
        "os.nice(0), os.getpgid(0) == os.getpid())"
    )

    done = _run(react, tool(body), limits={"cpu_s": 7, "file_size": 1000, "memory": 1 << 30})

    assert done.stdout.decode().split("]")[0] == f"[{1 << 30}, 7, 1000, 256"
    assert done.stdout.decode().split()[-1] == "True"
    assert int(done.stdout.decode().split()[-2]) >= min(19, os.nice(0) + 10)
