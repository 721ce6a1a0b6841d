"""`nanhu-tv place …`: the villages, branches and offices of the town, which rosters then speak of."""

import click

from middleware.commands.faults import Fault
from middleware.commands.setup import Setup, pass_setup
from middleware.domain.places import Branch, Office, Village
from middleware.services.ports import UnitOfWork
from middleware.services.rollcall_reach import COMMAND_LINE

Place = Village | Branch | Office


def find_place(uow: UnitOfWork, kind: str, word: str) -> int:
    """The id of a village, branch or office by code or name. Raises Fault."""
    found = next((each.id for name, each in _every(uow) if name == kind and word in {each.code, each.name}), None)
    if found is None:
        raise Fault(f"there is no {kind} {word!r}; `nanhu-tv place list` shows them")
    return found


@click.group()
def place() -> None:
    """Villages, party branches and offices."""


@place.command("list")
@pass_setup
def list_(setup: Setup) -> None:
    """List every village, branch and office with its code."""

    for kind, each in setup.read(_every, "list places"):
        click.echo(f"{kind:8} {each.code:10} {each.name}")


@place.command()
@click.argument("kind", metavar="KIND", type=click.Choice(["village", "centre", "branch", "office"]))
@click.argument("code")
@click.argument("name")
@click.option("--village", help="Village of a branch, by code or name; a branch of the town has none.")
@click.option("--phone", default="", help="Published number of an office.")
@pass_setup
def add(setup: Setup, kind: str, code: str, name: str, village: str | None, phone: str) -> None:
    """Add a place; KIND is village, centre (a village with cameras), branch (of the party) or office."""

    def run(uow: UnitOfWork) -> Place:
        _refuse_taken(uow, code, name)
        added = _add(uow, kind, code, name, find_place(uow, "village", village) if village else None, phone)
        uow.audit.add(setup.now(), COMMAND_LINE, "add", kind, added.id, {"code": code, "name": name})
        return added

    added = setup.write(run, "add place")
    click.echo(f"Added {kind} {added.code} {added.name}")


def _add(uow: UnitOfWork, kind: str, code: str, name: str, village: int | None, phone: str) -> Place:
    if kind == "branch":
        return uow.places.add_branch(code, name, village)
    if kind == "office":
        return uow.places.add_office(code, name, phone)
    return uow.places.add_village(code, name, kind == "centre")


def _every(uow: UnitOfWork) -> list[tuple[str, Place]]:
    """All places with their kinds."""
    return [
        *(("village", each) for each in uow.places.villages()),
        *(("branch", each) for each in uow.places.branches()),
        *(("office", each) for each in uow.places.offices()),
    ]


def _refuse_taken(uow: UnitOfWork, code: str, name: str) -> None:
    for word, limit in ((code, 20), (name, 40)):
        if not 1 <= len(word.strip()) <= limit:
            raise Fault(f"{word!r} should have 1 to {limit} characters")
    if any(code == each.code or name == each.name for _, each in _every(uow)):
        raise Fault(f"code {code} or name {name} is taken")
