"""`nanhu-tv epg outputs`: files of the guide that a server writes or sends on a timetable, and what became of them."""

from datetime import datetime
from pathlib import Path

import click

from epg.times import SHANGHAI
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.errors import StorageError
from middleware.services import guide_outputs as use
from middleware.services.guide_outputs import Outcome


@click.command()
@click.option("--again", metavar="NAME", help="Let this one be written within a minute, changed or not.")
@pass_setup
def outputs(setup: Setup, again: str | None) -> None:
    """List the outputs of the settings (guide.outputs): where each goes, when it was written last, what fails."""
    wanted = setup.config().guide.outputs
    if again is not None:
        if again not in {one.name for one in wanted}:
            raise Fault(f"there is no output {again!r} in the settings")
        setup.write(lambda uow: use.again(uow, again), "output again")
        click.echo(f"Output {again} is written at the server's next look, within a minute")
        return
    known = setup.read(use.every, "outputs")
    for one in wanted:
        found = known.get(one.name, Outcome())
        click.echo(f"{one.name:20} {one.kind}, every {one.every_min} min  {one.place}")
        click.echo(f"{'':20} {_told(found)}")
    for name in sorted(known.keys() - {one.name for one in wanted}):
        click.echo(f"{name:20} not in these settings\n{'':20} {_told(known[name])}")


def unready(setup: Setup) -> list[str]:
    """What outputs name and is not there (yet), a line each; a town that cannot be read has no networks."""
    try:
        networks = setup.read(lambda uow: {one.name for one in uow.service_information.networks()}, "networks")
    except (Fault, StorageError):
        networks = set()
    lines = []
    for number, one in enumerate(setup.config().guide.outputs, 1):
        if one.folder and not Path(one.folder).is_dir():
            lines.append(f"guide.outputs[{number}].folder: there is no folder {one.folder}")
        if one.network and one.network not in networks:
            lines.append(f"guide.outputs[{number}].network: there is no network profile {one.network!r}")
    return lines


def _told(found: Outcome) -> str:
    size = f", {found.size} bytes" if found.written else ""
    failing = f", failing since {_when(found.failed)}: {found.why}" if found.failed else ""
    return f"written {_when(found.written)}{size}; looked at {_when(found.tried)}{failing}"


def _when(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else "never"
