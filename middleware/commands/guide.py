"""`nanhu-tv epg …`: the programme guide, its sources, plans and faces; here its feeds in."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from epg.report import Report
from epg.xmltv import Feed
from middleware.commands.faults import Fault
from middleware.commands.files import write_file
from middleware.commands.guide_days import as_run, check, day, sheet
from middleware.commands.guide_export import export
from middleware.commands.guide_inspect import inspect_
from middleware.commands.guide_outputs import outputs
from middleware.commands.guide_snapshots import rollback, snapshots
from middleware.commands.guide_sources import source, staged, tell
from middleware.commands.setup import Setup, pass_setup
from middleware.services import guide as use
from middleware.services import sources
from middleware.services.guide import BadGuide, Imported, Source

REPORTS: dict[str, Callable[[Report], str]] = {
    ".csv": use.report_csv,
    ".json": use.report_json,
    ".txt": use.report_text,
}
_DRY: Final = "Nothing was written: a dry run"


@click.group()
def epg() -> None:
    """The programme guide."""


@epg.command("import")
@click.argument("words", metavar="[SOURCE] FILE", nargs=-1, required=True)
@click.option("--new-channels", is_flag=True, help="Put channels of the feed that are not in the line-up into it.")
@click.option("--force", is_flag=True, help="Also take channels that shrank by half (of a kept source).")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report of every row to this file (.txt, .csv or .json) as well.",
)
@pass_setup
def import_(
    setup: Setup, words: tuple[str, ...], new_channels: bool, force: bool, dry_run: bool, report: Path | None
) -> None:
    """Import an XMLTV file, plain or packed (gz, xz, zip), in the place of what its channels had in that time.

    SOURCE names the partner it comes from; the name of the file without it. Faulty rows are listed and left out. The
    file of a kept source (`epg source add`) is matched, merged and reported as if it had been fetched.
    """
    if len(words) > 2:
        raise Fault("give the name of the source and one file")
    file = Path(words[-1])
    source = words[0] if len(words) > 1 else file.name.partition(".")[0]
    render = REPORTS.get(report.suffix.lower()) if report else None
    if report and render is None:
        raise Fault(f"{report.name} should end in .txt, .csv or .json")
    kept = setup.read(lambda uow: uow.sources.by_name(source), "source")
    try:
        with file.open("rb") as stream:
            parsed = use.open_feed(stream, sources.reading_of(kept) if kept else Source(source))
    except BadGuide as error:
        _tell(error.report, report, render)
        raise Fault(f"{file.name} was refused, the guide is as before: {error}") from error
    if kept:
        done = staged(setup, kept, parsed, force=force, dry_run=dry_run)
        tell(done)
        _write_report(done.report, report, render)
        click.echo(_DRY if dry_run else "Imported")
        return
    written = _imported(setup, source, parsed, new_channels=new_channels, dry_run=dry_run)
    _tell(written.report, report, render)
    click.echo(
        f"{written.added} added, {written.changed} changed, {written.removed} removed, {written.unchanged} as before"
    )
    if written.created:
        click.echo(f"New channels: {', '.join(written.created)}")
    if written.report.unmatched and not new_channels:
        click.echo("Rows of channels that are not in the line-up were left out; --new-channels would add them.")
    click.echo(_DRY if dry_run else "Imported")


def _imported(setup: Setup, source: str, parsed: Feed, *, new_channels: bool, dry_run: bool) -> Imported:
    """Work it out first while a running server may write, then put it in place."""
    with setup.store() as store:
        ready = store.run_sync(
            lambda uow: use.prepare(uow, source, parsed, create_channels=new_channels), "prepare guide", write=False
        )
        return store.run_sync(
            lambda uow: use.import_guide(
                uow,
                setup.now(),
                source,
                parsed,
                create_channels=new_channels,
                dry_run=dry_run,
                actor="cli",
                prepared=ready,
            ),
            "import guide",
            write=not dry_run,
        )


def _tell(told: Report, target: Path | None, render: Callable[[Report], str] | None) -> None:
    click.echo(use.report_text(told), nl=False)
    _write_report(told, target, render)


def _write_report(told: Report, target: Path | None, render: Callable[[Report], str] | None) -> None:
    if target and render:
        write_file(target, render(told).encode())


for each in (export, outputs, sheet, day, check, as_run, inspect_, source, snapshots, rollback):
    epg.add_command(each)
