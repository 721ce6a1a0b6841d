"""`nanhu-tv epg day|check|sheet|as-run`: a channel's broadcast days, their findings, editors' sheets, what was on."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
from attrs import evolve

from epg.approval import Day
from middleware.commands.faults import Fault
from middleware.commands.files import kind_of, write_file
from middleware.commands.guide_words import DAY, at_option, channel_of, clock, moment
from middleware.commands.setup import Setup, pass_setup
from middleware.services import as_run as log
from middleware.services import plan, plan_sheet
from middleware.services.plan import DayView
from middleware.services.plan_sheet import DayChange, Taken
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE
from middleware.services.spreadsheet_read import address

Act = Callable[..., Any]
_ACTS: Final[dict[str, Act]] = {
    "begin": plan.begin,
    "again": lambda *given: plan.begin(*given, again=True),
    "submit": plan.submit,
    "sign": plan.sign,
    "undo": plan.undo,
    "redo": plan.redo,
    "send_back": plan.give_back,
    "reopen": plan.reopen,
}
"""What is done to a day, by the option that asks for it."""


@click.command()
@click.argument("channel")
@click.argument("day", metavar="DATE", type=DAY)
@click.option("--begin", "act", flag_value="begin", help="Draft the day from its template.")
@click.option("--again", "act", flag_value="again", help="Draft it anew; --undo takes that back.")
@click.option("--submit", "act", flag_value="submit", help="Send it to be signed.")
@click.option("--sign", "act", flag_value="sign", help="Sign it; the last signature publishes it.")
@click.option("--undo", "act", flag_value="undo", help="Take the last edit back.")
@click.option("--redo", "act", flag_value="redo", help="Do again what was taken back.")
@click.option("--return", "send_back", metavar="REASON", help="Give it back to its editor.")
@click.option("--reopen", metavar="REASON", help="Begin a new revision of an approved day.")
@click.option("--copy-to", type=DAY, help="Put its items into the draft of another day.")
@click.option("--as", "who", default=COMMAND_LINE, show_default=True, help="Who does it: nobody signs his own day.")
@at_option
@pass_setup
def day(
    setup: Setup,
    channel: str,
    day: datetime,
    act: str | None,
    send_back: str | None,
    reopen: str | None,
    copy_to: datetime | None,
    who: str,
    at: datetime | None,
) -> None:
    """Show a channel's broadcast day with what is wrong with it, after doing what an option asks for."""
    given = {"send_back": send_back, "reopen": reopen, act or "": ""}
    wanted = {name: reason for name, reason in given.items() if name and reason is not None}
    if len(wanted) + (copy_to is not None) > 1:
        raise Fault("do one thing at a time")

    def run(uow: UnitOfWork) -> DayView | None:
        name, now = channel_of(uow, channel).xmltv_id, moment(setup, at)
        for act, reason in wanted.items():
            _ACTS[act](uow, now, who, name, day.date(), *((reason,) if reason else ()))
        if copy_to is not None:
            plan.copy_day(uow, now, who, name, day.date(), copy_to.date())
        return plan.view(uow, name, (copy_to or day).date())

    busy = bool(wanted) or copy_to is not None
    with setup.store() as store:
        found = store.run_sync(run, "day", write=busy)
    if found is None:
        raise Fault(f"nobody has begun {day:%Y-%m-%d} on {channel}; --begin drafts it")
    _show(found)


def _show(found: DayView) -> None:
    one = found.day
    signed = f", signed by {', '.join(one.signed)}" if one.signed else ""
    click.echo(f"{one.channel} {one.day}: revision {one.revision}, {one.state} by {one.by}{signed}")
    for item in one.items:
        more = f" · {item.content.sub_title}" if item.content.sub_title else ""
        click.echo(f"  {clock(item.start, one.day)}  {item.kind:5}  {item.content.title}{more}")
    _findings(found)


def _findings(found: DayView) -> None:
    for number, one in enumerate(found.findings):
        remedies = ", ".join(remedy.name for remedy in one.remedies)
        told = f"{one.severity} {one.code} at {clock(one.start, found.day.day)}: {one.words_zh}"
        click.echo(f"  [{number}] {told}" + (f" ({remedies})" if remedies else ""))


@click.command()
@click.argument("channel")
@click.argument("day", metavar="DATE", type=DAY)
@click.option("--approval", is_flag=True, help="As at the signing: media that are missing are errors.")
@click.option("--mend", type=(int, str), metavar="NUMBER REMEDY", help="Press a remedy of a finding, as listed.")
@click.option("--as", "who", default=COMMAND_LINE, show_default=True, help="Who mends it.")
@at_option
@pass_setup
def check(
    setup: Setup,
    channel: str,
    day: datetime,
    approval: bool,
    mend: tuple[int, str] | None,
    who: str,
    at: datetime | None,
) -> None:
    """List what is wrong with a channel's broadcast day; ends with code 1 while it has errors."""

    def run(uow: UnitOfWork) -> DayView | None:
        name = channel_of(uow, channel).xmltv_id
        if mend is not None:
            plan.mend(uow, moment(setup, at), who, name, day.date(), *mend)
        found = plan.view(uow, name, day.date())
        if found is None or not approval:
            return found
        return evolve(found, findings=plan.findings(uow, found.day, approval=True))

    with setup.store() as store:
        found = store.run_sync(run, "check", write=mend is not None)
    if found is None:
        raise Fault(f"nobody has begun {day:%Y-%m-%d} on {channel}")
    _findings(found)
    errors = sum(one.severity == "error" for one in found.findings)
    if errors:
        raise Fault(f"{errors} errors keep {day:%Y-%m-%d} from being submitted")
    click.echo(f"{len(found.findings)} findings, none of them an error")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--channel", default="", help="Channel of a sheet that names none.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@click.option("--as", "who", default=COMMAND_LINE, show_default=True, help="Whose drafts they become.")
@at_option
@pass_setup
def sheet(setup: Setup, file: Path, channel: str, dry_run: bool, who: str, at: datetime | None) -> None:
    """Take an editors' sheet (.xlsx, .csv) into drafts; faults are listed by cell, a day with one is left as it is."""
    now = moment(setup, at)

    def how(uow: UnitOfWork) -> Any:
        return plan_sheet.how_of(uow, now.date(), channel_of(uow, channel).xmltv_id if channel else "")

    read = plan_sheet.read_file(file.read_bytes(), file.name, setup.read(how, "how a sheet is read"))
    with setup.store() as store:
        taken = store.run_sync(
            lambda uow: plan_sheet.take(uow, now, who, read, dry_run=dry_run), "sheet", write=not dry_run
        )
    _taken(taken)


def _taken(taken: Taken) -> None:
    for fault in taken.sheet.faults:
        click.echo(f"{address(fault.sheet, fault.row, fault.column)} {fault.code}: {fault.message_zh}")
    for name in taken.sheet.unread:
        click.echo(f"Sheet {name} has no heading of a schedule and was passed over")
    for words, some in (("Columns not known", taken.sheet.unknown), ("Channels not known", taken.unknown_channels)):
        if some:
            click.echo(f"{words}: {', '.join(some)}")
    for name, left in taken.sheet.refused:
        click.echo(f"{name} {left}: left as it is, because of the faults above")
    for one in taken.days:
        _changed(one)
    if not taken.days:
        raise Fault("the sheet has no day that could be taken; nothing was written")
    click.echo("Nothing was written: a dry run" if taken.dry_run else "Taken")


def _changed(one: DayChange) -> None:
    change = one.change
    if one.refused:
        click.echo(f"{one.channel} {one.day}: {one.refused}")
        return
    counts = f"{len(change.added)} added, {len(change.changed)} changed, {len(change.removed)} removed"
    click.echo(f"{one.channel} {one.day}: {counts}")
    for mark, items in (("+", change.added), ("~", [new for _, new in change.changed]), ("-", change.removed)):
        for item in items:
            click.echo(f"  {mark} {clock(item.start, one.day)} {item.content.title}")


@click.command("as-run")
@click.argument("channel")
@click.argument("day", metavar="DATE", type=DAY)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file (.csv, .xlsx).")
@click.option(
    "--guide/--plan", "real", default=None, help="Whether the channel's guide takes real times from now on, or planned."
)
@pass_setup
def as_run(setup: Setup, channel: str, day: datetime, out: Path | None, real: bool | None) -> None:
    """Show what was really on a channel on a broadcast day beside its plan."""

    def run(uow: UnitOfWork) -> log.DayRun:
        name = channel_of(uow, channel).xmltv_id
        if real is not None:
            log.set_by_real_times(uow, setup.now(), COMMAND_LINE, name, on=real)
        return log.looked(uow, name, day.date(), setup.now())

    kind = kind_of(out) if out else None
    with setup.store() as store:
        found = store.run_sync(run, "as-run", write=real is not None)
    if out and kind:
        write_file(out, log.export(found, kind))
    _compared(found, day.date())


def _compared(found: log.DayRun, day: date) -> None:
    planned: Day | None = found.planned
    about = f"revision {planned.revision}" if planned else "no approved plan"
    click.echo(f"{found.channel} {day}: {about}, {len(found.lines)} lines")
    for one in found.rows:
        at = one.planned.start if one.planned else one.real.start if one.real else None
        title = one.planned.content.title if one.planned else one.real.title if one.real else ""
        late = f", {one.late.total_seconds():+.0f} s" if one.late else ""
        click.echo(f"  {clock(at, day) if at else ''}  {one.outcome:8} {title}{late}")
