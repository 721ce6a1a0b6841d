"""`nanhu-tv roster …`: households and members in and out as spreadsheets."""

from pathlib import Path

import click

from middleware.commands.faults import Fault
from middleware.commands.files import kind_of, write_file
from middleware.commands.setup import Setup, pass_setup
from middleware.services import roster as use


@click.group()
def roster() -> None:
    """The register of households and party members."""


@roster.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@pass_setup
def import_(setup: Setup, file: Path, dry_run: bool) -> None:
    """Read a roster from an XLSX or CSV file (UTF-8 or GBK); all of it is taken, or nothing.

    Each fault is listed with the address of its cell.
    """
    sheet = use.read_roster(file.read_bytes(), file.name)
    with setup.store() as store:
        planned = store.run_sync(lambda uow: use.plan_import(uow, sheet), "plan roster", write=False)
        if planned.faults:
            click.echo(use.faults_text(planned), err=True)
            count = len(planned.faults)
            raise Fault(f"{file.name}: {count} fault{'s' * (count > 1)} in the roster, nothing was imported")
        if not dry_run:
            store.run_sync(lambda uow: use.apply_import(uow, setup.now(), None, planned), "import roster")
    for what, counts in (("Households", planned.households), ("Members", planned.members)):
        click.echo(f"{what}: {counts.added} new, {counts.changed} changed, {counts.unchanged} as before")
    if planned.ignored:
        click.echo(f"Columns that were not read: {', '.join(planned.ignored)}")
    click.echo("Nothing was written: a dry run" if dry_run else "Imported")


@roster.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_setup
def export(setup: Setup, file: Path) -> None:
    """Write the register to FILE, which ends in .xlsx or .csv and holds phone numbers; importing it changes nothing."""
    kind = kind_of(file)
    found = setup.write(lambda uow: use.export_roster(uow, setup.now(), None), "export roster")
    write_file(file, use.roster_bytes(found, kind))
    click.echo(f"{file}: {len(found.rows)} rows, phone numbers in clear; keep it safe")
