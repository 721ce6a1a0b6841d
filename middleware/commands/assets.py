"""`nanhu-tv asset …`: films of the video centre."""

from pathlib import Path

import click
from attrs import evolve

from middleware.commands import jobs, library, posters
from middleware.commands.faults import Fault
from middleware.commands.packaging import (
    captions_of,
    in_thread,
    library_of,
    packaging_settings,
    registering,
    run_to_end,
    subtitles_option,
)
from middleware.commands.progress import bar
from middleware.commands.setup import Setup, pass_setup
from middleware.headend.library_check import LibraryCheck
from middleware.services import assets as use
from middleware.services.asset_library import throw_away
from middleware.services.assets import CHANNEL, COLUMNS, AssetDraft, check_draft
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE
from vod.catalogue import PUBLIC, Asset, Series
from vod.lengths import exact
from vod.packaging import ingest


@click.group()
def asset() -> None:
    """Films of the video centre: add, find, change, replace, throw away, put into series."""


@asset.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--title", required=True, help="Title, up to 40 characters.")
@click.option(
    "--column",
    type=click.Choice([*COLUMNS, CHANNEL]),
    required=True,
    help="Column of the shelf; channel is for films that only the town channel shows.",
)
@click.option("--short-title", default="", help="Title on the shelf, up to 8 characters; else the title's first 8.")
@click.option("--synopsis", default="", help="A few sentences, up to 300 characters.")
@click.option(
    "--poster",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Picture (JPEG or PNG) for the shelf; else a bright frame of the film is taken.",
)
@subtitles_option
@click.option("--channel", is_flag=True, help="The town channel may show it: all picture sizes, padded to whole 6 s.")
@click.option(
    "--seconds", type=int, default=0, help="Cut or pad it to exactly this: 2 to 5 for idents, or multiples of 6."
)
@click.option("--encrypt/--clear", default=None, help="Encrypt its segments or not; else as the settings say.")
@click.option(
    "--class",
    "klass",
    default=PUBLIC,
    help="Who may fetch it: pub for all, else the name of a group; `asset address` gives the way to it.",
)
@pass_setup
def add(
    setup: Setup,
    file: Path,
    title: str,
    column: str,
    short_title: str,
    synopsis: str,
    poster: Path | None,
    subtitles: tuple[tuple[str, Path], ...],
    channel: bool,
    seconds: int,
    encrypt: bool | None,
    klass: str,
) -> None:
    """Package FILE, any real video, into segments for boxes and put it on the shelf."""
    draft = check_draft(AssetDraft(column, title, short_title, synopsis, klass=klass))
    if not file.is_file():
        raise Fault(f"there is no file {file}")
    if seconds and not exact(seconds * 1000):
        raise Fault("--seconds is 2, 3, 4 or 5, or a multiple of 6")
    captions, chosen = captions_of(subtitles), packaging_settings(setup)
    settings = evolve(
        chosen,
        channel=channel or column == CHANNEL,
        exact_ms=seconds * 1000,
        encrypt=chosen.encrypt if encrypt is None else encrypt,
    )
    reactor, library = setup.reactor(), library_of(setup)
    with setup.store(reactor) as store, bar("Packaging") as tell:
        register = registering(setup, store, library)
        added = run_to_end(
            reactor,
            lambda: ingest(
                reactor,
                file,
                library,
                lambda package: register(draft, package),
                settings=settings,
                poster=poster,
                captions=captions,
                progress=lambda step: tell(step.state.value, step.fraction),
            ),
        )
    click.echo(f"Added film {added.id}: {_line(added)}")
    if added.damaged_tail:
        click.echo("The file breaks off before its announced end; what could be read was packaged.", err=True)


@asset.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List every film with its number, column, length and state."""
    for each in setup.read(lambda uow: uow.assets.all(), "list films"):
        click.echo(f"{each.id:>5}  {_line(each)}")


@asset.command()
@click.argument("number", type=int)
@pass_setup
def remove(setup: Setup, number: int) -> None:
    """Throw a film away; its files go some days later (video.trash_days), until then it can be restored."""
    gone = setup.write(lambda uow: throw_away(uow, setup.now(), COMMAND_LINE, number), "withdraw film")
    click.echo(f"Withdrew film {gone.id}: {gone.title}")


for _each in (
    library.edit,
    library.find,
    library.uses,
    library.replace,
    library.trash,
    library.restore,
    library.address,
):
    asset.add_command(_each)


asset.add_command(posters.poster)


for _each in (jobs.enqueue, jobs.jobs, jobs.cancel, jobs.retry, jobs.priority):
    asset.add_command(_each)


@asset.command()
@pass_setup
def verify(setup: Setup) -> None:
    """Read every file of every film and withdraw those that are damaged; the server does it each night."""
    reactor, library = setup.reactor(), library_of(setup)
    with setup.store(reactor) as store, bar("Checking") as tell:
        check = LibraryCheck(store, library, setup.now, lambda work: in_thread(reactor, work))
        told = run_to_end(reactor, lambda: check.all(lambda done, of: tell("films", done / of), COMMAND_LINE))
    for each in told:
        click.echo(f"Withdrew film {each.film} {each.title}: {len(each.files)} files damaged, first {each.files[0]}")
    if told:
        raise Fault(f"{len(told)} films were damaged")
    if check.unread:
        raise Fault(f"{len(check.unread)} films could not be read just now, as {check.unread[0]}: the log says why")
    click.echo("All files of all films are as they were packaged")


@asset.group()
def series() -> None:
    """Films that belong together, as episodes of seasons."""


@series.command("list")
@pass_setup
def list_series(setup: Setup) -> None:
    """List every series with its episodes."""
    for each, films in setup.read(_series, "list series"):
        click.echo(f"{each.id:>5}  {each.title} ({each.column}){f', {each.year}' if each.year else ''}")
        for one in films:
            click.echo(f"{'':5}  {one.season}.{one.episode} film {one.id} {one.title}")


@series.command("add")
@click.argument("title")
@click.option("--column", type=click.Choice(COLUMNS), required=True, help="Column of the shelf.")
@click.option("--synopsis", default="", help="A few sentences, up to 300 characters.")
@click.option("--year", type=int, default=0, help="Year that it is from; 0 = unknown.")
@pass_setup
def add_series(setup: Setup, title: str, column: str, synopsis: str, year: int) -> None:
    """Make a series, which has no film yet."""
    made = setup.write(lambda uow: _add_series(uow, setup, Series(0, column, title, synopsis, year)), "add series")
    click.echo(f"Added series {made.id}: {made.title}")


@series.command("place")
@click.argument("film", type=int)
@click.argument("number", type=int)
@click.argument("season", type=int)
@click.argument("episode", type=int)
@pass_setup
def place(setup: Setup, film: int, number: int, season: int, episode: int) -> None:
    """Make FILM an episode of the series NUMBER; SEASON and EPISODE count from 1."""
    placed = setup.write(lambda uow: _place(uow, setup, film, number, season, episode), "place film")
    click.echo(f"Film {placed.id} {placed.title} is episode {season}.{episode} of series {number}")


@series.command("drop")
@click.argument("film", type=int)
@pass_setup
def drop(setup: Setup, film: int) -> None:
    """Make FILM, an episode so far, one of its own."""
    placed = setup.write(lambda uow: _place(uow, setup, film, None, 0, 0), "place film")
    click.echo(f"Film {placed.id} {placed.title} is of no series now")


def _add_series(uow: UnitOfWork, setup: Setup, new: Series) -> Series:
    made = use.add_series(uow, new)
    uow.audit.add(setup.now(), COMMAND_LINE, "add", "series", made.id, {"title": made.title})
    return made


def _place(uow: UnitOfWork, setup: Setup, film: int, of: int | None, season: int, episode: int) -> Asset:
    placed = use.place_in_series(uow, film, of, season, episode)
    detail = {"series": of, "season": season, "episode": episode}
    uow.audit.add(setup.now(), COMMAND_LINE, "place", "asset", film, detail)
    return placed


def _series(uow: UnitOfWork) -> list[tuple[Series, tuple[Asset, ...]]]:
    return [(each, use.episodes(uow, each.id)) for each in uow.assets.series()]


def _line(each: Asset) -> str:
    seconds = round(each.duration_ms / 1000)
    return f"{each.title} ({each.column}), {seconds // 60}:{seconds % 60:02d}, {each.state}"
