"""`nanhu-tv nginx-config`: an nginx that stands in front of the server."""

import getpass
import os

import click

from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, keys_of, pass_setup
from middleware.portal.core import signing
from middleware.web.front import BadFront, Front, front_config


@click.command("nginx-config")
@click.option("--listen", required=True, help="Address and port that nginx listens on, such as 0.0.0.0:80.")
@click.option("--upstream", help="Address and port of the server behind; those of the settings without it.")
@pass_setup
def nginx_config(setup: Setup, listen: str, upstream: str | None) -> None:
    """Print the nginx.conf of an nginx that serves films itself, and checks their addresses; it holds secret keys."""
    config = setup.config()
    behind = upstream or f"{config.server.host}:{config.server.port}"
    keys = signing.keys_of(keys_of(config).signing_key, config.streams.address_key)
    user = getpass.getuser() if os.geteuid() == 0 else ""
    try:
        click.echo(front_config(Front(listen, behind, config.data.absolute() / "media", keys, user)), nl=False)
    except BadFront as fault:
        raise Fault(str(fault)) from fault
