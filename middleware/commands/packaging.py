"""What the commands that package films share: a running reactor, the library, a transaction behind each film."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import click
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from middleware.commands.setup import Setup
from middleware.services.assets import AssetDraft, add_asset
from middleware.storage.store import Store
from vod.catalogue import Asset, Package
from vod.library import Library
from vod.packaging import Settings

T = TypeVar("T")
NEW = timedelta()


class Register(Protocol):
    """Stores a packaged film, as one that was added `age` ago."""

    def __call__(self, draft: AssetDraft, package: Package, age: timedelta = NEW) -> "Deferred[Asset]": ...


def packaging_settings(setup: Setup) -> Settings:
    """How films are encoded by the settings of this installation."""
    return Settings(preset=setup.config().video.preset)


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


def registering(setup: Setup, store: Store, library: Library) -> Register:
    """Store a packaged film and publish its files, both or neither."""

    def register(draft: AssetDraft, package: Package, age: timedelta = NEW) -> "Deferred[Asset]":
        added = setup.now() - age
        return store.run(lambda uow: add_asset(uow, added, draft, package, _publish(library, package)), "add asset")

    return register


def _publish(library: Library, package: Package) -> Callable[[int, int], None]:
    return lambda asset_id, rev: library.publish(package.work, asset_id, rev)
