"""`nanhu-tv epg source rows …`: rows of an import that were not taken, and what is decided of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import click

from epg.times import SHANGHAI
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.services import source_rows as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE
from middleware.services.source_rows import Quarantined

WHEN: Final = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])
Decide = Callable[[UnitOfWork, datetime, str, str, str], object]
"""What is decided of a row: the time, who decides, the source and the row."""
_STATES: Final = {"release": "released", "correct": "corrected", "ignore": "ignored"}


@click.command()
@click.argument("name")
@pass_setup
def rows(setup: Setup, name: str) -> None:
    """List rows of source NAME that its last import did not take, each with the ROW to name it by."""
    for one in setup.read(lambda uow: use.quarantined(uow, name), "quarantined rows"):
        held, state = one.held, _STATES[one.ruling.kind] if one.ruling else "fits" if one.fits else "to be corrected"
        place = f"line {held.line}: {held.code} {held.channel or '-'}"
        click.echo(f"{held.key}  {state:15} {place} {held.start} {held.stop} {held.title}")


@click.command()
@click.argument("name")
@click.argument("row")
@click.option("--start", type=WHEN, help="Beginning, in the town's time.")
@click.option("--stop", type=WHEN, help="End, in the town's time.")
@click.option("--title", default="", help="Name of the programme.")
@pass_setup
def correct(setup: Setup, name: str, row: str, start: datetime | None, stop: datetime | None, title: str) -> None:
    """Take ROW of source NAME with other times or another title, now and whenever it comes again."""
    if not (start or stop or title):
        raise Fault("give what is to be corrected: --start, --stop or --title")

    def run(uow: UnitOfWork, key: str) -> None:
        use.correct(uow, setup.now(), COMMAND_LINE, name, key, _local(start), _local(stop), title)

    _decide(setup, name, row, run)
    click.echo("Corrected")


def _deciding(name: str, act: Decide, said: str, about: str) -> click.Command:
    @click.command(name, help=about)
    @click.argument("name")
    @click.argument("row")
    @pass_setup
    def decide(setup: Setup, name: str, row: str) -> None:
        _decide(setup, name, row, lambda uow, key: act(uow, setup.now(), COMMAND_LINE, name, key))
        click.echo(said)

    return decide


def _decide(setup: Setup, name: str, row: str, act: Callable[[UnitOfWork, str], object]) -> None:
    """Do it with the row that the beginning of a key names."""

    def run(uow: UnitOfWork) -> None:
        act(uow, _key(use.quarantined(uow, name), row))

    setup.write(run, "decide of a row")


def _key(found: tuple[Quarantined, ...], row: str) -> str:
    keys = [one.held.key for one in found if one.held.key.startswith(row)]
    if len(keys) != 1:
        raise Fault(f"{'several rows begin' if keys else 'there is no row that begins'} with {row!r}")
    return keys[0]


def _local(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=SHANGHAI) if at else None


release = _deciding(
    "release",
    use.release,
    "Released",
    "Take ROW of source NAME as it stands, now and whenever it comes again (see `epg source rows`).",
)
ignore = _deciding(
    "ignore", use.ignore, "Ignored", "Leave ROW of source NAME out for good: reports do not list it again."
)
take_back = _deciding(
    "take-back",
    use.take_back,
    "Taken back",
    "Leave ROW of source NAME in quarantine, as if nothing had been decided of it.",
)
