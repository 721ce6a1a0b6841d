"""What stands around the queue of films: the disk budget, progress told to other processes, and files that may go."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from middleware.headend.incoming import mark_of
from middleware.services.job_ports import IngestJob
from vod.errors import PackagingFailed
from vod.jobs import State
from vod.library import Library
from vod.packaging import Caption, Progress

PROGRESS: Final = "progress.json"
TITLES: Final = {"zh": "中文字幕", "en": "英文字幕"}
"""How viewers read the languages of subtitles."""


class Budgeted(Library):
    """The library of a data folder that may not grow beyond so many bytes; 0 = as far as the disk goes."""

    def __init__(self, root: Path, most_bytes: int) -> None:
        super().__init__(root)
        self._folders = tuple(root.absolute() / name for name in ("media", "work", "uploads"))
        self._most = most_bytes

    def require_space(self, size: int) -> None:
        """PackagingFailed(disk_full) unless `size` bytes fit on the disk and into the budget."""
        super().require_space(size)
        used = sum(_size(path) for folder in self._folders for path in folder.rglob("*")) if self._most else 0
        if self._most and used + size > self._most:
            raise PackagingFailed("disk_full", f"{used >> 20} of {self._most >> 20} MiB used, {size >> 20} more needed")


def tell_progress(folder: Path, progress: Mapping[int, Progress]) -> None:
    """Write how far each job is for the command line, which is another process. Blocks. Raises OSError."""
    path = folder / PROGRESS
    told = {
        number: {"state": each.state.value, "fraction": round(each.fraction, 3)} for number, each in progress.items()
    }
    if told or path.exists():
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(told), encoding="ascii")
        draft.replace(path)


def progress_told(folder: Path) -> Mapping[int, Progress]:
    """What a running server last told of its jobs; nothing without one."""
    try:
        told = json.loads((folder / PROGRESS).read_text(encoding="ascii"))
        return {int(number): Progress(State(one["state"]), float(one["fraction"])) for number, one in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def discard(job: IngestJob) -> None:
    """Remove a job's file and what lay beside it, unless another one took its place. Blocks."""
    if mark_of(Path(job.source)) == job.mark:
        for path in (job.source, job.poster, *(path for _, path in job.subtitles)):
            if path:
                Path(path).unlink(missing_ok=True)


def captions(job: IngestJob) -> tuple[Caption, ...]:
    """The subtitles that lay beside a film, one track per language."""
    by_language = {language: Path(path) for language, path in reversed(job.subtitles)}
    return tuple(Caption(path, code, TITLES.get(code, code)) for code, path in sorted(by_language.items()))


def _size(path: Path) -> int:
    try:
        found = path.lstat()
    except OSError:
        return 0  # gone meanwhile
    return found.st_size if stat.S_ISREG(found.st_mode) else 0
