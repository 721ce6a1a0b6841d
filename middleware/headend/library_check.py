"""Once a night every file of every film is read and compared with the index row; what differs is withdrawn and told."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from attrs import define, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.domain.errors import StorageError
from middleware.domain.places import TOWN_ZONE
from middleware.headend.ports import Storage
from middleware.services import asset_checks as use
from vod.library import Library

NIGHT: Final = range(3, 5)
"""Hours of the town in which hardly anybody watches, and in which the first look of a day may begin."""
ACTOR: Final = "nightly"


@frozen
class Damage:
    """A film that was withdrawn, and its files that are lost or changed, below its folder."""

    film: int
    title: str
    files: tuple[str, ...]


@define
class LibraryCheck:
    """Looks at the films one after the other; `in_thread` runs what reads files.

    `unread` names the films that could not be read the last time, for a reason that says nothing of them.
    """

    store: Storage
    library: Library
    now: Callable[[], datetime]
    in_thread: Callable[[Callable[[], Any]], "Deferred[Any]"]
    last: date | None = None
    stopped: bool = False
    unread: tuple[str, ...] = ()
    _log = Logger()

    def stop(self) -> None:
        """Look at no more films."""
        self.stopped = True

    async def nightly(self) -> tuple[Damage, ...]:
        """Look at all films if this is the night's first call; else nothing happens."""
        local = self.now().astimezone(TOWN_ZONE)
        if local.hour not in NIGHT or self.last == local.date():
            return ()
        try:
            found = await self.all()
        except StorageError as error:
            self._log.error("ALARM: the films cannot be checked: {why}", why=str(error))
            return ()
        self.last = local.date()
        return found

    async def all(
        self, tell: Callable[[int, int], None] = lambda _done, _of: None, actor: str = ACTOR
    ) -> tuple[Damage, ...]:
        """Look at all films now; `tell` is given how many of how many are done.

        Raises StorageError, also where not one film has files: then it is their disk that is lost.
        """
        films = await self.store.run(use.ready, "films to check", write=False)
        if films and not await self.in_thread(self.library.is_there):
            raise StorageError("not one film has files, and none is withdrawn: is the disk with the films mounted?")
        self.unread, found = (), []
        for number, film in enumerate(films, start=1):
            if self.stopped:
                break
            found.append(await self._look_at(film, actor))
            tell(number, len(films))
        return tuple(each for each in found if each is not None)

    async def _look_at(self, film: int, actor: str) -> Damage | None:
        kept = await self.store.run(lambda uow: use.kept(uow, film), "film to check", write=False)
        if kept is None:
            return None
        asset = kept.asset
        try:
            bad = await self.in_thread(lambda: self.library.damaged(asset.id, asset.rev, kept.edition, asset.klass))
        except OSError as fault:  # as when this process has too many files open: it says nothing of the film
            self._log.warn("film {film} could not be checked: {why}", film=asset.key, why=fault.strerror or str(fault))
            self.unread = (*self.unread, asset.key)
            return None
        files = tuple(f"{path.parent.name}/{path.name}" for path in bad)
        if not files:
            return None
        gone = await self.store.run(
            lambda uow: use.withdraw_damaged(uow, self.now(), kept, files, actor), "withdraw damaged film"
        )
        if gone is None:
            return None
        self._log.error(
            "ALARM: film {film} is damaged and withdrawn: {count} files, first {first}",
            film=asset.key,
            count=len(files),
            first=files[0],
        )
        return Damage(asset.id, asset.title, files)
