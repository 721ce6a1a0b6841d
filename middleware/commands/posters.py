"""`nanhu-tv asset poster`: another picture for the shelf, one of those that packaging found or one of the editor's."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import click

from middleware.commands.faults import Fault
from middleware.commands.packaging import in_thread, library_of, replacing, run_to_end
from middleware.commands.setup import Setup, pass_setup
from middleware.services.assets import kept
from middleware.services.ports import UnitOfWork
from vod import posters
from vod.catalogue import Asset, Edition, Package
from vod.library import CANDIDATES, Library, seal, take_candidate


@click.command()
@click.argument("number", type=int)
@click.argument("picture")
@pass_setup
def poster(setup: Setup, number: int, picture: str) -> None:
    """Give a film another poster: PICTURE is 1, 2 or 3 for those that packaging found, or a JPEG or PNG file."""

    def read(uow: UnitOfWork) -> tuple[Asset, Edition | None, bytes | None]:
        film = kept(uow, number)
        return film, uow.assets.edition(film.id, film.rev), uow.assets.key(film.id, film.rev)

    film, edition, key = setup.read(read, "film")
    if edition is None:
        raise Fault(f"film {number} has no files")
    reactor, library = setup.reactor(), library_of(setup)
    with setup.store(reactor) as store:
        register = replacing(setup, store, library, film)

        def add(work: Path) -> Awaitable[Asset]:
            return register(Package(work, edition, film.damaged_tail, film.channel, key or b""))

        done = run_to_end(reactor, lambda: _with_poster(reactor, library, film, picture, add))
    click.echo(f"Film {done.id} {done.title} has another poster; it is revision {done.rev} now")


async def _with_poster(
    reactor: Any, library: Library, film: Asset, picture: str, add: Callable[[Path], Awaitable[Asset]]
) -> Asset:
    """A revision of the same files and another poster: what an address once showed it shows for ever."""
    with library.job() as folder:
        work = folder / "film"
        await in_thread(reactor, lambda: library.twin(film.id, film.rev, film.klass, work))
        if not picture.isdigit():
            await posters.from_picture(reactor, work, Path(picture))
        elif not take_candidate(work, int(picture)):
            raise Fault(f"film {film.id} has no poster {picture} to choose; there are up to {CANDIDATES}")
        await in_thread(reactor, lambda: seal(work))
        return await add(work)
