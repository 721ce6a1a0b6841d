"""`nanhu-tv db …`: bring the tables up to date, copy them, tell their state."""

from pathlib import Path

import click

from middleware.commands.setup import Setup, check_set_up, pass_setup
from middleware.config import Config
from middleware.storage.backup import db_backup
from middleware.storage.faults import folder_faults
from middleware.storage.schema import Status, db_status, db_upgrade

STATES = {
    "empty": "empty: run `nanhu-tv db upgrade`",
    "stale": "older than this program: run `nanhu-tv db upgrade`",
    "current": "up to date",
    "newer": "newer than this program: install the newer version",
}


@click.group("db")
def database() -> None:
    """The database: tables, copies, state."""


@database.command()
@click.option("--quiet", is_flag=True, help="Say nothing when the tables are up to date.")
@pass_setup
def upgrade(setup: Setup, quiet: bool) -> None:
    """Make the tables, or bring them up to date; an SQLite file is copied aside first."""
    config = setup.config()
    with folder_faults(config.data):
        config.data.mkdir(parents=True, exist_ok=True)
    before = db_status(config.database_url)
    if before.state == "stale":
        _copy_aside(setup, config, before)
    after = db_upgrade(config.database_url, config.data)
    if not quiet or before.found != after.found:
        click.echo(f"{after.url}: {'made' if before.state == 'empty' else STATES[after.state]} ({after.found})")


def _copy_aside(setup: Setup, config: Config, before: Status) -> None:
    if config.database_url.startswith("sqlite"):
        copy = db_backup(config.database_url, _name(setup, config.data, f"before-{before.head}"))
        click.echo(f"Copied the database to {copy}")


def _name(setup: Setup, data: Path, word: str) -> Path:
    return data / "backups" / f"nanhu-{setup.now():%Y%m%d-%H%M%S}-{word}.db"


@database.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False), required=False)
@pass_setup
def backup(setup: Setup, target: Path | None) -> None:
    """Copy an SQLite database while the server runs, to TARGET or into the folder backups of the data folder."""
    config = setup.config()
    copy = db_backup(config.database_url, target or _name(setup, config.data, "backup"))
    click.echo(f"{copy} ({copy.stat().st_size >> 10} KiB). Keep a copy of {config.data / 'secret.key'} as well.")


@database.command()
@pass_setup
def status(setup: Setup) -> None:
    """Tell the state of the tables without changing them; ends with 1 unless they are up to date."""
    config = setup.config()
    check_set_up(config)
    found = db_status(config.database_url)
    click.echo(f"{found.url}: {STATES[found.state]} (has {found.found or 'nothing'}, program {found.head})")
    if found.state != "current":
        raise click.exceptions.Exit(1)
