"""`nanhu-tv asset edit|find|uses|replace|trash|restore|address`: the library as editors keep it."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from attrs import evolve

from middleware.commands.faults import Fault
from middleware.commands.packaging import (
    captions_of,
    library_of,
    packaging_settings,
    replacing,
    run_to_end,
    subtitles_option,
)
from middleware.commands.progress import bar
from middleware.commands.seed import base_url
from middleware.commands.setup import Setup, pass_setup
from middleware.commands.signing import signer
from middleware.domain.places import TOWN_ZONE
from middleware.services import asset_library as use
from middleware.services.asset_library import Change
from middleware.services.assets import CHANNEL, COLUMNS, kept
from middleware.services.rollcall_reach import COMMAND_LINE
from vod.catalogue import Asset
from vod.packaging import ingest

_MOMENTS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M")


@click.command()
@click.argument("number", type=int)
@click.option("--title", help="Title, up to 40 characters.")
@click.option("--short-title", help="Title on the shelf, up to 8 characters.")
@click.option("--column", type=click.Choice([*COLUMNS, CHANNEL]), help="Column of the shelf.")
@click.option("--synopsis", help="A few sentences, up to 300 characters.")
@click.option("--keywords", help="Further words to be found by, with spaces between them; none for an empty text.")
@click.option(
    "--from",
    "begins",
    type=click.DateTime(_MOMENTS),
    help="On the shelf from this day or minute on, in the town's time.",
)
@click.option("--until", "ends", type=click.DateTime(_MOMENTS), help="On the shelf until before this day or minute.")
@click.option("--always", is_flag=True, help="On the shelf without beginning and end.")
@pass_setup
def edit(
    setup: Setup,
    /,
    number: int,
    *,
    begins: datetime | None,
    ends: datetime | None,
    always: bool,
    **told: Any,
) -> None:
    """Change what is said of a film and when it is on its shelf; what is not given stays."""
    if always and (begins or ends):
        raise Fault("--always goes with neither --from nor --until")
    words = told.pop("keywords")

    def write(uow: Any) -> Asset:
        film = kept(uow, number)
        window = _window(film, begins, ends, always=always)
        keywords = None if words is None else tuple(words.split())
        return use.edit(uow, setup.now(), COMMAND_LINE, number, Change(**told, keywords=keywords, window=window))

    film = setup.write(write, "edit film")
    click.echo(f"Film {film.id}: {film.title} ({film.column}){_when(film)}{'' if film.shown else ', not shown now'}")


@click.command()
@click.argument("number", type=int)
@pass_setup
def address(setup: Setup, number: int) -> None:
    """Print an address that opens a film in any player for a day; films of a group are on no shelf."""
    config, film = setup.config(), setup.read(lambda uow: kept(uow, number), "film")
    base = config.server.public_url.rstrip("/") or base_url(config.server.host, config.server.port)
    click.echo(base + signer(config).address(f"/v/{film.key}/master.m3u8", film.klass))


def _window(
    film: Asset, begins: datetime | None, ends: datetime | None, *, always: bool
) -> tuple[datetime | None, datetime | None] | None:
    if always:
        return None, None
    if not (begins or ends):
        return None
    return (
        begins.replace(tzinfo=TOWN_ZONE) if begins else film.shown_from,
        ends.replace(tzinfo=TOWN_ZONE) if ends else film.shown_until,
    )


def _when(film: Asset) -> str:
    edges = (("from", film.shown_from), ("until", film.shown_until))
    told = (f"{word} {at.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M}" for word, at in edges if at)
    return "".join(f", {each}" for each in told)


@click.command()
@click.argument("query", default="")
@click.option("--column", type=click.Choice([*COLUMNS, CHANNEL]), default=None, help="Only films of this column.")
@pass_setup
def find(setup: Setup, query: str, column: str | None) -> None:
    """Find films by words of title and keywords or by their pinyin initials; without QUERY all are listed.

    Each with the households that have viewed it and the hours that all of them watched.
    """
    found = setup.read(lambda uow: use.find(uow, query, column or ""), "find films")
    for one in found:
        film, views = one.film, one.views
        state = film.state if film.shown else "not shown"
        watched = f"viewed by {views.households}, {views.seconds / 3600:.1f} h"
        click.echo(f"{film.id:>5}  {film.title} ({film.column}), {state}{_when(film)}, {watched}")
    if not found:
        click.echo("Nothing found")


@click.command()
@click.argument("number", type=int)
@pass_setup
def uses(setup: Setup, number: int) -> None:
    """Tell where a film is used: series, plans, templates, fillers, what was and will be on air."""
    told = setup.read(lambda uow: use.uses(uow, setup.now(), number), "uses of a film")
    for each in told or ("used nowhere",):
        click.echo(each)


@click.command()
@click.argument("number", type=int)
@click.argument("file", type=click.Path(path_type=Path))
@subtitles_option
@pass_setup
def replace(setup: Setup, number: int, file: Path, subtitles: tuple[tuple[str, Path], ...]) -> None:
    """Package FILE and put it in the place of a film; who is watching the old one sees it to the end."""
    if not file.is_file():
        raise Fault(f"there is no file {file}")
    film = setup.read(lambda uow: kept(uow, number), "film to replace")
    settings = evolve(packaging_settings(setup), channel=film.channel)
    captions, reactor, library = captions_of(subtitles), setup.reactor(), library_of(setup)
    with setup.store(reactor) as store, bar("Packaging") as tell:
        register = replacing(setup, store, library, film)
        done = run_to_end(
            reactor,
            lambda: ingest(
                reactor,
                file,
                library,
                register,
                settings=settings,
                captions=captions,
                progress=lambda step: tell(step.state.value, step.fraction),
            ),
        )
    click.echo(f"Film {done.id} {done.title} is revision {done.rev} now")


@click.command()
@pass_setup
def trash(setup: Setup) -> None:
    """List the films that were thrown away and can still be restored."""
    for film in setup.read(use.trash, "list trash"):
        click.echo(f"{film.id:>5}  {film.title} ({film.column})")


@click.command()
@click.argument("number", type=int)
@pass_setup
def restore(setup: Setup, number: int) -> None:
    """Put a film that was thrown away back on its shelf."""
    film = setup.write(lambda uow: use.restore(uow, setup.now(), COMMAND_LINE, number), "restore film")
    click.echo(f"Film {film.id} {film.title} is back")
