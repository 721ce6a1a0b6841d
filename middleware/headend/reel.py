"""The recording of a relay on disk: numbered segments in one folder per rung, which an encoder adds to by rename."""

import os
from pathlib import Path

from attrs import define
from twisted.logger import Logger

from vod.catalogue import Edition
from vod.errors import PackagingFailed
from vod.index import index
from vod.ladder import FRAME_MS, Rung
from vod.ledger import SEGMENT_MS
from vod.segments import measure

FRAMES = SEGMENT_MS // FRAME_MS
_log = Logger()


@define
class Reel:
    """The segments of one recording: whole ones are those that every rung has. Everything here blocks."""

    folder: Path
    rungs: tuple[Rung, ...]
    seen: int = -1

    def prepare(self) -> None:
        """Make the folders. Raises OSError."""
        for rung in self.rungs:
            self._of(rung).mkdir(parents=True, exist_ok=True)

    def begin(self) -> int:
        """The number of the first segment of another encoder.

        One number is left out behind what is there: times begin anew, so segments of two encoders may not follow each
        other without a discontinuity, and what is numbered without a gap is taken for one piece.
        """
        last = max((number for rung in self.rungs for number in self._numbers(rung)), default=-2)
        self.seen = max(self.seen, last + 1)
        return self.seen + 1

    def new(self) -> list[tuple[int, tuple[int, ...]]]:
        """Numbers and sizes of the segments that became whole and are safe on disk; odd ones are passed over."""
        out = []
        for number in (number for number in self._numbers(self.rungs[0]) if number > self.seen):
            paths = [self._of(rung) / f"{number:05d}.ts" for rung in self.rungs]
            if not all(path.exists() for path in paths):
                break
            self.seen = max(self.seen, number)
            if all(_is_whole(path) for path in paths):
                out.append((number, tuple(_safe(path) for path in paths)))
        return out

    def edition(self) -> Edition | None:
        """The index row of an unbroken recording, rid of what no viewer gets; None for one with gaps or faults."""
        for left in (*self.folder.rglob("*.m3u8"), *self.folder.rglob("*.tmp")):
            left.unlink()
        numbers = self._numbers(self.rungs[0])
        if numbers != list(range(len(numbers))):
            return None
        try:
            return index(self.folder, self.rungs)
        except PackagingFailed as fault:
            _log.warn("the recording in {folder} is no film: {why}", folder=self.folder.name, why=str(fault))
            return None

    def _of(self, rung: Rung) -> Path:
        return self.folder / str(rung.height)

    def _numbers(self, rung: Rung) -> list[int]:
        return sorted(int(path.stem) for path in self._of(rung).glob("*.ts") if path.stem.isdigit())


def _is_whole(path: Path) -> bool:
    try:
        return measure(path).frames == FRAMES
    except (ValueError, IndexError):  # no transport stream, or one that was cut
        return False


def _safe(path: Path) -> int:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return os.fstat(file.fileno()).st_size
