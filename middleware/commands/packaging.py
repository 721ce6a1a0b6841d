"""What the commands that package films share: a running reactor, the library, a transaction behind each film."""

import re
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import click
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure

from middleware.commands.setup import Setup
from middleware.domain.errors import BadValue
from middleware.services import asset_library
from middleware.services.assets import AssetDraft, add_asset
from middleware.services.rollcall_reach import COMMAND_LINE
from middleware.storage.store import Store
from vod.catalogue import Asset, Package
from vod.library import Library
from vod.packaging import Caption, Settings

T = TypeVar("T")
NEW = timedelta()
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
TITLES: Final = {"zh": "中文字幕", "en": "英文字幕"}


subtitles_option: Final = click.option(
    "--subtitles",
    multiple=True,
    type=(str, click.Path(path_type=Path, exists=True, dir_okay=False)),
    metavar="LANGUAGE FILE",
    help="Subtitles (SRT, WebVTT, ASS) of a film, such as: zh film.srt; once per language.",
)


class Register(Protocol):
    """Stores a packaged film, as one that was added `age` ago."""

    def __call__(self, draft: AssetDraft, package: Package, age: timedelta = NEW) -> "Deferred[Asset]": ...


def packaging_settings(setup: Setup) -> Settings:
    """How films are encoded by the settings of this installation."""
    return Settings.chosen(setup.config().video)


def library_of(setup: Setup) -> Library:
    """The films of the data folder, its folders made. Raises OSError."""
    library = Library(setup.config().data)
    library.prepare()
    return library


def run_to_end(reactor: Any, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on the reactor until it is done; Ctrl-C ends it and the tools it has started."""
    results: list[Any] = []
    interrupted: list[bool] = []

    def begin() -> None:
        running = Deferred.fromCoroutine(work())
        running.addBoth(results.append).addBoth(lambda _: None if interrupted else reactor.stop())

    reactor.addSystemEventTrigger("before", "shutdown", lambda: interrupted.append(not results))
    reactor.callWhenRunning(begin)
    reactor.run()
    if not results or any(interrupted):
        raise click.Abort
    if isinstance(results[0], Failure):
        results[0].raiseException()
    found: T = results[0]
    return found


def captions_of(given: Sequence[tuple[str, Path]]) -> tuple[Caption, ...]:
    """Subtitles by language and file, as options give them. Raises BadValue(bad_language)."""
    if len({language for language, _ in given}) < len(given) or not all(LANGUAGE.fullmatch(code) for code, _ in given):
        raise BadValue("bad_language", "字幕的语言写成 zh、en 等代码，每种语言一份")
    return tuple(Caption(file, language, TITLES.get(language, language)) for language, file in given)


def in_thread(reactor: Any, work: Callable[[], Any]) -> "Deferred[Any]":
    """Run what blocks in the reactor's threads."""
    return deferToThreadPool(reactor, reactor.getThreadPool(), work)


def registering(setup: Setup, store: Store, library: Library) -> Register:
    """Store a packaged film and publish its files, both or neither."""

    def register(draft: AssetDraft, package: Package, age: timedelta = NEW) -> "Deferred[Asset]":
        added = setup.now() - age
        publish = _publish(library, package, draft.klass)
        return store.run(lambda uow: add_asset(uow, added, draft, package, publish), "add asset")

    return register


def replacing(setup: Setup, store: Store, library: Library, film: Asset) -> Callable[[Package], "Deferred[Asset]"]:
    """Put packaged files in the place of a film's, rows and files or neither."""

    def register(package: Package) -> "Deferred[Asset]":
        now, publish = setup.now(), _publish(library, package, film.klass)
        return store.run(
            lambda uow: asset_library.replace(uow, now, COMMAND_LINE, film.id, package, publish), "replace film"
        )

    return register


def _publish(library: Library, package: Package, klass: str) -> Callable[[int, int], None]:
    return lambda asset_id, rev: library.publish(package.work, asset_id, rev, klass)
