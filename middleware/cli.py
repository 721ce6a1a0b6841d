"""The program `nanhu-tv`. The only module that imports the reactor; faults end it with one line and exit code 1."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from middleware.commands.faults import fault_of
from middleware.commands.setup import Setup

COMMANDS: Mapping[str, str] = {
    "serve": "serve:serve",
    "seed-demo": "seed:seed_demo",
    "check-config": "checks:check_config",
    "check-port": "checks:check_port",
    "nginx-config": "front:nginx_config",
    "db": "database:database",
    "place": "places:place",
    "roster": "roster:roster",
    "rollcall": "rollcall:rollcall",
    "asset": "assets:asset",
    "vod": "vod:vod",
    "epg": "guide:epg",
    "si": "si:si",
    "relay": "relays:relay",
    "channel": "channels:channel",
    "genre": "channels:genre",
    "device": "devices:device",
    "keys": "keys:keys",
    "account": "accounts:account",
    "package": "packages:package",
    "message": "messages:message",
    "api": "api:api",
    "staff": "staff:staff",
    "key": "key:key",
}
"""Where each command lies in middleware.commands, in the order of the docs.

Only the one asked for is imported: with all of them every command would start a second later.
"""


class Program(click.Group):
    """The commands, and faults that an operator can mend as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"middleware.commands.{module}"), name)
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            fault = fault_of(error)
            if fault is None:
                raise
            raise fault from error


def _reactor() -> Any:
    from twisted.internet import reactor  # installed by its import, so not before a command asks for it

    return reactor


@click.group(cls=Program)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="Folder for database, keys and films.",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file (TOML); the defaults hold without one.",
)
@click.pass_context
def main(ctx: click.Context, data: Path, config_file: Path | None) -> None:
    """Nanhu-tv: boards, roll-call, films and guide of a town on the televisions that people already have."""
    ctx.obj = Setup(data, config_file, _reactor)
