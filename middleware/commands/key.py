"""`nanhu-tv key rotate`: a new key for what is sealed at rest."""

import click

from middleware.commands.films import STEPS
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
    with click.progressbar(length=STEPS, label="Sealing", width=30) as shown:

        def tell(done: int, total: int) -> None:
            shown.update(done * STEPS // max(1, total) - shown.pos)

        done = rotate_key(config.database_url, config.data, tell, forget=forget)
    click.echo(
        f"Key {done.new} is in force, {done.values} values sealed anew. Copy {config.data / 'secret.key'} again."
    )
