"""`nanhu-tv account …`: the operator's customers."""

from datetime import datetime
from typing import Any

import attrs
import click

from middleware.commands.device_find import find_box, named
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.accounts import Account
from middleware.domain.places import TOWN_ZONE
from middleware.services import accounts as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"])


@click.group()
def account() -> None:
    """The operator's customers: each with any number of boxes."""


def fields(command: click.Command) -> click.Command:
    """Add the options that `add` and `change` have in common."""
    options = (
        click.option("--login", help="What is typed on a box; empty = none."),
        click.option("--name", help="Name of the customer."),
        click.option("--household", help="Household by code; an empty one = none."),
        click.option("--tariff", help="Tariff by code; an empty one = none."),
        click.option("--ends", type=DAY, help="When service ends, on the town's clock."),
        click.option("--streams", type=click.IntRange(0, 100), help="Pictures at once; 0 = any number."),
        click.option("--comment", help="For the operator."),
        click.option("--phone", help="Mobile number or landline, for calling back; kept sealed."),
        click.option(
            "--password",
            prompt=True,
            prompt_required=False,
            hide_input=True,
            confirmation_prompt=True,
            help="Password typed on a box, kept sealed; asked for when no value is given.",
        ),
    )
    for each in reversed(options):
        each(command)
    return command


@account.command("list")
@click.option("--off", is_flag=True, help="Only accounts that are not served now.")
@pass_setup
def list_(setup: Setup, off: bool) -> None:
    """List accounts with their login, household, boxes and until when they are served."""
    now = setup.now()

    def run(uow: UnitOfWork) -> list[tuple[Account, str, int]]:
        homes = {each.id: each.code for each in uow.registry.households()}
        boxes = [box.account_id for box in uow.devices.all()]
        return [(one, homes.get(one.household_id or 0, "-"), boxes.count(one.id)) for one in uow.accounts.all()]

    for one, home, boxes in setup.read(run, "list accounts"):
        if not off or not one.open_at(now):
            ends = f" until {one.ends_at.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M}" if one.ends_at else ""
            state = "on" if one.open_at(now) else "off"
            click.echo(
                f"{one.number:16} {one.login or '-':16} {home:10} {boxes:>3} boxes  {state}{ends}  {one.full_name}"
            )


@account.command()
@click.argument("number")
@fields  # type: ignore[arg-type]
@pass_setup
def add(setup: Setup, /, number: str, password: str | None, phone: str | None, **given: Any) -> None:
    """Make an account with billing's NUMBER; the boxes of its household come along."""

    def run(uow: UnitOfWork) -> Account:
        new = _with(uow, Account(0, number), given)
        return use.add(uow, setup.now(), COMMAND_LINE, new, password=password or "", phone=phone or "")

    click.echo(f"Added account {setup.write(run, 'add account').number}")


@account.command()
@click.argument("number")
@fields  # type: ignore[arg-type]
@click.option("--on/--off", "on", default=None, help="Serve it, or block all its boxes.")
@click.option("--block-text", help="What its televisions say while it is off; empty = the usual words.")
@click.option("--endless", is_flag=True, help="Service does not end.")
@pass_setup
def change(
    setup: Setup,
    /,
    number: str,
    on: bool | None,
    block_text: str | None,
    endless: bool,
    password: str | None,
    phone: str | None,
    **given: Any,
) -> None:
    """Change what is given of an account, and leave the rest."""

    def run(uow: UnitOfWork) -> Account:
        wanted = _with(uow, _account(uow, number), given)
        new: dict[str, Any] = {"on": on, "block_text": block_text}
        wanted = attrs.evolve(wanted, **{name: value for name, value in new.items() if value is not None})
        wanted = attrs.evolve(wanted, ends_at=None) if endless else wanted
        return use.change(uow, setup.now(), COMMAND_LINE, wanted, password=password, phone=phone)

    changed = setup.write(run, "change account")
    click.echo(f"Account {changed.number} is {'on' if changed.open_at(setup.now()) else 'off'}")


@account.command()
@click.argument("number")
@pass_setup
def remove(setup: Setup, number: str) -> None:
    """Forget an account; its boxes stay, of no account."""
    setup.write(lambda uow: use.remove(uow, setup.now(), COMMAND_LINE, _account(uow, number).id), "remove account")
    click.echo(f"Removed account {number}")


@account.command()
@click.argument("box")
@click.argument("number", required=False)
@pass_setup
def tie(setup: Setup, box: str, number: str | None) -> None:
    """Give a box to the account with this NUMBER; without one it is of no account any more."""

    def run(uow: UnitOfWork) -> str:
        found = find_box(uow, box)
        owner = _account(uow, number) if number else None
        use.tie(uow, setup.now(), COMMAND_LINE, found.id, owner.id if owner else None)
        return named(found)

    click.echo(f"Box {setup.write(run, 'tie box')} is of {'account ' + number if number else 'no account'} now")


def _account(uow: UnitOfWork, number: str) -> Account:
    found = uow.accounts.by_number(number)
    if found is None:
        raise Fault(f"there is no account {number}; `nanhu-tv account list` shows them")
    return found


def _with(uow: UnitOfWork, account: Account, given: dict[str, Any]) -> Account:
    """The account with the options that were given; codes become ids."""
    new: dict[str, Any] = {
        "login": given["login"],
        "full_name": given["name"],
        "streams": given["streams"],
        "comment": given["comment"],
        "ends_at": _moment(given["ends"]),
    }
    wanted = {name: value for name, value in new.items() if value is not None}
    if given["household"] is not None:
        wanted["household_id"] = _household(uow, given["household"])
    if given["tariff"] is not None:
        wanted["tariff_id"] = _tariff(uow, given["tariff"])
    return attrs.evolve(account, **wanted)


def _moment(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=TOWN_ZONE) if at is not None else None


def _household(uow: UnitOfWork, code: str) -> int | None:
    if not code:
        return None
    home = uow.registry.households_by_code([code]).get(code)
    if home is None:
        raise Fault(f"there is no household {code}")
    return home.id


def _tariff(uow: UnitOfWork, code: str) -> int | None:
    if not code:
        return None
    found = next((one.id for one in uow.packages.tariffs() if one.code == code), None)
    if found is None:
        raise Fault(f"there is no tariff {code}; `nanhu-tv package tariffs` shows them")
    return found
