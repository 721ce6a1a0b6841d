"""Once a night every file of every film is read and compared with the index row; what differs is withdrawn and told."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, Protocol, TypeVar

from attrs import define, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from middleware.domain.places import TOWN_ZONE
from middleware.services import asset_checks as use
from middleware.services.ports import UnitOfWork
from vod.library import Library

T = TypeVar("T")
NIGHT: Final = range(3, 5)
"""Hours of the town in which hardly anybody watches, and in which the first look of a day may begin."""
ACTOR: Final = "nightly"


class Storage(Protocol):
    """Transactions off the reactor thread."""

    def run(self, fn: Callable[[UnitOfWork], T], name: str = "", *, write: bool = True) -> "Deferred[T]": ...


@frozen
class Damage:
    """A film that was withdrawn, and its files that are lost or changed, below its folder."""

    film: int
    title: str
    files: tuple[str, ...]


@define
class LibraryCheck:
    """Looks at the films one after the other; `in_thread` runs what reads files."""

    store: Storage
    library: Library
    now: Callable[[], datetime]
    in_thread: Callable[[Callable[[], Any]], "Deferred[Any]"]
    last: date | None = None
    log = Logger()

    async def nightly(self) -> tuple[Damage, ...]:
        """Look at all films if this is the night's first call; else nothing happens."""
        local = self.now().astimezone(TOWN_ZONE)
        if local.hour not in NIGHT or self.last == local.date():
            return ()
        self.last = local.date()
        return await self.all()

    async def all(
        self, tell: Callable[[int, int], None] = lambda _done, _of: None, actor: str = ACTOR
    ) -> tuple[Damage, ...]:
        """Look at all films now; `tell` is given how many of how many are done."""
        films = await self.store.run(use.ready, "films to check", write=False)
        found = []
        for number, film in enumerate(films, start=1):
            found.append(await self._look_at(film, actor))
            tell(number, len(films))
        return tuple(each for each in found if each is not None)

    async def _look_at(self, film: int, actor: str) -> Damage | None:
        kept = await self.store.run(lambda uow: use.kept(uow, film), "film to check", write=False)
        if kept is None:
            return None
        asset = kept.asset
        bad = await self.in_thread(lambda: self.library.damaged(asset.id, asset.rev, kept.edition, asset.klass))
        files = tuple(f"{path.parent.name}/{path.name}" for path in bad)
        if not files:
            return None
        gone = await self.store.run(
            lambda uow: use.withdraw_damaged(uow, self.now(), kept, files, actor), "withdraw damaged film"
        )
        if gone is None:
            return None
        self.log.error(
            "ALARM: film {film} is damaged and withdrawn: {count} files, first {first}",
            film=asset.key,
            count=len(files),
            first=files[0],
        )
        return Damage(asset.id, asset.title, files)
