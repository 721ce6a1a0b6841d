"""What goes wrong while a film is packaged has its right name, and nothing of it holds up the reactor."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from vod import packaging
from vod.errors import PackagingFailed, Refused
from vod.library import Library
from vod.packaging import Progress, ingest
from vod.runner import Finished, ToolFailed

READY_TO_COPY = {
    "streams": [
        {
            "index": 0,
            "codec_type": "video",
            "codec_name": "h264",
            "profile": "Main",
            "level": 30,
            "pix_fmt": "yuv420p",
            "field_order": "progressive",
            "width": 640,
            "height": 360,
            "avg_frame_rate": "25/1",
            "r_frame_rate": "25/1",
            "time_base": "1/25",
        },
        {
            "index": 1,
            "codec_type": "audio",
            "codec_name": "aac",
            "profile": "LC",
            "sample_rate": "48000",
            "channels": 2,
        },
    ],
    "format": {"duration": "12.0"},
}
PACKETS = "".join(f"{n},{n},900,{'K_' if n % 50 == 0 else '__'}\n" for n in range(300))


class Inline:
    """A reactor whose threads do their work at once; `busy` while they do."""

    busy = False

    def getThreadPool(self) -> "Inline":  # noqa: N802 twisted's name
        return self

    def callInThreadWithCallback(  # noqa: N802 twisted's name
        self, told: Callable[[bool, object], None], work: Callable[..., Any], *args: Any, **words: Any
    ) -> None:
        self.busy = True
        try:
            result: tuple[bool, object] = True, work(*args, **words)
        except Exception:  # noqa: BLE001 as the real pool does
            result = False, Failure()
        self.busy = False
        told(*result)

    def callFromThread(self, work: Callable[..., Any], *args: Any) -> None:  # noqa: N802 twisted's name
        work(*args)


@define
class Bench:
    """A film and tools that say what a test wants: the faults of each in turn, None for none."""

    library: Library
    film: Path
    reactor: Inline = field(factory=Inline)
    faults: dict[str, ToolFailed] = field(factory=dict)
    states: list[str] = field(factory=list)

    async def run(self, _reactor: Any, tool: str, args: list[str], **_: Any) -> Finished:
        step = self._step(tool, args)
        if step in self.faults:
            raise self.faults[step]
        return Finished({"probe": json.dumps(READY_TO_COPY).encode(), "packets": PACKETS.encode()}.get(step, b""), "")

    def _step(self, tool: str, args: list[str]) -> str:
        if tool == "ffprobe":
            return "packets" if "csv=p=0" in args else "probe"
        return "scan" if "null" in args else "encode" if "libx264" in args else "copy"

    def ingest(self) -> None:
        results: list[Any] = []
        work = ingest(self.reactor, self.film, self.library, Deferred.fromCoroutine, progress=self._note)
        Deferred.fromCoroutine(work).addBoth(results.append)
        results[0].raiseException()

    def _note(self, progress: Progress) -> None:
        self.states.append(progress.state.value)


@pytest.fixture
def bench(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\0\0\0\x18ftypisom")
    made = Bench(library, film)
    monkeypatch.setattr(packaging, "run", made.run)
    return made


@pytest.mark.parametrize("copied", [ToolFailed("exit", "non monotonically increasing dts", 1), None])
def test_what_cannot_be_copied_is_encoded_and_may_be_refused_then(bench: Bench, copied: ToolFailed | None) -> None:
    """Without a fault the copy is empty, which its measuring finds."""
    bench.faults = {"scan": ToolFailed("exit", "Invalid data found", 1)} | ({"copy": copied} if copied else {})
    with pytest.raises(Refused, match="truncated"):
        bench.ingest()

    assert bench.states[:2] == ["probing", "copying"]
    assert bench.states[-1] == "refused"


@pytest.mark.parametrize("step", ["packets", "copy"])
def test_only_a_copy_that_ffmpeg_cannot_make_is_encoded(bench: Bench, step: str) -> None:
    bench.faults = {step: ToolFailed("missing", "ffmpeg is not installed")}

    with pytest.raises(PackagingFailed, match="tool_missing"):
        bench.ingest()


def test_a_copy_that_fills_the_disk_is_told_as_that(bench: Bench) -> None:
    bench.faults = {"copy": ToolFailed("exit", "av_interleaved_write_frame(): No space left on device", 1)}

    with pytest.raises(PackagingFailed, match="disk_full"):
        bench.ingest()


def test_a_film_that_is_looked_at_too_slowly_is_tried_again_and_not_called_no_film(bench: Bench) -> None:
    bench.faults = {"probe": ToolFailed("time_limit", "")}

    with pytest.raises(PackagingFailed, match="time_limit"):
        bench.ingest()


def test_a_disk_without_room_for_a_folder_is_told_as_full(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(PackagingFailed) as failed:
        bench.ingest()

    assert (failed.value.code, bench.states) == ("disk_full", ["probing", "failed"])


def test_what_waits_for_the_disk_is_done_in_threads(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The budget counts every file of the library; a job that ends removes thousands."""
    where: list[tuple[str, bool]] = []

    def counted(_library: Library, _size: int) -> None:
        where.append(("space", bench.reactor.busy))

    monkeypatch.setattr(Library, "require_space", counted)
    monkeypatch.setattr("vod.library.shutil.rmtree", lambda *_, **__: where.append(("remove", bench.reactor.busy)))
    bench.faults = {step: ToolFailed("exit", "", 1) for step in ("copy", "scan")}
    with pytest.raises(Refused):
        bench.ingest()

    assert {name for name, _ in where} == {"space", "remove"}
    assert all(in_thread for _, in_thread in where)
