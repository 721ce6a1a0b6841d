"""`nanhu-tv staff …`: accounts of the back office."""

from typing import get_args

import click

from middleware.commands.faults import Fault
from middleware.commands.guide_words import channel_of
from middleware.commands.places import find_place
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.plan_rights import ChannelRole, Grant
from middleware.domain.registry import Role, Staff
from middleware.services import plan_rights
from middleware.services import staff as use
from middleware.services.ports import UnitOfWork


@click.group()
def staff() -> None:
    """Accounts of the back office."""


@staff.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List every account with its role."""
    for person in setup.read(lambda uow: use.accounts(uow, None), "list accounts"):
        click.echo(f"{person.login:16} {person.role:9} {'' if person.active else 'closed '}{person.name}")


@staff.command()
@click.argument("login")
@click.option("--name", required=True, help="Name of the person or office.")
@click.option("--role", type=click.Choice(get_args(Role)), required=True, help="What the account may do.")
@click.option("--branch", help="Branch a cadre answers for, by code or name.")
@click.option("--village", help="Village a cadre answers for, by code or name.")
@click.option("--office", help="Office of the town, by code or name.")
@click.password_option(help="Password; asked for when it is not given.")
@pass_setup
def add(
    setup: Setup,
    login: str,
    name: str,
    role: Role,
    branch: str | None,
    village: str | None,
    office: str | None,
    password: str,
) -> None:
    """Add an account."""

    def run(uow: UnitOfWork) -> Staff:
        person = Staff(
            id=0,
            login=login,
            name=name,
            role=role,
            office_id=find_place(uow, "office", office) if office else None,
            branch_id=find_place(uow, "branch", branch) if branch else None,
            village_id=find_place(uow, "village", village) if village else None,
        )
        return use.add_account(uow, setup.now(), None, person, password)

    click.echo(f"Added account {setup.write(run, 'add account').login}")


@staff.command()
@click.argument("login")
@click.argument("channel", required=False)
@click.argument("role", type=click.Choice(get_args(ChannelRole)), required=False)
@click.option("--take", is_flag=True, help="Take ROLE on CHANNEL back instead.")
@pass_setup
def grant(setup: Setup, login: str, channel: str | None, role: ChannelRole | None, take: bool) -> None:
    """Give an account ROLE on CHANNEL, to which it is then held; without them, list what it has been given."""

    def run(uow: UnitOfWork) -> tuple[tuple[Grant, str], ...]:
        person = use.named(uow, login)
        if channel is not None and role is not None:
            wanted = Grant(person.id, channel_of(uow, channel).xmltv_id, role)
            (plan_rights.revoke if take else plan_rights.grant)(uow, setup.now(), None, wanted)
        return plan_rights.granted(uow, person.id)

    if channel is not None and role is None:
        raise Fault(f"say which role on {channel}: {', '.join(get_args(ChannelRole))}")
    found = setup.read(run, "grants") if channel is None else setup.write(run, "grant")
    for one, name in found:
        click.echo(f"{one.role:8} {one.channel:24} {name}")
    if not found:
        click.echo(f"{login} is held to no channel: its role decides")


@staff.command()
@click.argument("login")
@click.password_option(help="New password; asked for when it is not given.")
@pass_setup
def password(setup: Setup, login: str, password: str) -> None:
    """Give an account another password; its sessions end."""
    setup.write(lambda uow: use.set_password(uow, setup.now(), None, login, password), "set password")
    click.echo(f"{login} has a new password")
