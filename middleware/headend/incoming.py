"""The watch folder: a film laid into `incoming/<column>/` is taken once it is complete, with what lies beside it."""

import os
import secrets
import stat
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from middleware.services.assets import TITLE_MOST
from middleware.whole import write_whole

STILL_S: Final = 10.0
"""A file is complete when its size has not changed for so long."""
MOST: Final = 500
"""Films that one look considers, besides those that were taken and stay."""
FILMS: Final = frozenset(
    ".mp4 .m4v .mov .mkv .webm .ts .m2ts .mts .mpg .mpeg .vob .avi .flv .wmv .asf .3gp".split()  # noqa: SIM905 reads better
)
PICTURES: Final = (".jpg", ".jpeg", ".png")
SUBTITLES: Final = (".srt", ".vtt", ".ass")
LANGUAGE: Final = "zh"
"""What subtitles without a language in their name are in."""


@frozen
class Laid:
    """A film that is complete: its file, its column, the name that it gets, and what lies beside it."""

    source: Path
    mark: str
    column: str
    title: str
    poster: str = ""
    subtitles: tuple[tuple[str, str], ...] = ()


class Incoming:
    """Watches a folder. `seconds` is a clock that only runs forward."""

    def __init__(self, folder: Path, columns: Sequence[str], seconds: Callable[[], float]) -> None:
        self._folder = folder.absolute()
        self._columns = columns
        self._seconds = seconds
        self._since: dict[str, tuple[str, float]] = {}
        self._taken: set[str] = set()

    def taken(self, laid: Laid) -> None:
        """Speak no more of a film, as long as it lies there as it is."""
        self._taken.add(laid.mark)

    def prepare(self) -> None:
        """Make the folder of each column. Raises OSError."""
        for column in self._columns:
            (self._folder / column).mkdir(parents=True, exist_ok=True)

    def complete(self) -> list[Laid]:
        """Films that have not changed for ten seconds and that nobody has open. Blocks."""
        now, before = self._seconds(), self._since
        marks = [(path, mark) for path in self._films() if (mark := mark_of(path)) is not None]
        self._taken &= {mark for _, mark in marks}
        waiting = [(path, mark) for path, mark in marks if mark not in self._taken][:MOST]
        self._since = {
            str(path): (mark, known[1] if (known := before.get(str(path), ("", now)))[0] == mark else now)
            for path, mark in waiting
        }
        still = [path for path, _ in waiting if now - self._since[str(path)][1] >= STILL_S]
        busy = opened(still)
        return [laid for path in still if path not in busy and (laid := _laid(path)) is not None]

    def _films(self) -> Iterator[Path]:
        for column in self._columns:
            try:
                entries = sorted((self._folder / column).iterdir())
            except OSError:
                continue  # somebody took the folder away: nothing lies there
            yield from (path for path in entries if path.suffix.lower() in FILMS and not path.name.startswith("."))


def mark_of(path: Path) -> str | None:
    """What tells this content of a file from a later one; None for what is no plain file, or has no name in UTF-8."""
    try:
        found = path.lstat()
        str(path).encode()
    except (OSError, UnicodeEncodeError):
        return None
    return f"{path}|{found.st_size}|{found.st_mtime_ns}" if stat.S_ISREG(found.st_mode) else None


def _laid(path: Path) -> Laid | None:
    """A film with what lies beside it; None when it went away meanwhile."""
    mark = mark_of(path)
    if mark is None:
        return None
    title = path.stem.strip()[:TITLE_MOST].strip()
    poster = next((str(p) for ending in PICTURES if mark_of(p := path.with_suffix(ending))), "")
    try:
        return Laid(path, mark, path.parent.name, title, poster, tuple(subtitles_beside(path)))
    except OSError:
        return None


def subtitles_beside(path: Path) -> Iterator[tuple[str, str]]:
    """Language and path of subtitles: `name.srt`, or `name.en.srt` with a language."""
    for each in sorted(path.parent.iterdir()):
        if each.suffix.lower() not in SUBTITLES or not mark_of(each):
            continue
        stem, _, language = each.stem.rpartition(".")
        if each.stem == path.stem:
            yield LANGUAGE, str(each)
        elif stem == path.stem and language.isascii() and language.isalpha() and len(language) <= 3:
            yield language.lower(), str(each)


def opened(paths: Sequence[Path]) -> Collection[Path]:
    """Which of these files a process of this machine has open, as far as this user may see."""
    wanted = {(found.st_dev, found.st_ino): path for path in paths if (found := _stat(path)) is not None}
    busy: set[Path] = set()
    for link in Path("/proc").glob("[0-9]*/fd/*") if wanted else ():
        found = _stat(link)
        if found is not None and (found.st_dev, found.st_ino) in wanted:
            busy.add(wanted[found.st_dev, found.st_ino])
    return busy


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def node_of(data: Path) -> str:
    """The name of this data folder's server among those of one database; made once. Raises OSError."""
    path = data / "node"
    named = path.exists() and path.stat().st_size > 0
    if not named:
        write_whole(path, secrets.token_hex(8).encode(), over=path.exists())
    return path.read_text(encoding="ascii").strip()
