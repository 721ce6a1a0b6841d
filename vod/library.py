"""Where segments live, and how a finished film enters and leaves: by rename, whole or not at all.

Below the root: `work/<job>/` for jobs, `media/pub/<asset>-<rev>/<rung>/<nnnnn>.ts` for what viewers may fetch. Paths
are made from whole numbers only, so no request can name another file.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from vod.catalogue import Edition
from vod.errors import PackagingFailed

SPARE_BYTES: Final = 256 << 20
"""Kept free for the database and the logs."""
PICTURES: Final = ("poster.jpg", "shelf.jpg")


class Library:
    """The films of one data folder."""

    def __init__(self, root: Path) -> None:
        # Tools run inside work folders, so names handed to them must not depend on where the server was started.
        self._media = root.absolute() / "media" / "pub"
        self._work = root.absolute() / "work"

    def prepare(self) -> None:
        """Make the folders and clear away what crashed jobs left. Jobs of other living processes are spared."""
        self._media.mkdir(parents=True, exist_ok=True)
        self._work.mkdir(parents=True, exist_ok=True)
        for lock in self._work.glob("*.lock"):
            with lock.open("rb") as file, suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)

    @contextmanager
    def job(self) -> Iterator[Path]:
        """A work folder that is gone afterwards. Its lock is held by this process and dies with it."""
        self._work.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(suffix=".lock", dir=self._work)
        lock, folder = Path(name), Path(name).with_suffix("")
        try:
            fcntl.flock(number, fcntl.LOCK_EX)
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)
            os.close(number)

    def require_space(self, size: int) -> None:
        """PackagingFailed(disk_full) unless `size` bytes and the spare fit on the disk."""
        self._work.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._work).free
        if free < size + SPARE_BYTES:
            raise PackagingFailed("disk_full", f"{free >> 20} MiB free, {(size + SPARE_BYTES) >> 20} MiB needed")

    def publish(self, work: Path, asset_id: int, rev: int) -> None:
        """Move sealed files into the library in one step.

        Call it inside the transaction that registers the film: what lies at the target already can then only stem
        from a transaction that was rolled back.
        """
        target = self.folder(asset_id, rev)
        self._media.mkdir(parents=True, exist_ok=True)
        if target.exists():
            self.purge(asset_id, rev)
        work.rename(target)
        _fsync(self._media)

    def purge(self, asset_id: int, rev: int) -> None:
        """Remove a revision's files; they vanish from view in one step."""
        with self.job() as folder, suppress(FileNotFoundError):
            self.folder(asset_id, rev).rename(folder / "purged")

    def damaged(self, asset_id: int, rev: int, edition: Edition) -> list[Path]:
        """Segments that are missing or whose content differs from the index row."""
        wanted = (
            (self.segment_path(asset_id, rev, rendition.rung, index), digest)
            for rendition in edition.renditions
            for index, digest in enumerate(rendition.sha256)
        )
        return [path for path, digest in wanted if _digest(path) != digest]

    def folder(self, asset_id: int, rev: int) -> Path:
        return self._media / f"{asset_id:d}-{rev:d}"

    def segment_path(self, asset_id: int, rev: int, rung: int, index: int) -> Path:
        return self.folder(asset_id, rev) / f"{rung:d}" / f"{index:05d}.ts"

    def poster_path(self, asset_id: int, rev: int) -> Path:
        return self.folder(asset_id, rev) / "poster.jpg"

    def shelf_path(self, asset_id: int, rev: int) -> Path:
        return self.folder(asset_id, rev) / "shelf.jpg"


def seal(work: Path) -> None:
    """Drop what viewers never get and make the rest safe on disk: files first, then the folders that name them."""
    for playlist in work.rglob("*.m3u8"):
        playlist.unlink()
    for path in sorted(work.rglob("*"), reverse=True):
        _fsync(path)
    _fsync(work)


def _fsync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
