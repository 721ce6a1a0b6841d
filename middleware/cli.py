"""The program `nanhu-tv`. The only module that imports the reactor; faults end it with one line and exit code 1."""

from pathlib import Path
from typing import Any

import click

from middleware.commands import (
    asset,
    checks,
    database,
    device,
    guide,
    key,
    places,
    rollcall,
    roster,
    seed,
    serve,
    staff,
)
from middleware.commands.faults import fault_of
from middleware.commands.setup import Setup


class Program(click.Group):
    """A group that turns faults an operator can mend into one line."""

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


COMMANDS: tuple[click.Command, ...] = (
    serve.serve,
    seed.seed_demo,
    checks.check_config,
    checks.check_port,
    database.database,
    places.place,
    roster.roster,
    rollcall.rollcall,
    asset.asset,
    guide.epg,
    device.device,
    staff.staff,
    key.key,
)
"""In the order of the docs."""

for command in COMMANDS:
    main.add_command(command)
