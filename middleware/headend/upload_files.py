"""Films that come in parts, on disk: one folder each, named by us; what was acknowledged outlives a power cut.

`<id>/film` has its full length from the beginning and is filled part by part; `parts` names each part that is safe in
it, one line each; `upload.json` says what it is to become. Everything here blocks and raises OSError.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from attrs import asdict, define, evolve, field
from twisted.internet.defer import DeferredLock

from middleware.domain.uploads import Upload
from middleware.whole import sync, write_whole

_RECORD: Final = "upload.json"
_PARTS: Final = "parts"
_STRUCK: Final = "-"


@define(eq=False)
class Sent:
    """An upload at work: the SHA-256 of each part that is safe, and when something was last done to it."""

    upload: Upload
    folder: Path
    touched: datetime
    there: dict[int, str] = field(factory=dict)
    lock: DeferredLock = field(factory=DeferredLock)
    over: bool = False

    @property
    def film(self) -> Path:
        """The film, whole or not."""
        return self.folder / "film"

    def subtitles(self) -> tuple[tuple[str, str], ...]:
        """Language and path of the subtitles."""
        return tuple((each, str(_subtitles(self.folder, n))) for n, each in enumerate(self.upload.subtitles))

    def poster(self) -> str:
        """Path of the picture for the shelf; empty when none came."""
        return str(_poster(self.folder)) if self.upload.poster else ""

    def owed(self) -> int:
        """Bytes that the film will still take on the disk; 0 once it is gone."""
        try:
            found = self.film.stat()
        except OSError:
            return 0
        return max(0, found.st_size - found.st_blocks * 512)


def read_all(root: Path) -> Iterator[Sent]:
    """What an earlier run left; a folder whose upload was never acknowledged, or cannot be read, is removed."""
    root.mkdir(parents=True, exist_ok=True)
    for folder in sorted(root.iterdir()):
        try:
            told = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            begun, subtitles = datetime.fromisoformat(told["begun_at"]), tuple(told["subtitles"])
            upload = Upload(**told | {"begun_at": begun, "subtitles": subtitles})
            parts = folder / _PARTS
            touched = datetime.fromtimestamp(parts.stat().st_mtime, UTC)
            sent = Sent(upload, folder, touched, _read_parts(parts))
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError):
            shutil.rmtree(folder, ignore_errors=True)
            continue
        yield sent


def make(root: Path, upload: Upload, now: datetime) -> Sent:
    """Make the folder of a new upload; it is there once its record is."""
    sent = Sent(upload, root / upload.id, now)
    sent.folder.mkdir(mode=0o700)
    try:
        with sent.film.open("xb") as film:
            film.truncate(upload.size)
            os.fsync(film.fileno())
        (sent.folder / _PARTS).touch(exist_ok=False)
        record(sent, upload)
        sync(root)
    except OSError:
        shutil.rmtree(sent.folder, ignore_errors=True)
        raise
    return sent


def record(sent: Sent, upload: Upload) -> None:
    """Write what is now known of an upload."""
    told = asdict(upload) | {"begun_at": upload.begun_at.isoformat()}
    write_whole(sent.folder / _RECORD, json.dumps(told, ensure_ascii=False).encode())
    sent.upload = upload


def write_part(sent: Sent, number: int, body: bytes) -> str:
    """Put a part into its place; its SHA-256. The same again is not written again, another takes its place."""
    digest = hashlib.sha256(body).hexdigest()
    if sent.there.get(number) == digest:
        return digest
    if number in sent.there:
        _note(sent, number, _STRUCK)
        del sent.there[number]
    with sent.film.open("r+b", buffering=0) as film:
        film.seek(number * sent.upload.part_size)
        left = memoryview(body)
        while left:
            left = left[film.write(left) :]
        os.fsync(film.fileno())
    _note(sent, number, digest)
    sent.there[number] = digest
    return digest


def write_subtitles(sent: Sent, language: str, body: bytes) -> None:
    """Keep the subtitles of a language, in the place of earlier ones."""
    known = sent.upload.subtitles
    languages = known if language in known else (*known, language)
    write_whole(_subtitles(sent.folder, languages.index(language)), body)
    if languages != known:
        record(sent, evolve(sent.upload, subtitles=languages))


def write_poster(sent: Sent, body: bytes) -> None:
    """Keep the picture for the shelf, in the place of an earlier one."""
    write_whole(_poster(sent.folder), body)
    if not sent.upload.poster:
        record(sent, evolve(sent.upload, poster=True))


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(sent: Sent) -> None:
    """Remove all of an upload; the record first, so that a crash leaves none that lacks its bytes."""
    (sent.folder / _RECORD).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        shutil.rmtree(sent.folder)
    sync(sent.folder.parent)


def _subtitles(folder: Path, number: int) -> Path:
    return folder / f"subtitles-{number:d}"


def _poster(folder: Path) -> Path:
    return folder / "poster"


def _note(sent: Sent, number: int, digest: str) -> None:
    """Add a line to the list of parts, or none of it."""
    with (sent.folder / _PARTS).open("ab", buffering=0) as parts:
        before = os.fstat(parts.fileno()).st_size
        left = memoryview(f"{number:d} {digest}\n".encode())
        try:
            while left:
                left = left[parts.write(left) :]
            os.fsync(parts.fileno())
        except OSError:
            os.ftruncate(parts.fileno(), before)
            raise


def _read_parts(path: Path) -> dict[int, str]:
    """The parts that are safe; a line that a crash cut short is taken away."""
    whole = path.read_bytes()
    sound = whole[: whole.rfind(b"\n") + 1]
    if sound != whole:
        os.truncate(path, len(sound))
    there: dict[int, str] = {}
    for line in sound.decode("ascii").splitlines():
        number, _, digest = line.partition(" ")
        there[int(number)] = digest
    return {number: digest for number, digest in there.items() if digest != _STRUCK}
