"""What an operator does with one box: `nanhu-tv device bind|unbind|block|…`."""

from collections.abc import Callable

import click

from middleware.commands.device_find import find_box, named
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.devices import Device, State
from middleware.services import devices as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

Act = Callable[[UnitOfWork, Device], object]


def act(setup: Setup, word: str, name: str, fn: Act) -> Device:
    """Do something with the box called `word`. Raises Fault."""

    def run(uow: UnitOfWork) -> Device:
        box = find_box(uow, word)
        fn(uow, box)
        return box

    return setup.write(run, name)


def _set_state(setup: Setup, word: str, state: State) -> str:
    box = act(
        setup, word, f"{state} box", lambda uow, box: use.set_state(uow, setup.now(), COMMAND_LINE, box.id, state)
    )
    return named(box)


@click.command()
@click.argument("box")
@click.argument("household")
@pass_setup
def bind(setup: Setup, box: str, household: str) -> None:
    """Put a box into the household with this code, and let it in."""

    def run(uow: UnitOfWork, found: Device) -> None:
        home = uow.registry.households_by_code([household]).get(household)
        if home is None:
            raise Fault(f"there is no household {household}")
        use.bind(uow, setup.now(), COMMAND_LINE, found.id, home.id)

    click.echo(f"Box {named(act(setup, box, 'bind box', run))} stands in household {household} now")


@click.command()
@click.argument("box")
@click.option("--identity", is_flag=True, help="Forget its MAC address and serial number too, as when it is exchanged.")
@pass_setup
def unbind(setup: Setup, box: str, identity: bool) -> None:
    """Take a box out of its household and end its log-ins; audited."""
    found = act(
        setup, box, "unbind box", lambda uow, one: use.unbind(uow, setup.now(), COMMAND_LINE, one.id, identity=identity)
    )
    click.echo(f"Box {named(found)} is unbound; it has to log in again")


@click.command()
@click.argument("box")
@pass_setup
def block(setup: Setup, box: str) -> None:
    """Turn a box away until it is unblocked."""
    click.echo(f"Box {_set_state(setup, box, 'blocked')} is blocked")


@click.command()
@click.argument("box")
@pass_setup
def unblock(setup: Setup, box: str) -> None:
    """Let a blocked or pending box in."""
    click.echo(f"Box {_set_state(setup, box, 'active')} is let in")


@click.command()
@click.argument("box")
@pass_setup
def retire(setup: Setup, box: str) -> None:
    """Take a box out of use for good; its line stays for the record."""
    click.echo(f"Box {_set_state(setup, box, 'retired')} is retired")


@click.command()
@click.argument("code")
@click.option("--household", help="Household that it stands in, by code.")
@pass_setup
def approve(setup: Setup, code: str, household: str | None) -> None:
    """Let the box in whose screen shows CODE."""

    def run(uow: UnitOfWork) -> Device:
        box = use.by_code(uow, code)
        if household:
            home = uow.registry.households_by_code([household]).get(household)
            if home is None:
                raise Fault(f"there is no household {household}")
            use.bind(uow, setup.now(), COMMAND_LINE, box.id, home.id)
        return use.set_state(uow, setup.now(), COMMAND_LINE, box.id, "active")

    click.echo(f"Box {named(setup.write(run, 'approve box'))} is let in")


@click.command("reset-pin")
@click.argument("box")
@click.option("--on/--off", "pinning", default=None, help="Compare the device id from now on, or never again.")
@pass_setup
def reset_pin(setup: Setup, box: str, pinning: bool | None) -> None:
    """Forget the device id that a box was pinned to; the next one it tells is kept. Audited."""
    found = act(
        setup, box, "reset pin", lambda uow, one: use.reset_pin(uow, setup.now(), COMMAND_LINE, one.id, pinning=pinning)
    )
    click.echo(f"The device id of box {named(found)} is forgotten")


@click.command()
@click.argument("box")
@pass_setup
def confirm(setup: Setup, box: str) -> None:
    """Vouch for the card of a cable box."""
    found = act(setup, box, "confirm box", lambda uow, one: use.confirm(uow, setup.now(), COMMAND_LINE, one.id))
    click.echo(f"The card of box {named(found)} is confirmed")


@click.command()
@click.argument("box")
@click.argument("name")
@pass_setup
def family(setup: Setup, box: str, name: str) -> None:
    """Say which key family the remote of a box is of; NAME auto = found out by itself."""
    from keymap.families import shipped  # the key tables are read for this command only

    if name != "auto" and name not in shipped():
        raise Fault(f"there is no key family {name!r}; there are {', '.join(shipped())}")

    def run(uow: UnitOfWork, one: Device) -> None:
        use.choose_family(uow, one.id, "" if name == "auto" else name)
        uow.audit.add(setup.now(), COMMAND_LINE, "family", "device", one.id, {"family": name})

    click.echo(f"Box {named(act(setup, box, 'choose family', run))} has the remote {name}")


@click.command()
@click.argument("box")
@click.argument("name")
@click.option("--note", help="A note beside it, up to 200 characters.")
@pass_setup
def group(setup: Setup, box: str, name: str, note: str | None) -> None:
    """Put a box into the group NAME, which packages and messages may name; an empty NAME takes it out."""

    def run(uow: UnitOfWork, one: Device) -> None:
        use.set_group(uow, setup.now(), COMMAND_LINE, one.id, name)
        if note is not None:
            use.set_note(uow, setup.now(), COMMAND_LINE, one.id, note)

    click.echo(f"Box {named(act(setup, box, 'group box', run))} is in {'group ' + name if name else 'no group'} now")


ACTS = (bind, unbind, block, unblock, retire, approve, reset_pin, confirm, family, group)
