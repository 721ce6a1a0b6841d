"""`nanhu-tv rollcall …`: open, watch, prolong, close and export roll-calls from the command line."""

from datetime import datetime
from pathlib import Path

import click

from middleware.commands.faults import Fault
from middleware.commands.files import kind_of, write_file
from middleware.commands.places import find_place
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.attendance import Tally
from middleware.domain.places import TOWN_ZONE
from middleware.domain.rollcall import Rollcall, Scope
from middleware.services import rollcall as use
from middleware.services import rollcall_board, rollcall_sheet
from middleware.services.ports import UnitOfWork


@click.group()
def rollcall() -> None:
    """Roll-calls: open, show, extend, close, export."""


@rollcall.command("open")
@click.argument("title")
@click.option("--branch", help="Branch that is called, by code or name.")
@click.option("--village", help="Village that is called, by code or name; without both the whole town is.")
@click.option("--minutes", type=int, help="How long it is open; the setting rollcall.minutes without it.")
@click.option("--late-after", type=int, help="Minutes after which a sign-in is late; the setting without it.")
@pass_setup
def open_(
    setup: Setup, title: str, branch: str | None, village: str | None, minutes: int | None, late_after: int | None
) -> None:
    """Open a roll-call now and invite the televisions of those expected."""
    if branch and village:
        raise Fault("give a branch or a village, not both")
    scope: Scope = "branch" if branch else "village" if village else "town"
    length = minutes or setup.config().rollcall.minutes
    late = setup.config().rollcall.late_after if late_after is None else late_after

    def run(uow: UnitOfWork) -> tuple[Rollcall, int]:
        place = find_place(uow, scope, branch or village or "") if scope != "town" else None
        opening = use.Opening(title, scope, place, length, min(late, length))
        opened = use.open_rollcall(uow, setup.now(), None, opening)
        return opened, len(uow.rollcalls.roll(opened.id))

    opened, expected = setup.write(run, "open roll-call")
    click.echo(f"Opened roll-call {opened.id}: {_line(opened)}, {expected} expected")


@rollcall.command()
@click.argument("number", type=int, required=False)
@click.option("--missing", is_flag=True, help="List by name who has not come yet.")
@pass_setup
def show(setup: Setup, number: int | None, missing: bool) -> None:
    """List the latest roll-calls, or show one: who is expected, who has come, branch by branch."""
    if number is None:
        seen = setup.read(lambda uow: rollcall_board.overviews(uow, None), "list roll-calls")
        for one in seen:
            click.echo(f"{one.rollcall.id:>5}  {_line(one.rollcall)}  {_figures(one.figures)}")
        return
    board = setup.read(lambda uow: rollcall_board.board(uow, None, number), "show roll-call")
    click.echo(_line(board.rollcall))
    for name, figures in board.branches.values():
        click.echo(f"  {name}  {_figures(figures)}")
    click.echo(f"  all  {_figures(board.total)}; {len(board.reviews)} to be reviewed")
    if missing:
        click.echo("\n".join(f"  absent  {line.name}" for line in board.lines if line.status == "absent"))


@rollcall.command()
@click.argument("number", type=int)
@click.argument("minutes", type=int)
@pass_setup
def extend(setup: Setup, number: int, minutes: int) -> None:
    """Let a roll-call close MINUTES later."""
    longer = setup.write(lambda uow: use.extend(uow, setup.now(), None, number, minutes), "extend roll-call")
    click.echo(_line(longer))


@rollcall.command()
@click.argument("number", type=int)
@pass_setup
def close(setup: Setup, number: int) -> None:
    """Close a roll-call, compute the attendance and write it into the members' records."""
    closing = setup.write(lambda uow: use.close(uow, setup.now(), None, number), "close roll-call")
    click.echo(f"{_line(closing.rollcall)}: {_figures(closing.total)}")


@rollcall.command()
@click.argument("number", type=int)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_setup
def export(setup: Setup, number: int, file: Path) -> None:
    """Write the attendance to FILE, which ends in .xlsx or .csv; phone numbers are masked."""
    kind = kind_of(file)
    sheet = setup.write(lambda uow: rollcall_sheet.export_rollcall(uow, setup.now(), None, number), "export roll-call")
    write_file(file, rollcall_sheet.sheet_bytes(sheet, kind))
    click.echo(f"{file}: {len(sheet.roll)} members")


def _line(one: Rollcall) -> str:
    return f"{one.title} ({one.caller}), {one.state}, {_time(one.opens)} to {_time(one.closes)}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M}"


def _figures(one: Tally | None) -> str:
    if one is None:
        return "not drawn up yet"
    late, leave = f"{one.late} late", f"{one.leave} on leave"
    return f"{one.attended} of {one.expected} came ({one.rate:.1%}; {late}, {leave}, {one.absent} absent)"
