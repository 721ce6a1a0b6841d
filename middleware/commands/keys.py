"""`nanhu-tv keys …`: what an operator changes in the key tables of remotes, over the settings file."""

from typing import TYPE_CHECKING

import click

from middleware.commands.device_find import find_box, named
from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.key_changes import KeyChange
from middleware.domain.places import TOWN_ZONE
from middleware.services import key_changes as use
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

if TYPE_CHECKING:
    from keymap.families import Families
    from keymap.layers import Overrides

Pairs = tuple[tuple[str, str], ...]


@click.group()
def keys() -> None:
    """Changes to the key families of remotes: list, change, adopt, undo; in force on the next page of every box."""


@keys.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List what was changed here, oldest first; what stands in the settings file lies below it."""
    for one in setup.read(use.listed, "list key changes"):
        at = one.at.astimezone(TOWN_ZONE)
        click.echo(f"{one.id:>4} {at:%Y-%m-%d %H:%M} {one.by} {_where(one)}: {_told(one.changes)}")


@keys.command()
@click.argument("family")
@click.argument("changes", nargs=-1, required=True, metavar="CODE=KEY…")
@pass_setup
def change(setup: Setup, family: str, changes: tuple[str, ...]) -> None:
    """Change keys of FAMILY, or of FAMILY@GROUP for one group of boxes.

    CODE is a code of the remote or the name of a key (all its codes), KEY the name of a key, noop = the press is
    swallowed, or nothing = the code is removed: 641=BACK INFO= 112=noop.
    """
    name, _, group = family.partition("@")
    pairs = tuple(_pair(one) for one in changes)
    click.echo(_made(setup.write(lambda uow: _change(setup, uow, name, group, pairs), "change keys")))


@keys.command()
@click.argument("box")
@click.option("--group", default="", help="Only for the boxes of this group.")
@pass_setup
def adopt(setup: Setup, box: str, group: str) -> None:
    """Make the keys that a viewer taught at BOX those of all boxes of its family."""

    def run(uow: UnitOfWork) -> KeyChange:
        found = find_box(uow, box)
        taught = tuple(sorted(uow.devices.taught(found.id).items(), key=lambda pair: int(pair[0])))
        if not taught:
            raise Fault(f"nobody has taught box {named(found)} its keys")
        return _change(setup, uow, found.family, group, taught)

    click.echo(_made(setup.write(run, "adopt keys")))


@keys.command()
@click.argument("number", type=int)
@pass_setup
def undo(setup: Setup, number: int) -> None:
    """Take a change back by its number."""

    def run(uow: UnitOfWork) -> KeyChange:
        families, settings = _tables(setup)
        gone = use.undo(uow, setup.now(), COMMAND_LINE, number)
        _checked(families, settings, use.listed(uow))
        return gone

    gone = setup.write(run, "undo key change")
    click.echo(f"Change {gone.id} of {_where(gone)} is undone")


def _change(setup: Setup, uow: UnitOfWork, family: str, group: str, pairs: Pairs) -> KeyChange:
    families, settings = _tables(setup)
    made = use.add(uow, setup.now(), COMMAND_LINE, family, pairs, group)
    _checked(families, settings, use.listed(uow))
    return made


def _tables(setup: Setup) -> "tuple[Families, Overrides]":
    from keymap.families import shipped  # the key tables are read for these commands only
    from middleware.app import key_changes

    families = shipped()
    return families, key_changes(setup.config(), families)


def _checked(families: "Families", settings: "Overrides", rows: tuple[KeyChange, ...]) -> None:
    """Raise Fault when some of it cannot stand; the transaction then writes nothing."""
    from keymap.layers import BadOverride, add
    from middleware.portal.key_layers import override

    found = settings
    for one in rows:
        try:
            found = add(families, found, override(one))
        except BadOverride as error:
            raise Fault(f"{_where(one)}: {error}") from None


def _pair(text: str) -> tuple[str, str]:
    subject, equals, value = text.partition("=")
    if not subject or not equals:
        raise Fault(f"{text!r} is no change such as 641=BACK")
    return subject.strip(), value.strip()


def _where(one: KeyChange) -> str:
    return f"{one.family}@{one.group}" if one.group else one.family


def _told(changes: Pairs) -> str:
    return " ".join(f"{subject}={value}" for subject, value in changes)


def _made(one: KeyChange) -> str:
    return f"Change {one.id} of {_where(one)}: {_told(one.changes)}"
