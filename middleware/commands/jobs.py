"""`nanhu-tv asset enqueue | jobs | cancel | retry | priority`: films that a running server packages by itself."""

from pathlib import Path

import click

from middleware.commands.faults import Fault
from middleware.commands.packaging import subtitles_option
from middleware.commands.setup import Setup, pass_setup
from middleware.headend.incoming import LANGUAGE, mark_of, node_of
from middleware.headend.ingest_desk import progress_told
from middleware.services import jobs as use
from middleware.services.assets import CHANNEL, COLUMNS, TITLE_MOST
from middleware.services.job_ports import IngestJob
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE
from vod.jobs import RUNNING
from vod.packaging import Progress

LISTED = 50


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--column", type=click.Choice([*COLUMNS, CHANNEL]), required=True, help="Column of the shelf.")
@click.option("--title", help="Title of a single film; else the name of its file.")
@click.option("--synopsis", default="", help="A few sentences, up to 300 characters.")
@click.option("--poster", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Picture of a film.")
@subtitles_option
@click.option("--priority", type=click.IntRange(0, use.PRIORITY_MOST), default=5, help="0 to 9, highest first; else 5.")
@click.option("--discard", is_flag=True, help="Remove the files once the films are there.")
@pass_setup
def enqueue(
    setup: Setup,
    files: tuple[Path, ...],
    column: str,
    title: str | None,
    synopsis: str,
    poster: Path | None,
    subtitles: tuple[tuple[str, Path], ...],
    priority: int,
    discard: bool,
) -> None:
    """Let each FILE wait until the server packages it; `asset jobs` tells how far they are."""
    if len(files) > 1 and (title or poster or subtitles):
        raise Fault("a title, poster or subtitles are of one film: give one FILE with them")
    node, now = node_of(setup.config().data), setup.now()
    drafts = [
        IngestJob(
            id=0,
            node=node,
            source=str(file.absolute()),
            mark=_mark(file),
            column=column,
            title=title or file.stem.strip()[:TITLE_MOST].strip(),
            created_at=now,
            changed_at=now,
            synopsis=synopsis,
            poster=str(poster.absolute()) if poster else "",
            subtitles=tuple((language or LANGUAGE, str(path.absolute())) for language, path in subtitles),
            priority=priority,
            discard=discard,
        )
        for file in files
    ]
    for job in setup.write(lambda uow: [_enqueued(uow, setup, draft) for draft in drafts], "enqueue films"):
        click.echo(f"Job {job.id}: {job.title} ({job.column}) waits")


def _mark(file: Path) -> str:
    mark = mark_of(file.absolute())
    if mark is None:
        raise Fault(f"there is no file {file}")
    return mark


def _enqueued(uow: UnitOfWork, setup: Setup, draft: IngestJob) -> IngestJob:
    job = use.enqueue(uow, setup.now(), draft)
    uow.audit.add(setup.now(), COMMAND_LINE, "enqueue", "job", job.id, {"title": job.title, "column": job.column})
    return job


@click.command()
@click.option("--limit", type=click.IntRange(1, 5000), default=LISTED, help="How many of the newest; else 50.")
@pass_setup
def jobs(setup: Setup, limit: int) -> None:
    """List films that wait, are worked on or have ended, newest first, with how far they are and what went wrong."""
    progress = progress_told(setup.config().data / "work")
    for job in setup.read(lambda uow: uow.jobs.newest(limit), "jobs"):
        click.echo(_line(job, progress.get(job.id)))


def _line(job: IngestJob, progress: Progress | None) -> str:
    state = job.state.value
    if progress is not None and job.state in RUNNING:
        state = f"{progress.state.value} {progress.fraction:4.0%}"
    film = f", film {job.asset_id}" if job.asset_id else ""
    tries = f", try {job.tries}" if job.tries > 1 else ""
    why = f", {job.code}: {job.detail or use.REASONS.get(job.code, '')}".rstrip(": ") if job.code else ""
    return f"{job.id:>5}  {job.title} ({job.column}), {state}{film}{tries}{why}"


@click.command()
@click.argument("number", type=int)
@pass_setup
def cancel(setup: Setup, number: int) -> None:
    """End a job that waits or is worked on; nothing of it is kept."""
    job = setup.write(lambda uow: use.cancel(uow, setup.now(), COMMAND_LINE, number), "cancel job")
    click.echo(f"Job {job.id}: {job.title} is cancelled")


@click.command()
@click.argument("number", type=int)
@pass_setup
def retry(setup: Setup, number: int) -> None:
    """Let a job that failed, was refused or cancelled wait again."""
    job = setup.write(lambda uow: use.retry(uow, setup.now(), COMMAND_LINE, number), "retry job")
    click.echo(f"Job {job.id}: {job.title} waits")


@click.command()
@click.argument("number", type=int)
@click.argument("level", type=click.IntRange(0, use.PRIORITY_MOST))
@pass_setup
def priority(setup: Setup, number: int, level: int) -> None:
    """Let a job that waits go earlier or later: LEVEL is 0 to 9, the highest goes first."""
    job = setup.write(lambda uow: use.prioritise(uow, setup.now(), COMMAND_LINE, number, level), "hurry job")
    click.echo(f"Job {job.id}: {job.title} has priority {job.priority}")
