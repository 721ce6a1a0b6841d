"""`nanhu-tv epg snapshots` and `epg rollback`: earlier states of the guide, and going back to one."""

from typing import Final

import click

from epg.times import SHANGHAI
from middleware.commands.setup import Setup, pass_setup
from middleware.services import guide_snapshots as use
from middleware.services.guide_snapshots import WayBack
from middleware.services.ports import Airing
from middleware.services.rollcall_reach import COMMAND_LINE

MOST_ROWS: Final = 40
"""Most programmes of each kind that are listed."""


@click.command()
@pass_setup
def snapshots(setup: Setup) -> None:
    """List the last ten states of the guide, the newest first, with what each changed."""
    for one in setup.read(lambda uow: uow.guide.snapshots(), "snapshots"):
        counts = f"{one.added} added, {one.changed} changed, {one.removed} removed"
        when = f"{one.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        click.echo(f"{one.number:6} {when}  {one.who:12} {one.what}  ({counts}; {one.digest[:12]})")


@click.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_setup
def rollback(setup: Setup, number: int, dry_run: bool, yes: bool) -> None:
    """Make the guide what it was in snapshot NUMBER (see `epg snapshots`); this can be taken back in the same way.

    Sources bring what they tell when they are fetched the next time, and approved days stay approved.
    """
    way, seen = setup.read(lambda uow: (use.way_back(uow, number), uow.guide.snapshots()[0].number), "way back")
    _tell(way)
    if not way:
        click.echo("The guide is as it was then")
        return
    if dry_run:
        click.echo("Nothing was written: a dry run")
        return
    if not yes:
        click.confirm("Go back?", abort=True)
    setup.write(lambda uow: use.roll_back(uow, setup.now(), COMMAND_LINE, number, seen), "roll back guide")
    click.echo(f"The guide is as in snapshot {number}")


def _tell(way: WayBack) -> None:
    lines = [
        *(("+", one) for one in way.back),
        *(("~", then) for _, then in way.changed),
        *(("-", one) for one in way.gone),
    ]
    for sign, one in lines[:MOST_ROWS]:
        click.echo(f"{sign} {_line(one)}")
    if len(lines) > MOST_ROWS:
        click.echo(f"  and {len(lines) - MOST_ROWS} more")
    click.echo(f"{len(way.back)} come back, {len(way.changed)} change, {len(way.gone)} go")


def _line(one: Airing) -> str:
    it = one.programme
    start, stop = it.start.astimezone(SHANGHAI), it.stop.astimezone(SHANGHAI)
    return f"{it.channel} {start:%Y-%m-%d %H:%M}-{stop:%H:%M} {it.title}"
