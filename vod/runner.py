"""Run ffmpeg and ffprobe: limits, progress, and a certain end. Needs nothing but a reactor, running or in a CLI."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from twisted.internet.base import DelayedCall
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

STDERR_KEPT: Final = 64 * 1024
STDOUT_MOST: Final = 1024 * 1024
GRACE_S: Final = 4.0
_OUT_TIME = re.compile(rb"^out_time_us=(\d+)$", re.MULTILINE)
_SECLUDED: Final = (("--net",), ("--net", "--map-root-user"))
"""Ways to leave the network, for root and for others; the second needs user namespaces, which some systems forbid."""
_PATHS = re.compile(r"(?<![\w/])(?:file:)?/(?:[^\s/:']+/)+")
_ADDRESSES = re.compile(r"\b([a-z][a-z0-9+.-]*)://[^\s'\"]+")
"""Where a source is, and all that hides in it: names, passwords, the keys of streams."""

_log = Logger()


@frozen
class Limits:
    """What one run may use. `stall_s` counts only for runs that report progress. Bytes are for memory and each file."""

    seconds: float
    stall_s: float = 60.0
    cpu_s: int = 3600
    memory: int = 4 << 30
    file_size: int = 4 << 30


@frozen
class Finished:
    """What a tool that ended well has said; of `stderr` the end."""

    stdout: bytes
    stderr: str


class ToolFailed(Exception):
    """A tool did not end well.

    `reason`: exit, signal, stalled, time_limit, output_limit, missing. `stderr` is its end, with paths shortened and
    without addresses.
    """

    def __init__(self, reason: str, stderr: str, status: int | None = None) -> None:
        super().__init__(f"{reason} ({status}): {stderr.strip()[-300:]}")
        self.reason = reason
        self.stderr = stderr
        self.status = status


async def run(
    reactor: Any,
    tool: str,
    args: Sequence[str],
    *,
    limits: Limits,
    folder: Path | None = None,
    progress: Callable[[int], None] | None = None,
    stdout_most: int = STDOUT_MOST,
    received: Callable[[int], None] = lambda _: None,
    online: bool = False,
) -> Finished:
    """Run `tool` and wait for its end; ToolFailed if that was not a good one.

    Only an `online` one has a network: for a source that the operator named, never for a file that came from elsewhere.
    `stdout_most` is how many bytes it may say, `received` is told how many it has said. With `progress` its stdout is
    ffmpeg's progress report and the function is told the microseconds written. When the waiting Deferred is cancelled
    or the reactor stops, the tool is killed and waited for.
    """
    program = shutil.which(tool)
    if program is None:
        raise ToolFailed("missing", f"{tool} is not installed")
    argv = [*_fences(limits, online=online), program, *args]
    watched = _Tool(reactor, limits, progress, stdout_most, received)
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    reactor.spawnProcess(watched, argv[0], argv, env=environment, path=str(folder) if folder else None)
    on_shutdown = reactor.addSystemEventTrigger("before", "shutdown", watched.killed)
    try:
        return await watched.result
    except CancelledError:
        await watched.killed()
        raise
    finally:
        reactor.removeSystemEventTrigger(on_shutdown)


def _fences(limits: Limits, *, online: bool = False) -> list[str]:
    """Commands in front of the tool, each replaced by the next: own group, no network, dies with us, limits, nice."""
    fences = [
        ["setsid"],
        []
        if online
        else seclusion(),  # before setpriv: who enters a namespace of users would forget with whom he was to die
        ["setpriv", "--pdeathsig", "KILL"],
        [
            *("prlimit", f"--as={limits.memory}", f"--cpu={limits.cpu_s}", f"--fsize={limits.file_size}"),
            *("--nofile=256", "--core=0"),
        ],
        ["nice", "-n", "10"],
    ]
    present = [[path, *fence[1:]] for fence in fences if fence and (path := _which(fence[0]))]
    return [word for fence in present for word in fence]


@lru_cache(maxsize=1)
def seclusion() -> list[str]:
    """The command that leaves a tool no network, not even 127.0.0.1; empty, and logged, when we may not do that here.

    It is tried once, which takes some milliseconds.
    """
    for options in _SECLUDED:
        command = ["unshare", *options]
        if _works([*command, "true"]):
            _log.info("ffmpeg runs without a network: {command}", command=" ".join(command))
            return command
    _log.warn("ffmpeg runs with the network of this process: `unshare --net` is not permitted here or not installed")
    return []


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=5, check=False).returncode == 0  # noqa: S603 our words
    except (OSError, subprocess.TimeoutExpired):
        return False


@lru_cache
def _which(name: str) -> str | None:
    return shutil.which(name)


class _Tool(ProcessProtocol):
    """One running tool; `result` fires after the process is gone."""

    def __init__(
        self,
        reactor: Any,
        limits: Limits,
        progress: Callable[[int], None] | None,
        stdout_most: int,
        received: Callable[[int], None],
    ) -> None:
        self.result: Deferred[Finished] = Deferred()
        self._reactor = reactor
        self._limits = limits
        self._progress = progress
        self._stdout_most = stdout_most
        self._received = received
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._reason: str | None = None
        self._gone: list[Deferred[None]] = []
        self._ended = False
        self._timers: dict[str, DelayedCall] = {}
        self._pid: int | None = None
        self._written = -1

    def connectionMade(self) -> None:  # noqa: N802
        tool: Any = self.transport
        tool.closeStdin()
        self._pid = tool.pid
        self._later("time_limit", self._limits.seconds)
        if self._progress is not None:
            self._later("stalled", self._limits.stall_s)

    def outReceived(self, data: bytes) -> None:  # noqa: N802
        self._stdout += data
        if self._progress is not None:
            self._report(self._progress)
        elif len(self._stdout) > self._stdout_most:
            self._stop("output_limit")
        else:
            self._received(len(self._stdout))

    def errReceived(self, data: bytes) -> None:  # noqa: N802
        self._stderr += data
        del self._stderr[:-STDERR_KEPT]

    def processExited(self, reason: Failure) -> None:  # noqa: N802, ARG002
        # Reaped: the number may soon belong to a stranger, who must not get our signals.
        self._pid = None

    def processEnded(self, reason: Failure) -> None:  # noqa: N802
        self._ended = True
        for timer in self._timers.values():
            if timer.active():
                timer.cancel()
        status = getattr(reason.value, "exitCode", None)
        stderr = _ADDRESSES.sub(r"\1://…", _PATHS.sub("", self._stderr.decode("utf-8", "replace")))
        # Nobody waits any longer when the Deferred was cancelled.
        if not self.result.called:
            if self._reason is None and status == 0:
                self.result.callback(Finished(bytes(self._stdout), stderr))
            else:
                why = self._reason or ("signal" if status is None else "exit")
                self.result.errback(ToolFailed(why, stderr, status))
        for waiting in self._gone:
            waiting.callback(None)

    def killed(self) -> Deferred[None]:
        """Kill at once; the Deferred fires when the process is gone."""
        done: Deferred[None] = Deferred()
        if self._ended:
            done.callback(None)
        else:
            self._gone.append(done)
            self._signal(signal.SIGKILL)
        return done

    def _report(self, progress: Callable[[int], None]) -> None:
        complete, newline, rest = bytes(self._stdout).rpartition(b"\n")
        self._stdout[:] = rest[-STDOUT_MOST:]
        # ffmpeg writes N/A before the first frame; that is not progress.
        if newline and (times := _OUT_TIME.findall(complete)) and int(times[-1]) > self._written:
            self._written = int(times[-1])
            self._later("stalled", self._limits.stall_s)
            progress(self._written)

    def _later(self, reason: str, seconds: float) -> None:
        if (timer := self._timers.get(reason)) and timer.active():
            timer.reset(seconds)
        elif self._reason is None:
            self._timers[reason] = self._reactor.callLater(seconds, self._stop, reason)

    def _stop(self, reason: str) -> None:
        if self._reason is None and not self._ended:
            self._reason = reason
            self._signal(signal.SIGTERM)
            self._timers["kill"] = self._reactor.callLater(GRACE_S, self._signal, signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._pid is None:
            return
        try:
            # Its own group when setsid is there; otherwise the group is ours and only the process may be hit.
            if os.getpgid(self._pid) == self._pid:
                os.killpg(self._pid, number)
            else:
                os.kill(self._pid, number)
        except ProcessLookupError:
            return
