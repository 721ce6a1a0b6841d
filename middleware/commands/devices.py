"""`nanhu-tv device …`: set-top boxes."""

import click

from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.devices import Device, Identities, parse_mac
from middleware.services import devices as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE


@click.group()
def device() -> None:
    """Set-top boxes."""


@device.command("list")
@click.option("--pending", is_flag=True, help="Only boxes that nobody has put into a household yet.")
@pass_setup
def list_(setup: Setup, pending: bool) -> None:
    """List boxes with their MAC, serial and card number, key family, state and household."""

    def run(uow: UnitOfWork) -> list[tuple[Device, str]]:
        homes = {each.id: each.code for each in uow.registry.households()}
        return [(each, homes.get(each.household_id or 0, "")) for each in uow.devices.all()]

    for each, home in setup.read(run, "list boxes"):
        if not pending or each.state == "pending":
            names = f"{each.mac:17} {each.serial:14} {each.card_no:18}"
            click.echo(f"{each.id:>6} {names} {each.family:12} {each.state:8} {home}")


@device.command()
@click.argument("mac")
@click.argument("household")
@pass_setup
def bind(setup: Setup, mac: str, household: str) -> None:
    """Put the box with this MAC address into the household with this code, and let it in."""
    wanted = Identities(mac=parse_mac(mac))

    def run(uow: UnitOfWork) -> Device:
        home = uow.registry.households_by_code([household]).get(household)
        box = next(iter(uow.devices.matching(wanted)), None)
        if home is None or box is None:
            raise Fault(f"there is no household {household}" if home is None else f"no box {wanted.mac} has called yet")
        return use.bind(uow, setup.now(), COMMAND_LINE, box.id, home.id)

    click.echo(f"Box {setup.write(run, 'bind box').mac} stands in household {household} now")
