"""`nanhu-tv channel air …`: own channels that play out of films; what is on them, and what is brought in at once."""

from datetime import UTC, datetime, timedelta

import click

from epg.planning import DAY
from epg.times import SHANGHAI
from middleware.commands.faults import Fault
from middleware.commands.guide_words import channel_of, clock
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.channels import Channel
from middleware.domain.errors import StorageError
from middleware.services import as_run, ledger, ledger_pool
from middleware.services.ledger_pool import Air
from middleware.services.ledger_status import Line, Status, status
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE


@click.group()
def air() -> None:
    """Channels that play films by their plan."""


@air.command()
@click.argument("channel")
@click.option("--minutes", type=click.IntRange(1, 24 * 60), default=15, show_default=True, help="How far to look.")
@pass_setup
def show(setup: Setup, channel: str, minutes: int) -> None:
    """Show what is on CHANNEL and what comes, until when it is written, and what its fillers lack."""

    def run(uow: UnitOfWork) -> tuple[Channel, Status]:
        where = channel_of(uow, channel)
        return where, status(uow, now, where.xmltv_id, timedelta(minutes=minutes))

    now = setup.now()
    where, found = setup.read(run, "what is on a channel")
    click.echo(f"{where.xmltv_id} {where.name}: {_state(found, now)}")
    for line in found.lines:
        click.echo(_line(line, now))
    if found.pool is not None:
        idents = " ".join(f"{ms // 1000}" for ms, _ in found.pool.idents)
        slate = "-".join(map(str, found.pool.slate))
        click.echo(f"  pool {found.pool.revision}: {len(found.pool.loop)} fillers, slate {slate}, idents of {idents} s")
    for lack in found.lacks:
        click.echo(f"  lacks: {lack}")


def _state(found: Status, now: datetime) -> str:
    if not found.end_ms:
        return "begins as soon as a server runs" if found.air.on else "does not play out; `air on` makes it"
    ahead = (_at(found.end_ms) - now).total_seconds()
    reach = f"written until {_clock(found.end_ms, now)}, {ahead / 60:.0f} min ahead"
    if ahead < 0:
        reach = f"not written for {-ahead / 60:.0f} min, fillers stand in"
    held = found.lock is not None and _at(found.lock.until_ms) > now
    who = "a server writes it" if held else "no server writes it"
    return f"{reach}; {who}" if found.air.on else f"{reach}; it no longer plays out"


def _line(line: Line, now: datetime) -> str:
    mark = "now" if _at(line.start_ms) <= now else ""
    filled = " (its film cannot be shown)" if line.filled else ""
    where = f"{line.film_title} {line.film} [{line.first}:{line.stop}]"
    return f"  {mark:3} {_clock(line.start_ms, now)}  {line.kind:6} {line.title or '-'}{filled}: {where}"


@air.command()
@click.argument("channel")
@click.option("--slate", type=click.IntRange(1), help="Film shown while a relay is lost; else the one named slate.")
@pass_setup
def on(setup: Setup, channel: str, slate: int | None) -> None:
    """Let CHANNEL play out; the guide takes its times from then on."""

    def run(uow: UnitOfWork) -> tuple[Channel, tuple[str, ...], bool]:
        where, today = channel_of(uow, channel), setup.now().astimezone(SHANGHAI).date()
        wanted = Air(on=True, slate=slate or ledger_pool.air_of(uow, where.xmltv_id).slate)
        ledger_pool.put_air(uow, setup.now(), COMMAND_LINE, where.xmltv_id, wanted)
        as_run.set_by_real_times(uow, setup.now(), COMMAND_LINE, where.xmltv_id, on=True)
        planned = uow.plans.approved(where.xmltv_id, today - DAY, today + DAY)
        return where, ledger_pool.found(uow, where.xmltv_id)[1], bool(planned)

    where, lacks, planned = setup.write(run, "channel on air")
    click.echo(f"{where.name} plays out at {ledger_pool.address(where.xmltv_id)} as soon as its first rows are written")
    for lack in lacks:
        click.echo(f"  before that: {lack}")
    if not planned:
        click.echo("  neither today nor tomorrow is approved: until a day is, it shows fillers (`nanhu-tv epg day`)")


@air.command()
@click.argument("channel")
@pass_setup
def off(setup: Setup, channel: str) -> None:
    """Let CHANNEL play out no longer; its list goes on with fillers, the line-up does not lead to it any more."""

    def run(uow: UnitOfWork) -> Channel:
        where = channel_of(uow, channel)
        wanted = Air(on=False, slate=ledger_pool.air_of(uow, where.xmltv_id).slate)
        ledger_pool.put_air(uow, setup.now(), COMMAND_LINE, where.xmltv_id, wanted)
        return where

    click.echo(f"{setup.write(run, 'channel off air').name} no longer plays out")


@air.command()
@click.argument("channel")
@click.argument("film", type=click.IntRange(1))
@click.option(
    "--follow/--resume",
    default=False,
    show_default=True,
    help="Behind it show what is planned by then, or go on with what it cuts.",
)
@click.option("--reason", default="", help="Why, for the log.")
@pass_setup
def insert(setup: Setup, channel: str, film: int, follow: bool, reason: str) -> None:
    """Bring FILM, by its number, in on CHANNEL at once: half a minute from now at the earliest."""

    def run(uow: UnitOfWork) -> int:
        began = setup.now()
        where = channel_of(uow, channel).xmltv_id
        row = ledger.insert(uow, began, COMMAND_LINE, where, film, resume=not follow, reason=reason)
        ledger.in_time(began, setup.now())
        return row.start_ms

    click.echo(f"Film {film} is on from {_when(setup, setup.write(run, 'insert'))}")


@air.command("end-insert")
@click.argument("channel")
@pass_setup
def end_insert(setup: Setup, channel: str) -> None:
    """End the insert that runs on CHANNEL, or take back the next one."""

    def run(uow: UnitOfWork) -> int:
        began = setup.now()
        row = ledger.end_insert(uow, began, COMMAND_LINE, channel_of(uow, channel).xmltv_id)
        ledger.in_time(began, setup.now())
        return row.start_ms

    click.echo(f"The insert ends at {_when(setup, setup.write(run, 'end of an insert'))}")


def lacking(setup: Setup) -> list[str]:
    """What the channels that play out lack, a line each; of a town that cannot be read other commands tell."""

    def read(uow: UnitOfWork) -> list[str]:
        found = [(name, lack) for name in ledger_pool.playing(uow) for lack in ledger_pool.found(uow, name)[1]]
        return [f"channel {name}: {lack}" for name, lack in found]

    try:
        return setup.read(read, "what channels lack")
    except (Fault, StorageError):
        return []


def _when(setup: Setup, at_ms: int) -> str:
    now = setup.now()
    return f"{_clock(at_ms, now)}, in {(_at(at_ms) - now).total_seconds():.0f} s"


def _clock(ms: int, now: datetime) -> str:
    return clock(_at(ms), now.astimezone(SHANGHAI).date())


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
