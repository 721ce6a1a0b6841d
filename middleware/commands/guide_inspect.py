"""`nanhu-tv epg inspect`: what a transport stream carries of a guide."""

from collections.abc import Sequence
from pathlib import Path

import click

from epg.si.inspecting import Inspected, SubTable, by_table, inspect
from epg.si.packets import PACKET, packets
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.headend.receiving import MOST_BYTES


@click.command("inspect")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--rate", type=click.IntRange(1000, 1_000_000_000), help="Bit/s of the stream; else by the times in it.")
@pass_setup
def inspect_(setup: Setup, file: Path, rate: int | None) -> None:
    """Show tables, services, versions, bit rates and cycles of a transport stream in FILE (.ts)."""
    if file.stat().st_size > MOST_BYTES:
        raise Fault(f"{file.name} is larger than {MOST_BYTES >> 20} MB")
    try:
        found = inspect(packets(file.read_bytes()), setup.now())
    except ValueError as error:
        raise Fault(f"{file.name}: {error}") from error
    _tell(found, rate or found.rate)


def _tell(found: Inspected, rate: float) -> None:
    seconds = f", {rate / 1e6:.3f} Mb/s, {found.packets * PACKET * 8 / rate:.1f} s" if rate else ""
    click.echo(f"{found.packets} packets{seconds}, {found.bad_crc} sections broken")
    if found.time:
        click.echo(f"time in the stream: {found.time:%Y-%m-%d %H:%M:%S} UTC")
    for pid in found.pids:
        share = pid.packets / max(1, found.packets)
        more = f", {share * rate / 1e3:.1f} kb/s" if rate else ""
        name = "null" if pid.pid == 0x1FFF else f"0x{pid.pid:04X}"
        click.echo(f"PID {name:6} {pid.packets:>8} packets ({share:.1%}{more}), {pid.broken} continuity errors")
    for name, tables in by_table(found.tables).items():
        click.echo(f"{name:24} {_table(tables, rate)}")
    for service, name in found.services.items():
        click.echo(f"service {service} {name}")


def _table(tables: Sequence[SubTable], rate: float) -> str:
    versions = sorted({version for one in tables for version in one.versions})
    cycle = max(one.cycle for one in tables)
    size = sum(one.bytes for one in tables)
    repeated = f"cycle {cycle * PACKET * 8 / rate:.2f} s" if rate else f"cycle {cycle} packets"
    shown = f"{versions[0]}" if len(versions) == 1 else f"{versions[0]}…{versions[-1]}"
    return f"{len(tables)} sub-tables, {sum(one.sections for one in tables)} sections, {size} B, version {shown}, " + (
        repeated if cycle else "sent once"
    )
