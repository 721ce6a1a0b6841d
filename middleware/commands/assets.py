"""`nanhu-tv asset …`: films of the video centre."""

from pathlib import Path

import click

from middleware.commands.faults import Fault
from middleware.commands.packaging import library_of, packaging_settings, registering, run_to_end
from middleware.commands.progress import bar
from middleware.commands.setup import Setup, pass_setup
from middleware.services.assets import CHANNEL, COLUMNS, AssetDraft, check_draft, withdraw
from vod.catalogue import Asset
from vod.packaging import ingest


@click.group()
def asset() -> None:
    """Films of the video centre: add, list, remove."""


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
@pass_setup
def add(
    setup: Setup, file: Path, title: str, column: str, short_title: str, synopsis: str, poster: Path | None
) -> None:
    """Package FILE, any real video, into segments for boxes and put it on the shelf."""
    draft = check_draft(AssetDraft(column, title, short_title, synopsis))
    if not file.is_file():
        raise Fault(f"there is no file {file}")
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
                settings=packaging_settings(setup),
                poster=poster,
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
    """Take a film off the shelf; its files go a day later, so that who is watching sees it to the end."""
    gone = setup.write(lambda uow: withdraw(uow, setup.now(), number), "withdraw film")
    click.echo(f"Withdrew film {gone.id}: {gone.title}")


def _line(each: Asset) -> str:
    seconds = round(each.duration_ms / 1000)
    return f"{each.title} ({each.column}), {seconds // 60}:{seconds % 60:02d}, {each.state}"
