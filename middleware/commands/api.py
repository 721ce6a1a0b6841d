"""`nanhu-tv api …`: programs of the operator that may use the REST interface."""

import click

from middleware.commands.setup import Setup, pass_setup
from middleware.domain.places import TOWN_ZONE
from middleware.services import operators as use
from middleware.services.rollcall_reach import COMMAND_LINE


@click.group()
def api() -> None:
    """Logins of the REST interface, which billing uses."""


@api.command()
@click.argument("login")
@click.option(
    "--right",
    "rights",
    multiple=True,
    type=click.Choice(use.RIGHTS),
    help="What it may do; give it once for each. Everything without it.",
)
@click.option("--from", "addresses", multiple=True, help="Network it may call from (CIDR); anywhere without it.")
@pass_setup
def add(setup: Setup, login: str, rights: tuple[str, ...], addresses: tuple[str, ...]) -> None:
    """Make a login and print its secret, which is shown this once only."""
    made, secret = setup.write(
        lambda uow: use.make(uow, setup.now(), COMMAND_LINE, login, rights or use.RIGHTS, addresses), "add API login"
    )
    click.echo(f"Login {made.login} may {', '.join(made.rights)}; its secret, shown this once only:", err=True)
    click.echo(secret)


@api.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List logins with what they may do, from where, and when they called last."""
    for one in setup.read(lambda uow: uow.operators.all(), "list API logins"):
        used = f"{one.used.astimezone(TOWN_ZONE):%Y-%m-%d %H:%M}" if one.used else "never"
        places = ", ".join(one.addresses) or "anywhere"
        state = "" if one.active else "  closed"
        click.echo(f"{one.login:16} {', '.join(one.rights)}; from {places}; called {used}{state}")


@api.command()
@click.argument("login")
@pass_setup
def renew(setup: Setup, login: str) -> None:
    """Give a login another secret and print it; the old one ends at once."""
    _, secret = setup.write(lambda uow: use.renew(uow, setup.now(), COMMAND_LINE, login), "renew API login")
    click.echo(secret)


@api.command()
@click.argument("login")
@pass_setup
def remove(setup: Setup, login: str) -> None:
    """Close a login at once; its line stays for the record."""
    setup.write(lambda uow: use.set_active(uow, setup.now(), COMMAND_LINE, login, False), "close API login")
    click.echo(f"Login {login} is closed")
