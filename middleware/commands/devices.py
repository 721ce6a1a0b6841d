"""`nanhu-tv device …`: set-top boxes."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args

import click
from attrs import frozen

from epg.schedule import day_bounds, day_of
from middleware.commands.device_acts import ACTS
from middleware.commands.device_find import BOX_HELP, find_box, named
from middleware.commands.faults import Fault
from middleware.commands.files import kind_of, write_file
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.box_logs import Clone, Presence, Viewed
from middleware.domain.devices import Device, State
from middleware.domain.packages import Package, Where, held
from middleware.services import device_sheet as sheets
from middleware.services.devices import code_of
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE


@click.group(epilog=BOX_HELP)
def device() -> None:
    """Set-top boxes."""


@device.command("list")
@click.option("--pending", is_flag=True, help="Only boxes that wait for being let in, with the codes they show.")
@click.option("--state", type=click.Choice(get_args(State)), help="Only boxes in this state.")
@click.option("--group", help="Only boxes of this group.")
@pass_setup
def list_(setup: Setup, pending: bool, state: State | None, group: str | None) -> None:
    """List boxes with their MAC, serial and card number, key family, state and household."""
    wanted = "pending" if pending else state

    def run(uow: UnitOfWork) -> list[tuple[Device, str]]:
        homes = {each.id: each.code for each in uow.registry.households()}
        return [(each, homes.get(each.household_id or 0, "")) for each in uow.devices.all()]

    for each, home in setup.read(run, "list boxes"):
        if wanted in {None, each.state} and group in {None, each.group}:
            names = f"{each.mac:17} {each.serial:14} {each.card_no:18}"
            tail = f"shows {code_of(each)}" if each.state == "pending" else home
            click.echo(f"{each.id:>6} {names} {each.family:12} {each.state:8} {tail}".rstrip())


@frozen
class Shown:
    """What `device show` tells of a box."""

    box: Device
    household: str
    account: str
    packages: tuple[Package, ...]
    seen: Presence | None
    clones: tuple[Clone, ...]
    waiting: int


@device.command()
@click.argument("box")
@pass_setup
def show(setup: Setup, box: str) -> None:
    """Show everything known of one box."""
    now = setup.now()
    for name, value in _lines(setup.read(lambda uow: _shown(uow, find_box(uow, box), now), "show box"), now):
        click.echo(f"{name:14} {value}")


@device.command()
@click.argument("box", required=False)
@pass_setup
def clones(setup: Setup, box: str | None) -> None:
    """List the signs of cloned boxes, of one box or of all, newest first."""

    def run(uow: UnitOfWork) -> list[tuple[Clone, str]]:
        found = uow.box_logs.clones(find_box(uow, box).id if box else None)
        boxes = {each.id: named(each) for each in uow.devices.by_ids({one.device_id for one in found})}
        return [(one, boxes.get(one.device_id, str(one.device_id))) for one in found]

    for one, name in setup.read(run, "list clones"):
        click.echo(f"{one.at:%Y-%m-%d %H:%M} {name:17} {one.what:8} {one.first or '-'} / {one.second or '-'}")


@device.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@pass_setup
def import_(setup: Setup, file: Path, dry_run: bool) -> None:
    """Read boxes from an XLSX or CSV file (UTF-8 or GBK); all of it is taken, or nothing.

    Boxes are known by MAC, serial, card number or IPTV user; `nanhu-tv device export` shows the columns. An empty
    cell leaves what is stored, the word 无 empties it. Each fault is listed with the address of its cell.
    """
    from keymap.families import shipped  # the key tables are read for this command only

    families = {family.name: family.title for family in shipped().values()}
    sheet = sheets.read_boxes(file.read_bytes(), file.name)
    with setup.store() as store:
        planned = store.run_sync(lambda uow: sheets.plan_import(uow, sheet, families), "plan boxes", write=False)
        if planned.faults:
            click.echo(sheets.faults_text(planned, english=True), err=True)
            count = len(planned.faults)
            raise Fault(f"{file.name}: {count} fault{'s' * (count > 1)} in the sheet, nothing was imported")
        if not dry_run:
            store.run_sync(
                lambda uow: sheets.apply_import(uow, setup.now(), COMMAND_LINE, planned, families), "import boxes"
            )
    click.echo(f"Boxes: {len(planned.added)} new, {len(planned.changed)} changed, {planned.unchanged} as before")
    if planned.ignored:
        click.echo(f"Columns that were not read: {', '.join(planned.ignored)}")
    click.echo("Nothing was written: a dry run" if dry_run else "Imported")


@device.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@pass_setup
def export(setup: Setup, file: Path) -> None:
    """Write all boxes to FILE, which ends in .xlsx or .csv, without their passwords; importing it changes nothing."""
    kind = kind_of(file)
    found = setup.write(lambda uow: sheets.export_boxes(uow, setup.now(), COMMAND_LINE), "export boxes")
    write_file(file, sheets.boxes_bytes(found, kind))
    click.echo(f"{file}: {len(found.rows)} boxes")


def _shown(uow: UnitOfWork, box: Device, now: datetime) -> Shown:
    home = uow.registry.household(box.household_id) if box.household_id is not None else None
    account = uow.accounts.get(box.account_id) if box.account_id is not None else None
    tariff = account.tariff_id if account else None
    where = Where(box.id, home.village_id if home else None, box.group, tariff)
    return Shown(
        box,
        f"{home.code} {home.address}" if home else "none",
        f"{account.number} {account.full_name}" if account else "none",
        held(uow.packages.all(), uow.packages.grants(), where),
        uow.box_logs.presence([box.id]).get(box.id),
        uow.box_logs.clones(box.id, 5),
        len(uow.box_events.waiting(box.id, now)),
    )


def _lines(shown: Shown, now: datetime) -> list[tuple[str, str]]:
    box, seen = shown.box, shown.seen
    names = [(name, getattr(box, name)) for name in ("mac", "serial", "card_no", "iptv_user", "model", "version")]
    on = "online" if seen is not None and seen.online(now) else "offline"
    return [
        ("number", str(box.id)),
        *((name, value) for name, value in names if value),
        ("state", f"{box.state}{', shows ' + code_of(box) if box.state == 'pending' else ''}"),
        ("household", shown.household),
        ("account", shown.account),
        ("group", box.group or "none"),
        ("key family", box.family or "found out by itself"),
        ("device id", f"{'kept' if box.pin else 'not told yet'}, {'compared' if box.pinning else 'not compared'}"),
        ("card", "confirmed" if box.confirmed else "not confirmed"),
        ("packages", ", ".join(one.code for one in shown.packages) or "none"),
        ("seen", f"{seen.at:%Y-%m-%d %H:%M} from {seen.address}, {on}" if seen else "never"),
        ("messages", f"{shown.waiting} waiting"),
        ("clones", f"{len(shown.clones)} of late" if shown.clones else "none"),
        *((("note", box.note),) if box.note else ()),
    ]


@device.command()
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="Days back, today among them.")
@pass_setup
def figures(setup: Setup, days: int) -> None:
    """Count the boxes that are on, and what boxes played, viewers complained of and what failed, day by day."""
    now = setup.now()
    today = day_of(now)
    wanted = [today - timedelta(days=back) for back in range(days)]

    def run(uow: UnitOfWork) -> tuple[list[Presence], dict[str, str], list[tuple[date, Viewed]]]:
        names = {f"channel:{one.id}": f"{one.number} {one.name}" for one in uow.guide.channels()}
        counted = [(day, one) for day in wanted for one in uow.box_logs.viewed(*day_bounds(day))]
        return list(uow.box_logs.presence().values()), names, counted

    seen, names, counted = setup.read(run, "figures of boxes")
    click.echo(f"on now {sum(one.online(now) for one in seen)}")
    for back in sorted({1, days}):
        called = sum(now - one.at < timedelta(days=back) for one in seen)
        click.echo(f"called within {back} day{'s' * (back != 1)} {called}")
    for day, one in counted:
        name = names.get(one.content, one.content)
        click.echo(f"{day} {one.what:<5} {one.times:>6} by {one.boxes:>5} box{'es' * (one.boxes != 1)}  {name}")


for each in ACTS:
    device.add_command(each)
