"""`nanhu-tv key rotate`: a new key for what is sealed at rest."""

import click

from middleware.commands.progress import bar
from middleware.commands.setup import Setup, pass_setup
from middleware.storage.rotation import rotate_key


@click.group()
def key() -> None:
    """The key that phone numbers are sealed with."""


@key.command()
@click.option("--forget", is_flag=True, help="Remove the older keys at the end; old backups then cannot be read.")
@pass_setup
def rotate(setup: Setup, forget: bool) -> None:
    """Seal every phone number with a new key while the server runs; one that was cut off is completed."""
    config = setup.config()
    with bar("Sealing") as tell:
        done = rotate_key(
            config.database_url, config.data, lambda count, total: tell("", count / max(1, total)), forget=forget
        )
    click.echo(
        f"Key {done.new} is in force, {done.values} values sealed anew. Copy {config.data / 'secret.key'} again."
    )
