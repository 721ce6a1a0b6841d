"""Where segments live, and how a finished film enters and leaves: by rename, whole or not at all.

Below the root: `work/<job>/` for jobs, `media/<class>/<asset>-<rev>/<rung>/<nnnnn>.ts` for what viewers may fetch.
Paths are made from whole numbers only, so no request can name another file.
"""

import errno
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from vod.catalogue import NO_WORDS, PUBLIC, Edition
from vod.errors import PackagingFailed
from vod.subtitles import EMPTY

CLASS: Final = re.compile(r"[a-z0-9]{1,16}")
SPARE_BYTES: Final = 256 << 20
"""Kept free for the database and the logs."""
NEARLY_FULL_BYTES: Final = 16 << 20
PICTURES: Final = ("poster.jpg", "shelf.jpg")
CANDIDATES: Final = 3
"""Posters to choose from, `poster-1.jpg` to `poster-3.jpg` with their `shelf-<n>.jpg`; short films have fewer."""
_OURS: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EACCES, errno.EPERM, errno.ESTALE})
"""Why a sound file may not be read: what this process lacks, or a file server that was started anew."""


class Library:
    """The films of one data folder."""

    def __init__(self, root: Path) -> None:
        # Tools run inside work folders, so names handed to them must not depend on where the server was started.
        self._media = root.absolute() / "media"
        self._work = root.absolute() / "work"

    def prepare(self) -> None:
        """Make the folders and clear away what crashed jobs left. Jobs of other living processes are spared.

        Raises OSError.
        """
        (self._media / PUBLIC).mkdir(parents=True, exist_ok=True)
        self._put_no_words()
        self._work.mkdir(parents=True, exist_ok=True)
        for lock in self._work.glob("*.lock"):
            with lock.open("rb") as file, suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
                lock.unlink(missing_ok=True)
        self.sweep()

    def sweep(self) -> None:
        """Remove for good what was purged, and what a job left that was cancelled while a thread still wrote.

        Blocks for as long as the disk takes: never call it inside a transaction.
        """
        for folder in self._work.iterdir():
            # A job's lock is there before its folder and goes after it.
            if folder.is_dir() and not folder.with_suffix(".lock").exists():
                shutil.rmtree(folder, ignore_errors=True)

    def _put_no_words(self) -> None:
        """The segment of subtitles that channels list where a film has none, whole at every moment."""
        target = self.no_words()
        if not target.exists():
            written = target.with_suffix(f".{os.getpid()}")
            written.write_bytes(EMPTY)
            written.replace(target)

    @contextmanager
    def job(self) -> Iterator[Path]:
        """A work folder that is gone afterwards. Its lock is held by this process and dies with it. Raises OSError."""
        self._work.mkdir(parents=True, exist_ok=True)
        number, lock = self._locked()
        folder = lock.with_suffix("")
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock.unlink(missing_ok=True)
            os.close(number)

    def _locked(self) -> tuple[int, Path]:
        """Descriptor and name of a new file that is locked."""
        while True:
            number, name = tempfile.mkstemp(suffix=".lock", dir=self._work)
            fcntl.flock(number, fcntl.LOCK_EX)
            if os.fstat(number).st_nlink:
                return number, Path(name)
            os.close(number)  # another process that starts has cleared it away between these two lines

    def require_space(self, size: int) -> None:
        """PackagingFailed(disk_full) unless `size` bytes and the spare fit on the disk."""
        self._work.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self._work).free
        if free < size + SPARE_BYTES:
            raise PackagingFailed("disk_full", f"{free >> 20} MiB free, {(size + SPARE_BYTES) >> 20} MiB needed")

    def is_full(self) -> bool:
        """Whether what fails now may fail for want of room: some tools write less and say nothing."""
        return shutil.disk_usage(self._work).free < NEARLY_FULL_BYTES

    def publish(self, work: Path, asset_id: int, rev: int, klass: str = PUBLIC) -> None:
        """Move sealed files into the library in one step.

        Call it inside the transaction that registers the film: what lies at the target already can then only stem
        from a transaction that was rolled back.
        """
        target = self.folder(asset_id, rev, klass)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.purge(asset_id, rev)
        work.rename(target)
        _fsync(target.parent)

    def purge(self, asset_id: int, rev: int) -> None:
        """Take a revision's files out of view in one step, whatever its class; `sweep` then frees their space."""
        self._work.mkdir(parents=True, exist_ok=True)
        for found in self._media.glob(f"*/{asset_id:d}-{rev:d}"):
            with suppress(FileNotFoundError):
                found.rename(self._work / f"purged-{token_hex(8)}")

    def damaged(self, asset_id: int, rev: int, edition: Edition, klass: str = PUBLIC) -> list[Path]:
        """Files that are missing or whose content differs from the index row.

        Raises OSError when something else than the files keeps us from reading them.
        """
        folder = self.folder(asset_id, rev, klass)
        return [folder / name for name, digest in edition.files() if _digest(folder / name) != digest]

    def is_there(self) -> bool:
        """Whether any film has files; none has where the disk with them is not mounted."""
        return any(self._media.glob("*/*-*"))

    def twin(self, asset_id: int, rev: int, klass: str, work: Path) -> None:
        """Begin another revision in `work` with the same files, which take no space again, but for the poster."""
        shutil.copytree(
            self.folder(asset_id, rev, klass), work, copy_function=os.link, ignore=shutil.ignore_patterns(*PICTURES)
        )

    def folder(self, asset_id: int, rev: int, klass: str = PUBLIC) -> Path:
        if not CLASS.fullmatch(klass):
            raise ValueError("a class of media is 1 to 16 of a-z and 0-9")
        return self._media / klass / f"{asset_id:d}-{rev:d}"

    def no_words(self, klass: str = PUBLIC) -> Path:
        """The shared segment of subtitles without a word."""
        return self.folder(0, 0, klass).with_name(NO_WORDS)


def seal(work: Path, told: Callable[[float], None] = lambda _: None) -> None:
    """Drop what viewers never get and make the rest safe on disk: files first, then the folders that name them.

    `told` learns which part of it is safe.
    """
    for playlist in work.rglob("*.m3u8"):
        playlist.unlink()
    paths = sorted(work.rglob("*"), reverse=True)
    for number, path in enumerate(paths, start=1):
        _fsync(path)
        told(number / len(paths))
    _fsync(work)


def take_candidate(work: Path, number: int) -> bool:
    """Make candidate `number`, counted from 1, the poster of a revision without one; False if there is no such."""
    chosen = [work / name.replace(".", f"-{number:d}.") for name in PICTURES]
    if not all(path.is_file() for path in chosen):
        return False
    for path, name in zip(chosen, PICTURES, strict=True):
        shutil.copyfile(path, work / name)
    return True


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
    except OSError as fault:
        if fault.errno in _OURS:
            raise
        return ""
