"""`nanhu-tv si …`: DVB service information of a head-end's networks, as files and on the air."""

import itertools
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from attrs import evolve

from epg.si import carousel, tables
from epg.si.packets import PACKET
from middleware.commands.faults import Fault
from middleware.commands.files import write_file
from middleware.commands.guide_sources import staged, tell
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.errors import BadValue
from middleware.headend import si_files
from middleware.headend.receiving import received
from middleware.headend.sending import BadAddress, Sender
from middleware.services import eit_import
from middleware.services import service_information as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE
from middleware.services.service_information import Preview

MOST_SECONDS = 600
RANKS = ("present/following, time", "other SDT", "first days", "first days of others", "later", "later of others")
_DRY = "Nothing was written: a dry run"
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def si() -> None:
    """DVB service information for the head-end."""


@si.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List the networks: services, bit rate, address, and whether the server sends them."""

    def run(uow: UnitOfWork) -> list[str]:
        active = {one.name for one in uow.service_information.networks() if one.active}
        return [
            f"{one.name:20} {len(one.services):>4} services  {one.output.rate / 1e6:6.2f} Mb/s  "
            f"{one.output.address or '-':24} {'sent' if one.name in active else 'not sent'}"
            for one in use.networks(uow)
        ]

    for line in setup.read(run, "networks"):
        click.echo(line)


@si.command()
@click.argument("file", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Say what the profile leads to, and keep nothing.")
@click.option("--active/--inactive", default=False, help="Whether the server sends it from now on.")
@pass_setup
def save(setup: Setup, file: Path, dry_run: bool, active: bool) -> None:
    """Keep the network profile in FILE (TOML); says bit rates, cycles and what does not fit first."""
    toml = file.read_text(encoding="utf-8")
    with setup.store() as store:
        told = store.run_sync(lambda uow: use.preview(uow, setup.now(), use.read_profile(toml)), "preview", write=False)
        _tell(told)
        if not dry_run:
            kept = store.run_sync(
                lambda uow: use.save(uow, setup.now(), COMMAND_LINE, toml, active=active), "save network"
            )
            click.echo(f"Network {kept.name} is kept and {'sent' if active else 'not sent'}")


@si.command()
@click.argument("name")
@pass_setup
def remove(setup: Setup, name: str) -> None:
    """Forget a network; the server stops sending it."""
    setup.write(lambda uow: use.remove(uow, setup.now(), COMMAND_LINE, name), "remove network")
    click.echo(f"Network {name} is gone")


@si.command()
@click.argument("name")
@pass_setup
def check(setup: Setup, name: str) -> None:
    """Say what a network sends now: sections, bytes, bit rate, cycles, and titles that do not fit."""
    _tell(setup.read(lambda uow: use.preview(uow, setup.now(), use.named(uow, name)), "preview"))


def _tell(told: Preview) -> None:
    click.echo(f"{told.events} events in {told.sections} sections, {told.bytes / 1024:.0f} KiB")
    click.echo(f"needs {told.load.wanted / 1e6:.2f} Mb/s of {told.load.rate / 1e6:.2f} Mb/s")
    for rank, seconds in sorted(told.load.cycles.items()):
        longer = told.load.stretched.get(rank)
        click.echo(f"  {RANKS[rank]}: {seconds:.1f} s" + (f", {longer:.1f} times longer than wished" if longer else ""))
    for channel in told.absent:
        click.echo(f"  {channel} is not in the line-up: it is sent without events")
    for words, found in (("shortened", told.shortened), ("WITHOUT ROOM", told.dropped)):
        for channel, titles in found.items():
            more = f" and {len(titles) - 5} more" if len(titles) > 5 else ""
            click.echo(f"  {words} on {channel}: {', '.join(titles[:5])}{more}")


@si.command()
@click.argument("file", type=_FILE)
@click.option("--network", "name", required=True, help="Name of the network.")
@click.option("--at", type=click.DateTime(), help="Moment (UTC) that the tables are of; now without it.")
@pass_setup
def export(setup: Setup, file: Path, name: str, at: datetime | None) -> None:
    """Write one whole cycle to FILE: packets for .ts, sections one after the other for .bin."""
    if file.suffix not in {".ts", ".bin"}:
        raise Fault(f"{file.name} should end in .ts or .bin")
    now = at.replace(tzinfo=UTC) if at else setup.now()
    built = setup.write(lambda uow: _built(uow, now, name), "export network")
    content = si_files.content(built, now, file.suffix.removeprefix("."))
    write_file(file, content)
    packets = f", {len(content) // PACKET} packets" if file.suffix == ".ts" else ""
    click.echo(f"{file}: {len(content) >> 10} KiB{packets}")


def _built(uow: UnitOfWork, now: datetime, name: str) -> tables.Built:
    known, built = si_files.built(si_files.asked(uow, now, name), now)
    use.keep_versions(uow, known, built)
    return built


@si.command()
@click.argument("name")
@click.option("--address", help="host:port to send to, instead of the profile's.")
@click.option("--seconds", type=click.IntRange(1), help="Stop after so long; without it at Ctrl-C.")
@pass_setup
def play(setup: Setup, name: str, address: str | None, seconds: int | None) -> None:
    """Send a network's carousel from here, following the clock; the guide is read once."""
    built = setup.write(lambda uow: _built(uow, setup.now(), name), "play network")
    output = evolve(built.network.output, address=address or built.network.output.address)
    made = carousel.Carousel(output.rate, output.dense)
    made.replace(tables.turns(built, setup.now))
    sender = Sender(output, made.packets)
    try:
        sender.start()
    except BadAddress as error:
        raise Fault(str(error)) from error
    click.echo(f"Sending {output.rate / 1e6:.2f} Mb/s to {output.address}; Ctrl-C stops")
    try:
        _follow(setup, built, made, seconds)
    finally:
        sender.stop()
        click.echo(f"{sender.sent} datagrams sent, {sender.failed} refused by the network")


def _follow(setup: Setup, built: tables.Built, made: carousel.Carousel, seconds: int | None) -> None:
    """Put the tables of each moment on when an event starts or ends."""
    end = time.monotonic() + seconds if seconds else None
    change = tables.next_change(built, setup.now())
    try:
        for _ in itertools.count():
            if end is not None and time.monotonic() >= end:
                return
            if setup.now() >= change:
                built = tables.with_time(built, setup.now())
                made.replace(tables.turns(built, setup.now))
                change = tables.next_change(built, setup.now())
            time.sleep(0.2)
    except KeyboardInterrupt:
        return


@si.command("import")
@click.argument("source")
@click.argument("origin", metavar="FILE|udp://HOST:PORT")
@click.option("--network", "name", required=True, help="Network whose profile names the services.")
@click.option(
    "--seconds", type=click.IntRange(1, MOST_SECONDS), default=60, show_default=True, help="Longest to listen."
)
@click.option("--force", is_flag=True, help="Also take channels that shrank by half (of a kept source).")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@pass_setup
def import_(setup: Setup, source: str, origin: str, name: str, seconds: int, force: bool, dry_run: bool) -> None:
    """Take the events of a stream (.ts, .bin or UDP/RTP) into the guide, as a feed of SOURCE.

    Services that the profile does not name are found by the triplets of the other profiles.
    Those of a kept source (`epg source add`) are matched, merged and reported as if it had been fetched.
    """
    profile = setup.read(lambda uow: use.named(uow, name), "network")
    try:
        found = received(origin, profile, setup.now(), timedelta(seconds=seconds))
    except (ValueError, OSError) as error:
        raise Fault(f"{origin}: {error}") from error
    counts = f"{sum(map(len, found.events.values()))} events of {len(found.events)} services"
    click.echo(f"{counts}, {'complete' if found.complete else 'NOT complete'}, {found.bad_crc} sections broken")
    kept = setup.read(lambda uow: uow.sources.by_name(source), "source")
    if kept is not None:
        tell(staged(setup, kept, eit_import.feed(source, profile, found), force=force, dry_run=dry_run))
        click.echo(_DRY if dry_run else "Imported")
        return
    try:
        done = setup.write(
            lambda uow: eit_import.take(uow, setup.now(), source, profile, found, dry_run=dry_run), "import EIT"
        )
    except BadValue as error:
        raise Fault(error.message_zh) from error
    click.echo(f"{done.added} added, {done.changed} changed, {done.removed} removed, {done.unchanged} as before")
    click.echo(_DRY if dry_run else "Imported")
